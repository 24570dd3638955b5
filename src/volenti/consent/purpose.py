"""Grants, purposes and uses: what a release can say yes to, and what somebody wants to do under it.

A grant is one yes or no inside a release. Six of them are purposes: things done with a
picture, for which an image can be cleared. The other two say what may be kept or shown
along the way: whether face templates of the subject may be kept, and whether the
subject's likeness may stand in sensitive contexts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, tzinfo
from enum import StrEnum

from volenti.consent.document import DocumentError, Fields, Problem, require
from volenti.consent.territory import faults_of_place


class Grant(StrEnum):
    """One yes or no of a release."""

    COMMERCIAL = "commercial"
    NON_GENERATIVE_TRAINING = "non-generative-training"
    GENERATIVE_TRAINING = "generative-training"
    SYNTHETIC_LIKENESS = "synthetic-likeness"
    BIOMETRIC_TEMPLATES = "biometric-templates"
    IDENTIFICATION = "identification"
    SENSITIVE_USES = "sensitive-uses"
    REDISTRIBUTION = "redistribution"

    @classmethod
    def named(cls, name: str) -> Grant:
        """The grant of that name; raises DocumentError where there is none."""
        if name not in MEANINGS:
            raise DocumentError([Problem("grant", f"{name!r} is none of: {', '.join(cls)}.")])
        return cls(name)

    @property
    def meaning(self) -> str:
        """The grant in words, as the subject reads it."""
        return MEANINGS[self]

    @property
    def is_purpose(self) -> bool:
        """Whether an image can be cleared for it."""
        return self in PURPOSES


MEANINGS: dict[Grant, str] = {
    Grant.COMMERCIAL: "Use the pictures, and what is made from them, to earn money.",
    Grant.NON_GENERATIVE_TRAINING: "Train models that recognise or measure things but make no pictures.",
    Grant.GENERATIVE_TRAINING: "Train models that make new pictures.",
    Grant.SYNTHETIC_LIKENESS: "Make pictures that are meant to look like me.",
    Grant.BIOMETRIC_TEMPLATES: "Compute and keep measurements of my face, to find me in pictures.",
    Grant.IDENTIFICATION: "Use the pictures to build or test systems that tell who somebody is.",
    Grant.SENSITIVE_USES: "Show me in sensitive contexts such as health, politics, religion or sexuality.",
    Grant.REDISTRIBUTION: "Pass the pictures on to others.",
}

#: What an image can be cleared for.
PURPOSES: tuple[Grant, ...] = (
    Grant.COMMERCIAL,
    Grant.NON_GENERATIVE_TRAINING,
    Grant.GENERATIVE_TRAINING,
    Grant.SYNTHETIC_LIKENESS,
    Grant.IDENTIFICATION,
    Grant.REDISTRIBUTION,
)


@dataclass(frozen=True, slots=True)
class Grants(Mapping[Grant, bool]):
    """Every grant with its answer. Immutable; a grant that isn't in `yes` was answered no."""

    yes: frozenset[Grant]

    @classmethod
    def of(cls, answers: Mapping[Grant, bool]) -> Grants:
        """From a full mapping; raises DocumentError where a grant has no answer."""
        require(
            Problem(f"grants.{grant}", "is neither yes nor no.") for grant in Grant if grant not in answers
        )
        return cls(frozenset(grant for grant in Grant if answers[grant]))

    @classmethod
    def only(cls, *granted: str) -> Grants:
        """Yes to these, no to every other one; DocumentError where one isn't a grant."""
        return cls(frozenset(map(Grant.named, granted)))

    @classmethod
    def read(cls, fields: Fields) -> Grants:
        """Every grant's answer, from a JSON object; DocumentError where one isn't true or false."""
        answers = {grant: fields.yes_no(grant.value) for grant in Grant}
        fields.finish()
        return cls.of(answers)

    def to_json(self) -> dict[str, bool]:
        """Every grant's name with true for yes and false for no."""
        return {grant.value: self[grant] for grant in Grant}

    def __getitem__(self, grant: Grant) -> bool:
        if grant not in MEANINGS:
            raise KeyError(grant)
        return grant in self.yes

    def __iter__(self) -> Iterator[Grant]:
        return iter(Grant)

    def __len__(self) -> int:
        return len(Grant)


@dataclass(frozen=True, slots=True)
class Use:
    """What somebody wants to do: for which purpose, where, on which day.

    `conditions` are grants that one and the same release must give as well: a generator whose pictures are
    sold needs "generative-training" together with "commercial". `shoot` is the one the picture is from: empty
    where that isn't known, None where the question isn't about a picture. `sublicensed`: whoever gets the
    pictures may hand them on in turn. `zone`: the time zone in which `day` is a day. `methods`: how the
    release must be signed ("signed", "attested"); empty for any way that holds. Raises DocumentError for a
    place that isn't a country or WORLD, and for a grant that isn't one.
    """

    purpose: Grant
    territory: str
    day: date
    conditions: tuple[Grant, ...] = ()
    shoot: str | None = None
    sublicensed: bool = False
    zone: tzinfo = UTC
    methods: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require(Problem("purpose", f"{name!r} isn't a grant.") for name in self.needs if name not in MEANINGS)
        require(faults_of_place("territory", self.territory))
        # A grant given as plain text becomes a Grant.
        object.__setattr__(self, "purpose", Grant(self.purpose))
        object.__setattr__(self, "conditions", tuple(map(Grant, self.conditions)))

    @property
    def needs(self) -> tuple[Grant, ...]:
        """Every grant the use needs, the purpose first, each once."""
        return tuple(dict.fromkeys((self.purpose, *self.conditions)))
