from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volenti.core.errors import ConflictError
from volenti.requests.request import DEADLINE, EXTENSION, NEXT, Delay, Ground, Identified, Request

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


def test_steps_and_notes_accumulate_and_survive_json() -> None:
    request = Request.open("req_1", "erasure", "s1", NOW).did("freeze", a=1).did("locate", b=[2])
    assert request.steps == ("freeze", "locate")
    assert request.notes == {"a": 1, "b": [2]}
    assert Request.from_json("req_1", request.state, request.to_json()) == request


def test_every_state_can_reach_an_end() -> None:
    ends = {"done", "refused"}
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
    assert later.notes["extended"] == {"reason": "complexity", "at": "2026-12-22T12:00:00Z"}
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
    assert refused.notes["refused"]["article"] == "Art. 17(3)(e)"
    assert all(ground.article for ground in Ground)
    with pytest.raises(ConflictError):
        request.moved("frozen").refused(Ground.CLAIMS, NOW)


def test_who_asks_is_made_sure_of_until_there_is_a_certificate() -> None:
    request = Request.open("req_1", "erasure", "s1", NOW).moved("frozen").identified(Identified.DOCUMENT, NOW)
    assert request.notes["identified"] == {"how": "document", "at": "2026-11-22T12:00:00Z"}
    with pytest.raises(ConflictError):
        request.moved("erasing").moved("replaying").moved("certified").identified(Identified.ACCOUNT, NOW)
