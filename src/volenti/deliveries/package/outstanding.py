"""Outstanding packages: those that a machine has, as far as is known here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from volenti.deliveries.delivery import Delivery
    from volenti.deliveries.exports import Exports
    from volenti.deliveries.feed import Feed


def outstanding(exports: Exports, feed: Feed, run: str, snapshot: str) -> list[Delivery]:
    """The packages of a run over a snapshot that weren't dropped, by the word of whoever has them.

    Of a package that wasn't written to its end there is no file: nobody can have it, or drop it.
    """
    return [
        each
        for each in exports.deliveries(snapshot)
        if each.packed and each.packed.run == run and each.complete and not feed.is_over(each)
    ]
