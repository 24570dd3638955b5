"""volenti release show: one release, as facts, as a text to read, or as the signed document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.release.checked import faults_of
from volenti.cli.terminal.options import AsJson, ReleaseName
from volenti.cli.terminal.output import counted, say_fields, say_json, say_text
from volenti.cli.terminal.session import opened
from volenti.consent.purpose import Grant
from volenti.core.clock import stamp

if TYPE_CHECKING:
    from volenti.consent.attestation import Attestation
    from volenti.consent.onrecord import ReleaseOnRecord

AsText = Annotated[bool, typer.Option("--text", help="Print it as the text a person reads and signs.")]
AsNotice = Annotated[
    bool, typer.Option("--notice", help="Print the notice that goes with it: what is measured, why.")
]
AsDocument = Annotated[bool, typer.Option("--document", help="Print the signed document, for import.")]


def show(
    ctx: typer.Context,
    release: ReleaseName,
    text: AsText = False,
    notice: AsNotice = False,
    document: AsDocument = False,
    as_json: AsJson = False,
) -> None:
    """Show one release.

    \b
    Examples:
      volenti release show rel_1 --text
      volenti release show rel_1 --notice
      volenti release show rel_1 --document > signed.json
    """
    with opened(ctx) as ws:
        shown = ws.releases.show(release)
    if document:
        say_json(shown.signed.to_json())
    elif text or notice:
        said = shown.text() if text else shown.notice()
        if as_json:
            say_json({"release": shown.release.id, "text" if text else "notice": said})
        else:
            say_text(said)
    elif as_json:
        say_json(
            {
                **shown.signed.to_json(),
                "state": shown.state.value,
                "method": shown.method,
                "today": shown.today.value,
                "problems": [str(each) for each in faults_of(shown)],
                "withdrawals": [each.to_json() for each in shown.withdrawals],
                "accepted_references": {each: list(flaws) for each, flaws in shown.accepted.items()},
            }
        )
    else:
        _say_release(shown)


def _say_release(shown: ReleaseOnRecord) -> None:
    release, terms = shown.release, shown.release.terms
    signed_at = release.evidence.signed_at
    say_fields(
        [
            ("release", release.id),
            ("today", shown.today.value),
            ("problems", "\n".join(map(str, faults_of(shown)))),
            ("subject", f"{release.subject} ({release.legal_name}, born {release.birth_date})"),
            ("given to", release.controller),
            ("supersedes", release.supersedes),
            (
                "shoot",
                f"{release.shoot.first_day} to {release.shoot.last_day}, by {release.shoot.photographer}",
            ),
            ("shoot's name", release.shoot.name),
            ("references", _references(shown)),
            ("where", terms.territory),
            ("valid", f"from {terms.valid_from} until {terms.valid_until or 'withdrawn'}"),
            ("sublicensing", "allowed" if terms.sublicensing else "not allowed"),
            ("signed", stamp(signed_at) if signed_at else "not yet"),
            ("signed by", tuple(each.role.value for each in shown.signed.signatures)),
            ("attested", "\n".join(map(_attested, shown.signed.attestations))),
            *((grant.value, _answer(shown, grant)) for grant in Grant),
        ]
    )


def _attested(each: Attestation) -> str:
    """Who signed on paper or on a page, and who says so."""
    if each.method is not each.method.ATTESTED:
        who = f"signed by the {each.role} on a page on {each.signed_on}"
        return f"{who}; countersigned with the key {each.officer}; record {each.scan[:12]}..."
    who = f"signed by the {each.role} on paper on {each.signed_on}"
    return (
        f"{who}; attested {each.attested_at:%Y-%m-%d} with the key {each.officer}; scan {each.scan[:12]}..."
    )


def _references(shown: ReleaseOnRecord) -> str:
    """How many reference photographs it names, and what was accepted although it is doubtful."""
    count = len(shown.release.shoot.references)
    accepted = sorted({flaw for flaws in shown.accepted.values() for flaw in flaws})
    said = [counted(count, "photograph")] if count else []
    said += ["not all of them here"] if shown.lacks_reference else []
    return "; ".join([*said, *([f"accepted although {', '.join(accepted)}"] if accepted else [])])


def _answer(shown: ReleaseOnRecord, grant: Grant) -> str:
    """What they answered about one use, and whether they took it back since."""
    if not shown.release.grants[grant]:
        return "no"
    taken_back = [
        f"taken back {each.at:%Y-%m-%d}" + (f" for the shoot {each.shoot}" if each.shoot else "")
        for each in shown.withdrawals
        if each.grant in (None, grant)
    ]
    return ", ".join(["YES", *taken_back])
