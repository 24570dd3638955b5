"""What the log says of the deletion feed, compared with the feed itself (`vault.reconciliation`)."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from volenti.deliveries.feed import ANCHORED, Feed
from volenti.vault.event_log import EventLog


class FeedReconciliation:
    """Checks that the deletion feed only grew since the log last recorded its size and root."""

    def __init__(self, events: EventLog, feed: Feed) -> None:
        self._events = events
        self._feed = feed

    def problems(self) -> Iterator[str]:
        """Whether the feed lost entries, or its entries changed."""
        anchored = list(self._events.said(ANCHORED))
        if not anchored:
            return
        said = anchored[-1]
        size = self._feed.log.size
        if size < said["size"]:
            yield f"the deletion feed has {size} entries, and had {said['size']}: it was put back"
        elif base64.b64encode(self._feed.log.root(said["size"])).decode() != said["root"]:
            yield f"the first {said['size']} entries of the deletion feed aren't those it had"
