"""Work: a generated picture, with how it was made and how near it comes to anybody.

A work can come near in two ways: by face, to somebody the model learned from, and as a copy, to a picture
that it learned from. A work that comes too near in either way is refused: it is counted, and its picture is
neither kept nor handed out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from volenti.core.canonical import Json
from volenti.core.codec import ELSEWHERE, decoded
from volenti.core.shown import short_repr

#: IPTC's term for a picture made by a trained model
#: (http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia).
DIGITAL_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"

#: In which way a work comes near: to a person's face, or to a picture as a whole.
Way = Literal["face", "copy"]

#: Why a work is called back. "likeness": it is near to the person of the request, or it can't be shown that
#: it isn't. "rule": a constituent that had learned from them drew it, and the workspace calls all those back.
Ground = Literal["likeness", "rule"]


@dataclass(frozen=True, slots=True)
class Nearness:
    """The nearest face or picture, and whose it is. A score of `limit` or more is too near."""

    score: float
    limit: float
    #: Whose face or picture it is; several where a picture shows several people.
    subjects: tuple[str, ...] = ()
    #: Everybody whom the work comes too near to, the nearest included.
    too_near_to: tuple[str, ...] = ()

    @property
    def too_near(self) -> bool:
        """Whether the score has reached the limit."""
        return self.score >= self.limit

    def to_json(self) -> Json:
        """Score and limit, without anybody's name."""
        return {"score": self.score, "limit": self.limit}


@dataclass(frozen=True, slots=True)
class Likeness:
    """How near a work comes to people and pictures. `faces` is the number of faces found in it.

    It depends on several people's data, so it isn't stored; a work can be compared again by its portrait.
    `face` is None where the work shows no face, or there is nobody to compare it with. `copy` is None where
    there are no training pictures to compare it with.
    """

    faces: int
    face: Nearness | None = None
    copy: Nearness | None = None

    @property
    def found_face(self) -> bool:
        """Whether at least one face was found in the work."""
        return self.faces > 0

    @property
    def nearnesses(self) -> dict[Way, Nearness]:
        """The nearness in each way in which the work was compared."""
        both: tuple[tuple[Way, Nearness | None], ...] = (("face", self.face), ("copy", self.copy))
        return {way: each for way, each in both if each is not None}

    @property
    def refused(self) -> tuple[Way, ...]:
        """The ways in which the work is too near; none where it may be used."""
        return tuple(way for way, each in self.nearnesses.items() if each.too_near)

    @property
    def too_near_to(self) -> tuple[str, ...]:
        """Everybody whom the work comes too near to, in either way."""
        return tuple(sorted({who for each in self.nearnesses.values() for who in each.too_near_to}))

    def to_json(self) -> Json:
        """Scores and limits, without anybody's name."""
        return {"faces": self.faces, **{way: each.to_json() for way, each in self.nearnesses.items()}}


@dataclass(frozen=True, slots=True)
class Work:
    """How one picture was made. Whom it has to do with isn't in this row, but in rows of those people.

    The row of a refused work is sealed for the people whom it came too near to, and erased with them.
    """

    id: str = field(metadata=ELSEWHERE)
    run: str
    constituent: int
    prompt: str
    seed: int
    guidance: float
    steps: int
    #: Of the labelled file; of a refused work, of the file that would have been written.
    sha256: str
    created: str
    #: How many faces were found in it.
    faces: int
    #: Side of the file's picture where another was asked for than the model draws.
    size_px: int | None = None
    #: The version of the constituent that drew it: a random name, which says nothing of the people in it.
    drawn_by: str = ""
    #: The ways in which it is too near; empty where it wasn't refused.
    refused: tuple[Way, ...] = ()

    __repr__ = short_repr

    @property
    def state(self) -> str:
        """What its row's state says."""
        return "refused" if self.refused else "drawn"

    @classmethod
    def read(cls, identifier: str, body: Json) -> Work:
        """The work that a row's body describes, also where an earlier version wrote it."""
        return decoded(cls, body, id=identifier) if "faces" in body else _of_earlier_version(identifier, body)


@dataclass(frozen=True, slots=True)
class WithdrawnWork:
    """A work that is called back: what identifies its file, and nothing by which it could be drawn again."""

    id: str = field(metadata=ELSEWHERE)
    sha256: str
    created: str
    #: The request for which it is called back, when, and on what ground.
    request: str
    at: str
    ground: Ground

    __repr__ = short_repr

    @property
    def state(self) -> str:
        """What its row's state says."""
        return "withdrawn"


#: The limit of the earliest versions, which compared works by plain cosine alone, and their default steps.
_EARLIER_COSINE, _EARLIER_STEPS = 0.65, 16


def _of_earlier_version(identifier: str, body: Json) -> Work:
    """A work of a version that kept the scores in its row; the earliest compared by plain cosine alone."""
    if "likeness" in body:
        known = {name: value for name, value in body.items() if name != "likeness"}
        known["refused"] = tuple(body["refused"])
        return Work(id=identifier, **known, faces=body["likeness"]["faces"])
    score = body["likeness_score"]
    refused: tuple[Way, ...] = ("face",) if score is not None and score >= _EARLIER_COSINE else ()
    return Work(
        identifier,
        body["run"],
        body["constituent"],
        body["prompt"],
        body["seed"],
        body["guidance"],
        _EARLIER_STEPS,
        body["sha256"],
        body["created"],
        int(score is not None),
        refused=refused,
    )


#: Which works are called back in an erasure: those near to the person, or all that were drawn by constituents
#: that had learned from them.
Rule = Literal["near", "all"]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many works a request concerns.

    `drawn` by constituents that had learned from the person, `compared` with them, and `withdrawn`.
    """

    drawn: int
    compared: int
    withdrawn: int
    rule: Rule
