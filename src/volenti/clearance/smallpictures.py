"""SmallPictures: pictures as JPEGs to be looked at, small enough to be sent many at a time.

A cleared picture has a preview that is sealed beside it under the same keys. One that waits or is held has
none yet: a small picture is made of its bytes, and kept in memory for those who look at the same pages again.
Each time its row is opened first, so that nothing is shown once a key is gone, and whether somebody's data is
restricted is asked again.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from volenti.clearance.image import Image
from volenti.clearance.onrecord import open_original, open_preview
from volenti.core.errors import NotFoundError, RefusedError

if TYPE_CHECKING:
    from volenti.consent.service import Consent
    from volenti.vault.records import Records
    from volenti.vault.service import Vault

#: How many small pictures are kept in memory, of about 8 kB each.
KEPT_MAX = 4_000
#: Long side of a large one, in pixels.
LARGE_SIDE = 1_600


class SmallPictures:
    """Makes and keeps small pictures."""

    def __init__(self, records: Records, vault: Vault, consent: Consent, kept: Kept) -> None:
        self._records = records
        self._vault = vault
        self._consent = consent
        self._kept = kept

    def preview(self, image: str) -> bytes:
        """A picture at the size of a preview."""
        known = self._known(image)
        if known.preview is not None:
            return open_preview(self._records, self._vault, known)
        assert known.original is not None
        key = f"{image}/{known.original.location.pack}/{known.original.location.offset}/{known.sha256}"
        small = self._kept.get(key)
        if small is None:
            from volenti.perception.files.kept import PREVIEW_SIDE, small_of

            small = small_of(open_original(self._records, self._vault, known), PREVIEW_SIDE)
            self._kept.put(key, small)
        return small

    def large(self, image: str) -> bytes:
        """A picture to look at closely."""
        from volenti.perception.files.kept import small_of

        return small_of(open_original(self._records, self._vault, self._known(image)), LARGE_SIDE)

    def _known(self, image: str) -> Image:
        record = self._records.get("image", image)
        if record is None:
            raise NotFoundError(f"There is no picture {image!r}.", "Find it: volenti picture find WORDS")
        known = Image.read(image, record.body)
        if known.original is None:
            raise RefusedError(f"{image} was not kept.", "Rejected pictures leave no bytes behind.")
        if {*record.owners, *known.mentioned} & self._consent.restricted():
            raise RefusedError(
                f"{image} is, or may be, of somebody whose data is restricted.",
                "Look at it once that is lifted: volenti request list",
            )
        return known


class Kept:
    """Small pictures in memory; the one that was asked for longest ago goes first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._pictures: OrderedDict[str, bytes] = OrderedDict()

    def get(self, key: str) -> bytes | None:
        """The picture kept under a key; None where none is."""
        with self._lock:
            if key in self._pictures:
                self._pictures.move_to_end(key)
            return self._pictures.get(key)

    def put(self, key: str, picture: bytes) -> None:
        """Keep a picture."""
        with self._lock:
            self._pictures[key] = picture
            while len(self._pictures) > KEPT_MAX:
                self._pictures.popitem(last=False)


@cache
def kept_of(workspace: Path) -> Kept:
    """The small pictures of one workspace in this process, however often the workspace is open."""
    return Kept()
