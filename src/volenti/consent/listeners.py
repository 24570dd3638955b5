"""Listeners: what follows from a change of somebody's consent is done by those who listen to it.

Whatever is kept of consent may end what was covered: a withdrawal, a later release that takes an earlier
one's place, a birth date that was corrected. So listeners are told whose consent changed, and ask themselves
what still holds; nobody has to know every way in which a yes can end.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from volenti.vault.event_log import Event

#: Called with a subject's identifier once a change of their consent is durable, and sometimes again: it must
#: be idempotent.
Listener = Callable[[str], None]

#: Kinds of events that end nothing that was covered before. A restriction doesn't either: what is restricted
#: is kept, and used again once that is lifted.
_END_NOTHING = frozenset(
    {
        *("subject-added", "told-apart", "release-issued", "reference-sealed"),
        *("restriction-begun", "restriction-lifted"),
    }
)


def may_have_lost(events: Collection[Event]) -> list[str]:
    """Whom events are about that may end what was covered before; nobody who was recorded just now."""
    new = {owner for each in events if each.kind == "subject-added" for owner in each.owners}
    told = {owner for each in events if each.kind not in _END_NOTHING for owner in each.owners}
    return sorted(told - new)


class Listeners:
    """Functions that are called with everybody whose consent changed."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def add(self, listener: Listener) -> None:
        """Have `listener` called at every later `tell`, after the listeners added before it."""
        self._listeners.append(listener)

    def tell(self, subjects: Iterable[str]) -> None:
        """Call every listener for each, also where an earlier call fails; then raise the first failure."""
        failures: list[Exception] = []
        for subject in subjects:
            for listener in self._listeners:
                try:
                    listener(subject)
                except Exception as failure:
                    failures.append(failure)
        if failures:
            raise failures[0]
