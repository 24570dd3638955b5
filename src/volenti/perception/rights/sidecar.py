"""Sidecars: what was saved beside a picture about the rights in it.

For `photo.jpg`, both as `photo.SUFFIX` and as `photo.jpg.SUFFIX`:

    .xmp      an XMP packet
    .headers  the HTTP answer's header lines, as `curl -D` and `wget -S` write them
    .json     an object with `headers` or `response_headers` (an object or pairs), and `url`

and for a folder with everything in it, `tdmrep.json` or `.well-known/tdmrep.json`, in the picture's folder or
one above it within what was given. Of headers only `X-Robots-Tag` and `TDM-Reservation` are read; the rest,
cookies for instance, is never kept.

A robots directive addressed to one crawler counts here too: whoever forbids one machine to learn from a
picture hasn't allowed it to another. HTML pages and robots.txt aren't read.
docs/how-to/rights-beside-pictures.md has the layouts with examples.
"""

from __future__ import annotations

import codecs
import os
import re
import time
from collections.abc import Iterator, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from volenti.core.canonical import parse_given
from volenti.core.errors import IntegrityError
from volenti.core.inside import opened_given
from volenti.perception.rights.tdmrep import RESERVED, SILENT, Rule, rules_in, said_of

#: Files beside a picture that belong to it; `.txt` and `.caption` are its captions.
SUFFIXES = frozenset({".txt", ".caption", ".xmp", ".headers", ".json"})
#: The file that is about a whole folder.
TDMREP = "tdmrep.json"
_KNOWN = ".well-known"
#: Bytes of a sidecar that are read; no honest one is longer.
BYTES_MAX = 8 * 2**20
#: Bytes of a tdmrep.json that are read: fewer, because each picture below it is compared with all its rules.
TDMREP_BYTES_MAX = 2**18
#: The statement of a sidecar that couldn't be read: it may say anything.
UNREAD = "unread"
#: Characters of a web address; a longer one isn't taken for one.
ADDRESS_MAX = 8192
#: Nanoseconds for which a folder that changed is listed anew each time.
RELIST_NS = 2_000_000_000

_DIRECTIVE = re.compile(r"\b(noai|noimageai)\b", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_CONCERNED = {"x-robots-tag", "tdm-reservation"}


@dataclass(frozen=True, slots=True)
class Sidecars:
    """XMP text beside the picture, and statements as `reservation.TABLE` names them, each with where it was
    found: "noai (x-robots-tag)"."""

    xmp: str = ""
    reservations: tuple[str, ...] = ()


def sidecars_of(picture: Path, root: Path) -> Sidecars:
    """Everything beside `picture`; tdmrep.json is looked for up to the folder `root`.

    A sidecar that can't be opened, or that is a link out of that folder, may forbid something: the statement
    UNREAD stands for it.
    """
    headers: list[tuple[str, str]] = []
    address = ""
    unread: list[str] = []
    there = _names(picture.parent)

    def texts(suffix: str) -> Iterator[str]:
        for path in _beside(picture, suffix, there):
            text = _read(path, root)
            if text is None:
                unread.append(f"{UNREAD} ({suffix})")
            else:
                yield text

    for text in texts(".headers"):
        headers += header_lines(text)
    for text in texts(".json"):
        found, url = download_record(text)
        headers += found
        address = address or url
    xmp = "\n".join(texts(".xmp"))
    statements = [*_of_headers(headers), *_of_folders(picture, root, address), *unread]
    return Sidecars(xmp, tuple(dict.fromkeys(statements)))


def beside(picture: Path, suffix: str) -> list[Path]:
    """`photo.SUFFIX` and `photo.jpg.SUFFIX`, in lower or upper case, as far as they exist."""
    return _beside(picture, suffix, _names(picture.parent))


def _beside(picture: Path, suffix: str, there: Set[str]) -> list[Path]:
    """As `beside`; `there`: the names in the picture's folder, in lower case."""
    found: list[Path] = []
    name, stem = picture.name.lower(), picture.stem.lower()
    if there.isdisjoint({f"{stem}{suffix}", f"{name}{suffix}"} - {name}):
        return found
    for ending in (suffix, suffix.upper()):
        for path in (picture.with_name(f"{each}{ending}") for each in (picture.stem, picture.name)):
            # A file system that doesn't tell upper from lower case has one file under both names.
            if path != picture and _is_there(path) and not any(_is_same(path, each) for each in found):
                found.append(path)
    return found


def _is_there(path: Path) -> bool:
    """Whether a file has this name, or a link to whatever it may be."""
    # A name that is too long for the disk names nothing.
    with suppress(OSError):
        return path.is_file() or path.is_symlink()
    return False


def _is_same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)


def _names(folder: Path) -> frozenset[str]:
    """The names in a folder, in lower case; none where it can't be read.

    Listing a folder once is cheaper than asking for a dozen names beside each of its pictures.
    """
    try:
        state = folder.stat()
        changed = state.st_mtime_ns
        # The clock of a file system ticks slowly: after a change just now, another may show no later time.
        as_of = changed if time.time_ns() - changed > RELIST_NS else time.monotonic_ns()
        return _listed(str(folder), state.st_dev, state.st_ino, as_of)
    except OSError:
        return frozenset()


@lru_cache(maxsize=64)
def _listed(folder: str, device: int, number: int, changed: int) -> frozenset[str]:
    return frozenset(name.lower() for name in os.listdir(folder))  # noqa: PTH208


def belongs_to(path: Path, pictures: set[Path]) -> bool:
    """Whether `path` is a sidecar of one of `pictures`, a set of paths with and without suffix."""
    return path.suffix.lower() in SUFFIXES and path.with_suffix("") in pictures


def text_of(path: Path, root: Path, bytes_max: int = BYTES_MAX) -> str:
    """A sidecar's text, UTF-8 or UTF-16; "" where it can't be opened, or isn't in the folder `root`."""
    return _read(path, root, bytes_max) or ""


def _read(path: Path, root: Path, bytes_max: int = BYTES_MAX) -> str | None:
    """As `text_of`, but None where it can't be opened."""
    try:
        with opened_given(path, root) as file:
            data = file.read(bytes_max)
    except (OSError, IntegrityError):
        return None
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if wide else "utf-8-sig", errors="replace")


def header_lines(text: str) -> list[tuple[str, str]]:
    """Name (lower case) and value of every header line, those of redirects among them."""
    # Split, not matched by a pattern: with blanks on either side of the value that takes time as their
    # square.
    cut = (
        (name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in _colons(text))
    )
    return [(name.lower(), value) for name, value in cut if _NAME.fullmatch(name)]


def _colons(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if ":" in line)


def download_record(text: str) -> tuple[list[tuple[str, str]], str]:
    """Headers and address from a downloader's JSON; what isn't there, or isn't JSON, is empty."""
    try:
        body = parse_given(text)
    except ValueError:
        # Damage doesn't remove a reservation: directives are looked for in the damaged text.
        return [("x-robots-tag", " ".join(_DIRECTIVE.findall(text)))], ""
    if not isinstance(body, dict):
        return [], ""
    lowered = {str(name).lower().replace("_", "-"): value for name, value in body.items()}
    pairs = [(name, value) for name, value in lowered.items() if name in _CONCERNED]
    for name in ("headers", "response-headers"):
        pairs += _pairs(lowered.get(name))
    url = lowered.get("url")
    address = url if isinstance(url, str) and len(url) <= ADDRESS_MAX else ""
    return [(name.lower(), value) for name, value in _flat(pairs)], address


def _pairs(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, str):
        return list(header_lines(value))
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, list):
        return [(each[0], each[1]) for each in value if isinstance(each, list) and len(each) == 2]
    return []


def _flat(pairs: list[tuple[Any, Any]]) -> Iterator[tuple[str, str]]:
    for name, value in pairs:
        for each in value if isinstance(value, list) else [value]:
            yield str(name), str(each)


def _of_headers(headers: list[tuple[str, str]]) -> Iterator[str]:
    for name, value in headers:
        if name == "x-robots-tag":
            for directive in _DIRECTIVE.findall(value):
                yield f"{directive.lower()} (x-robots-tag)"
        elif name == "tdm-reservation" and value.strip() not in ("", "0"):
            yield "tdm-reservation (header)"


def _of_folders(picture: Path, root: Path, address: str) -> Iterator[str]:
    """What tdmrep.json files in the picture's folder and above say of it, up to `root`."""
    folder = picture.parent
    while True:
        there = _names(folder)
        for first, path in ((TDMREP, folder / TDMREP), (_KNOWN, folder / _KNOWN / TDMREP)):
            if first in there and _is_there(path):
                rules = _rules_of(path, root)
                if rules is None:
                    yield f"{UNREAD} ({TDMREP})"
                    continue
                yield from _of_rules(rules, picture.relative_to(folder).as_posix(), address)
        if folder == root or folder == folder.parent or root not in folder.parents:
            return
        folder = folder.parent


def _rules_of(path: Path, root: Path) -> tuple[Rule, ...] | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return _rules(path, root, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=64)
def _rules(path: Path, root: Path, modified: int, size: int) -> tuple[Rule, ...] | None:
    """A file's rules, read once for all the pictures that they are about; anew when the file has changed."""
    text = _read(path, root, TDMREP_BYTES_MAX)
    return None if text is None else tuple(rules_in(text))


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
