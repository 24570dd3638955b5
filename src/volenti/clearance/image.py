"""Image: one picture by its bytes, however many files were given with those bytes.

The identifier is a keyed digest of the file's bytes. While nobody has been
matched, everything known about an image is sealed under the day's quarantine key;
once it is cleared, under the keys of the people in it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from volenti.core.canonical import Json
from volenti.core.codec import ELSEWHERE, OPTIONAL, decoded, encoded, stored_as
from volenti.core.shown import short_repr
from volenti.perception.finding import Finding
from volenti.perception.sight.figure import Figure
from volenti.perception.sight.ranking import CROSS_DOMAIN_MIN, Ranking, Scale
from volenti.vault.blob import BlobRef
from volenti.vault.owner import CONTROLLER as CONTROLLER
from volenti.vault.owner import QUARANTINE as QUARANTINE
from volenti.vault.records import Record

if TYPE_CHECKING:
    from volenti.perception.sight.faces import Face

#: Kind of the rows that say who is mentioned in a picture in quarantine.
MENTION = "mention"

_BLOBS = ("original", "preview", "unredacted")


@dataclass(frozen=True, slots=True)
class SeenFace:
    """A face: what was measured, and what the latest decision made of it.

    `box` is in pixels of the upright picture, `frame` which of several pictures it is in.
    `nearest` and `second` are the two best candidates; `score`, `margin` (None without a second),
    `scale`, `compared`, `cross_domain_score` and `cross_domain_subject` are those of `ranking.Ranking`,
    `detector_score` and `under_25_score` those of `faces.Face`. Once the picture belongs to somebody, only
    what they alone determine is left (`settled`).
    """

    box: tuple[float, float, float, float]
    #: 'covered', 'held' or 'refused': the colours of the contact sheet; or 'no-face', 'too-small',
    #: 'too-blurred' or 'blur', where a reviewer said that of a face that nobody covers.
    status: str = field(default="held", metadata=stored_as("standing"))
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
    #: Kept only where it is near enough to matter, with the person whom it is for.
    cross_domain_score: float = field(default=-1.0, metadata=stored_as("across"))
    cross_domain_subject: str | None = field(default=None, metadata=stored_as("across_subject"))
    #: The score and the lead that a match needed when it was judged.
    needed: float = 0.0
    lead_needed: float = 0.0
    #: How sure the detector is that it is a face.
    detector_score: float = field(default=1.0, metadata=stored_as("found"))
    under_25_score: float = field(default=0.0, metadata=stored_as("youth"))
    frame: int = 0
    #: How far it is turned (`faces.Face.turn`), while the picture waits in quarantine; 0: unknown.
    turn: float = field(default=0.0, metadata=OPTIONAL)
    #: The face template in hexadecimal, while the picture waits in quarantine for a person who
    #: decides: so that one answer decides every picture of one unknown face.
    template: str = ""

    __repr__ = short_repr

    @classmethod
    def of(cls, face: Face, ranking: Ranking) -> SeenFace:
        """What was measured of a face, before anything is decided."""
        best, second, across = ranking.best, ranking.second, ranking.cross_domain
        near_across = across if across is not None and across.score >= CROSS_DOMAIN_MIN else None
        if near_across is not None and best is not None and near_across.subject == best.subject:
            near_across = None  # somebody who is enrolled by pictures of both kinds
        return cls(
            face.box,
            score=ranking.score,
            nearest=best.subject if best else None,
            second=second.subject if second else None,
            margin=ranking.lead if second else None,
            scale=ranking.scale,
            compared=ranking.compared,
            cross_domain_score=near_across.score if near_across else -1.0,
            cross_domain_subject=near_across.subject if near_across else None,
            detector_score=face.score,
            under_25_score=face.under_25_score,
            frame=face.frame,
            turn=face.turn,
            template=face.template.astype("<f4").tobytes().hex(),
        )

    @property
    def named(self) -> frozenset[str]:
        """Everybody whom it may be, or was measured against."""
        each = (self.subject, self.nearest, self.second, self.cross_domain_subject)
        return frozenset(name for name in each if name is not None)

    @property
    def match(self) -> str | None:
        """Whom it surely matches, whatever their releases say; None where it is less sure than that."""
        if self.status == "covered":
            return self.subject
        sure = 0 < self.needed <= self.score and (self.margin is None or self.margin >= self.lead_needed)
        return self.nearest if sure and self.cross_domain_score < CROSS_DOMAIN_MIN else None

    def score_of(self, subject: str) -> float | None:
        """What it scored with one of the two people it is nearest to; None for anybody else."""
        if self.compared and subject == self.nearest:
            return self.score
        return self.score - self.margin if subject == self.second and self.margin is not None else None

    def without(self, subject: str) -> SeenFace:
        """The face with the subject struck out: it has to be compared again, with everybody else.

        Nothing measured stays where the subject had a part in it: a score, and a score less a lead, say how
        near somebody comes to a face, and from enough such numbers a template can be computed.
        """
        if subject not in self.named:
            return self
        kept = None if self.subject == subject else self.subject
        return replace(self._unmeasured(), subject=kept)

    def settled(self, owners: Collection[str]) -> SeenFace:
        """The face in a picture that belongs to its owners: what they alone determine of it.

        Of a face that is an owner's their own score stays, and that it led by as much as was needed; not by
        how much, nor before whom. Of any other nothing measured stays, nor who came near.
        """
        bare = replace(self, template="", turn=0.0)
        if self.nearest is None or self.nearest not in owners or self.subject != self.nearest:
            return replace(bare._unmeasured(), subject=self.subject if self.subject in owners else None)
        # Of a face that was settled before, the margin is what was needed then.
        known = self.margin if not self.compared else self.lead_needed
        return replace(
            bare,
            second=None,
            margin=self.lead_needed or known,
            compared=0,
            cross_domain_score=-1.0,
            cross_domain_subject=None,
            needed=0.0,
            lead_needed=0.0,
        )

    def _unmeasured(self) -> SeenFace:
        return replace(
            self,
            nearest=None,
            second=None,
            score=0.0,
            margin=None,
            compared=0,
            cross_domain_score=-1.0,
            cross_domain_subject=None,
            needed=0.0,
            lead_needed=0.0,
        )


@dataclass(frozen=True, slots=True)
class Image:
    """What is kept about a picture. `original` and `preview` are None once it was rejected.

    `observed`, `figures`, `rights` and the measurements of `faces` are facts that no policy changes: another
    policy, or another purpose, is judged from them. `gallery` is the number of the gallery that the faces of
    a picture in quarantine were compared with (`Gallery.fill`), 0 where they have to be compared again.
    `compared` is the moment of the latest third party's work that the picture was compared
    with (`ThirdPartyWorks.newest`). `unredacted` is where the file given lies while `original` is a copy in
    which strangers were made unrecognisable. `expected` are the people whom it was given as showing, while
    it is in quarantine. `claimed` are the people whom a first reviewer says it shows, while a second
    reviewer's decision is waited for. `amended` names what the controller corrected, `caption` or `shoot`:
    that is said of the picture, whatever its files say.
    """

    id: str = field(metadata=ELSEWHERE)
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
    gallery: int = 0
    compared: int = 0
    claimed: tuple[str, ...] = ()
    expected: tuple[str, ...] = field(default=(), metadata=OPTIONAL)
    original: BlobRef | None = None
    preview: BlobRef | None = None
    unredacted: BlobRef | None = None
    rights: Json = field(default_factory=dict)
    amended: tuple[str, ...] = field(default=(), metadata=OPTIONAL)

    __repr__ = short_repr

    @property
    def is_quarantined(self) -> bool:
        """Whether its bytes wait under a day's key for somebody to be allowed to keep them."""
        return self.original is not None and self.original.location.prefix == QUARANTINE

    @property
    def mentioned(self) -> frozenset[str]:
        """Everybody whom a face may be, or was measured against, while the picture is in quarantine."""
        if not self.is_quarantined:
            return frozenset()
        return frozenset({*self.claimed, *self.expected}).union(*(face.named for face in self.faces))

    @property
    def faces_in_question(self) -> dict[int, str]:
        """By number, the templates of faces that are held; empty texts where none is kept."""
        return {number: face.template for number, face in enumerate(self.faces) if face.status == "held"}

    @property
    def noted(self) -> tuple[Finding, ...]:
        """Findings that looking at the file again can't make: a reviewer's, and that faces were redacted."""
        return tuple(each for each in self.observed if "reviewer" in each.data or each.code == "redacted")

    def may_show(self, subject: str) -> bool:
        """Whether a face in it came near to the subject's, or a reviewer saw them."""
        return subject in (*self.claimed, *self.expected) or any(
            subject in (face.subject, face.cross_domain_subject) for face in self.faces
        )

    def without(self, subject: str) -> Image:
        """The image with the subject struck out; faces that named them have to be compared again."""
        faces = tuple(face.without(subject) for face in self.faces)
        claimed, expected = (tuple(s for s in each if s != subject) for each in (self.claimed, self.expected))
        gallery = 0 if faces != self.faces else self.gallery
        return replace(self, faces=faces, claimed=claimed, expected=expected, gallery=gallery)

    def mentions(self, alias: Callable[[str], str]) -> list[Record]:
        """A row for each person mentioned, owned by them, by which pictures that mention them are found."""
        return [
            Record(MENTION, f"{self.id}/{alias(subject)}", {}, (subject,), parent=self.id)
            for subject in sorted(self.mentioned)
        ]

    def settled(self, owners: Sequence[str]) -> Image:
        """The image as it may leave the quarantine: what its owners alone determine, and no template.

        Otherwise an erased person would stay on record, as a look-alike, under another person's key.
        """
        faces = tuple(face.settled(owners) for face in self.faces)
        return replace(self, faces=faces, gallery=0, claimed=(), expected=())

    @classmethod
    def read(cls, identifier: str, body: Json) -> Image:
        """The image in its row's body. Where an earlier version kept a gallery's digest, `gallery` is 0."""
        numbered = isinstance(body.get("gallery"), int)
        return decoded(cls, body if numbered else {**body, "gallery": 0}, id=identifier)

    def record(self, owners: Sequence[str], state: str) -> Record:
        """Its row, at the position `compared`, by which pictures not compared with a work are found."""
        return Record("image", self.id, encoded(self), tuple(owners), state, position=self.compared)

    @property
    def scale(self) -> float:
        """How many pixels of the whole picture one pixel of a face's box is."""
        return scale_of(self.width, self.height)

    @property
    def largest_face(self) -> SeenFace | None:
        """The face with the largest box; None where the picture has no face."""
        return max(self.faces, key=lambda face: face.box[2] * face.box[3], default=None)


def scale_of(width: int, height: int) -> float:
    """How many pixels of a whole picture one pixel of a face's box is: large pictures are judged smaller."""
    from volenti.perception.files.picture import Limits

    return max(1.0, max(width, height) / Limits().side_max)
