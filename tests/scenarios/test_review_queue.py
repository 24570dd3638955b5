"""The review queue: what is kept of it is at any moment what putting everything together anew would say."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.studio import PURPOSE, Studio
from volenti.clearance import same_faces
from volenti.clearance.kept_questions import KEPT_QUESTIONS, KeptQuestions
from volenti.clearance.question import Held, by_face, divided
from volenti.consent.purpose import Grant
from volenti.core.errors import NotFoundError, VolentiError
from volenti.perception.sight.faces import unit

#: Who is seen: three strangers, two faces that come near to two of them each, and people with a release.
STRANGERS = ("one", "two", "three", "one or two", "two or three")
SEEN = st.sampled_from(
    [(who, *beside) for who in STRANGERS for beside in (("ann",), ("ben",), ("ann", "one"))]
)

ACTS = st.one_of(
    st.tuples(st.just("give"), st.lists(SEEN, min_size=1, max_size=4)),
    st.tuples(st.just("clear"), st.sampled_from([PURPOSE, "redistribution"])),
    st.tuples(st.just("answer"), st.integers(0, 9), st.sampled_from(["reject", "ann", "blur", "too-small"])),
    st.tuples(st.just("decide"), st.integers(0, 9), st.sampled_from(["reject", "ann", "blur"])),
    *(st.tuples(st.just(what), st.integers(0, 9)) for what in ("undo", "flag", "remove", "amend")),
    *(st.tuples(st.just(what), st.sampled_from(["ben", "cleo"])) for what in ("enrol", "withdraw", "erase")),
    st.tuples(st.just("wait"), st.integers(1, 40)),
)


class Desk:
    """A studio in which things happen to what is held."""

    def __init__(self, folder: Path) -> None:
        self.now = datetime(2026, 3, 2, 9, tzinfo=UTC)
        self.studio = Studio.open(folder, clock=lambda: self.now)
        for name in ("ann", "ben"):
            self.studio.person(name)
        for name in STRANGERS:
            faces = [unit(_face(number)) for number in range(3) if STRANGERS[number] in name.split(" or ")]
            self.studio.people[name] = unit(sum(faces, start=faces[0] * 0))

    def happens(self, what: str, *given: Any) -> None:
        """One act; what can't be done then isn't."""
        with suppress(VolentiError):
            getattr(self, f"_{what}")(*given)

    def names(self) -> list[str]:
        return sorted({each[0].name for each in self.fresh()})

    def fresh(self) -> list[list[Held]]:
        """Everything put together anew."""
        alone, faces = divided(self.studio.parts.review.queue(), self.studio.parts.review_queue._blocking)
        return [*alone, *by_face(faces)]

    def _give(self, pictures: list[tuple[str, ...]]) -> None:
        for seen in pictures:
            self.studio.photo(*seen)
        self.studio.ws.add([self.studio.folder / "inbox"])

    def _clear(self, purpose: str) -> None:
        self.studio.ws.clear(purpose)

    def _answer(self, place: int, said: str) -> None:
        questions = [each for each in self.names() if "." in each]
        self._say(questions[place % len(questions)] if questions else "none.0", said)

    def _decide(self, place: int, said: str) -> None:
        self._say(self._held(place), said, PURPOSE)

    def _say(self, what: str, said: str, purpose: str | None = None) -> None:
        is_no_one = said in ("blur", "too-small")
        self.studio.ws.review.decide(
            what,
            clear=said != "reject",
            subjects=["ann"] if said == "ann" else [],
            nobody=is_no_one,
            others=said if is_no_one else None,
            reviewer="rita",
            purpose=purpose,
        )

    def _undo(self, place: int) -> None:
        self.studio.ws.review.undo(self._kept(place), reviewer="rita", purpose=PURPOSE)

    def _flag(self, place: int) -> None:
        self.studio.ws.review.flag(self._kept(place), "watermark", reviewer="rita")

    def _remove(self, place: int) -> None:
        self.studio.ws.pictures.remove([self._held(place)])

    def _amend(self, place: int) -> None:
        self.studio.ws.pictures.amend([self._held(place)], shoot="another")

    def _enrol(self, name: str) -> None:
        if name not in {each.id for each in self.studio.parts.consent.subjects()}:
            self.studio.people[name] = self.studio.people["two" if name == "cleo" else "three"]
            self.studio.person(name)

    def _withdraw(self, name: str) -> None:
        request = self.studio.ws.requests.open("withdrawal", name, grant=Grant.BIOMETRIC_TEMPLATES)
        self.studio.parts.withdrawals.run(request.id)

    def _erase(self, name: str) -> None:
        self.studio.ws.requests.run(self.studio.ws.requests.open("erasure", name, identity="in-person").id)

    def _wait(self, days: int) -> None:
        self.now += timedelta(days=days)

    def _held(self, place: int) -> str:
        held = [each.id for each, _ in self.studio.parts.review.queue()]
        return held[place % len(held)] if held else "img_none"

    def _kept(self, place: int) -> str:
        kept = sorted(
            row.id
            for state in ("held", "cleared")
            for row in self.studio.parts.records.rows("image", state=state)
        )
        return kept[place % len(kept)] if kept else "img_none"


def _face(number: int) -> Any:
    import numpy as np

    return np.random.default_rng([7, number]).normal(size=128)


def named(groups: list[list[Held]]) -> list[list[tuple[str, str]]]:
    """Names of what is in each group, with the purpose."""
    return sorted([(each.name, each.decision.purpose) for each in group] for group in groups)


def check(desk: Desk) -> None:
    """What is kept, and each question by itself, are what putting everything together anew says."""
    parts, fresh = desk.studio.parts, desk.fresh()
    about_faces = sorted(
        (group[0].decision.purpose, tuple(each.image.id for each in group))
        for group in fresh
        if group[0].face is not None
    )
    kept = KeptQuestions(parts.records).read()
    assert kept is None or [(each.purpose, each.images) for each in kept] == about_faces
    first: dict[str, list[Held]] = {}
    for group in sorted(fresh, key=lambda each: each[0].decision.purpose):
        first.setdefault(group[0].name, group)
    for name, group in first.items():
        assert named([parts.review_queue.question(name)]) == named([group])
    asked = [(-len(each), each[0].name, each[0].decision.purpose) for each in fresh]
    assert list(parts.review_queue.order()) == sorted(asked)
    assert named(parts.review_queue.questions()) == named(fresh)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(acts=st.lists(ACTS, min_size=4, max_size=14))
def test_what_is_kept_is_what_putting_everything_together_anew_says(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[Any, ...]]
) -> None:
    desk = Desk(tmp_path_factory.mktemp("desk"))
    desk.happens("give", [(who, whom) for who in STRANGERS for whom in ("ann", "ben")])
    desk.happens("give", [("two", "ann", "one"), ("three", "ben", "one")])
    desk.happens("clear", PURPOSE)
    check(desk)
    for act in acts:
        desk.happens(*act)
        check(desk)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Three strangers are held, in two pictures each."""
    desk = Desk(tmp_path)
    desk.happens("give", [(name, *beside) for name in STRANGERS[:3] for beside in (("ann",), ("ben",))])
    desk.happens("clear", PURPOSE)
    return desk


@pytest.fixture
def comparisons(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many faces were compared with each other, each time that faces were."""
    counted: list[int] = []
    compare: Callable[..., list[list[int]]] = same_faces.same_face_groups

    def counting(faces: Any, *given: Any) -> list[list[int]]:
        counted.append(len(faces))
        return compare(faces, *given)

    monkeypatch.setattr(same_faces, "same_face_groups", counting)
    return counted


def test_no_face_is_compared_again_while_questions_are_answered(desk: Desk, comparisons: list[int]) -> None:
    review = desk.studio.ws.review
    questions = review.list()
    assert [len(each.images) for each in questions] == [2, 2, 2]
    review.show(questions[0].id, ".png")
    review.decide(questions[0].id, clear=False, reviewer="rita")
    # The second picture of a question goes, and the first stays.
    review.decide(questions[1].images[1].id, clear=False, reviewer="rita")
    assert [len(each.images) for each in review.list()] == [2, 1]
    review.answer_sheet(review.list(), "reject")
    assert comparisons == []


def test_faces_are_compared_again_where_the_first_picture_of_a_question_goes(
    desk: Desk, comparisons: list[int]
) -> None:
    review = desk.studio.ws.review
    before = review.list()
    review.decide(before[0].images[0].id, clear=False, reviewer="rita")
    after = {each.id: each for each in review.list()}
    assert comparisons == [5]
    assert {each.id for each in before[1:]} < set(after)
    assert f"{before[0].images[1].id}" in {each.partition(".")[0] for each in after}


def test_a_picture_becomes_part_of_a_question_once_only_one_face_in_it_is_open(desk: Desk) -> None:
    desk.happens("give", [("one", "ann", "two")])
    desk.happens("clear", PURPOSE)
    assert sorted(len(each.images) for each in desk.studio.ws.review.list()) == [1, 2, 2, 2]
    desk.happens("enrol", "cleo")
    desk.happens("clear", PURPOSE)
    check(desk)
    assert sorted(len(each.images) for each in desk.studio.ws.review.list()) == [2, 3]


def test_identifiers_stay_the_same_from_call_to_call(desk: Desk) -> None:
    called = [[each.id for each in desk.studio.ws.review.list()] for _ in range(2)]
    desk.studio.parts.records.delete(KEPT_QUESTIONS, ["held"])
    assert called == [[each.id for each in desk.studio.ws.review.list()]] * 2


def test_the_row_belongs_to_the_days_whose_pictures_it_names(desk: Desk) -> None:
    records = desk.studio.parts.records
    desk.happens("wait", 3)
    desk.happens("give", [("one or two", "ann")])
    desk.happens("clear", PURPOSE)
    (row,) = records.rows(KEPT_QUESTIONS)
    assert row.owners == ("quarantine-2026-03-02", "quarantine-2026-03-05")
    desk.happens("wait", desk.studio.ws.settings.quarantine_days - 1)
    desk.happens("clear", PURPOSE)
    (row,) = records.rows(KEPT_QUESTIONS)
    assert row.owners == ("quarantine-2026-03-05",)


def test_nothing_is_kept_from_an_erasure_on_until_it_is_put_together_again(desk: Desk) -> None:
    records = desk.studio.parts.records
    assert list(records.rows(KEPT_QUESTIONS)) != []
    desk.happens("erase", "ben")
    assert list(records.rows(KEPT_QUESTIONS)) == []


def test_a_question_that_there_isnt_is_said_to_be_none(desk: Desk) -> None:
    (first, *_) = desk.studio.ws.review.list()
    for name in (
        "img_none",
        "img_none.0",
        first.images[0].id,
        f"{first.images[1].id}.0",
        "",
        ".",
        f"{first.id}.0",
    ):
        with pytest.raises(NotFoundError, match="no question"):
            desk.studio.ws.review.show(name, ".png")
