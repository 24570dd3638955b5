"""Folder erasure: what goes of somebody's folders when they are erased, and what stays of others' pictures.

A folder in which pictures of one person alone are cleared is that person's (`folders`). Other files may lie
in it: copies of others' pictures, and pictures that nobody was allowed to use. When the person is erased,
what their folder says of these goes:

| the picture | what becomes of it |
|---|---|
| was also given from elsewhere | it gets its name and caption from there |
| waits, with others recognised in it, or given as showing others | it stays, without name and caption |
| waits, and not everybody in it is recognised | it is dropped: it may show the erased person |
| was rejected or can't be read | what was found stays on record, without the file's name |
| was cleared for others, and only this folder has it | it stays as it is |
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from volenti.clearance.decision import UNDECIDED, UNJUDGED, Decision
from volenti.clearance.folders import DUPLICATE, FOLDER_FILE, Description, Folders
from volenti.clearance.holders import QuarantineHolder
from volenti.clearance.image import Image
from volenti.core.codec import decoded, encoded
from volenti.core.errors import KeyDestroyedError
from volenti.vault.records import Record, Records

if TYPE_CHECKING:
    from volenti.clearance.quarantine import Quarantine
    from volenti.vault.event_log import EventLog
    from volenti.vault.service import Vault


#: What becomes of a picture: as the table says; `unlisted` is one of which only files are on record, and
#: `mentioned` one that goes because a face in it may be the erased person's.
Fate = Literal["renamed", "unnamed", "dropped", "kept", "unlisted", "mentioned"]


@dataclass(frozen=True, slots=True)
class InFolders:
    """What lies in somebody's folders beside their own: how many files get or lose a name, and the pictures
    that are dropped."""

    named: int
    dropped: tuple[Image, ...]


class FolderErasure:
    """Takes out what a person's folders say of pictures that aren't theirs."""

    def __init__(self, records: Records, vault: Vault, quarantine: Quarantine, events: EventLog) -> None:
        vault.holders.announce(QuarantineHolder(quarantine, self))
        self._records = records
        self._quarantine = quarantine
        self._events = events
        self.folders = Folders(records)

    def within(self, subject: str) -> InFolders:
        """What the subject's folders say of pictures that aren't theirs, and which of these are dropped."""
        named = 0
        dropped = []
        for name, files in self._strays(subject).items():
            fate, image = self._fate(name, files, subject)
            if fate == "dropped" and image is not None:
                dropped.append(image)
            elif fate not in ("kept", "mentioned"):
                named += len(files)
        return InFolders(named, tuple(dropped))

    def forget(self, subject: str) -> InFolders:
        """Delete what the subject's folders say of pictures that aren't theirs, and drop those that may show
        them; returns what that was. Pictures that mention them are left to `Quarantine.discard_mentions`."""
        with self._records.transaction():
            done = self.within(subject)
            folders = self.folders.of(subject)
            for name, files in self._strays(subject).items():
                self._forget_in(name, files, self._fate(name, files, subject)[0])
            self._quarantine.erase(*done.dropped)
            for folder in folders:
                rows = [row.id for row in self._records.rows(FOLDER_FILE, parent=folder)]
                self._records.delete(FOLDER_FILE, rows)
            # The subject's own files are deleted with their other rows. The rows by which their folders find
            # those files are nobody's, so they are deleted here.
            self._records.delete(FOLDER_FILE, list(self._theirs(subject)))
        return done

    def _theirs(self, subject: str) -> Iterator[str]:
        """Identifiers of the rows by which the subject's files are found; none where their key is gone."""
        for row in self._records.rows("file", owner=subject):
            with suppress(KeyDestroyedError):
                yield f"{self._records.opened(row).body.get('folder', '')}/{row.id}"

    def _strays(self, subject: str) -> dict[str, set[str]]:
        """By picture, the files in the subject's folders that aren't sealed for them; unread ones by ""."""
        found: dict[str, set[str]] = {}
        for folder in self.folders.of(subject):
            for listed in list(self._records.find(FOLDER_FILE, parent=folder)):
                with suppress(KeyDestroyedError):
                    record = self._records.get("file", listed.body["file"])
                    if record is not None and subject not in record.owners:
                        found.setdefault(record.parent, set()).add(record.id)
        return dict(sorted(found.items()))

    def _fate(self, name: str, files: set[str], subject: str) -> tuple[Fate, Image | None]:
        """What becomes of a picture of which these files lie in the subject's folders, and the picture."""
        known = self._records.get("image", name)
        if known is None:
            return ("unlisted" if name else "unnamed"), None
        image = Image.read(known.id, known.body)
        if any(row.id not in files for row in self._records.rows("file", parent=name)):
            return "renamed", image
        if image.original is None or known.state == "waiting":
            return "unnamed", image
        if not image.is_quarantined:
            return "kept", image
        alias = self._records.alias(subject)
        if any(image.may_show(each) for each in image.mentioned if self._records.alias(each) == alias):
            return "mentioned", image
        return ("unnamed" if _is_of_others(image) else "dropped"), image

    def _forget_in(self, name: str, files: set[str], fate: Fate) -> None:
        if fate == "renamed":
            known = self._records.require("image", name)
            left = [row for row in self._records.rows("file", parent=name) if row.id not in files]
            records = self._adopt(known, [self._records.opened(row) for row in left], files)
            self._records.delete("file", files)
            if len(records) == 1 and known.body["original"] is not None:
                self._unlist(records[0], known.owners)
            self._unmark(name, files)
            self._mark_undecided(name)
        elif fate == "unlisted":
            self._records.delete("file", files)
        elif fate == "unnamed":
            self._take_names(name, files)

    def _take_names(self, name: str, files: set[str]) -> None:
        """Take out what the files are called, and the captions that lay beside them. What lay beside them
        about rights stays: it may forbid a use."""
        known = self._records.get("image", name)
        amended = () if known is None else known.body.get("amended", ())
        gone = {"file": ""} if "caption" in amended else {"file": "", "caption": ""}
        rows = [self._records.require("file", each) for each in sorted(files)]
        for each in [*rows, *([known] if known is not None else [])]:
            taken = {what: value for what, value in gone.items() if what in each.body}
            self._records.put_all([replace(each, body={**each.body, **taken})])

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
        self._records.delete(FOLDER_FILE, [f"{folder}/{record.id}"])
        if record.state == "cleared":
            self._records.put_all(self.folders.person_rows(folder, owners))


def _is_of_others(image: Image) -> bool:
    """Whether everybody in a picture that waits is recognised, or somebody said whom it shows."""
    said = bool(image.claimed or image.expected)
    return said or bool(image.faces and all(face.subject for face in image.faces))
