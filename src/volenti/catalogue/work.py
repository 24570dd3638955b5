"""Work: a generated picture, with how it was made and how near it comes to anybody."""

from __future__ import annotations

from dataclasses import dataclass

from volenti.core.canonical import Json

#: IPTC's term for a picture made by a trained model
#: (http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia).
DIGITAL_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


@dataclass(frozen=True, slots=True)
class Likeness:
    """The training subject a work resembles most. `score` is the matcher's; None without a face."""

    subject: str | None
    score: float | None
    too_close: bool

    @property
    def found_face(self) -> bool:
        return self.score is not None


@dataclass(frozen=True, slots=True)
class Work:
    """One picture. Whom it resembles is kept apart, sealed under that person's key."""

    id: str
    run: str
    constituent: int
    prompt: str
    seed: int
    guidance: float
    sha256: str
    created: str
    likeness_score: float | None
    too_close: bool

    def to_json(self) -> Json:
        return {"run": self.run, "constituent": self.constituent, "prompt": self.prompt,
                "seed": self.seed, "guidance": self.guidance, "sha256": self.sha256,
                "created": self.created, "likeness_score": self.likeness_score,
                "too_close": self.too_close}  # fmt: skip

    @classmethod
    def from_json(cls, identifier: str, body: Json) -> Work:
        return cls(id=identifier, **body)
