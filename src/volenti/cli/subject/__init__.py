"""volenti subject: the people in the pictures.

Names and birth dates are shown to whoever can open the workspace; everywhere else a
subject is an identifier.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.release.receipt import AsExample, Columns
from volenti.cli.release.receipt import template as release_template
from volenti.cli.subject.enrolment import add, amend
from volenti.cli.terminal.help import Chapter
from volenti.cli.terminal.options import AsJson, DryRun
from volenti.cli.terminal.output import advise, counted, note, say, say_fields, say_json, say_table, size
from volenti.cli.terminal.session import fail, opened
from volenti.core.clock import stamp
from volenti.core.codec import encoded
from volenti.core.errors import UsageError

if TYPE_CHECKING:
    from volenti.consent.importing import ImportReport
    from volenti.consent.subject import Subject
    from volenti.workspace.workspace import Workspace

app = Chapter("The people in the pictures.")

app.command("add")(add)
app.command("amend")(amend)


@app.command("template")
def template(columns: Columns = False, as_json: AsExample = False) -> None:
    """Print an empty file for bringing in people: they come with their releases.

    The same as `volenti release template`.

    \b
    Example:
      volenti subject template > people.csv
    """
    release_template(columns, as_json)


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A .csv or .json file.", show_default=False)
    ] = None,
    blank: Annotated[
        bool, typer.Option("--template", help="Print an empty CSV file with all columns, and stop.")
    ] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Bring in people with their releases, from CSV or JSON.

    Their reference photographs come along, too. Everything or nothing: one faulty row keeps the file
    out, and every fault is reported. A release whose signatures don't hold is imported and covers
    nothing. Importing again changes nothing.

    \b
    Examples:
      volenti subject import --template > people.csv
      volenti subject import people.csv --dry-run
    """
    if blank:
        from volenti.consent.spreadsheet import template as empty

        say(empty().rstrip())
        return
    if file is None:
        raise UsageError("No file was given.", "Name a .csv or .json file, or ask for --template.")
    with opened(ctx) as ws:
        report = ws.releases.import_(file, dry_run=dry_run)
    tell_import(report, as_json=as_json)


def tell_import(report: ImportReport, *, as_json: bool) -> None:
    """Print what an import did; ends with status 1 where the file was kept out."""
    problems = [
        {"row": each.row, "field": each.field, "message": each.message, "fatal": each.fatal}
        for each in report.problems
    ]
    if as_json:
        facts = {"rows": report.rows, "imported": report.imported, "unchanged": report.unchanged}
        say_json({**facts, "refused": report.refused, "dry_run": report.dry_run, "problems": problems})
    else:
        done = "Would import" if report.dry_run else "Imported"
        what = counted(len(report.imported), "release")
        if report.refused:
            say(
                f"Nothing was imported: {counted(sum(p.fatal for p in report.problems), 'fault')} to correct."
            )
        else:
            say(f"{done} {what} of {counted(report.rows, 'row')}; {len(report.unchanged)} were here already.")
        for each in report.problems:
            weight = "fault" if each.fatal else "covers nothing" if each.voids else "left out"
            say(f"  {weight}: {each}")
    if report.refused:
        advise("Correct the rows named, then import the file again.")
        fail()


@app.command("list")
def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List everybody on record. Who was erased isn't.

    \b
    Example:
      volenti subject list
    """
    with opened(ctx) as ws:
        rows = [(each, _states(ws, each.id)) for each in ws.parts.consent.subjects()]
    if as_json:
        say_json({"subjects": [{**each.to_json(), "releases": states} for each, states in rows]})
        return
    if not rows:
        note("Nobody is on record.")
        advise("Bring people in: volenti subject import FILE")
        return
    say_table(
        ("SUBJECT", "NAME", "BORN", "KEY", "RELEASES"),
        [
            (
                each.id,
                _shown(each),
                each.birth_date,
                "yes" if each.public_key else "none",
                ", ".join(states.values()) or "none",
            )
            for each, states in rows
        ],
    )


def _states(ws: Workspace, subject: str) -> dict[str, str]:
    """The state of each of a subject's releases."""
    return {name: state.value for name, state in ws.parts.consent.states(subject).items()}


def _shown(subject: Subject) -> str:
    return subject.pseudonym or subject.legal_name


@app.command("show")
def show(
    ctx: typer.Context,
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="Their identifier.")],
    as_json: AsJson = False,
) -> None:
    """Show one person, and everything that is held of them.

    \b
    Example:
      volenti subject show sub_k3v5q2m7x4n6a2b5c7d2
    """
    with opened(ctx) as ws:
        found = ws.parts.consent.subject(subject)
        states = _states(ws, subject)
        withdrawals = ws.parts.consent.withdrawals(subject)
        held = ws.parts.plans.holdings(subject)
    if as_json:
        say_json(
            {
                **found.to_json(),
                "releases": states,
                "withdrawals": [each.to_json() for each in withdrawals],
                "holdings": [encoded(each) for each in held],
            }
        )
        return
    withdrew = [
        f"{each.grant or 'everything'} of {each.release or 'every release'}"
        f"{f' for the shoot {each.shoot}' if each.shoot else ''} at {stamp(each.at)}"
        for each in withdrawals
    ]
    say_fields(
        [
            *_facts(found),
            ("releases", "\n".join(f"{name} ({state})" for name, state in states.items()) or "none"),
            ("withdrew", "\n".join(withdrew)),
        ]
    )
    say()
    say_table(
        ("HELD IN", "WHAT", "ITEMS", "SIZE"),
        [(each.holder, each.what, each.items, size(each.bytes)) for each in held],
    )


def _facts(subject: Subject) -> list[tuple[str, object]]:
    guardian = subject.guardian
    return [
        ("subject", subject.id),
        ("name", subject.legal_name),
        ("pseudonym", subject.pseudonym),
        ("born", subject.birth_date),
        ("contact", subject.contact),
        ("identity check", subject.identity_check),
        ("notes", subject.notes),
        ("guardian", f"{guardian.name} ({guardian.relation})" if guardian else ""),
        ("public key", str(subject.public_key or "none on record")),
        *((name, value) for name, value in subject.attributes),
    ]
