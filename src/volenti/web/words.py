"""Words: what pages say, in the languages that releases are in.

The English sentence is the key, as gettext has it; the files of `locale/LANGUAGE` have the others: pages.po
what every page says, and one file a room. They are read as they lie there, without a step that builds
anything.
"""

from __future__ import annotations

import re
from datetime import UTC, timedelta
from functools import cache
from importlib.resources import files
from io import BytesIO

from babel.dates import format_date, format_time, format_timedelta
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_precision
from babel.support import NullTranslations, Translations

from volenti.consent.purpose import Grant
from volenti.consent.releasetext import questions
from volenti.consent.wording import LANGUAGES, is_nothing
from volenti.core.clock import day, moment
from volenti.perception.finding import TABLE
from volenti.web.sentences import Sentences


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
                said = message.string
                # Spanish has a third form, for millions, which is said as the second.
                some = said if isinstance(said, str) or said is None else tuple(said)
                forms = made.num_plurals - len(some) if isinstance(some, tuple) else 0
                made.add(message.id, (*some, *[some[-1]] * forms) if isinstance(some, tuple) else some)
    return made


@cache
def _sentences(language: str) -> Sentences:
    words = Words(language)
    return Sentences(catalog(language), words.translations, day=words.day, number=words.number)


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

    def said(self, sentence: str) -> str:
        """What an error, a finding or a notice says, in the language; English where nobody translated it.

        It is text, which may have somebody's words in it: a page escapes it.
        """
        return sentence if self.language == LANGUAGES[0] else _sentences(self.language).said(sentence)

    def day(self, text: str) -> str:
        """A calendar date as people write it; `text` is ISO 8601, a date or a moment, which gets its hour.

        Where somebody is isn't known here, so hours are those of UTC, and say so.
        """
        if "T" in text:
            when = moment(text).astimezone(UTC)
            hour = format_time(when, "short", locale=self.language)
            return f"{format_date(when, 'medium', locale=self.language)}, {hour} UTC"
        return format_date(day(text), "long", locale=self.language)

    def finding(self, code: str) -> str:
        """What a finding says, with "…" for what was found; the code itself where it is none."""
        kind = TABLE.get(code)
        return code if kind is None else self.said(re.sub(r"{\w+}", "…", kind.message))

    def hour(self, text: str) -> str:
        """The hour that begins at a moment: "May 5, 2026, 10:00 – 11:00 UTC"; `text` is ISO 8601."""
        begin = moment(text).astimezone(UTC)
        hours = [format_time(each, "HH:mm") for each in (begin, begin + timedelta(hours=1))]
        return f"{format_date(begin, 'medium', locale=self.language)}, {' – '.join(hours)} UTC"

    def grant(self, grant: Grant) -> str:
        """What somebody says yes or no to, as they read it."""
        return questions(self.language)[grant]

    @staticmethod
    def in_return(compensation: str) -> str:
        """What somebody gets, as it was agreed on; empty for any language's word for nothing."""
        return "" if is_nothing(compensation) else compensation

    def number(self, value: float) -> str:
        """A number with the language's separators."""
        if isinstance(value, int) and 0 <= value < 1000:
            return str(value)  # nothing separates three digits in any of the languages
        return format_decimal(value, locale=self.language)

    def share(self, value: float) -> str:
        """A share of 1 in per cent: 2.2 %; small ones with a decimal."""
        digits = "0.0" if value < 0.1 else "0"
        return format_percent(value, format=f"{digits} %", locale=self.language)

    def money(self, amount: float, currency: str) -> str:
        """An amount in a currency (ISO 4217); what is less than its smallest coin is told as that."""
        least = 10.0 ** -get_currency_precision(currency)
        small = "< " if 0 < amount < least else ""
        return small + format_currency(max(amount, least if amount else 0), currency, locale=self.language)

    def size(self, count: int) -> str:
        """Bytes in the unit that fits (powers of 1000): 512 B, 3.4 MB."""
        amount, units = float(count), ["B", "kB", "MB", "GB", "TB"]
        while amount >= 1000 and len(units) > 1:
            amount, units = amount / 1000, units[1:]
        return f"{format_decimal(round(amount, 1), locale=self.language)} {units[0]}"

    def duration(self, seconds: float) -> str:
        """Seconds in the unit that fits: 9 seconds, 4 minutes, 2 hours."""
        return format_timedelta(timedelta(seconds=max(1, seconds)), threshold=1.5, locale=self.language)

    def short_day(self, text: str) -> str:
        """A calendar date in a few letters; `text` is ISO 8601."""
        return format_date(day(text), "medium", locale=self.language)
