"""Review from Python: what there is to decide, and for which purpose it is decided where nobody says."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.studio import PURPOSE, Studio
from volenti.core.clock import system_clock
from volenti.core.errors import MissingModelError, NotFoundError, UsageError
from volenti.perception.analyzer import PictureAnalyzer
from volenti.perception.sight.faces import unit


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = Studio.open(tmp_path)
    studio.person("ann")
    return studio


def test_a_question_says_what_was_found_and_how_long_there_is_to_decide(studio: Studio) -> None:
    studio.photo("ann", "a stranger")
    studio.clear()
    (question,) = studio.ws.review.list()
    assert question.id == f"{question.images[0].id}.{question.images[0].faces.index(question.faces[0])}"
    assert question.purpose == question.decision.purpose == PURPOSE
    assert {each.code for each in question.decision.findings} >= {"bystander"}
    days = studio.ws.settings.quarantine_days
    assert question.last_day == system_clock().date() + timedelta(days=days)
    assert studio.ws.review.show(question.id, ".png").startswith(b"\x89PNG")


def test_one_answer_settles_every_picture_of_a_question(studio: Studio) -> None:
    for _ in range(2):
        studio.photo("ann", "a stranger")
    studio.clear()
    (question,) = studio.ws.review.list()
    decided = studio.ws.review.decide(question.id, clear=False, reviewer="rita")
    assert [(each.image, each.verdict) for each in decided] == [
        (image.id, "rejected") for image in question.images
    ]
    with pytest.raises(NotFoundError):
        studio.ws.review.decide(question.id, clear=False, reviewer="rita")


def test_the_purpose_is_found_where_there_is_one_and_asked_for_where_there_are_several(
    studio: Studio,
) -> None:
    studio.photo()
    studio.clear()
    studio.ws.clear("redistribution")
    image = studio.ws.review.list()[0].images[0].id
    review = studio.ws.review
    with pytest.raises(UsageError, match="held for several purposes"):
        review.decide(image, clear=True, nobody=True, reviewer="rita")
    review.decide(image, clear=True, nobody=True, reviewer="rita", purpose="redistribution")
    (decision,) = review.decide(image, clear=True, nobody=True, reviewer="rita")
    assert decision.purpose == PURPOSE
    with pytest.raises(UsageError, match="decided by a reviewer for several purposes"):
        review.undo(image, reviewer="rita")
    assert review.undo(image, reviewer="rita", purpose=PURPOSE).verdict == "held"
    assert review.undo(image, reviewer="rita").purpose == "redistribution"
    with pytest.raises(UsageError, match="isn't decided by a reviewer"):
        review.undo(image, reviewer="rita")


def test_a_clearing_that_is_taken_back_leaves_the_question_as_it_was(studio: Studio) -> None:
    studio.person("ben")
    ann, ben = studio.people["ann"], studio.people["ben"]
    studio.people["like ben"] = unit(ben + 2.0 * unit(ann[::-1]))
    for _ in range(2):
        studio.photo("ann", "like ben")
    studio.clear()
    (before,) = studio.ws.review.list()
    offers = studio.ws.review.choices(before, reviewer="rita")
    assert before.nearness > 0
    assert [each.subject for each in offers if each.answer == "is"] == ["ben"]
    for each in studio.ws.review.decide(before.id, clear=True, subjects=["ben"], reviewer="rita"):
        assert each.verdict == "cleared"
    for image in before.images:
        studio.ws.review.undo(image.id, reviewer="rita", purpose=before.purpose)
    (after,) = studio.ws.review.list()
    assert after.id == before.id
    assert after.faces == before.faces
    assert after.candidates == before.candidates
    assert after.decision.findings == before.decision.findings
    assert studio.ws.review.choices(after, reviewer="rita") == offers
    assert [each.faces for each in after.images] == [each.faces for each in before.images]


def test_a_clearing_is_taken_back_without_the_models_too(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.photo("ann", "a stranger")
    studio.clear()
    (question,) = studio.ws.review.list()
    studio.ws.review.decide(question.id, clear=True, nobody=True, others="blur", reviewer="rita")

    def missing(*_: object) -> None:
        raise MissingModelError("There is no model.", "Fetch it.")

    monkeypatch.setattr(PictureAnalyzer, "analyze", missing)
    assert studio.ws.review.undo(question.images[0].id, reviewer="rita").verdict == "held"


def test_whom_a_picture_shows_has_to_be_said_before_it_is_let_in(studio: Studio) -> None:
    studio.photo()
    studio.clear()
    image = studio.ws.review.list()[0].images[0].id
    with pytest.raises(UsageError, match="whom the picture shows"):
        studio.ws.review.decide(image, clear=True, reviewer="rita")
    with pytest.raises(UsageError, match="It shows nobody, and somebody"):
        studio.ws.review.decide(image, clear=True, subjects=["ann"], nobody=True, reviewer="rita")
    with pytest.raises(UsageError, match="no purpose 'fun'"):
        studio.ws.review.decide(image, clear=False, reviewer="rita", purpose="fun")


def test_a_flagged_picture_is_held_for_every_purpose_it_is_kept_for(studio: Studio) -> None:
    studio.photo("ann")
    studio.clear()
    studio.ws.clear("redistribution")
    (image,) = {each.image for each in studio.ws.status().files}
    assert studio.ws.review.flag(image, "property-release", reviewer="rita").verdict == "held"
    assert {each.purpose for each in studio.ws.review.list()} == {PURPOSE, "redistribution"}


@pytest.mark.parametrize("said", [{"faces": {1: "banana"}}, {"subjects": ["banana"]}, {"subjects": ["Ann"]}])
def test_whoever_is_named_has_to_be_on_record(studio: Studio, said: dict[str, Any]) -> None:
    studio.photo("ann", "a stranger")
    studio.clear()
    (question,) = studio.ws.review.list()
    with pytest.raises(NotFoundError, match=r"banana|Ann") as refused:
        studio.ws.review.decide(question.images[0].id, clear=True, reviewer="rita", **said)
    assert "release" not in refused.value.message
