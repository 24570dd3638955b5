"""What was promised, and when a promise counts as broken."""

from __future__ import annotations

from dataclasses import replace

import pytest

from volenti.demo.inbox import Caught
from volenti.demo.summary import Summary, broken, peak_memory_mb
from volenti.demo.traps import TRAPS
from volenti.erasure.report import AuditReport
from volenti.training.proof import Exactness

KEPT = Exactness("run/00", "a" * 64, "a" * 64, "b" * 64, "c" * 64, True, {"torch": "x"})


def _summary() -> Summary:
    return Summary(
        totals={"given": 10, "cleared": 6, "held": 1, "rejected": 1, "unreadable": 1, "duplicate": 1},
        covered={"given": 100, "cleared": 98, "held": 2, "refused": 0},
        traps=[Caught(trap, ("a.jpg",), trap.expected) for trap in TRAPS],
        erasure_seconds=5.0,
        full_seconds=100.0,
        exactness=KEPT,
        audit=AuditReport(),
        chapters={
            "dataset": {"verified": True},
            "proof": {
                "certificate": True,
                "canaries": 50,
                "canaries_outside": 50,
                "constituents_proved": 4,
                "constituents_trained_again": 4,
            },
        },
    )


def test_a_story_without_fault_keeps_every_promise() -> None:
    assert broken(_summary().promises()) == []


def test_the_ratio_is_what_was_waited_for_of_what_would_have_been() -> None:
    assert _summary().to_json()["forgetting"]["cost_ratio"] == 0.05
    assert Summary().cost_ratio == 0.0


def _with(**changes: object) -> Summary:
    return replace(_summary(), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("summary", "told"),
    [
        (_with(totals={"given": 11, "cleared": 10}), "every file given is accounted for"),
        (_with(covered={"given": 100, "held": 0, "refused": 1}), "no covered picture is refused"),
        (_with(covered={"given": 100, "held": 3, "refused": 0}), "at most 2%"),
        (_with(traps=[Caught(TRAPS[0], ("a",), "cleared")]), "it is cleared"),
        (_with(audit=AuditReport(residue=1, problems=["residue: a key"])), "nothing of the person is left"),
        (_with(audit=AuditReport(lost=1)), "nothing of anybody else is lost"),
        (_with(audit=AuditReport(log_consistent=False, problems=["log: forked"])), "log: forked"),
        (_with(audit=None), "the log is consistent"),
        (_with(exactness=replace(KEPT, sha256_scratch="d" * 64)), "are the same bits"),
        (_with(exactness=replace(KEPT, sha256_control="a" * 64)), "the bits are others"),
        (_with(exactness=replace(KEPT, sha256_one_less="a" * 64)), "the bits are others"),
        (_with(exactness=replace(KEPT, sha256_control="")), "the bits are others"),
        (_with(exactness=replace(KEPT, comparable=False)), "comparable"),
        (_with(exactness=None), "are the same bits"),
    ],
)
def test_whatever_goes_wrong_breaks_a_promise_that_names_it(summary: Summary, told: str) -> None:
    problems = broken(summary.promises())
    assert any(told in problem for problem in problems)


@pytest.mark.parametrize(
    ("chapter", "figures"),
    [
        ("dataset", {"verified": False}),
        (
            "proof",
            {
                "certificate": False,
                "canaries": 50,
                "canaries_outside": 50,
                "constituents_proved": 4,
                "constituents_trained_again": 4,
            },
        ),
        (
            "proof",
            {
                "certificate": True,
                "canaries": 50,
                "canaries_outside": 49,
                "constituents_proved": 4,
                "constituents_trained_again": 4,
            },
        ),
        (
            "proof",
            {
                "certificate": True,
                "canaries": 0,
                "canaries_outside": 0,
                "constituents_proved": 4,
                "constituents_trained_again": 4,
            },
        ),
    ],
)
def test_figures_of_chapters_break_promises_too(chapter: str, figures: dict[str, object]) -> None:
    summary = _summary()
    summary.chapters[chapter] = figures
    assert len(broken(summary.promises())) == 1


def test_two_of_a_hundred_may_be_held() -> None:
    assert broken(_with(covered={"given": 100, "held": 2, "refused": 0}).promises()) == []


def test_memory_counts_every_worker() -> None:
    assert peak_memory_mb(0) > 20
    assert peak_memory_mb(2) >= peak_memory_mb(0)
