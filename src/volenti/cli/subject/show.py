"""volenti subject show: one person, and what is held of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.subject.person import Person
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import note, say, say_fields, say_json, say_table, size
from volenti.cli.terminal.session import opened, write_new
from volenti.core.clock import stamp
from volenti.core.codec import encoded

if TYPE_CHECKING:
    from volenti.clearance.seenreference import SeenReference
    from volenti.consent.subject import Subject

ReferenceTo = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Write the faces they are enrolled by as a picture: .jpg or .png."),
]


def show(
    ctx: typer.Context, subject: Person, reference_to: ReferenceTo = None, as_json: AsJson = False
) -> None:
    """Show one person, and everything that is held of them.

    It says by which reference photographs they are enrolled, and which aren't sound. The picture that
    --reference-to writes leaves the workspace and isn't erased with them.

    \b
    Examples:
      volenti subject show sub_k3v5q2m7x4n6a2b5c7d2
      volenti subject show sub_k3v5q2m7x4n6a2b5c7d2 --reference-to ada.jpg
    """
    with opened(ctx) as ws:
        found = ws.subjects.show(subject)
        if reference_to is not None:
            write_new(reference_to, ws.subjects.show_references(subject, reference_to.suffix))
            note(f"{reference_to} shows a person. Delete it once you have looked at it.")
    if as_json:
        say_json(
            {
                **found.subject.to_json(),
                "releases": found.releases,
                "restricted": found.restricted,
                "look_alikes": found.look_alikes,
                "withdrawals": [each.to_json() for each in found.withdrawals],
                "holdings": [encoded(each) for each in found.holdings],
                "references": [{**encoded(each), "face_px": each.face_px} for each in found.references],
            }
        )
        return
    withdrew = [
        f"{each.grant or 'everything'} of {each.release or 'every release'}"
        f"{f' for the shoot {each.shoot}' if each.shoot else ''} at {stamp(each.at)}"
        for each in found.withdrawals
    ]
    say_fields(
        [
            *_facts(found.subject),
            ("releases", "\n".join(f"{name} ({state})" for name, state in found.releases.items()) or "none"),
            ("withdrew", "\n".join(withdrew)),
            ("use", "restricted: nothing of theirs is used until that is lifted" if found.restricted else ""),
            ("looks like", "\n".join(found.look_alikes)),
            ("references", "\n".join(map(_said_of, range(1, 1 + len(found.references)), found.references))),
        ]
    )
    say()
    say_table(
        ("HELD IN", "WHAT", "ITEMS", "SIZE"),
        [(each.holder, each.what, each.items, size(each.bytes)) for each in found.holdings],
    )


def _said_of(number: int, reference: SeenReference) -> str:
    """One reference photograph, by its number on the sheet, and what came of it."""
    words = {
        "enrolled": f"enrolled by a face of {reference.face_px} pixels",
        "refused": f"not enrolled: {', '.join(reference.flaws)}",
        "waiting": "not looked at yet: volenti clear does, where the release grants biometric-templates",
    }
    accepted = f" (accepted: {', '.join(reference.accepted)})" if reference.accepted else ""
    return f"{number}, of {reference.release}: {words[reference.state]}{accepted}"


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
        *(
            (
                f"{each.role}'s former key",
                f"{each.public_key}, until {stamp(each.replaced_at)}: {each.reason}",
            )
            for each in subject.former_keys
        ),
        *((name, value) for name, value in subject.attributes),
    ]
