from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.histories import UNHURRIED, histories
from volenti.core.canonical import canonical, parse
from volenti.core.errors import ConflictError, IntegrityError, UsageError
from volenti.requests.course import COURSES, FINISHED, KINDS, NEXT
from volenti.requests.history import GROUNDS, HISTORIES, Delay, Extension, Ground, Private, Refusal
from volenti.requests.identity import Identification, Identified
from volenti.requests.request import DEADLINE, EXTENSION, Request

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_a_new_request_is_open_and_due_within_a_month() -> None:
    request = Request.open("req_1", "erasure", "s1", NOW)
    assert request.state == "opened"
    assert request.due == "2026-12-22T12:00:00Z"


def test_only_an_unfinished_request_can_be_overdue() -> None:
    request = Request.open("req_1", "erasure", "s1", NOW)
    late = NOW + DEADLINE + timedelta(seconds=1)
    assert request.is_overdue(late)
    assert not request.is_overdue(NOW + DEADLINE)
    assert not request.moved("refused").is_overdue(late)


@given(st.lists(st.sampled_from(sorted(NEXT)), max_size=8))
def test_states_follow_each_other_only_as_allowed(wanted: list[str]) -> None:
    request = Request.open("req_1", "erasure", "s1", NOW)
    for state in wanted:
        before = request.state
        if state in NEXT[before]:
            request = request.moved(state)
            assert request.state == state
        else:
            with pytest.raises(ConflictError):
                request.moved(state)


@pytest.mark.parametrize("kind", KINDS)
@UNHURRIED
@given(data=st.data())
def test_what_a_request_has_been_through_survives_json(kind: str, data: st.DataObject) -> None:
    history, private = data.draw(histories(HISTORIES[kind])), data.draw(st.from_type(Private))
    request = Request.open("req_1", kind, "s1", NOW).did("a step", history)
    request = replace(request, private=private, other={"of before": [1, None]}, state="opened")
    kept = parse(canonical(request.to_json()))
    assert Request.from_json("req_1", request.state, kept) == request
    assert canonical(Request.from_json("req_1", request.state, kept).to_json()) == canonical(kept)


def test_every_kind_has_a_course_and_a_history() -> None:
    assert KINDS == tuple(COURSES) == tuple(HISTORIES)


def test_what_an_earlier_version_wrote_down_is_kept_and_not_lost() -> None:
    body = Request.open("req_1", "erasure", "s1", NOW).to_json()
    body["notes"] = {"full_seconds": 3, "unheard_of": {"a": 1}}
    request = Request.from_json("req_1", "opened", body)
    assert (request.erasure.full_seconds, request.other) == (3.0, {"unheard_of": {"a": 1}})
    assert request.did("freeze").to_json()["notes"] == body["notes"]


def test_a_row_that_isn_t_of_its_kind_is_refused_and_says_where() -> None:
    body = Request.open("req_1", "erasure", "s1", NOW).to_json()
    body["notes"] = {"holdings": [{"holder": 3}]}
    with pytest.raises(IntegrityError, match=r"holdings\[0\].holder"):
        Request.from_json("req_1", "opened", body)


def test_every_state_can_reach_an_end() -> None:
    ends = {"done", "refused", "overtaken"}
    for state in NEXT:
        reached, frontier = {state}, [state]
        while frontier:
            for each in NEXT[frontier.pop()]:
                if each not in reached:
                    reached.add(each)
                    frontier.append(each)
        assert reached & ends, state


def test_a_deadline_is_put_off_once_and_only_in_time() -> None:
    request = Request.open("req_1", "erasure", "s1", NOW)
    later = request.extended(Delay.COMPLEXITY, NOW + DEADLINE)
    assert later.due == "2027-02-20T12:00:00Z"
    assert later.history.extended == Extension(Delay.COMPLEXITY, "2026-12-22T12:00:00Z")
    assert not later.is_overdue(NOW + DEADLINE + EXTENSION)
    with pytest.raises(ConflictError):
        later.extended(Delay.NUMBER, NOW)
    with pytest.raises(ConflictError):
        request.extended(Delay.COMPLEXITY, NOW + DEADLINE + timedelta(seconds=1))
    with pytest.raises(ConflictError):
        request.refused(Ground.CLAIMS, NOW).extended(Delay.COMPLEXITY, NOW)


def test_a_refusal_has_a_ground_of_law_and_comes_before_anything_is_done() -> None:
    request = Request.open("req_1", "erasure", "s1", NOW)
    refused = request.refused(Ground.CLAIMS, NOW)
    assert refused.state == "refused"
    assert refused.erasure.refused == Refusal(Ground.CLAIMS, "Art. 17(3)(e)", "2026-11-22T12:00:00Z")
    assert all(ground.article for ground in Ground)
    with pytest.raises(ConflictError):
        request.moved("frozen").refused(Ground.CLAIMS, NOW)


def test_who_asks_is_made_sure_of_until_there_is_a_certificate() -> None:
    request = Request.open("req_1", "erasure", "s1", NOW).moved("frozen").identified(Identified.DOCUMENT, NOW)
    assert request.history.identified == Identification(Identified.DOCUMENT, "2026-11-22T12:00:00Z")
    with pytest.raises(ConflictError):
        request.moved("erasing").moved("replaying").moved("certified").identified(Identified.ACCOUNT, NOW)


#: Which articles of the GDPR allow to refuse a request of each kind.
REFUSABLE = {
    "erasure": {"11(2), 12(2)", "12(5)(b)", "17(3)(a)", "17(3)(b)", "17(3)(c)", "17(3)(d)", "17(3)(e)"},
    "access": {"11(2), 12(2)", "12(5)(b)"},
    "portability": {"11(2), 12(2)", "12(5)(b)"},
    "withdrawal": {"11(2), 12(2)"},
    "restriction": {"11(2), 12(2)", "12(5)(b)"},
    "objection": {"11(2), 12(2)", "12(5)(b)", "21(1)"},
}


@pytest.mark.parametrize("ground", Ground)
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_refused_on_its_own_grounds_alone(kind: str, ground: Ground) -> None:
    request = Request.open("req_1", kind, "s1", NOW)
    if ground.article.removeprefix("Art. ") in REFUSABLE[kind]:
        assert request.refused(ground, NOW).history.refused == Refusal(
            ground, ground.article, "2026-11-22T12:00:00Z"
        )
        return
    with pytest.raises(UsageError, match=f"no ground to refuse a request for {kind}") as said:
        request.refused(ground, NOW)
    assert all(each in said.value.remedy for each in GROUNDS[kind])
    assert ground not in said.value.remedy


@pytest.mark.parametrize("state", FINISHED)
@pytest.mark.parametrize("kind", KINDS)
def test_of_a_request_that_is_over_it_is_said_that_nothing_more_is_done(kind: str, state: str) -> None:
    over = replace(Request.open("req_1", kind, "s1", NOW), state=state)
    with pytest.raises(ConflictError) as said:
        over.refused(Ground.NOT_IDENTIFIED, NOW)
    assert said.value.message == f"req_1, for {kind}, is {state}: nothing more is done for it."
    assert said.value.remedy == "If they ask again, open a new one: volenti request open."


def test_of_a_request_that_was_begun_it_is_said_that_it_cannot_be_refused() -> None:
    begun = Request.open("req_1", "erasure", "s1", NOW).moved("frozen")
    with pytest.raises(ConflictError, match="is frozen: it was begun, and can't be refused any more") as said:
        begun.refused(Ground.CLAIMS, NOW)
    assert said.value.remedy == "volenti request run req_1"
    with pytest.raises(ConflictError, match="is opened: it can't be done before it was carried out"):
        Request.open("req_1", "objection", "s1", NOW).moved("done")
