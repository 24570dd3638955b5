"""volenti log verify: recomputes the log, and compares every event with its entry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, counted, say, say_json
from volenti.cli.terminal.session import fail, opened, read_bytes
from volenti.core.clock import stamp

if TYPE_CHECKING:
    from volenti.core.canonical import Json
    from volenti.workspace.log import LogReport

Checkpoints = Annotated[
    list[Path] | None,
    typer.Option(
        "--checkpoint",
        exists=True,
        dir_okay=False,
        metavar="FILE",
        help="A checkpoint kept from earlier; repeat it.",
    ),
]
Witnesses = Annotated[
    list[str] | None,
    typer.Option(
        "--witness",
        metavar="VERIFIER",
        help="Somebody who must have signed those checkpoints too; repeat it.",
    ),
]


def verify(
    ctx: typer.Context,
    checkpoints: Checkpoints = None,
    witnesses: Witnesses = None,
    as_json: AsJson = False,
) -> None:
    """Recompute the whole log from its entries, and compare it with what was signed.

    Every event that is still on record is compared with its entry too. Ends with status 1 if
    anything doesn't fit.

    \b
    Examples:
      volenti log verify
      volenti log verify --checkpoint checkpoint.txt
      volenti log verify --checkpoint cosigned.txt --witness "friend.example+1a2b3c4d+AT..."
    """
    remembered = [read_bytes(path).decode(errors="replace") for path in checkpoints or []]
    with opened(ctx) as ws:
        found = ws.log.verify(remembered, witnesses=witnesses or ())
    if as_json:
        say_json(_facts(found))
    else:
        _tell(found, len(remembered))
    if not found.ok:
        advise("Restore the log's folder from a copy, and find out who changed it.")
        fail()


def _facts(found: LogReport) -> Json:
    return {
        "ok": found.ok,
        "size": found.size,
        "opened": found.opened,
        "witnessed": [{"witness": str(who), "at": at and stamp(at)} for who, at in found.witnessed],
        "problems": [
            {"kind": each.kind, "where": each.where, "message": each.message} for each in found.problems
        ],
    }


def _tell(found: LogReport, checkpoints: int) -> None:
    for each in found.problems:
        say(f"{each.kind}: {each.where}: {each.message}")
    if not found.ok:
        return
    entries = counted(found.size, "entry", "entries")
    kept = f"{checkpoints} earlier checkpoints" if checkpoints > 1 else "the earlier checkpoint"
    say(f"The log holds: {entries}{f', consistent with {kept}' if checkpoints else ''}.")
    say(f"{counted(found.opened, 'event')} on record, each the one that was logged.")
    for who, at in found.witnessed:
        say(f"{who.name} signed a checkpoint of it{f' on {stamp(at)}' if at else ''}.")
