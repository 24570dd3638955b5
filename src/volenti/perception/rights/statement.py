"""Rights: what everything that goes with a picture says about using it, and reveals about people.

Statements are gathered from EXIF, IPTC IIM, XMP in the file and beside it, content credentials, and what was
saved of the site that the picture came from. Every statement counts and the strictest decides; a permission
never lifts a prohibition made elsewhere. What a statement means for a purpose is said in `findings`. XMP that
doesn't parse is searched for reservations as plain text: damage never removes one.

A release status is what somebody filled in. None of them clears anything (ADR 5). One that says that somebody
didn't sign, or only in part, holds the picture, because the release on file may not be everybody's.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from PIL import ExifTags

from volenti.perception.files.stripping import strip
from volenti.perception.files.xmp import Xmp, packets_in
from volenti.perception.rights import properties as named
from volenti.perception.rights.credentials import ELSEWHERE, REMOVED, Credentials
from volenti.perception.rights.licence import licences_named
from volenti.perception.rights.optouts import opt_outs_of, texts
from volenti.perception.rights.reservation import MiningEntry

if TYPE_CHECKING:
    from volenti.core.canonical import Json
    from volenti.perception.files.metadata import Metadata
    from volenti.perception.files.picture import Picture

__all__ = ["Rights", "joined", "read_rights", "rights_of", "strip"]

#: Statuses (PLUS vocabulary) that say that all releases were signed, and those that say that none is needed.
#: Any other holds the picture.
COMPLETE, NOT_NEEDED = frozenset({"MR-UMR", "PR-UPR"}), frozenset({"MR-NAP", "PR-NAP"})


@dataclass(frozen=True, slots=True)
class Rights:
    """What is said about a picture. `device_identity` names kinds of fields, never their values.

    reservations: statements saved beside the file, and those in it that no other field holds, as
    "statement (where)". credentials: ""
    (none), "intact", "changed" or "unread"; credential_notes: C2PA codes, or why unread.
    """

    data_mining: tuple[str, ...] = ()
    tdm_reserved: bool = False
    reservations: tuple[str, ...] = ()
    mining: tuple[MiningEntry, ...] = ()
    credentials: str = ""
    credential_notes: tuple[str, ...] = ()
    signer_notes: tuple[str, ...] = ()
    model_release_status: str = ""
    model_release_ids: tuple[str, ...] = ()
    property_release_status: str = ""
    youngest_model_age: str = ""
    creators: tuple[str, ...] = ()
    copyright: tuple[str, ...] = ()
    credit: tuple[str, ...] = ()
    usage_terms: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    web_statement: tuple[str, ...] = ()
    digital_source_type: str = ""
    has_location: bool = False
    has_place: bool = False
    device_identity: tuple[str, ...] = ()
    malformed: bool = False

    def to_json(self) -> Json:
        """Every field by its name; several values as a list."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}

    @classmethod
    def from_json(cls, body: Json) -> Rights:
        """The inverse of `to_json`. Fields that are lacking are empty, unknown ones passed over."""
        known = {each.name for each in fields(cls)}
        given: dict[str, Any] = {
            name: tuple(v) if isinstance(v, list) else v for name, v in body.items() if name in known
        }
        given["mining"] = tuple(MiningEntry(**each) for each in given.get("mining", ()))
        return cls(**given)


def read_rights(
    picture: Picture,
    sidecar: bytes = b"",
    reservations: Iterable[str] = (),
    credentials: Credentials | None = None,
) -> Rights:
    """What the picture's metadata and everything that goes with it say together."""
    return rights_of(picture.metadata, sidecar, reservations, credentials)


def rights_of(
    metadata: Metadata,
    sidecar: bytes = b"",
    reservations: Iterable[str] = (),
    credentials: Credentials | None = None,
) -> Rights:
    """`read_rights` for metadata without their picture.

    sidecar: XMP packets from beside the file; reservations: what `sidecar.Sidecars` found.
    """
    xmp = Xmp([*metadata.xmp, *packets_in(sidecar)], named.asked_as)
    exif, iptc = metadata.exif, metadata.iptc
    found = credentials or _named_only(xmp.values(named.PROVENANCE))
    signed = found or Credentials()
    said = opt_outs_of(metadata, xmp)
    copyright_notices = _distinct(
        [
            *xmp.values(named.RIGHTS),
            *texts(exif.get(int(ExifTags.Base.Copyright))),
            *texts(iptc.get(named.IPTC_COPYRIGHT)),
        ]
    )
    usage_terms, pages = _distinct(xmp.values(named.USAGE_TERMS)), _distinct(xmp.values(named.WEB_STATEMENT))
    authors = [*texts(exif.get(int(ExifTags.Base.Artist))), *texts(iptc.get(named.IPTC_BYLINE))]
    return Rights(
        data_mining=_distinct([*said.data_mining, *signed.data_mining]),
        tdm_reserved=said.tdm_reserved,
        reservations=_distinct([*said.others, *reservations]),
        mining=signed.mining,
        credentials=_state(found),
        credential_notes=(signed.unread,) if signed.unread else signed.changed,
        signer_notes=signed.untrusted,
        model_release_status=_term(xmp.values(named.MODEL_STATUS), COMPLETE | NOT_NEEDED),
        model_release_ids=_distinct(xmp.values(named.MODEL_IDS)),
        property_release_status=_term(xmp.values(named.PROPERTY_STATUS), COMPLETE | NOT_NEEDED),
        youngest_model_age=min(map(_last, xmp.values(named.MODEL_AGE)), key=age_of, default=""),
        creators=_distinct([*xmp.values(named.CREATOR), *authors]),
        copyright=copyright_notices,
        credit=_distinct([*xmp.values(named.CREDIT), *texts(iptc.get(named.IPTC_CREDIT))]),
        usage_terms=usage_terms,
        licences=licences_named(xmp.values(*named.LICENCES), pages, (*usage_terms, *copyright_notices)),
        web_statement=pages,
        digital_source_type=_term(xmp.values(named.SOURCE_TYPE)),
        has_location=signed.has_location or _has_coordinates(metadata, xmp),
        has_place=_has_place(metadata, xmp),
        device_identity=_distinct([*_device(metadata, xmp), *signed.device_identity]),
        malformed=bool(xmp.broken),
    )


def joined(several: Iterable[Rights]) -> Rights:
    """What several files that go together say: everything that any of them says.

    Of a field with a single value, such as a release's status, the first value that isn't harmless; of ages
    the youngest.
    """
    found = list(several)

    def all_of(name: str) -> tuple[Any, ...]:
        return tuple(dict.fromkeys(value for each in found for value in getattr(each, name)))

    def first_of(name: str) -> str:
        return next((value for each in found if (value := str(getattr(each, name)))), "")

    given: dict[str, Any] = {}
    for each in fields(Rights):
        if isinstance(each.default, tuple):
            given[each.name] = all_of(each.name)
        elif isinstance(each.default, bool):
            given[each.name] = any(getattr(one, each.name) for one in found)
        else:
            given[each.name] = first_of(each.name)
    for name in ("model_release_status", "property_release_status"):
        stated = tuple(value for each in found if (value := getattr(each, name)))
        given[name] = _term(stated, COMPLETE | NOT_NEEDED)
    ages = [each.youngest_model_age for each in found if each.youngest_model_age]
    given["youngest_model_age"] = min(ages, key=age_of, default="")
    return Rights(**given)


def _device(metadata: Metadata, xmp: Xmp) -> Iterator[str]:
    """Kinds of fields that name the device or its owner."""
    yield from (kind for tag, kind in named.EXIF_DEVICE.items() if any(texts(metadata.exif.get(tag))))
    yield from (kind for name, kind in named.XMP_DEVICE.items() if xmp.values(name))
    yield from metadata.maker_identity


def _has_coordinates(metadata: Metadata, xmp: Xmp) -> bool:
    exif = any(metadata.gps.get(tag) for tag in (named.LATITUDE, named.LONGITUDE))
    return exif or bool(xmp.values(*named.COORDINATES))


def _has_place(metadata: Metadata, xmp: Xmp) -> bool:
    iptc = any(texts(metadata.iptc.get(tag)) for tag in named.IPTC_PLACES)
    return iptc or bool(xmp.values(*named.PLACES))


def _named_only(provenance: tuple[str, ...]) -> Credentials | None:
    """Credentials that XMP refers to and that weren't found in the file; None where it refers to none."""
    if not provenance:
        return None
    remote = any(re.match(r"https?:", value, re.IGNORECASE) for value in provenance)
    return Credentials(unread=ELSEWHERE if remote else REMOVED)


def _state(credentials: Credentials | None) -> str:
    if credentials is None:
        return ""
    return "unread" if credentials.unread else "changed" if credentials.changed else "intact"


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _last(value: str) -> str:
    """The last part of a vocabulary term: MR-UMR of http://ns.useplus.org/ldf/vocab/MR-UMR."""
    return re.split(r"[/#:]", value.strip())[-1]


def _term(values: tuple[str, ...], harmless: Collection[str] = ()) -> str:
    """The term that the values name; of several the first that isn't harmless."""
    terms = [_last(value) for value in values]
    return next((term for term in terms if term not in harmless), terms[0] if terms else "")


def age_of(term: str) -> int:
    """The age in a term such as AG-A17 or AG-U14; 999 where the term says none."""
    found = re.search(r"\d+", term)
    # An age has few digits; Python refuses to read thousands of them.
    return int(found.group()[:9]) if found else 999
