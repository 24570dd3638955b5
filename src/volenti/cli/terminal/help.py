"""Help pages: the same words on a terminal and in docs/reference/cli.md.

The pages are laid out here, because typer's change with its versions. A docstring's
first sentence is the command's summary; a paragraph that begins with a line of a lone \\b (as
click has it) is printed as it stands.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

#: Width of the pages in the reference, in characters.
WIDTH = 88
#: Column at which the explanations of options begin at the latest.
COLUMN_MAX = 26
_VERBATIM = "\b"
#: The project's wording of options that typer adds.
_ADDED = {
    "install_completion": "Let this shell complete commands and options.",
    "show_completion": "Print the script that does so.",
}


class Command(TyperCommand):
    """A command with a help page of this form."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write this command's help page, as wide as the formatter says."""
        formatter.write(page(self, ctx.command_path, formatter.width))


class Group(TyperGroup):
    """A group with a help page of this form."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write this group's help page, as wide as the formatter says."""
        formatter.write(page(self, ctx.command_path, formatter.width))


class CommandGroup(typer.Typer):
    """A group of commands, such as `volenti dataset`."""

    def __init__(self, summary: str = "", **given: Any) -> None:
        settings: dict[str, Any] = {"cls": Group, "no_args_is_help": True, "rich_markup_mode": None}
        if summary:
            settings["help"] = summary
        super().__init__(**{**settings, **given})

    def command(self, name: str | None = None, **given: Any) -> Callable[[Any], Any]:
        """Register a command, as typer does, with a help page of this form."""
        return super().command(name, **{"cls": Command, **given})


def page(command: Any, path: str, width: int = WIDTH) -> str:
    """The help page of a command or group called by `path`."""
    parts = [
        textwrap.fill(
            f"Usage: {usage(command, path)}", width, subsequent_indent=" " * 7, break_on_hyphens=False
        )
    ]
    parts += _paragraphs(command.help or "", width)
    shown = [each for each in command.params if not getattr(each, "hidden", False)]
    arguments = [(_name(each), _explained(each)) for each in shown if each.param_type_name == "argument"]
    options = [(_name(each), _explained(each)) for each in shown if each.param_type_name == "option"]
    if options or not is_group(command):
        options.append(("-h, --help", "Show this page."))
    commands = summaries(command)
    for title, rows in (("Arguments", arguments), ("Options", options), ("Commands", commands)):
        if rows:
            parts.append("\n".join([f"{title}:", *_rows(rows, width)]))
    return "\n\n".join(parts) + "\n"


def usage(command: Any, path: str) -> str:
    """How a command is called: required options in full, the others as [OPTIONS]."""
    if is_group(command):
        return f"{path} [OPTIONS] COMMAND ..."
    needed = [each for each in command.params if each.param_type_name == "option" and each.required]
    arguments = [_name(each) for each in command.params if each.param_type_name == "argument"]
    return " ".join([path, *arguments, *map(_needed, needed), "[OPTIONS]"])


def subcommands(command: Any) -> list[tuple[str, Any]]:
    """The commands of a group, in the order of its help; none of a plain command."""
    if not is_group(command):
        return []
    return [(name, command.get_command(None, name)) for name in command.list_commands(None)]


def is_group(command: Any) -> bool:
    """Whether a command has others below it."""
    return hasattr(command, "list_commands")


def summaries(command: Any) -> list[tuple[str, str]]:
    """The commands below one, each with its summary; not imported where the group knows the summaries."""
    if hasattr(command, "summaries"):
        return list(command.summaries)
    return [(name, summary(each)) for name, each in subcommands(command)]


def summary(command: Any) -> str:
    """The first sentence of a command's help."""
    first = inspect.cleandoc(command.help or "").partition("\n\n")[0]
    return " ".join(first.split())


def _paragraphs(text: str, width: int) -> Iterator[str]:
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        first, _, rest = paragraph.partition("\n")
        if first.strip() == _VERBATIM:
            yield textwrap.indent(rest, "  ")
        elif paragraph.strip():
            yield textwrap.fill(paragraph, width, initial_indent="  ", subsequent_indent="  ")


def _rows(rows: list[tuple[str, str]], width: int) -> Iterator[str]:
    """Names with explanations beside them, or below where the name is too long."""
    column = min(COLUMN_MAX, max(len(name) for name, _ in rows) + 4)
    for name, text in rows:
        lines = textwrap.wrap(text, width - column, break_on_hyphens=False) or [""]
        if len(name) + 4 > column:
            yield f"  {name}"
        else:
            yield f"  {name:<{column - 2}}{lines.pop(0)}".rstrip()
        for line in lines:
            yield " " * column + line


def _name(param: Any) -> str:
    metavar = param.metavar or param.name.upper()
    if param.param_type_name == "argument":
        given = metavar if param.required else f"[{metavar}]"
        return f"{given}..." if param.nargs == -1 else given
    flags = ", ".join(sorted(param.opts, key=len))
    if param.secondary_opts:
        return f"{flags} | {', '.join(param.secondary_opts)}"
    return flags if param.is_flag else f"{flags} {_value(param)}"


def _needed(param: Any) -> str:
    return f"({_name(param)})" if param.secondary_opts else f"{max(param.opts, key=len)} {_value(param)}"


def _value(param: Any) -> str:
    """What stands for an option's value: its metavar, or NUMBER."""
    return str(param.metavar or "NUMBER")


def _explained(param: Any) -> str:
    notes = []
    if param.envvar:
        notes.append(f"else {param.envvar}")
    shown = param.default.value if isinstance(param.default, Enum) else param.default
    is_default = shown is not None and shown is not False and shown not in ("", ()) and not param.required
    if is_default and param.show_default:
        notes.append(f"default: {shown}")
    return " ".join([_ADDED.get(param.name, param.help or ""), *(f"[{each}]" for each in notes)]).strip()
