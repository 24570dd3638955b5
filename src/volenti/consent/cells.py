"""Cells of a table as people write them, read into what a document has.

Days in another notation than YYYY-MM-DD are read only as `dates` says, because nobody can tell 03.04. from
04.03. A yes or no is a word of one of the languages that releases are in, or what spreadsheets make of it.
Countries may be given by name in these languages. What can't be read is a fault that says how to write it.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from volenti.consent.countries import country_named
from volenti.consent.territory import WORLD
from volenti.core.errors import UsageError

_YES = ("yes", "y", "ja", "j", "sí", "si", "s", "x", "1", "true", "wahr", "verdadero")
_NO = ("no", "n", "nein", "0", "false", "falsch", "falso")
#: Answers by the word that stands for them.
ANSWERS = {**dict.fromkeys(_YES, True), **dict.fromkeys(_NO, False)}

_ISO_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T]00:00(?::00(?:\.0+)?)?)?")
#: A day with a time of that day, as workbooks have where a cell shows a day alone. One that says its zone may
#: be another day somewhere else, and isn't read.
_ISO_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[ T](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?")
#: A day as spreadsheets count them, and the day from which they do.
_SERIAL, _SERIAL_FROM = re.compile(r"([1-9]\d{4})(?:[.,]\d+)?"), date(1899, 12, 30)
_NOTATION = re.compile(r"(dd|mm|yyyy)([./ -])(dd|mm|yyyy)\2(dd|mm|yyyy)")
_OTHER_DAY = re.compile(r"(\d{1,4})([./ -])\s?(\d{1,2})\2\s?(\d{1,4})(?:[ T]00:00(?::00(?:\.0+)?)?)?")


class CellError(ValueError):
    """A cell can't be read; the text says why, and how to write it."""


def check_dates(notation: str) -> str:
    """The notation of days itself, such as dd.mm.yyyy, in lower case; UsageError where it can't be one."""
    told = notation.strip().lower()
    match = _NOTATION.fullmatch(told)
    is_one = match is not None and len({match[1], match[3], match[4]}) == 3 and match[3] != "yyyy"
    # YYYY-MM-DD is always read, so that days in this notation would be read as others.
    if told and (not is_one or told == "yyyy-dd-mm"):
        raise UsageError(
            f"{notation!r} isn't a notation of dates.", "Write it like dd.mm.yyyy, mm/dd/yyyy or dd-mm-yyyy."
        )
    return told


def day_in(text: str, dates: str = "") -> str:
    """A day as YYYY-MM-DD, from this or from the notation `dates`; a time of the day is left out.

    Raises CellError.
    """
    iso = _ISO_TIME.fullmatch(text) or _ISO_DAY.fullmatch(text)
    if iso:
        return _checked(iso[1])
    serial = _SERIAL.fullmatch(text)
    if serial:
        shown = _SERIAL_FROM + timedelta(int(serial[1]))
        raise CellError(f"is a number, which spreadsheets show as {shown} in a cell formatted as a date.")
    other, notation = _OTHER_DAY.fullmatch(text), _NOTATION.fullmatch(dates)
    if notation is None:
        raise CellError(_which(other))
    if other is None or other[2] != notation[2]:
        raise CellError(f"isn't a date such as 2026-11-22, or one written {dates}.")
    parts = dict(zip((notation[1], notation[3], notation[4]), (other[1], other[3], other[4]), strict=True))
    if len(parts["yyyy"]) != 4 or len(parts["mm"]) > 2 or len(parts["dd"]) > 2:
        raise CellError(f"isn't written {dates}: a year has four digits.")
    return _checked(f"{parts['yyyy']}-{int(parts['mm']):02d}-{int(parts['dd']):02d}")


def _checked(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise CellError("isn't a calendar date such as 2026-11-22.") from None


def _which(other: re.Match[str] | None) -> str:
    """Why a day isn't read, and the notations that it may be in."""
    if other is None:
        return "isn't a calendar date such as 2026-11-22."
    mark = other[2]
    if len(other[1]) == 4:
        return f"is in another notation than 2026-11-22: say --dates yyyy{mark}mm{mark}dd if it is that."
    said = f"is in another notation than 2026-11-22: day first? --dates dd{mark}mm{mark}yyyy."
    return said if mark == "." else f"{said} Month first? --dates mm{mark}dd{mark}yyyy."


def moment_in(text: str, dates: str = "") -> str:
    """A moment as YYYY-MM-DDTHH:MM:SSZ; of a day alone its beginning in UTC. Raises CellError."""
    if _ISO_DAY.fullmatch(text) or _OTHER_DAY.fullmatch(text):
        return f"{day_in(text, dates)}T00:00:00Z"
    return text


def answer_in(text: str) -> bool:
    """A yes or a no. Raises CellError, also for an empty cell: silence is never a yes."""
    found = ANSWERS.get(text.casefold())
    if found is None:
        raise CellError("is neither yes nor no.")
    return found


def places_in(text: str) -> list[str]:
    """Codes of the countries that a cell names by code or name; what is neither stays as it is."""
    found: list[str] = []
    for part in re.split(r"[,;/|+\n]", text):
        if part.strip():
            whole = place_in(part)
            found += [whole] if whole != part.strip() else [place_in(each) for each in part.split()]
    return found


def place_in(text: str) -> str:
    """The code of the country that a text names, or WORLD; the text itself where it names none."""
    return country_named(text) or (WORLD if _is_world(text) else text.strip())


def _is_world(text: str) -> bool:
    told = " ".join(text.split()).casefold()
    return told in {"world", "worldwide", "welt", "weltweit", "mundo", "todo el mundo", "mundial"}
