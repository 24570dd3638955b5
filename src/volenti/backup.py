"""Backups: copies of a workspace that hold no keys.

    SHA256SUMS     digests of every file but the note, as sha256sum writes them
    backup.note    says what this is, signed by the workspace; written last
    workspace.json, public-key, columns.json, fill.json, register.db, packs/, log/, feed/

With keys in it, a backup would open what was erased since. So it holds of people ciphertext alone, and the
keys lie in a mirror: a second place, best on another disk, that every erasure reaches (`volenti backup
mirror`). The workspace's own keys, the folder `secret`, lie in neither: keep them apart from both.

A reader trusts the files of a backup only after checking that the workspace's own key signed the list of
them, and that no name in the list leads out of the backup.

A backup is made while the workspace is in use. Packs are copied before the register and once more after
it: so every pack that the register names is there, unless somebody was erased in between.
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import stat
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from volenti.bootstrap import open_parts
from volenti.core.canonical import Json
from volenti.core.clock import Clock, stamp, system_clock
from volenti.core.digest import sha256, sha256_file
from volenti.core.errors import IntegrityError, UsageError
from volenti.core.files import create_file, make_folder, write_atomically
from volenti.core.inside import check_name, names_inside, opened_inside
from volenti.core.logs import Logger
from volenti.core.progress import Progress, Silent, track
from volenti.core.signing import PublicKey
from volenti.erasure.copies import Copies
from volenti.folder import MARKER, PUBLIC_KEY, REMEMBERED, origin_of, secrets_of
from volenti.stores import mirror_of, update_mirror
from volenti.transparency.note import SignedNote, Verifier

_NOTE, _SUMS = "backup.note", "SHA256SUMS"
_FIRST_LINE = "volenti.dev/backup/v1"
_REGISTER = "register.db"
#: Folders of a workspace that are copied as they are.
_FOLDERS = ("packs", "log", "feed")
#: The other files of a backup that are in its list.
_FILES = (_REGISTER, MARKER, PUBLIC_KEY, *REMEMBERED)
_PIECE, _NOTE_MAX = 1 << 20, 1 << 16
_DIGEST = re.compile(r"[0-9a-f]{64}")
_log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class MadeBackup:
    """What making a backup came to. `linked` files are hard links to the earlier backup's."""

    files: int
    bytes: int
    linked: int
    mirrored: int | None

    def to_json(self) -> Json:
        """The counts as a JSON object; `mirrored` is called `keys_in_mirror`, null without a mirror."""
        said = {"files": self.files, "bytes": self.bytes, "linked": self.linked}
        return {**said, "keys_in_mirror": self.mirrored}


@dataclass(slots=True)
class CheckedBackup:
    """What verifying a backup found."""

    made: str = ""
    log: str = ""
    files: int = 0
    problems: list[str] = field(default_factory=list)

    def to_json(self) -> Json:
        """What was found as a JSON object; `ok` is true where there is no problem."""
        return {
            "ok": not self.problems,
            "made": self.made,
            "log": self.log,
            "files": self.files,
            "problems": self.problems,
        }


def make_backup(
    workspace: Path,
    out: Path,
    *,
    since: Path | None = None,
    clock: Clock = system_clock,
    progress: Progress | None = None,
) -> MadeBackup:
    """Copy a workspace into a new folder.

    since: an earlier backup, to whose copies unchanged files are linked. UsageError where `out` isn't empty.
    """
    progress = progress or Silent()
    with _log.timed("backup made") as facts:
        # Opened and closed: what lacks a part isn't worth a backup.
        open_parts(workspace, clock=clock).close()
        _, key = secrets_of(workspace)
        origin, place = origin_of(key.public), mirror_of(workspace)
        if place is not None:
            place.reach()
        make_folder(out)
        if any(out.iterdir()):
            raise UsageError(f"{out} isn't empty.", "Give a new folder; backups don't grow.")
        sums = _Sums(out, since, key.public)
        sums.take(workspace / "packs", workspace, progress)
        _copy_register(workspace / _REGISTER, out / _REGISTER)
        for name in _FOLDERS:
            sums.take(workspace / name, workspace, progress)
        for name in (MARKER, *REMEMBERED):
            with suppress(FileNotFoundError), opened_inside(workspace, name) as source:
                copy_file(source, out / name)
        write_atomically(out / PUBLIC_KEY, f"{key.public}\n".encode())
        for name in (each for each in _FILES if (out / each).exists()):
            sums.found[name] = (sha256_file(out / name), (out / name).stat().st_size)
        lines = (f"{digest}  {name}\n" for name, (digest, _) in sorted(sums.found.items()))
        sums_text = "".join(lines).encode()
        write_atomically(out / _SUMS, sums_text)
        size = sum(each for _, each in sums.found.values())
        text = f"{_FIRST_LINE}\nlog {origin}\nmade {stamp(clock())}\nsums {sha256(sums_text)}\n"
        write_atomically(out / _NOTE, str(SignedNote(text).signed(origin, key)).encode())
        with open_parts(workspace, clock=clock) as opened:
            # On record, so that the plan of an erasure names this backup.
            Copies(opened.records).keep_backup(
                made=stamp(clock()), place=str(out.resolve()), files=len(sums.found), size=size
            )
        mirrored = None if place is None else update_mirror(workspace, place.place)
        facts.update(files=len(sums.found), bytes=size, linked=sums.linked, keys_in_mirror=mirrored or 0)
    if mirrored is None:
        _log.warning("no mirror: the keys have no second copy")
    return MadeBackup(len(sums.found), size, sums.linked, mirrored)


class _Sums:
    """Copies files into a backup; keeps their digests and sizes by name."""

    def __init__(self, out: Path, since: Path | None, key: PublicKey) -> None:
        self._out = out
        self._since = since
        # Digests of files that are linked to are taken from its list and signed anew: it has to hold.
        self._earlier = {} if since is None else signed_list(since, key)[1]
        self.found: dict[str, tuple[str, int]] = {}
        self.linked = 0

    def take(self, folder: Path, workspace: Path, progress: Progress) -> None:
        """Copy those files of a folder that are new, or have grown since this copied them last."""
        names = [f"{folder.name}/{below}" for below, ordinary in names_inside(folder) if ordinary]
        for name in track(progress, f"Copying {folder.name}", names):
            to = self._out / name
            try:
                with opened_inside(workspace, name) as source:
                    facts = os.fstat(source.fileno())
                    known = self.found.get(name)
                    if known and to.stat().st_mtime_ns == facts.st_mtime_ns and known[1] == facts.st_size:
                        continue
                    self.found[name] = self._link(name, facts) or copy_file(source, to)
            except FileNotFoundError:
                # Somebody was erased, or a tile grew full, since the folder was listed.
                continue

    def _link(self, name: str, facts: os.stat_result) -> tuple[str, int] | None:
        """Link to the earlier backup's copy, where the file hasn't changed; returns its digest and size."""
        if self._since is None or name not in self._earlier:
            return None
        there = self._since / name
        was = there.lstat()
        same = (was.st_mtime_ns, was.st_size) == (facts.st_mtime_ns, facts.st_size)
        if not (same and stat.S_ISREG(was.st_mode)):
            return None
        to = self._out / name
        make_folder(to.parent)
        to.unlink(missing_ok=True)
        try:
            to.hardlink_to(there)
        except OSError:  # another disk
            return None
        self.linked += 1
        return self._earlier[name], facts.st_size


def verify_backup(
    backup: Path, key: PublicKey | None = None, progress: Progress | None = None
) -> CheckedBackup:
    """Check every file of a backup against what was signed. Needs no workspace.

    key: the workspace's public key; without it, the key that lies in the backup is used, which shows damage
    and no fraud. Raises UsageError where the folder isn't a backup.
    """
    with _log.timed("backup verified") as facts:
        checked = _verify(backup, key, progress or Silent())
        facts.update(files=checked.files, problems=len(checked.problems))
    return checked


def _verify(backup: Path, key: PublicKey | None, progress: Progress) -> CheckedBackup:
    checked = CheckedBackup()
    try:
        said, sums = signed_list(backup, key)
    except IntegrityError as error:
        checked.problems.append(error.message)
        return checked
    checked.made, checked.log, checked.files = said["made"], said["log"], len(sums)
    for name, digest in track(progress, "Verifying", sorted(sums.items())):
        try:
            with opened_inside(backup, name) as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                    checked.problems.append(f"{name}: has other bytes than were copied")
        except FileNotFoundError:
            checked.problems.append(f"{name}: is missing")
        except IntegrityError as error:
            checked.problems.append(error.message)
    known = {*sums, _SUMS, _NOTE}
    checked.problems += [
        f"{name}: isn't part of the backup" for name, _ in names_inside(backup) if name not in known
    ]
    return checked


def _copy_register(database: Path, to: Path) -> None:
    """Copy the database as it is at one moment, also while others write to it."""
    create_file(to).close()
    with closing(sqlite3.connect(database)) as old, closing(sqlite3.connect(to)) as new:
        old.backup(new)
        new.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def copy_file(source: IO[bytes], to: Path) -> tuple[str, int]:
    """Copy an open file durably, with its times; returns its digest and size."""
    make_folder(to.parent)
    digest, size = hashlib.sha256(), 0
    # Always into a new file: one that is there may be shared with an earlier backup, or be a link.
    to.unlink(missing_ok=True)
    with create_file(to) as copy:
        times = os.fstat(source.fileno())
        while piece := source.read(_PIECE):
            digest.update(piece)
            copy.write(piece)
            size += len(piece)
        copy.flush()
        os.fsync(copy.fileno())
        os.utime(copy.fileno(), ns=(times.st_atime_ns, times.st_mtime_ns))
    return digest.hexdigest(), size


def signed_list(backup: Path, key: PublicKey | None) -> tuple[dict[str, str], dict[str, str]]:
    """What a backup's note says, and the digests in its list by name, after checking the signature on both.

    key: as for `verify_backup`. Raises IntegrityError where the signature doesn't hold, or a name in the list
    isn't that of a file of a backup.
    """
    said = _signed(backup, key)
    with opened_inside(backup, _SUMS) as file:
        text = file.read()
    if sha256(text) != said["sums"]:
        raise IntegrityError(f"{_SUMS}: isn't the one that was signed", "Take it from the backup again.")
    sums = {}
    for line in text.decode().splitlines():
        digest, _, name = line.partition("  ")
        folder, below = name.partition("/")[::2]
        if not (_DIGEST.fullmatch(digest) and (name in _FILES or (folder in _FOLDERS and below))):
            raise IntegrityError(f"{_SUMS}: {name!r} is no file of a backup's", "Make another backup.")
        sums[check_name(name)] = digest
    return said, sums


def _signed(backup: Path, key: PublicKey | None) -> dict[str, str]:
    """What the backup's note says, after checking its signature."""
    if not (backup / _NOTE).is_file() or not (backup / _SUMS).is_file():
        raise UsageError(
            f"{backup} isn't a whole backup.", "One that was interrupted is no use: make another."
        )
    with opened_inside(backup, _NOTE) as file:
        note = SignedNote.parse(file.read(_NOTE_MAX))
    first, *lines = note.text.split("\n")
    said = dict(line.partition(" ")[::2] for line in lines if line)
    if first != _FIRST_LINE or set(said) != {"log", "made", "sums"}:
        raise IntegrityError(f"{_NOTE}: this isn't a backup's note.", "Take it from the backup again.")
    if key is None:
        with opened_inside(backup, PUBLIC_KEY) as file:
            key = PublicKey.parse(file.read(_NOTE_MAX).decode(errors="replace"))
    if said["log"] != origin_of(key):
        raise IntegrityError(
            f"{_NOTE}: this is a backup of {said['log']}, and the key is that of {origin_of(key)}.",
            "Give the key of the workspace that made it.",
        )
    try:
        note.verify(Verifier(said["log"], key))
    except IntegrityError as error:
        raise IntegrityError(f"{_NOTE}: {error.message}", error.remedy) from error
    return said
