"""One call of the command line, and the workspace that it is about.

Wiring a workspace takes longer than printing help, so a workspace is opened only when a command
asks for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from volenti.cli.terminal.output import advise, note
from volenti.core.canonical import Json, parse_given
from volenti.core.errors import UsageError
from volenti.core.files import create_file

if TYPE_CHECKING:
    from volenti.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Session:
    """What the options before the command say."""

    folder: Path = Path()


def session(ctx: typer.Context) -> Session:
    """The session that a command runs in."""
    return ctx.find_object(Session) or Session()


def opened(ctx: typer.Context) -> Workspace:
    """Open the workspace, to be used in a `with`; raises WorkspaceError where there is none.

    What wants attention whatever the command is, such as a mirror that is away, is printed on standard error.
    """
    import volenti

    ws = volenti.open(session(ctx).folder)
    for each in ws.notices():
        note(each.message)
        advise(each.remedy)
    return ws


def fail() -> NoReturn:
    """End with status 1: there are findings, or something didn't verify."""
    raise typer.Exit(1)


def read_bytes(path: Path) -> bytes:
    """Read a file that somebody named; raises UsageError where it can't be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"Can't read {path}: {error.strerror}.", "Check the path.") from error


def read_json(path: Path) -> Json | list[object]:
    """Read a JSON file that somebody named; raises UsageError where it isn't one."""
    try:
        value: Json | list[object] = parse_given(read_bytes(path).decode("utf-8-sig"))
    except ValueError as error:
        raise UsageError(f"{path} isn't JSON.", "Check that it is the right file, whole.") from error
    return value


def write_new(path: Path, data: bytes) -> None:
    """Write a file that isn't there yet, for its owner alone; raises UsageError where it is, or can't be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with create_file(path) as file:
            file.write(data)
    except FileExistsError as error:
        raise UsageError(f"{path} is there already.", "Name a new file, or move that one away.") from error
    except OSError as error:
        raise UsageError(f"Can't write {path}: {error.strerror}.", "Check the path.") from error
