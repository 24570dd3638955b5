"""Somebody who was never enrolled asks what is held of them, and has it erased."""

import json
from pathlib import Path

import pytest

from tests.studio import Studio
from volenti.core.errors import NotFoundError, UsageError
from volenti.erasure.certificate import verify


def held(folder: Path) -> Studio:
    """Two people enrolled and trained on; pictures that a stranger is in are held."""
    studio = Studio.open(folder)
    studio.shoot("ann", "bob")
    for names in (("ann", "zoe"), ("zoe", "ann"), ("bob", "zoe"), ("ann", "yan")):
        studio.photo(*names)
    studio.trained()
    return studio


def asks(studio: Studio, *names: str) -> bytes:
    """A photograph somebody brings along; nobody took it in."""
    path = studio.photo(*names)
    data = path.read_bytes()
    for each in (path, path.with_suffix(".txt")):
        each.unlink()
    return data


def test_a_strangers_face_is_found_in_what_is_held_and_erased(tmp_path: Path) -> None:
    studio = held(tmp_path)
    found = studio.parts.faces.search(asks(studio, "zoe"))
    assert [(each.kind, each.is_match) for each in found] == [("face", True)] * 3
    request = studio.ws.requests.open(face=[each.name for each in found], identity="in-person")
    outcome = studio.ws.requests.run(request.id)
    assert outcome.request.erasure.erased["review queue"].items == 3
    assert verify(json.dumps(outcome.certificate).encode(), studio.ws.public_key)
    assert studio.parts.faces.search(asks(studio, "zoe")) == []
    assert studio.ws.audit().problems == []
    # Nobody else's is touched.
    assert len(studio.parts.faces.search(asks(studio, "yan"))) == 1
    assert studio.parts.consent.subject("ann")


def test_somebody_enrolled_is_found_under_their_name(tmp_path: Path) -> None:
    studio = held(tmp_path)
    found = studio.parts.faces.search(asks(studio, "ann"))
    assert found[0].kind == "subject"
    assert (found[0].name, found[0].is_match) == ("ann", True)


def test_looking_leaves_nothing_behind(tmp_path: Path) -> None:
    studio = held(tmp_path)

    def rows() -> dict[tuple[str, str], bytes]:
        kinds = ("image", "template", "request", "event", "file", "decision", "subject")
        return {(row.kind, row.id): row.body for kind in kinds for row in studio.parts.records.rows(kind)}

    before = rows()
    studio.parts.faces.search(asks(studio, "zoe"))
    assert rows() == before


def test_a_picture_judged_again_meanwhile_still_goes(tmp_path: Path) -> None:
    studio = held(tmp_path)
    found = studio.parts.faces.search(asks(studio, "zoe"))
    request = studio.ws.requests.open(face=[each.name for each in found], identity="in-person")
    studio.person("cid")
    studio.clear()
    assert studio.ws.requests.run(request.id).request.erasure.erased["review queue"].items == 3


def test_a_photograph_must_show_one_face(tmp_path: Path) -> None:
    studio = held(tmp_path)
    with pytest.raises(UsageError, match="several faces"):
        studio.parts.faces.search(asks(studio, "zoe", "yan"))
    with pytest.raises(UsageError, match="no face"):
        studio.parts.faces.search(asks(studio, "_"))
    with pytest.raises(UsageError, match="can't be read"):
        studio.parts.faces.search(b"no picture")


def test_only_a_face_in_quarantine_can_be_asked_for(tmp_path: Path) -> None:
    studio = held(tmp_path)
    name = studio.parts.faces.search(asks(studio, "zoe"))[0].name
    for wrong in ("img_none.0", f"{name.partition('.')[0]}.7", name.partition(".")[0], "x.y"):
        with pytest.raises(NotFoundError):
            studio.parts.requests.open_for_faces([wrong])
    with pytest.raises(UsageError):
        studio.parts.requests.open_for_faces([])


def test_a_sheet_shows_who_asks_beside_who_was_found(tmp_path: Path) -> None:
    studio = held(tmp_path)
    photo = asks(studio, "zoe")
    found = studio.parts.faces.search(photo)
    assert studio.parts.faces.sheet(photo, found, ".png").startswith(b"\x89PNG")


def test_who_asks_is_looked_for_compared_and_erased_through_the_front_door(tmp_path: Path) -> None:
    studio = held(tmp_path)
    selfie = tmp_path / "selfie.png"
    selfie.write_bytes(asks(studio, "zoe"))
    requests = studio.ws.requests
    found = requests.look_for(selfie)
    assert found == requests.look_for(selfie.read_bytes())
    assert requests.compare(selfie, found, ".png").startswith(b"\x89PNG")
    faces = [each.name for each in found]
    for wrong in ({}, {"subject": "ann", "face": faces}, {"kind": "access", "face": faces}):
        with pytest.raises(UsageError):
            requests.open(**wrong)
    assert requests.list() == []
    outcome = requests.run(requests.open(face=faces, identity="in-person").id)
    assert outcome.request.erasure.erased["review queue"].items == 3


@pytest.mark.parametrize("how_many", [1, 2, 3])
def test_the_plan_of_an_erasure_by_faces_says_what_running_it_erases(tmp_path: Path, how_many: int) -> None:
    studio = held(tmp_path)
    faces = [each.name for each in studio.parts.faces.search(asks(studio, "zoe"))][:how_many]
    request = studio.ws.requests.open(face=faces, identity="in-person")
    planned = studio.ws.requests.plan(request.id)
    facts = planned.to_json()
    assert studio.ws.requests.plan(request.id) == planned
    erased = studio.ws.requests.run(request.id).request.erasure.erased
    assert planned.holdings[0].items == how_many
    for told in planned.holdings:
        assert (told.items, told.bytes) == (erased[told.holder].items, erased[told.holder].bytes)
    assert facts["items"] == sum(each.items for each in erased.values())
    assert facts["bytes"] == sum(each.bytes for each in erased.values())


def test_the_plan_leaves_out_faces_that_are_not_held_any_more(tmp_path: Path) -> None:
    studio = held(tmp_path)
    faces = [each.name for each in studio.parts.faces.search(asks(studio, "zoe"))]
    request = studio.ws.requests.open(face=faces, identity="in-person")
    image, _ = studio.parts.quarantine.face(faces[0])
    studio.parts.quarantine.erase(image)
    assert studio.ws.requests.plan(request.id).holdings[0].items == len(faces) - 1
    for each in studio.parts.quarantine.with_faces(faces):
        studio.parts.quarantine.erase(each)
    assert studio.ws.requests.plan(request.id).holdings == ()
