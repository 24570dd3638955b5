"""Copies of third parties' works: re-saved or resized pictures of somebody else.

A work is kept as a fingerprint of about a kilobyte: a 64-bit perceptual hash (ImageHash's
pHash) and the picture itself in 32 x 32 greys. The hash proposes, the greys decide, because
different pictures of the same composition (studio portraits above all) share hashes.

Only copies that were saved again or resized are found. Crops, mirrored, turned or heavily
retouched copies aren't looked for.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from volenti.clearance.faces import Rgb
from volenti.clearance.finding import Finding, finding
from volenti.clearance.image import CONTROLLER
from volenti.core.canonical import Json
from volenti.core.digest import sha256
from volenti.vault.journal import Journal
from volenti.vault.records import Record, Records

_KIND = "third-party-work"

#: Side of the grey picture that is kept.
SIDE = 32

#: Bits of 64 that the hash of a copy may differ in.
BITS_MAX = 10

#: Correlation of the greys' detail from which on two pictures are the same.
CORRELATION_MIN = 0.92

#: Relative difference of width to height from which on two pictures can't be copies.
ASPECT_MAX = 0.05

#: Standard deviation of the detail below which a picture counts as plain, in levels of 255.
CONTRAST_MIN = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """What is kept of a picture: pHash bits as a number, (32, 32) uint8 greys, width over height."""

    hash: int
    greys: NDArray[np.uint8]
    aspect: float

    @property
    def digest(self) -> str:
        """A name for the fingerprint: equal fingerprints have equal names."""
        return sha256(self.hash.to_bytes(8) + self.greys.tobytes() + np.float64(self.aspect).tobytes())

    def to_json(self) -> Json:
        return {
            "hash": f"{self.hash:016x}",
            "greys": base64.b64encode(self.greys.tobytes()).decode(),
            "aspect": self.aspect,
        }

    @classmethod
    def from_json(cls, body: Json) -> Fingerprint:
        greys = np.frombuffer(base64.b64decode(body["greys"]), np.uint8).reshape(SIDE, SIDE)
        return cls(int(body["hash"], 16), greys, float(body["aspect"]))


def fingerprint(rgb: Rgb) -> Fingerprint:
    """The fingerprint of an upright (height, width, 3) uint8 picture."""
    image = Image.fromarray(rgb).convert("L")
    bits = imagehash.phash(image).hash.ravel()
    number = int("".join("1" if bit else "0" for bit in bits), 2)
    greys = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX), np.uint8)
    return Fingerprint(number, greys, image.width / image.height)


def is_copy(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether two pictures are the same one, saved or resized differently."""
    if (one.hash ^ other.hash).bit_count() > BITS_MAX:
        return False
    if abs(one.aspect / other.aspect - 1) > ASPECT_MAX:
        return False
    return correlation(one.greys, other.greys) >= CORRELATION_MIN


def correlation(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Correlation, -1 to 1, of the detail of two (32, 32) grey pictures: what 4 x 4 means don't hold.

    Light and pose make most of a plain correlation, and all studio portraits share those.
    Two pictures too plain to have any detail correlate where their greys are the same.
    """
    details = [_detail(greys) for greys in (one, other)]
    if min(float(detail.std()) for detail in details) < CONTRAST_MIN:
        difference = np.abs(one.astype(np.float64) - other.astype(np.float64)).mean()
        return 1.0 if difference < CONTRAST_MIN else 0.0
    return float(np.corrcoef(details[0].ravel(), details[1].ravel())[0, 1])


def _detail(greys: NDArray[np.uint8]) -> NDArray[np.float64]:
    means = greys.astype(np.float64).reshape(SIDE // 4, 4, SIDE // 4, 4).mean(axis=(1, 3))
    return np.asarray(greys, np.float64) - np.kron(means, np.ones((4, 4)))


class Works:
    """The register of third parties' works: fingerprints, sealed under the controller's key."""

    def __init__(self, records: Records, journal: Journal) -> None:
        self._records = records
        self._journal = journal
        self._known: list[Fingerprint] | None = None
        self._hashes = np.empty(0, np.uint64)

    def register(self, fingerprints: Iterable[Fingerprint]) -> int:
        """Keep works' fingerprints; those already registered stay. Returns how many are new."""
        rows = {f"twk_{each.digest[:40]}": each for each in fingerprints}
        new = [
            Record(_KIND, name, each.to_json(), (CONTROLLER,))
            for name, each in rows.items()
            if self._records.row(_KIND, name) is None
        ]
        if new:
            self._records.put_all(new)
            self._journal.record("works-registered", {"works": len(new)})
            self._known = None
        return len(new)

    def count(self) -> int:
        """How many works are registered."""
        return self._records.count(_KIND)

    def findings(self, seen: Fingerprint) -> list[Finding]:
        """A finding `third-party-copy` for a picture that is a copy of a registered work."""
        known = self._loaded()
        if not known:
            return []
        bits = np.bitwise_count(self._hashes ^ np.uint64(seen.hash))
        near = [known[index] for index in np.flatnonzero(bits <= BITS_MAX)]
        works = [work.digest[:12] for work in near if is_copy(seen, work)]
        return [finding("third-party-copy", {"works": works})] if works else []

    def _loaded(self) -> list[Fingerprint]:
        if self._known is None:
            self._known = [Fingerprint.from_json(record.body) for record in self._records.find(_KIND)]
            self._hashes = np.array([work.hash for work in self._known], np.uint64)
        return self._known
