"""volenti certificate: what an erasure did, for anybody to check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.terminal.evidence import say_attacks
from volenti.cli.terminal.help import CommandGroup
from volenti.cli.terminal.options import AsJson, LatestRequest
from volenti.cli.terminal.output import advise, counted, note, say, say_json
from volenti.cli.terminal.session import fail, opened, read_bytes, write_new
from volenti.core.errors import IntegrityError
from volenti.core.signing import PublicKey

if TYPE_CHECKING:
    from volenti.workspace.certificates import CheckedCertificate

Certificate = Annotated[Path, typer.Argument(exists=True, dir_okay=False, metavar="FILE")]
Key = Annotated[
    Path,
    typer.Option(
        exists=True,
        dir_okay=False,
        metavar="FILE",
        help="The workspace's public key: its file public-key, from whoever publishes it.",
    ),
]
Origin = Annotated[
    str, typer.Option(metavar="LOG", help="The name of the log it should be in; any by default.")
]
PublishedLog = Annotated[
    str,
    typer.Option(
        metavar="PLACE",
        help="Compare with the log as it is now: https://..., a folder, or the workspace's.",
    ),
]

app = CommandGroup("What an erasure did, for anybody to check.")


@app.command("show")
def show_certificate(ctx: typer.Context, request: LatestRequest = None, as_json: AsJson = False) -> None:
    """Print the certificate of a finished request: a JSON document to hand out, with or without --json.

    \b
    Example:
      volenti certificate show > certificate.json
    """
    with opened(ctx) as ws:
        say_json(ws.certificates.show(request))


@app.command("verify")
def verify_certificate(
    certificate: Certificate,
    key: Key,
    origin: Origin = "",
    log: PublishedLog = "",
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
    import volenti

    data = read_bytes(certificate)
    public = PublicKey.parse(read_bytes(key).decode(errors="replace"))
    try:
        checked = volenti.certificates.verify(data, public, origin=origin, log=log)
    except IntegrityError as error:
        if as_json:
            say_json({"ok": False, "problem": error.message})
        else:
            say(error.message)
        advise(error.remedy)
        fail()
    now = checked.log_now
    if as_json:
        say_json({**checked.verified.to_json(), "log_now": None if now is None else now.size})
        return
    for line in _lines(checked):
        say(line)
    say_attacks(checked.stated.attacks)
    if now is not None:
        say(f"The log has {counted(now.size, 'entry', 'entries')} now, and only added to those it had then.")


@app.command("page")
def page(
    certificate: Certificate,
    key: Key,
    out: Annotated[Path, typer.Option(dir_okay=False, metavar="FILE", help="Write this new PDF.")],
    as_json: AsJson = False,
) -> None:
    """Make a page to read of a certificate that holds: PDF/A, with the certificate attached.

    Needs no workspace. Of the person's own copy the page says whom it is about.

    \b
    Example:
      volenti certificate page certificate.json --key public-key --out certificate.pdf
    """
    import volenti

    public = PublicKey.parse(read_bytes(key).decode(errors="replace"))
    made = volenti.certificates.page(read_bytes(certificate), public)
    write_new(out, made)
    if as_json:
        say_json({"page": str(out), "bytes": len(made)})
        return
    note(f"Written to {out}.")


def _lines(checked: CheckedCertificate) -> list[str]:
    """What the certificate says, in lines; what attacks found is printed apart."""
    verified, stated = checked.verified, checked.stated
    lines = [f"The certificate holds: {stated.kind} {stated.request}."]
    if verified.about is not None:
        lines.append(f"It is about {verified.about}: the opening in this copy fits.")
    lines.append(f"Completed {stated.completed}.")
    lines.append(f"Recorded as entry {verified.log_index} of {verified.log_size} in {stated.log}.")
    lines.append(f"Items left when it was attested: {stated.left}.")
    for name, (before, after) in stated.replaced.items():
        # Both are commitments to the constituents' digests; the person's own copy opens them.
        lines.append(f"{name} was replaced: {before[:16]}... -> {after[:16]}...")
    if stated.drawn is not None:
        drawn, back = stated.drawn, stated.called_back
        lines.append(f"Pictures drawn by what had learned from them: {drawn}; called back: {back}.")
    # Control characters are removed: a forged certificate could otherwise control the terminal.
    return ["".join(each if each.isprintable() else "?" for each in line) for line in lines]
