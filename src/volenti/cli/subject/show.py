"""volenti subject show: one person, and what is held of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from volenti.cli.subject.person import Person
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import say, say_fields, say_json, say_table, size
from volenti.cli.terminal.session import opened
from volenti.core.clock import stamp
from volenti.core.codec import encoded

if TYPE_CHECKING:
    from volenti.consent.subject import Subject


def show(ctx: typer.Context, subject: Person, as_json: AsJson = False) -> None:
    """Show one person, and everything that is held of them.

    \b
    Example:
      volenti subject show sub_k3v5q2m7x4n6a2b5c7d2
    """
    with opened(ctx) as ws:
        found = ws.subjects.show(subject)
    if as_json:
        say_json(
            {
                **found.subject.to_json(),
                "releases": found.releases,
                "restricted": found.restricted,
                "withdrawals": [each.to_json() for each in found.withdrawals],
                "holdings": [encoded(each) for each in found.holdings],
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
        ]
    )
    say()
    say_table(
        ("HELD IN", "WHAT", "ITEMS", "SIZE"),
        [(each.holder, each.what, each.items, size(each.bytes)) for each in found.holdings],
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
        *(
            (
                f"{each.role}'s former key",
                f"{each.public_key}, until {stamp(each.replaced_at)}: {each.reason}",
            )
            for each in subject.former_keys
        ),
        *((name, value) for name, value in subject.attributes),
    ]
