"""A pack and the row that says what is in it, put in the place of what was there.

Whoever leaves has both taken away at once, however long training what replaces them goes on. So a row is only
put while the pack can be opened, where nobody can take the pack away in between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from volenti.core.errors import ConflictError, IntegrityError, KeyDestroyedError
from volenti.vault.blob import BlobRef
from volenti.vault.records import Record, Records
from volenti.vault.service import Vault

#: How often it is put there again, after others took it away.
TRIES = 5


def replace_pack(
    vault: Vault,
    records: Records,
    owners: Sequence[str],
    pack: tuple[str, str],
    contents: Sequence[tuple[str, bytes]],
    record: Callable[[Sequence[BlobRef]], Record],
) -> Record:
    """Seal contents, each of a kind, into a pack of its own, and put its record; returns that.

    pack: its prefix and name; whoever destroys it does so in a transaction, with its row.
    KeyDestroyedError where one of the owners was erased meanwhile: what is there then stays.
    """
    prefix, name = pack
    for _ in range(TRIES):
        with records.transaction():
            if not all(map(vault.has_key, owners)):
                # By now the pack may be another process's, made without whoever was erased.
                raise KeyDestroyedError("Somebody was erased while this was kept.", "Train again.")
            vault.remove_packs(prefix, [name])
        refs = [
            vault.put(owners, kind, data, of=f"{prefix}/{name}", prefix=prefix, pack=name)
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
