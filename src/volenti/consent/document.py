"""Reading JSON documents of consent: all their faults at once, each named by its field.

A release is signed over its canonical bytes (RFC 8785), so reading is strict. Whatever
couldn't be written back byte for byte (an unknown field, a date in another notation, a
time in another zone) is refused here and named, instead of failing later as a broken
signature. Nothing is trimmed, corrected or filled in.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, TypeVar, cast

from volenti.core.clock import day, moment, stamp
from volenti.core.errors import IntegrityError, UsageError
from volenti.core.identifiers import check
from volenti.core.signing import PublicKey

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

#: Longest text one field may hold, in characters.
TEXT_CHARACTERS_MAX = 4000
#: Control characters, lone surrogates and marks that reorder text on a screen: people must see
#: everything that they sign.
_UNSEEMLY = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with one field. Messages hold no value of the document."""

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message

    def under(self, section: str) -> Problem:
        """The same problem, seen from the document that holds the section."""
        return Problem(f"{section}.{self.field}" if self.field else section, self.message)


class DocumentError(UsageError):
    """A document of consent can't be read, or says something that can't be."""

    code: ClassVar[str] = "document"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(joined(self.problems), "Correct the fields named, then try again.")


def joined(problems: Iterable[Problem]) -> str:
    """Problems in one sentence, which ends as the last of them does."""
    *before, last = [*map(str, problems)] or [""]
    return "; ".join([*(each.removesuffix(".") for each in before), last])


def require(problems: Iterable[Problem]) -> None:
    """Raise DocumentError if there are any problems."""
    found = tuple(problems)
    if found:
        raise DocumentError(found)


def faults_of_text(name: str, value: str, *, blank: bool = True) -> Iterable[Problem]:
    """What is wrong with a text: too long, blank where it mustn't be, or with control characters."""
    if not blank and not value.strip():
        yield Problem(name, "is empty.")
    if len(value) > TEXT_CHARACTERS_MAX:
        yield Problem(name, f"is longer than {TEXT_CHARACTERS_MAX} characters.")
    if _UNSEEMLY.search(value):
        yield Problem(name, "holds control characters.")


class Fields:
    """The fields of one JSON object, read by name and kind.

    A getter that fails notes a problem and returns a placeholder; `finish` raises them all.
    Nothing a getter returned may be used before `finish` has passed.
    """

    def __init__(self, value: object) -> None:
        self.problems: list[Problem] = []
        self._left: dict[str, Any] = {}
        self._is_object = isinstance(value, Mapping) and all(isinstance(name, str) for name in value)
        if self._is_object:
            self._left = dict(cast("Mapping[str, Any]", value))
        else:
            self.problems.append(Problem("", "isn't a JSON object."))

    def note_fault(self, name: str, message: str) -> None:
        """Note a problem of a field; where the value isn't an object, that alone is its problem."""
        if self._is_object:
            self.problems.append(Problem(name, message))

    def names(self) -> tuple[str, ...]:
        """The fields that weren't asked for yet, for objects that may have fields of any name."""
        return tuple(self._left)

    def finish(self) -> None:
        """Raise DocumentError if anything was wrong, or a field is left that wasn't asked for."""
        for name in self._left:
            shown = name if re.fullmatch(r"[\w.-]{1,40}", name) else "(a field)"
            self.note_fault(shown, "isn't a field of this document.")
        require(self.problems)

    def _take(self, name: str, kind: type[T], what: str, *, optional: bool) -> T | None:
        value = self._left.pop(name, None)
        if value is None:
            if not optional:
                self.note_fault(name, "is missing.")
            return None
        if not isinstance(value, kind):
            self.note_fault(name, f"isn't {what}.")
            return None
        return value

    def text(self, name: str, *, blank: bool = False, optional: bool = False) -> str:
        """A text; `blank` ones may be empty, `optional` ones absent (read as empty)."""
        value = self._take(name, str, "a text", optional=optional)
        if value is None:
            return ""
        self.problems.extend(faults_of_text(name, value, blank=blank))
        return value

    def identifier(self, name: str) -> str:
        """An identifier; see `core.identifiers.check`."""
        value = self._take(name, str, "a text", optional=False)
        return self._parsed(name, value, check, "can't be used as an identifier.") or ""

    def optional_identifier(self, name: str) -> str | None:
        """An identifier, or None where there is none."""
        value = self._take(name, str, "a text", optional=True)
        return self._parsed(name, value, check, "can't be used as an identifier.")

    def number(self, name: str, possible: tuple[int, ...]) -> int:
        """One of the possible whole numbers, such as a version; the last of them where it isn't."""
        value = self._left.pop(name, None)
        if type(value) is not int or value not in possible:
            self.note_fault(name, f"isn't {' or '.join(map(str, possible))}.")
            return possible[-1]
        return value

    def literal(self, name: str, expected: str | int) -> None:
        """A field that has one possible value."""
        value = self._left.pop(name, None)
        if type(value) is not type(expected) or value != expected:
            self.note_fault(name, f"isn't {expected!r}.")

    def yes_no(self, name: str) -> bool:
        """True or false, which must be written out: a missing answer is never a yes."""
        return bool(self._take(name, bool, "true or false", optional=False))

    def choice(self, name: str, kinds: type[E]) -> E:
        """One of an enumeration's values."""
        return cast(E, self.optional_choice(name, kinds, optional=False))

    def optional_choice(self, name: str, kinds: type[E], *, optional: bool = True) -> E | None:
        """One of an enumeration's values, or None where the field is absent."""
        value = self._take(name, str, "a text", optional=optional)
        return self._parsed(name, value, kinds, "isn't one of " + ", ".join(kinds) + ".")

    def one_or_several(self, name: str) -> tuple[str, ...]:
        """One text, or a list of texts; none where the field is absent or null."""
        value = self._left.pop(name, None)
        values = [] if value is None else [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(each, str) and each for each in values):
            self.note_fault(name, "is neither a text nor a list of texts.")
            return ()
        for each in values:
            self.problems.extend(faults_of_text(name, each))
        return tuple(values)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        values = self._take(name, list, "a list", optional=False) or []
        if not all(isinstance(value, str) for value in values):
            self.note_fault(name, "holds something that isn't a text.")
            return ()
        return tuple(values)

    def values(self, name: str) -> list[object]:
        """A list of anything, for whoever reads the values themselves."""
        return self._take(name, list, "a list", optional=False) or []

    def day(self, name: str) -> date:
        """A calendar date, YYYY-MM-DD."""
        return cast(date, self.optional_day(name, optional=False))

    def optional_day(self, name: str, *, optional: bool = True) -> date | None:
        """A calendar date, YYYY-MM-DD, or None where the field is absent."""
        value = self._take(name, str, "a text", optional=optional)
        return self._parsed(name, value, _strict_day, "isn't a calendar date such as 2026-11-22.")

    def moment(self, name: str) -> datetime:
        """A moment in UTC, YYYY-MM-DDTHH:MM:SSZ."""
        return cast(datetime, self.optional_moment(name, optional=False))

    def optional_moment(self, name: str, *, optional: bool = True) -> datetime | None:
        """A moment in UTC, YYYY-MM-DDTHH:MM:SSZ, or None where the field is absent."""
        value = self._take(name, str, "a text", optional=optional)
        return self._parsed(name, value, _strict_moment, "isn't a UTC time such as 2026-11-22T20:37:00Z.")

    def key(self, name: str) -> PublicKey:
        """An Ed25519 public key in base64."""
        return cast(PublicKey, self.optional_key(name, optional=False))

    def optional_key(self, name: str, *, optional: bool = True) -> PublicKey | None:
        """An Ed25519 public key in base64, or None where the field is absent."""
        value = self._take(name, str, "a text", optional=optional)
        return self._parsed(name, value, PublicKey.read, "isn't a public key: base64 of 32 bytes.")

    def bytes64(self, name: str) -> bytes:
        """Bytes in base64."""
        value = self._take(name, str, "a text", optional=False)
        return self._parsed(name, value, _strict_base64, "isn't base64.") or b""

    def section(self, name: str, read: Callable[[Fields], T]) -> T:
        """An object inside this one, read by `read`."""
        return cast(T, self._read(name, self._left.pop(name, None), read))

    def optional_section(self, name: str, read: Callable[[Fields], T]) -> T | None:
        """An object inside this one, read by `read`, or None where the field is absent."""
        value = self._left.pop(name, None)
        return None if value is None else self._read(name, value, read)

    def sections(self, name: str, read: Callable[[Fields], T]) -> tuple[T, ...]:
        """A list of objects; the first one's problems are those of `name[1]`."""
        values = self._take(name, list, "a list", optional=False) or []
        read_all = [self._read(f"{name}[{place}]", value, read) for place, value in enumerate(values, 1)]
        return tuple(cast(T, item) for item in read_all)

    def _read(self, name: str, value: object, read: Callable[[Fields], T]) -> T | None:
        if value is None:
            self.note_fault(name, "is missing.")
            return None
        try:
            return read(Fields(value))
        except DocumentError as error:
            self.problems.extend(problem.under(name) for problem in error.problems)
            return None

    def _parsed(self, name: str, value: str | None, parse: Callable[[str], T], message: str) -> T | None:
        if value is None:
            return None
        try:
            return parse(value)
        except (ValueError, OverflowError, IntegrityError, UsageError):
            self.note_fault(name, message)
            return None


def _strict_day(text: str) -> date:
    value = day(text)
    if value.isoformat() != text:
        raise ValueError(text)
    return value


def _strict_moment(text: str) -> datetime:
    value = moment(text)
    if stamp(value) != text:
        raise ValueError(text)
    return value


def _strict_base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
