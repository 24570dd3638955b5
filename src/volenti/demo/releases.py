"""The demo's releases: a folder that `volenti release import` takes, with some releases wrong on purpose.

`releases.json` has one entry for each person, as `consent.importing` documents it, and the
reference photographs lie beside it. Each release is signed with that person's own demo key. The
dates are fixed, so that the same seed writes the same bytes.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from volenti.consent.purpose import Grant, Grants
from volenti.consent.release import Release
from volenti.consent.releasetext import evidence
from volenti.consent.signature import Role
from volenti.consent.signed_release import SignedRelease
from volenti.consent.subject import Subject
from volenti.consent.terms import Shoot, Terms
from volenti.core.canonical import Json
from volenti.core.digest import sha256
from volenti.demo.cast import Person
from volenti.demo.casting import Casting, Flaw

CONTROLLER = "Northlight Picture Works (a firm that does not exist)"
PHOTOGRAPHER = "The virtual studio"
SHOT_FIRST, SHOT_LAST = date(2025, 3, 3), date(2025, 3, 7)
SIGNED_AT = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
EXPIRED_ON = date(2025, 9, 30)
#: Where the demo's workspace uses pictures, and where one release says they may be used.
TERRITORY, ELSEWHERE = "DE", "US"
FEE = "EUR 180"

GRANTED = (
    Grant.COMMERCIAL,
    Grant.NON_GENERATIVE_TRAINING,
    Grant.GENERATIVE_TRAINING,
    Grant.BIOMETRIC_TEMPLATES,
    Grant.REDISTRIBUTION,
)


def write_releases(folder: Path, casting: Casting) -> Path:
    """Write the import file and the photographs that it names; returns the path of the file."""
    flaws = {person.number: flaw for flaw, person in casting.flawed.items()}
    strangers = {person.number for person in casting.unreleased}
    (folder / "references").mkdir(parents=True)
    entries = []
    for person in casting.people:
        if person.number in strangers:
            continue
        entries.append(entry(person, flaws.get(person.number)))
        (folder / str(entries[-1]["reference"])).write_bytes(person.reference.data)
    listing = folder / "releases.json"
    listing.write_text(json.dumps(entries, indent=1) + "\n")
    return listing


def entry(person: Person, flaw: Flaw | None = None) -> Json:
    """One entry of the import file; `flaw` is what is wrong with it."""
    signed = release(person, flaw)
    subject = Subject(
        person.legal_name,
        person.birth_date,
        contact=person.contact,
        notes=person.notes,
        pseudonym=f"cast {person.number}",
        identity_check="rendered for this demonstration; nobody to check",
        public_key=person.key.public,
        id=person.subject_id,
    )
    return {
        "subject": subject.to_json(),
        **signed.to_json(),
        "reference": f"references/{person.handle}.jpg",
    }


def release(person: Person, flaw: Flaw | None = None) -> SignedRelease:
    """The person's signed release; `flaw` is what is wrong with it."""
    granted = [
        grant for grant in GRANTED if flaw is not Flaw.PURPOSE or grant is not Grant.GENERATIVE_TRAINING
    ]
    terms = Terms(
        territory=(ELSEWHERE,) if flaw is Flaw.TERRITORY else ("WORLD",),
        valid_from=SHOT_FIRST,
        governing_law="DE",
        valid_until=EXPIRED_ON if flaw is Flaw.EXPIRED else None,
        compensation=FEE,
    )
    draft = Release(
        id=person.release_id,
        subject=person.subject_id,
        legal_name=person.legal_name,
        birth_date=person.birth_date,
        controller=CONTROLLER,
        shoot=Shoot(PHOTOGRAPHER, SHOT_FIRST, SHOT_LAST, sha256(person.reference.data)),
        grants=Grants.only(*granted),
        terms=terms,
        evidence=evidence("electronic, in the studio"),
    )
    signed = SignedRelease(draft).signed_by(person.key, Role.SUBJECT, SIGNED_AT)
    if flaw is Flaw.SIGNATURE:
        # Here somebody lowered the fee after the release was signed.
        cheaper = replace(signed.release, terms=replace(terms, compensation="none"))
        return SignedRelease(cheaper, signed.signatures)
    return signed
