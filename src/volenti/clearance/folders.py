"""Folders: which of several files of a picture names it, and what goes when a folder's person is erased.

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
one person alone lie is that person's; pictures of several people, and copies, make a folder nobody's. When
that person is erased, the names and captions that the folder gave to other people's pictures are deleted.

What lay beside any of a picture's files may forbid its use, and allows nothing (`beside`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from volenti.clearance.decision import DECIDED_BY_A_PERSON, UNDECIDED, UNJUDGED, Decision
from volenti.clearance.holders import QuarantineHolder
from volenti.clearance.image import CONTROLLER, Image
from volenti.core.codec import decoded, encoded
from volenti.core.errors import KeyDestroyedError
from volenti.vault.records import Record, Records

if TYPE_CHECKING:
    from volenti.clearance.quarantine import Quarantine
    from volenti.core.canonical import Json
    from volenti.perception.rights.statement import Rights
    from volenti.vault.event_log import EventLog
    from volenti.vault.service import Vault

_PERSON, _FILE = "folder-person", "folder-file"
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

    def __init__(self, records: Records, vault: Vault, quarantine: Quarantine, events: EventLog) -> None:
        vault.holders.announce(QuarantineHolder(quarantine, self))
        self._records = records
        self._quarantine = quarantine
        self._events = events

    def file_rows(self, rows: Iterable[tuple[str, str]]) -> list[Record]:
        """Rows by which files, given as (folder, identifier), are found by their folder."""
        return [
            Record(_FILE, f"{folder}/{identifier}", {"file": identifier}, (), parent=folder)
            for folder, identifier in rows
            if folder
        ]

    def person_rows(self, folder: str, owners: Sequence[str]) -> list[Record]:
        """The row that says that pictures of one person lie in a folder; none where it is on record."""
        if not folder or len(owners) != 1 or owners[0] == CONTROLLER:
            return []
        name = f"{folder}/{self._records.alias(owners[0])}"
        if self._records.row(_PERSON, name) is not None:
            return []
        return [Record(_PERSON, name, {}, tuple(owners), parent=folder)]

    def people(self, folder: str) -> set[str]:
        """Whose pictures lie there."""
        return {owner for row in self._records.rows(_PERSON, parent=folder) for owner in row.owners}

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
            self._records.delete(_FILE, [f"{each.body.get('folder', '')}/{each.id}"])
            self._records.delete("file", [each.id])

    # -- erasure

    def of(self, subject: str) -> list[str]:
        """Folders in which pictures of the subject alone lie, and of nobody else alone."""
        mine = [row.parent for row in self._records.rows(_PERSON, owner=subject)]
        return sorted(folder for folder in mine if self.people(folder) == {subject})

    def strays(self, subject: str) -> list[str]:
        """Identifiers of files in the subject's folders that aren't sealed for them."""
        return [row.id for row in self._strays(subject)]

    def forget(self, subject: str) -> int:
        """Delete what the subject's folders say of pictures that aren't theirs; returns how many files.

        A picture that also came from elsewhere gets its name and caption from there. Of one that nobody
        allowed nothing is left, and one that waits for somebody to say who is in it is dropped.
        """
        with self._records.transaction():
            folders = self.of(subject)
            found = list(self._strays(subject))
            for image in sorted({record.parent for record in found}):
                self._forget_in(image, {record.id for record in found if record.parent == image})
            for folder in folders:
                rows = [row.id for row in self._records.rows(_FILE, parent=folder)]
                self._records.delete(_FILE, rows)
            # The subject's own files are deleted with their other rows. The rows by which their folders find
            # those files are nobody's, so they are deleted here.
            self._records.delete(_FILE, list(self._theirs(subject)))
        return len(found)

    def _theirs(self, subject: str) -> Iterator[str]:
        """Identifiers of the rows by which the subject's files are found; none where their key is gone."""
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
                self._unlist(records[0], known.owners)
            self._unmark(image_id, files)
            self._mark_undecided(image_id)
        elif image.is_quarantined or image.original is None:
            self._quarantine.erase(image)
        # Else the picture belongs to somebody else, and only this folder had it: it keeps its name.

    def _unmark(self, image_id: str, files: set[str]) -> None:
        """Take back that decisions are to be made anew, where that was because of the deleted files alone."""
        for each in self._records.opened_all(self._records.rows("decision", parent=image_id)):
            since = [name for name in each.body.get(UNJUDGED, ()) if name not in files]
            if UNJUDGED in each.body:
                body = {name: value for name, value in each.body.items() if name != UNJUDGED}
                decided = decoded(Decision, body, image=image_id).policy_number
                kept = replace(each, body={**body, UNJUDGED: since}) if since else None
                self._records.put_all([kept or replace(each, body=body, position=decided)])

    def _mark_undecided(self, image_id: str) -> None:
        """Mark held decisions so that the next `clear` decides anew, and take them out of the event log.

        They may rest on what lay beside the deleted file. A picture that was cleared stays so: nothing that
        lies beside a copy clears anything.
        """
        held = [row for row in self._records.rows("decision", parent=image_id) if row.state == "held"]
        self._records.put_all(replace(self._records.opened(row), position=UNDECIDED) for row in held)
        self._events.forget_said_about(image_id, "decision", lambda said: said["verdict"] == "held")

    def _adopt(self, known: Record, left: Sequence[Record], files: set[str]) -> list[Record]:
        """Give the picture the name and caption of a file that is left, where its first file is deleted.

        Returns the rows of the files that are left, as they are then.
        """
        going = [self._records.require("file", name) for name in files]
        first = next((record for record in going if record.state != DUPLICATE), None)
        if first is None:
            return list(left)
        image = Image.read(known.id, known.body)
        heir = min(left, key=lambda record: record.id)
        said = Description.of(heir.id, heir.body, image)
        image = replace(image, file=said.file)
        if image.original is not None:
            image = replace(
                image,
                caption=said.caption,
                shoot=said.shoot,
                sidecar=heir.body.get("sidecar", ""),
                reservations=tuple(heir.body.get("reservations", ())),
            )
        # The row is as if this file had been the first: its caption and shoot are the picture's.
        body = {"file": said.file, "folder": said.folder, "findings": first.body.get("findings", [])}
        if "given" in heir.body:
            body["given"] = heir.body["given"]
        heir = replace(heir, body=body, state=first.state)
        self._records.put_all([replace(known, body=encoded(image)), heir])
        return [heir, *(record for record in left if record.id != heir.id)]

    def _unlist(self, record: Record, owners: Sequence[str]) -> None:
        """Count a file of which no copy is left as one of its folder's person."""
        folder = record.body.get("folder", "")
        self._records.delete(_FILE, [f"{folder}/{record.id}"])
        if record.state == "cleared":
            self._records.put_all(self.person_rows(folder, owners))
