"""Pictures as they are on record now, while others decide about them.

Another command may decide about a picture, move its bytes or take them away after its row was read and before
its bytes are opened. Bytes that are gone are damage only where the row still names them.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from volenti.clearance.image import Image
from volenti.core.errors import ConflictError, IntegrityError, KeyDestroyedError, VolentiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from volenti.vault.blob import BlobRef
    from volenti.vault.records import Records
    from volenti.vault.service import Vault


def image_now(records: Records, name: str) -> Image | None:
    """The picture as it is on record; None where it was removed, or somebody in it was erased meanwhile."""
    with suppress(KeyDestroyedError):
        record = records.get("image", name)
        return None if record is None else Image.read(name, record.body)
    return None


def open_original(records: Records, vault: Vault, image: Image) -> bytes:
    """A picture's bytes, given what was read of it before.

    Raises ConflictError where another command decided about it or removed it meanwhile, KeyDestroyedError
    where somebody in it was erased, and IntegrityError where the bytes are damaged that its row names.
    """
    return _opened(records, vault, image, lambda known: known.original, image.sha256)


def opens(records: Records, vault: Vault, image: Image) -> bool:
    """Whether a picture's bytes open."""
    with suppress(VolentiError):
        open_original(records, vault, image)
        return True
    return False


def open_preview(records: Records, vault: Vault, image: Image) -> bytes:
    """The bytes of a picture's preview; raises as `open_original` does."""
    return _opened(records, vault, image, lambda known: known.preview)


def is_in_quarantine(records: Records, pack: str) -> bool:
    """Whether a picture's row names bytes in its pack in quarantine. To be asked in a transaction."""
    image = image_now(records, pack)
    return image is not None and (image.is_quarantined or image.unredacted is not None)


def _opened(
    records: Records,
    vault: Vault,
    image: Image,
    named: Callable[[Image], BlobRef | None],
    digest: str = "",
) -> bytes:
    ref = named(image)
    if ref is not None:
        try:
            return vault.open(ref, digest)
        except IntegrityError:
            # Whoever takes bytes away may do so before the row that says so is kept: a transaction waits.
            with records.transaction():
                now = image_now(records, image.id)
            if now is not None and named(now) == ref:
                raise
    raise ConflictError(f"{image.id} was decided or removed by another command meanwhile.", "Repeat.")
