"""The workspace's folder: how it is made, recognised and unlocked.

workspace.json   format, day, name of the log, place of the mirror, and a mark that only the workspace's
                 key can make; it is written last, and makes the folder a workspace
public-key       the key that checks what the workspace signs
secret/          the workspace's own keys, which only the owner of the folder can read: workspace.key,
                 from which aliases and identifiers are made; wrapping.key, under which people's keys
                 are encrypted; signing.key
register.db      sealed rows (SQLite)
keys/            one wrapped key for each person, and tombstones of destroyed ones
packs/           sealed bytes, one folder for each person
log/             the transparency log
feed/            the deletion feed
columns.json     which column of the template a heading in your tables stands for; yours to edit
fill.json        what stands in every row of your tables, by the column that they lack; yours to edit
outbox/          letters to people, where no mail server is set; one folder for each person
turns/           locks, by which one process at a time does something
mirror.lag       there only while the mirror lacks something that the workspace has; says since when
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, tzinfo
from hmac import compare_digest
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from volenti.core.canonical import canonical
from volenti.core.clock import Clock, stamp, system_clock
from volenti.core.digest import commitment, derive, sha256
from volenti.core.errors import IntegrityError, UsageError, WorkspaceError
from volenti.core.files import make_folder, overwrite, sync_folder, write_atomically
from volenti.core.signing import PublicKey, SigningKey

FORMAT = 4
#: The file whose presence makes a folder a workspace; written last.
MARKER = "workspace.json"
SECRET, PUBLIC_KEY = "secret", "public-key"
_WRAPPING, _NEXT_WRAPPING = "wrapping.key", "wrapping.next"
#: Which column a heading stands for, as `--map` said; holds nothing of people's.
COLUMNS = "columns.json"
#: What stands in every row of a table that lacks a column, as `--fill` said; holds nothing of people's.
FILLED = "fill.json"
#: What imports of tables remember. It is the same for everybody, so that no erasure has to reach it.
REMEMBERED = (COLUMNS, FILLED)
#: The field of the marker that names the mirror's folder.
MIRROR = "mirror"
#: The field of the marker that says where the controller's days begin; without it, in UTC.
TIME_ZONE = "time_zone"
#: The field of the marker that shows that the workspace itself wrote the others.
MARK = "mark"
_COPY_BACK = f"Copy it back from a backup, which has it as it was: cp BACKUP/{MARKER} WORKSPACE"
_COPY_SECRET = "Bring the folder secret back from where you keep a copy of it."


def wrong_files(folder: Path, public: PublicKey) -> list[str]:
    """What is wrong with the file `public-key`, which is handed out: it must hold the workspace's own key."""
    if not (folder / MARKER).is_file():
        return []  # in memory
    try:
        said = (folder / PUBLIC_KEY).read_text().strip()
    except (OSError, ValueError):
        said = ""
    return (
        [] if said == str(public) else [f"the file {PUBLIC_KEY} isn't the workspace's key, which is {public}"]
    )


def init_workspace(
    path: str | Path, *, seed: int | None = None, time_zone: str = "UTC", clock: Clock = system_clock
) -> Path:
    """Make a workspace in a new or empty folder; returns the folder.

    seed: for demonstrations that must be repeatable. Keys made from a public seed protect nothing,
    and `doctor` says so. time_zone: where the controller is, such as Europe/Berlin: days of terms are days
    there. Raises WorkspaceError where the folder isn't empty, UsageError where there is no such zone.
    """
    zone_named(time_zone)
    folder = Path(path)
    make_folder(folder)
    if any(folder.iterdir()):
        raise WorkspaceError(f"{folder} isn't empty.", "Choose a new folder, or open the workspace in it.")
    if seed is not None and type(seed) is not int:
        raise UsageError(f"The seed is a whole number, and got {seed!r}.", "Leave it out for keys of chance.")
    secret = os.urandom(32) if seed is None else derive(f"demo seed {seed}".encode(), "workspace-secret")
    signing = SigningKey.new() if seed is None else SigningKey(derive(secret, "signing"))
    (folder / SECRET).mkdir(mode=0o700)
    write_atomically(folder / SECRET / "workspace.key", base64.b64encode(secret) + b"\n")
    wrapping = os.urandom(32) if seed is None else derive(secret, "key-wrapping")
    write_atomically(folder / SECRET / _WRAPPING, base64.b64encode(wrapping) + b"\n")
    signing.save(folder / SECRET / "signing.key")
    write_atomically(folder / PUBLIC_KEY, f"{signing.public}\n".encode())
    facts = {
        "format": FORMAT,
        "created": stamp(clock()),
        "log": origin_of(signing.public),
        "seeded": seed is not None,
        TIME_ZONE: time_zone,
    }
    write_facts(folder, facts)
    return folder


def zone_named(name: str) -> tzinfo:
    """The time zone of that name; UsageError where this machine knows none."""
    if name == "UTC":
        return UTC  # also where the machine has no list of zones
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(
            f"There is no time zone {name!r}.", "Write it like Europe/Berlin, America/New_York or UTC."
        ) from error


def origin_of(key: PublicKey) -> str:
    """The name of the log of the workspace that signs with this key."""
    return f"volenti.log/{sha256(key.raw)[:12]}"


def write_facts(folder: Path, facts: dict[str, Any]) -> None:
    """Write the marker file, with a mark that shows that the workspace wrote it. Needs its secret keys."""
    key, _ = secrets_of(folder)
    said = {name: value for name, value in facts.items() if name != MARK}
    marked = {**said, MARK: _mark(key, said)}
    write_atomically(folder / MARKER, json.dumps(marked, indent=1).encode() + b"\n")


def is_own(facts: dict[str, Any], key: bytes) -> bool:
    """Whether the workspace with this key wrote these facts; False for those of versions without marks."""
    said = {name: value for name, value in facts.items() if name != MARK}
    return compare_digest(str(facts.get(MARK, "")), _mark(key, said))


def _mark(key: bytes, said: dict[str, Any]) -> str:
    return commitment(derive(key, "workspace-marker"), canonical(said)).hex()


def workspace_facts(folder: Path) -> dict[str, Any]:
    """What the marker file says; WorkspaceError where there is no usable workspace."""
    marker = folder / MARKER
    if not marker.is_file():
        if is_left(folder):
            raise WorkspaceError(f"The workspace's file {marker} is gone.", _COPY_BACK)
        raise WorkspaceError(
            f"There is no workspace in {folder.resolve()}.",
            "Make one: volenti init, or say where it is: -C DIR.",
        )
    try:
        facts: dict[str, Any] = json.loads(marker.read_text())
    except ValueError as error:
        raise WorkspaceError(
            f"The workspace's file {marker} can't be read: it isn't JSON.", _COPY_BACK
        ) from error
    if not (isinstance(facts, dict) and isinstance(facts.get("log"), str)) and is_left(folder):
        raise WorkspaceError(f"The workspace's file {marker} doesn't say which log it has.", _COPY_BACK)
    if facts.get("format") != FORMAT:
        raise WorkspaceError(
            f"The workspace has format {facts.get('format')}, not {FORMAT}.",
            "Use the version of Volenti that made it.",
        )
    return facts


def is_left(folder: Path) -> bool:
    """Whether something of a workspace lies in a folder, whatever else of it is gone."""
    return any((folder / name).exists() for name in ("register.db", SECRET, "keys", "packs", "log"))


def way_back(folder: Path) -> str:
    """The remedy where something of a workspace is gone."""
    try:
        mirror = json.loads((folder / MARKER).read_text()).get(MIRROR)
    except (OSError, ValueError, AttributeError):
        mirror = None
    return (
        "Put it back, or bring the workspace back into a new folder: "
        f"volenti backup restore BACKUP NEW --keys {mirror or folder} --secret {folder / SECRET}"
    )


def wrapping_of(secret: Path) -> Callable[[], tuple[bytes, ...]]:
    """A function that reads the wrapping keys, the newest first, at every call: a rotation may change them.

    secret: the folder of the workspace's own keys.
    """
    places = (secret / _NEXT_WRAPPING, secret / _WRAPPING)

    def read() -> tuple[bytes, ...]:
        found = []
        for place in places:
            with suppress(FileNotFoundError):
                found.append(_key_in(place))
        if not found:
            raise WorkspaceError(f"{places[1]} is missing.", _COPY_SECRET)
        return tuple(found)

    return read


def _key_in(place: Path) -> bytes:
    """The 32-byte key in a file of the folder `secret`."""
    try:
        key = base64.b64decode(place.read_text().strip(), validate=True)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise WorkspaceError(f"{place} doesn't hold a key.", _COPY_SECRET)
    return key


def begin_rotation(secret: Path) -> bool:
    """Make a new wrapping key; from then on keys are wrapped under it, and open under either.

    Returns whether an earlier rotation that didn't end had made it.
    """
    resumed = (secret / _NEXT_WRAPPING).exists()
    if not resumed:
        write_atomically(secret / _NEXT_WRAPPING, base64.b64encode(os.urandom(32)) + b"\n")
    return resumed


def end_rotation(secret: Path) -> None:
    """Put the new wrapping key in the place of the old one, which is destroyed."""
    with (secret / _WRAPPING).open("r+b") as old:
        (secret / _NEXT_WRAPPING).replace(secret / _WRAPPING)
        sync_folder(secret)
        overwrite(old)


def secrets_of(folder: Path) -> tuple[bytes, SigningKey]:
    """The workspace's 32-byte key and the key it signs with; WorkspaceError where one is gone or damaged."""
    try:
        return _key_in(folder / SECRET / "workspace.key"), SigningKey.load(folder / SECRET / "signing.key")
    except OSError as error:
        raise WorkspaceError(
            f"The workspace's own keys can't be read: {error.strerror}: {error.filename}.", _COPY_SECRET
        ) from error
    except IntegrityError as error:
        raise WorkspaceError(error.message, _COPY_SECRET) from error


def check_secret(folder: Path) -> None:
    """Raise WorkspaceError where a key in the folder `secret` is gone, damaged or another workspace's."""
    _, signing = secrets_of(folder)
    wrapping_of(folder / SECRET)()
    if workspace_facts(folder)["log"] != origin_of(signing.public):
        raise WorkspaceError(f"{folder / SECRET} holds the keys of another workspace.", _COPY_SECRET)


#: Where files of a workspace lie, relative to its folder. Files have temporary names (`.part`) at first.
_PLACES = re.compile(
    r"""workspace\.json | public-key | (columns|fill)\.json | register\.db(-wal|-shm|-journal)?
    | secret/[a-z-]+\.(key|next)
    | keys/[0-9a-f]{2}/[^/]+\.key | keys/(destroyed/[0-9a-f]+ | begun/[^/]+ | \.lock)
    | packs/[0-9a-f]{2}/[^/]+/[^/]+\.vpk
    | (log|feed)/(\.lock | checkpoint | tile/[0-9a-z./]+)
    | outbox/[^/]+/let_[0-9a-f]+\.eml
    | turns/[^/]+\.lock | mirror\.lag(\.now)?
    | (.*/)?\.?[^/]+\.part""",
    re.VERBOSE,
)
#: Folders in which nobody but the workspace has anything to write.
_OWN = (SECRET, "keys", "packs", "log", "feed", "outbox", "turns")


def strange_files(folder: Path) -> Iterator[tuple[str, bool]]:
    """Files in a workspace's folder that aren't its own, and whether they lie in one of its own folders."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(place, name).relative_to(folder)
            if not _PLACES.fullmatch(path.as_posix()):
                yield path.as_posix(), path.parts[0] in _OWN
