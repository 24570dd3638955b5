"""Terms: what a delivery's recipient may do, as everybody in it agreed, and what the delivery holds.

They lie beside the samples for programs, and say everything that the card says for people.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from volenti.core.canonical import parse_given
from volenti.core.codec import OPTIONAL, decoded, encoded
from volenti.core.errors import IntegrityError
from volenti.core.files import write_atomically
from volenti.core.inside import opened_inside
from volenti.datasets.selection import Selection
from volenti.datasets.snapshot import Snapshot
from volenti.deliveries.card import CARD, card
from volenti.deliveries.delivery import BESIDE, IMAGEFOLDER, Delivery
from volenti.deliveries.ports import Delivered
from volenti.deliveries.weights.card import weights_card
from volenti.deliveries.weights.terms import WeightsTerms, key_of

TERMS = f"{BESIDE}/terms.json"


@dataclass(frozen=True, slots=True)
class DeliveryTerms:
    """What is handed over with a delivery.

    Of weights the samples are the pictures that they learned from, and the splits are the constituents.
    `samples`, `splits` (pictures by split) and `people` are what is there now, `samples_delivered` what was
    there first. Fields with defaults are lacking in deliveries of earlier versions.
    """

    delivery: str
    dataset: str
    purpose: str
    also_granted: tuple[str, ...]
    territory: str
    may_be_handed_on: bool
    delivered: str
    samples: int
    left_out: int
    left_out_not_passed_on: int
    format: str = ""
    samples_delivered: int = 0
    people: int = 0
    splits: Mapping[str, int] = field(default_factory=dict)
    selection: tuple[tuple[str, str], ...] = ()
    contact: str = ""
    feed: str = ""
    weights: WeightsTerms | None = field(default=None, metadata=OPTIONAL)

    @classmethod
    def of(
        cls,
        delivery: Delivery,
        snapshot: Snapshot,
        selection: Selection | None,
        contact: str,
        feed: str,
        parts: Sequence[str] = (),
    ) -> DeliveryTerms:
        """The terms of a delivery of that snapshot, before it is counted what it holds.

        parts: the folders of a package's parts, which take the place of splits.
        """
        purpose, territory, conditions, sublicensable = delivery.asked(snapshot)
        splits = parts or ([delivery.split] if delivery.split else snapshot.splits)
        return cls(
            delivery.id,
            snapshot.id,
            purpose,
            tuple(each.value for each in conditions),
            territory,
            sublicensable,
            delivery.at,
            delivery.samples,
            len(delivery.left_out) - delivery.not_in_split,
            delivery.not_passed_on,
            IMAGEFOLDER if delivery.packed else delivery.format,
            delivery.samples,
            0,
            dict.fromkeys(splits, 0),
            # Shoots and words may name somebody, so the recipient isn't told them.
            tuple(selection.in_numbers) if selection else (),
            contact,
            feed,
        )

    @classmethod
    def read(cls, folder: Path) -> DeliveryTerms | None:
        """The terms of an export; None where they aren't there, or aren't as they were delivered."""
        try:
            with opened_inside(folder, TERMS) as file:
                return decoded(cls, parse_given(file.read()))
        except (OSError, ValueError, TypeError, IntegrityError):
            return None

    def counted(self, samples: Collection[Delivered]) -> DeliveryTerms:
        """The terms of a delivery that holds these samples."""
        by_split = Counter(each.split for each in samples)
        people = len({person for each in samples for person in each.people})
        if self.weights is not None:
            # No picture is handed out, so none says who is in it.
            people = sum(each.people for each in self.weights.constituents if by_split[key_of(each.shard)])
        splits = {name: by_split[name] for name in self.splits}
        return replace(self, samples=len(samples), people=people, splits=splits)

    def to_bytes(self) -> bytes:
        """The file's content."""
        return json.dumps(encoded(self), indent=1).encode() + b"\n"

    def write(self, folder: Path) -> None:
        """Write the terms beside the samples."""
        write_atomically(terms_file(folder), self.to_bytes())

    def write_card(self, folder: Path) -> None:
        """Write the card into the export."""
        text = card(self) if self.weights is None else weights_card(self, self.weights)
        write_atomically(folder / CARD, text.encode())


def terms_file(folder: Path) -> Path:
    """Where an export's terms lie."""
    return folder / TERMS
