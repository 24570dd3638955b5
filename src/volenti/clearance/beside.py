"""Beside: what lies beside the files given about rights, kept with their pictures, also where it comes later.

What lies beside a file is kept in its row: for the file that came first that is the picture's row.
Nothing that was said before is taken back because its file is gone. Where something new lies beside a file
whose picture was judged already, its decisions are marked, and the next `clear` makes them anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from volenti.clearance.folders import DUPLICATE, Folders
from volenti.clearance.given import GivenFile
from volenti.core.canonical import Json
from volenti.core.errors import KeyDestroyedError
from volenti.perception.rights.optouts import said_in_caption
from volenti.perception.rights.reservation import worded
from volenti.perception.rights.sidecar import UNREAD, Sidecars
from volenti.vault.ports import Row
from volenti.vault.records import Record, Records
from volenti.vault.trial import trial

#: Characters of XMP that are kept from beside all files of one picture, and the statement put in where there
#: are more.
XMP_MAX, TOO_LONG = 2**25, worded(UNREAD, "sidecars")


@dataclass(slots=True)
class Told:
    """What `add` tells of sidecars."""

    #: Files beside pictures that are about their rights.
    found: int = 0
    #: Of these, those that couldn't be read as a whole: no policy clears their pictures.
    unread: list[str] = field(default_factory=list)
    #: Pictures that were judged before, and that the next `clear` judges anew.
    to_judge_again: set[str] = field(default_factory=set)


class Beside:
    """Keeps what lies beside files, for one call of `add`."""

    def __init__(
        self,
        records: Records,
        folders: Folders,
        listed_as: Callable[[GivenFile], str],
        dry_run: bool = False,
    ) -> None:
        """listed_as: the identifier of the row of a file that isn't a picture. dry_run: write nothing."""
        self.told = Told()
        self.is_dry_run = dry_run
        self._records = records
        self._folders = folders
        self._listed_as = listed_as

    def said(self, image: str, file: GivenFile, caption: str, pending: Mapping[str, Record]) -> Json:
        """What lies beside a file that is given for the first time, as fields of its row.

        caption: what somebody wrote about it, which may forbid a use as well.
        """
        return self._joined(self._found(file, caption), image, {}, pending)

    def row_again(
        self, image: str, file: GivenFile, caption: str, known: Row | Record, pending: Mapping[str, Record]
    ) -> list[Record]:
        """The row to be written of a file that is on record already, with what lies beside it now; none where
        that isn't new, or was written here because the picture was judged before."""
        found = self._found(file, caption)
        if not found.xmp and not found.reservations:
            return []
        kind, name = ("file", known.id) if known.state == DUPLICATE else ("image", image)
        if name in pending:
            return self._changed(pending[name], found, image, pending)
        writing = trial(self._records) if self.is_dry_run else self._records.transaction()
        with suppress(KeyDestroyedError), writing:
            # Read in the transaction: another process may judge the picture in between.
            records = self._changed(self._records.require(kind, name), found, image, pending)
            self._records.put_all(records)
            if records:
                self._judge_again(image, known.id)
        return []

    def judge_again(self, written: Iterable[Record]) -> None:
        """Mark the decisions about pictures of which a copy was written with something beside it."""
        for each in written:
            if each.kind == "file" and (each.body.get("sidecar") or each.body.get("reservations")):
                if not self.is_dry_run:
                    self._judge_again(each.parent, each.id)
                elif self._records.row("image", each.parent) is not None:
                    with trial(self._records):
                        self._records.put_all([each])
                        self._judge_again(each.parent, each.id)

    def _judge_again(self, image: str, file: str) -> None:
        if self._folders.judge_again(image, file):
            self.told.to_judge_again.add(image)

    def _found(self, file: GivenFile, caption: str) -> Sidecars:
        found = file.sidecars()
        # A listing's caption lies beside no picture.
        said = dict.fromkeys([*found.reservations, *said_in_caption(caption)])
        found = replace(found, reservations=tuple(said))
        self.told.found += len(found.files)
        self.told.unread += [each.name for each in found.unread]
        # Before the picture was there, such a file was listed as one that belongs to none.
        alone = [self._listed_as(replace(file, path=each)) for each in found.files]
        if not self.is_dry_run:
            self._folders.unlist(alone)
        return found

    def _changed(
        self, record: Record, found: Sidecars, image: str, pending: Mapping[str, Record]
    ) -> list[Record]:
        said = self._joined(found, image, record.body, pending)
        known = said.items() <= record.body.items()
        return [] if known else [replace(record, body={**record.body, **said})]

    def _joined(self, found: Sidecars, image: str, before: Json, pending: Mapping[str, Record]) -> Json:
        """What lies beside a file now and what lay there before, as fields of a row.

        However many copies of a picture there are, what is kept stays in bounds. What isn't read may forbid
        something, so a statement that holds the picture is put in its place.
        """
        xmp, said = before.get("sidecar", ""), [*before.get("reservations", ()), *found.reservations]
        if found.xmp not in xmp:
            if self._xmp_size(image, pending) + len(found.xmp) > XMP_MAX:
                said.append(TOO_LONG)
            else:
                xmp = f"{xmp}\n{found.xmp}" if xmp else found.xmp
        return {"sidecar": xmp, "reservations": list(dict.fromkeys(said))}

    def _xmp_size(self, image: str, pending: Mapping[str, Record]) -> int:
        """Characters of XMP from beside all files of a picture so far."""
        record = pending.get(image) or self._records.get("image", image)
        rows = [*files_of(self._records, image, pending), *([record] if record is not None else [])]
        return sum(len(each.body.get("sidecar", "")) for each in rows)


def files_of(records: Records, image: str, pending: Mapping[str, Record]) -> Iterator[Record]:
    """The rows of a picture's files so far; pending: rows that aren't written yet."""
    known = records.opened_all(records.rows("file", parent=image))
    yield from (each for each in known if each.id not in pending)
    yield from (each for each in pending.values() if each.kind == "file" and each.parent == image)
