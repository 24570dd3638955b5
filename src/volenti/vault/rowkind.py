"""Row kind: what rows of one name are, declared once by the package that owns them.

No other package names the kind: whoever needs something of its rows asks the package that owns them. What has
to be known of every kind (what it is to a person, what they are shown of it, which sealed bytes it names,
whether it lies in a mirror) is taken from the declarations, so that nobody keeps a list of kinds by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from volenti.core.canonical import Json
from volenti.vault.blob import BlobRef

if TYPE_CHECKING:
    from volenti.vault.ports import Row
    from volenti.vault.records import Record


#: The holder that erases every row of somebody's, whatever its kind.
REGISTER = "register"


@dataclass(frozen=True, slots=True)
class Sealed:
    """Sealed bytes that a row names, and their SHA-256 where the row says it.

    blob: None where the row should name sealed bytes and doesn't.
    """

    what: str
    blob: BlobRef | None
    sha256: str = ""
    is_picture: bool = False


#: What the person that a row is about is shown of it, given their identifier.
Shown = Callable[["Record", str], Json]


def whole(record: Record, subject: str) -> Json:
    """All that a row says."""
    return record.body


def unless_shared(record: Record, subject: str) -> Json:
    """All that a row says, where nobody else owns it too; else nothing."""
    return {} if len(record.owners) > 1 else record.body


def nothing_sealed(record: Record) -> Iterable[Sealed]:
    """Nothing: for kinds whose rows name no sealed bytes."""
    return ()


class Mirrored(Enum):
    """Which rows of a kind lie in a mirror, too: what people said or asked for, which a restore needs."""

    NONE = "none"
    ALL = "all"
    #: Rows that nobody owns any more. Such a row stays in the mirror when it is deleted.
    NOBODYS = "nobody's"

    def holds(self, row: Row) -> bool:
        """Whether a row of the kind lies in a mirror."""
        return self is Mirrored.ALL or (self is Mirrored.NOBODYS and not row.owners)


@dataclass(frozen=True, slots=True, eq=False)
class RowKind:
    """One kind of rows.

    words: what its rows are, for a person who reads a plan; empty where no row is about a person. called:
    what one row is called, where that isn't `name`.
    shown: what the person that a row is about is shown of it. sealed: the bytes in packs that a row names.
    is_biometric: whether people can be recognised by its rows (Art. 9 GDPR).
    has_packs: whether identifiers of its rows are prefixes of packs, like people's. listed: the command that
    lists its rows. kept: for how long its rows are kept, for the record of processing. holder: the holder
    that speaks for them in a plan. begun_by: the event that makes a row, and how the row's identifier follows
    from what the event says.
    """

    name: str
    words: str = ""
    called: str = ""
    shown: Shown = unless_shared
    sealed: Callable[[Record], Iterable[Sealed]] = nothing_sealed
    has_packs: bool = False
    is_biometric: bool = False
    listed: str = "volenti status"
    kept: str = ""
    mirrored: Mirrored = Mirrored.NONE
    begun_by: tuple[str, Callable[[Json], str]] | None = None
    #: The event that says that a row was taken away, and how its identifier follows from what that says.
    ended_by: tuple[str, Callable[[Json], str]] | None = None
    holder: str = REGISTER

    @property
    def can_be_about_somebody(self) -> bool:
        """Whether rows of this kind can be about a person: then `words` says what they are."""
        return self.words != ""


class RowKinds(Mapping[str, RowKind]):
    """Every kind there is, by name."""

    def __init__(self, *packages: Iterable[RowKind], holders: Iterable[str] = ()) -> None:
        """packages: the kinds that each package declares. holders: names of those that an erasure needs."""
        self.holders = frozenset(holders)
        self._kinds: dict[str, RowKind] = {}
        for kind in (each for package in packages for each in package):
            if kind.name in self._kinds:
                raise TypeError(f"rows of kind {kind.name!r} are declared twice")
            self._kinds[kind.name] = kind

    def __getitem__(self, name: str) -> RowKind:
        return self._kinds[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kinds)

    def __len__(self) -> int:
        return len(self._kinds)

    def check(self, name: str) -> RowKind:
        """The declared kind; TypeError where there is none, so that no row is of a kind that nobody owns."""
        if name not in self._kinds:
            raise TypeError(f"rows of kind {name!r} are declared by no package")
        return self._kinds[name]

    def about_somebody(self) -> Iterator[RowKind]:
        """The kinds of which a row can be about somebody."""
        return (kind for kind in self._kinds.values() if kind.can_be_about_somebody)

    def words_for(self, name: str) -> str:
        """What rows of a kind are, in words; the kind's name where only an earlier version declared it."""
        return self._kinds[name].words if name in self._kinds else name
