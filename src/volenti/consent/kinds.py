"""Rows of consent: subjects, their releases, their withdrawals, and restrictions of the use of their data."""

from __future__ import annotations

from collections.abc import Iterator

from volenti.core.codec import decoded
from volenti.vault.blob import BlobRef
from volenti.vault.records import Record
from volenti.vault.rowkind import Mirrored, RowKind, Sealed


def _sealed(record: Record) -> Iterator[Sealed]:
    body = record.body
    if body["reference"] is not None:
        yield Sealed("the reference photograph", decoded(BlobRef, body["reference"]))
    for each in body.get("scans", ()):
        yield Sealed("a scanned paper, or the record of a signing", decoded(BlobRef, each))
    for further in body.get("further", {}).values():
        yield Sealed("a further reference photograph", decoded(BlobRef, further))


KINDS = (
    RowKind(
        "subject",
        words="name, contact and notes",
        listed="volenti subject list",
        kept="until they ask for erasure",
        mirrored=Mirrored.ALL,
    ),
    RowKind(
        "release",
        words="signed releases",
        sealed=_sealed,
        listed="volenti release list",
        kept="until their subject is erased, also once they are withdrawn or over",
        mirrored=Mirrored.ALL,
    ),
    RowKind(
        "withdrawal",
        words="withdrawals",
        kept="as long as the releases that they are about",
        mirrored=Mirrored.ALL,
    ),
    RowKind(
        "restriction",
        words="that the use of what is theirs is restricted",
        listed="volenti request list",
        kept="until it is lifted",
        mirrored=Mirrored.ALL,
    ),
    RowKind(
        "two-people",
        words="that they and somebody else on record are two people",
        listed="volenti subject list",
        kept="until one of the two is erased",
    ),
    # A keyed digest of a name and a birth date: it says nothing to who doesn't have both, and the key.
    RowKind("erased-person", listed="volenti request list", mirrored=Mirrored.ALL),
    RowKind("consent"),
)
