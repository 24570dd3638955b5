"""Intake: takes files in, seals them in quarantine, accounts for every one.

Nothing is judged here. The folder given is only read, and nothing outside it: a link that leads out of it, or
to nothing, and what is no file at all, is accounted for and not opened. Captions lie beside a
picture as `<name>.txt`, or for a whole folder in `metadata.jsonl` with the fields
`file_name` and `text` (the layout of Hugging Face's ImageFolder); what was saved about
rights lies as `sidecar` says. Sidecars of a picture aren't counted as given; any other
file is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from volenti.clearance.folders import DUPLICATE, Folders
from volenti.clearance.image import CONTROLLER, QUARANTINE, Image
from volenti.core.ahead import ahead
from volenti.core.canonical import Json, parse_given
from volenti.core.clock import Clock
from volenti.core.codec import encoded
from volenti.core.digest import commitment, derive, sha256
from volenti.core.errors import IntegrityError, KeyDestroyedError, UsageError
from volenti.core.inside import is_given, opened_given, walked
from volenti.core.progress import Progress, Silent, track
from volenti.perception.files.picture import Limits
from volenti.perception.finding import Finding, finding
from volenti.perception.rights.sidecar import (
    SUFFIXES,
    TDMREP,
    UNREAD,
    belongs_to,
    beside,
    sidecars_of,
    text_of,
)
from volenti.vault.ports import Row
from volenti.vault.records import Record, Records
from volenti.vault.service import Vault

#: Files whose bytes are made durable together, and then their rows.
BATCH = 256
#: Bytes from which on a file is read and hashed in another thread.
LARGE = 2**18
#: What is larger isn't read: nothing would decode it.
BYTES_MAX = Limits().bytes_max
#: Of a longer listing of captions the rest isn't read.
CAPTIONS_BYTES_MAX = 2**28
#: Characters of XMP from beside all files of one picture, and what is stated where there are more.
XMP_MAX, TOO_LONG = 2**25, f"{UNREAD} (sidecars)"
#: States of a file or image that need not be taken in again. A rejected one may have found its
#: release since, and nothing of it was kept.
LIVE = {"waiting", "cleared", "held", DUPLICATE}
CAPTIONS = "metadata.jsonl"
#: Files that speak for a folder.
FOLDER_FILES = {CAPTIONS, TDMREP}


@dataclass(slots=True)
class IntakeReport:
    """What became of the files given."""

    given: int = 0
    new: int = 0
    known: int = 0
    duplicate: int = 0
    #: Copies with another caption than the file that was given first.
    captions_differ: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


class Intake:
    """Adds files to the quarantine."""

    def __init__(self, records: Records, vault: Vault, folders: Folders, clock: Clock, secret: bytes) -> None:
        self._folders = folders
        self._records = records
        self._vault = vault
        self._clock = clock
        self._file_key = derive(secret, "file-identifier")

    def add(
        self, paths: Sequence[Path], *, shoot: str = "", progress: Progress | None = None
    ) -> IntakeReport:
        """Take in files and folders (walked recursively). Repeating it goes on where it stopped.

        Raises UsageError where a path doesn't exist.
        """
        files = list(given_files(paths))
        report = IntakeReport(given=len(files))
        captions: dict[Path, str] = {}
        for folder, root in {(file.path.parent, file.root) for file in files}:
            captions |= folder_captions(folder, root)
        pending: dict[str, Record] = {}
        walk = ahead(_read, files, worth=_is_large)
        for file, read in track(progress or Silent(), "Taking in", walk, len(files)):
            caption = captions.get(file.path, "") or file.caption()
            for record in self._taken(file, read, caption, shoot, report, pending):
                pending[record.id] = record
            if len(pending) >= BATCH:
                self._keep(pending.values())
                pending = {}
        self._keep(pending.values())
        return report

    def _keep(self, records: Iterable[Record]) -> None:
        # Bytes first, then the rows that refer to them: a crash in between leaves no row without bytes.
        self._vault.flush()
        self._records.put_all(records)

    def _taken(
        self,
        file: GivenFile,
        read: tuple[bytes, str] | Finding,
        caption: str,
        shoot: str,
        report: IntakeReport,
        pending: dict[str, Record],
    ) -> list[Record]:
        owner = quarantine_owner(self._clock)
        if isinstance(read, Finding):
            report.unreadable.append(file.name)
            name, folder = self._file_id(file, "file"), self._folder_id(file)
            body = {"file": file.name, "findings": [encoded(read)], "folder": folder}
            listed = self._folders.file_rows([(folder, name)])
            return [Record("file", name, body, (CONTROLLER,), "unreadable"), *listed]
        data, digest = read
        image = self._vault.image_identifier(digest)
        identifier = self._file_id(file, image)
        first = self._records.row("image", image)
        # Where there is no image, no file of it is anything but rejected.
        known = pending.get(identifier) or (first and self._records.row("file", identifier))
        if known is not None and known.state in LIVE:
            report.known += 1
            return self._with_sidecars(image, file, known, pending)
        if image in pending or (first is not None and first.state in LIVE):
            report.duplicate += 1
            if caption and caption != self._caption(image, pending):
                report.captions_differ.append(file.name)
            owners = first.owners if first is not None else (owner,)
            # A copy keeps its own name and caption, and what lies beside it: it may come from another
            # person's folder.
            folder = self._folder_id(file)
            others = self._files(image, pending)
            body = {
                "file": file.name,
                "findings": [encoded(finding("duplicate"))],
                "folder": folder,
                "caption": caption,
                "shoot": shoot,
                **self._said(image, file, {}, pending),
            }
            copy = Record("file", identifier, body, owners, DUPLICATE, image)
            places = [(folder, identifier), *((each.body.get("folder", ""), each.id) for each in others)]
            return [copy, *self._folders.file_rows(places)]
        ref = self._vault.put((owner,), "quarantined", data, of=image, prefix=QUARANTINE, pack=image)
        said = self._said(image, file, {}, pending)
        kept = Image(
            image,
            file.name,
            digest,
            caption,
            shoot,
            sidecar=said["sidecar"],
            reservations=tuple(said["reservations"]),
            original=ref,
        )
        report.new += 1
        return [
            kept.record((owner,), "waiting"),
            Record(
                "file",
                identifier,
                {"file": file.name, "folder": self._folder_id(file)},
                (owner,),
                "waiting",
                image,
            ),
        ]

    def _caption(self, image: str, pending: dict[str, Record]) -> str:
        """What a picture that is here is called; nothing where nobody can open it any more."""
        with suppress(KeyDestroyedError):
            record = pending.get(image) or self._records.require("image", image)
            return Image.read(image, record.body).caption
        return ""

    def _files(self, image: str, pending: dict[str, Record]) -> list[Record]:
        """The rows of a picture's files so far."""
        waiting = [each for each in pending.values() if each.kind == "file" and each.parent == image]
        known = self._records.opened_all(self._records.rows("file", parent=image))
        return [*(each for each in known if each.id not in pending), *waiting]

    def _with_sidecars(
        self, image: str, file: GivenFile, known: Row | Record, pending: dict[str, Record]
    ) -> list[Record]:
        """The row of a file that is here already, with what lies beside it now, until somebody judged it.

        Of the file that came first that is the picture's row.
        """
        row = self._records.row("image", image)
        if row is not None and row.state != "waiting":
            return []
        kind, name = ("file", known.id) if known.state == DUPLICATE else ("image", image)
        record = pending.get(name) or self._records.require(kind, name)
        said = self._said(image, file, record.body, pending)
        return (
            [replace(record, body={**record.body, **said})] if not said.items() <= record.body.items() else []
        )

    def _said(self, image: str, file: GivenFile, before: Json, pending: dict[str, Record]) -> Json:
        """What lies beside a file about rights, and did before, as fields of a row.

        However many copies of a picture there are, what is kept of it stays in bounds; what isn't read may
        forbid something, so the picture is held.
        """
        found = sidecars_of(file.path, file.root)
        xmp, said = before.get("sidecar", ""), [*before.get("reservations", ()), *found.reservations]
        if found.xmp not in xmp:
            if self._xmp_size(image, pending) + len(found.xmp) > XMP_MAX:
                said.append(TOO_LONG)
            else:
                xmp = f"{xmp}\n{found.xmp}" if xmp else found.xmp
        return {"sidecar": xmp, "reservations": list(dict.fromkeys(said))}

    def _xmp_size(self, image: str, pending: dict[str, Record]) -> int:
        """Characters of XMP from beside all files of a picture so far."""
        record = pending.get(image) or self._records.get("image", image)
        rows = [*self._files(image, pending), *([record] if record is not None else [])]
        return sum(len(each.body.get("sidecar", "")) for each in rows)

    def _folder_id(self, file: GivenFile) -> str:
        """What the folder that a file lies in is called: a keyed digest of its path."""
        text = f"folder\0{file.home}".encode(errors="surrogateescape")
        return commitment(self._file_key, text).hex()[:24]

    def _file_id(self, file: GivenFile, image: str) -> str:
        """A file's row lies beside its image's."""
        text = f"{file.home / file.path.name}\0{image}".encode(errors="surrogateescape")
        return f"{image}/{commitment(self._file_key, text).hex()[:24]}"


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file as it was given: its path, its name relative to what was given, the folder given
    (its own, where it was given by itself), and the folder it lies in, whatever way leads there."""

    path: Path
    name: str
    root: Path
    home: Path

    def read(self) -> bytes:
        """Its bytes; raises OSError, and IntegrityError where it is a link out of the folder or no file."""
        with opened_given(self.path, self.root) as file:
            # One more than any picture may have: what is larger is told from that, and read no further.
            return file.read(BYTES_MAX + 1)

    def caption(self) -> str:
        """The caption in `<name>.txt` beside the picture, if there is one."""
        return next((text_of(each, self.root).strip() for each in beside(self.path, ".txt")), "")


def _is_large(file: GivenFile) -> bool:
    """Whether reading and hashing it takes long enough to be done while others are sealed."""
    try:
        return file.path.lstat().st_size >= LARGE
    except OSError:
        return False


def _read(file: GivenFile) -> tuple[bytes, str] | Finding:
    """A file's bytes and their digest, or why there are none."""
    try:
        data = file.read()
    except OSError as error:
        return finding("unreadable", format=error.strerror or "unknown")
    except IntegrityError:
        return finding("outside")
    if len(data) > BYTES_MAX:
        return finding("bomb", measure=f"over {BYTES_MAX // 2**20} MiB")
    return data, sha256(data)


def given_files(paths: Sequence[Path]) -> Iterator[GivenFile]:
    """Every file to be accounted for, in a fixed order."""
    homes: dict[Path, Path] = {}

    def home(path: Path) -> Path:
        if path.parent not in homes:
            homes[path.parent] = path.parent.resolve()
        return homes[path.parent]

    for path in paths:
        if path.is_dir():
            everything = sorted(walked(path))
            strays = {each for each in everything if not is_given(each, path)}
            for each in sorted(strays):
                yield GivenFile(each, str(each.relative_to(path)), path, home(each))
            found = [each for each in everything if each not in strays and each.is_file()]
            pictures = {each for each in found if each.suffix.lower() not in SUFFIXES}
            names = pictures | {each.with_suffix("") for each in pictures}
            for each in found:
                if each.name not in FOLDER_FILES and not belongs_to(each, names):
                    yield GivenFile(each, str(each.relative_to(path)), path, home(each))
        elif path.exists() or path.is_symlink():
            yield GivenFile(path, path.name, path.parent, home(path))
        else:
            raise UsageError(f"There is no {path}.", "Check the path.")


def folder_captions(folder: Path, root: Path) -> dict[Path, str]:
    """Captions of a folder's metadata.jsonl; a line that can't be read captions nothing."""
    captions: dict[Path, str] = {}
    try:
        with opened_given(folder / CAPTIONS, root) as file:
            text = file.read(CAPTIONS_BYTES_MAX).decode(errors="replace")
    except (OSError, IntegrityError):
        return captions
    for line in text.splitlines():
        try:
            entry = parse_given(line)
            captions[folder / str(entry["file_name"])] = str(entry.get("text", ""))
        except (ValueError, KeyError, TypeError):
            continue
    return captions


def quarantine_owner(clock: Clock) -> str:
    """The quarantine key of the day: destroying it empties the day's quarantine."""
    return f"{QUARANTINE}-{clock():%Y-%m-%d}"
