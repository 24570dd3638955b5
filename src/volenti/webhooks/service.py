"""Webhooks: adds and removes them, and delivers to each what happened, in order and at least once.

What is delivered is read from the event log, so nothing has to be written down when something happens. How
far a receiver was told is in its row, and is written after each message that was taken: whoever is killed in
between sends that message once more, under the same `webhook-id`. A message that isn't taken holds up those
behind it; it is sent again after longer and longer pauses, and after some days the webhook is dead. Of
somebody who was erased the log says nothing any more, so a message that waited isn't sent then.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from volenti.core.canonical import Json, canonical
from volenti.core.clock import Clock, moment, stamp
from volenti.core.codec import encoded
from volenti.core.digest import sha256
from volenti.core.errors import FailedCheckError
from volenti.core.identifiers import new
from volenti.core.logs import Logger
from volenti.core.progress import Silent
from volenti.vault.owner import CONTROLLER
from volenti.webhooks.webhook import PATIENCE, TEST, Webhook, checked_kinds, message, pause

if TYPE_CHECKING:
    from volenti.core.locks import Locks
    from volenti.vault.event_log import EventLog
    from volenti.vault.records import Records
    from volenti.webhooks.ports import Sender, Sent

WEBHOOK = "webhook"
#: How many entries of the log are looked at before it is written down how far that was.
STRIDE = 500
#: The answer by which a receiver says that it wants nothing any more (Standard Webhooks).
GONE = 410

_log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one round of delivering came to: messages that were taken and that weren't, webhooks that died."""

    taken: int = 0
    failed: int = 0
    died: int = 0


class Webhooks:
    """The webhooks of a workspace."""

    def __init__(
        self, records: Records, events: EventLog, clock: Clock, locks: Locks, sender: Sender
    ) -> None:
        self._records = records
        self._events = events
        self._clock = clock
        self._locks = locks
        self._sender = sender

    def all(self) -> list[Webhook]:
        """Every webhook, in the order in which they were added."""
        return sorted(map(Webhook.read, self._records.find(WEBHOOK)), key=lambda each: (each.at, each.id))

    def find(self, identifier: str) -> Webhook:
        """One webhook; NotFoundError where there is none."""
        return Webhook.read(self._records.require(WEBHOOK, identifier))

    def add(self, address: str, kinds: Sequence[str]) -> Webhook:
        """Add a webhook, which is told what happens from now on.

        Raises UsageError where nothing may be sent to the address, or a kind isn't known.
        """
        self._sender.check(address)
        secret = "whsec_" + base64.b64encode(os.urandom(32)).decode()
        with self._records.transaction():
            made = Webhook(
                new("whk"), address, checked_kinds(kinds), secret, stamp(self._clock()), self._events.size
            )
            self._keep(made)
            self._events.record(
                "webhook-added", {"webhook": made.id, "kinds": list(made.kinds)}, (CONTROLLER,)
            )
        _log.info("webhook added", kinds=len(made.kinds))
        return made

    def remove(self, identifier: str) -> Webhook:
        """Remove a webhook; it is told nothing more. NotFoundError where there is none."""
        with self._records.transaction():
            found = self.find(identifier)
            self._records.delete(WEBHOOK, [found.id])
            self._events.record("webhook-removed", {"webhook": found.id}, (CONTROLLER,))
        return found

    def test(self, identifier: str) -> Webhook:
        """Send a message that says nothing; where it is taken and the webhook was dead, start it again.

        Raises FailedCheckError where it isn't taken, NotFoundError where there is no such webhook.
        """
        hook = self.find(identifier)
        now = stamp(self._clock())
        said = {"type": TEST, "timestamp": now, "data": {"webhook": hook.id}}
        sent = self._send(hook, new("msg"), said)
        if not sent.is_taken:
            raise FailedCheckError(
                f"The receiver didn't take the message: {_worded(sent)}.", "Mend the receiver, and repeat."
            )
        with self._records.transaction():
            started = replace(self.find(identifier), is_dead=False, tries=0, failing="", again="", said="")
            self._keep(started)
        return started

    def deliver(self) -> Delivered:
        """Deliver what there is to be told and is due now; a process that does the same is waited for."""
        taken = failed = died = 0
        with self._locks.take("webhooks", Silent()):
            for each in self.all():
                if each.is_dead or (each.again and moment(each.again) > self._clock()):
                    continue
                came = self._deliver_to(each)
                taken, failed, died = taken + came.taken, failed + came.failed, died + came.died
        if taken or failed:
            _log.info("webhooks delivered", taken=taken, failed=failed, died=died)
        return Delivered(taken, failed, died)

    def _deliver_to(self, hook: Webhook) -> Delivered:
        """Tell one receiver what it wasn't told, up to the first message that isn't taken."""
        taken, end, looked = 0, self._events.size, hook.next
        while looked < end:
            event = self._events.event(looked)
            said = None if event is None else message(event, hook.kinds)
            if said is None:
                looked += 1
                if looked == end or (looked - hook.next) >= STRIDE:
                    hook = self._moved(hook, looked)
                continue
            sent = self._send(hook, self._name(hook, looked), said)
            if not sent.is_taken:
                return Delivered(taken, 1, int(self._failed(replace(hook, next=looked), sent)))
            looked, taken = looked + 1, taken + 1
            hook = self._moved(hook, looked, taken=True)
        return Delivered(taken)

    def _moved(self, hook: Webhook, looked: int, *, taken: bool = False) -> Webhook:
        if not taken:
            return self._still(replace(hook, next=looked))
        told = hook.told + 1
        return self._still(replace(hook, next=looked, told=told, tries=0, failing="", again="", said=""))

    def _failed(self, hook: Webhook, sent: Sent) -> bool:
        """Write down that a message wasn't taken; returns whether the webhook is dead."""
        now, tries = self._clock(), hook.tries + 1
        since = hook.failing or stamp(now)
        dead = sent.status == GONE or now - moment(since) >= PATIENCE
        again = stamp(now + pause(tries))
        self._still(replace(hook, tries=tries, failing=since, again=again, said=_worded(sent), is_dead=dead))
        return dead

    def _still(self, hook: Webhook) -> Webhook:
        """Keep a webhook, unless somebody removed it meanwhile."""
        with self._records.transaction():
            if self._records.row(WEBHOOK, hook.id) is not None:
                self._keep(hook)
        return hook

    def _send(self, hook: Webhook, name: str, said: Json) -> Sent:
        from standardwebhooks.webhooks import Webhook as Signer

        body, now = canonical(said), self._clock()
        headers = {
            "content-type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Signer(hook.secret).sign(name, now, body.decode()),
        }
        return self._sender.send(hook.address, headers, body)

    @staticmethod
    def _name(hook: Webhook, entry: int) -> str:
        """The identifier of a message: the same however often it is sent."""
        return "msg_" + sha256(f"{hook.id}\0{entry}".encode())[:32]

    def _keep(self, hook: Webhook) -> None:
        self._records.put(WEBHOOK, hook.id, encoded(hook), owners=(CONTROLLER,))


def _worded(sent: Sent) -> str:
    return f"it answered {sent.status}" if sent.status else sent.why
