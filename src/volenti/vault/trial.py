"""Trial: rows are written, looked at as if they were kept, and not kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from volenti.vault.records import Records


class _Tried(Exception):
    """Ends a trial."""


@contextmanager
def trial(records: Records) -> Iterator[None]:
    """Keep nothing of what is done inside, so that a dry run can look at what would come of it.

    Inside, nothing but rows may be written; nothing that is deferred is done.
    """
    assert not records.is_in_transaction, "what encloses the trial would keep its rows"
    with suppress(_Tried), records.transaction():
        yield
        raise _Tried
