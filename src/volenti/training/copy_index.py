"""CopyIndex: the copy descriptors of a slice's training pictures, and whose picture each of them is.

It lies in the slice's own pack, sealed under the keys of everybody in the slice, so it is destroyed when any
of them is erased. Slices that an earlier version of the project trained have none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from volenti.core.canonical import canonical, parse
from volenti.core.errors import IntegrityError
from volenti.perception.copies.descriptor import LENGTH

#: Bytes of the number that says how long the names are.
_PREFIX = 8


@dataclass(frozen=True, slots=True, eq=False)
class CopyIndex:
    """A descriptor a picture: `rows` (pictures, LENGTH) int8; `groups[of[i]]` are the owners of picture i."""

    rows: NDArray[np.int8]
    groups: tuple[tuple[str, ...], ...]
    #: uint32, (pictures,)
    of: NDArray[np.uint32]

    @classmethod
    def of_pictures(cls, rows: NDArray[np.int8], owners: Sequence[tuple[str, ...]]) -> CopyIndex:
        """The index of pictures, from the copy descriptor and the owners of each."""
        groups = tuple(sorted(set(owners)))
        number = {group: index for index, group in enumerate(groups)}
        return cls(rows, groups, np.array([number[each] for each in owners], np.uint32))

    def owners(self, picture: int) -> tuple[str, ...]:
        """Whose picture number `picture` is."""
        return self.groups[int(self.of[picture])]

    def to_bytes(self) -> bytes:
        """Length of the names, the names as canonical JSON, a group's number for each picture, the rows."""
        names = canonical({"groups": [list(group) for group in self.groups], "pictures": len(self.rows)})
        return len(names).to_bytes(_PREFIX) + names + self.of.astype("<u4").tobytes() + self.rows.tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> CopyIndex:
        """The index that `to_bytes` wrote; IntegrityError for anything else."""
        try:
            start = _PREFIX + int.from_bytes(data[:_PREFIX])
            names = parse(data[_PREFIX:start])
            count = names["pictures"]
            middle = start + 4 * count
            of = np.frombuffer(data[start:middle], "<u4").astype(np.uint32)
            rows = np.frombuffer(data, np.int8, offset=middle).reshape(count, LENGTH)
            groups = tuple(tuple(group) for group in names["groups"])
            if len(of) != count or (count and int(of.max()) >= len(groups)):
                raise ValueError("a group's number without its names")
        except (ValueError, KeyError, TypeError) as error:
            raise IntegrityError("A slice's copy index can't be read.", "Run `volenti audit`.") from error
        return cls(rows, groups, of)
