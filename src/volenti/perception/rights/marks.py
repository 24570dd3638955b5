"""Owners' marks in a picture: agency names, copyright lines and web addresses as text.

An adapter reads the text; whether it is a mark is decided here, with allowance for letters that readers
mistake. The list of names is marks.txt beside this file; a policy adds its own. A finding only asks a person
to look, so a picture of a shop sign with an agency's name on it isn't lost.

Logos without letters and invisible watermarks aren't looked for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Protocol

from volenti.core.errors import UsageError
from volenti.perception.files.pixels import Rgb
from volenti.perception.finding import Finding, finding

#: Letters and digits that a mark has at least, because shorter ones would be found everywhere, and at most.
MARK_LENGTH_MIN, MARK_LENGTH_MAX = 3, 40


def marks_of(lines: Iterable[str]) -> tuple[str, ...]:
    """Marks from a list with one on each line, as they are compared: lower case, letters and digits only.

    Empty lines and those that begin with # are passed over. Raises UsageError for a mark
    that is too short or too long.
    """
    found: dict[str, None] = {}
    for line in lines:
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        mark = "".join(letter for letter in text.casefold() if letter.isalnum())
        if not MARK_LENGTH_MIN <= len(mark) <= MARK_LENGTH_MAX:
            raise UsageError(
                f"{text!r} can't be looked for as an owner's mark.",
                f"Give {MARK_LENGTH_MIN} to {MARK_LENGTH_MAX} letters or digits.",
            )
        found[mark] = None
    return tuple(found)


#: Names that agencies lay over their pictures: the list that ships, marks.txt beside this file.
MARKS: tuple[str, ...] = marks_of(
    files("volenti.perception.rights").joinpath("marks.txt").read_text("utf-8").splitlines()
)

#: Other text that an owner puts on a picture, with what it is called in a finding.
PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("copyright line", re.compile(r"[©®]|\(c\)\s*(?:19|20)\d\d|copyright|all rights reserved", re.I)),
    (
        "credit line",
        re.compile(
            r"\b(?:photo(?:graph)?s?|foto|image|picture|bild|credit)\s*(?:(?:credit\s*)?:|by\b|von\b|courtesy)"
            r"|\bcourtesy\s*(?:of\b|:)|\bhandout\s*(?:photo|/)",
            re.I,
        ),
    ),
    ("stock picture", re.compile(r"stock\s*(?:photo|image|vector)|royalty[\s-]*free", re.I)),
    ("preview", re.compile(r"\b(?:preview|watermark|comp image|sample only|proof only|do not copy)\b", re.I)),
    (
        "web address",
        re.compile(r"\bwww\s?\.|https?:/|[a-z0-9-]{3,}\.(?:com|net|org|co\.uk|de|fr|jp)\b", re.I),
    ),
)

# Letters that readers of text mistake for each other, each with the one that it is replaced by.
_ALIKE = str.maketrans(
    {"0": "o", "1": "l", "i": "l", "|": "l", "!": "l", "5": "s", "$": "s", "8": "b", "@": "a"}
)


class MarkReader(Protocol):
    """Reads owners' marks off a picture."""

    def findings(self, rgb: Rgb, added: Sequence[str] = ()) -> list[Finding]:
        """A finding `watermark` for an upright (height, width, 3) uint8 picture that bears a mark.

        added: marks looked for beside the shipped list, as `marks_of` makes them.
        """
        ...


def marks_in(texts: Sequence[str], added: Sequence[str] = ()) -> list[str]:
    """Which marks the texts read off one picture, in reading order, contain; sorted, each once.

    added: marks looked for beside the shipped list, as `marks_of` makes them.
    """
    # A mark may have been read in pieces, so the texts are also looked at together.
    whole = " ".join(texts)
    found = {name for name, pattern in PATTERNS if pattern.search(whole)}
    lines = [_plain(text) for text in (*texts, whole)]
    words = {_plain(word) for text in texts for word in re.split(r"[\s/.,:;-]+", text)}
    for mark in (*MARKS, *added):
        wanted = _plain(mark)
        allowed = _mistakes_allowed(wanted)
        if allowed == 0:
            hit = wanted in words
        else:
            hit = any(_distance_within(wanted, line, allowed) for line in lines)
        if hit:
            found.add(mark)
    return sorted(found)


def mark_findings(texts: Sequence[str], added: Sequence[str] = ()) -> list[Finding]:
    """The finding `watermark`, naming the marks, or none."""
    marks = marks_in(texts, added)
    return [finding("watermark", {"marks": marks})] if marks else []


def _plain(text: str) -> str:
    """The text's letters and digits in lower case, with letters that look alike made the same."""
    folded = unicodedata.normalize("NFKD", text).casefold().translate(_ALIKE)
    return "".join(letter for letter in folded if letter.isalnum())


def _mistakes_allowed(mark: str) -> int:
    """How many edits are allowed: none in short names, which are near other words ("istock", "in stock")."""
    if len(mark) < 8:
        return 0
    return 1 if len(mark) < 9 else 2


def _distance_within(wanted: str, line: str, allowed: int) -> bool:
    """Whether `line` contains `wanted` with at most so many edits (Sellers 1980)."""
    column = list(range(len(wanted) + 1))
    for letter in line:
        above, column[0] = column[0], 0
        for row in range(1, len(wanted) + 1):
            changed = above + (wanted[row - 1] != letter)
            above = column[row]
            column[row] = min(changed, above + 1, column[row - 1] + 1)
        if column[-1] <= allowed:
            return True
    return False
