"""volenti log: the transparency log, in which nothing is ever changed.

Its entries are commitments: without the key that is kept beside each event, and is erased
with whom it concerns, an entry says nothing.
"""

from __future__ import annotations

import base64
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from volenti.cli.terminal.help import Chapter
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, counted, note, say, say_fields, say_json, say_table
from volenti.cli.terminal.session import fail, opened, read_bytes, write_new
from volenti.core.canonical import Json
from volenti.core.clock import stamp
from volenti.core.errors import UsageError
from volenti.core.signing import SigningKey
from volenti.transparency.checkpoint import verify as verify_checkpoint
from volenti.transparency.note import SignedNote, Verifier

app = Chapter("The log, in which nothing is ever changed.")

Index = Annotated[int, typer.Argument(min=0, metavar="ENTRY", help="The entry's number, from 0.")]


@app.command("show")
def show(
    ctx: typer.Context,
    entry: Annotated[
        int | None, typer.Argument(min=0, metavar="ENTRY", help="One entry, with its event.")
    ] = None,
    last: Annotated[int, typer.Option(min=1, metavar="N", help="How many of the newest to list.")] = 20,
    checkpoint: Annotated[
        bool, typer.Option("--checkpoint", help="Print the signed checkpoint alone, to be kept elsewhere.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the newest entries, one entry, or the checkpoint.

    Keep a checkpoint somewhere else, best with somebody else: `volenti log verify --checkpoint`
    then shows whether the log still says what it said.

    \b
    Examples:
      volenti log show
      volenti log show 7 --json
      volenti log show --checkpoint > checkpoint.txt
    """
    with opened(ctx) as ws:
        signed, size = ws.parts.log.checkpoint(), ws.parts.log.size
        if checkpoint:
            typer.echo(signed, nl=False)
            return
        numbers = range(max(0, size - last), size) if entry is None else [entry]
        rows = [
            _entry(number, ws.parts.log.entry(number), ws.parts.journal.event(number)) for number in numbers
        ]
        verifier = str(ws.parts.log.verifier)
    if as_json:
        head = {"log": ws.parts.log.origin, "size": size, "verifier": verifier, "checkpoint": signed}
        say_json({**head, "entries": rows})
    elif entry is not None:
        say_fields((name, value) for name, value in rows[0].items() if name != "event")
        say_json(rows[0]["event"])
    else:
        say(f"{ws.parts.log.origin}: {counted(size, 'entry', 'entries')}, published under {verifier}")
        say_table(
            ("ENTRY", "WHEN", "WHAT"),
            [
                (row["entry"], row["at"] or "", row["kind"] or "(erased with whom it was about)")
                for row in rows
            ],
        )


def _entry(number: int, leaf: bytes, event: Json | None) -> Json:
    at, kind = (event["at"], event["kind"]) if event else (None, None)
    return {"entry": number, "at": at, "kind": kind, "leaf": leaf.hex(), "event": event and event["body"]}


@app.command("prove")
def prove(
    ctx: typer.Context,
    entry: Index,
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, metavar="FILE", help="Write it to this new file.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the proof that an entry is in the log (C2SP tlog-proof), to be checked offline.

    \b
    Example:
      volenti log prove 7 --out entry-7.tlog-proof
    """
    with opened(ctx) as ws:
        proof, leaf = ws.parts.log.prove(entry), ws.parts.log.entry(entry)
        verifier = str(ws.parts.log.verifier)
    if out is not None:
        write_new(out, proof.encode())
        note(f"Written to {out}.")
    if as_json:
        leaf_text = base64.b64encode(leaf).decode()
        say_json({"entry": entry, "leaf": leaf_text, "verifier": verifier, "proof": proof})
    elif out is None:
        typer.echo(proof, nl=False)


@app.command("verify")
def verify(
    ctx: typer.Context,
    checkpoints: Annotated[
        list[Path] | None,
        typer.Option(
            "--checkpoint",
            exists=True,
            dir_okay=False,
            metavar="FILE",
            help="A checkpoint kept from earlier; repeat it.",
        ),
    ] = None,
    witnesses: Annotated[
        list[str] | None,
        typer.Option(
            "--witness",
            metavar="VERIFIER",
            help="Somebody who must have signed those checkpoints too; repeat it.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Recompute the whole log from its entries, and compare it with what was signed.

    Every event that is still on record is held against its entry too. Ends with status 1 if
    anything doesn't fit.

    \b
    Examples:
      volenti log verify
      volenti log verify --checkpoint checkpoint.txt
      volenti log verify --checkpoint cosigned.txt --witness "friend.example+1a2b3c4d+AT..."
    """
    known = [Verifier.parse(each) for each in witnesses or []]
    if known and not checkpoints:
        raise UsageError("A witness signs checkpoints, and none is given.", "Add: --checkpoint FILE")
    seen: list[tuple[Verifier, datetime | None]] = []
    remembered = [read_bytes(path).decode(errors="replace") for path in checkpoints or []]
    with opened(ctx) as ws:
        for text in remembered if known else []:
            verify_checkpoint(text, ws.parts.log.verifier, *known)
            seen += [(each, SignedNote.parse(text).cosigned_at(each)) for each in known]
        found = ws.parts.log.verify(*remembered)
        problems = [{"kind": each.kind, "where": each.where, "message": each.message} for each in found]
        on_record = 0 if found else ws.parts.log.size
        opening = 0
        for number in range(on_record):
            event = ws.parts.journal.event(number)
            opening += event is not None
            if event is not None and not ws.parts.journal.opens(number):
                message = "The event on record isn't the one that was logged."
                problems.append({"kind": "edited", "where": f"entry {number}", "message": message})
    if as_json:
        witnessed = [{"witness": str(who), "at": at and stamp(at)} for who, at in seen]
        counts = {"ok": not problems, "size": on_record, "opened": opening}
        say_json({**counts, "witnessed": witnessed, "problems": problems})
    elif not problems:
        kept = (
            f"with {len(remembered)} earlier checkpoints"
            if len(remembered) > 1
            else "with the earlier checkpoint"
        )
        entries = counted(on_record, "entry", "entries")
        say(f"The log holds: {entries}{', consistent ' + kept if remembered else ''}.")
        say(f"{counted(opening, 'event')} on record, each the one that was logged.")
        for who, at in seen:
            say(f"{who.name} signed a checkpoint of it{f' on {stamp(at)}' if at else ''}.")
    for each in [] if as_json else problems:
        say(f"{each['kind']}: {each['where']}: {each['message']}")
    if problems:
        advise("Restore the log's folder from a copy, and find out who changed it.")
        fail()


@app.command("account")
def account(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Count every entry from here on as having its row in the register, in a workspace from before that.

    Once in the life of a workspace that an earlier version made; one that is made today says so itself. Of
    entries before, nobody can tell whether their row was erased or taken out. Where it was done already and
    an audit asks for it again, somebody took out what says since when.

    \b
    Example:
      volenti log account
    """
    with opened(ctx) as ws:
        since = ws.parts.journal.account()
    if as_json:
        say_json({"since": since})
        return
    say(f"From entry {since} on every entry of the log has its row: volenti audit names any that doesn't.")


@app.command("witness")
def witness(
    place: Annotated[
        str, typer.Argument(metavar="PLACE", help="Where the log is published: https://..., or a folder.")
    ],
    log: Annotated[str, typer.Option("--log", metavar="VERIFIER", help="The log's key, as it is published.")],
    name: Annotated[str, typer.Option(metavar="NAME", help="Your name as a witness: friend.example")],
    key: Annotated[
        Path, typer.Option(dir_okay=False, metavar="FILE", help="Your key; made if it isn't there.")
    ],
    state: Annotated[
        Path,
        typer.Option(dir_okay=False, metavar="FILE", help="The checkpoint you signed last; written anew."),
    ],
    first: Annotated[
        bool, typer.Option("--first", help="You never signed this log: there is no state yet.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Watch somebody else's log: sign its newest checkpoint, if it only added to the last you signed.

    For a witness, who needs no workspace. Whoever has the checkpoint you signed can show that the log
    said so at that time; a log that is rewritten gets no second signature of yours. What you sign is
    a C2SP tlog-cosignature, which other logs' tools read too. Keep the state: without it nobody can tell
    whether the log went back, and nothing is signed.

    \b
    Examples:
      volenti log witness https://studio.example/log --log "volenti.log/ab12+..." --name friend.example \\
        --key witness.key --state cosigned.txt --first
      volenti log witness https://studio.example/log --log "volenti.log/ab12+..." --name friend.example \\
        --key witness.key --state cosigned.txt
    """
    from volenti.core.clock import system_clock
    from volenti.core.files import write_atomically
    from volenti.standalone import log_files
    from volenti.transparency.witness import cosigner
    from volenti.transparency.witness import witness as watch

    if first == state.exists():
        raise UsageError(
            f"{state} is there, so this isn't the first time."
            if first
            else f"{state} isn't there: without what you signed last, a log that went back can't be told.",
            "Leave out --first."
            if first
            else "Bring it back; or say that you never signed this log: --first",
        )
    if not key.exists():
        SigningKey.new().save(key)
        note(f"Made a key in {key}: keep it.")
    own = SigningKey.load(key)
    before = read_bytes(state).decode(errors="replace") if state.exists() else None
    signed, head = watch(log_files(place), Verifier.parse(log), own, name, system_clock, before)
    write_atomically(state, signed.encode())
    verifier = str(cosigner(name, own))
    if as_json:
        say_json({"log": head.origin, "size": head.size, "witness": verifier, "checkpoint": signed})
        return
    say(f"{head.origin} at {counted(head.size, 'entry', 'entries')}: signed into {state}.")
    advise(f"Who checks needs your key: {verifier}")
