"""Headers: what the lines of an HTTP answer say about machine use.

Read are `X-Robots-Tag`, `TDM-Reservation`, `TDM-Policy`, `Content-Usage` (IETF aipref) and `Content-Signal`.
Everything else, cookies for instance, is passed over and never kept. What stands in one of these fields and
isn't known becomes a statement too, which holds the picture (`reservation`).

A robots directive addressed to one crawler counts here too: whoever forbids one machine to learn from a
picture hasn't allowed it to another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from volenti.perception.rights.reservation import (
    DIRECTIVES,
    HARMLESS,
    PREFERENCES,
    UNKNOWN_VALUE,
    shortened,
    tdm_statement,
    worded,
)

#: Statements of one field that are kept. Where there are more, this many and that there are more.
STATEMENTS_MAX = 32

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_WORD = re.compile(r"\w[\w-]*")
_LINE_END = re.compile(r"\r\n|\r|\n")
#: Directives with a value of their own, which may be a word that is a directive elsewhere.
_VALUED = re.compile(r"\b(?:max-(?:image-preview|snippet|video-preview))\s{0,9}[:=]\s{0,9}[\w-]+")
_DATED = "unavailable_after"
#: In damaged text these are looked for wherever they stand. "none" isn't: it is an ordinary word.
_DIRECTIVE = re.compile(rf"\b(?:{'|'.join(sorted(DIRECTIVES - {'none'}))})\b", re.IGNORECASE)

_ROBOTS, _TDM, _POLICY = "x-robots-tag", "tdm-reservation", "tdm-policy"
_USAGE = ("content-usage", "content-signal")
#: The fields that are read, as `field` names them.
FIELDS = frozenset({_ROBOTS, _TDM, _POLICY, *_USAGE})


def field(name: str) -> str:
    """A header's name as it is compared: lower case, with hyphens."""
    return name.strip().lower().replace("_", "-")


def header_lines(text: str) -> list[tuple[str, str]]:
    """Name (as `field`) and value of every header line, those of redirects among them; folded lines unfolded.

    `wget -S` indents all lines and `curl -v` puts "<" before them: what is indented no further than the line
    with the status begins a header of its own.
    """
    lines = [line.removeprefix("<") for line in _LINE_END.split(text) if line.strip()]
    edge = min((_indent(line) for line in lines), default=0)
    found: list[tuple[str, list[str]]] = []
    for line in lines:
        # Split, not matched by a pattern: with blanks on either side of the value that takes time as their
        # square.
        name, colon, value = line.partition(":")
        if line.lstrip().startswith("HTTP/"):
            edge = _indent(line)
        elif found and _indent(line) > edge:
            found[-1][1].append(line.strip())
        elif colon and _NAME.fullmatch(name.strip()):
            found.append((field(name), [value.strip()]))
    return [(name, " ".join(values)) for name, values in found]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def damaged_headers(text: str) -> list[tuple[str, str]]:
    """Directives and reservations in text that isn't readable as what it should be: damage removes none."""
    found = [(_ROBOTS, each) for each in dict.fromkeys(map(str.lower, _DIRECTIVE.findall(text)))]
    reserved = re.search(r"tdm[-_]reservation\W{1,8}1\b", text, re.IGNORECASE)
    return [*found, *([(_TDM, "1")] if reserved else [])]


def statements_in(headers: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The statements of headers, each with the field that it was found in: "noai (x-robots-tag)"."""
    found: dict[str, None] = {}
    given = list(headers)
    for name, value in given:
        if name in FIELDS and name != _POLICY:
            some = dict.fromkeys(_of_field(name, value))
            found |= dict.fromkeys(list(some)[:STATEMENTS_MAX])
            if len(some) > STATEMENTS_MAX:
                found[worded(UNKNOWN_VALUE, f"{name}: more")] = None
    names = {name for name, value in given if value.strip()}
    if _POLICY in names and _TDM not in names:
        # A policy without the reservation that it belongs to: something is meant by it.
        found[worded(_POLICY, "header")] = None
    return tuple(found)


def _of_field(name: str, value: str) -> Iterator[str]:
    if name == _ROBOTS:
        for each in _directives(value):
            yield (
                worded(each, name)
                if each in DIRECTIVES
                else worded(UNKNOWN_VALUE, f"{name}: {shortened(each)}")
            )
    elif name == _TDM:
        for each in value.split(","):
            if statement := tdm_statement(each):
                yield worded(statement, "header")
    else:
        yield from _preferences(name, value)


def _directives(value: str) -> Iterator[str]:
    """The directives of a robots field, known and unknown ones, without harmless ones."""
    text, _, dated = _VALUED.sub(" ", value.lower()).partition(_DATED)
    *addressed, last = text.split(":")
    words: list[str] = []
    for part in addressed:
        # What stands before a colon is a crawler's name, unless it is a directive.
        some = _WORD.findall(part)
        words += [*some[:-1], *(each for each in some[-1:] if each in DIRECTIVES)]
    words += _WORD.findall(last)
    # A date may be written in many ways, so after one only words that forbid are looked for.
    words += [each for each in _WORD.findall(dated) if re.match(r"no(?!v)", each)]
    return (each for each in words if each not in HARMLESS)


def _preferences(name: str, value: str) -> Iterator[str]:
    """The members of a structured dictionary such as "train-ai=n, search=y" that aren't a plain yes."""
    for member in value.lower().split(","):
        plain, _, parameters = member.partition(";")
        key, _, said = (part.strip().strip("\"'") for part in plain.partition("="))
        if key in PREFERENCES and said in ("n", "no"):
            yield worded(f"{key}={said}", name)
        elif member.strip() and not (key in PREFERENCES and said in ("y", "yes") and not parameters):
            yield worded(UNKNOWN_VALUE, name)
