"""Backups: copies of a workspace that hold no keys, and the way back from them.

    SHA256SUMS     every other file, as sha256sum writes it
    backup.note    what this is, signed by the workspace; written last
    workspace.json, public-key, register.db, packs/, log/, feed/

A backup with keys would open what was erased since. So it holds ciphertext alone, and the keys lie in a
mirror: a second place, best on another disk, that every erasure reaches (`volenti backup mirror`). The
workspace's own two keys, the folder `secret`, lie in neither: keep them apart from both.

A backup is made while the workspace is at work. Packs are copied before the register and once more after
it: whatever the register names is there, unless somebody was erased in between.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from volenti.bootstrap import open_workspace
from volenti.clearance.image import CONTROLLER
from volenti.core.canonical import Json
from volenti.core.clock import Clock, stamp, system_clock
from volenti.core.digest import sha256, sha256_file
from volenti.core.errors import IntegrityError, UsageError
from volenti.core.files import write_atomically
from volenti.core.identifiers import new
from volenti.core.progress import Progress, Silent, track
from volenti.core.signing import PublicKey
from volenti.folder import MARKER, MIRROR, secrets_of, workspace_facts
from volenti.stores import copy_log, key_store
from volenti.transparency.note import SignedNote, Verifier

_NOTE, _SUMS = "backup.note", "SHA256SUMS"
_FIRST_LINE = "volenti.dev/backup/v1"
_REGISTER = "register.db"
#: What is copied as it lies there, and what of it is in a mirror too.
_FOLDERS, MIRRORED = ("packs", "log", "feed"), ("log", "feed")
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made. `linked` files are the earlier backup's."""

    files: int
    bytes: int
    linked: int
    mirrored: int | None

    def to_json(self) -> Json:
        return {"files": self.files, "bytes": self.bytes, "linked": self.linked,
                "keys_in_mirror": self.mirrored}  # fmt: skip


@dataclass(slots=True)
class Checked:
    """What `verify_backup` found."""

    made: str = ""
    log: str = ""
    files: int = 0
    problems: list[str] = field(default_factory=list)

    def to_json(self) -> Json:
        return {"ok": not self.problems, "made": self.made, "log": self.log, "files": self.files,
                "problems": self.problems}  # fmt: skip


def mirror(workspace: Path, place: Path) -> int:
    """Begin to keep a second copy of keys, log and feed in `place`; returns how many keys there are.

    From here on whatever makes or destroys a key needs the place to be there. Repeating it is fine, and
    mends what a crash left out.
    """
    facts = workspace_facts(workspace)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in ("keys", *MIRRORED):
        (place / name).mkdir(exist_ok=True)
    # On record first: a key that is made now reaches the mirror by itself.
    changed = {**facts, MIRROR: str(place.resolve())}
    write_atomically(workspace / MARKER, json.dumps(changed, indent=1).encode() + b"\n")
    return _mirrored(workspace, place)


def _mirrored(workspace: Path, place: Path) -> int:
    """Bring a mirror up to date: what it lacks, and what it still has of whoever left meanwhile."""
    for name in MIRRORED:
        copy_log(workspace / name, place / name)
    here, there = (key_store(workspace, each / "keys") for each in (workspace, place))
    # Listed in this order: a key that is made now is in the workspace before it is in the mirror.
    known = list(there.owners())
    for owner in set(known) - set(here.owners()):
        there.destroy(owner)
    return here.copy_to(there)


def make_backup(
    workspace: Path,
    out: Path,
    *,
    since: Path | None = None,
    clock: Clock = system_clock,
    progress: Progress | None = None,
) -> Made:
    """Copy a workspace into a new folder. since: an earlier backup, whose unchanged packs are linked to.

    Raises UsageError where the folder isn't empty.
    """
    told = progress or Silent()
    facts = workspace_facts(workspace)
    _, key = secrets_of(workspace)
    out.mkdir(parents=True, exist_ok=True)
    if any(out.iterdir()):
        raise UsageError(f"{out} isn't empty.", "Give a new folder; backups don't grow.")
    sums = _Sums(out, since)
    sums.take(workspace / "packs", workspace, told)
    _copy_register(workspace / _REGISTER, out / _REGISTER)
    for name in _FOLDERS:
        sums.take(workspace / name, workspace, told)
    for name in (MARKER, "public-key"):
        copied(workspace / name, out / name)
    for name in (_REGISTER, MARKER, "public-key"):
        sums.found[name] = (sha256_file(out / name), (out / name).stat().st_size)
    sums_text = "".join(f"{digest}  {name}\n" for name, (digest, _) in sorted(sums.found.items())).encode()
    write_atomically(out / _SUMS, sums_text)
    size = sum(each for _, each in sums.found.values())
    text = f"{_FIRST_LINE}\nlog {facts['log']}\nmade {stamp(clock())}\nsums {sha256(sums_text)}\n"
    write_atomically(out / _NOTE, str(SignedNote(text).signed(facts["log"], key)).encode())
    with open_workspace(workspace, clock=clock) as opened:
        # So that plans can say what else there is. The place is the controller's business.
        known = {"made": stamp(clock()), "place": str(out.resolve()), "files": len(sums.found), "bytes": size}
        opened.records.put("backup", new("bak"), known, owners=(CONTROLLER,))
    place = facts.get(MIRROR)
    kept = _mirrored(workspace, Path(place)) if place else None
    return Made(len(sums.found), size, sums.linked, kept)


class _Sums:
    """Files copied into a backup, with their digests and sizes by name."""

    def __init__(self, out: Path, since: Path | None) -> None:
        self._out = out
        self._since = since
        self._earlier = {} if since is None else listed(since)
        self.found: dict[str, tuple[str, int]] = {}
        self.linked = 0

    def take(self, folder: Path, workspace: Path, progress: Progress) -> None:
        """Copy what is new or has grown since it was last copied."""
        for path in track(progress, f"Copying {folder.name}", list(files_of(folder))):
            name = path.relative_to(workspace).as_posix()
            to = self._out / name
            try:
                facts = path.stat()
                known = self.found.get(name)
                if known and to.stat().st_mtime_ns == facts.st_mtime_ns and known[1] == facts.st_size:
                    continue
                earlier = self._linked(name, facts)
                self.found[name] = earlier or copied(path, to)
            except FileNotFoundError:
                # Somebody was erased, or a tile grew full, since the folder was listed.
                continue

    def _linked(self, name: str, facts: os.stat_result) -> tuple[str, int] | None:
        """The earlier backup's copy, where the file is the same."""
        if self._since is None or name not in self._earlier:
            return None
        there = self._since / name
        was = there.stat()
        if (was.st_mtime_ns, was.st_size) != (facts.st_mtime_ns, facts.st_size):
            return None
        to = self._out / name
        to.parent.mkdir(parents=True, exist_ok=True)
        to.unlink(missing_ok=True)
        try:
            to.hardlink_to(there)
        except OSError:  # another disk
            return None
        self.linked += 1
        return self._earlier[name], facts.st_size


def verify_backup(backup: Path, key: PublicKey | None = None, progress: Progress | None = None) -> Checked:
    """Check every file of a backup against what was signed. Needs no workspace.

    key: the workspace's public key; else the one that lies in the backup, which shows damage and no fraud.
    Raises UsageError where the folder isn't a backup.
    """
    checked = Checked()
    try:
        said = _signed(backup, key)
    except IntegrityError as error:
        checked.problems.append(f"{_NOTE}: {error.message}")
        return checked
    checked.made, checked.log = said["made"], said["log"]
    if sha256((backup / _SUMS).read_bytes()) != said["sums"]:
        checked.problems.append(f"{_SUMS}: isn't the one that was signed")
        return checked
    sums = listed(backup)
    checked.files = len(sums)
    for name, digest in track(progress or Silent(), "Verifying", sorted(sums.items())):
        path = backup / name
        if not path.is_file():
            checked.problems.append(f"{name}: is missing")
        elif sha256_file(path) != digest:
            checked.problems.append(f"{name}: has other bytes than were copied")
    known = {*sums, _SUMS, _NOTE}
    for path in files_of(backup):
        name = path.relative_to(backup).as_posix()
        if name not in known:
            checked.problems.append(f"{name}: isn't part of the backup")
    return checked


def _copy_register(database: Path, to: Path) -> None:
    """As it is at one moment, whoever writes meanwhile."""
    with closing(sqlite3.connect(database)) as old, closing(sqlite3.connect(to)) as new:
        old.backup(new)
        new.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def copied(path: Path, to: Path) -> tuple[str, int]:
    """Copy a file durably, with its time; returns its digest and size."""
    to.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    # Into another file: what is there may be an earlier backup's.
    to.unlink(missing_ok=True)
    with path.open("rb") as source, to.open("xb") as copy:
        times = os.fstat(source.fileno())
        while piece := source.read(_PIECE):
            digest.update(piece)
            copy.write(piece)
            size += len(piece)
        copy.flush()
        os.fsync(copy.fileno())
    os.utime(to, ns=(times.st_atime_ns, times.st_mtime_ns))
    return digest.hexdigest(), size


def files_of(folder: Path) -> Iterator[Path]:
    """Every file below, in order, but what writers have half done."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("."))


def listed(backup: Path) -> dict[str, str]:
    """Digests by name, as the backup lists them."""
    lines = (backup / _SUMS).read_text().splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def _signed(backup: Path, key: PublicKey | None) -> dict[str, str]:
    """What the backup's note says, once its signature is seen to hold."""
    if not (backup / _NOTE).is_file() or not (backup / _SUMS).is_file():
        raise UsageError(
            f"{backup} isn't a whole backup.", "One that was interrupted is no use: make another."
        )
    note = SignedNote.parse((backup / _NOTE).read_bytes())
    first, *lines = note.text.split("\n")
    said = dict(line.partition(" ")[::2] for line in lines if line)
    if first != _FIRST_LINE or set(said) != {"log", "made", "sums"}:
        raise IntegrityError("This isn't a backup's note.", "Take it from the backup again.")
    note.verify(Verifier(said["log"], key or PublicKey.parse((backup / "public-key").read_text())))
    return said
