"""Countries by name: what a code of ISO 3166-1 is called in the languages that releases are in.

The names are those of the Unicode CLDR, which Babel carries, and a few that people write and that it lacks.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from volenti.consent.territory import COUNTRIES
from volenti.consent.wording import LANGUAGES

#: What people write, and the CLDR doesn't list.
_ALSO = {
    "US": ("USA", "U.S.A.", "EE. UU.", "United States of America", "Vereinigte Staaten von Amerika"),
    "GB": ("Great Britain", "Großbritannien", "Gran Bretaña", "Vereinigtes Königreich"),
    "CZ": ("Czech Republic", "Tschechische Republik", "República Checa"),
    "TR": ("Turkey", "Türkei", "Turquía"),
    "NL": ("The Netherlands", "Holland"),
    "DE": ("Federal Republic of Germany", "Bundesrepublik Deutschland", "BRD"),
}


def country_named(text: str) -> str | None:
    """The code of the country that a text names, by code or name; None where it names none."""
    told = text.strip()
    return told if told in COUNTRIES else _names().get(_plain(told))


@cache
def _names() -> dict[str, str]:
    from babel import Locale

    found: dict[str, str] = {}
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code in COUNTRIES:
                found[_plain(name)] = code
    return found | {_plain(name): code for code, names in _ALSO.items() for name in names}


def _plain(text: str) -> str:
    """A name without accents, case and punctuation, in which people differ."""
    bare = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    return re.sub(r"[\W_]+", " ", bare.casefold()).strip()
