"""Whatever people sign and take back: the feed says what coverage says, a dry run what `clear` does.

Histories are made by chance. After every act the feed is compared with an answer of its own: what was
delivered, less what the releases and withdrawals on record cover by the pure function of coverage. Before
every `clear` its dry run is asked, and its answer compared with what became of each picture.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.scenarios.test_passed_on import PASSED_ON, TEMPLATES, TRAINING, Desk
from tests.studio import PURPOSE
from volenti.clearance.image import Image
from volenti.consent.coverage import best_coverage
from volenti.consent.purpose import Grant, Use
from volenti.core.errors import RefusedError, VolentiError

PEOPLE = ("ann", "bob")
SAID = st.sampled_from(
    [
        (TRAINING, TEMPLATES, PASSED_ON),
        (TRAINING, TEMPLATES),
        (TEMPLATES, PASSED_ON),
        (TRAINING, PASSED_ON),
        (Grant.COMMERCIAL,),
        tuple(Grant),
    ]
)
WHO = st.sampled_from(PEOPLE)
#: Days from now on which a term begins, and for how many days it lasts.
FROM, LASTS = st.sampled_from([-10, 0, 1, 9, 40]), st.sampled_from([None, 0, 3, 20])
ACT = st.one_of(
    st.tuples(st.just("sign"), WHO, SAID, FROM, LASTS, st.booleans()),
    st.tuples(
        st.just("withdraw"), WHO, st.sampled_from([None, PURPOSE, "redistribution", "biometric-templates"])
    ),
    st.tuples(st.just("request"), WHO, st.sampled_from([None, PURPOSE, "redistribution"])),
    st.tuples(st.just("restrict"), WHO),
    st.tuples(st.just("lift"), WHO),
    st.tuples(
        st.just("give"), st.sampled_from([("ann",), ("bob",), ("ann", "bob"), ("ann", "cid"), ("cid",), ()])
    ),
    st.tuples(st.just("wait"), st.sampled_from([1, 4, 31])),
    st.tuples(st.just("clear"), st.sampled_from([PURPOSE, "strict", "non-generative-training"])),
    st.tuples(st.just("export")),
)


class History(Desk):
    """A desk at which acts happen, and what has to be called back by now, by delivery and position."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.expected: set[tuple[str, int]] = set()
        self.delivered: dict[str, dict[int, tuple[str, ...]]] = {}

    def happens(self, act: tuple[Any, ...]) -> None:
        getattr(self, f"_{act[0]}")(*act[1:])
        self._look()

    def _sign(self, who: str, said: tuple[Grant, ...], first: int, lasts: int | None, instead: bool) -> None:
        begins = self.clock.now.date() + timedelta(days=first)
        last = None if lasts is None else begins + timedelta(days=lasts)
        old = f"rel_{who}" if instead else None
        self.sign(who, *said, first=begins, last=last, instead_of=old)

    def _withdraw(self, who: str, grant: str | None) -> None:
        self.ws.releases.withdraw(subject=who, grant=grant)

    def _request(self, who: str, grant: str | None) -> None:
        chosen = None if grant is None else Grant(grant)
        self.ws.requests.run(self.ws.requests.open("withdrawal", who, grant=chosen).id)

    def _restrict(self, who: str) -> None:
        self.consent.restrict(who)

    def _lift(self, who: str) -> None:
        self.consent.lift(who)

    def _give(self, names: tuple[str, ...]) -> None:
        self.ws.add([self.studio.photo(*names)])

    def _wait(self, days: int) -> None:
        self.clock.now += timedelta(days=days)

    def _export(self) -> None:
        try:
            snapshot = self.ws.datasets.cut("humans", PURPOSE)
        except VolentiError:
            return  # nothing is cleared for it today
        try:
            _, delivery = self.export(snapshot.id)
        except RefusedError:
            return  # nothing of it may be passed on today
        entries = self.ws.datasets.show(snapshot.id).entries
        self.delivered[delivery.id] = {
            each.position: each.owners for each in entries if each.position not in delivery.left_out
        }

    def _clear(self, by: str) -> None:
        asked = {"policy": by} if by == "strict" else {"purpose": by}
        purpose = PURPOSE if by == "strict" else by
        before = self._verdicts(purpose)
        changes, waiting = self.ws.changes(**asked)
        assert self._verdicts(purpose) == before
        self.ws.clear(**asked)
        after = self._verdicts(purpose)
        foreseen = {each.image: (each.before, each.after) for each in changes}
        became = {
            name: (was, after.get(name, "rejected"))
            for name, was in before.items()
            if was != after.get(name, "rejected")
        }
        looked_at = {name: each for name, each in became.items() if name not in foreseen}
        assert {name: each for name, each in became.items() if name in foreseen} == foreseen
        assert len(looked_at) <= waiting, looked_at

    def _verdicts(self, purpose: str) -> dict[str, str]:
        """The verdict on every picture that is kept, or waits; empty where it wasn't judged for this."""
        found = {}
        for record in self.studio.parts.records.find("image"):
            if Image.read(record.id, record.body).original is None:
                continue
            decision = self.studio.parts.enforcement.decision(record.id, purpose)
            found[record.id] = decision.verdict if decision else ""
        return found

    def _look(self) -> None:
        notices = self.ws.feed.list().notices
        today = self.clock.now.date()
        for delivery, owners in self.delivered.items():
            for position, who in owners.items():
                use = Use(TRAINING, "WORLD", today, (PASSED_ON,), "")
                if not all(self._covers(each, use) for each in who):
                    self.expected.add((delivery, position))
        rows = self.studio.parts.records.rows("deletion")
        assert {(row.parent, row.position) for row in rows} == self.expected
        assert sum(each.told for each in notices) == len(self.expected) == self.studio.parts.feed.log.size
        assert self.studio.parts.recalls.due() == []
        self._account_says_what_can_be_read()

    def _covers(self, who: str, use: Use) -> bool:
        subject, said = self.consent.subject(who), self.consent.releases(who)
        return best_coverage(subject, said, use, self.consent.withdrawals(who)).covered

    def _account_says_what_can_be_read(self) -> None:
        """What isn't covered for anything isn't called cleared; what can be read for training is."""
        totals = self.ws.status().totals
        assert totals["given"] == sum(count for what, count in totals.items() if what != "given")
        cleared = {each.image for each in self.ws.status().files if each.verdict == "cleared"}
        for row in self.studio.parts.records.rows("image", state="cleared"):
            readable = [
                self.studio.parts.access.refusal(row.id, purpose, "WORLD") is None
                for purpose in (PURPOSE, "non-generative-training")
            ]
            assert any(readable) == (row.id in cleared)


@pytest.mark.timeout(900)
@settings(
    max_examples=40,
    derandomize="VOLENTI_NIGHTLY" not in os.environ,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(acts=st.lists(ACT, min_size=2, max_size=12))
@example(acts=[("export",), ("withdraw", "ann", "redistribution"), ("clear", PURPOSE)])
@example(acts=[("export",), ("sign", "ann", (TEMPLATES,), 0, None, True), ("clear", "strict")])
@example(
    acts=[
        ("withdraw", "ann", None),
        ("sign", "ann", tuple(Grant), 9, None, False),
        ("give", ("ann",)),
        ("clear", PURPOSE),
        ("wait", 4),
        ("clear", PURPOSE),
    ]
)
def test_the_feed_the_account_and_the_dry_run_agree_with_what_people_said(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[Any, ...]]
) -> None:
    history = History(tmp_path_factory.mktemp("history"))
    for who in PEOPLE:
        history.studio.person(who, TRAINING, TEMPLATES, PASSED_ON)
    for names in (("ann",), ("bob",), ("ann", "bob"), ("ann", "cid"), ("cid",)):
        history.ws.add([history.studio.photo(*names)])
    history.ws.clear(PURPOSE)
    history.happens(("export",))
    for act in acts:
        history.happens(act)
    history.ws.close()
