"""Names of people as they are compared.

In two ways. `plain_name` is the name as it is written, without regard to case, white space and how Unicode
writes it. `words_of` is looser, for asking whether two records may be of one person: the order of the words,
punctuation, signs that nobody sees, and letters of another script that look the same make no difference, and
`are_near` says whether one letter does.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from volenti.consent.subject import Subject

#: Least letters of a name of which one letter may be a slip.
LETTERS_MIN = 6
#: Small letters of other scripts beside the Latin one that they, or their capitals, look like. No two of one
#: script have the same, so that different names of one script stay different.
_CYRILLIC = dict(zip("авекмнорстухіјѕԁԛԝһӏ", "abekmhopctyxijsdqwhl", strict=True))
_GREEK = dict(zip("αβεζηικμνορτυχϲϳ", "abezhikmnoptyxcj", strict=True))
_LATIN = {"ı": "i", "ɑ": "a", "ɡ": "g"}
_LOOK_ALIKE = str.maketrans(_CYRILLIC | _GREEK | _LATIN)
#: Marks inside of a word, which some write and others leave out.
_INSIDE = "'’‘ʼ`´."


def plain_name(name: str) -> str:
    """A name as names are compared: in NFKC, case-folded, with single spaces."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def words_of(name: str) -> str:
    """The words of a name in alphabetical order, as two records of one person have them."""
    seen = "".join(each for each in name if unicodedata.category(each) != "Cf" and each not in _INSIDE)
    folded = plain_name(seen).translate(_LOOK_ALIKE)
    letters = (" " if unicodedata.category(each)[0] in "PS" else each for each in folded)
    return " ".join(sorted("".join(letters).split()))


def are_near(one: str, other: str) -> bool:
    """Whether two names, each as `words_of` it, differ by one letter of one word at most.

    A number is never a slip, nor is anything in a name of few letters.
    """
    if min(sum(map(str.isalpha, each)) for each in (one, other)) < LETTERS_MIN:
        return one == other
    here, there = Counter(one.split()), Counter(other.split())
    left, right = list((here - there).elements()), list((there - here).elements())
    if len(left) == len(right) == 1:
        return _is_one_letter(left[0], right[0])
    return not left and not right


def known_as(subject: Subject) -> str:
    """All that somebody is known as, as names are compared: names, contact, guardian and identifier."""
    guardian = subject.guardian.name if subject.guardian else ""
    return plain_name(
        " ".join((subject.legal_name, subject.pseudonym, subject.contact, guardian, subject.id))
    )


def _is_one_letter(one: str, other: str) -> bool:
    """Whether a letter that is put in, left out or exchanged makes one word the other."""
    short, long = sorted((one, other), key=len)
    start = next((k for k, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(long) == len(short):
        return short[start + 1 :] == long[start + 1 :] and (short[start] + long[start]).isalpha()
    return short[start:] == long[start + 1 :] and long[start].isalpha()
