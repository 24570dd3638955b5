"""A calendar file (iCalendar, RFC 5545) with an entry for each day on which something is due.

Only what such a file needs is here: entries that last a whole day, each with a stable identifier, so that a
calendar that reads the file again changes its entries instead of adding others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

#: Octets of a line, its end left out; longer ones are folded.
LINE_MAX = 75
#: Characters that no text in a calendar may hold.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One day in a calendar. `uid` is the same for the same matter in every file, whatever else changes."""

    uid: str
    day: date
    summary: str
    description: str = ""


def calendar(entries: Iterable[Entry], now: datetime) -> bytes:
    """The file with these entries, as it is at the moment `now`."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Volenti//Due//EN", "CALSCALE:GREGORIAN"]
    for each in entries:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_text(each.uid)}",
            f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{each.day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{each.day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_text(each.summary)}",
            *([f"DESCRIPTION:{_text(each.description)}"] if each.description else []),
            # Whoever looks for a free hour isn't kept from it by what is due on that day.
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return b"".join(part + b"\r\n" for line in lines for part in _folded(line))


def _text(value: str) -> str:
    """A text as it stands in a calendar: separators and line breaks escaped, control characters left out."""
    plain = _CONTROLS.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    return re.sub(r"([\\;,])", r"\\\1", plain).replace("\n", r"\n")


def _folded(line: str) -> Iterator[bytes]:
    """The line in parts of at most LINE_MAX octets, each but the first after a space; no character is cut."""
    part = b""
    for character in line:
        octets = character.encode("utf-8", "replace")
        if len(part) + len(octets) > LINE_MAX:
            yield part
            part = b" "
        part += octets
    yield part
