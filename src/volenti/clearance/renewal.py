"""Renewal: rows of pictures that earlier versions wrote are brought to what is kept today.

Those rows held what was measured of a face against people who don't own the picture, and a digest of
everybody enrolled. So every such row is written anew, once, before anybody is erased and before anything is
judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from volenti.clearance.image import Image, SeenFace
from volenti.core.codec import encoded
from volenti.core.errors import KeyDestroyedError
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent
from volenti.vault.records import Record, Records

#: The row that says that it was done, and for which form of rows.
_DONE, _FORM = ("renewal", "images"), 1
#: Rows written together: others who write wait for a tenth of a second.
BATCH = 512

_log = Logger(__name__)


class Renewal:
    """Writes old rows anew."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def run(self, progress: Progress | None = None) -> int:
        """Write old rows anew; returns how many. Idempotent: once it was done, it only looks."""
        done = self._records.row(*_DONE)
        if done is not None and done.position >= _FORM:
            return 0
        told, written = progress or Silent(), 0
        # A picture that a reviewer holds again belongs to its owners until it is decided.
        names = [
            name for state in ("cleared", "held") for name in self._records.identifiers("image", state=state)
        ]
        if names:
            told.begin("Bringing rows of an earlier version up to date", len(names))
        walk = iter(names)
        while some := list(islice(walk, BATCH)):
            with self._records.transaction():
                due = list(self._due(some))
                self._records.put_all(due)
            written += len(due)
            told.advance(len(some))
        if names:
            told.end()
            _log.info("rows of an earlier version brought up to date", rows=written)
        self._records.put(*_DONE, {}, position=_FORM)
        return written

    def _due(self, names: list[str]) -> Iterator[Record]:
        for name in names:
            try:
                record = self._records.get("image", name)
            except KeyDestroyedError:
                continue  # somebody in it is being erased
            if record is None:
                continue
            image = Image.read(record.id, record.body)
            if image.is_quarantined:
                continue
            kept = image.settled(record.owners)
            kept = replace(kept, faces=tuple(map(_of_one_person, kept.faces)))
            if encoded(kept) != record.body:
                yield replace(record, body=encoded(kept))


def _of_one_person(face: SeenFace) -> SeenFace:
    """The face without a score that the mean of everybody enrolled had a part in; it is compared again."""
    return replace(face, score=0.0, margin=None) if face.scale == "centred-cosine" else face
