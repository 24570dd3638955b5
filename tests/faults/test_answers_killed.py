"""Killed in the middle of a reviewer's answer: all of its pictures are decided or none, and none twice."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.syscalls import supervised, unavailable
from tests.studio import PURPOSE, Studio, reopened
from volenti.core.errors import NotFoundError
from volenti.workspace.workspace import Workspace

pytestmark = pytest.mark.skipif(bool(unavailable()), reason=unavailable())
#: Pictures of the one question, and before which part of the calls that write it is killed.
PICTURES, EVERY = 3, 12


def answer(at: Path, studio: Studio, said: str) -> None:
    """Answer the question as the desk does; once it was answered, there is none."""
    ws = reopened(at, detector=studio.detector)
    with suppress(NotFoundError):
        [question] = ws.review.list() or [None]
        if question is not None:
            ws.review.decide(
                question.id,
                clear=said != "reject",
                nobody=said != "reject",
                others="blur" if said == "blur" else None,
                images=[each.id for each in question.images],
                purpose=PURPOSE,
                reviewer="rita",
                user="usr_1",
            )
    ws.close()


def decided(ws: Workspace) -> list[str]:
    """The verdict on each picture."""
    return sorted(each.verdict for each in ws.status().files)


def times_decided(ws: Workspace) -> list[int]:
    """How often the log says of each picture that the reviewer decided it."""
    said = ws.parts.events.said("decision")
    return sorted(Counter(each["image"] for each in said if each["by"] == "review:rita").values())


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("said", "verdict"), [("reject", "rejected"), ("blur", "cleared")])
def test_an_answer_that_is_killed_and_sent_again_decides_each_picture_once(
    tmp_path: Path, said: str, verdict: str
) -> None:
    first = Studio.open(tmp_path / "studio", on_disk=True)
    first.person("ann")
    for _ in range(PICTURES):
        first.photo("ann", "stranger")
    first.clear()
    first.ws.close()
    whole = first.copied(tmp_path / "whole")
    whole.ws.close()
    calls = supervised(lambda: answer(whole.ws.path, first, said), whole.folder, lambda call: 0).calls
    assert len(calls) > EVERY
    halves = 0
    for number in range(0, len(calls), EVERY):
        studio = first.copied(tmp_path / f"{number}")
        at = studio.ws.path
        studio.ws.close()
        seen = iter(range(len(calls) + 1))
        ended = supervised(
            lambda at=at: answer(at, first, said),
            studio.folder,
            lambda call, seen=seen, number=number: None if next(seen, 0) == number else 0,
        )
        assert ended.killed
        ws = reopened(at, detector=first.detector)
        assert decided(ws) in (["held"] * PICTURES, [verdict] * PICTURES)
        halves += decided(ws)[0] == "held"
        ws.close()
        answer(at, first, said)
        answer(at, first, said)
        ws = reopened(at, detector=first.detector)
        assert decided(ws) == [verdict] * PICTURES
        assert times_decided(ws) == [1] * PICTURES
        # What was written right before the end is in the log with the next entry.
        assert [each for each in ws.audit().problems if "the next one adds it" not in each] == []
        ws.close()
    assert halves > 0
