"""Access: the only way to a cleared picture's pixels. Reading checks, every time.

An image is readable for a purpose if its latest decision is "cleared" for that
purpose and every person in it has a release that covers the use today. A
withdrawal therefore takes effect with the next read, whatever was cut or cached
before.
"""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from volenti.clearance.decision import Decision
from volenti.clearance.image import CONTROLLER, Image
from volenti.clearance.onrecord import open_original
from volenti.consent.purpose import Grant, Use
from volenti.core.codec import decoded
from volenti.core.errors import ConflictError, KeyDestroyedError, RefusedError

if TYPE_CHECKING:
    from volenti.consent.coverage import Coverage
    from volenti.consent.service import Consent
    from volenti.vault.ports import Row
    from volenti.vault.records import Record, Records
    from volenti.vault.service import Vault

#: What releases have to cover: the purpose, the territory, grants beside the purpose, and whether whoever
#: gets the pictures may hand them on in turn.
Asked = tuple[str, str, tuple[Grant, ...], bool]

#: Seconds after which it is asked again whether another process changed anybody's consent. Such a change
#: takes effect within this time, and one that this process wrote takes effect at once.
ANSWER_SECONDS = 0.5
#: Answers of consent's that are remembered; about 50 MB.
ANSWERS_MAX = 100_000


class Access:
    """Reads images for a purpose, or refuses."""

    def __init__(self, records: Records, vault: Vault, consent: Consent) -> None:
        self._records = records
        self._vault = vault
        self._consent = consent
        self._answers: dict[tuple[str, Use], Coverage] = {}
        self._minding: dict[str, bool] = {}
        self._revision, self._asked_at, self._changes = "", -ANSWER_SECONDS, 0

    def refusal(
        self,
        image: str,
        purpose: str,
        territory: str,
        conditions: tuple[Grant, ...] = (),
        sublicensed: bool = False,
    ) -> str | None:
        """Why the image can't be read for the purpose now, in words; None where it can."""
        asked = self._asked(image, (purpose, territory, conditions, sublicensed))
        return asked if isinstance(asked, str) else None

    def is_granted(self, owner: str, image: str, asked: Asked) -> bool:
        """Whether an owner's own yes stands to what is asked, whatever else keeps the image from being read.

        A restriction doesn't count: what is restricted is kept as it is, and used again once it is lifted.
        """
        return self._consent.granted(owner, _use(asked, self._consent.today, self._shoot_of(image))).covered

    def is_rejected(self, image: str, purpose: str) -> bool:
        """Whether the latest decision rejects an image for a purpose. Needs no key."""
        decision = self._records.row("decision", f"{image}/{purpose}")
        return decision is not None and decision.state == "rejected"

    def why_rejected(self, image: str, purpose: str) -> str | None:
        """Why an image isn't kept any more, or not for a purpose, by what was decided since it was cleared.

        The codes of what was found, or a few words; None where nothing on record says that it was rejected,
        or dropped because nobody decided in time.
        """
        row = self._records.row("decision", f"{image}/{purpose}")
        if row is None:
            files = list(self._records.rows("file", parent=image))
            dropped = files and all(each.state == "rejected" and not each.owners for each in files)
            return "nobody decided in time" if dropped else None
        if row.state not in ("rejected", "unreadable"):
            return None
        decision = decoded(Decision, self._records.opened(row).body, image=image)
        codes = [each.code for each in decision.findings if each.verdict != "cleared"]
        return ", ".join(dict.fromkeys(codes)) or f"by {decision.by.removeprefix('review:')}"

    def uncovered(self, decision: Row, territory: str) -> Coverage | None:
        """Why a picture that a decision cleared isn't covered today; None where it is.

        territory: where it was cleared for. What is cleared isn't opened where no shoot matters.
        """
        purpose = decision.id.partition("/")[2]
        for owner in decision.owners:
            if owner != CONTROLLER:
                shoot = self._shoot_of(decision.parent) if self._minds_shoots(owner) else ""
                use = _use((purpose, territory, (), False), self._consent.today, shoot)
                coverage = self._coverage(owner, use)
                if not coverage.covered:
                    return coverage
        return None

    def _minds_shoots(self, owner: str) -> bool:
        self._forget_what_changed()
        if owner not in self._minding:
            self._minding[owner] = self._consent.minds_shoots(owner)
        return self._minding[owner]

    def _shoot_of(self, image: str) -> str:
        """The shoot that a picture is from; empty where that isn't known, or isn't any more."""
        with suppress(KeyDestroyedError):
            known = self.known(image)
            return known.shoot if known else ""
        return ""

    def _coverage(self, owner: str, use: Use) -> Coverage:
        """Coverage as it was at most ANSWER_SECONDS ago: readers ask the same for every picture."""
        self._forget_what_changed()
        answer = self._answers.get((owner, use))
        if answer is None:
            answer = self._answers[owner, use] = self._consent.coverage_for(owner, use)
        return answer

    def _forget_what_changed(self) -> None:
        """Forget answers that consent changed since: what changed here at once, elsewhere after a while."""
        now = time.monotonic()
        if self._changes != self._consent.changes:
            self._forget_answers()
            self._changes = self._consent.changes
        if now - self._asked_at >= ANSWER_SECONDS:
            revision = self._consent.revision
            if revision != self._revision or len(self._answers) > ANSWERS_MAX:
                self._forget_answers()
            self._revision, self._asked_at = revision, now

    def _forget_answers(self) -> None:
        self._answers.clear()
        self._minding.clear()

    def image(
        self,
        image: str,
        purpose: str,
        territory: str,
        conditions: tuple[Grant, ...] = (),
        sublicensed: bool = False,
    ) -> tuple[Image, tuple[str, ...]]:
        """The image and its owners; RefusedError where it may not be read."""
        asked = self._asked(image, (purpose, territory, conditions, sublicensed))
        if isinstance(asked, str):
            raise RefusedError(
                f"{image} can't be read: {asked}.", "Cut a new snapshot; it leaves the image out."
            )
        return Image.read(asked.id, asked.body), asked.owners

    def _asked(self, image: str, asked: Asked) -> Record | str:
        """The image's record, or why it can't be read."""
        purpose = asked[0]
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
            use = _use(asked, self._consent.today, record.body["shoot"], methods)
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
        try:
            return open_original(self._records, self._vault, image)
        except ConflictError as error:
            raise RefusedError(error.message, error.remedy) from error


@lru_cache
def _use(asked: Asked, day: date, shoot: str, methods: tuple[str, ...] = ()) -> Use:
    """The use of the pictures of a shoot; made once for all of them."""
    purpose, territory, conditions, sublicensed = asked
    return Use(Grant(purpose), territory, day, conditions, shoot, sublicensed=sublicensed, methods=methods)
