"""Paging: some rows of a kind in the order of their identifiers, quickly however many rows there are.

The register's index of identifiers has rows of all kinds mixed. So a kind, or a state of it, of which there
are few rows is read by its own index, which has no order of identifiers, and put in order here.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from volenti.vault.ports import Row
    from volenti.vault.records import Records

#: Up to how many identifiers are put in order for one page: some hundredths of a second.
FEW = 10_000


def page_of(
    records: Records, kind: str, after: str, count: int, *, state: str | None = None, least: str = ""
) -> list[Row]:
    """At most so many rows of a kind, unopened, in order of their identifiers, after one of them.

    after: an identifier, whether there is such a row or not; empty for the first page. least: what is less
    than every identifier of the kind, so that a walk over the index begins where the kind does.
    """
    if records.count(kind, state=state) > FEW:
        return records.page(kind, max(after, least), count, state=state)
    names = sorted(records.identifiers(kind, state=state))
    first = bisect_right(names, after)
    rows = (records.row(kind, name) for name in names[first : first + count])
    return [row for row in rows if row is not None]
