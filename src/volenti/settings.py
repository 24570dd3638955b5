"""Settings: everything that can be set from outside, typed and documented.

Each is read from the environment (VOLENTI_ and the name in capitals); Python
callers may pass them to `volenti.open`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from volenti.clearance.quarantine import TIME_TO_LIVE_DAYS
from volenti.core.errors import UsageError


class Settings(BaseSettings):
    """What a workspace is opened with."""

    model_config = SettingsConfigDict(env_prefix="VOLENTI_", extra="forbid", frozen=True)

    models: Path = Field(
        default=Path("~/.cache/volenti/models").expanduser(),
        description="Folder of the face models' weights.",
    )
    workers: int = Field(default=0, ge=0, description="Worker processes; 0 means one for each core.")
    territory: str = Field(
        default="WORLD", description="Where pictures are to be used: ISO 3166-1 alpha-2, or WORLD."
    )
    quarantine_days: int = Field(
        default=TIME_TO_LIVE_DAYS, ge=0, description="Days a held picture may wait for a decision."
    )
    acknowledge_days: int = Field(
        default=14, ge=0, description="Days within which whoever got an export says it follows the feed."
    )
    watermarks: bool = Field(default=True, description="Read text in pictures to find owners' marks.")
    trust_anchors: Path | None = Field(
        default=None, description="PEM file of certificates whose content credentials are trusted."
    )
    base: Path | None = Field(default=None, description="Another people-free base than the shipped one.")
    currency: str = Field(default="EUR", description="Of the two prices below.")
    price_core_hour: float = Field(
        default=0.05, ge=0, description="What an hour of one core costs you; plans are priced with it."
    )
    price_gpu_hour: float = Field(default=2.5, ge=0, description="What an hour of one GPU costs you.")
    withdraw_works: Literal["near", "all"] = Field(
        default="near",
        description="Which generated pictures are called back when somebody is erased: those near to them, "
        "or all that were drawn by what had learned from them.",
    )
    device: Literal["cpu", "cuda"] = Field(
        default="cpu",
        description="Where slices are trained and pictures drawn; cuda: one GPU, in bfloat16. What was "
        "trained on one is proved on the same kind.",
    )


def read_settings(**given: Any) -> Settings:
    """Settings from the environment and what is given; UsageError names what can't be read."""
    try:
        return Settings(**given)
    except ValidationError as error:
        names = ", ".join(f"VOLENTI_{'_'.join(map(str, each['loc']))}".upper() for each in error.errors())
        raise UsageError(f"A setting can't be read: {names}.", "Correct the environment variable.") from error
