"""volenti release sign, verify: signatures under a release, made and checked.

A signature counts only with the key on record of the subject, or of a minor's guardian.
Private keys are read where they are given and never kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, counted, note, say, say_json
from volenti.cli.terminal.session import fail, opened, read_bytes
from volenti.consent.signature import Role
from volenti.core.canonical import Json

if TYPE_CHECKING:
    from volenti.consent.document import Problem
    from volenti.consent.release import SignedRelease
    from volenti.workspace.workspace import Workspace

ReleaseName = Annotated[str, typer.Argument(metavar="RELEASE", help="The release's identifier.")]


def sign(
    ctx: typer.Context,
    release: ReleaseName,
    key: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, metavar="FILE", help="The private key of who signs.")
    ],
    role: Annotated[Role, typer.Option(metavar="ROLE", help=f"Who signs: {', '.join(Role)}.")] = Role.SUBJECT,
    reference: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            metavar="PHOTO",
            help="The reference photograph the release names; it is sealed for them.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Sign a release. Signing it twice with one key changes nothing.

    \b
    Examples:
      volenti release sign rel_1 --key ada.key --reference ada.jpg
      volenti release sign rel_2 --key mother.key --role guardian
    """
    from volenti.core.signing import SigningKey

    photo = None if reference is None else read_bytes(reference)
    with opened(ctx) as ws:
        if photo is not None:
            ws.parts.consent.release(release).release.check_reference(photo)
        signed = ws.parts.consent.sign(release, SigningKey.load(key), role)
        if photo is not None and ws.parts.consent.lacks_reference(release):
            ws.parts.consent.set_reference(release, photo)
        tell(ws, signed, as_json=as_json)
        if ws.parts.consent.lacks_reference(release):
            note("The reference photograph it names isn't here yet, so they can't be found in pictures.")
            advise(f"volenti release sign {release} --key {key} --reference PHOTO")


def tell(ws: Workspace, signed: SignedRelease, *, as_json: bool) -> None:
    """Print how far a release has got."""
    state = ws.parts.consent.state(signed.release.id).value
    problems = ws.parts.consent.verify(signed.release.id) if signed.signatures else []
    if as_json:
        say_json(verification([(signed, state, problems)])["releases"][0])
        return
    say(f"{signed.release.id} is {state}.")
    for problem in problems:
        say(f"  {problem}")
    missing = signed.awaits(ws.parts.consent.subject(signed.release.subject))
    if missing is not None:
        how = f"volenti release sign {signed.release.id} --role {missing} --key FILE"
        advise(f"It waits for the {missing}'s signature: {how}")


def verify(
    ctx: typer.Context,
    releases: Annotated[
        list[str] | None,
        typer.Argument(metavar="RELEASE", help="Which; all that are signed by default."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check signatures anew: against the document, and against the keys on record.

    Ends with status 1 if any doesn't hold. Drafts are checked only when they are named.

    \b
    Examples:
      volenti release verify
      volenti release verify rel_1 --json
    """
    with opened(ctx) as ws:
        named = releases or [each.release.id for each in all_releases(ws) if each.signatures]
        checked = [
            (
                ws.parts.consent.release(name),
                ws.parts.consent.state(name).value,
                ws.parts.consent.verify(name),
            )
            for name in named
        ]
    if as_json:
        say_json(verification(checked))
    else:
        for signed, _, problems in checked:
            say_problems(signed, problems)
        faulty = sum(bool(problems) for *_, problems in checked)
        say(f"{counted(len(checked), 'release')} checked, {faulty or 'none'} with problems.")
    if any(problems for *_, problems in checked):
        advise("It covers nothing: import it as it was signed, or have it signed anew.")
        fail()


Checked = tuple["SignedRelease", str, "list[Problem]"]


def verification(checked: list[Checked]) -> Json:
    """What was checked, as the facts of --json."""
    rows = [
        {
            "release": signed.release.id,
            "subject": signed.release.subject,
            "state": state,
            "ok": not problems,
            "problems": [{"field": each.field, "message": each.message} for each in problems],
        }
        for signed, state, problems in checked
    ]
    return {"ok": all(row["ok"] for row in rows), "releases": rows}


def say_problems(signed: SignedRelease, problems: list[Problem]) -> None:
    """Print what is wrong with a release's signatures in one line; nothing where nothing is."""
    if problems:
        say(f"{signed.release.id}: " + "; ".join(map(str, problems)))


def all_releases(ws: Workspace) -> list[SignedRelease]:
    """Everybody's releases."""
    return [each for subject in ws.parts.consent.subjects() for each in ws.parts.consent.releases(subject.id)]
