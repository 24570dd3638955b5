"""A store of many people, synthesised: sealed packs, rows and a dataset as clearing leaves them.

Nothing is looked at and nobody drawn: pictures may be random bytes, so that a million of them can be made
in minutes. What an erasure meets is all there: subjects with signed releases, sealed originals and
previews, records, decisions, names of files, templates, manifest entries, openings of log entries.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path

import volenti
from volenti.clearance.decision import POLICY, Decision
from volenti.clearance.image import Image, SeenFace
from volenti.clearance.policy import Policy
from volenti.clearance.policyfile import policy_for
from volenti.consent.purpose import Grant, Grants
from volenti.consent.release import Release
from volenti.consent.releasetext import evidence
from volenti.consent.signature import Role
from volenti.consent.signed_release import SignedRelease
from volenti.consent.subject import Subject
from volenti.consent.terms import Shoot, Terms
from volenti.core.codec import encoded
from volenti.core.digest import sha256
from volenti.core.signing import SigningKey
from volenti.datasets.snapshot import Entry, Snapshot, new_entry, pages_of, root_of
from volenti.demo.releases import SIGNED_AT
from volenti.folder import init_workspace
from volenti.perception.finding import finding
from volenti.vault.event_log import Event
from volenti.vault.records import Record
from volenti.workspace.workspace import Workspace

PURPOSE, DATASET = "generative-training", "humans"
#: Bytes of a preview, and people enrolled or pictures kept together.
PREVIEW_BYTES, BATCH = 2000, 500


@dataclass(frozen=True)
class Said:
    """What is said of one of the pictures: its shoot, its day, its state, what was found, and its preview."""

    shoot: str = ""
    given: date = date(2026, 11, 22)
    state: str = "cleared"
    code: str = ""
    preview: bytes = b""


def stock(
    folder: Path,
    people: int,
    pictures_each: int,
    made: Callable[[], bytes],
    said: Callable[[int], Said] = lambda number: Said(),
) -> Path:
    """A workspace in `folder` with that many people, each picture a file `made` makes; returns it.

    said: what is said of a picture, by its number.
    """
    workspace = init_workspace(folder, seed=0)
    with volenti.open(workspace, watermarks=False) as ws:
        names = iter([f"sub_{number:06d}" for number in range(people)])
        while some := list(islice(names, BATCH)):
            with ws.parts.consent.together():
                for name in some:
                    _enrol(ws, name)
        proofs: list[bytes] = []
        cleared: list[Entry] = []
        policy = policy_for(PURPOSE, "WORLD")
        ws.parts.enforcement.keep_policy(policy)
        walk = _pictures(ws, people, pictures_each, made, said, policy, cleared)
        while records := list(islice(walk, 8 * BATCH)):
            ws.parts.vault.flush()
            ws.parts.records.put_all(records)
        # Cut as a dataset is: in the order of images' identifiers, which mixes people.
        cleared.sort(key=lambda each: each.image)
        members = (replace(each, position=place) for place, each in enumerate(cleared))
        while entries := list(islice(members, 8 * BATCH)):
            proofs += [each.commitment() for each in entries]
            ws.parts.records.put_all(
                Record(
                    "entry",
                    f"{DATASET}@1/{each.position:08d}",
                    encoded(each),
                    each.owners,
                    "",
                    f"{DATASET}@1",
                    each.position,
                )
                for each in entries
            )
        root = root_of(proofs)
        cut = Snapshot(DATASET, 1, PURPOSE, "WORLD", "2026-11-22T00:00:00Z", len(proofs), people, root)
        ws.parts.records.put("snapshot", cut.id, encoded(cut), parent=DATASET, position=1)
        ws.parts.records.put_all(
            Record("manifest", f"{cut.id}/{page.number:06d}", page.to_json(), (), "", cut.id, page.number)
            for page in pages_of(proofs)
        )
    return workspace


def _enrol(ws: Workspace, name: str) -> None:
    key = SigningKey(sha256(name.encode())[:32].encode())
    person = Subject(
        f"Nobody {name}", date(1980, 1, 1), contact=f"{name}@post.example", public_key=key.public, id=name
    )
    ws.parts.consent.add_subject(person)
    day = date(2026, 1, 5)
    draft = Release(
        id=f"rel_{name}",
        subject=name,
        legal_name=person.legal_name,
        birth_date=person.birth_date,
        controller="A bench",
        shoot=Shoot("A bench", day, day, "", ""),
        grants=Grants.only(*Grant),
        terms=Terms(territory=("WORLD",), governing_law="DE", valid_from=day, valid_until=None),
        evidence=evidence("test"),
    )
    ws.parts.consent.import_signed(SignedRelease(draft).signed_by(key, Role.SUBJECT, SIGNED_AT))


def _pictures(
    ws: Workspace,
    people: int,
    each: int,
    made: Callable[[], bytes],
    said: Callable[[int], Said],
    policy: Policy,
    cleared: list[Entry],
) -> Iterator[Record]:
    """Rows of every picture, in the order in which they would have come: person by person."""
    for number in range(people):
        name = f"sub_{number:06d}"
        owners = (name,)
        template = {"photos": [], "vectors": [os.urandom(512).hex()]}
        yield Record("template", ws.parts.records.alias(name), template, owners)
        for place in range(each):
            data, about = made(), said(number * each + place)
            digest = sha256(data)
            identifier = ws.parts.vault.image_identifier(digest)
            face = SeenFace((30.0, 30.0, 40.0, 40.0), "covered", name, 0.8, nearest=name)
            image = Image(
                identifier,
                f"{name}-{place}.jpg",
                digest,
                "a woman in a red top",
                about.shoot,
                width=225,
                height=225,
                faces=(face,),
                original=ws.parts.vault.put(owners, "original", data, of=identifier),
                preview=ws.parts.vault.put(
                    owners, "preview", about.preview or os.urandom(PREVIEW_BYTES), of=identifier
                ),
            )
            found = (finding(about.code),) if about.code else ()
            at = f"{about.given}T00:00:00Z"
            decision = Decision(identifier, PURPOSE, about.state, found, policy.digest, POLICY, at)
            if about.state == "cleared":
                cleared.append(new_entry(0, identifier, digest, image.caption, owners))
            yield image.record(owners, about.state)
            yield Record(
                "decision",
                decision.id,
                encoded(decision),
                owners,
                about.state,
                identifier,
                decision.policy_number,
            )
            file = f"{identifier}/{sha256(digest.encode())[:24]}"
            body = {
                "file": image.file,
                "given": f"{about.given}",
                "findings": [encoded(each) for each in found],
            }
            yield Record("file", file, body, owners, about.state, identifier)
        ws.parts.events.record_all([Event("decision", {"image": f"of {name}"}, owners)] * each)
