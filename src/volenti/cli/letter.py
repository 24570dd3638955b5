"""volenti letter: e-mail to the people in the pictures, and reminders to officers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from volenti.cli.terminal.help import CommandGroup
from volenti.cli.terminal.options import AsJson, day_option
from volenti.cli.terminal.output import advise, counted, note, say, say_json, say_table
from volenti.cli.terminal.session import opened
from volenti.core.codec import encoded
from volenti.letters.letter import LetterKind, LetterState

if TYPE_CHECKING:
    from volenti.letters.letter import Letter

app = CommandGroup("E-mail to the people in the pictures, and reminders to officers.")

Name = Annotated[str, typer.Argument(metavar="LETTER", help="The letter's identifier.")]


def _text(wording: str, metavar: str, flag: str = "") -> Any:
    return typer.Option(*((flag,) if flag else ()), metavar=metavar, help=wording)


@app.command("list")
def list_(
    ctx: typer.Context,
    subject: Annotated[str | None, _text("Only letters to this person.", "SUBJECT")] = None,
    as_json: AsJson = False,
) -> None:
    """List letters, the newest first. What a letter said is gone once it is sent.

    \b
    Example:
      volenti letter list
    """
    with opened(ctx) as ws:
        found = ws.letters.list(subject)
    if as_json:
        say_json({"letters": [_facts(each) for each in found]})
        return
    if not found:
        note("There are no letters.")
        return
    say_table(
        ("LETTER", "KIND", "TO", "STATE", "SINCE"),
        [(each.id, each.kind, each.subject or "", each.state, each.sent or each.made) for each in found],
    )
    for each in found:
        if each.state in (LetterState.FAILED, LetterState.UNCERTAIN):
            note(f"{each.id}: {each.why}")
            advise(f"Send it after all: volenti letter retry {each.id}")


@app.command("send")
def send(
    ctx: typer.Context,
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"One of: {', '.join(LetterKind)}.")],
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="Whom it is to.")] = "",
    about: Annotated[str, _text("The release or the request that it is about.", "ID")] = "",
    link: Annotated[str, _text("An address in the web application.", "ADDRESS")] = "",
    code: Annotated[str, _text("What they type.", "CODE")] = "",
    day: Annotated[date | None, day_option("--day", "The day on which something ends or is due.")] = None,
    to: Annotated[str, _text("Another e-mail address than the one on record.", "ADDRESS")] = "",
    language: Annotated[str | None, _text("The letter's language.", "LANGUAGE")] = None,
    event: Annotated[str, _text("What it is for: it is sent once for each.", "TEXT")] = "",
    as_json: AsJson = False,
) -> None:
    """Put a letter into the queue; a worker sends it. `volenti serve` has one.

    \b
    Example:
      volenti letter send signed-copy sub_ada --about rel_ada
    """
    with opened(ctx) as ws:
        letter = ws.letters.send(
            kind,
            subject,
            about=about,
            link=link,
            code=code,
            day=day,
            to=to,
            language=language,
            event=event,
        )
    if as_json:
        say_json(_facts(letter))
        return
    say(f"{letter.id} is {letter.state}.")


@app.command("remind")
def remind(
    ctx: typer.Context,
    days: Annotated[int, typer.Option(metavar="NUMBER", min=0, help="How far ahead.")] = 14,
    as_json: AsJson = False,
) -> None:
    """Write to whoever should know what is due, once for each matter: call it every day.

    \b
    Example:
      volenti letter remind --days 30
    """
    with opened(ctx) as ws:
        written = ws.letters.remind(days)
    if as_json:
        say_json({"letters": [_facts(each) for each in written]})
        return
    waiting = sum(each.state is LetterState.QUEUED for each in written)
    say(f"{counted(waiting, 'letter')} to be sent, {len(written) - waiting:,} written before.")


@app.command("retry")
def retry(ctx: typer.Context, letter: Name, as_json: AsJson = False) -> None:
    """Send a letter after all that wasn't sent, or may not have arrived.

    \b
    Example:
      volenti letter retry let_0a1b2c3d4e5f60718293
    """
    with opened(ctx) as ws:
        again = ws.letters.retry(letter)
    if as_json:
        say_json(_facts(again))
        return
    say(f"{again.id} is {again.state}.")


@app.command("deliver")
def deliver(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Send what is due, now and here. A worker does this by itself.

    \b
    Example:
      volenti letter deliver
    """
    with opened(ctx) as ws:
        sent = ws.letters.deliver()
    if as_json:
        say_json({"sent": sent})
        return
    say(f"{counted(sent, 'letter')} sent.")


def _facts(letter: Letter) -> Any:
    """What is shown of a letter: neither a link nor a code, which open something."""
    said = {name: each for name, each in encoded(letter).items() if name not in ("link", "code", "copy")}
    return {"id": letter.id, "state": letter.state, "subject": letter.subject, **said}
