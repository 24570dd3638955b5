"""volenti audit: looks for what is left of erased people, and for what others lost."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, counted, note, progress, say, say_json, size
from volenti.cli.terminal.session import fail, opened, read_json
from volenti.cli.terminal.suspended import say_suspended
from volenti.core.errors import UsageError, VolentiError

if TYPE_CHECKING:
    from volenti.erasure.report import AuditReport


def audit(
    ctx: typer.Context,
    canaries: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            metavar="FILE",
            help="JSON list of base64 strings that no file of the workspace may contain.",
        ),
    ] = None,
    deep: Annotated[
        bool,
        typer.Option("--deep", help="Also open every row and key, and search every byte for erased people."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look for residue of the erased and losses of the others.

    Changes nothing. Every picture is opened and compared with its digest, every model with its hash,
    every dataset with its root; log and feed are recomputed. With --deep every row and key is opened, the
    database is checked, and every file is searched for the random text that lay in the record of each
    person who was erased. Ends with status 1 if anything is found.

    \b
    Examples:
      volenti audit
      volenti audit --deep
      volenti audit --canaries canaries.json --json
    """
    strings = [] if canaries is None else _canaries(canaries)
    with opened(ctx) as ws, progress(as_json) as bar:
        report = ws.audit(strings, progress=bar, deep=deep)
        try:
            suspended = ws.suspensions()
        except VolentiError as error:
            # The audit names the problem that prevents it, with every other problem.
            note(f"What isn't served, and why, can't be said: {error.message}")
            suspended = []
    if as_json:
        say_json({**report.to_json(), "suspended": [each.to_json() for each in suspended]})
    else:
        _say_audit(report)
        say_suspended(suspended)
    if not report.ok:
        advise(
            "Residue: run the request again; take out a file that isn't the workspace's. "
            "Losses: restore the workspace from a copy, then audit it."
        )
        fail()


def _canaries(path: Path) -> list[bytes]:
    wrong = UsageError(f"{path} isn't a JSON list of base64 strings.", 'Write it like ["QWRhIEV4YW1wbGU="].')
    listed = read_json(path)
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise wrong
    try:
        return [base64.b64decode(str(each), validate=True) for each in listed]
    except ValueError:
        raise wrong from None


def _say_audit(report: AuditReport) -> None:
    say(f"pictures opened       {report.pictures:,}")
    if report.files_scanned:
        say(f"bytes scanned         {size(report.bytes_scanned)} in {counted(report.files_scanned, 'file')}")
    say(f"residue               {report.residue or 'none'}")
    say(f"lost                  {report.lost or 'nothing'}")
    say(f"log                   {'consistent' if report.log_consistent else 'NOT consistent'}")
    for problem in report.problems:
        say(f"  {problem}")
    if report.strangers:
        named = ", ".join(report.strangers[:5]) + (" and more" if len(report.strangers) > 5 else "")
        say(f"not the workspace's   {counted(len(report.strangers), 'file')} in its folder: {named}")
        advise(
            "Works written out, or files of your own: no erasure reaches them. "
            "Keep them elsewhere, and see to them yourself."
        )
