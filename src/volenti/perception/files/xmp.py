"""XMP: the values of properties in one or several packets, in each of the forms that RDF allows.

It is read as ISO 16684-1 serialises it, element and attribute forms alike. The XML comes from strangers, so
entities and very deep nesting are refused (defusedxml, a depth limit). What a property means is said in
`rights.statement`; nothing is written here.
"""

from __future__ import annotations

import io
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

_RDF, _XML = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}", "{http://www.w3.org/XML/1998/namespace}"

#: XMP nests a handful of levels; a deeper packet is made to exhaust a parser.
_DEPTH_MAX = 64
#: More elements than any XMP has; a packet with more of them is made to fill the memory.
_ELEMENTS_MAX = 100_000
#: Bytes that the parser is given at once. With each piece it looks at a token that isn't complete yet from
#: its beginning, so small pieces of a long token take time as its square. Depth and number are checked after
#: each.
_PIECE = 2**20
# The two ends of a packet are looked for one after the other: in a text with many beginnings and no end, a
# pattern of both, with anything between them, takes time as the square of their number.
_OPENED = re.compile(rb"<(?:[\w.-]+:)?(?:xmpmeta|RDF)[\s>]")
_CLOSED = re.compile(rb"</(?:[\w.-]+:)?(?:xmpmeta|RDF)\s*>")
_WRAPPER = re.compile(rb"<(?:[\w.-]+:)?xmpmeta[\s>]")
_WRAPPER_END = re.compile(rb"</(?:[\w.-]+:)?xmpmeta\s*>")


class Xmp:
    """Property values of XMP packets, by name in Clark notation ({namespace}local).

    `broken` holds the packets that don't parse: their text may still say something. `texts` are all the
    texts in the others, each once, with the name of the property that it stands in.
    """

    def __init__(self, packets: Sequence[bytes], asked_as: Callable[[str], str]) -> None:
        """asked_as: the name to collect a property under, or "" to pass it over."""
        self._values: dict[str, list[str]] = {}
        self.broken: list[bytes] = []
        self.texts: dict[tuple[str, str], None] = {}
        self._empty: set[str] = set()
        for packet in packets:
            root = _parsed(packet)
            if root is None:
                self.broken.append(packet)
                continue
            for element, around in _named(root):
                self._add_texts(element, around)
                for name, value in element.attrib.items():
                    if asked := asked_as(name):
                        self._add(asked, [value])
                if asked := asked_as(element.tag):
                    self._add(asked, _held(element))

    def _add(self, name: str, values: Iterable[str]) -> None:
        kept = [text for value in values if (text := value.strip())]
        if kept:
            self._values.setdefault(name, []).extend(kept)
        else:
            self._empty.add(name)

    def _add_texts(self, element: Element, around: str) -> None:
        found = [(around, element.text), (around, element.tail)]
        for name, value in element.attrib.items():
            of_syntax = name.startswith((_RDF, _XML))
            if not of_syntax or name == f"{_RDF}resource":
                found.append((around if of_syntax else name, value))
        self.texts |= {(name, text.strip()): None for name, text in found if text and not text.isspace()}

    def is_empty(self, name: str) -> bool:
        """Whether the property stands somewhere with nothing in it."""
        return name in self._empty

    def values(self, *names: str) -> tuple[str, ...]:
        """Every value of the properties, in the order given."""
        return tuple(value for name in names for value in self._values.get(name, ()))


def packets_in(text: bytes) -> list[bytes]:
    """The packets in the text of sidecars, which may be several one after another."""
    found = []
    end = 0
    while (begins := _WRAPPER.search(text, end)) and (ends := _WRAPPER_END.search(text, begins.end())):
        end = ends.end()
        found.append(text[begins.start() : end])
    left = text[end:]
    # What is left may be a packet without the wrapper, or one that was cut off.
    return [*found, left] if left.strip() and (not found or _OPENED.search(left)) else found


def is_packet(text: bytes) -> bool:
    """Whether there is XMP in a text, damaged or not: an element that packets begin with."""
    return _OPENED.search(text) is not None


class _Pieces(io.BytesIO):
    """Bytes that are read in large pieces, however few are asked for."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(_PIECE)


def _parsed(packet: bytes) -> Element | None:
    """The root of an XMP packet, without the wrapper and padding around it; None where it's broken."""
    text = _unwrapped(packet)
    root: Element | None = None
    depth = elements = 0
    try:
        for event, element in iterparse(_Pieces(text), events=("start", "end")):
            depth += 1 if event == "start" else -1
            elements += event == "start"
            root = element if root is None else root
            if depth > _DEPTH_MAX or elements > _ELEMENTS_MAX:
                return None
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    return root


def _unwrapped(packet: bytes) -> bytes:
    """The packet from its first beginning to its last end; all of it where it hasn't both."""
    begins = _OPENED.search(packet)
    if begins:
        for last in deque(_CLOSED.finditer(packet, begins.end()), maxlen=1):
            return packet[begins.start() : last.end()]
    return packet.strip(b"\0 \t\r\n")


def _named(root: Element) -> Iterator[tuple[Element, str]]:
    """Every element, with the name of the property that it is or is part of."""
    left = [(root, "")]
    while left:
        element, around = left.pop()
        around = around if element.tag.startswith(_RDF) else element.tag
        yield element, around
        left += [(each, around) for each in reversed(element)]


def _held(element: Element) -> Iterator[str]:
    """The texts a property element holds: its own, a list's items, or the resource it refers to.

    Where it holds none of these, whatever else stands in it.
    """
    usual = [element, *element.iter(f"{_RDF}li"), *element.iter(f"{_RDF}value")]
    found = [text for part in usual for text in (part.text, part.get(f"{_RDF}resource")) if text]
    if any(text.strip() for text in found):
        return iter(found)
    return (text for part in element.iter() for text in (part.text, *_values(part)) if text)


def _values(part: Element) -> Iterator[str]:
    """The attributes of an element but those that say how to read it."""
    return (value for name, value in part.attrib.items() if not name.startswith((_RDF, _XML)))
