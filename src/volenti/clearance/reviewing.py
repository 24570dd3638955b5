"""Reviewing: what a policy lets reviewers say, and who may."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

#: The widest limits of what a reviewer may say of a face that nobody covers: real faces that are seen
#: frontally reach the score, and people are told apart by faces from the height on.
NO_FACE_BELOW, TOO_SMALL_PX, TOO_BLURRED_BELOW = 0.85, 24.0, 0.03
#: The least likeness, in per cent of what a match needs, with which a reviewer may say whose a face is
#: (`python bench/named.py`); and how far a face is turned that can't be compared, as of a reference.
PERSON_MIN, TURNED_ABOVE = 75.0, 0.4


class Reviewing(BaseModel):
    """Who may decide what was held."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reviewers: int = Field(default=1, ge=1, le=2, description="2: a second person has to agree.")
    signed: bool = Field(default=False, description="true: decisions carry their reviewer's signature.")
    no_face_below: float = Field(
        default=NO_FACE_BELOW,
        ge=0,
        le=NO_FACE_BELOW,
        description="A reviewer may say that it is no face where the detector's score is below this.",
    )
    too_small_px: float = Field(
        default=TOO_SMALL_PX,
        ge=0,
        le=TOO_SMALL_PX,
        description="A reviewer may say that nobody can be recognised by a face of at most this height.",
    )
    too_blurred_below: float = Field(
        default=TOO_BLURRED_BELOW,
        ge=0,
        le=TOO_BLURRED_BELOW,
        description="A reviewer may say the same of a face that is less sharp than this.",
    )
    person_min: float = Field(
        default=PERSON_MIN,
        ge=PERSON_MIN,
        le=100,
        description="A reviewer may say that a face is somebody's from this likeness on, in per cent of "
        "what a match needs. Where it can't be compared with them, a second person has to agree.",
    )
    turned_above: float = Field(
        default=TURNED_ABOVE,
        ge=TURNED_ABOVE,
        description="A face that is turned further than this can't be compared, nor one that is too small "
        "or too blurred.",
    )
