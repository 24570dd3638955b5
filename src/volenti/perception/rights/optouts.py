"""Opt-outs: what the fields of a file's metadata say against machine use, in whatever form somebody wrote it.

A value that its field's vocabulary knows means what `reservation` says. Anything else that stands in such a
field holds the picture, and so do words about machines that learn (`usageterms`), in whatever field: neither
is understood here, and both may forbid. A field about machine use alone holds the picture also where nothing
stands in it. The words themselves aren't repeated in what is found: they may name people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from volenti.perception.rights import properties as named
from volenti.perception.rights.reservation import (
    DMI,
    UNKNOWN_VALUE,
    data_mining_in,
    tdm_statement,
    worded,
)
from volenti.perception.rights.usageterms import (
    forbids_machines,
    is_field_of_machines,
    is_field_of_rights,
    speaks_of_machines,
)

if TYPE_CHECKING:
    from volenti.perception.files.metadata import Metadata
    from volenti.perception.files.xmp import Xmp

#: The statement of somebody's words, and of conditions that have a field of their own.
IN_WORDS, CONSTRAINTS = "in-words", "other-constraints"

_TDM_TEXT = re.compile(r"(?<![/\w])\w+:reservation\W{1,4}(\w*)", re.IGNORECASE)
_MINING_TEXT = re.compile(r"DataMining", re.IGNORECASE)
#: What has none of these says nothing in words.
_LETTERS = re.compile(r"[^\W\d_]{2}")
#: In damaged XMP: an attribute's name; a tag, which ends at the latest where the next begins; and what stands
#: in an attribute.
_NAMED = re.compile(r"(?<![\w.-])[\w.-]+:[\w.-]+\s?=")
_TAG, _ATTRIBUTE = re.compile(r"<[^<>]*>?"), re.compile(r"=\s?[\"']([^\"'<>]*)[\"']")


@dataclass(frozen=True, slots=True)
class OptOuts:
    """PLUS values, whether text and data mining is reserved, and other statements (`reservation.worded`)."""

    data_mining: tuple[str, ...]
    tdm_reserved: bool
    others: tuple[str, ...]


def opt_outs_of(metadata: Metadata, xmp: Xmp) -> OptOuts:
    """The opt-outs in a file's metadata; `xmp` holds its packets and those beside it."""
    damaged = [packet.replace(b"\0", b"").decode("latin-1") for packet in xmp.broken]
    # Any prefix may stand for the namespace, which is declared before.
    of_tdm = [text for text in damaged if "tdm" in text.lower()]
    values = [each for text in _values(xmp, named.DATA_MINING) for each in data_mining_in(text)]
    reserved = [tdm_statement(text) for text in _values(xmp, named.TDM)]
    reserved += [tdm_statement(each) for text in of_tdm for each in _TDM_TEXT.findall(text)]
    known = [each for each in values if each != UNKNOWN_VALUE]
    known += [each for text in damaged for each in DMI.findall(text.upper())]
    others = [
        *(worded(each, "DataMining") for each in values if each == UNKNOWN_VALUE),
        *(worded(each, "tdm:reservation") for each in reserved if each == UNKNOWN_VALUE),
        *(worded(UNKNOWN_VALUE, "damaged XMP") for text in damaged if _hides_something(text)),
        *(worded(CONSTRAINTS, "OtherConstraints") for _ in xmp.values(named.OTHER_CONSTRAINTS)[:1]),
        *(worded(CONSTRAINTS, "encoded rights") for _ in xmp.values(*named.ENCODED_RIGHTS)[:1]),
        *(worded("tdm-policy", "XMP") for _ in _values(xmp, named.TDM_POLICY)[:1] if not reserved),
        *(worded(UNKNOWN_VALUE, "XMP") for _ in _values(xmp, named.MACHINES)[:1]),
        *(worded(UNKNOWN_VALUE, "comment") for name in metadata.comments if is_field_of_machines(name)),
        *(worded(IN_WORDS, where) for where, text in _terms(metadata, xmp) if speaks_of_machines(text)),
        *(worded(IN_WORDS, where) for where, text in _prose(metadata, xmp) if forbids_machines(text)),
        *(worded(IN_WORDS, "damaged XMP") for text in damaged if forbids_machines(_words_of(text))),
    ]
    others = list(dict.fromkeys(others))
    return OptOuts(tuple(dict.fromkeys(known)), "tdm-reservation" in reserved, tuple(others))


def _values(xmp: Xmp, name: str) -> list[str]:
    """The values of a property, and "" where it stands somewhere without one."""
    return [*xmp.values(name), *([""] if xmp.is_empty(name) else [])]


def said_in_caption(text: str) -> list[str]:
    """The statement of a caption that forbids machines to learn from its picture; none of any other."""
    return [worded(IN_WORDS, "caption")] if forbids_machines(text) else []


def _words_of(damaged: str) -> str:
    """What stands between the tags of damaged XMP and in their attributes."""
    return "\n".join([_NAMED.sub(" ", _TAG.sub("\n", damaged)), *_ATTRIBUTE.findall(damaged)])


def _hides_something(damaged: str) -> bool:
    """Whether damaged XMP names the field of an opt-out, and its value can't be made out."""
    mining = _MINING_TEXT.search(damaged) and not DMI.search(damaged.upper())
    return bool(mining) or ("tdm" in damaged.lower() and "" in _TDM_TEXT.findall(damaged))


def _terms(metadata: Metadata, xmp: Xmp) -> Iterator[tuple[str, str]]:
    """Fields about rights, each with what stands in it."""
    yield from ((where, text) for where, text, of_rights in _of_xmp(xmp) if of_rights)
    yield from (("copyright", text) for text in texts(metadata.exif.get(named.EXIF_COPYRIGHT)))
    yield from (("copyright", text) for text in texts(metadata.iptc.get(named.IPTC_COPYRIGHT)))
    yield from (("instructions", text) for text in texts(metadata.iptc.get(named.IPTC_INSTRUCTIONS)))
    yield from ((name, text) for name, text in metadata.comments.items() if is_field_of_rights(name))


def _prose(metadata: Metadata, xmp: Xmp) -> Iterator[tuple[str, str]]:
    """All other fields, descriptions, keywords and comments among them."""
    yield from ((where, text) for where, text, of_rights in _of_xmp(xmp) if not of_rights)
    for tag, value in metadata.exif.items():
        if tag != named.EXIF_COPYRIGHT:
            yield from (("EXIF", text) for text in texts(value))
    for (record, dataset), value in metadata.iptc.items():
        of_terms = (record, dataset) in (named.IPTC_COPYRIGHT, named.IPTC_INSTRUCTIONS)
        if record == named.IPTC_RECORD and dataset < named.IPTC_PREVIEW and not of_terms:
            yield from (("IPTC", text) for text in texts(value))
    yield from ((name, text) for name, text in metadata.comments.items() if not is_field_of_rights(name))


def _of_xmp(xmp: Xmp) -> Iterator[tuple[str, str, bool]]:
    """What stands in XMP: where, the text, and whether the property is about rights."""
    for name, text in xmp.texts:
        asked, local = named.asked_as(name), name.rpartition("}")[2]
        if asked in named.OPT_OUTS or not _LETTERS.search(text):
            continue
        of_rights = asked in (named.USAGE_TERMS, named.RIGHTS, *named.TERMS)
        # Names that nobody knows aren't repeated: people are named in some.
        where = local if of_rights else "XMP"
        yield where, text, of_rights or (not asked and is_field_of_rights(local))


def texts(value: Any) -> list[str]:
    """EXIF and IPTC text values as they come: bytes, text, several of either, or none."""
    if (
        isinstance(value, tuple)
        and value
        and all(isinstance(each, int) and 0 <= each < 256 for each in value)
    ):
        value = bytes(value)
    if isinstance(value, list | tuple):
        return [text for item in value for text in texts(item)]
    if isinstance(value, bytes):
        value = _decoded(value)
    text = str(value or "").strip("\0 \t\r\n")
    return [text] if text else []


def _decoded(value: bytes) -> str:
    """Text in one of the encodings that EXIF and IPTC allow."""
    if value.startswith(b"UNICODE\0"):
        value = value[8:]
        wide = "utf-16-be" if value.startswith((b"\0", b"\xfe\xff")) else "utf-16-le"
        return value.decode(wide, errors="replace")
    value = value.removeprefix(b"ASCII\0\0\0")
    # UTF-16 in the Latin range, as Windows writes it, has a zero in every other place.
    if value[1::2].count(0) > len(value) // 4:
        return value.decode("utf-16-le", errors="replace")
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
