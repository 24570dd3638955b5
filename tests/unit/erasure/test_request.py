from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volenti.core.errors import ConflictError
from volenti.erasure.request import DEADLINE, NEXT, Request

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
