"""Enforcement: decisions are put on record, and pictures kept or removed as they say, a batch at a time.

Bytes are written first, then the log, then the rows; then what is no longer allowed is unlinked or
overwritten. So a crash in between leaves less than was decided, never more, and the same call enforces it
again. Deciding isn't done here (`evaluation`, `review`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from volenti.clearance.batch import Batch
from volenti.clearance.decision import AMENDED, UNDECIDED, UNJUDGED, Decision, policy_number
from volenti.clearance.folders import Folders
from volenti.clearance.foreseeing import foreseen, redacted_copy
from volenti.clearance.holders import SharedPackHolder
from volenti.clearance.onrecord import is_in_quarantine, open_original
from volenti.clearance.pictures import Pictures
from volenti.clearance.policy import Policy
from volenti.core.codec import decoded
from volenti.core.errors import ConflictError
from volenti.core.logs import Logger
from volenti.vault.blob import BlobRef
from volenti.vault.event_log import EventLog
from volenti.vault.records import Records
from volenti.vault.service import Vault

if TYPE_CHECKING:
    from volenti.clearance.evaluation import Evaluated
    from volenti.clearance.image import Image
    from volenti.perception.sight.faces import FaceDetector
    from volenti.perception.sight.stranger import Stranger
    from volenti.vault.ports import Row

#: Is told of whom pictures that may be in somebody else's hands are no longer cleared, in a transaction.
TakenBack = Callable[[Collection[str]], None]

_log = Logger(__name__)


class Enforcement:
    """Puts decisions on record, and keeps or removes the bytes that they are about."""

    def __init__(
        self,
        records: Records,
        vault: Vault,
        events: EventLog,
        folders: Folders,
        detector: FaceDetector,
        taken_back: TakenBack,
    ) -> None:
        """taken_back: is called in the same durable step in which pictures that were cleared are rejected."""
        vault.holders.announce(SharedPackHolder(Pictures(records), vault))
        self._records = records
        self._vault = vault
        self._events = events
        self._folders = folders
        self._detector = detector
        self._taken_back = taken_back
        self._policies: dict[str, Policy] = {}
        self._territories: dict[int, str] = {}

    def keep_policy(self, policy: Policy) -> None:
        """Keep what a policy says, so that its digest in a decision can be looked up."""
        if self._records.row("policy", policy.digest) is None:
            self._records.put("policy", policy.digest, policy.model_dump(mode="json"))

    def policy(self, digest: str) -> Policy:
        """The policy that a decision names; NotFoundError where it isn't on record."""
        # A policy's name is the digest of what it says, so what is remembered never goes out of date.
        if digest not in self._policies:
            self._policies[digest] = Policy.model_validate(self._records.require("policy", digest).body)
        return self._policies[digest]

    def territory_of(self, decision: Row) -> str:
        """Where a decision, given by its row, is about using a picture."""
        if decision.position not in self._territories:
            self._territories = {
                policy_number(name): self.policy(name).territory
                for name in self._records.identifiers("policy")
            }
        if decision.position in self._territories:
            return self._territories[decision.position]
        # Decided by a person: the row alone doesn't say by which policy.
        return self.policy(self._records.opened(decision).body["policy"]).territory

    def decision(self, image: str, purpose: str) -> Decision | None:
        """The latest decision for a purpose."""
        record = self._records.get("decision", f"{image}/{purpose}")
        return None if record is None else decoded(Decision, record.body, image=image)

    def check_judged(self, image: str, purpose: str) -> None:
        """Raise ConflictError where something lies beside the picture that came after its decision."""
        row = self._records.row("decision", f"{image}/{purpose}")
        if row is None or row.position != UNDECIDED:
            return
        if {*self._records.opened(row).body.get(UNJUDGED, ())} - {AMENDED}:
            raise ConflictError(
                f"Something about the rights in {image} came after it was judged.",
                f"Have it judged first: volenti clear --purpose {purpose}",
            )

    def decisions(self, image: str) -> list[Decision]:
        """The latest decision for each purpose."""
        return [
            decoded(Decision, each.body, image=image) for each in self._records.find("decision", parent=image)
        ]

    def foreseen(self, evaluated: Evaluated) -> Decision:
        """The decision that a batch would put on record of a picture. Puts nothing there."""
        return foreseen(evaluated, self._records, self._vault, self._detector)

    def check_redaction(self, image: Image, decision: Decision, redact: Sequence[Stranger]) -> None:
        """Raise RedactionError where a batch couldn't make these faces unrecognisable. Puts nothing there."""
        if decision.verdict == "cleared" and redact:
            data = open_original(self._records, self._vault, image)
            redacted_copy(data, image, redact, self._detector, or_hold=False)

    @contextmanager
    def batch(self, *, passing_over: bool = False) -> Iterator[Batch]:
        """Put the decisions about several pictures on record in one durable step, at the end of the block.

        passing_over: leave out pictures that others decided about or erased meanwhile, instead of raising
        ConflictError.
        """
        batch = Batch(self._records, self._vault, self._events, self._folders, self._detector)
        yield batch
        self._vault.flush()
        with self._records.transaction():
            overtaken = batch.write()
            if overtaken and not passing_over:
                raise ConflictError(
                    f"Somebody else decided {', '.join(overtaken)} meanwhile.", "Look at it again."
                )
            self._events.record_all(batch.pending)
            if batch.taken_back:
                self._taken_back(sorted(batch.taken_back))
        if overtaken:
            _log.info("pictures left out that others changed meanwhile", pictures=len(overtaken))
        if batch.obsolete:
            with self._records.transaction():
                # Another command may have taken a rejected picture in anew, into the same pack.
                take_away(self._vault, [ref for ref in batch.obsolete if not self._is_needed(ref)])

    def _is_needed(self, ref: BlobRef) -> bool:
        return _is_alone(ref) and is_in_quarantine(self._records, ref.location.pack)


def take_away(vault: Vault, refs: Collection[BlobRef]) -> None:
    """Unlink the bytes that no row names any more, or overwrite them where other things share their pack."""
    vault.discard_all(ref for ref in refs if _is_alone(ref))
    vault.blank_all(ref for ref in refs if not _is_alone(ref))


def _is_alone(ref: BlobRef) -> bool:
    """Whether the blob has a pack of its own: in quarantine every picture does."""
    return ref.kind == "quarantined"
