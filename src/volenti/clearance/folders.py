"""Folders: whose pictures lie in which, and which of several files of a picture names it.

The same bytes may be given twice, from two people's folders, with two names and captions. The picture belongs
to the people it shows; the name and caption that a folder gives it are about that folder's person too. So
every file keeps its own name and caption, and what lay beside it about rights, and of each folder it is known
whose pictures lie there:

| row | whose it is | what it says |
|---|---|---|
| folder-person | one person's | that pictures of theirs lie in a folder |
| folder-file | nobody's | which files in a folder aren't their person's: copies, and what nobody allowed |

A folder's identifier is a keyed digest of its path. Where a picture came from several folders, its name and
caption are those of the file that lies among pictures of the people it shows. A folder in which pictures of
one person alone lie is that person's; pictures of several people, and copies, make a folder nobody's. What
goes of a folder when that person is erased says `folder_erasure`.

What lay beside any of a picture's files may forbid its use, and allows nothing (`beside`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from volenti.clearance.decision import DECIDED_BY_A_PERSON, UNDECIDED, UNJUDGED
from volenti.clearance.image import CONTROLLER, Image
from volenti.core.errors import KeyDestroyedError
from volenti.vault.records import Record, Records

if TYPE_CHECKING:
    from volenti.core.canonical import Json
    from volenti.perception.rights.statement import Rights

#: Kinds of the rows that are explained above.
FOLDER_PERSON, FOLDER_FILE = "folder-person", "folder-file"
#: Decisions that may be marked to be made anew.
_MARKED = ("cleared", "held")
#: State of a file's row whose bytes were given before by another file.
DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Description:
    """What one file says of its picture: its name, caption and shoot."""

    row: str
    folder: str
    file: str
    caption: str
    shoot: str

    @classmethod
    def of(cls, row: str, body: Json, image: Image) -> Description:
        """From a file's row; what was amended is said of the picture, whatever a file says."""
        said = {"caption": image.caption, "shoot": image.shoot, "amended": image.amended}
        return cls(row, body.get("folder", ""), body["file"], *said_of(body, said))


def said_of(body: Json, picture: Json) -> tuple[str, str]:
    """The caption and the shoot of a file, from its row's body and from its picture's.

    A first file's row has no caption and no shoot: they are the picture's.
    """
    amended = picture.get("amended", ())
    caption, shoot = (
        str(picture[name] if name in amended else body.get(name, picture[name]))
        for name in ("caption", "shoot")
    )
    return caption, shoot


class Folders:
    """Keeps whose pictures lie in which folder, and what the files in it say of their pictures."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def file_rows(self, rows: Iterable[tuple[str, str]]) -> list[Record]:
        """Rows by which files, given as (folder, identifier), are found by their folder."""
        return [
            Record(FOLDER_FILE, f"{folder}/{identifier}", {"file": identifier}, (), parent=folder)
            for folder, identifier in rows
            if folder
        ]

    def person_rows(self, folder: str, owners: Sequence[str]) -> list[Record]:
        """The row that says that pictures of one person lie in a folder; none where it is on record."""
        if not folder or len(owners) != 1 or owners[0] == CONTROLLER:
            return []
        name = f"{folder}/{self._records.alias(owners[0])}"
        if self._records.row(FOLDER_PERSON, name) is not None:
            return []
        return [Record(FOLDER_PERSON, name, {}, tuple(owners), parent=folder)]

    def people(self, folder: str) -> set[str]:
        """Whose pictures lie there."""
        return {owner for row in self._records.rows(FOLDER_PERSON, parent=folder) for owner in row.owners}

    def described(self, image: Image, owners: Sequence[str]) -> Image:
        """The image with the name and caption of the file that lies among its owners' pictures.

        Of several such files, or where there is none, the one in a folder without other people's pictures is
        taken; of these one with a caption, and of these the one with the smallest identifier. Which file came
        first plays no part.
        """
        said = self._descriptions(image)
        if len(said) < 2:
            return image
        best = min(said, key=lambda each: (self._rank(each, set(owners)), not each.caption, each.row))
        return replace(image, file=best.file, caption=best.caption, shoot=best.shoot)

    def _rank(self, said: Description, owners: set[str]) -> int:
        people = self.people(said.folder)
        if people & owners:
            return 0 if people <= owners else 1
        return 2 if not people else 3

    def _descriptions(self, image: Image) -> list[Description]:
        rows = list(self._records.rows("file", parent=image.id))
        if len(rows) < 2:
            return []
        return [Description.of(row.id, self._records.opened(row).body, image) for row in rows]

    def beside(self, image: Image) -> list[Rights]:
        """What lay beside each of a picture's files about rights, that of the first file first."""
        copies = self._records.opened_all(
            row for row in self._records.rows("file", parent=image.id) if row.state == DUPLICATE
        )
        said = [(image.sidecar, image.reservations)]
        said += [(each.body.get("sidecar", ""), each.body.get("reservations", ())) for each in copies]
        # Imported where a picture is judged: most callers only ask whose pictures lie in a folder.
        from volenti.perception.files.metadata import Metadata
        from volenti.perception.rights.statement import rights_of

        return [rights_of(Metadata(), xmp.encode(), reservations) for xmp, reservations in said]

    def judge_again(self, image: str, file: str) -> bool:
        """Mark decisions so that the next `clear` makes them anew, because something new lies beside a file;
        returns whether there were any.

        What a person decided stands, unless what lies there now is against the use. The mark names the file's
        row, so that it goes with whatever lay beside the file.
        """
        due: list[Record] = []
        with suppress(KeyDestroyedError):
            rows = [row for row in self._records.rows("decision", parent=image) if row.state in _MARKED]
            for each in self._records.opened_all(rows):
                by_a_person = each.position == DECIDED_BY_A_PERSON
                if not by_a_person or self._is_against(image, each.body["purpose"]):
                    since = [*each.body.get(UNJUDGED, ()), file]
                    body = {**each.body, UNJUDGED: list(dict.fromkeys(since))}
                    due.append(replace(each, body=body, position=UNDECIDED))
            self._records.put_all(due)
        return bool(due)

    def _is_against(self, image: str, purpose: str) -> bool:
        """Whether what lies beside a picture's files stands in the way of a use."""
        from volenti.perception.rights.findings import rights_findings

        beside = self.beside(Image.read(image, self._records.require("image", image).body))
        return any(each.verdict != "cleared" for said in beside for each in rights_findings(said, purpose))

    def unlist(self, files: Iterable[str]) -> None:
        """Delete the rows of files that were listed by themselves, and those by which folders find them."""
        for each in [record for name in files if (record := self._records.get("file", name)) is not None]:
            self._records.delete(FOLDER_FILE, [f"{each.body.get('folder', '')}/{each.id}"])
            self._records.delete("file", [each.id])

    def of(self, subject: str) -> list[str]:
        """Folders in which pictures of the subject alone lie, and of nobody else alone."""
        mine = [row.parent for row in self._records.rows(FOLDER_PERSON, owner=subject)]
        return sorted(folder for folder in mine if self.people(folder) == {subject})
