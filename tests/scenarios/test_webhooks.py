"""Webhooks: a receiver is told what happened, in order, at least once, and nothing that names anybody."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import volenti
from tests.studio import Studio
from tests.webhooks import Receiver, receiver
from volenti.adapters.webhooks.https import HttpsSender
from volenti.core.errors import FailedCheckError, NotFoundError, UsageError
from volenti.webhooks.ports import Sent
from volenti.webhooks.service import Webhooks
from volenti.webhooks.webhook import PATIENCE, TOLD, Happened, Webhook, message


@dataclass
class Time:
    now: datetime = datetime(2026, 3, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Told:
    studio: Studio
    taking: Receiver
    time: Time

    @property
    def hooks(self) -> Webhooks:
        """The service, over a sender that may reach this machine."""
        parts = self.studio.parts
        sender = HttpsSender(to_private=True)
        return Webhooks(parts.records, parts.events, self.time, parts.adapters.locks, sender)

    def types(self, hook: Webhook) -> list[str]:
        # Signatures are checked against the present time, which this clock doesn't have.
        return [json.loads(body)["type"] for _, body in self.taking.got]


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    time = Time()
    with receiver() as taking:
        yield Told(Studio.open(tmp_path, clock=time), taking, time)


def test_what_happens_is_told_in_order_and_once(told: Told) -> None:
    told.studio.person("before")
    hook = told.hooks.add(told.taking.address, [])
    told.studio.person("ann")
    ws = told.studio.ws
    ws.releases.withdraw("rel_ann", grant="commercial")
    request = ws.requests.open("erasure", "ann", identity="document")
    assert told.hooks.deliver().taken == 5
    ws.requests.run(request.id)
    assert told.hooks.deliver().failed == 0
    assert [each for each in told.types(hook) if each != "picture.decided"] == [
        "subject.added",
        "release.signed",
        "release.withdrawn",
        "request.opened",
        "request.changed",
        "request.done",
    ]
    assert told.hooks.deliver().taken == 0
    assert len({headers["webhook-id"] for headers, _ in told.taking.got}) == len(told.taking.got)


def test_messages_hold_identifiers_alone(told: Told) -> None:
    told.hooks.add(told.taking.address, [])
    told.studio.shoot("ann")
    told.studio.clear()
    told.hooks.deliver()
    said = b"".join(body for _, body in told.taking.got).decode()
    assert "picture.decided" in said
    for personal in ("Legal", "example.org", "1990-01-01", "blue top", ".png"):
        assert personal not in said


def test_a_receiver_can_check_that_a_message_is_from_here(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    parts = studio.parts
    with receiver() as taking:
        hooks = Webhooks(
            parts.records, parts.events, parts.clock, parts.adapters.locks, HttpsSender(to_private=True)
        )
        hook = hooks.add(taking.address, ["subject.added"])
        studio.person("ann")
        hooks.deliver()
        assert [each["data"] for each in taking.read(hook.secret)] == [{"subject": "ann"}]
        other = hooks.add(taking.address, [])
        with pytest.raises(Exception, match="signature"):
            taking.read(other.secret)


def test_a_kind_that_was_not_chosen_is_not_told(told: Told) -> None:
    hook = told.hooks.add(told.taking.address, ["release.withdrawn"])
    told.studio.person("ann")
    told.studio.ws.releases.withdraw("rel_ann")
    assert told.hooks.deliver().taken == 1
    assert told.types(hook) == ["release.withdrawn"]


def test_what_isn_t_taken_holds_up_the_rest_and_is_sent_again_under_its_name(told: Told) -> None:
    hook = told.hooks.add(told.taking.address, ["subject.added"])
    told.studio.person("ann"), told.studio.person("ben")
    told.taking.statuses = [500, 302]
    assert (told.hooks.deliver().failed, told.hooks.deliver().failed) == (1, 0), "it waits for its pause"
    told.time.now += timedelta(seconds=5)
    assert told.hooks.deliver().failed == 1
    told.time.now += timedelta(seconds=59)
    assert told.hooks.deliver() == told.hooks.deliver()
    told.time.now += timedelta(seconds=1)
    assert told.hooks.deliver().taken == 2
    names = [headers["webhook-id"] for headers, _ in told.taking.got]
    assert names[0] == names[1] == names[2] != names[3]
    assert [json.loads(body)["data"]["subject"] for _, body in told.taking.got] == [
        "ann",
        "ann",
        "ann",
        "ben",
    ]
    assert told.hooks.find(hook.id).tries == 0


def test_after_some_days_it_is_dead_until_it_takes_a_message(told: Told) -> None:
    hook = told.hooks.add(told.taking.address, ["subject.added"])
    told.studio.person("ann")
    told.taking.statuses = [503] * 99
    began, rounds = told.time.now, 0
    while not told.hooks.find(hook.id).is_dead:
        told.hooks.deliver()
        told.time.now += timedelta(hours=1)
        rounds += 1
    assert PATIENCE <= told.time.now - began <= PATIENCE + timedelta(hours=12)
    assert len(told.taking.got) < 20, "its pauses grow"
    sent = len(told.taking.got)
    told.hooks.deliver()
    assert len(told.taking.got) == sent
    with pytest.raises(FailedCheckError, match="503"):
        told.hooks.test(hook.id)
    told.taking.statuses = []
    assert not told.hooks.test(hook.id).is_dead
    assert told.hooks.deliver().taken == 1, "what waited is told now"


def test_a_receiver_that_says_gone_is_dead_at_once(told: Told) -> None:
    hook = told.hooks.add(told.taking.address, ["subject.added"])
    told.studio.person("ann")
    told.taking.statuses = [410]
    assert told.hooks.deliver().died == 1
    assert told.hooks.find(hook.id).said == "it answered 410"


def test_one_that_is_dead_holds_up_nobody_else(told: Told) -> None:
    told.hooks.add(f"{told.taking.address}/1", ["subject.added"])
    told.hooks.add(f"{told.taking.address}/2", ["subject.added"])
    told.studio.person("ann")
    told.taking.statuses = [500]
    done = told.hooks.deliver()
    assert (done.taken, done.failed) == (1, 1)
    assert sorted(each.tries for each in told.hooks.all()) == [0, 1]


class Killed(Exception):
    pass


def test_killed_after_a_message_was_taken_it_is_sent_once_more_and_none_is_lost(told: Told) -> None:
    told.hooks.add(told.taking.address, ["subject.added"])
    for name in ("ann", "ben", "cem"):
        told.studio.person(name)

    class Dying(HttpsSender):
        def send(self, *given: object, **named: object) -> Sent:
            super().send(*given, **named)  # type: ignore[arg-type]
            raise Killed

    for _ in range(2):
        hooks = told.hooks
        hooks._sender = Dying(to_private=True)
        with pytest.raises(Killed):
            hooks.deliver()
    assert told.hooks.deliver().taken == 3
    subjects = [json.loads(body)["data"]["subject"] for _, body in told.taking.got]
    assert subjects == ["ann", "ann", "ann", "ben", "cem"]
    assert len({headers["webhook-id"] for headers, _ in told.taking.got}) == 3


def test_of_somebody_who_was_erased_meanwhile_nothing_more_is_told(told: Told) -> None:
    told.hooks.add(told.taking.address, ["subject.added", "release.signed"])
    told.studio.person("ann")
    ws = told.studio.ws
    ws.requests.run(ws.requests.open("erasure", "ann", identity="document").id)
    assert told.hooks.deliver().taken == 0


def test_what_can_t_be_a_webhook_is_refused(told: Told) -> None:
    with pytest.raises(UsageError, match="nothing that a webhook is told of"):
        told.hooks.add(told.taking.address, ["weather"])
    with pytest.raises(UsageError, match="private network"):
        told.studio.ws.webhooks.add("https://10.0.0.1/")
    for verb in (told.hooks.find, told.hooks.remove, told.hooks.test):
        with pytest.raises(NotFoundError):
            verb("whk_nobody")


def test_removed_while_it_is_told_it_doesn_t_come_back(told: Told) -> None:
    hook = told.hooks.add(told.taking.address, ["subject.added"])
    told.studio.person("ann")

    class Removing(HttpsSender):
        def send(self, *given: object, **named: object) -> Sent:
            told.hooks.remove(hook.id)
            return Sent(204)

    hooks = told.hooks
    hooks._sender = Removing()
    hooks.deliver()
    assert told.hooks.all() == []


def test_an_event_of_another_kind_is_no_message() -> None:
    assert message({"kind": "user-added", "at": "", "body": {}}, ()) is None


def test_every_event_that_is_told_is_one_that_is_recorded() -> None:
    files = Path(volenti.__file__).parent.rglob("*.py")
    code = "".join(path.read_text() for path in files if "webhooks" not in path.parts)
    assert [each for each in TOLD if f'"{each}"' not in code] == []
    signed = set(re.findall(r'"(release-(?:signed|attested|imported)[a-z-]*)"', code))
    assert signed == {each for each, (kind, _) in TOLD.items() if kind is Happened.RELEASE_SIGNED}
