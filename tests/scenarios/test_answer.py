"""Somebody asks what is held of them, and is given it: all of it, and of nobody else anything."""

import errno
import json
from pathlib import Path

import pytest

from tests.studio import Studio
from volenti.core.digest import sha256
from volenti.core.errors import ConflictError, NotFoundError, UsageError
from volenti.perception.files.kept import pixels_of
from volenti.requests.course import KINDS


def studio_of(folder: Path) -> Studio:
    """Three people, a group picture, a held one, a model."""
    studio = Studio.open(folder)
    studio.shoot("ann", "bob", "cid")
    studio.photo("ann", "_", "bob", caption="a man and a woman")
    studio.photo("ann", "zoe")
    studio.trained()
    return studio


def test_every_row_that_is_theirs_is_in_the_answer(tmp_path: Path) -> None:
    studio = studio_of(tmp_path)
    answer = studio.parts.answers.make("ann")
    given = {(kind, row["id"]) for kind, rows in answer.record["held"].items() for row in rows}
    assert given == {(row.kind, row.id) for row in studio.parts.records.owned("ann")}
    # One's own rows are given word for word.
    for row in studio.parts.records.owned("ann"):
        if row.owners == ("ann",) and row.kind in ("subject", "release", "template", "event"):
            record = studio.parts.records.opened(row)
            assert {"contents": record.body}.items() <= _given(answer.record, row.kind, row.id).items()
    assert answer.record["held_pictures_that_may_show_you"] == 1


def test_the_answer_names_nobody_else(tmp_path: Path) -> None:
    studio = studio_of(tmp_path)
    text = json.dumps(studio.parts.answers.make("ann").record)
    assert "Legal ann" in text
    for other in ("bob", "cid", "zoe"):
        assert f'"{other}"' not in text
        assert f"Legal {other}" not in text


def test_others_in_a_picture_are_made_unrecognisable(tmp_path: Path) -> None:
    studio = studio_of(tmp_path)
    answer = studio.parts.answers.make("ann")
    group = next(each for each in answer.record["pictures"] if each.get("others_made_unrecognisable"))
    row = next(row for row in studio.parts.records.rows("image", owner="ann") if len(row.owners) == 2)
    image = studio.parts.access.known(row.id)
    assert image is not None
    before, after = pixels_of(studio.parts.access.sealed(image)), pixels_of(answer.pictures[group["file"]])
    for face in image.faces:
        left, top, width, height = (round(each) for each in face.box)
        inside = (slice(top, top + height), slice(left, left + width))
        unchanged = (before[inside] == after[inside]).all()
        assert unchanged if face.subject == "ann" else len(set(map(tuple, after[inside].reshape(-1, 3)))) == 1
    own = [each for each in answer.record["pictures"] if "others_made_unrecognisable" not in each]
    assert len(own) == 3
    assert set(answer.pictures) == {each["file"] for each in answer.record["pictures"]}


def test_the_answer_is_a_page_with_its_record_inside(tmp_path: Path) -> None:
    studio = studio_of(tmp_path)
    answer = studio.parts.answers.make("ann")
    made = studio.parts.answers.pdf(answer)
    assert made.startswith(b"%PDF")
    assert b"answer.json" in made
    assert studio.parts.answers.pdf(answer) == made


def test_whoever_was_erased_has_no_answer_and_no_request_names_them(tmp_path: Path) -> None:
    studio = studio_of(tmp_path)
    answered, waiting = (studio.ws.requests.open(kind, "ann") for kind in ("access", "portability"))
    studio.parts.requests.answer(answered, {})
    studio.ws.requests.open("withdrawal", "ann")
    erasure = studio.ws.requests.open("erasure", "ann", identity="in-person")
    studio.ws.requests.run(erasure.id, overtake=True)
    with pytest.raises(NotFoundError):
        studio.parts.answers.make("ann")
    states = [each.state for each in studio.parts.requests.all()]
    assert states == ["done", "overtaken", "overtaken", "done"]
    assert all(each.subject.startswith("erased:") for each in studio.parts.requests.all())
    assert studio.parts.requests.find(waiting.id).steps == (f"overtaken by {erasure.id}",)


def test_each_kind_has_a_course_of_its_own(tmp_path: Path) -> None:
    studio = studio_of(tmp_path)
    requests = {kind: studio.ws.requests.open(kind, "ann") for kind in KINDS}
    with pytest.raises(ConflictError, match="is answered, not run"):
        studio.ws.requests.run(requests["access"].id)
    with pytest.raises(ConflictError, match="not for erasure"):
        studio.ws.requests.plan(requests["portability"].id)
    with pytest.raises(ConflictError):
        studio.parts.requests.answer(requests["erasure"], {})


def test_an_answer_is_recorded_once_all_of_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = studio_of(tmp_path)
    requests = studio.ws.requests
    asked = requests.open("access", "ann", identity="in-person")
    with monkeypatch.context() as patched:
        patched.setattr("volenti.requests.answer.create_file", _no_room)
        with pytest.raises(UsageError, match="No space left"):
            requests.answer(folder=tmp_path / "full")
    assert requests.show(asked.id).state == "opened"
    with pytest.raises(UsageError, match="there already"):
        requests.answer(asked.id, folder=tmp_path)

    answered = requests.answer(asked.id, folder=tmp_path / "for-ann")
    assert answered.request == requests.show(asked.id)
    assert answered.request.state == "done"
    written = {
        str(path.relative_to(tmp_path / "for-ann")): path.read_bytes()
        for path in (tmp_path / "for-ann").rglob("*")
        if path.is_file()
    }
    record = written.pop("answer.json")
    assert json.loads(record) == answered.record
    assert written == {"answer.pdf": answered.pages, **answered.pictures}
    said = answered.request.history.answered
    assert (said.pdf_sha256, said.record_sha256) == (sha256(answered.pages), sha256(record))
    # Nobody else on the machine reads it.
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "for-ann").rglob("*")} == {0}
    with pytest.raises(ConflictError):
        requests.answer(asked.id, folder=tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_a_restriction_in_force_has_no_answer(tmp_path: Path) -> None:
    studio = studio_of(tmp_path)
    requests = studio.ws.requests
    requests.run(requests.open("restriction", "ann").id)
    with pytest.raises(ConflictError, match="is for restriction"):
        requests.answer(folder=tmp_path / "for-ann")
    assert not (tmp_path / "for-ann").exists()


def _no_room(path: Path) -> None:
    raise OSError(errno.ENOSPC, "No space left on device", str(path))


def _given(record: dict, kind: str, identifier: str) -> dict:
    return next(row for row in record["held"][kind] if row["id"] == identifier)
