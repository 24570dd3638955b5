"""Review: a person decides what the policy held.

A reviewer may clear a held picture for somebody with a release that covers the
use, or as showing nobody, or reject it. Their name and reason go into the decision
and the log. Clearing against a missing release isn't offered: it isn't a matter
of opinion.
"""

from __future__ import annotations

from collections.abc import Sequence

from volenti.clearance.decision import Decision
from volenti.clearance.finding import Verdict
from volenti.clearance.image import Image
from volenti.clearance.perception import preview_of
from volenti.clearance.policy import Policy
from volenti.clearance.quarantine import Quarantine
from volenti.clearance.service import Clearance
from volenti.consent.purpose import Grant, Use
from volenti.consent.service import Consent
from volenti.core.clock import Clock, stamp
from volenti.core.errors import ConflictError, RefusedError
from volenti.vault.journal import Happening
from volenti.vault.records import Records
from volenti.vault.service import Vault


class Review:
    """The queue of held pictures."""

    def __init__(
        self,
        records: Records,
        vault: Vault,
        consent: Consent,
        clearance: Clearance,
        quarantine: Quarantine,
        clock: Clock,
    ) -> None:
        self._records = records
        self._vault = vault
        self._consent = consent
        self._clearance = clearance
        self._quarantine = quarantine
        self._clock = clock

    def queue(self) -> list[tuple[Image, list[Decision]]]:
        """Held pictures with what was found, by identifier."""
        return [(image, self.decisions(image.id)) for image in self._quarantine.held()]

    def decisions(self, image: str) -> list[Decision]:
        return [Decision.from_json(image, each.body) for each in self._records.find("decision", parent=image)]

    def decide(
        self, image_id: str, policy: Policy, *, clear: bool, subjects: Sequence[str] = (), reviewer: str
    ) -> Decision:
        """Settle one held picture.

        subjects: whom it shows, when it is cleared; nobody means the reviewer saw no person.
        Raises ConflictError if it isn't held, RefusedError if a subject's releases don't cover
        the use today.
        """
        record = self._records.require("image", image_id)
        if record.state != "held":
            raise ConflictError(
                f"{image_id} is {record.state}, not held.", "List what is: volenti review list."
            )
        image = Image.from_json(image_id, record.body)
        assert image.original is not None
        use = Use(Grant(policy.purpose), policy.territory, self._clock().date())
        for subject in subjects:
            coverage = self._consent.coverage_for(subject, use)
            if clear and not coverage.covered:
                raise RefusedError(
                    f"{subject} has no release that covers this: {coverage.code}.",
                    "Reject the picture, or import a release that does.",
                )
        before = self.decisions(image_id)
        findings = tuple(each for decision in before for each in decision.findings)
        verdict: Verdict = "cleared" if clear else "rejected"
        at = stamp(self._clock())
        decision = Decision(
            image_id, policy.purpose, verdict, findings, policy.digest, f"review:{reviewer}", at
        )
        owners = self._clearance.owners(image, subjects, verdict)
        preview = preview_of(self._vault.open(image.original)) if clear else b""
        records = list(self._clearance.settled(image, decision, owners, preview))
        happening = Happening("decision", {"image": image_id, **decision.to_json()}, owners)
        self._clearance.keep(records, [happening], [image])
        return decision
