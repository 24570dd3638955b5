"""Headers: what the lines of an HTTP answer say about machine use.

Read are `X-Robots-Tag`, `TDM-Reservation`, `TDM-Policy`, `Content-Usage` (IETF aipref) and `Content-Signal`.
What stands in one of these fields and isn't known becomes a statement too, which holds the picture
(`reservation`). So do a field that is about machine use by its name (`X-AI-Training`), whatever stands in it,
words about machines in a field about rights, and one of these fields without a value. Only `X-Robots-Tag`
says nothing without one: it lists what is asked for. Everything else, cookies for instance, is passed over
and never kept.

A robots directive addressed to one crawler counts here too: whoever forbids one machine to learn from a
picture hasn't allowed it to another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from volenti.perception.rights.optouts import IN_WORDS
from volenti.perception.rights.reservation import (
    DIRECTIVES,
    HARMLESS,
    PREFERENCES,
    UNKNOWN_VALUE,
    shortened,
    tdm_statement,
    worded,
)
from volenti.perception.rights.usageterms import (
    is_field_of_machines,
    is_field_of_rights,
    speaks_of_machines,
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
#: The same without hyphens, and by other names that programs and people give them.
_ALSO = {each.replace("-", ""): each for each in FIELDS} | dict.fromkeys(
    ("robots", "robotstag", "xrobots"), _ROBOTS
)
#: A field that is read, in text that isn't a header line; and the same with what may be its value.
_MENTION = re.compile(
    r"(?:x[-_]?robots[-_]?tag|tdm[-_]?(?:reservation|policy)|content[-_](?:usage|signal))", re.IGNORECASE
)
_STATED = re.compile(rf"{_MENTION.pattern}[\"'\]]{{0,2}}\s{{0,4}}[:=]", re.IGNORECASE)
#: The beginning of a page, which may have lines with colons in it.
_PAGE = re.compile(r"\s*<(?:[!?]|[A-Za-z][^:\n<>]*>)")
#: What is between a robots field's directives.
_BETWEEN = re.compile(r"[\s,;:*=\"'-]*")


def field(name: str) -> str:
    """A header's name as it is compared: lower case, with hyphens; one of FIELDS also by other names."""
    plain = name.strip().lower().replace("_", "-")
    return _ALSO.get(re.sub(r"\W", "", plain), plain)


def header_lines(text: str) -> list[tuple[str, str]]:
    """Name (as `field`) and value of every header line, those of redirects among them; folded lines unfolded.

    `wget -S` indents all lines and `curl -v` puts "<" before them: what is indented no further than the line
    with the status begins a header of its own.
    """
    return _lines_of(text)[0]


def is_headers(text: str) -> bool:
    """Whether a text is header lines, and nothing in it that isn't one names a field that is read."""
    found, left = _lines_of(text)
    return bool(found) and not _PAGE.match(text) and not any(map(_MENTION.search, left))


def mentions_field(text: str) -> bool:
    """Whether a field that is read, and something that may be its value, stands somewhere in a text."""
    return _STATED.search(text) is not None


def _lines_of(text: str) -> tuple[list[tuple[str, str]], list[str]]:
    """The header lines, as `header_lines`, and all others."""
    lines = [line.removeprefix("<") for line in _LINE_END.split(text) if line.strip()]
    edge = min((_indent(line) for line in lines), default=0)
    found: list[tuple[str, list[str]]] = []
    left: list[str] = []
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
        else:
            left.append(line)
    return [(name, " ".join(values)) for name, values in found], left


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
        elif name not in FIELDS and is_field_of_machines(name):
            found[worded(UNKNOWN_VALUE, "header")] = None
        elif name not in FIELDS and is_field_of_rights(name) and speaks_of_machines(value):
            found[worded(IN_WORDS, "header")] = None
    names = {name for name, _ in given}
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
        for each in [part for part in value.split(",") if part.strip()] or [""]:
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
    if not words and not _BETWEEN.fullmatch(text):
        words = [text]
    return (each for each in words if each not in HARMLESS)


def _preferences(name: str, value: str) -> Iterator[str]:
    """The members of a structured dictionary such as "train-ai=n, search=y" that aren't a plain yes."""
    members = [each for each in value.lower().split(",") if each.strip()]
    if not members:
        yield worded(UNKNOWN_VALUE, name)
    for member in members:
        plain, _, parameters = member.partition(";")
        key, _, said = (part.strip().strip("\"'") for part in plain.partition("="))
        if key in PREFERENCES and said in ("n", "no"):
            yield worded(f"{key}={said}", name)
        elif not (key in PREFERENCES and said in ("y", "yes") and not parameters):
            yield worded(UNKNOWN_VALUE, name)
