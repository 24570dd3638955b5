"""Replacing a pack together with the row that says what is in it.

An erasure takes both away at once, also while what replaces them is still being trained. So the row is only
put in a transaction in which the pack was seen to open: nobody can take the pack away in between.

What is replaced may be in use, as a constituent that is served is. So the row names a pack that is there,
whenever this is interrupted: where one is there already, what takes its place is first sealed into a second
pack, which the row names until the first is written anew. In the end it lies in the first again: which of the
two it is would tell how often it was replaced, and so whether somebody had been in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from volenti.core.errors import ConflictError, IntegrityError, KeyDestroyedError
from volenti.core.logs import Logger
from volenti.vault.blob import BlobRef
from volenti.vault.records import Record, Records
from volenti.vault.service import Vault

#: How often a pack is sealed, where erasures take it away before its row is put.
TRIES = 5
_log = Logger(__name__)


def packs_of(pack: str) -> tuple[str, str]:
    """The names of the packs in which something lies, or may lie while it is replaced."""
    return pack, f"{pack}.next"


def replace_pack(
    vault: Vault,
    records: Records,
    owners: Sequence[str],
    pack: tuple[str, str],
    contents: Sequence[tuple[str, bytes]],
    record: Callable[[Sequence[BlobRef]], Record],
) -> Record:
    """Seal contents, each of a kind, into a pack of its own, and put its record; returns the record.

    pack: its prefix and name; whoever destroys the pack does so in a transaction, together with its row, and
    takes all of `packs_of`. Raises KeyDestroyedError where one of the owners was erased meanwhile; a pack
    that is there then stays.
    """
    prefix, name = pack
    _, second = packs_of(name)

    def put(into: str) -> Record:
        return _put(vault, records, owners, (prefix, name, into), contents, record)

    if name in vault.packs(prefix):
        put(second)
    made = put(name)
    vault.remove_packs(prefix, [second])
    return made


def _put(
    vault: Vault,
    records: Records,
    owners: Sequence[str],
    place: tuple[str, str, str],
    contents: Sequence[tuple[str, bytes]],
    record: Callable[[Sequence[BlobRef]], Record],
) -> Record:
    """Seal into one pack, and have the row name it. place: its prefix, what it is of, and its own name."""
    prefix, name, into = place
    for attempt in range(TRIES):
        if attempt:
            _log.warning("pack sealed again: it was taken away before its row was put", attempt=attempt + 1)
        with records.transaction():
            if not all(map(vault.has_key, owners)):
                # By now the pack may be another process's, made without the erased person.
                raise KeyDestroyedError("Somebody was erased while this was kept.", "Train again.")
            vault.remove_packs(prefix, [into])
        refs = [
            vault.put(owners, kind, data, of=f"{prefix}/{name}", prefix=prefix, pack=into)
            for kind, data in contents
        ]
        vault.flush()
        with records.transaction():
            if all(_opens(vault, ref) for ref in refs):
                made = record(refs)
                records.put_all([made])
                return made
    raise ConflictError("What was trained was taken away again and again.", "Train again.")


def _opens(vault: Vault, ref: BlobRef) -> bool:
    try:
        vault.open(ref)
    except IntegrityError:
        return False
    return True
