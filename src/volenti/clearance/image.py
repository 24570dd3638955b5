"""Image: one picture by its bytes, however many files were given with those bytes.

The identifier is a keyed digest of the file's bytes. While nobody has been
matched, everything known about an image is sealed under the day's quarantine key;
once it is cleared, under the keys of the people in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from volenti.clearance.finding import Finding
from volenti.clearance.sight.faces import Face, Figure
from volenti.clearance.sight.matching import Match, Scale
from volenti.core.canonical import Json
from volenti.vault.blob import BlobRef
from volenti.vault.owner import CONTROLLER as CONTROLLER
from volenti.vault.owner import QUARANTINE as QUARANTINE
from volenti.vault.records import Record

#: Kind of the rows that say who is mentioned in a picture in quarantine.
MENTION = "mention"

_BLOBS = ("original", "preview", "unredacted")


@dataclass(frozen=True, slots=True)
class SeenFace:
    """A face: what was measured, and what the latest decision made of it.

    `box` is in pixels of the upright picture, `frame` which of several pictures it is in.
    `nearest` and `second` are the two best candidates; `score`, `margin` (None without a second),
    `scale`, `compared` and `across` are those of `matching.Match`, `found` and `youth` of `faces.Face`.
    """

    box: tuple[float, float, float, float]
    #: 'covered', 'held' or 'refused': the colours of the contact sheet.
    standing: str = "held"
    #: Whom the face was matched with, or comes near to.
    subject: str | None = None
    score: float = 0.0
    #: The finding about it; empty where it is covered.
    code: str = ""
    nearest: str | None = None
    second: str | None = None
    margin: float | None = None
    scale: Scale = "cosine"
    compared: int = 0
    across: float = -1.0
    #: The score that a match needed when it was judged.
    needed: float = 0.0
    #: How sure the detector is that it is a face.
    found: float = 1.0
    youth: float = 0.0
    frame: int = 0
    #: The face template in hexadecimal, while the picture waits in quarantine for a person who
    #: decides: so that one answer can settle every picture of one unknown face.
    template: str = ""

    @classmethod
    def of(cls, face: Face, match: Match) -> SeenFace:
        """What was measured of a face, before anybody decides."""
        first, second = (*(each.subject for each in match.candidates[:2]), None, None)[:2]
        return cls(
            face.box,
            score=match.score,
            nearest=first,
            second=second,
            margin=match.margin if match.second_subject else None,
            scale=match.scale,
            compared=match.compared,
            across=match.across,
            found=face.score,
            youth=face.youth,
            frame=face.frame,
            template=face.template.astype("<f4").tobytes().hex(),
        )

    def without(self, subject: str) -> SeenFace:
        """The face without the subject among those it may be."""
        return replace(
            self,
            subject=None if self.subject == subject else self.subject,
            nearest=None if self.nearest == subject else self.nearest,
            second=None if self.second == subject else self.second,
        )

    def to_json(self) -> Json:
        body: Json = {name: getattr(self, name) for name in self.__slots__}
        return {**body, "box": list(self.box)}

    @classmethod
    def from_json(cls, body: Json) -> SeenFace:
        return cls(**{**body, "box": tuple(body["box"])})


@dataclass(frozen=True, slots=True)
class Image:
    """What is kept about a picture. `original` and `preview` are None once it was rejected.

    `observed`, `figures`, `rights` and the measurements of `faces` are facts that no policy
    changes: another policy, or another purpose, is judged from them. `gallery` says with whom
    the faces were compared, `compared` up to which moment works of third parties were
    registered when it was compared with them (`Works.newest`), `unredacted` where the file
    given lies while `original` is a copy in which strangers were made unrecognisable.
    """

    id: str
    file: str
    sha256: str = ""
    caption: str = ""
    shoot: str = ""
    sidecar: str = ""
    #: Statements about rights that lay beside the file, as `sidecar` words them.
    reservations: tuple[str, ...] = ()
    width: int = 0
    height: int = 0
    faces: tuple[SeenFace, ...] = ()
    figures: tuple[Figure, ...] = ()
    observed: tuple[Finding, ...] = ()
    gallery: str = ""
    compared: int = 0
    original: BlobRef | None = None
    preview: BlobRef | None = None
    unredacted: BlobRef | None = None
    rights: Json = field(default_factory=dict)

    @property
    def is_quarantined(self) -> bool:
        """Whether its bytes wait under a day's key for somebody to be allowed to keep them."""
        return self.original is not None and self.original.location.prefix == QUARANTINE

    @property
    def mentioned(self) -> frozenset[str]:
        """Everybody whom a face may be, as long as the picture waits in quarantine."""
        named = (name for face in self.faces for name in (face.subject, face.nearest, face.second))
        return frozenset(name for name in named if name is not None and self.is_quarantined)

    def without(self, subject: str) -> Image:
        """The image with the subject struck out from among those whom its faces may be."""
        return replace(self, faces=tuple(face.without(subject) for face in self.faces))

    def mentions(self, alias: Callable[[str], str]) -> list[Record]:
        """A row for each one mentioned, theirs, so that pictures that mention somebody are found by them."""
        return [
            Record(MENTION, f"{self.id}/{alias(subject)}", {}, (subject,), parent=self.id)
            for subject in sorted(self.mentioned)
        ]

    def without_others(self, owners: Sequence[str]) -> Image:
        """The image as it may leave the quarantine: no template, and nobody named but its owners.

        Else somebody who leaves would stay named, as a look-alike, under another person's key.
        """
        return replace(
            self,
            faces=tuple(
                replace(
                    face, template="", second=None,
                    nearest=face.nearest if face.nearest in owners else None,
                    subject=face.subject if face.subject in owners else None,
                )
                for face in self.faces
            ),
        )  # fmt: skip

    def to_json(self) -> Json:
        plain = (
            "file", "sha256", "caption", "shoot", "sidecar", "width", "height", "gallery", "compared",
            "rights",
        )  # fmt: skip
        body: dict[str, Any] = {name: getattr(self, name) for name in plain}
        body["reservations"] = list(self.reservations)
        body["faces"] = [face.to_json() for face in self.faces]
        body["figures"] = [{**asdict(figure), "box": list(figure.box)} for figure in self.figures]
        body["observed"] = [each.to_json() for each in self.observed]
        for name in _BLOBS:
            ref: BlobRef | None = getattr(self, name)
            body[name] = ref.to_json() if ref else None
        return body

    @classmethod
    def from_json(cls, identifier: str, body: Json) -> Image:
        given = dict(body)
        for name in _BLOBS:
            given[name] = BlobRef.from_json(given[name]) if given.get(name) else None
        given["reservations"] = tuple(given.get("reservations", ()))
        given["faces"] = tuple(SeenFace.from_json(face) for face in given.get("faces", []))
        given["figures"] = tuple(
            Figure(tuple(each["box"]), each["score"], each["frame"]) for each in given.get("figures", [])
        )
        given["observed"] = tuple(Finding.from_json(each) for each in given.get("observed", []))
        return cls(id=identifier, **given)

    def record(self, owners: Sequence[str], state: str) -> Record:
        """Its row; with which works it was compared can be asked for."""
        return Record("image", self.id, self.to_json(), tuple(owners), state, position=self.compared)

    @property
    def largest_face(self) -> SeenFace | None:
        return max(self.faces, key=lambda face: face.box[2] * face.box[3], default=None)
