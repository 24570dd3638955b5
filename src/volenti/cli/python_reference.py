"""The reference of the front door in Python: every public name, made from signatures and docstrings."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_type_hints

import volenti
from volenti.workspace.naming import NOUNS
from volenti.workspace.workspace import Workspace

#: Signatures that are longer get a line for each parameter.
WIDTH = 88


def python_page() -> Iterator[str]:
    """The lines of the page, from its title to what verbs return."""
    yield from (
        "# Python",
        "",
        "<!-- Made by `python -m volenti.cli.reference`; edit the code instead. -->",
        "",
        "`volenti.open` gives a workspace. Its attributes are the command line's nouns with the same verbs:",
        '`volenti dataset cut humans` is `ws.datasets.cut("humans", ...)`; a command by itself, such as',
        "`volenti clear`, is a method of the workspace. Verbs marked *(no workspace)* can be called without",
        "one: `volenti.certificates.verify(...)`. `progress` is called while long work goes on, as the",
        "command line's bars are. Errors are those of [Exit statuses](exit-codes.md), each with its remedy.",
        "Everything else, such as `ws.parts`, may change from version to version.",
    )
    returned: dict[str, type] = {}
    yield from ("", "## volenti")
    for name in volenti.__all__:
        if inspect.isfunction(found := getattr(volenti, name)):
            yield from _entry(f"volenti.{name}", found, returned)
    yield from ("", "## The workspace", "", *_cleaned(inspect.getdoc(Workspace) or ""))
    yield ""
    for name in _properties(Workspace):
        yield f"- `ws.{name}`: {inspect.getdoc(inspect.getattr_static(Workspace, name))}"
    for name, found in methods(Workspace):
        yield from _entry(f"ws.{name}", found, returned)
    for attribute in NOUNS.values():
        noun = noun_of(attribute)
        yield from ("", f"## ws.{attribute}", "", *_cleaned(inspect.getdoc(noun) or ""))
        for name, found in methods(noun):
            yield from _entry(f"ws.{attribute}.{name}", found, returned, of=noun)
    yield from ("", "## What verbs take and return", "")
    yield "Fields and properties of the records that verbs take and return, and of those that these hold;"
    yield "`volenti.core.codec.encoded` makes JSON of each."
    for name in sorted(returned):
        yield from _record(returned[name])
    yield ""


def noun_of(attribute: str) -> type:
    """The class of a noun, as the workspace declares it."""
    module = importlib.import_module(f"volenti.workspace.{attribute}")
    found: type = getattr(module, Workspace.__annotations__[attribute])
    return found


def methods(of: type) -> Iterator[tuple[str, Any]]:
    """Public methods by name, those of bases first, as they stand in the files."""
    for base in _lineage(of):
        for name, found in vars(base).items():
            found = found.__func__ if isinstance(found, staticmethod) else found
            if inspect.isfunction(found) and not name.startswith("_"):
                yield name, found


def _lineage(of: type) -> Iterator[type]:
    """A class after its bases, each after its own."""
    for base in of.__bases__:
        yield from _lineage(base)
    yield of


def resolved(function: Any) -> dict[str, Any]:
    """A function's annotations as types, also those that are imported for the checker alone."""
    module = importlib.import_module(function.__module__)
    names = dict(vars(module))
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.ImportFrom) and node.module:
            there = importlib.import_module(node.module)
            names |= {
                each.asname or each.name: getattr(there, each.name)
                for each in node.names
                if hasattr(there, each.name)
            }
    return get_type_hints(function, names)


def _entry(called: str, function: Any, returned: dict[str, type], of: type | None = None) -> Iterator[str]:
    """One name: its signature, what its docstring says, and its example."""
    about, _, example = (inspect.getdoc(function) or "").partition("Example:\n")
    alone = of is not None and isinstance(inspect.getattr_static(of, function.__name__), staticmethod)
    yield from ("", f"### {called}{' *(no workspace)*' if alone else ''}", "")
    yield from ("```python", *_signature(called, function), "```", "", *_cleaned(about))
    yield from ("", "```python", *inspect.cleandoc(example).splitlines(), "```")
    for hint in resolved(function).values():
        _note_records(hint, returned)


def _note_records(hint: Any, noted: dict[str, type]) -> None:
    """Note the project's own classes that a type is or holds, with those that their fields hold."""
    for kind in _classes_in(hint):
        if kind.__name__ in noted or kind is Workspace:
            continue
        noted[kind.__name__] = kind
        if dataclasses.is_dataclass(kind):
            for inner in _field_types(kind).values():
                _note_records(inner, noted)


def _field_types(kind: type) -> dict[str, Any]:
    """The types of a dataclass's fields, also of names that are imported for the checker alone."""
    return resolved(kind)


def _cleaned(text: str) -> list[str]:
    return text.strip().splitlines()


def _signature(called: str, function: Any) -> Iterator[str]:
    signature = inspect.signature(function)
    parameters = [each for each in signature.parameters.values() if each.name != "self"]
    line = f"{called}({', '.join(_listed(parameters))}) -> {signature.return_annotation}"
    if len(line) <= WIDTH:
        yield line
        return
    yield f"{called}("
    yield from (f"    {each}," for each in _listed(parameters))
    yield f") -> {signature.return_annotation}"


def _listed(parameters: list[inspect.Parameter]) -> Iterator[str]:
    """Parameters as they are written, a star before those that are given by name alone."""
    star = next((each for each in parameters if each.kind is each.KEYWORD_ONLY), None)
    for each in parameters:
        if each is star:
            yield "*"
        yield _parameter(each)


def _parameter(each: inspect.Parameter) -> str:
    default = "" if each.default is each.empty else f" = {_shown(each.default)}"
    stars = "**" if each.kind is each.VAR_KEYWORD else "*" if each.kind is each.VAR_POSITIONAL else ""
    return f"{stars}{each.name}: {each.annotation}{default}"


def _shown(default: object) -> str:
    return "Path()" if default == Path() else repr(default)


def _classes_in(hint: Any) -> Iterator[type]:
    """The project's own records that a type is or holds: dataclasses, and classes with public properties."""
    if isinstance(hint, type) and hint.__module__.startswith("volenti.") and not issubclass(hint, Enum):
        is_record = dataclasses.is_dataclass(hint) or bool(_properties(hint))
        if is_record and not getattr(hint, "_is_protocol", False):
            yield hint
    for each in get_args(hint):
        yield from _classes_in(each)


def _properties(kind: type) -> list[str]:
    """Names of a class's public properties."""
    return [name for name, found in vars(kind).items() if isinstance(found, property) and name[0] != "_"]


def _record(kind: type) -> Iterator[str]:
    first = (inspect.getdoc(kind) or "").partition("\n\n")[0]
    yield from ("", f"### {kind.__name__}", "", *_cleaned(first), "")
    if dataclasses.is_dataclass(kind):
        yield from (f"- `{each.name}`: `{each.type}`" for each in dataclasses.fields(kind) if each.repr)
    for name in _properties(kind):
        about = (inspect.getdoc(inspect.getattr_static(kind, name)) or "").partition("\n\n")[0]
        yield f"- `{name}` (property): {' '.join(about.split())}"
