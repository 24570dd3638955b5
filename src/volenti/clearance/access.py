"""Access: the only way to a cleared picture's pixels. Reading checks, every time.

An image is readable for a purpose if its latest decision is "cleared" for that
purpose and every person in it has a release that covers the use today. A
withdrawal therefore takes effect with the next read, whatever was cut or cached
before.
"""

from __future__ import annotations

import time
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from volenti.clearance.image import CONTROLLER, Image
from volenti.consent.purpose import Grant, Use
from volenti.core.errors import KeyDestroyedError, RefusedError

if TYPE_CHECKING:
    from volenti.consent.coverage import Coverage
    from volenti.consent.service import Consent
    from volenti.core.clock import Clock
    from volenti.vault.records import Record, Records
    from volenti.vault.service import Vault

#: Seconds after which it is asked again whether another process changed anybody's consent. Such a change
#: takes effect within this time, and one that this process wrote takes effect at once.
ANSWER_SECONDS = 0.5
#: Answers of consent's that are remembered; about 50 MB.
ANSWERS_MAX = 100_000


class Access:
    """Reads images for a purpose, or refuses."""

    def __init__(self, records: Records, vault: Vault, consent: Consent, clock: Clock) -> None:
        self._records = records
        self._vault = vault
        self._consent = consent
        self._clock = clock
        self._answers: dict[tuple[str, Use], Coverage] = {}
        self._revision, self._asked_at, self._changes = "", -ANSWER_SECONDS, 0

    def refusal(self, image: str, purpose: str, territory: str) -> str | None:
        """Why the image can't be read for the purpose now, in words; None where it can."""
        asked = self._asked(image, purpose, territory)
        return asked if isinstance(asked, str) else None

    def is_granted(self, owner: str, image: str, purpose: str, territory: str) -> bool:
        """Whether an owner's own yes to the purpose stands, whatever else keeps the image from being read."""
        try:
            known = self.known(image)
        except KeyDestroyedError:
            return False
        use = _use(purpose, territory, self._clock().date(), known.shoot if known else "")
        return self._consent.granted(owner, use).covered

    def _coverage(self, owner: str, use: Use) -> Coverage:
        """Coverage as it was at most ANSWER_SECONDS ago: readers ask the same for every picture."""
        now = time.monotonic()
        if self._changes != self._consent.changes:
            self._answers.clear()
            self._changes = self._consent.changes
        if now - self._asked_at >= ANSWER_SECONDS:
            revision = self._consent.revision
            if revision != self._revision or len(self._answers) > ANSWERS_MAX:
                self._answers.clear()
            self._revision, self._asked_at = revision, now
        answer = self._answers.get((owner, use))
        if answer is None:
            answer = self._answers[owner, use] = self._consent.coverage_for(owner, use)
        return answer

    def image(self, image: str, purpose: str, territory: str) -> tuple[Image, tuple[str, ...]]:
        """The image and its owners; RefusedError where it may not be read."""
        asked = self._asked(image, purpose, territory)
        if isinstance(asked, str):
            raise RefusedError(
                f"{image} can't be read: {asked}.", "Cut a new snapshot; it leaves the image out."
            )
        return Image.read(asked.id, asked.body), asked.owners

    def _asked(self, image: str, purpose: str, territory: str) -> Record | str:
        """The image's record, or why it can't be read."""
        decision = self._records.row("decision", f"{image}/{purpose}")
        if decision is None or decision.state != "cleared":
            return f"it isn't cleared for {purpose}"
        row = self._records.row("image", image)
        if row is None:
            return "it isn't here any more"
        try:
            # The decision is opened too: only a row that opens is known to be as it was written.
            decided, record = self._records.opened_all([decision, row])
            methods = tuple(decided.body.get("methods", ()))
            use = _use(purpose, territory, self._clock().date(), record.body["shoot"], methods)
            for owner in decision.owners:
                if owner != CONTROLLER:
                    coverage = self._coverage(owner, use)
                    if not coverage.covered:
                        return coverage.message
        except KeyDestroyedError:
            return "a person in it was erased"
        return record

    def known(self, image: str) -> Image | None:
        """What is kept about an image, without permission to look at it."""
        record = self._records.get("image", image)
        return None if record is None else Image.read(record.id, record.body)

    def sealed(self, image: Image) -> bytes:
        """The file's bytes as they were given. For whoever got the image from `image`, and for the audit."""
        if image.original is None:
            raise RefusedError(f"{image.id} was not kept.", "Rejected pictures leave no bytes behind.")
        return self._vault.open(image.original, image.sha256)


@lru_cache
def _use(purpose: str, territory: str, day: date, shoot: str, methods: tuple[str, ...] = ()) -> Use:
    """The use of the pictures of a shoot; made once for all of them."""
    return Use(Grant(purpose), territory, day, shoot=shoot, methods=methods)
