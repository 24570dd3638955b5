"""volenti release list: every release and how far it has got, or what falls due."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, note, say_json, say_table
from volenti.cli.terminal.session import opened
from volenti.consent.purpose import Grant
from volenti.core.codec import encoded

if TYPE_CHECKING:
    from volenti.consent.due import Due
    from volenti.consent.onrecord import ReleaseOnRecord

Whose = Annotated[str | None, typer.Option(metavar="SUBJECT", help="Only this person's.")]
DueDays = Annotated[
    int | None,
    typer.Option(
        "--due",
        min=0,
        metavar="DAYS",
        help="Only what falls due within so many days: ends, and minors who come of age.",
    ),
]


def list_(
    ctx: typer.Context, subject: Whose = None, due_days: DueDays = None, as_json: AsJson = False
) -> None:
    """List releases and what they amount to today.

    TODAY is signed where it holds; else draft, defective (its signatures don't hold), superseded,
    withdrawn, ended, restricted, begins later, or lacks its photograph.
    HOW is signed (with the person's own key) or attested (on paper, by an officer's word). GRANTS are the
    yeses that were given and not taken back since.

    With --due, list those in force that end within so many days, and those a guardian signed for
    somebody who turns, or has turned, eighteen: the yes goes on, but now it is theirs to give.

    \b
    Examples:
      volenti release list --subject sub_ada
      volenti release list --due 60
    """
    with opened(ctx) as ws:
        if due_days is not None:
            _say_due(ws.releases.due(due_days, subject=subject), due_days, as_json=as_json)
            return
        found = ws.releases.list(subject)
    if as_json:
        say_json({"releases": [facts(each) for each in found]})
        return
    if not found:
        note("There are no releases.")
        advise("Write one: volenti release issue SUBJECT, or take some in: volenti release import FILE")
        return
    say_releases(found)


def say_releases(found: Sequence[ReleaseOnRecord]) -> None:
    """Print releases and what they amount to."""
    say_table(
        ("RELEASE", "SUBJECT", "TODAY", "HOW", "FROM", "UNTIL", "WHERE", "SHOOT", "GRANTS"),
        [
            (
                each.release.id,
                each.release.subject,
                each.today.value,
                each.method or "not yet",
                each.release.terms.valid_from,
                each.release.terms.valid_until or "no end",
                ",".join(each.release.terms.territory),
                each.release.shoot.name or "any",
                ", ".join(grant for grant in Grant if each.stands(grant)) or "none",
            )
            for each in found
        ],
    )


def facts(release: ReleaseOnRecord) -> dict[str, object]:
    """A release as JSON has it, with what it amounts to."""
    taken_back = [each.to_json() for each in release.withdrawals]
    return {
        **release.release.to_json(),
        "state": release.state.value,
        "method": release.method,
        "today": release.today.value,
        "withdrawals": taken_back,
    }


def _say_due(found: Sequence[Due], days: int, *, as_json: bool) -> None:
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
