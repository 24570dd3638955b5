"""Content credentials of a picture given: what a C2PA manifest store says, and whether it holds.

It works on the JSON that C2PA readers agree on (the manifest store of the C2PA SDKs, C2PA 2.x); an adapter
gets it out of a file and checks its hashes and signatures. Every manifest of the store counts, ingredients'
too: a reservation stays in force when somebody puts the picture into a collage.

An opt-out counts also in a store that was changed. A permission never counts, because a permission never
lifts anything (`reservation`). Manifests that lie elsewhere aren't fetched: their server would learn what is
being judged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from volenti.core.canonical import Json
from volenti.perception.rights.reservation import DMI, ENTRIES, MiningEntry, data_mining_in

#: Assertions that say what machines may do with the asset, whoever defined them.
MINING_LABEL = re.compile(r"training[-_]mining", re.IGNORECASE)

#: How the description boxes of a manifest store and its parts begin (C2PA 2.1, 11.1.4), and the label of the
#: assertion that matters most: where some of them are damaged, others may be left.
_TRACES = (
    *(b"jumd" + part + b"\0\x11" for part in (b"c2pa", b"c2ma", b"c2um", b"c2as", b"c2cl", b"c2cs")),
    b".training-mining\0",
)

#: Failures that concern who signed, and when, not whether anything was changed.
_SIGNER = re.compile(r"(?:^|\.)untrusted$|^signingCredential\.|^timeStamp\.|^cawg\.x509\.credential")

#: Local names of EXIF fields in metadata assertions (stds.exif, cawg.metadata).
_LOCATION = {"GPSLatitude", "GPSLongitude"}
_DEVICE = {
    "BodySerialNumber": "camera serial number",
    "CameraSerialNumber": "camera serial number",
    "SerialNumber": "camera serial number",
    "LensSerialNumber": "lens serial number",
    "CameraOwnerName": "owner",
    "OwnerName": "owner",
}
#: Why credentials can't be read: words for the finding.
NO_READER = "the c2pa package isn't installed"
ELSEWHERE = "they lie at an address, and nothing is fetched"
REMOVED = "the metadata name them, but they aren't in the file"
DAMAGED = "they are damaged or of an unknown kind"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a file's content credentials say.

    unread: why they couldn't be read, or ""; changed: C2PA failure codes that mean that the
    picture or a manifest isn't what was signed; untrusted: codes that concern the signer;
    data_mining: PLUS values in metadata assertions; has_location, device_identity: fields in
    them, never their values.
    """

    unread: str = ""
    changed: tuple[str, ...] = ()
    untrusted: tuple[str, ...] = ()
    mining: tuple[MiningEntry, ...] = ()
    data_mining: tuple[str, ...] = ()
    has_location: bool = False
    device_identity: tuple[str, ...] = ()


class CredentialReader(Protocol):
    """Reads content credentials out of files."""

    def read(self, data: bytes, kind: str) -> Credentials | None:
        """The credentials in a file, or None where it carries none.

        kind: the format, as `formats.signature` names it. Doesn't raise for any content of a
        file, and asks no network.
        """
        ...


def carries_credentials(data: bytes) -> bool:
    """Whether the bytes hold anything of a C2PA manifest store, whole or not.

    It tells a file without credentials from one whose credentials weren't read.
    """
    return any(trace in data for trace in _TRACES)


def credentials_in(data: bytes, kind: str, reader: CredentialReader | None) -> Credentials | None:
    """The credentials that the reader finds; without a reader, that there are some and they can't be read."""
    if reader is not None:
        return reader.read(data, kind)
    return Credentials(unread=NO_READER) if carries_credentials(data) else None


def credentials_of(store: Json) -> Credentials:
    """What a manifest store says. What isn't where it should be is passed over."""
    manifests = [each for each in _dict(store.get("manifests")).values() if isinstance(each, dict)]
    assertions = [
        each for manifest in manifests for each in _list(manifest.get("assertions")) if isinstance(each, dict)
    ]
    failures = dict.fromkeys(
        [*_failures(store), *(code for each in manifests for code in _ingredient_failures(each))]
    )
    metadata = [each.get("data") for each in assertions if not _is_mining(each)]
    keys = {key.rpartition(":")[2] for data in metadata for key in _keys(data)}
    return Credentials(
        changed=tuple(code for code in failures if not _SIGNER.search(code)),
        untrusted=tuple(code for code in failures if _SIGNER.search(code)),
        mining=tuple(
            dict.fromkeys(
                entry for each in assertions if _is_mining(each) for entry in _entries(each.get("data"))
            )
        ),
        data_mining=tuple(dict.fromkeys(_data_mining(metadata))),
        has_location=bool(_LOCATION & keys),
        device_identity=tuple(dict.fromkeys(kind for name, kind in _DEVICE.items() if name in keys)),
    )


def _is_mining(assertion: Mapping[str, Any]) -> bool:
    return MINING_LABEL.search(str(assertion.get("label", ""))) is not None


def _data_mining(metadata: list[Any]) -> Iterator[str]:
    """PLUS values wherever they stand in metadata assertions, and unknown ones in a Data Mining field."""
    yield from DMI.findall(json.dumps(metadata).upper())
    for name, value in _pairs(metadata):
        if re.sub(r"[\W_]", "", name.rpartition(":")[2]).lower() == "datamining":
            for each in value if isinstance(value, list) else [value]:
                text = each.get("@id", each.get("@value", each)) if isinstance(each, dict) else each
                yield from data_mining_in(str(text))


def _entries(data: Any) -> Iterator[MiningEntry]:
    """The entries of one assertion. CAWG 1.0's schema leaves out the map `entries` that they lie in, and some
    writers call it `metadata`: all three forms are read. An entry in any other form has an unknown use."""
    body = _dict(data)
    nested = [(name, body[name]) for name in ("entries", "metadata") if name in body]
    bare = {name: value for name, value in body.items() if name not in ("entries", "metadata")}
    maps = [_dict(each) for _, each in nested]
    if not isinstance(data, dict) or any(not isinstance(each, dict) for _, each in nested):
        yield MiningEntry("unknown", "")
    for label, value in [*(item for each in maps for item in each.items()), *bare.items()]:
        entry = re.sub(r"^(?:cawg|c2pa)\.", "", str(label))
        if isinstance(value, dict) and "use" in value:
            constraint = value.get("constraint_info") or value.get("constraints_info") or ""
            yield MiningEntry(entry, str(value["use"]), str(constraint))
        elif label not in bare or entry in ENTRIES:
            yield MiningEntry(entry, "")


def _failures(results: Mapping[str, Any]) -> Iterator[str]:
    """Failure codes of a store or an ingredient: the list of C2PA 1.x and the results of 2.x."""
    yield from (_code(each) for each in _list(results.get("validation_status")))
    outcome = _dict(results.get("validation_results"))
    yield from (_code(each) for each in _list(_dict(outcome.get("activeManifest")).get("failure")))
    for delta in _list(outcome.get("ingredientDeltas")):
        changes = _dict(_dict(delta).get("validationDeltas"))
        yield from (_code(each) for each in _list(changes.get("failure")))


def _ingredient_failures(manifest: Mapping[str, Any]) -> Iterator[str]:
    """What was wrong with an ingredient when it was added, as the program that added it recorded."""
    for ingredient in _list(manifest.get("ingredients")):
        yield from _failures(_dict(ingredient))


def _code(status: Any) -> str:
    return str(_dict(status).get("code", "unknown"))


def _keys(value: Any) -> Iterator[str]:
    """Every key anywhere in a JSON value."""
    return (key for key, _ in _pairs(value))


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    """Every key anywhere in a JSON value, and what is under it."""
    stack = [value]
    while stack:
        each = stack.pop()
        if isinstance(each, dict):
            yield from ((str(key), inner) for key, inner in each.items())
            stack.extend(each.values())
        elif isinstance(each, list):
            stack.extend(each)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
