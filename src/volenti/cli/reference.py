"""The reference pages that are made from the code: commands, Python, exit statuses, findings, settings.

`python -m volenti.cli.reference` writes them into docs/reference of the current folder; with
--check it only compares, and ends with status 1 where a page differs. Never edit the pages.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import typer

import volenti
from volenti.cli import main
from volenti.cli.python_reference import python_page
from volenti.cli.terminal.help import page, subcommands
from volenti.core.errors import VolentiError, all_errors
from volenti.perception.finding import TABLE
from volenti.settings import PREFIX, Settings

FOLDER = Path("docs/reference")
_MADE = "<!-- Made by `python -m volenti.cli.reference`; edit the code instead. -->"
#: Packages whose modules define errors.
_PACKAGES = (
    "core",
    "transparency",
    "vault",
    "perception",
    "consent",
    "clearance",
    "datasets",
    "training",
    "catalogue",
    "deliveries",
    "requests",
    "erasure",
    "users",
    "portal",
    "signings",
    "letters",
    "jobs",
    "webhooks",
)


def pages() -> dict[str, str]:
    """Every page, by file name."""
    return {
        "cli.md": "\n".join(_commands()),
        "exit-codes.md": "\n".join(_statuses()),
        "findings.md": "\n".join(_findings()),
        "settings.md": "\n".join(_settings()),
        "python.md": "\n".join(python_page()),
    }


def commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """(how it is called, command) of a command and everything below it, in the order of the help."""
    yield path, command
    for name, below in subcommands(command):
        yield from commands(below, f"{path} {name}")


def _commands() -> Iterator[str]:
    yield from ("# The command line", "", _MADE, "")
    yield "The options before the command, and `--json` after it, work everywhere the pages name them."
    yield "With `--json` standard output holds one JSON value and nothing else."
    for path, command in commands(typer.main.get_command(main.app), "volenti"):
        level = 2 if path.count(" ") < 2 else 3
        yield from ("", f"{'#' * level} {path}", "", "```text", page(command, path).rstrip(), "```")
    yield ""


def _statuses() -> Iterator[str]:
    yield from ("# Exit statuses", "", _MADE, "")
    yield "An error is two lines on standard error: `error:` what, and `->` what to do. A retryable one"
    yield "may go away by itself: the same command can be tried again."
    yield ""
    yield "With `--json` standard output stays empty then, and the last line of standard error is one JSON"
    yield 'object: `{"error": {"message": ..., "remedy": ..., "status": ..., "kind": ...}}`. Its `kind` is'
    yield "the code below, or `interrupted`."
    yield from ("", "| status | code | when | retryable |", "|---|---|---|---|")
    yield "| 0 | | Done. Held or rejected pictures aren't an error. | |"
    yield f"| {main.FINDINGS} | | There are findings, or something didn't verify. | |"
    for status, error in sorted(_errors(), key=lambda each: (each[0], each[1].code)):
        what = " ".join(inspect.cleandoc(error.__doc__ or "").partition("\n\n")[0].split())
        if error is VolentiError:
            what = "A fault in Volenti itself: run it again with --debug, and report what it prints."
        yield f"| {status} | {error.code} | {what} | {'yes' if error.retryable else 'no'} |"
    yield f"| {main.INTERRUPTED} | | Interrupted (Ctrl-C). What was finished is kept. | yes |"
    yield f"| {main.PIPE_CLOSED} | | Whoever read the output closed it. | |"
    yield ""


def _errors() -> Iterator[tuple[int, type[VolentiError]]]:
    """Every error class with a code of its own."""
    for name in _PACKAGES:
        package = importlib.import_module(f"{volenti.__name__}.{name}")
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    for error in all_errors():
        if "code" in vars(error):
            yield error.exit_status, error


def _findings() -> Iterator[str]:
    yield from ("# Findings", "", _MADE, "")
    yield "What can be seen in a file, and what it means unless a policy says otherwise. A picture gets the"
    yield "gravest verdict of its findings. Words in braces are filled in; none of them is about a person."
    yield from ("", "| code | verdict | message | remedy |", "|---|---|---|---|")
    for code, kind in TABLE.items():
        yield f"| {code} | {kind.verdict} | {kind.message} | {kind.remedy} |"
    yield ""


def _settings() -> Iterator[str]:
    yield from ("# Settings", "", _MADE, "")
    yield "Read from the environment; Python callers may pass them to `volenti.open` by their names."
    yield from ("", "| variable | default | meaning |", "|---|---|---|")
    for each in fields(Settings):
        shown = "" if each.default is None else str(each.default).replace(str(Path.home()), "~")
        yield f"| {PREFIX}{each.name.upper()} | {shown} | {each.metadata['description']} |"
    yield ""
    yield "The command line also reads VOLENTI_WORKSPACE in the place of `--workspace`, and VOLENTI_REVIEWER"
    yield "in the place of `--reviewer`."
    yield ""


def write(folder: Path, *, check: bool) -> list[str]:
    """Write the pages, or only compare; returns the names of those that differed."""
    changed = []
    for name, text in pages().items():
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            changed.append(name)
            if not check:
                folder.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    return changed


if __name__ == "__main__":
    checking = "--check" in sys.argv[1:]
    differing = write(FOLDER, check=checking)
    for each in differing:
        print(f"{FOLDER / each} {'differs from the code' if checking else 'written'}")
    sys.exit(1 if checking and differing else 0)
