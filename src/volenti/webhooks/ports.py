"""What webhooks need from the outside: somebody who sends a message to an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a message: the status of the answer, or 0 and why there was none, in a few words."""

    status: int
    why: str = ""

    @property
    def is_taken(self) -> bool:
        """Whether the receiver took it: any status from 200 to 299."""
        return 200 <= self.status < 300


class Sender(Protocol):
    """Sends messages."""

    def check(self, address: str) -> None:
        """Raise UsageError where nothing may be sent to an address, as far as the address itself says it."""
        ...

    def send(self, address: str, headers: Mapping[str, str], body: bytes) -> Sent:
        """Send one message, to this address and no other; never raises because of the receiver."""
        ...
