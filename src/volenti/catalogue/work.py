"""Work: a generated picture, with how it was made and how near it comes to anybody.

Near in two ways: by face, to somebody the model learned from, and as a copy, to a picture it
learned from. What comes too near in either way is refused: it is counted, and its picture is
neither kept nor handed out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from volenti.core.canonical import Json

#: IPTC's term for a picture made by a trained model
#: (http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia).
DIGITAL_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"

#: How a work can come near: to a person's face, or to a picture as a whole.
Way = Literal["face", "copy"]


@dataclass(frozen=True, slots=True)
class Nearness:
    """What comes nearest, and whose it is. From `limit` on a score is too near; both on one scale."""

    score: float
    limit: float
    #: Several where a picture is several people's; empty where it is kept apart, sealed.
    subjects: tuple[str, ...] = ()

    @property
    def too_near(self) -> bool:
        return self.score >= self.limit

    def to_json(self) -> Json:
        """Score and limit, without anybody's name."""
        return {"score": self.score, "limit": self.limit}

    @classmethod
    def from_json(cls, body: Json) -> Nearness:
        return cls(body["score"], body["limit"])


@dataclass(frozen=True, slots=True)
class Likeness:
    """How near a work comes: `faces` is how many were found in it.

    `face` is None without a face in it or anybody to compare it with, `copy` where no sketches of
    the training pictures were kept.
    """

    faces: int
    face: Nearness | None = None
    copy: Nearness | None = None

    @property
    def found_face(self) -> bool:
        return self.faces > 0

    @property
    def nearnesses(self) -> dict[Way, Nearness]:
        """What was compared, by way."""
        both: tuple[tuple[Way, Nearness | None], ...] = (("face", self.face), ("copy", self.copy))
        return {way: each for way, each in both if each is not None}

    @property
    def refused(self) -> tuple[Way, ...]:
        """The ways in which it is too near; none where the work may be used."""
        return tuple(way for way, each in self.nearnesses.items() if each.too_near)

    def without_subjects(self) -> Likeness:
        """The same without saying whom it is like."""
        bare = {way: replace(each, subjects=()) for way, each in self.nearnesses.items()}
        return Likeness(self.faces, bare.get("face"), bare.get("copy"))

    def to_json(self) -> Json:
        return {"faces": self.faces, **{way: each.to_json() for way, each in self.nearnesses.items()}}

    @classmethod
    def from_json(cls, body: Json) -> Likeness:
        face, copy = (Nearness.from_json(body[way]) if way in body else None for way in ("face", "copy"))
        return cls(body["faces"], face, copy)


@dataclass(frozen=True, slots=True)
class Work:
    """One picture. Whom it resembles is kept apart, sealed under that person's key."""

    id: str
    run: str
    constituent: int
    prompt: str
    seed: int
    guidance: float
    steps: int
    #: Of the labelled file; of a refused work, of the file it would have been.
    sha256: str
    created: str
    likeness: Likeness
    #: Side of the file's picture where another was asked for than the model draws.
    size_px: int | None = None

    @property
    def refused(self) -> tuple[Way, ...]:
        """Why it was refused; empty where it wasn't."""
        return self.likeness.refused

    def to_json(self) -> Json:
        return {"run": self.run, "constituent": self.constituent, "prompt": self.prompt,
                "seed": self.seed, "guidance": self.guidance, "steps": self.steps, "sha256": self.sha256,
                "created": self.created, "size_px": self.size_px, "likeness": self.likeness.to_json(),
                "refused": list(self.refused)}  # fmt: skip

    @classmethod
    def from_json(cls, identifier: str, body: Json) -> Work:
        if "likeness" not in body:
            return _of_before(identifier, body)
        known = {name: body[name] for name in body if name not in ("likeness", "refused")}
        return cls(id=identifier, **known, likeness=Likeness.from_json(body["likeness"]))


#: The plain cosine that was the limit while works were compared by that alone, and the steps
#: that pictures were drawn in unless somebody asked for others.
_COSINE_OF_BEFORE, _STEPS_OF_BEFORE = 0.65, 16


def _of_before(identifier: str, body: Json) -> Work:
    """A work recorded while faces were compared by plain cosine and copies weren't looked for."""
    score = body["likeness_score"]
    face = None if score is None else Nearness(score, _COSINE_OF_BEFORE)
    return Work(
        identifier, body["run"], body["constituent"], body["prompt"], body["seed"], body["guidance"],
        _STEPS_OF_BEFORE, body["sha256"], body["created"], Likeness(int(score is not None), face),
    )  # fmt: skip
