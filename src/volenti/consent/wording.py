"""Wordings: the texts people read before they sign, one file for each language and version.

A release text is what the subject signs, with places for names and terms; a notice says
which biometric data is collected, why and for how long, and has no places. They lie in
`texts/` as plain UTF-8, `release-de-2.txt` or `notice-en-2.txt`. A wording is known by the
SHA-256 of its file, so anybody can check with `sha256sum` which one a release was signed in.

A published file is never edited: a better wording is a new version beside it, so releases
signed in the older one can still be shown as they were. Wordings are a starting point for a
lawyer of the country concerned, not advice. A controller with a text of their own puts its
digest into the evidence instead; such a release can't be rendered here.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from volenti.core.digest import sha256
from volenti.core.errors import UsageError
from volenti.core.shown import short_repr

#: The languages every current wording is in; the first is the default.
LANGUAGES = ("en", "de", "es")


class WordingKind(StrEnum):
    """What a wording is for."""

    RELEASE = "release"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Wording:
    """One text in one language and version."""

    kind: WordingKind
    language: str
    version: str
    text: str

    __repr__ = short_repr

    @property
    def sha256(self) -> str:
        """SHA-256 of the text in UTF-8, in hexadecimal."""
        return sha256(self.text.encode())


@cache
def wordings(kind: WordingKind) -> tuple[Wording, ...]:
    """Every published wording of a kind, by language, oldest first."""
    found = []
    for file in (files("volenti.consent") / "texts").iterdir():
        name, _, suffix = file.name.rpartition(".")
        parts = name.split("-")
        if suffix == "txt" and parts[0] == kind:
            _, language, version = parts
            # Bytes, not text: what is hashed is the file, whatever a platform's line ends are.
            found.append(Wording(kind, language, version, file.read_bytes().decode()))
    return tuple(sorted(found, key=lambda each: (each.language, int(each.version))))


def wording(kind: WordingKind, language: str) -> Wording:
    """The latest wording in a language; UsageError where there is none."""
    found = [each for each in wordings(kind) if each.language == language]
    if not found:
        raise UsageError(
            f"There is no {kind} text in {language!r}.",
            f"Choose one of: {', '.join(LANGUAGES)}.",
        )
    return found[-1]


def wording_of(kind: WordingKind, digest: str) -> Wording | None:
    """The wording with that SHA-256, of whatever version; None where it isn't one of these."""
    return next((each for each in wordings(kind) if each.sha256 == digest), None)


@cache
def words(language: str) -> dict[str, Any]:
    """The other words of a language: usual terms, and what a receipt says. Nobody signs these.

    Raises UsageError for a language that isn't one of LANGUAGES.
    """
    if language not in LANGUAGES:
        raise UsageError(f"There are no words in {language!r}.", f"Choose one of: {', '.join(LANGUAGES)}.")
    file = files("volenti.consent") / "texts" / f"words-{language}.toml"
    return tomllib.loads(file.read_bytes().decode())


@cache
def is_nothing(compensation: str) -> bool:
    """Whether a compensation is a language's word for none, which a release has where none was agreed on."""
    return compensation in {words(each)["terms"]["compensation"] for each in LANGUAGES}
