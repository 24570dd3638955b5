"""Work: a generated picture, with how it was made and how near it comes to anybody.

Near in two ways: by face, to somebody the model learned from, and as a copy, to a picture it
learned from. What comes too near in either way is refused: it is counted, and its picture is
neither kept nor handed out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from volenti.core.canonical import Json
from volenti.core.codec import ELSEWHERE, decoded

#: IPTC's term for a picture made by a trained model
#: (http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia).
DIGITAL_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"

#: How a work can come near: to a person's face, or to a picture as a whole.
Way = Literal["face", "copy"]

#: Why a work is called back: it is near to whoever left, or it can't be shown that it isn't; or it was
#: drawn by what had learned from them, and the workspace calls all of those back.
Ground = Literal["likeness", "rule"]


@dataclass(frozen=True, slots=True)
class Nearness:
    """What comes nearest, and whose it is. From `limit` on a score is too near; both on one scale."""

    score: float
    limit: float
    #: Several where a picture is several people's.
    subjects: tuple[str, ...] = ()
    #: Everybody whom it comes too near to, those included.
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
    """How near a work comes: `faces` is how many were found in it.

    It is known of several people together, so it is kept nowhere: what was drawn can be compared
    again (`portrait`). `face` is None without a face in it or anybody to compare it with, `copy`
    where there are no training pictures to compare it with.
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
        """What was compared, by way."""
        both: tuple[tuple[Way, Nearness | None], ...] = (("face", self.face), ("copy", self.copy))
        return {way: each for way, each in both if each is not None}

    @property
    def refused(self) -> tuple[Way, ...]:
        """The ways in which it is too near; none where the work may be used."""
        return tuple(way for way, each in self.nearnesses.items() if each.too_near)

    @property
    def too_near_to(self) -> tuple[str, ...]:
        """Everybody whom it comes too near to, in either way."""
        return tuple(sorted({who for each in self.nearnesses.values() for who in each.too_near_to}))

    def to_json(self) -> Json:
        """Scores and limits, without anybody's name."""
        return {"faces": self.faces, **{way: each.to_json() for way, each in self.nearnesses.items()}}


@dataclass(frozen=True, slots=True)
class Work:
    """One picture. What it has to do with anybody isn't in it, but in rows that are theirs.

    The row of one that was refused is sealed for those whom it came too near to, and goes with them.
    """

    id: str = field(metadata=ELSEWHERE)
    run: str
    constituent: int
    prompt: str
    seed: int
    guidance: float
    steps: int
    #: Of the labelled file; of a refused work, of the file it would have been.
    sha256: str
    created: str
    #: How many were found in it.
    faces: int
    #: Side of the file's picture where another was asked for than the model draws.
    size_px: int | None = None
    #: The version of the constituent that drew it: random, so it says nothing of whom that knew.
    drawn_by: str = ""
    #: Why it was refused; empty where it wasn't.
    refused: tuple[Way, ...] = ()

    @property
    def state(self) -> str:
        """What its row's state says."""
        return "refused" if self.refused else "drawn"

    @classmethod
    def read(cls, identifier: str, body: Json) -> Work:
        """As its row has it, whichever version wrote that."""
        return decoded(cls, body, id=identifier) if "faces" in body else _of_before(identifier, body)


@dataclass(frozen=True, slots=True)
class WithdrawnWork:
    """A work that is called back: what whoever has it is told it by, and nothing to draw it again by."""

    id: str = field(metadata=ELSEWHERE)
    sha256: str
    created: str
    #: For whose request, when, and on what ground: a likeness, or the rule for all.
    request: str
    at: str
    ground: Ground

    @property
    def state(self) -> str:
        """What its row's state says."""
        return "withdrawn"


#: The plain cosine that was the limit while works were compared by that alone, and the steps
#: that pictures were drawn in unless somebody asked for others.
_COSINE_OF_BEFORE, _STEPS_OF_BEFORE = 0.65, 16


def _of_before(identifier: str, body: Json) -> Work:
    """A work whose scores were kept in its own row; the oldest were compared by plain cosine alone."""
    if "likeness" in body:
        known = {name: value for name, value in body.items() if name != "likeness"}
        known["refused"] = tuple(body["refused"])
        return Work(id=identifier, **known, faces=body["likeness"]["faces"])
    score = body["likeness_score"]
    refused: tuple[Way, ...] = ("face",) if score is not None and score >= _COSINE_OF_BEFORE else ()
    return Work(
        identifier,
        body["run"],
        body["constituent"],
        body["prompt"],
        body["seed"],
        body["guidance"],
        _STEPS_OF_BEFORE,
        body["sha256"],
        body["created"],
        int(score is not None),
        refused=refused,
    )


#: Which works are called back when somebody leaves: those near to them, or all drawn by what knew them.
Rule = Literal["near", "all"]


@dataclass(frozen=True, slots=True)
class Tally:
    """Works when somebody leaves: `drawn` by what had learned from them, `compared`, and `withdrawn`."""

    drawn: int
    compared: int
    withdrawn: int
    rule: Rule
