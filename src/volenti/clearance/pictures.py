"""Pictures: what is on record of them, for packages that make something out of pictures.

Whether a picture may be read is asked of `clearance.access`, every time; this only counts and finds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from volenti.clearance.image import Image
from volenti.vault.paging import page_of

if TYPE_CHECKING:
    from volenti.vault.records import Records


@dataclass(frozen=True, slots=True)
class Owned:
    """A picture, and everybody whom it belongs to."""

    image: Image
    owners: tuple[str, ...]

    @property
    def is_shared(self) -> bool:
        """Whether the picture belongs to more than one person."""
        return len(self.owners) > 1


class Pictures:
    """Counts and finds pictures by state, by purpose and by person."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def count(self, *states: str) -> int:
        """How many pictures are in one of these states: waiting, held, cleared, rejected."""
        return sum(self._records.count("image", state=each) for each in states)

    def count_files(self, state: str | None = None) -> int:
        """How many files were given; with a state, how many of them whose picture is in it."""
        return self._records.count("file", state=state)

    def count_of(self, subject: str) -> int:
        """How many pictures of the subject's are cleared."""
        return self._records.count("image", owner=subject, state="cleared")

    def find(self, identifier: str) -> Image | None:
        """What is known of a picture; None where nothing is. Needs the keys of its owners."""
        record = self._records.get("image", identifier)
        return None if record is None else Image.read(record.id, record.body)

    def after(self, place: str, count: int, state: str | None = None) -> list[str]:
        """Identifiers of so many pictures, of one state where it is given, in their order, after one."""
        return [row.id for row in page_of(self._records, "image", place, count, state=state, least="img_")]

    def owners_of(self, identifier: str) -> tuple[str, ...]:
        """Whom a picture belongs to, or its day of quarantine; nobody where nothing is on record of it."""
        row = self._records.row("image", identifier)
        return () if row is None else row.owners

    def of(self, subject: str) -> Iterator[Owned]:
        """Every picture of the subject's, with pictures of several people among them. Needs their key."""
        for record in self._records.find("image", owner=subject):
            yield Owned(Image.read(record.id, record.body), record.owners)

    def cleared_for(self, purpose: str) -> list[str]:
        """Identifiers of the pictures whose latest decision clears them for the purpose, sorted."""
        decided = self._records.rows("decision", state="cleared")
        return sorted(row.parent for row in decided if row.id.endswith(f"/{purpose}"))

    def cleared(self) -> Counter[str]:
        """How many pictures are cleared, by purpose."""
        return Counter(row.id.partition("/")[2] for row in self._records.rows("decision", state="cleared"))
