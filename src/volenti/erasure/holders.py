"""The holders of the embedded workspace, in the order in which they are erased.

The order makes a crash leave less, never more: what serves the person goes first,
then what needs their key to be found, then the key, then bytes that are noise by
then.
"""

from __future__ import annotations

from collections.abc import Iterable

from volenti.clearance.folders import Folders
from volenti.clearance.image import Image
from volenti.clearance.quarantine import Quarantine
from volenti.datasets.service import Datasets
from volenti.deliveries.feed import Feed
from volenti.requests.answerpage import WORDS
from volenti.training.guests import Guests
from volenti.training.service import Training
from volenti.vault.blob import BlobRef
from volenti.vault.holder import Erased, Holding
from volenti.vault.records import Records
from volenti.vault.service import Vault


class ModelHolder:
    """Constituents and slices that were trained on the subject."""

    name = "model"

    def __init__(self, training: Training, records: Records, vault: Vault) -> None:
        self._training = training
        self._records = records
        self._vault = vault

    def locate(self, subject: str) -> list[Holding]:
        found = []
        for kind, what, action in (
            (
                "constituent",
                "constituents that learned from them",
                "drop at once, then merge anew without them",
            ),
            ("slice", "slices that learned from them", "destroy, then train anew without them"),
        ):
            records = list(self._records.find(kind, owner=subject))
            size = sum(record.body["weights"]["length"] for record in records)
            if records:
                found.append(Holding(self.name, what, len(records), size, action))
        return found

    def erase(self, subject: str) -> Erased:
        size = sum(holding.bytes for holding in self.locate(subject))
        return Erased(len(self._training.shelf.drop(subject)), size)

    def attest(self, subject: str) -> int:
        return sum(self._records.count(kind, owner=subject) for kind in ("constituent", "slice"))


class GuestHolder:
    """What scripts of the user's own trained on the subject."""

    name = "own models"

    def __init__(self, guests: Guests) -> None:
        self._guests = guests

    def locate(self, subject: str) -> list[Holding]:
        found = self._guests.parts_of(subject)
        size = sum(part.weights.location.length for part in found)
        what = "parts of models trained by your own scripts"
        return (
            [Holding(self.name, what, len(found), size, "destroy; your script trains them anew")]
            if found
            else []
        )

    def erase(self, subject: str) -> Erased:
        size = sum(holding.bytes for holding in self.locate(subject))
        return Erased(self._guests.drop(subject), size)

    def attest(self, subject: str) -> int:
        return self._guests.held(subject)


class DeliveryHolder:
    """Samples in exports that others have: beyond reach, so their holders are told."""

    name = "deliveries"

    def __init__(self, feed: Feed, vault: Vault) -> None:
        self._feed = feed
        self._vault = vault

    def locate(self, subject: str) -> list[Holding]:
        found = self._feed.untold(subject)
        deliveries = len({delivery.id for delivery, _ in found})
        # Counted, not named: certificates go to anybody.
        what = f"samples in {deliveries} {'delivery' if deliveries == 1 else 'deliveries'} to others"
        action = "call back through the deletion feed"
        return [Holding(self.name, what, len(found), 0, action)] if found else []

    def erase(self, subject: str) -> Erased:
        # Only their entries say which samples were theirs; without their key those are tombstones.
        return Erased(self._feed.tell(subject) if self._vault.has_key(subject) else 0, 0)

    def attest(self, subject: str) -> int:
        return len(self._feed.untold(subject)) if self._vault.has_key(subject) else 0


class ManifestHolder:
    """Rows of snapshots: become tombstones, so that everybody else keeps their place."""

    name = "manifests"

    def __init__(self, datasets: Datasets, records: Records) -> None:
        self._datasets = datasets
        self._records = records

    def locate(self, subject: str) -> list[Holding]:
        rows = list(self._records.rows("entry", owner=subject))
        size = sum(len(row.body) for row in rows)
        action = "empty, keeping number and commitment"
        return [Holding(self.name, WORDS["entry"], len(rows), size, action)] if rows else []

    def erase(self, subject: str) -> Erased:
        size = sum(len(row.body) for row in self._records.rows("entry", owner=subject))
        return Erased(self._datasets.bury(subject), size)

    def attest(self, subject: str) -> int:
        return self._records.count("entry", owner=subject)


class QuarantineHolder:
    """Pictures waiting for review that may show the subject, and what their folders call others' pictures."""

    name = "review queue"

    def __init__(self, quarantine: Quarantine, folders: Folders) -> None:
        self._quarantine = quarantine
        self._folders = folders

    def locate(self, subject: str) -> list[Holding]:
        found, beside = self._quarantine.mentions(subject), self._folders.strays(subject)
        held, named = "held pictures that may show them", "names that their folders give to other pictures"
        holdings = [Holding(self.name, held, len(found), _sealed_bytes(found), "unlink")] if found else []
        return holdings + ([Holding(self.name, named, len(beside), 0, "delete")] if beside else [])

    def erase(self, subject: str) -> Erased:
        named = self._folders.forget(subject)
        dropped = self._quarantine.discard_mentions(subject)
        return Erased(len(dropped) + named, _sealed_bytes(dropped))

    def attest(self, subject: str) -> int:
        return len(self._quarantine.mentions(subject)) + len(self._folders.strays(subject))


class SharedPackHolder:
    """Pictures of several people, which lie in packs of their own."""

    name = "group pictures"

    def __init__(self, records: Records, vault: Vault) -> None:
        self._records = records
        self._vault = vault

    def locate(self, subject: str) -> list[Holding]:
        refs = self._refs(subject)
        size = sum(ref.location.length for ref in refs)
        return [Holding(self.name, "pictures of several people", len(refs), size, "unlink")] if refs else []

    def erase(self, subject: str) -> Erased:
        refs = self._refs(subject)
        return Erased(len(refs), sum(self._vault.discard(ref) for ref in refs))

    def attest(self, subject: str) -> int:
        # Without their key the rows can't be opened; the row holder attests that none is left.
        return len(self._refs(subject)) if self._vault.has_key(subject) else 0

    def _refs(self, subject: str) -> list[BlobRef]:
        refs = []
        for record in self._records.find("image", owner=subject):
            if len(record.owners) > 1:
                given = [record.body.get("original"), record.body.get("preview")]
                refs += [BlobRef.from_json(each) for each in given if each]
        return refs


class RowHolder:
    """Every row of the register that names the subject as owner, whatever its kind."""

    name = "register"

    def __init__(self, records: Records) -> None:
        self._records = records

    def locate(self, subject: str) -> list[Holding]:
        counts: dict[str, tuple[int, int]] = {}
        for row in self._records.owned(subject):
            items, size = counts.get(row.kind, (0, 0))
            counts[row.kind] = (items + 1, size + len(row.body))
        return [
            Holding(self.name, WORDS.get(kind, kind), items, size, "overwrite and delete")
            for kind, (items, size) in sorted(counts.items())
            if kind not in ("entry", "slice", "constituent", "guest-part")
        ]

    def erase(self, subject: str) -> Erased:
        rows = self._records.forget(subject)
        # What a page of the database still has of them in its slack goes before the request is done.
        return Erased(len(rows), sum(len(row.body) for row in rows))

    def attest(self, subject: str) -> int:
        return sum(1 for _ in self._records.owned(subject))


class KeyHolder:
    """The subject's data key: destroying it turns every copy of everything into noise."""

    name = "key"

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def locate(self, subject: str) -> list[Holding]:
        if not self._vault.has_key(subject):
            return []
        return [Holding(self.name, "data key", 1, 32, "overwrite and destroy")]

    def erase(self, subject: str) -> Erased:
        had = self._vault.keeps_key(subject)
        self._vault.destroy_key(subject)
        return Erased(int(had), 32 * had)

    def attest(self, subject: str) -> int:
        return int(self._vault.keeps_key(subject))


class PackHolder:
    """The subject's own packs: photographs, previews and reference photographs."""

    name = "photographs"

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def locate(self, subject: str) -> list[Holding]:
        size = self._vault.size(subject)
        what = "sealed photographs and previews"
        return [Holding(self.name, what, 1, size, "unlink one prefix")] if size else []

    def erase(self, subject: str) -> Erased:
        size = self._vault.size(subject)
        return Erased(int(size > 0), self._vault.remove(subject))

    def attest(self, subject: str) -> int:
        return int(self._vault.size(subject) > 0)


def _sealed_bytes(images: Iterable[Image]) -> int:
    return sum(image.original.location.length for image in images if image.original)
