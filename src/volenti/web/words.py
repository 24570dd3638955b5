"""Words: what pages say, in the languages that releases are in.

The English sentence is the key, as gettext has it; the files of `locale/LANGUAGE` have the others: pages.po
what every page says, and one file a room. They are read as they lie there, without a step that builds
anything.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from io import BytesIO

from babel.dates import format_date, format_datetime
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

from volenti.consent.wording import LANGUAGES
from volenti.core.clock import day, moment


@cache
def translations(language: str) -> NullTranslations:
    """The sentences in a language; those of English stand in the pages themselves."""
    if language == LANGUAGES[0]:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, catalog(language))
    compiled.seek(0)
    return Translations(compiled)


def catalog(language: str) -> Catalog:
    """The sentences of all rooms in a language other than English."""
    made = Catalog(locale=language)
    folder = files("volenti.web") / "locale" / language
    for source in sorted(folder.iterdir(), key=lambda each: each.name):
        for message in read_po(BytesIO(source.read_bytes()), locale=language):
            if message.id:
                made.add(message.id, message.string)
    return made


def preferred(accepted: str) -> str:
    """The language to answer in. accepted: the Accept-Language header (RFC 9110, section 12.5.4)."""
    wanted = []
    for place, each in enumerate(accepted.split(",")):
        tag, _, weight = each.strip().partition(";q=")
        try:
            wanted.append((-float(weight or 1), place, tag.partition("-")[0].lower()))
        except ValueError:
            continue
    return next((tag for _, _, tag in sorted(wanted) if tag in LANGUAGES), LANGUAGES[0])


class Words:
    """A language's sentences, and how it writes days and numbers."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.translations = translations(language)

    def day(self, text: str) -> str:
        """A calendar date as people write it; `text` is ISO 8601, a date or a moment."""
        if "T" in text:
            return format_datetime(moment(text), "medium", locale=self.language)
        return format_date(day(text), "long", locale=self.language)

    def number(self, value: float) -> str:
        """A number with the language's separators."""
        return format_decimal(value, locale=self.language)

    def short_day(self, text: str) -> str:
        """A calendar date in a few letters; `text` is ISO 8601."""
        return format_date(day(text), "medium", locale=self.language)
