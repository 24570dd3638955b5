"""Who may be in a picture held for review is found by them, without looking through the queue."""

from pathlib import Path

import pytest

from tests.studio import PURPOSE, Studio, likeness
from volenti.clearance.image import MENTION, Image
from volenti.core.errors import ConflictError
from volenti.perception.sight.faces import unit


def said_and_found(studio: Studio) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Pairs of picture and person: as the pictures' records say, and as the register finds them."""
    said = set()
    for record in studio.parts.records.find("image"):
        image = Image.read(record.id, record.body)
        said |= {(image.id, subject) for subject in image.mentioned}
    found = {(row.parent, owner) for row in studio.parts.records.rows(MENTION) for owner in row.owners}
    return said, found


def queue(folder: Path) -> Studio:
    """Faces near to ann's and bob's, and pictures of ann with a stranger, are held."""
    studio = Studio.open(folder)
    studio.shoot("ann", "bob", "cid")
    for number, (near, far) in enumerate((("ann", "bob"), ("bob", "ann"), ("bob", "cid"))):
        studio.people[f"like{number}"] = unit(0.45 * likeness(near) + 0.3 * likeness(far) + likeness("zoe"))
        studio.photo(f"like{number}")
    studio.photo("ann", "_", "yan")
    studio.trained()
    return studio


def test_mentions_are_found_by_whom_they_mention(tmp_path: Path) -> None:
    studio = queue(tmp_path)
    said, found = said_and_found(studio)
    assert said == found
    assert {subject for _, subject in said} >= {"ann", "bob"}


def test_they_follow_every_change_of_the_queue(tmp_path: Path) -> None:
    studio = queue(tmp_path)
    ws = studio.ws
    studio.person("dee")
    studio.clear()
    assert len(set(map(frozenset, said_and_found(studio)))) == 1
    question = ws.parts.review.questions()[0]
    ws.review.decide(question.id, clear=False, reviewer="rey")
    assert len(set(map(frozenset, said_and_found(studio)))) == 1
    ws.requests.run(ws.requests.open("erasure", "bob", identity="in-person").id)
    said, found = said_and_found(studio)
    assert said == found
    assert "bob" not in {subject for _, subject in said}
    assert ws.audit().problems == []
    for image, _ in ws.parts.review.queue():
        ws.review.decide(image.id, clear=False, reviewer="rey", purpose=PURPOSE)
    assert said_and_found(studio) == (set(), set())


def test_who_leaves_while_their_pictures_are_judged_does_not_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = queue(tmp_path)
    ws = studio.ws
    studio.photo("bob")
    studio.photo("cid")
    flush = ws.parts.vault.flush

    def leave() -> None:
        """Everything is looked at and sealed, and no row is written yet."""
        monkeypatch.undo()
        ws.requests.run(ws.requests.open("erasure", "bob", identity="in-person").id)
        flush()

    ws.add([studio.folder / "inbox"])
    monkeypatch.setattr(ws.parts.vault, "flush", leave)
    ws.clear(PURPOSE)

    said, found = said_and_found(studio)
    assert said == found
    assert "bob" not in {subject for _, subject in said}
    assert "bob" not in {owner for row in ws.parts.records.rows("image") for owner in row.owners}
    assert "bob" not in ws.parts.vault.prefixes()
    assert ws.audit(deep=True).problems == []
    studio.clear()
    assert ws.parts.records.count("image", owner="cid") == 3
    assert ws.audit(deep=True).problems == []


def test_a_reviewer_is_told_when_a_picture_was_settled_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = queue(tmp_path)
    ws = studio.ws
    image, _ = ws.parts.review.queue()[0]
    flush = ws.parts.vault.flush

    def decide() -> None:
        monkeypatch.undo()
        ws.review.decide(image.id, clear=False, reviewer="ida", purpose=PURPOSE)
        flush()

    monkeypatch.setattr(ws.parts.vault, "flush", decide)
    with pytest.raises(ConflictError):
        ws.review.decide(image.id, clear=False, reviewer="rey", purpose=PURPOSE)
    (decision,) = ws.parts.review.decisions(image.id)
    assert decision.by == "review:ida"
