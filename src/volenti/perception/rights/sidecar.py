"""Sidecars: what was saved beside a picture about the rights in it.

For `photo.jpg`, both as `photo.SUFFIX` and as `photo.jpg.SUFFIX`, whatever the letter case and the Unicode
form of either name:

    .xmp      an XMP packet
    .headers  the HTTP answer's header lines, as `curl -D` and `wget -S` write them (`headers`)
    .json     what a downloader or exiftool wrote about it (`downloadrecord`)
    .txt      its caption, also .caption, where a sentence forbids machines to learn from the picture
    .c2pa     the picture's C2PA manifest store (`manifeststore`)

and for a folder with everything in it, `tdmrep.json` or `.well-known/tdmrep.json`, in the picture's folder or
one above it within what was given.

A sidecar that can't be read may forbid something, so it holds its picture: one that may not be opened, leads
out of the folder, is too large, was cut off, or isn't what its name says. HTML pages and robots.txt aren't
read. docs/how-to/rights-beside-pictures.md has the layouts with examples.
"""

from __future__ import annotations

import codecs
import os
import time
import unicodedata
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from volenti.core.errors import IntegrityError
from volenti.core.inside import opened_given
from volenti.perception.files.xmp import Xmp, is_packet, packets_in
from volenti.perception.rights.downloadrecord import download_record
from volenti.perception.rights.headers import damaged_headers, header_lines, is_headers, statements_in
from volenti.perception.rights.manifeststore import store_credentials
from volenti.perception.rights.optouts import said_in_caption
from volenti.perception.rights.reservation import worded
from volenti.perception.rights.tdmrep import RESERVED, SILENT, Rule, rules_read, said_of
from volenti.perception.rights.usageterms import TEXT_MAX

#: Files beside a picture that are about the rights in it, in the order in which they are read.
RIGHTS_SUFFIXES = (".headers", ".json", ".xmp", ".c2pa")
#: Files beside a picture that belong to it; `.txt` and `.caption` are its captions.
CAPTION_SUFFIXES = (".txt", ".caption")
SUFFIXES = frozenset({*CAPTION_SUFFIXES, *RIGHTS_SUFFIXES})
#: The file that is about a whole folder.
TDMREP = "tdmrep.json"
_KNOWN = ".well-known"
#: Bytes of a sidecar that are read; no honest one is longer.
BYTES_MAX = 8 * 2**20
#: Bytes of a tdmrep.json that are read: fewer, because each picture below it is compared with all its rules.
TDMREP_BYTES_MAX = 2**18
#: The statement of a sidecar that couldn't be read: it may say anything.
UNREAD = "unread"
#: Nanoseconds for which a folder that changed is listed anew each time.
RELIST_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Sidecars:
    """XMP text beside the picture, and statements as `reservation.TABLE` names them, each with where it was
    found: "noai (x-robots-tag)".

    files: the sidecars; unread: those that couldn't be read as a whole.
    """

    xmp: str = ""
    reservations: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    unread: tuple[Path, ...] = ()


def sidecars_of(picture: Path, root: Path) -> Sidecars:
    """Everything beside `picture`; tdmrep.json is looked for up to the folder `root`."""
    there = _names(picture.parent)
    headers: list[tuple[str, str]] = []
    statements: list[str] = []
    packets: list[str] = []
    files, unread = [], []
    address = ""
    for suffix in RIGHTS_SUFFIXES:
        for path in _beside(picture, suffix, there or {}):
            files.append(path)
            read = _READERS[suffix](_bytes(path, root, BYTES_MAX))
            headers += read.headers
            statements += read.statements
            packets += [read.xmp] if read.xmp else []
            address = address or read.address
            if not read.is_whole:
                unread.append(path)
                statements.append(worded(UNREAD, suffix))
    captions = [path for suffix in CAPTION_SUFFIXES for path in _beside(picture, suffix, there or {})]
    statements += said_in_caption("\n".join(text_of(path, root, 4 * TEXT_MAX) for path in captions))
    said = [*statements_in(headers), *_of_folders(picture, root, address), *statements]
    if there is None:
        said.append(worded(UNREAD, "folder"))
    return Sidecars("\n".join(packets), tuple(dict.fromkeys(said)), tuple(files), tuple(unread))


def beside(picture: Path, suffix: str) -> list[Path]:
    """`photo.SUFFIX` and `photo.jpg.SUFFIX`, however they are written, as far as they exist."""
    return _beside(picture, suffix, _names(picture.parent) or {})


def _beside(picture: Path, suffix: str, there: Mapping[str, Sequence[str]]) -> list[Path]:
    """As `beside`; there: the names in the picture's folder, as `_names` gives them."""
    wanted = (_folded(f"{picture.stem}{suffix}"), _folded(f"{picture.name}{suffix}"))
    names = [name for each in dict.fromkeys(wanted) for name in there.get(each, ())]
    return [picture.with_name(name) for name in names if name != picture.name]


def _folded(name: str) -> str:
    """A file's name as it is compared: without letter case, and in one Unicode form."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def _names(folder: Path) -> Mapping[str, Sequence[str]] | None:
    """The names in a folder, by what they are compared as; None where nobody may look into it.

    Listing a folder once is cheaper than asking for a dozen names beside each of its pictures.
    """
    try:
        state = folder.stat()
        changed = state.st_mtime_ns
        # The clock of a file system ticks slowly: after a change just now, another may show no later time.
        as_of = changed if time.time_ns() - changed > RELIST_NS else time.monotonic_ns()
        return _listed(str(folder), state.st_dev, state.st_ino, as_of)
    except OSError:
        return None


@lru_cache(maxsize=64)
def _listed(folder: str, device: int, number: int, changed: int) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for name in sorted(os.listdir(folder)):  # noqa: PTH208
        found.setdefault(_folded(name), []).append(name)
    return MappingProxyType(found)


def is_about_rights(path: Path) -> bool:
    """Whether a file's name is that of a sidecar about rights, whether or not its picture is there."""
    return path.suffix.lower() in RIGHTS_SUFFIXES


def places_of(picture: Path) -> set[str]:
    """What sidecars of a picture are called without their suffix, for `belongs_to`."""
    return {f"{picture.parent}/{_folded(name)}" for name in (picture.stem, picture.name)}


def belongs_to(path: Path, places: Set[str]) -> bool:
    """Whether `path` is a sidecar of a picture whose `places_of` are among `places`."""
    return path.suffix.lower() in SUFFIXES and f"{path.parent}/{_folded(path.stem)}" in places


def text_of(path: Path, root: Path, bytes_max: int = BYTES_MAX) -> str:
    """A text's beginning, UTF-8 or UTF-16; "" where it can't be opened, or isn't in the folder `root`."""
    text, _ = _text(_bytes(path, root, bytes_max))
    return text[:bytes_max]


def _bytes(path: Path, root: Path, bytes_max: int) -> bytes | None:
    """A file's bytes, one more than `bytes_max` where there are more; None where it can't be opened."""
    try:
        with opened_given(path, root) as file:
            return file.read(bytes_max + 1)
    except (OSError, IntegrityError):
        return None


def _text(data: bytes | None, bytes_max: int = BYTES_MAX) -> tuple[str, bool]:
    """The text in UTF-8 or UTF-16, and whether that is all of it: nothing cut off, nothing undecodable."""
    if data is None:
        return "", False
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encoding = "utf-16" if wide else "utf-8-sig"
    try:
        return data.decode(encoding), len(data) <= bytes_max
    except UnicodeDecodeError:
        return data.decode(encoding, errors="replace"), False


@dataclass(frozen=True, slots=True)
class _Read:
    """What one sidecar says, and whether it could be read as a whole."""

    is_whole: bool
    headers: Sequence[tuple[str, str]] = ()
    statements: Sequence[str] = ()
    xmp: str = ""
    address: str = ""


def _read_headers(data: bytes | None) -> _Read:
    text, is_whole = _text(data)
    if data is not None and len(data) <= BYTES_MAX and not is_whole:
        # HTTP's own encoding, in which every byte means something.
        text, is_whole = data.decode("latin-1"), True
    lines = header_lines(text)
    if is_headers(text):
        return _Read(is_whole, lines)
    return _Read(False, [*lines, *damaged_headers(text)])


def _read_record(data: bytes | None) -> _Read:
    text, is_whole = _text(data)
    record = download_record(text)
    if record is None:
        # Damage doesn't remove a reservation: it is looked for in the damaged text.
        return _Read(False, damaged_headers(text))
    headers = record.headers if record.is_understood else [*record.headers, *damaged_headers(text)]
    return _Read(is_whole and record.is_understood, headers, record.statements, address=record.address)


def _read_packet(data: bytes | None) -> _Read:
    text, is_whole = _text(data)
    packets = packets_in(text.encode())
    are_packets = bool(packets) and all(map(is_packet, packets))
    return _Read(is_whole and are_packets and not Xmp(packets, lambda name: "").broken, xmp=text)


def _read_store(data: bytes | None) -> _Read:
    try:
        if data is None or len(data) > BYTES_MAX:
            return _Read(False)
        found = store_credentials(data)
    except ValueError:
        return _Read(False)
    said = (*found.data_mining, *map(str, found.mining))
    return _Read(True, statements=[worded(each, ".c2pa") for each in said])


_READERS = {
    ".headers": _read_headers,
    ".json": _read_record,
    ".xmp": _read_packet,
    ".c2pa": _read_store,
}


def _of_folders(picture: Path, root: Path, address: str) -> Iterator[str]:
    """What tdmrep.json files in the picture's folder and above say of it, up to `root`."""
    folder = picture.parent
    while True:
        there = _names(folder)
        found = [folder / name for name in (there or {}).get(TDMREP, ())]
        for known in (there or {}).get(_KNOWN, ()):
            inside = _names(folder / known)
            # Where nobody may look into the folder, the file may be there.
            names = (TDMREP,) if inside is None else inside.get(TDMREP, ())
            found += [folder / known / name for name in names]
        for path in found:
            rules, is_whole = _rules_of(path, root)
            if not is_whole:
                yield worded(UNREAD, TDMREP)
            yield from _of_rules(rules, picture.relative_to(folder).as_posix(), address)
        if there is None and folder != picture.parent:
            yield worded(UNREAD, "folder")
        if folder == root or folder == folder.parent or root not in folder.parents:
            return
        folder = folder.parent


def _rules_of(path: Path, root: Path) -> tuple[tuple[Rule, ...], bool]:
    try:
        state = path.stat()
    except OSError:
        return (), False
    return _rules(path, root, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=64)
def _rules(path: Path, root: Path, modified: int, size: int) -> tuple[tuple[Rule, ...], bool]:
    """A file's rules, and whether it could be read as a whole; read once for all the pictures that they are
    about, and anew when the file has changed."""
    text, is_whole = _text(_bytes(path, root, TDMREP_BYTES_MAX), TDMREP_BYTES_MAX)
    rules, are_rules = rules_read(text)
    return tuple(rules), is_whole and are_rules


def _of_rules(rules: Sequence[Rule], local: str, address: str) -> Iterator[str]:
    path = _path_of(address)
    said = said_of(path or local, rules)
    if said == RESERVED:
        yield f"tdm-reservation ({TDMREP})"
    elif said == SILENT and not path and any(rule.reserved for rule in rules):
        # It isn't known where the picture came from, so it may come from a part that is reserved.
        yield f"tdm-reservation-elsewhere ({TDMREP})"


def _path_of(address: str) -> str:
    """The path of a web address, "/" where it has none; "" for what isn't an address."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return parts.path or ("/" if parts.netloc else "")
