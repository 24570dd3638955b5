"""volenti certificate: what an erasure did, for anybody to check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.request.erasing import RequestName
from volenti.cli.terminal.evidence import attack_rows, say_attacks
from volenti.cli.terminal.help import Chapter
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, counted, note, say, say_json
from volenti.cli.terminal.session import fail, opened, read_bytes, write_new
from volenti.core.signing import PublicKey

if TYPE_CHECKING:
    from volenti.erasure.certificate import Verified

app = Chapter("What an erasure did, for anybody to check.")


@app.command("show")
def show_certificate(ctx: typer.Context, request: RequestName = None) -> None:
    """Print the certificate of a finished request: a JSON document to hand out.

    \b
    Example:
      volenti certificate show > certificate.json
    """
    with opened(ctx) as ws:
        say_json(ws.parts.erasure.certificate(ws.parts.requests.find(request).id))


@app.command("verify")
def verify_certificate(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, metavar="FILE")],
    key: Annotated[
        Path,
        typer.Option(
            exists=True,
            dir_okay=False,
            metavar="FILE",
            help="The workspace's public key: its file public-key, from whoever publishes it.",
        ),
    ],
    origin: Annotated[
        str, typer.Option(metavar="LOG", help="The name of the log it should be in; any by default.")
    ] = "",
    log: Annotated[
        str,
        typer.Option(
            metavar="PLACE",
            help="Compare with the log as it is now: https://..., a folder, or the workspace's.",
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Check a certificate offline: its signature, and that the log recorded it. Needs no workspace.

    It shows what the software did and measured. It can't show that nobody kept a copy elsewhere.
    With --log, also that the log as it is published now has only added to what it said then. Ends with
    status 1 if anything doesn't hold.

    \b
    Examples:
      volenti certificate verify certificate.json --key public-key
      volenti certificate verify certificate.json --key public-key --log https://studio.example/log
    """
    from volenti.core.errors import IntegrityError
    from volenti.erasure.certificate import compare, reading, verify
    from volenti.standalone import log_files

    data = read_bytes(file)
    public = PublicKey.parse(read_bytes(key).decode(errors="replace"))
    try:
        verified = verify(data, public, origin)
        with reading("what it states"):
            lines = _lines(verified)
            attack_rows(verified.statement["predicate"])
            facts = verified.to_json()
        now = compare(verified, log_files(log), public) if log else None
    except IntegrityError as error:
        if as_json:
            say_json({"ok": False, "problem": error.message})
        else:
            say(error.message)
        advise(error.remedy)
        fail()
    if as_json:
        say_json({**facts, "log_now": None if now is None else now.size})
        return
    for line in lines:
        say(line)
    say_attacks(verified.statement["predicate"])
    if now is not None:
        say(f"The log has {counted(now.size, 'entry', 'entries')} now, and only added to those it had then.")


@app.command("page")
def page(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, metavar="FILE")],
    key: Annotated[
        Path,
        typer.Option(
            exists=True,
            dir_okay=False,
            metavar="FILE",
            help="The workspace's public key: its file public-key, from whoever publishes it.",
        ),
    ],
    out: Annotated[Path, typer.Option(dir_okay=False, metavar="FILE", help="Write this new PDF.")],
    as_json: AsJson = False,
) -> None:
    """Make a page to read of a certificate that holds: PDF/A, with the certificate attached.

    Needs no workspace. Of the person's own copy the page says whom it is about.

    \b
    Example:
      volenti certificate page certificate.json --key public-key --out certificate.pdf
    """
    from volenti.standalone import certificate_pdf

    public = PublicKey.parse(read_bytes(key).decode(errors="replace"))
    made = certificate_pdf(read_bytes(file), public)
    write_new(out, made)
    if as_json:
        say_json({"page": str(out), "bytes": len(made)})
        return
    note(f"Written to {out}.")


def _lines(verified: Verified) -> list[str]:
    """What it says, but for attacks."""
    from volenti.requests.history import KEYED

    predicate = verified.statement["predicate"]
    lines = [f"The certificate holds: {predicate['kind']} {predicate['request']}."]
    if verified.about is not None:
        lines.append(f"It is about {verified.about}: the opening in this copy fits.")
    lines.append(f"Completed {predicate['completed']}.")
    lines.append(f"Recorded as entry {verified.log_index} of {verified.log_size} in {predicate['log']}.")
    left = sum(predicate.get("attested", {}).values())
    lines.append(f"Items left when it was attested: {left}.")
    for name, digest in predicate.get("constituents_after", {}).items():
        # What knew the person, and what took its place, is committed to: their own copy says of which bytes.
        before = predicate["constituents_before"][name].removeprefix(KEYED)
        after = digest.removeprefix(KEYED)
        lines.append(f"{name} was replaced: {before[:16]}... -> {after[:16]}...")
    if "works" in predicate:
        drawn, back = predicate["works"]["drawn"], predicate["works"]["withdrawn"]
        lines.append(f"Pictures drawn by what had learned from them: {drawn}; called back: {back}.")
    # Whoever made it could write to the terminal otherwise.
    return ["".join(each if each.isprintable() else "?" for each in line) for line in lines]
