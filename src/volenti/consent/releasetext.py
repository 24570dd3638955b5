"""The text of the model release in plain English, and a release written out in it.

`TEXT` is what the subject reads, before any name or term is filled in; its SHA-256 goes
into the signed evidence, so a release says which text was shown. Whoever uses another
text puts that one's digest and language there instead. Changing one letter here makes a
new version. This is a starting point for a lawyer of the country concerned, not advice.
"""

from __future__ import annotations

from volenti.consent.purpose import Grant
from volenti.consent.release import Release
from volenti.consent.terms import Evidence
from volenti.core.clock import stamp
from volenti.core.digest import sha256

LANGUAGE = "en"
TEXT_VERSION = "1"
#: Version of the notice that goes with the text: what is done with the pictures, and by whom.
NOTICE_VERSION = "1"

TEXT = """\
MODEL RELEASE

I am {legal_name}, born on {birth_date}.
I was photographed by {photographer} between {first_day} and {last_day}.
This is an agreement between me and {controller}.

What I allow and what I don't
Each line is a question of its own, and each has its own answer. Where nothing says yes, the answer is no.
{grants}

Under these conditions
Where: {territory}.
From {valid_from}, {valid_until}.
Passing these rights on to others: {sublicensing}.
What I get for it: {compensation}.
Governing law: {governing_law}.

If I change my mind
I can withdraw all of this, or any single yes, whenever I like. It costs me nothing and I need no reason.
How: {withdrawal_method}
What happens then: {withdrawal_effect}

What I know
I was given this text in a language I understand, together with the notice, version {notice_version},
that says what is done with my pictures and by whom. I could ask questions. Nobody made me sign, and
saying no to something in here had no disadvantage for me.
{signing}
"""

TEXT_SHA256 = sha256(TEXT.encode())


def evidence(method: str, witness: str = "") -> Evidence:
    """The evidence of a release in this text, not signed yet."""
    return Evidence(TEXT_SHA256, LANGUAGE, NOTICE_VERSION, method, witness=witness)


def render(release: Release) -> str:
    """The release as the text a person reads and signs. Holds personal data."""
    terms, shoot = release.terms, release.shoot
    until = "until I withdraw" if terms.valid_until is None else f"until {terms.valid_until} inclusive"
    return TEXT.format(
        legal_name=release.legal_name,
        birth_date=release.birth_date,
        photographer=shoot.photographer,
        first_day=shoot.first_day,
        last_day=shoot.last_day,
        controller=release.controller,
        grants="\n".join(f"[{_answer(release, grant)}] {grant.meaning}" for grant in Grant),
        territory=", ".join(terms.territory).replace("WORLD", "everywhere"),
        valid_from=terms.valid_from,
        valid_until=until,
        sublicensing="allowed" if terms.sublicensing else "not allowed",
        compensation=terms.compensation,
        governing_law=terms.governing_law,
        withdrawal_method=terms.withdrawal_method,
        withdrawal_effect=terms.withdrawal_effect,
        notice_version=release.evidence.notice_version,
        signing=_signing(release),
    )


def _answer(release: Release, grant: Grant) -> str:
    return "YES" if release.grants[grant] else "NO "


def _signing(release: Release) -> str:
    shown = release.evidence
    when = "Not signed yet." if shown.signed_at is None else f"Signed at {stamp(shown.signed_at)}."
    witness = f" Witness: {shown.witness}." if shown.witness else ""
    return f"{when} Method: {shown.method}.{witness}\nRelease {release.id}, subject {release.subject}."
