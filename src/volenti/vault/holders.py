"""Holders of the vault: rows, keys and packs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.vault.holder import Erased, Holding, Turn

if TYPE_CHECKING:
    from volenti.vault.records import Records
    from volenti.vault.service import Vault


class RowHolder:
    """Every row of the register that names the subject as owner, whatever its kind."""

    name = "register"
    turn = Turn.ROWS

    def __init__(self, records: Records) -> None:
        self._records = records

    def locate(self, subject: str) -> list[Holding]:
        """What rows there are of the subject, by kind, but for kinds another holder speaks for."""
        counts: dict[str, tuple[int, int]] = {}
        for row in self._records.owned(subject):
            items, size = counts.get(row.kind, (0, 0))
            counts[row.kind] = (items + 1, size + len(row.body))
        declared = self._records.declared
        return [
            Holding(self.name, declared.words_for(kind), items, size, "overwrite and delete")
            for kind, (items, size) in sorted(counts.items())
            if kind not in declared or declared[kind].holder == self.name
        ]

    def erase(self, subject: str) -> Erased:
        """Delete every row of the subject's; returns how many, and the bytes of their bodies."""
        rows = self._records.forget(subject)
        # The database may keep copies in unused bytes of its pages; the request has them removed at its end.
        return Erased(len(rows), sum(len(row.body) for row in rows))

    def attest(self, subject: str) -> int:
        """How many rows of the subject's are left, of whatever kind."""
        return sum(1 for _ in self._records.owned(subject))


class KeyHolder:
    """The subject's data key: destroying it turns every copy of everything into noise."""

    name = "key"
    turn = Turn.KEY

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def locate(self, subject: str) -> list[Holding]:
        """The subject's data key, 32 bytes; nothing where there is none that opens."""
        if not self._vault.has_key(subject):
            return []
        return [self.holding()]

    @classmethod
    def holding(cls) -> Holding:
        """What is said of a data key."""
        return Holding(cls.name, "data key", 1, 32, "overwrite and destroy")

    def erase(self, subject: str) -> Erased:
        """Destroy the key for good, and whatever an interrupted destruction left of it."""
        had = self._vault.keeps_key(subject)
        self._vault.destroy_key(subject)
        return Erased(int(had), 32 * had)

    def attest(self, subject: str) -> int:
        """1 where anything of the subject's key is left, also what doesn't open any more, else 0."""
        return int(self._vault.keeps_key(subject))


class PackHolder:
    """The subject's own packs: photographs, previews and reference photographs."""

    name = "photographs"
    turn = Turn.NOISE

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def locate(self, subject: str) -> list[Holding]:
        """The subject's packs, together as one thing; nothing where no bytes are under their prefix."""
        size = self._vault.size(subject)
        what = "sealed photographs and previews"
        return [Holding(self.name, what, 1, size, "unlink one prefix")] if size else []

    def erase(self, subject: str) -> Erased:
        """Unlink everything under the subject's prefix; returns the bytes freed."""
        size = self._vault.size(subject)
        return Erased(int(size > 0), self._vault.remove(subject))

    def attest(self, subject: str) -> int:
        """1 where any bytes are left under the subject's prefix, else 0."""
        return int(self._vault.size(subject) > 0)
