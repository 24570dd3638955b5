"""Intake: takes files in, seals them in quarantine, and accounts for every one of them.

Nothing is judged here. The folder given is only read, and nothing outside it; which of its files are taken
for pictures, and where their captions lie, says `given`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from volenti.clearance.beside import Beside, files_of
from volenti.clearance.captions import Captions
from volenti.clearance.folders import DUPLICATE, Folders
from volenti.clearance.given import Given, GivenFile, contents, given_bytes, given_files
from volenti.clearance.image import CONTROLLER, QUARANTINE, Image
from volenti.clearance.quarantine import quarantine_owner
from volenti.clearance.report import DryRun, IntakeReport, UnreadFile
from volenti.core.canonical import Json
from volenti.core.clock import Clock
from volenti.core.codec import encoded
from volenti.core.digest import commitment, derive
from volenti.core.errors import ConflictError, IntegrityError, KeyDestroyedError
from volenti.core.logs import Logger
from volenti.core.prefetch import prefetch
from volenti.core.progress import Progress, Silent, track
from volenti.perception.finding import Finding, finding
from volenti.vault.records import Record, Records
from volenti.vault.service import Vault

#: Files whose bytes are made durable together, and then their rows.
BATCH = 256
#: States of a file or image that isn't taken in again. A rejected one is: nothing of it was kept, and a
#: release that covers it may have come since.
LIVE = {"waiting", "cleared", "held", DUPLICATE}

_log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class Origin:
    """What whoever gives files says of all of them: from which shoot they are, and whom they show."""

    shoot: str = ""
    subjects: tuple[str, ...] = ()


class Intake:
    """Adds files to the quarantine."""

    def __init__(self, records: Records, vault: Vault, folders: Folders, clock: Clock, secret: bytes) -> None:
        self._folders = folders
        self._records = records
        self._vault = vault
        self._clock = clock
        self._file_key = derive(secret, "file-identifier")

    def add(
        self,
        paths: Sequence[Path],
        *,
        shoot: str = "",
        subjects: Sequence[str] = (),
        progress: Progress | None = None,
    ) -> IntakeReport:
        """Take in files and folders (walked recursively). Repeating it goes on where it stopped.

        subjects: whom they show. That clears nothing: a face is matched with them at the score of few, and
        where they aren't found the picture is held for a person.

        Raises UsageError where a path doesn't exist.
        """
        return self._taken(given_files(paths), Origin(shoot, tuple(subjects)), progress or Silent())

    def add_bytes(
        self, name: str, data: bytes, *, caption: str = "", shoot: str = "", subjects: Sequence[str] = ()
    ) -> IntakeReport:
        """Take in one file that came as bytes, with its name; they go straight into quarantine, sealed."""
        return self._taken(given_bytes(name, data, caption), Origin(shoot, tuple(subjects)), Silent())

    def _taken(self, given: Given, origin: Origin, progress: Progress) -> IntakeReport:
        with _log.timed("files taken in") as facts:
            report = IntakeReport.of(given)
            beside = Beside(self._records, self._folders, self._id_of_sidecar)
            self._add(given, origin, progress, report, beside)
            facts |= {
                "given": report.given,
                "new": report.new,
                "known": report.known,
                "duplicate": report.duplicate,
                "unreadable": len(report.unreadable),
                "sidecars": report.sidecars,
                "to_judge_again": report.to_judge_again,
                "ignored": sum(report.ignored.values()),
                "captions": report.captions,
                "faults": report.caption_faults_count,
            }
        return report

    def foreseen(
        self,
        paths: Sequence[Path],
        *,
        shoot: str = "",
        subjects: Sequence[str] = (),
        progress: Progress | None = None,
    ) -> DryRun:
        """What `add` would say of them; nothing is taken in. Raises UsageError where a path doesn't exist."""
        given = given_files(paths)
        report = DryRun.of(given)
        report.files = [each.name for each in given.files]
        beside = Beside(self._records, self._folders, self._id_of_sidecar, dry_run=True)
        self._add(given, Origin(shoot, tuple(subjects)), progress or Silent(), report, beside)
        return report

    def _add(
        self, given: Given, origin: Origin, progress: Progress, report: IntakeReport, beside: Beside
    ) -> None:
        """Take in what was given and fill in the report; a dry run of what lies beside is one of this too."""
        captions = Captions(given.files)
        pending: dict[str, Record] = {}
        walk = prefetch(contents, given.files, worth=GivenFile.is_large)
        for file, read in track(progress, "Taking in", walk, len(given.files)):
            caption = "" if isinstance(read, Finding) else captions.of(file)
            report.captions += caption != ""
            for record in self._take_in(file, read, caption, origin, report, pending, beside):
                pending[record.id] = record
            if len(pending) >= BATCH and not beside.is_dry_run:
                self._keep(list(pending.values()), beside)
                pending = {}
        if beside.is_dry_run:
            beside.judge_again(list(pending.values()))
        else:
            self._keep(list(pending.values()), beside)
        told = beside.told
        report.sidecars, report.sidecars_unread = told.found, told.unread
        report.to_judge_again = len(told.to_judge_again)
        report.add_faults(captions)

    def _keep(self, records: Sequence[Record], beside: Beside) -> None:
        # Bytes first, then the rows that refer to them: a crash in between leaves no row without bytes.
        self._vault.flush()
        with self._records.transaction():
            self._check_there(records)
            self._records.put_all(records)
            beside.judge_again(records)

    def _check_there(self, records: Sequence[Record]) -> None:
        """Raise ConflictError where another command took bytes away before their row is kept."""
        for each in records:
            if each.kind == "image" and self._records.row("image", each.id) is not None:
                image = Image.read(each.id, each.body)
                try:
                    if image.is_quarantined and image.original is not None:
                        self._vault.open(image.original, image.sha256)
                except IntegrityError as error:
                    raise ConflictError(
                        f"Another command decided about {image.file} while it was added.", "Add it again."
                    ) from error

    def _take_in(
        self,
        file: GivenFile,
        read: tuple[bytes, str] | Finding,
        caption: str,
        origin: Origin,
        report: IntakeReport,
        pending: dict[str, Record],
        beside: Beside,
    ) -> list[Record]:
        """Seal one file's bytes and count it in the report; returns the rows to keep.

        read: its bytes and their digest, or why there are none. pending: rows that aren't written yet.
        """
        owner = quarantine_owner(self._clock)
        if isinstance(read, Finding):
            if file.is_sidecar:
                report.sidecars_alone.append(file.name)
            else:
                report.unreadable.append(UnreadFile(file.name, read.message, read.remedy))
            return self._rows_of_unread(file, read)
        data, digest = read
        image = self._vault.image_identifier(digest)
        identifier = self._file_id(file, image)
        first = self._records.row("image", image)
        # Without an image on record, any file of it there was is rejected.
        known = pending.get(identifier) or (first and self._records.row("file", identifier))
        # Of copies of a rejected picture nothing is kept either: one that is given again counts as the first.
        is_here = image in pending or (first is not None and first.state in LIVE)
        if known is not None and known.state in LIVE and is_here:
            report.known += 1
            return beside.row_again(image, file, caption, known, pending)
        if is_here:
            report.duplicate += 1
            if caption and caption != self._caption(image, pending):
                report.captions_differ.append(file.name)
            owners = first.owners if first is not None else (owner,)
            said = {
                "caption": caption,
                "shoot": origin.shoot,
                "given": self._today(),
                **beside.said(image, file, caption, pending),
            }
            return self._rows_of_copy(image, file, identifier, said, owners, pending)
        said = beside.said(image, file, caption, pending)
        kept = Image(
            image,
            file.name,
            digest,
            caption,
            origin.shoot,
            sidecar=said["sidecar"],
            reservations=tuple(said["reservations"]),
            expected=origin.subjects,
        )
        if not beside.is_dry_run:
            sealed = self._vault.put((owner,), "quarantined", data, of=image, prefix=QUARANTINE, pack=image)
            kept = replace(kept, original=sealed)
        report.new += 1
        return self._rows_of_first(kept, identifier, file, owner)

    def _rows_of_first(self, kept: Image, identifier: str, file: GivenFile, owner: str) -> list[Record]:
        """The rows of a picture that is new, of its file, and of those whom it was given as showing."""
        body = {"file": file.name, "folder": self._folder_id(file), "given": self._today()}
        return [
            kept.record((owner,), "waiting"),
            *kept.mentions(self._records.alias),
            Record("file", identifier, body, (owner,), "waiting", kept.id),
        ]

    def _rows_of_unread(self, file: GivenFile, why: Finding) -> list[Record]:
        """The row of a file that isn't taken in, and the one by which its folder finds it."""
        name, folder = self._file_id(file, "file"), self._folder_id(file)
        body = {"file": file.name, "findings": [encoded(why)], "folder": folder, "given": self._today()}
        listed = self._folders.file_rows([(folder, name)])
        return [Record("file", name, body, (CONTROLLER,), "unreadable"), *listed]

    def _rows_of_copy(
        self,
        image: str,
        file: GivenFile,
        identifier: str,
        said: Json,
        owners: tuple[str, ...],
        pending: dict[str, Record],
    ) -> list[Record]:
        """The row of another file with a picture's bytes, and the rows by which folders find their files.

        said: its caption, its shoot, the day it was given and what lies beside it, as fields of the row.

        A copy keeps its own name and caption, and what lies beside it: it may come from another person's
        folder.
        """
        folder = self._folder_id(file)
        others = files_of(self._records, image, pending)
        body = {"file": file.name, "findings": [encoded(finding("duplicate"))], "folder": folder, **said}
        copy = Record("file", identifier, body, owners, DUPLICATE, image)
        places = [(folder, identifier), *((each.body.get("folder", ""), each.id) for each in others)]
        return [copy, *self._folders.file_rows(places)]

    def _caption(self, image: str, pending: dict[str, Record]) -> str:
        """The caption of a picture that is on record; empty where its key is gone."""
        with suppress(KeyDestroyedError):
            record = pending.get(image) or self._records.require("image", image)
            return Image.read(image, record.body).caption
        return ""

    def _today(self) -> str:
        """The day on which a file is given, for its row."""
        return self._clock().date().isoformat()

    def _folder_id(self, file: GivenFile) -> str:
        """The identifier of the folder that a file lies in: a keyed digest of its path."""
        text = f"folder\0{file.home}".encode(errors="surrogateescape")
        return commitment(self._file_key, text).hex()[:24]

    def _id_of_sidecar(self, file: GivenFile) -> str:
        """The identifier of the row of a file that isn't a picture."""
        return self._file_id(file, "file")

    def _file_id(self, file: GivenFile, image: str) -> str:
        """The identifier of a file's row: its image's, and a keyed digest of the file's path."""
        text = f"{file.home / file.path.name}\0{image}".encode(errors="surrogateescape")
        return f"{image}/{commitment(self._file_key, text).hex()[:24]}"
