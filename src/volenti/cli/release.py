"""volenti release: what each person agreed to, signed.

A release covers nothing until it is signed with the key on record of the subject, or of a
minor's guardian. Private keys are read where they are given and never kept.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.help import Chapter
from volenti.cli.options import AsJson, DryRun, day_option
from volenti.cli.output import advise, note, say, say_fields, say_json, say_table
from volenti.cli.session import opened, read_bytes, read_json
from volenti.cli.signature import ReleaseName, all_releases, say_problems, sign, tell, verification, verify
from volenti.cli.subject import import_ as import_people
from volenti.consent.purpose import Grant
from volenti.core.clock import stamp
from volenti.core.errors import UsageError

if TYPE_CHECKING:
    from volenti.consent.document import Problem
    from volenti.consent.release import SignedRelease

app = Chapter("What each person agreed to, signed.")


@app.command("issue")
def issue(
    ctx: typer.Context,
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="Who is to sign.")],
    controller: Annotated[str, typer.Option(metavar="TEXT", help="To whom it is given: name and address.")],
    photographer: Annotated[str, typer.Option(metavar="TEXT", help="Who took the pictures.")],
    first_day: Annotated[date, day_option("--shot-on", "Day of the shoot, or its first.")],
    law: Annotated[str, typer.Option(metavar="TEXT", help="Governing law, such as DE.")],
    last_day: Annotated[date | None, day_option("--shot-until", "Last day of the shoot.")] = None,
    grant: Annotated[
        list[Grant] | None, typer.Option(metavar="GRANT", help=f"A yes; repeat it: {', '.join(Grant)}.")
    ] = None,
    territory: Annotated[
        list[str] | None, typer.Option(metavar="PLACE", help="A country such as DE; repeat it. Else WORLD.")
    ] = None,
    valid_from: Annotated[date | None, day_option("--valid-from", "First valid day; else today.")] = None,
    valid_until: Annotated[
        date | None, day_option("--valid-until", "Last valid day; until withdrawn by default.")
    ] = None,
    compensation: Annotated[str, typer.Option(metavar="TEXT", help="What they get for it.")] = "none",
    sublicensing: Annotated[bool, typer.Option("--sublicensing", help="It may be passed on.")] = False,
    reference: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, metavar="PHOTO",
                     help="A photograph of them, to find them in pictures; give it again to sign."),
    ] = None,
    method: Annotated[str, typer.Option(metavar="TEXT", help="How it is signed.")] = "electronic",
    witness: Annotated[str, typer.Option(metavar="TEXT", help="Who sees it signed.")] = "",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Write a release for somebody to read and sign.

    Every grant that isn't named is answered no. Prints the release's identifier.

    \b
    Example:
      volenti release issue sub_ada --controller "Example Studio, Berlin" --photographer "Pat P."
              --shot-on 2026-11-01 --law DE --grant generative-training --grant biometric-templates
              --reference ada.jpg
    """
    from volenti.consent.purpose import Grants
    from volenti.consent.releasetext import evidence
    from volenti.consent.terms import Shoot, Terms
    from volenti.core.clock import system_clock
    from volenti.core.digest import sha256

    photo = "" if reference is None else sha256(read_bytes(reference))
    with opened(ctx) as ws:
        release = ws.consent.issue(
            subject,
            controller=controller,
            shoot=Shoot(photographer, first_day, last_day or first_day, photo),
            grants=Grants.only(*(grant or [])),
            terms=Terms(
                tuple(territory or ["WORLD"]),
                valid_from or system_clock().date(),
                law,
                valid_until,
                sublicensing,
                compensation,
            ),
            evidence=evidence(method, witness),
        )
    if as_json:
        say_json(release.to_json())
        return
    say(release.id)
    if not grant:
        note("It grants nothing: every question was answered no.")
    advise(f"Let them read it: volenti release show {release.id} --text")
    photo_option = f" --reference {reference}" if reference else ""
    advise(f"Then let them sign: volenti release sign {release.id} --key FILE{photo_option}")


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A .csv or .json file.", show_default=False)
    ] = None,
    reference: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, metavar="PHOTO",
                     help="For a single document: the reference photograph it names."),
    ] = None,
    template: Annotated[
        bool, typer.Option("--template", help="Print an empty CSV file with all columns, and stop.")
    ] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:  # fmt: skip
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
        import_people(ctx, file, template, dry_run, as_json)
        return
    from volenti.consent.release import SignedRelease

    signed = SignedRelease.from_json(document)
    photo = None if reference is None else read_bytes(reference)
    with opened(ctx) as ws:
        if dry_run:
            problems = signed.problems(ws.consent.subject(signed.release.subject))
            say_json(verification([(signed, "", problems)])) if as_json else say_problems(signed, problems)
            return
        ws.consent.import_signed(signed, photo)
        tell(ws, ws.consent.release(signed.release.id), as_json=as_json)


app.command("sign")(sign)
app.command("verify")(verify)


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
    as_json: AsJson = False,
) -> None:
    """Take back a yes. It counts from this moment; nothing reads or serves the pictures any more.

    What was signed stays on record beside the withdrawal. To have everything of theirs erased as
    well, open a request: volenti request open.

    \b
    Examples:
      volenti release withdraw rel_1
      volenti release withdraw --subject sub_ada --grant commercial
    """
    if (release is None) == (subject is None):
        raise UsageError(
            "Say what is withdrawn: one release, or all of a person's.", "Name a RELEASE, or --subject."
        )
    with opened(ctx) as ws:
        who = subject if subject is not None else ws.consent.release(str(release)).release.subject
        withdrawal = ws.consent.withdraw(who, release_id=release, grant=grant)
    if as_json:
        say_json(withdrawal.to_json())
        return
    what = f"the grant {grant}" if grant else "everything"
    of = release or f"every release of {who}"
    say(f"Withdrawn: {what} of {of}, at {withdrawal.at:%Y-%m-%d %H:%M:%S} UTC.")
    advise(f"To erase what is held of them as well: volenti request open --subject {who}")


@app.command("list")
def list_(
    ctx: typer.Context,
    subject: Annotated[str | None, typer.Option(metavar="SUBJECT", help="Only this person's.")] = None,
    as_json: AsJson = False,
) -> None:
    """List releases and how far they have got: draft, signed, defective or withdrawn.

    \b
    Example:
      volenti release list --subject sub_ada
    """
    with opened(ctx) as ws:
        found = all_releases(ws) if subject is None else ws.consent.releases(ws.consent.subject(subject).id)
        rows = [(each.release, ws.consent.state(each.release.id).value) for each in found]
    if as_json:
        say_json({"releases": [{**release.to_json(), "state": state} for release, state in rows]})
        return
    if not rows:
        note("There are no releases.")
        advise("Write one: volenti release issue SUBJECT, or take some in: volenti release import FILE")
        return
    say_table(
        ("RELEASE", "SUBJECT", "STATE", "UNTIL", "WHERE", "GRANTS"),
        [
            (release.id, release.subject, state, release.terms.valid_until or "no end",
             ",".join(release.terms.territory), ", ".join(g for g in Grant if release.grants[g]) or "none")
            for release, state in rows
        ],
    )  # fmt: skip


@app.command("show")
def show(
    ctx: typer.Context,
    release: ReleaseName,
    text: Annotated[
        bool, typer.Option("--text", help="Print it as the text a person reads and signs.")
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
      volenti release show rel_1 --document > signed.json
    """
    from volenti.consent.releasetext import render

    with opened(ctx) as ws:
        signed = ws.consent.release(release)
        state = ws.consent.state(release).value
        problems = ws.consent.verify(release) if signed.signatures else []
    if document:
        say_json(signed.to_json())
    elif text:
        say(render(signed.release).rstrip())
    elif as_json:
        say_json({**signed.to_json(), "state": state, "problems": [str(each) for each in problems]})
    else:
        _say_release(signed, state, problems)


def _say_release(signed: SignedRelease, state: str, problems: list[Problem]) -> None:
    release, terms = signed.release, signed.release.terms
    signed_at = release.evidence.signed_at
    say_fields([
        ("release", release.id),
        ("state", state),
        ("problems", "\n".join(map(str, problems))),
        ("subject", f"{release.subject} ({release.legal_name}, born {release.birth_date})"),
        ("given to", release.controller),
        ("shoot", f"{release.shoot.first_day} to {release.shoot.last_day}, by {release.shoot.photographer}"),
        ("where", terms.territory),
        ("valid", f"from {terms.valid_from} until {terms.valid_until or 'withdrawn'}"),
        ("signed", stamp(signed_at) if signed_at else "not yet"),
        ("signed by", tuple(each.role.value for each in signed.signatures)),
        *((grant.value, "YES" if release.grants[grant] else "no") for grant in Grant),
    ])  # fmt: skip
