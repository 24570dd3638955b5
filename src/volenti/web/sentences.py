"""Sentences: what errors, findings and notices say, found in a language's files, values and all.

A sentence is put together in English where it is raised, and may have lain in a row since. So an entry of
`locale` has a place for each value: "{request} is {state:said}, due {due:day}." The sentence is compared with
the entries, what stands at the places is taken out of it, and the translation is filled with that. A place
may say what its value is:

- `{name}` stays as it is;
- `{state:said}` is the program's own words, which are translated too;
- `{due:day}` is a day or a moment (ISO 8601), written as the language has it;
- `{pictures:number}` is a number; where the entry has a plural, the first of these decides about the form.

Where no entry fits a text of several sentences, each is looked for by itself. What isn't found stays English.
The result is text, which a page has to escape like all else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from babel.messages.catalog import Catalog
from babel.support import NullTranslations

#: A place in a sentence, and what its value is.
PLACE = re.compile(r"{(\w+)(?::(day|number|said))?}")
#: Between two sentences.
_BETWEEN = re.compile(r"(?<=[.?!]) (?=[A-Z])")


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One form of an entry: the texts around its places, and the names and kinds of these."""

    texts: tuple[str, ...]
    places: tuple[tuple[str, str], ...]
    entry: str
    plural: str

    @classmethod
    def of(cls, form: str, entry: str, plural: str) -> _Pattern:
        parts = PLACE.split(form)
        return cls(tuple(parts[::3]), tuple(zip(parts[1::3], parts[2::3], strict=True)), entry, plural)

    @property
    def weight(self) -> int:
        """How much of a sentence it says itself: of several that fit, the one that says most is meant."""
        return sum(map(len, self.texts))

    def values(self, sentence: str) -> tuple[str, ...] | None:
        """What stands at the places of a sentence; None where it isn't this one. It takes linear time."""
        first, *middle, last = self.texts
        end = len(sentence) - len(last)
        if not sentence.startswith(first) or not sentence.endswith(last) or end < len(first):
            return None
        found, at = [], len(first)
        for text in middle:
            next_at = sentence.find(text, at, end)
            if next_at < 0:
                return None
            found.append(sentence[at:next_at])
            at = next_at + len(text)
        return (*found, sentence[at:end])


class Sentences:
    """The sentences of one language."""

    def __init__(
        self,
        catalog: Catalog,
        translations: NullTranslations,
        *,
        day: Callable[[str], str],
        number: Callable[[float], str],
    ) -> None:
        """day, number: how the language writes a day (ISO 8601) and a number."""
        self._translations = translations
        self._kinds: Mapping[str, Callable[[str], str]] = {
            "said": self.said,
            "day": lambda text: _or_itself(day, text),
            "number": lambda text: _or_itself(lambda each: number(int(each.replace(",", ""))), text),
        }
        self._whole = frozenset(each.id for each in catalog if isinstance(each.id, str) and each.id)
        self._patterns = sorted(_patterns(catalog), key=lambda each: -each.weight)

    def said(self, sentence: str) -> str:
        """A sentence, or several, in the language; as they are where nobody translated them."""
        if sentence in self._whole:
            return self._of(sentence, "", 1)
        fitting = [
            (pattern, values)
            for pattern in self._patterns
            if (values := pattern.values(sentence)) is not None
        ]
        # A value that goes over the end of a sentence is more likely two sentences than one.
        for pattern, values in fitting:
            if not any(map(_BETWEEN.search, values)):
                return self._filled(pattern, values)
        apart = _BETWEEN.split(sentence)
        several = [self.said(each) for each in apart] if len(apart) > 1 else []
        if not several or (fitting and any(each in apart for each in several)):
            return self._filled(*fitting[0]) if fitting else sentence
        return " ".join(several)

    def _filled(self, pattern: _Pattern, values: Sequence[str]) -> str:
        kinds = [kind for _, kind in pattern.places]
        number = _count(values[kinds.index("number")]) if "number" in kinds else 1
        shown = {
            name: self._kinds[kind](value) if kind else value
            for (name, kind), value in zip(pattern.places, values, strict=True)
        }
        return PLACE.sub(lambda place: shown[place[1]], self._of(pattern.entry, pattern.plural, number))

    def _of(self, entry: str, plural: str, number: int) -> str:
        """The translation of an entry; of one with a plural, the form for a number."""
        given = self._translations
        return given.ngettext(entry, plural, number) if plural else given.gettext(entry)


def _patterns(catalog: Catalog) -> Iterable[_Pattern]:
    for message in catalog:
        forms = (message.id,) if isinstance(message.id, str) else tuple(message.id)
        if any(map(PLACE.search, forms)):
            for form in forms:
                yield _Pattern.of(form, forms[0], forms[1] if len(forms) > 1 else "")


def _count(text: str) -> int:
    """A number as sentences have it, 12 or 12,345; many where it is none."""
    digits = text.replace(",", "")
    return int(digits) if digits.isdecimal() else 2


def _or_itself(written: Callable[[str], str], text: str) -> str:
    """The value as a language writes it; as it is where it is nothing of that kind after all."""
    try:
        return written(text)
    except ValueError:
        return text
