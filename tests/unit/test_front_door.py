"""The front door: every command has a counterpart in Python, and the command line takes no other way."""

from __future__ import annotations

import ast
import dataclasses
import enum
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

import volenti
from volenti.cli import main
from volenti.cli.python_reference import python_page
from volenti.cli.terminal.help import is_group, subcommands
from volenti.core.errors import UsageError
from volenti.workspace.naming import FUNCTIONS, NOUNS, counterpart
from volenti.workspace.workspace import Workspace

SOURCE = Path(volenti.__file__).parent
#: Parameters of every command that are about printing, asking and writing, and what Python has instead.
TERMINAL_ONLY = {
    "as_json": "what is returned has all of it",
    "yes": "a call is an answer",
    "out": "what is returned can be written anywhere",
    "help": "the docstring",
}
#: The same, of one command: (command, parameter) and what Python has instead.
IN_PYTHON: dict[tuple[str, str], str] = {
    ("add", "dry_run"): "ws.given returns what ws.add would",
    ("clear", "dry_run"): "ws.changes says what would be decided differently",
    ("log show", "checkpoint"): "`checkpoint` of what is returned",
    ("train", "shards"): "a field of `recipe`",
    ("train", "slices"): "a field of `recipe`",
    ("train", "samples_per_image"): "a field of `recipe`",
    ("train", "batch"): "a field of `recipe`",
    ("train", "accumulate"): "a field of `recipe`",
    ("train", "rank"): "a field of `recipe`",
    ("train", "learning_rate"): "a field of `recipe`",
    ("train", "min_people"): "a field of `recipe`",
    ("train", "dry_run"): "ws.forecast_training",
    ("train", "plan"): "ws.plan_training",
    ("train", "withdrawals_per_year"): "ws.plan_training takes it",
    ("train", "quality_floor"): "ws.plan_training takes it",
    ("train", "scale"): "a field of `recipe`",
    ("train", "core_hour_price"): "ws.plan_training takes it",
    ("generate", "grid"): "the edition's `grid` is it, as a PNG",
    ("review decide", "reject"): "`clear` is False",
    ("release amend", "no_sublicensing"): "`sublicensing` is False",
    ("review list", "count"): "what is returned has all of them",
    ("review list", "page"): "what is returned has all of them",
    ("review list", "csv"): "ws.review.answer_sheet, answer_workbook",
    ("review list", "fill"): "ws.review.answer_sheet takes it",
    ("dataset show", "entries"): "what is returned has all of them",
    ("picture show", "to"): "ws.pictures.preview",
    ("user demand", "nobody"): "`roles` is empty",
    ("due", "ics"): "volenti.core.icalendar.calendar makes it of what is returned",
    ("request open", "photo"): "ws.requests.look_for",
    ("request open", "sheet"): "ws.requests.compare",
    ("request inquiry", "sheet"): "`sheet` of what is returned",
    ("request run", "certificate"): "the outcome's `certificate`",
    ("request run", "every"): "ws.requests.run_all",
    ("request run", "no_copy"): "the outcome's `copy` is written nowhere",
    ("request run", "dry_run"): "ws.requests.plan",
    ("subject import", "blank"): "volenti.subjects.template",
    ("subject template", "columns"): "volenti.consent.spreadsheet.COLUMNS",
    ("release import", "blank"): "volenti.releases.template",
    ("release template", "columns"): "volenti.consent.spreadsheet.COLUMNS",
    ("release receipt", "pdf"): "ws.releases.receipt_page returns it as bytes",
    ("release receipt", "language"): "ws.releases.receipt_page takes it",
    ("subject show", "reference_to"): "ws.subjects.show_references returns it as bytes",
    ("release list", "due_days"): "ws.releases.due lists what falls due",
    ("release show", "text"): "`text()` of what is returned",
    ("release show", "notice"): "`notice()` of what is returned",
    ("webhook deliver", "follow"): "call it again",
    ("release show", "document"): "`signed` of what is returned",
    ("job work", "until_closed"): "whoever calls it ends it",
}


def commands() -> Iterator[tuple[str, Any]]:
    def below(command: Any, path: str) -> Iterator[tuple[str, Any]]:
        for name, each in subcommands(command):
            called = f"{path} {name}".strip()
            if is_group(each):
                yield from below(each, called)
            else:
                yield called, each

    yield from below(typer.main.get_command(main.app), "")


COMMANDS = dict(commands())


def python(command: str) -> Any:
    """The function or method that a command has in Python; AttributeError where there is none."""
    root, *names = counterpart(command).split(".")
    if root == "volenti":
        return getattr(volenti, names[0])
    if len(names) == 1:
        return getattr(Workspace, names[0])
    return getattr(noun_of(names[0]), names[1])


def noun_of(attribute: str) -> type:
    """The class of a noun, as the workspace declares it."""
    module = importlib.import_module(f"volenti.workspace.{attribute}")
    found: type = getattr(module, Workspace.__annotations__[attribute])
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_counterpart_with_its_parameters(command: str) -> None:
    called = inspect.signature(python(command)).parameters
    given = {each.name for each in COMMANDS[command].params}
    lacking = given - set(called) - set(TERMINAL_ONLY)
    assert {each for each in lacking if (command, each) not in IN_PYTHON} == set()


PAGE = "\n".join(python_page())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_reference_of_python(command: str) -> None:
    called = counterpart(command).replace("Workspace.", "ws.")
    assert re.search(rf"^### {re.escape(called)}( |$)", PAGE, flags=re.M)


def test_what_is_public_is_what_dir_shows_and_has_types() -> None:
    assert dir(volenti) == sorted([*volenti.__all__, "__version__"])
    assert all(getattr(volenti, name) is not None for name in volenti.__all__)
    assert (SOURCE / "py.typed").is_file()


def test_a_workspace_is_made_opened_and_used_without_the_command_line(tmp_path: Path) -> None:
    with volenti.open(volenti.init(tmp_path / "studio", seed=1), territory="DE") as ws:
        assert ws.settings.territory == "DE"
        assert {"datasets", "requests", "clear"} <= set(dir(ws))
        assert ws.datasets.list() == []
        with pytest.raises(AttributeError, match="its nouns are models, subjects"):
            ws.photos  # noqa: B018 - asking for it is what is tried
    with pytest.raises(UsageError, match="no setting called teritory"):
        volenti.open(tmp_path / "studio", teritory="DE")


def test_no_exception_is_written_down_for_what_isn_t_one() -> None:
    assert set(NOUNS) == {name.split()[0] for name in COMMANDS if " " in name}
    assert set(FUNCTIONS) <= set(COMMANDS)
    for command, parameter in IN_PYTHON:
        assert parameter in {each.name for each in COMMANDS[command].params}, (command, parameter)
        assert parameter not in inspect.signature(python(command)).parameters, (command, parameter)


def verbs() -> Iterator[tuple[str, Any]]:
    """(how it is called, function) of every public name of the front door."""
    for name in volenti.__all__:
        found = getattr(volenti, name)
        if inspect.isfunction(found):
            yield f"volenti.{name}", found
    yield from methods(Workspace, "ws")
    for attribute in NOUNS.values():
        yield from methods(noun_of(attribute), f"ws.{attribute}")


def methods(of: type, called: str) -> Iterator[tuple[str, Any]]:
    """Public methods, also those of a base."""
    for base in of.__mro__:
        for name, found in vars(base).items():
            found = found.__func__ if isinstance(found, staticmethod) else found
            if inspect.isfunction(found) and not name.startswith("_"):
                yield f"{called}.{name}", found


VERBS = dict(verbs())


@pytest.mark.parametrize("verb", VERBS)
def test_what_is_public_says_what_it_takes_and_shows_how_it_is_called(verb: str) -> None:
    function = VERBS[verb]
    text = inspect.getdoc(function) or ""
    about, marker, example = text.partition("Example:\n")
    assert marker, f"{verb} has no example"
    parameters = [name for name in inspect.signature(function).parameters if name not in ("self", "progress")]
    unsaid = [name for name in parameters if not re.search(rf"\b{name}\b", about.replace("`", ""))]
    assert not unsaid, f"{verb} doesn't say what these are: {unsaid}"
    calls = [node for node in ast.walk(ast.parse(inspect.cleandoc(example))) if isinstance(node, ast.Call)]
    # What needs no workspace is shown without one.
    [shown] = [each for each in calls if ast.unparse(each.func) in (verb, verb.replace("ws.", "volenti."))]
    keywords = {each.arg or "": each.value for each in shown.keywords}
    own = (
        [] if verb.startswith("volenti.") or "self" not in inspect.signature(function).parameters else [None]
    )
    inspect.signature(function).bind(*own, *shown.args, **keywords)


def _imports(path: Path) -> Iterator[tuple[str, str]]:
    """(module, name) of each import of Volenti's own that isn't for types alone."""
    tree = ast.parse(path.read_text())
    typing = {
        id(each)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for each in ast.walk(node)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.ImportFrom)
            and (node.module or "").startswith("volenti")
            and id(node) not in typing
        ):
            yield from ((node.module or "", each.name) for each in node.names)


@pytest.mark.parametrize(
    "path", sorted((SOURCE / "cli").rglob("*.py")), ids=lambda p: str(p.relative_to(SOURCE))
)
def test_the_command_line_does_everything_through_the_front_door(path: Path) -> None:
    # Of what lies below it imports values alone: constants, enumerations, records, errors.
    for module, name in _imports(path):
        if module == "volenti" or module.split(".")[1] in ("cli", "core", "workspace"):
            continue
        found = getattr(importlib.import_module(module), name)
        is_value = not callable(found) or (
            isinstance(found, type) and (issubclass(found, enum.Enum) or dataclasses.is_dataclass(found))
        )
        assert is_value, f"{path.name} imports {name} of {module}: ask the workspace for it"
    reached = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
    assert "parts" not in reached, f"{path.name} goes past the front door"
