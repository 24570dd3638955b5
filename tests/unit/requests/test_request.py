from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.histories import UNHURRIED, histories
from volenti.core.canonical import canonical, parse
from volenti.core.errors import ConflictError, IntegrityError
from volenti.requests.course import COURSES, KINDS, NEXT
from volenti.requests.history import HISTORIES, Delay, Extension, Ground, Private, Refusal
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
