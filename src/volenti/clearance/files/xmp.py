"""XMP: the values of properties over several packets, however RDF chose to write them down.

Read as ISO 16684-1 serialises it, element and attribute forms alike. XML comes from
strangers, so entities and bottomless nesting are turned away (defusedxml, a depth limit).
What a property means is said in `rights.statement`; nothing is written here.
"""

from __future__ import annotations

import io
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"

#: XMP nests a handful of levels; what goes deeper is made to exhaust a parser.
_DEPTH_MAX = 64
_PACKET = re.compile(rb"<(?:[\w.-]+:)?(?:xmpmeta|RDF)[\s>].*</(?:[\w.-]+:)?(?:xmpmeta|RDF)\s*>", re.DOTALL)
_WRAPPED = re.compile(rb"<(?:[\w.-]+:)?xmpmeta[\s>].*?</(?:[\w.-]+:)?xmpmeta\s*>", re.DOTALL)


class Xmp:
    """Property values of XMP packets, by name in Clark notation ({namespace}local).

    `broken` holds the packets that don't parse: their text may still say something.
    """

    def __init__(self, packets: Sequence[bytes], asked: Container[str]) -> None:
        """asked: the properties to collect; all others are passed over."""
        self._values: dict[str, list[str]] = {}
        self.broken: list[bytes] = []
        for packet in packets:
            root = _parsed(packet)
            if root is None:
                self.broken.append(packet)
                continue
            for element in root.iter():
                for name in element.attrib:
                    if name in asked:
                        self._add(name, [element.attrib[name]])
                if element.tag in asked:
                    self._add(element.tag, _held(element))

    def _add(self, name: str, values: Iterable[str]) -> None:
        kept = [text for value in values if (text := value.strip())]
        if kept:
            self._values.setdefault(name, []).extend(kept)

    def values(self, *names: str) -> tuple[str, ...]:
        """Every value of the properties, in the order given."""
        return tuple(value for name in names for value in self._values.get(name, ()))


def packets_in(text: bytes) -> list[bytes]:
    """The packets in the text of sidecars, which may be several one after another."""
    return _WRAPPED.findall(text) or ([text] if text.strip() else [])


def _parsed(packet: bytes) -> Element | None:
    """The root of an XMP packet, without the wrapper and padding around it; None where it's broken."""
    match = _PACKET.search(packet)
    text = match.group() if match else packet.strip(b"\0 \t\r\n")
    root: Element | None = None
    depth = 0
    try:
        for event, element in iterparse(io.BytesIO(text), events=("start", "end")):
            depth += 1 if event == "start" else -1
            root = element if root is None else root
            if depth > _DEPTH_MAX:
                return None
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    return root


def _held(element: Element) -> Iterator[str]:
    """The texts a property element holds: its own, a list's items, or the resource it refers to."""
    for part in (element, *element.iter(f"{_RDF}li"), *element.iter(f"{_RDF}value")):
        if part.text:
            yield part.text
        if resource := part.get(f"{_RDF}resource"):
            yield resource
