"""Choices: what is offered is taken, what isn't is refused; and the queue one question at a time."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.studio import PURPOSE, Studio, likeness
from volenti.clearance.answer import NO_ONE
from volenti.clearance.offers import Offer
from volenti.clearance.policyfile import find_policy
from volenti.consent.purpose import Grant
from volenti.core.errors import ConflictError, NotFoundError, UsageError, VolentiError
from volenti.perception.sight.faces import unit

PEOPLE = ("ann", "ben", "cleo")


def studio_with(folder: Path, *pictures: tuple[str, ...], policy: str = PURPOSE) -> Studio:
    studio = Studio.open(folder)
    studio.person("ann"), studio.person("ben")
    studio.person("cleo", Grant.BIOMETRIC_TEMPLATES)
    studio.people["half ann"] = unit(0.5 * studio.people["ann"] + 0.87 * likeness("nobody"))
    for names in pictures:
        studio.photo(*names)
    studio.ws.add([folder / "inbox"])
    studio.ws.clear(policy)
    return studio


def decided(studio: Studio, question: str, offer: Offer, purpose: str) -> Any:
    """Give the answer of an offer as the command line does; of one face, with all others blurred."""
    said: dict[str, Any] = {"others": offer.answer if offer.answer in NO_ONE else None}
    if offer.face is not None:
        said = {"faces": {offer.face: offer.subject or offer.answer}, "others": "blur"}
    elif offer.subject:
        said = {"subjects": [offer.subject]}
    is_nobody = offer.answer != "reject" and "subjects" not in said
    clears = offer.answer != "reject"
    return studio.ws.review.decide(
        question, clear=clears, nobody=is_nobody, purpose=purpose, reviewer="rita", **said
    )


def every_offer(studio: Studio, question: str) -> list[Offer]:
    """Everything that may be thought of, offered or not."""
    asked = studio.ws.review.question(question)
    image = asked.images[0]
    open_faces = [number for number, face in enumerate(image.faces) if face.status != "covered"]
    is_simple = bool(asked.faces) or not open_faces
    faces: list[int | None] = [None] if is_simple else [None, *open_faces]
    found = [Offer("reject"), Offer("clear")]
    for face in faces:
        if face is not None or is_simple:
            found += [Offer("is", who, face) for who in PEOPLE]
        found += [Offer(each, "", face) for each in NO_ONE] if open_faces else []
    return found


@pytest.mark.parametrize(
    "names",
    [
        ("ann", "stranger"),
        ("half ann",),
        ("half ann", "ben"),
        ("ann", "stranger", "another"),
        ("half ann", "stranger", "ben"),
        ("ann", "ann"),
        ("_",),
    ],
)
def test_what_is_offered_is_taken_and_what_isnt_is_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    asked = studio_with(tmp_path / "first", names)
    [question] = asked.ws.review.list()
    offered = asked.ws.review.choices(question.id, reviewer="rita", people=PEOPLE)
    assert Offer("reject") in offered
    plain = {(each.answer, each.subject, each.face) for each in offered}
    for number, each in enumerate(every_offer(asked, question.id)):
        studio = studio_with(tmp_path / f"{number}", names)
        [question] = studio.ws.review.list()
        is_offered = (each.answer, each.subject, each.face) in plain
        if not is_offered:
            with pytest.raises(VolentiError):
                decided(studio, question.id, each, PURPOSE)
            continue
        [offer] = [one for one in offered if replace(one, needs_second=False) == each]
        [decision] = decided(studio, question.id, each, PURPOSE)
        assert (decision.verdict == "held") == offer.needs_second, each


def test_of_two_people_the_second_may_say_what_the_first_said(tmp_path: Path) -> None:
    studio = studio_with(tmp_path, ("ben", "half ann"))
    ask_more(studio, reviewers=2)
    [question] = studio.ws.review.list()

    def choices(reviewer: str, user: str) -> set[tuple[str, str, bool]]:
        found = studio.ws.review.choices(question.id, reviewer=reviewer, user=user)
        return {(each.answer, each.subject, each.needs_second) for each in found if each.face is None}

    assert ("blur", "", True) in choices("Pat", "usr_1")
    studio.ws.review.decide(question.id, clear=True, others="blur", nobody=True, reviewer="Pat", user="usr_1")
    # One user is one person, under whatever name.
    assert (
        choices("Pat", "usr_1")
        == choices("Pat", "")
        == choices("Renamed", "usr_1")
        == {("reject", "", False)}
    )
    with pytest.raises(ConflictError, match="said yes already"):
        studio.ws.review.decide(
            question.id, clear=True, others="blur", nobody=True, reviewer="Renamed", user="usr_1"
        )
    assert choices("Rita", "usr_2") == {("blur", "", False), ("reject", "", False)}
    # It waits for Rita, and no longer for Pat.
    assert studio.ws.review.next(reviewer="Rita", user="usr_2").after
    assert not studio.ws.review.next(reviewer="Renamed", user="usr_1").after


def test_nothing_is_offered_where_each_answer_needs_a_key(tmp_path: Path) -> None:
    studio = studio_with(tmp_path, ("stranger", "ann"))
    ask_more(studio, signed=True)
    [question] = studio.ws.review.list()
    assert studio.ws.review.choices(question.id, reviewer="rita") == []


def ask_more(studio: Studio, **rule: Any) -> None:
    """Judge by a policy that asks more of reviewers."""
    policy = find_policy(PURPOSE)
    review = policy.review.model_copy(update=rule)
    studio.ws.clear(policy=policy.model_copy(update={"name": "more", "review": review}))


def test_the_queue_is_the_list_one_question_at_a_time(tmp_path: Path) -> None:
    seen = [("stranger", "ann"), ("another", "ben"), ("stranger", "ben"), ("_",), ("stranger", "another")]
    studio = studio_with(tmp_path, *seen, *seen)
    studio.ws.clear("redistribution")
    review = studio.ws.review
    listed = [(each.id, each.purpose) for each in review.list()]
    assert len({purpose for _, purpose in listed}) == 2
    walked, place = [], review.next()
    while place.after:
        walked.append((place.after[0].id, place.after[0].purpose))
        place = review.next(walked[-1][0], purpose=walked[-1][1])
        assert (place.number, place.count) == (len(walked), len(listed))
    assert walked == listed
    for question, purpose in listed:
        assert review.question(question, purpose=purpose).purpose == purpose


def test_single_pictures_can_be_taken_out_of_an_answer(tmp_path: Path) -> None:
    studio = studio_with(tmp_path, *[("ann", "stranger")] * 4)
    [question] = studio.ws.review.list()
    first, *others = [each.id for each in question.images]
    review = studio.ws.review
    with pytest.raises(NotFoundError, match="isn't asked about"):
        review.decide(question.id, clear=False, reviewer="rita", images=[first, "img_none"])
    decisions = review.decide(question.id, clear=False, reviewer="rita", images=[first, others[0]])
    assert [each.image for each in decisions] == [first, others[0]]
    [left] = review.list()
    assert [each.id for each in left.images] == others[1:]


def test_pictures_of_a_question_are_its_own_alone(tmp_path: Path) -> None:
    studio = studio_with(tmp_path, ("half ann", "ben"))
    [question] = studio.ws.review.list()
    for part, subject in (("picture", ""), ("face", ""), ("reference", "ann")):
        data = studio.ws.review.picture(question.id, part=part, side=40, subject=subject)
        assert max(Image.open(io.BytesIO(data)).size) == 40
    for wrong in ({"number": 1}, {"part": "face", "number": 9}, {"part": "reference", "subject": "nobody"}):
        with pytest.raises(NotFoundError):
            studio.ws.review.picture(question.id, **wrong)
    for wrong in ({"part": "scan"}, {"side": 5000}):
        with pytest.raises(UsageError):
            studio.ws.review.picture(question.id, **wrong)
