"""Folders: which of several files of one picture speaks for it, and what goes when a folder's person leaves.

The same bytes may be given twice, from two people's folders, with two names and captions. The picture is
whoever's it shows; what a folder calls it is that folder's person's too. So every file keeps its own name
and caption, and what lay beside it about rights, and it is known of each folder whose pictures lie there:

| row | whose it is | what it says |
|---|---|---|
| folder-person | one person's | that pictures of theirs lie in a folder |
| folder-file | nobody's | which files in a folder aren't their person's: copies, and what nobody allowed |

Folders are called by keyed digests of where they lie. Where a picture came from several, the file speaks for
it that lies among pictures of those whom it shows. Once somebody leaves in whose folder nobody else's
pictures lie, what that folder called others' pictures goes with them. Pictures of several people, and copies,
don't make a folder anybody's.

What lay beside any of a picture's files may forbid its use, and allows nothing (`beside`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from volenti.clearance.decision import UNDECIDED
from volenti.clearance.holders import QuarantineHolder
from volenti.clearance.image import CONTROLLER, Image
from volenti.core.codec import encoded
from volenti.core.errors import KeyDestroyedError
from volenti.vault.records import Record, Records

if TYPE_CHECKING:
    from volenti.clearance.quarantine import Quarantine
    from volenti.core.canonical import Json
    from volenti.perception.rights.statement import Rights
    from volenti.vault.event_log import EventLog
    from volenti.vault.service import Vault

_PERSON, _FILE = "folder-person", "folder-file"
#: State of a file's row whose bytes were given before by another file.
DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Word:
    """What one file says of its picture."""

    row: str
    folder: str
    file: str
    caption: str
    shoot: str

    @classmethod
    def of(cls, row: str, body: Json, image: Image) -> Word:
        """The first file's caption and shoot are the picture's, until a copy comes and both keep theirs."""
        return cls(
            row,
            body.get("folder", ""),
            body["file"],
            body.get("caption", image.caption),
            body.get("shoot", image.shoot),
        )


class Folders:
    """Whose pictures lie in which folder, and what lies there beside them."""

    def __init__(self, records: Records, vault: Vault, quarantine: Quarantine, events: EventLog) -> None:
        vault.holders.announce(QuarantineHolder(quarantine, self))
        self._records = records
        self._quarantine = quarantine
        self._events = events

    def file_rows(self, rows: Iterable[tuple[str, str]]) -> list[Record]:
        """Rows that find files, given as (folder, identifier), by their folder."""
        return [
            Record(_FILE, f"{folder}/{identifier}", {"file": identifier}, (), parent=folder)
            for folder, identifier in rows
            if folder
        ]

    def person_rows(self, folder: str, owners: Sequence[str]) -> list[Record]:
        """The row that says that pictures of one person lie in a folder, where there is none yet."""
        if not folder or len(owners) != 1 or owners[0] == CONTROLLER:
            return []
        name = f"{folder}/{self._records.alias(owners[0])}"
        if self._records.row(_PERSON, name) is not None:
            return []
        return [Record(_PERSON, name, {}, tuple(owners), parent=folder)]

    def people(self, folder: str) -> set[str]:
        """Whose pictures lie there."""
        return {owner for row in self._records.rows(_PERSON, parent=folder) for owner in row.owners}

    def spoken_for(self, image: Image, owners: Sequence[str]) -> Image:
        """The image by the name and caption of the file that lies among its owners' pictures.

        Of several such, or where none does, that of a folder in which nobody else's lie; then one that has
        a caption, and that with the smallest identifier. Which file came first plays no part.
        """
        words = self._words(image)
        if len(words) < 2:
            return image
        best = min(words, key=lambda word: (self._rank(word, set(owners)), not word.caption, word.row))
        return replace(image, file=best.file, caption=best.caption, shoot=best.shoot)

    def _rank(self, word: Word, owners: set[str]) -> int:
        people = self.people(word.folder)
        if people & owners:
            return 0 if people <= owners else 1
        return 2 if not people else 3

    def _words(self, image: Image) -> list[Word]:
        rows = list(self._records.rows("file", parent=image.id))
        if len(rows) < 2:
            return []
        return [Word.of(row.id, self._records.opened(row).body, image) for row in rows]

    def beside(self, image: Image) -> list[Rights]:
        """What lay beside each of a picture's files about rights, that of the first file first."""
        copies = self._records.opened_all(
            row for row in self._records.rows("file", parent=image.id) if row.state == DUPLICATE
        )
        said = [(image.sidecar, image.reservations)]
        said += [(each.body.get("sidecar", ""), each.body.get("reservations", ())) for each in copies]
        # Loaded where a picture is judged: most who ask for folders ask whose they are.
        from volenti.perception.files.metadata import Metadata
        from volenti.perception.rights.statement import rights_of

        return [rights_of(Metadata(), xmp.encode(), reservations) for xmp, reservations in said]

    # -- leaving

    def of(self, subject: str) -> list[str]:
        """Folders in which pictures of the subject alone lie, and of nobody else alone."""
        mine = [row.parent for row in self._records.rows(_PERSON, owner=subject)]
        return sorted(folder for folder in mine if self.people(folder) == {subject})

    def strays(self, subject: str) -> list[str]:
        """Identifiers of files in the subject's folders that aren't sealed for them."""
        return [row.id for row in self._strays(subject)]

    def forget(self, subject: str) -> int:
        """Take away what the subject's folders call pictures that aren't theirs; returns how many files.

        A picture that came from elsewhere too is called as it is called there; one that nobody allowed
        leaves nothing, and one that waits for somebody to say who is in it is dropped.
        """
        with self._records.transaction():
            folders = self.of(subject)
            found = list(self._strays(subject))
            for image in sorted({record.parent for record in found}):
                self._forget_in(image, {record.id for record in found if record.parent == image})
            for folder in folders:
                rows = [row.id for row in self._records.rows(_FILE, parent=folder)]
                self._records.delete(_FILE, rows)
            # Files of theirs go with their rows; what finds those by their folders, wherever they lie, here.
            self._records.delete(_FILE, list(self._theirs(subject)))
        return len(found)

    def _theirs(self, subject: str) -> Iterator[str]:
        """Identifiers of the rows that find files of theirs; none where their key is gone."""
        for row in self._records.rows("file", owner=subject):
            with suppress(KeyDestroyedError):
                yield f"{self._records.opened(row).body.get('folder', '')}/{row.id}"

    def _strays(self, subject: str) -> Iterator[Record]:
        for folder in self.of(subject):
            for listed in list(self._records.find(_FILE, parent=folder)):
                with suppress(KeyDestroyedError):
                    record = self._records.get("file", listed.body["file"])
                    if record is not None and subject not in record.owners:
                        yield record

    def _forget_in(self, image_id: str, files: set[str]) -> None:
        known = self._records.get("image", image_id)
        rows = self._records.rows("file", parent=image_id) if known is not None else ()
        left = [row for row in rows if row.id not in files]
        image = None if known is None else Image.read(known.id, known.body)
        if image is None or known is None:
            self._records.delete("file", files)
        elif left:
            records = self._adopt(known, [self._records.opened(row) for row in left], files)
            self._records.delete("file", files)
            if len(records) == 1 and image.original is not None:
                self._alone(records[0], known.owners)
            self._decide_anew(image_id)
        elif image.is_quarantined or image.original is None:
            self._quarantine.erase(image)
        # Else it is somebody's who is here, and only this folder had it: it has no other name.

    def _decide_anew(self, image_id: str) -> None:
        """Have the next `clear` decide without what is gone, and forget what was said with it.

        What a person settled stays, and what was cleared: nothing that lies beside a copy clears anything.
        """
        held = [row for row in self._records.rows("decision", parent=image_id) if row.state == "held"]
        self._records.put_all(replace(self._records.opened(row), position=UNDECIDED) for row in held)
        self._events.forget_said_about(image_id, "decision", lambda said: said["verdict"] == "held")

    def _adopt(self, known: Record, left: Sequence[Record], files: set[str]) -> list[Record]:
        """Have one of the files that are left speak for the picture, where the first one goes.

        Returns the rows of those that are left, as they are then.
        """
        going = [self._records.require("file", name) for name in files]
        first = next((record for record in going if record.state != DUPLICATE), None)
        if first is None:
            return list(left)
        image = Image.read(known.id, known.body)
        heir = min(left, key=lambda record: record.id)
        word = Word.of(heir.id, heir.body, image)
        image = replace(image, file=word.file)
        if image.original is not None:
            said = heir.body.get("sidecar", ""), tuple(heir.body.get("reservations", ()))
            image = replace(
                image, caption=word.caption, shoot=word.shoot, sidecar=said[0], reservations=said[1]
            )
        # As it would be, had it been the first: the picture has its caption and shoot.
        body = {"file": word.file, "folder": word.folder, "findings": first.body.get("findings", [])}
        heir = replace(heir, body=body, state=first.state)
        self._records.put_all([replace(known, body=encoded(image)), heir])
        return [heir, *(record for record in left if record.id != heir.id)]

    def _alone(self, record: Record, owners: Sequence[str]) -> None:
        """No copy is left of a file: it counts as any other of its folder."""
        folder = record.body.get("folder", "")
        self._records.delete(_FILE, [f"{folder}/{record.id}"])
        if record.state == "cleared":
            self._records.put_all(self.person_rows(folder, owners))
