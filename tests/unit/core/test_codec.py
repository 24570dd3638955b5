"""The codec: a dataclass as JSON, and back."""

from __future__ import annotations

from dataclasses import dataclass, field

from volenti.core.codec import decoded, encoded, stored_as


@dataclass(frozen=True)
class Renamed:
    """Its fields got other names after rows of it were kept."""

    score: float = field(default=0.0, metadata=stored_as("youth"))


@dataclass(frozen=True)
class HoldsRenamed:
    one: Renamed | None = None
    many: tuple[Renamed, ...] = ()


def test_a_field_keeps_the_name_under_which_earlier_versions_stored_it() -> None:
    value = HoldsRenamed(Renamed(0.25), (Renamed(0.5), Renamed()))
    stored = {"one": {"youth": 0.25}, "many": [{"youth": 0.5}, {"youth": 0.0}]}
    assert encoded(value) == stored
    assert decoded(HoldsRenamed, stored) == value
    assert decoded(HoldsRenamed, {}) == HoldsRenamed()
