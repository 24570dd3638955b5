"""Whoever is erased, others' pictures in their folder stay, but for what the folder says of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.studio import PURPOSE, Studio
from volenti.clearance.image import Image
from volenti.consent.purpose import Grant

ONLY = (Grant.GENERATIVE_TRAINING, Grant.BIOMETRIC_TEMPLATES)


@dataclass(frozen=True)
class Other:
    """A picture in ann's folder: who is in it, what becomes of it, and whether it stays."""

    people: tuple[str, ...]
    state: str
    kept: bool = True
    given_as: tuple[str, ...] = ()


#: bob grants everything but this purpose, cid's release is for another shoot.
OTHERS = {
    "recognised, and for another shoot": Other(("cid",), "held"),
    "nobody is in it, and it was given as another's": Other((), "held", given_as=("bob",)),
    "somebody unknown beside another": Other(("bob", "unknown"), "held", kept=False),
    "nobody is in it": Other((), "held", kept=False),
    "rejected": Other(("somebody unknown",), "rejected"),
    "unreadable": Other(("unreadable",), "unreadable"),
    "cleared": Other(("bob",), "cleared"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_others_pictures_stay_when_the_only_person_of_a_folder_is_erased(tmp_path: Path, name: str) -> None:
    other = OTHERS[name]
    studio = Studio.open(tmp_path)
    ws = studio.ws
    for person in ("ann", "bob"):
        studio.person(person, *ONLY)
    studio.person("cid", *ONLY, at="elsewhere")
    own, path = studio.photo("ann", caption="Ann"), studio.photo(*other.people, caption="Ann's friend")
    if other.state == "unreadable":
        path.write_text("not a picture")
    ws.add([own, own.with_suffix(".txt")])
    ws.add([path, path.with_suffix(".txt")], subjects=list(other.given_as))
    totals = ws.clear(PURPOSE).totals
    assert totals[other.state] == (2 if other.state == "cleared" else 1), totals

    request = ws.requests.open("erasure", "ann", identity="in-person")
    plan = {
        each.what: each.items
        for each in ws.requests.plan(request.id).holdings
        if each.holder == "review queue"
    }
    ws.requests.run(request.id)
    left = list(studio.parts.records.find("file"))
    kept = list(studio.parts.records.find("image"))
    if other.state == "cleared":
        assert (plan, [each.body["file"] for each in left]) == ({}, [path.name])
    elif other.kept:
        assert plan == {"names that their folders give to other pictures": 1}
        assert [each.body["file"] for each in left] == [""]
        assert [each.state for each in left] == [other.state]
        assert [(each.body["file"], each.body["caption"]) for each in kept] == [("", "")] * len(kept)
        for each in kept:
            if other.state == "held":
                assert studio.parts.access.sealed(Image.read(each.id, each.body))
        assert len(list(studio.parts.records.find("decision"))) == len(kept)
    else:
        assert plan == {"held pictures in their folders, in which not everybody is recognised": 1}
        assert left == kept == []
    audit = ws.audit(deep=True)
    assert audit.ok, audit.problems
    ws.clear(PURPOSE)
    if other.kept:
        assert ws.status().totals[other.state] == 1
