"""Requests of every kind are run in one way."""

from datetime import date
from pathlib import Path

import pytest

from tests.studio import Studio
from volenti.core.errors import ConflictError, NotFoundError, UsageError
from volenti.requests.course import KINDS
from volenti.requests.history import Ground
from volenti.requests.identity import Identified


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = Studio.open(tmp_path)
    studio.shoot("ann", "bob", "cid", "dee", "eve")
    studio.trained()
    return studio


def test_requests_of_every_kind_are_run_by_one_call(studio: Studio) -> None:
    ws = studio.ws
    asked = [
        ws.requests.open(kind, who, identity="in-person")
        for kind, who in (
            ("erasure", "ann"),
            ("withdrawal", "bob"),
            ("restriction", "cid"),
            ("objection", "dee"),
            ("erasure", "eve"),
        )
    ]
    answered = ws.requests.open("access", "bob", identity="in-person")
    assert [each.id for each in ws.parts.runner.due()] == [each.id for each in asked]
    assert {each.kind for each in (*asked, answered)} == set(KINDS) - {"portability"}
    outcomes = ws.requests.run_all()
    assert [each.request.id for each in outcomes] == [each.id for each in asked]
    states = [each.request.state for each in outcomes]
    assert states == ["done", "done", "in-force", "in-force", "done"]
    assert [each.certificate is not None for each in outcomes] == [True, False, False, False, True]
    assert [each.copy is not None for each in outcomes] == [True, False, False, False, True]
    assert ws.audit(deep=True).problems == []
    assert ws.parts.requests.find(answered.id).state == "opened"
    # Run again, each is as it is: what is in force stays so, and nobody gets a second copy.
    again = ws.parts.runner.run([each.id for each in asked])
    assert [each.request.state for each in again] == states
    assert [each.copy for each in again] == [None] * 5


@pytest.mark.parametrize("kind", ["access", "portability"])
def test_what_is_answered_isn_t_run_and_nothing_else_is_done(studio: Studio, kind: str) -> None:
    erasure, answer = (
        studio.ws.requests.open("erasure", "ann", identity="in-person"),
        studio.ws.requests.open(kind, "bob"),
    )
    with pytest.raises(ConflictError) as refused:
        studio.parts.runner.run([erasure.id, answer.id])
    assert "volenti request answer" in refused.value.remedy
    assert studio.parts.requests.find(erasure.id).state == "opened"


def test_what_was_refused_or_isn_t_there_isn_t_run(studio: Studio) -> None:
    refused = studio.parts.restrictions.refuse(
        studio.ws.requests.open("restriction", "ann"), Ground.UNFOUNDED
    )
    with pytest.raises(ConflictError, match="was refused"):
        studio.ws.requests.run(refused.id)
    with pytest.raises(NotFoundError):
        studio.parts.runner.run(["req_nobody"])


def test_nothing_is_run_where_a_copy_is_wanted_and_can_t_be_made(studio: Studio) -> None:
    requests = studio.ws.requests
    withdrawal = requests.open("withdrawal", "ann")
    with pytest.raises(ConflictError, match="no copy for the person"):
        requests.run(withdrawal.id, copy=True)
    assert requests.show(withdrawal.id).state == "opened"
    erasure = requests.open("erasure", "bob", identity="in-person")
    assert requests.run(erasure.id, copy=True).copy
    with pytest.raises(ConflictError, match="no copy for the person"):
        requests.run(erasure.id, copy=True)
    assert requests.run(erasure.id).copy is None


def test_of_all_that_is_due_some_can_be_run(studio: Studio) -> None:
    requests = studio.ws.requests
    first, second = (
        requests.open("erasure", "ann", identity="in-person"),
        requests.open("erasure", "bob", identity="in-person"),
    )
    assert [each.id for each in requests.due()] == [first.id, second.id]
    (outcome,) = requests.run_all([second.id])
    assert (outcome.request.id, outcome.request.state) == (second.id, "done")
    assert [each.id for each in requests.due()] == [first.id]


def test_a_word_that_stands_for_nothing_is_refused_and_not_kept(studio: Studio) -> None:
    requests = studio.ws.requests
    asked = requests.open("erasure", "ann", identity="in-person")
    for wrong in (
        lambda: requests.identify(how="passport"),
        lambda: requests.extend(reason="holidays"),
        lambda: requests.refuse(ground="none"),
        lambda: requests.keep(ground="none", until=date(2099, 1, 1)),
        lambda: requests.open("withdrawal", "ann", grant="everything"),
    ):
        with pytest.raises(UsageError, match="is none of"):
            wrong()
    assert requests.list() == [asked]
    assert requests.identify(how="document").erasure.identified.how is Identified.DOCUMENT
    assert requests.extend(reason="complexity").due > asked.due


@pytest.mark.parametrize("every", [False, True])
@pytest.mark.parametrize(
    ("kind", "is_run"),
    [
        *((kind, False) for kind in KINDS if kind != "erasure"),
        ("restriction", True),
        ("objection", True),
    ],
)
def test_an_erasure_overtakes_another_request_only_where_somebody_says_so(
    studio: Studio, kind: str, is_run: bool, every: bool
) -> None:
    requests = studio.ws.requests
    other = requests.open(kind, "ann")
    if is_run:
        other = requests.run(other.id).request
    erasure = requests.open("erasure", "ann", identity="in-person")
    (told,) = requests.plan(erasure.id).overtakes
    assert (told.request, told.kind, told.state, told.remedy) == (other.id, kind, other.state, other.remedy)
    assert requests.plan(erasure.id).to_json()["overtakes"][0]["request"] == other.id
    if every and kind == "withdrawal":
        # What is run together is over before: nothing is overtaken.
        requests.run_all()
        assert requests.show(other.id).state == "done"
        return
    with pytest.raises(ConflictError, match=f"{other.id}, a request for {kind}") as refused:
        requests.run_all() if every else requests.run(erasure.id)
    assert other.remedy in refused.value.remedy
    assert "--overtake" in refused.value.remedy
    assert [requests.show(each.id).state for each in (erasure, other)] == ["opened", other.state]
    requests.run_all(overtake=True) if every else requests.run(erasure.id, overtake=True)
    overtaken = requests.show(other.id)
    assert (overtaken.state, overtaken.is_finished) == ("overtaken", True)
    assert f"overtaken by {erasure.id}" in overtaken.steps
    assert overtaken.names_nobody
    assert "ann" not in repr(overtaken.facts())
    assert requests.show(erasure.id).state == "done"
    with pytest.raises(ConflictError, match=r"overtaken|is answered, not run"):
        requests.run(other.id)
    assert [each for each in studio.ws.due() if each.about == other.id] == []
    assert studio.ws.audit(deep=True).problems == []


def test_an_erasure_that_was_begun_needs_no_second_word_to_overtake(studio: Studio) -> None:
    requests = studio.ws.requests
    erasure = requests.open("erasure", "ann", identity="in-person")
    other = requests.open("access", "ann")
    studio.parts.erasure._hold(requests.show(erasure.id))  # where a process was stopped
    assert requests.run(erasure.id).request.state == "done"
    assert requests.show(other.id).state == "overtaken"
