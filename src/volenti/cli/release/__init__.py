"""volenti release: what each person agreed to, signed.

A release covers nothing until it is signed with the key on record of the subject, or of a
minor's guardian. Private keys are read where they are given and never kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.release.issue import amend, issue
from volenti.cli.release.receipt import receipt, template, texts
from volenti.cli.release.signature import (
    ReleaseName,
    all_releases,
    say_problems,
    sign,
    tell,
    verification,
    verify,
)
from volenti.cli.terminal.help import Chapter
from volenti.cli.terminal.options import AsJson, DryRun
from volenti.cli.terminal.output import advise, note, say, say_fields, say_json, say_table
from volenti.cli.terminal.session import opened, read_bytes, read_json
from volenti.cli.terminal.suspended import say_suspended
from volenti.consent.purpose import Grant
from volenti.core.clock import stamp
from volenti.core.codec import encoded
from volenti.core.errors import UsageError

if TYPE_CHECKING:
    from volenti.consent.document import Problem
    from volenti.consent.release import Release, SignedRelease
    from volenti.consent.withdrawal import Withdrawal
    from volenti.workspace.workspace import Workspace

app = Chapter("What each person agreed to, signed.")


app.command("issue")(issue)
app.command("amend")(amend)


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A .csv or .json file.", show_default=False)
    ] = None,
    reference: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            metavar="PHOTO",
            help="For a single document: the reference photograph it names.",
        ),
    ] = None,
    blank: Annotated[
        bool, typer.Option("--template", help="Print an empty CSV file with all columns, and stop.")
    ] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take in releases that were signed elsewhere.

    FILE holds many (as for `volenti subject import`), or one JSON document as
    `volenti release show --document` prints it, of somebody who is on record. A release whose
    signatures don't hold is kept, reported, and covers nothing.

    \b
    Examples:
      volenti release import signed.json --reference ada.jpg
      volenti release import people.csv --dry-run
    """
    single = file is not None and file.suffix.lower() == ".json" and file.is_file()
    document = read_json(file) if single and file is not None else None
    if not isinstance(document, dict):
        if reference is not None:
            raise UsageError(
                "--reference goes with a single document.", "Name the photographs in the file's own column."
            )
        from volenti.cli.subject import import_ as import_people

        import_people(ctx, file, blank, dry_run, as_json)
        return
    from volenti.consent.release import SignedRelease

    signed = SignedRelease.from_json(document)
    photo = None if reference is None else read_bytes(reference)
    with opened(ctx) as ws:
        if dry_run:
            problems = signed.problems(ws.parts.consent.subject(signed.release.subject))
            say_json(verification([(signed, "", problems)])) if as_json else say_problems(signed, problems)
            return
        ws.parts.consent.import_signed(signed, photo)
        tell(ws, ws.parts.consent.release(signed.release.id), as_json=as_json)


app.command("template")(template)
app.command("sign")(sign)
app.command("verify")(verify)
app.command("receipt")(receipt)
app.command("texts")(texts)


@app.command("withdraw")
def withdraw(
    ctx: typer.Context,
    release: Annotated[
        str | None, typer.Argument(metavar="RELEASE", help="Which release.", show_default=False)
    ] = None,
    subject: Annotated[
        str | None, typer.Option(metavar="SUBJECT", help="All releases of this person.")
    ] = None,
    grant: Annotated[
        Grant | None, typer.Option(metavar="GRANT", help=f"Only this yes. One of: {', '.join(Grant)}.")
    ] = None,
    shoot: Annotated[str | None, typer.Option(metavar="ID", help="Only the pictures of this shoot.")] = None,
    as_json: AsJson = False,
) -> None:
    """Take back a yes. It counts from this moment, for reading, learning and serving.

    Nothing reads the pictures for it any more, and no part of a model that learned from them under it is
    served, until that has learned again without them: volenti train, or a request for withdrawal.
    What was signed stays on record beside the withdrawal. --grant and --shoot narrow it: one yes, one
    shoot's pictures. Once a shoot is withdrawn, pictures whose shoot isn't known are held. To have
    everything of theirs erased as well, open a request: volenti request open.

    \b
    Examples:
      volenti release withdraw rel_1
      volenti release withdraw --subject sub_ada --grant commercial
      volenti release withdraw --subject sub_ada --shoot spring
    """
    if (release is None) == (subject is None):
        raise UsageError(
            "Say what is withdrawn: one release, or all of a person's.", "Name a RELEASE, or --subject."
        )
    with opened(ctx) as ws:
        who = subject if subject is not None else ws.parts.consent.release(str(release)).release.subject
        withdrawal = ws.parts.consent.withdraw(who, release_id=release, grant=grant, shoot=shoot)
        named = {each.release.shoot.name for each in ws.parts.consent.releases(who)}
        suspended = ws.suspensions()
    if as_json:
        say_json(withdrawal.to_json())
        return
    what = f"the grant {grant}" if grant else "everything"
    what += f" for the shoot {shoot}" if shoot else ""
    of = release or f"every release of {who}"
    say(f"Withdrawn: {what} of {of}, at {withdrawal.at:%Y-%m-%d %H:%M:%S} UTC.")
    if shoot is not None and shoot not in named:
        note(f"No release of theirs names it: what came with --shoot {shoot} is out. Check the spelling.")
    say_suspended(suspended)
    advise(f"To erase what is held of them as well: volenti request open --subject {who}")


@app.command("list")
def list_(
    ctx: typer.Context,
    subject: Annotated[str | None, typer.Option(metavar="SUBJECT", help="Only this person's.")] = None,
    due_days: Annotated[
        int | None,
        typer.Option(
            "--due",
            min=0,
            metavar="DAYS",
            help="Only what falls due within so many days: ends, and minors who come of age.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List releases and how far they have got: draft, signed, defective, superseded or withdrawn.

    GRANTS are the yeses that were given and not taken back since.

    With --due, list those in force that end within so many days, and those a guardian signed for
    somebody who turns, or has turned, eighteen: the yes goes on, but now it is theirs to give.

    \b
    Examples:
      volenti release list --subject sub_ada
      volenti release list --due 60
    """
    with opened(ctx) as ws:
        if due_days is not None:
            _say_due(ws, subject, due_days, as_json=as_json)
            return
        found = (
            all_releases(ws)
            if subject is None
            else ws.parts.consent.releases(ws.parts.consent.subject(subject).id)
        )
        rows = [
            (
                each.release,
                ws.parts.consent.state(each.release.id).value,
                ws.parts.consent.taken_back(each.release.id),
            )
            for each in found
        ]
    if as_json:
        say_json(
            {
                "releases": [
                    {
                        **release.to_json(),
                        "state": state,
                        "withdrawals": [each.to_json() for each in taken_back],
                    }
                    for release, state, taken_back in rows
                ]
            }
        )
        return
    if not rows:
        note("There are no releases.")
        advise("Write one: volenti release issue SUBJECT, or take some in: volenti release import FILE")
        return
    say_table(
        ("RELEASE", "SUBJECT", "STATE", "UNTIL", "WHERE", "SHOOT", "GRANTS"),
        [
            (
                release.id,
                release.subject,
                state,
                release.terms.valid_until or "no end",
                ",".join(release.terms.territory),
                release.shoot.name or "any",
                ", ".join(g for g in Grant if _stands(release, g, taken_back)) or "none",
            )
            for release, state, taken_back in rows
        ],
    )


def _stands(release: Release, grant: Grant, taken_back: list[Withdrawal]) -> bool:
    """Whether a yes was given, and taken back at most for some shoot's pictures."""
    wide = [each for each in taken_back if each.grant in (None, grant) and each.shoot is None]
    return release.grants[grant] and not wide


def _say_due(ws: Workspace, subject: str | None, days: int, *, as_json: bool) -> None:
    from volenti.consent.due import due
    from volenti.consent.register import State
    from volenti.core.clock import system_clock

    people = list(ws.parts.consent.subjects()) if subject is None else [ws.parts.consent.subject(subject)]
    in_force = [
        (
            person,
            [
                each
                for each in ws.parts.consent.releases(person.id)
                if ws.parts.consent.state(each.release.id) is State.SIGNED
            ],
        )
        for person in people
    ]
    found = due(in_force, system_clock().date(), days)
    if as_json:
        say_json({"due": [encoded(each) for each in found]})
    elif not found:
        note(f"Nothing falls due within {days} days.")
    else:
        say_table(
            ("DAY", "WHAT", "SUBJECT", "RELEASE"),
            [(each.day, each.event.value, each.subject, each.release) for each in found],
        )
        advise("Ask them, and have a new release signed: volenti release amend RELEASE")


@app.command("show")
def show(
    ctx: typer.Context,
    release: ReleaseName,
    text: Annotated[
        bool, typer.Option("--text", help="Print it as the text a person reads and signs.")
    ] = False,
    notice: Annotated[
        bool, typer.Option("--notice", help="Print the notice that goes with it: what is measured, why.")
    ] = False,
    document: Annotated[
        bool, typer.Option("--document", help="Print the signed document, for import.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show one release.

    \b
    Examples:
      volenti release show rel_1 --text
      volenti release show rel_1 --notice
      volenti release show rel_1 --document > signed.json
    """
    from volenti.consent.releasetext import render, render_notice

    with opened(ctx) as ws:
        signed = ws.parts.consent.release(release)
        state = ws.parts.consent.state(release).value
        problems = ws.parts.consent.verify(release) if signed.signatures else []
        taken_back = ws.parts.consent.taken_back(release)
    if document:
        say_json(signed.to_json())
    elif text:
        say(render(signed.release).rstrip())
    elif notice:
        say(render_notice(signed.release).rstrip())
    elif as_json:
        say_json(
            {
                **signed.to_json(),
                "state": state,
                "problems": [str(each) for each in problems],
                "withdrawals": [each.to_json() for each in taken_back],
            }
        )
    else:
        _say_release(signed, state, problems, taken_back)


def _say_release(
    signed: SignedRelease, state: str, problems: list[Problem], taken_back: list[Withdrawal]
) -> None:
    release, terms = signed.release, signed.release.terms
    signed_at = release.evidence.signed_at
    say_fields(
        [
            ("release", release.id),
            ("state", state),
            ("problems", "\n".join(map(str, problems))),
            ("subject", f"{release.subject} ({release.legal_name}, born {release.birth_date})"),
            ("given to", release.controller),
            ("supersedes", release.supersedes),
            (
                "shoot",
                f"{release.shoot.first_day} to {release.shoot.last_day}, by {release.shoot.photographer}",
            ),
            ("shoot's name", release.shoot.name),
            ("where", terms.territory),
            ("valid", f"from {terms.valid_from} until {terms.valid_until or 'withdrawn'}"),
            ("signed", stamp(signed_at) if signed_at else "not yet"),
            ("signed by", tuple(each.role.value for each in signed.signatures)),
            *((grant.value, _answer(release, grant, taken_back)) for grant in Grant),
        ]
    )


def _answer(release: Release, grant: Grant, taken_back: list[Withdrawal]) -> str:
    """What they said to one use, and whether they have said otherwise since."""
    if not release.grants[grant]:
        return "no"
    reaching = [each for each in taken_back if each.grant in (None, grant)]
    return ", ".join(
        [
            "YES",
            *(
                f"taken back {each.at:%Y-%m-%d}" + (f" for the shoot {each.shoot}" if each.shoot else "")
                for each in reaching
            ),
        ]
    )
