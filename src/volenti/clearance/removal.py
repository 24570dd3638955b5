"""Removal: a picture that was given by mistake is taken out again.

Its bytes are unlinked or overwritten, and its rows deleted; nothing stays of it but that a file was given and
removed, which is said without the file's name. This isn't an erasure: it is about one picture, no certificate
is made, and a backup that was made before still has it, sealed. A picture that a dataset holds isn't removed:
the dataset, exports of it and models that learned from it rest on what was cut. Nor is one of somebody whose
data is restricted: what is restricted is kept as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from volenti.clearance.account import REMOVED
from volenti.clearance.enforcement import take_away
from volenti.clearance.image import MENTION, Image
from volenti.clearance.kept_questions import KeptQuestions
from volenti.clearance.looks import forget_looks
from volenti.clearance.wrongclaim import forget_claims
from volenti.core.errors import ConflictError, RefusedError
from volenti.core.logs import Logger
from volenti.vault.blob import BlobRef
from volenti.vault.owner import people_among
from volenti.vault.records import Record, Records

if TYPE_CHECKING:
    from volenti.consent.service import Consent
    from volenti.core.locks import Locks
    from volenti.core.progress import Progress
    from volenti.vault.event_log import EventLog
    from volenti.vault.service import Vault


class PlaceInDataset(Protocol):
    """Where a dataset holds a picture; datasets are a package above this one."""

    @property
    def snapshot(self) -> str:
        """The dataset's version."""
        ...


#: Says where datasets hold a picture, given its identifier.
PlacesOf = Callable[[str], Sequence[PlaceInDataset]]
#: What a cut takes, so that no picture is cut into a dataset while it is removed.
CUT = "cut"

_log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class Removal:
    """A picture that is removed, or would be: how many files gave it, whose it is, and bytes sealed of it."""

    id: str
    files: int
    people: tuple[str, ...]
    bytes: int

    def __repr__(self) -> str:
        return f"Removal({self.id!r}, files={self.files}, people=<{len(self.people)}>, bytes={self.bytes})"


class Removals:
    """Takes pictures out that were given by mistake."""

    def __init__(
        self,
        records: Records,
        vault: Vault,
        consent: Consent,
        events: EventLog,
        locks: Locks,
        places_of: PlacesOf,
    ) -> None:
        self._records = records
        self._vault = vault
        self._consent = consent
        self._events = events
        self._locks = locks
        self._places_of = places_of

    def remove(self, images: Iterable[str], progress: Progress, *, dry_run: bool = False) -> list[Removal]:
        """Remove pictures, by their identifiers, all or none; returns what was removed, or would be.

        Raises NotFoundError where there is no such picture, ConflictError where nothing of one is kept or a
        dataset holds it, RefusedError where it is of somebody whose data is restricted.
        """
        obsolete: set[BlobRef] = set()
        with self._locks.take(CUT, progress), self._records.transaction():
            removals = []
            for name in dict.fromkeys(images):
                record = self._records.require("image", name)
                image = Image.read(name, record.body)
                self._check(image, record)
                refs = {ref for ref in (image.original, image.preview, image.unredacted) if ref is not None}
                files = self._records.opened_all(self._records.rows("file", parent=name))
                removals.append(
                    Removal(
                        name,
                        len(files),
                        people_among(record.owners),
                        sum(ref.location.length for ref in refs),
                    )
                )
                if not dry_run:
                    self._forget(image, record, files)
                    obsolete |= refs
            # Before the rows are gone for good: where this is interrupted, the same call takes away the rest.
            take_away(self._vault, obsolete)
        if not dry_run:
            _log.info("pictures removed", pictures=len(removals))
        return removals

    def _check(self, image: Image, record: Record) -> None:
        if image.original is None:
            raise ConflictError(
                f"{image.id} was rejected: nothing of it is kept.",
                f"See why: volenti picture show {image.id}",
            )
        held = sorted({each.snapshot for each in self._places_of(image.id)})
        if held:
            raise ConflictError(
                f"{image.id} is in {', '.join(held)}, and what a dataset holds isn't removed.",
                "Keep it out of what is read and cut from now on: "
                f"volenti review flag {image.id} third-party-copy --reviewer NAME; or erase whom it shows.",
            )
        if self._consent.restricted() & {*record.owners, *image.mentioned}:
            raise RefusedError(
                f"{image.id} is, or may be, of somebody whose data is restricted: it is kept as it is.",
                "Wait until that is lifted: volenti request list",
            )

    def _forget(self, image: Image, record: Record, files: Sequence[Record]) -> None:
        records = self._records
        for kind in ("decision", MENTION):
            records.delete(kind, [row.id for row in records.rows(kind, parent=image.id)])
        forget_claims(records, image.id)
        forget_looks(records, image=image.id)
        records.delete("image", [image.id])
        KeptQuestions(records).drop()
        records.forget_about(image.id)
        # Whoever the picture belonged to, what is left of its files goes with them; what waited in quarantine
        # was nobody's yet.
        owners = () if image.is_quarantined else record.owners
        records.put_all(
            # By its folder a row is found when the folder's person is erased.
            replace(
                each,
                body={"file": "", "folder": each.body.get("folder", ""), "findings": []},
                owners=owners,
                state=REMOVED,
            )
            for each in files
        )
        shown = [name for name in sorted(image.mentioned) if image.may_show(name)]
        # Not how many files gave it: some may have come from the folder of somebody who is erased later.
        self._events.record("picture-removed", {"image": image.id}, (*record.owners, *shown))
