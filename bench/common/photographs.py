"""Which photographs a folder holds, and of whom.

Three layouts are read, tried in this order:

1. a list beside the pictures: index.csv with the columns file and person_id, or records.json,
   a list of objects with file and subject. Any other column or field is a group. The files
   lie in the folder itself or in its sub-folder images.
2. one sub-folder a person, named after them: DIR/ada/1.jpg, DIR/ada/2.jpg, DIR/ben/1.jpg.
3. pictures side by side (in the folder itself or in its sub-folder images), a person's pictures
   sharing their name up to a number: ada_0.jpg, ada_1_older.jpg, ben-1.jpg.

What can't be used is listed with the reason and never stops the rest.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

#: Columns that name the person, in index.csv and in records.json, and other usual spellings.
_PERSON = ("person_id", "subject", "person", "identity", "name")

#: Fields that don't divide people into groups.
_NO_GROUP = frozenset({"file", "caption", *_PERSON})

#: What the file of a picture without a list is taken to end in.
_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".avif"})

#: A person's name before the picture's number: "ada_0", "ada-12_older".
_NUMBERED = re.compile(r"(?P<person>.+?)[-_ ]\d+(?:[-_. ].*)?")


@dataclass(frozen=True, slots=True)
class Photograph:
    """A file that exists, whose it is, and what the list says about the person."""

    file: str
    path: Path
    person: str
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listing:
    """The photographs of a folder, and what couldn't be used: (file, reason)."""

    layout: str
    photographs: tuple[Photograph, ...]
    unusable: tuple[tuple[str, str], ...] = ()


def listed(folder: Path) -> Listing:
    """The photographs of a folder; SystemExit where it isn't one or no layout fits."""
    if not folder.is_dir():
        raise SystemExit(f"{folder} is no folder.")
    for name, rows in (("index.csv", _csv_rows), ("records.json", _json_rows)):
        if (folder / name).is_file():
            return _from_rows(folder, name, rows(folder / name))
    within = folder / "images" if (folder / "images").is_dir() else folder
    pictures = sorted(path for path in within.iterdir() if _is_picture(path))
    people = sorted(path for path in within.iterdir() if path.is_dir() and not path.name.startswith("."))
    if people:
        return _by_folder(folder, within, people, pictures)
    if pictures:
        return _by_name(folder, pictures)
    raise SystemExit(f"{folder} holds no photographs in any of the layouts that --help describes.")


def _from_rows(folder: Path, name: str, rows: Iterable[object]) -> Listing:
    found: dict[str, Photograph] = {}
    unusable = []
    for number, row in enumerate(rows, 1):
        fields = _texts(row)
        file = fields.get("file", "")
        person = next((fields[key] for key in _PERSON if fields.get(key)), "")
        path = next((p for p in (folder / file, folder / "images" / file) if file and p.is_file()), None)
        if not file:
            unusable.append((f"{name}, entry {number}", "names no file"))
        elif file in found:
            unusable.append((file, "listed twice"))
        elif path is None:
            unusable.append((file, "is missing"))
        elif not person:
            unusable.append((file, "names no person"))
        else:
            groups = {key: value for key, value in fields.items() if key not in _NO_GROUP}
            found[file] = Photograph(file, path, person, groups)
    return Listing(name, tuple(found.values()), tuple(unusable))


def _by_folder(folder: Path, within: Path, people: list[Path], loose: list[Path]) -> Listing:
    found = [
        Photograph(str(path.relative_to(folder)), path, str(person.relative_to(within)))
        for person in people
        for path in sorted(person.rglob("*"))
        if _is_picture(path)
    ]
    unusable = [(str(path.relative_to(folder)), "lies beside the people's folders") for path in loose]
    return Listing("one sub-folder a person", tuple(found), tuple(unusable))


def _by_name(folder: Path, pictures: list[Path]) -> Listing:
    found = []
    for path in pictures:
        numbered = _NUMBERED.fullmatch(path.stem)
        person = numbered["person"] if numbered else path.stem
        found.append(Photograph(str(path.relative_to(folder)), path, person))
    return Listing("named after the person", tuple(found))


def _csv_rows(path: Path) -> Iterable[object]:
    with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
        yield from csv.DictReader(file)


def _json_rows(path: Path) -> Iterable[object]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SystemExit(f"{path} isn't JSON: {error}") from None
    if not isinstance(rows, list):
        raise SystemExit(f"{path} isn't a list of records.")
    return rows


def _texts(row: object) -> dict[str, str]:
    """The fields of one entry as text, empty ones left out; nothing where it isn't a record."""
    if not isinstance(row, dict):
        return {}
    plain = {str(key).strip(): value for key, value in row.items() if isinstance(value, str | int | float)}
    return {key: str(value).strip() for key, value in plain.items() if str(value).strip()}


def _is_picture(path: Path) -> bool:
    hidden = path.name.startswith(".")
    return path.is_file() and path.suffix.lower() in _SUFFIXES and not hidden
