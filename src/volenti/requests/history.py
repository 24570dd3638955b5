"""History: what a request has been through, by kind.

Each step writes down what it found, in a field of its own, before the next step begins. A field is None until
its step was done. An erasure has two records: `ErasureHistory`, all of which its certificate says, and
`Private`, which no certificate, feed or log may hold.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from volenti.catalogue.work import Tally
from volenti.consent.purpose import Grant
from volenti.core.canonical import Json
from volenti.core.codec import OPTIONAL
from volenti.core.digest import commitment
from volenti.requests.attackwords import Line, conclusions, lines
from volenti.requests.identity import Identification
from volenti.training.base import StartedFrom
from volenti.vault.holder import Holding

#: What a commitment to the digest of weights begins with; a plain digest doesn't.
KEYED = "hmac-sha256:"


class Delay(StrEnum):
    """Why a request may take longer: the two reasons that Art. 12(3) GDPR gives."""

    COMPLEXITY = "complexity"
    NUMBER = "number-of-requests"


class Ground(StrEnum):
    """Why a request may be refused: the grounds that the GDPR gives, and no others."""

    NOT_IDENTIFIED = "not-identified"
    UNFOUNDED = "unfounded-or-excessive"
    EXPRESSION = "freedom-of-expression"
    OBLIGATION = "legal-obligation"
    HEALTH = "public-health"
    ARCHIVING = "archiving-or-research"
    CLAIMS = "legal-claims"
    OVERRIDING = "overriding-grounds"

    @property
    def article(self) -> str:
        """Which article of the GDPR gives the ground."""
        return _ARTICLES[self]


_ARTICLES = {
    Ground.NOT_IDENTIFIED: "Art. 11(2), 12(2)",
    Ground.UNFOUNDED: "Art. 12(5)(b)",
    Ground.EXPRESSION: "Art. 17(3)(a)",
    Ground.OBLIGATION: "Art. 17(3)(b)",
    Ground.HEALTH: "Art. 17(3)(c)",
    Ground.ARCHIVING: "Art. 17(3)(d)",
    Ground.CLAIMS: "Art. 17(3)(e)",
    Ground.OVERRIDING: "Art. 21(1)",
}

#: Grounds on which a request of any kind but a withdrawal may be refused. Art. 12(5) is about the rights of
#: Art. 15 to 22: consent may be taken back at any time (Art. 7(3)), however often.
_OF_ANY = (Ground.NOT_IDENTIFIED, Ground.UNFOUNDED)
#: Grounds on which a request may be refused, by what is asked for.
GROUNDS: dict[str, tuple[Ground, ...]] = {
    "erasure": (
        *_OF_ANY,
        Ground.EXPRESSION,
        Ground.OBLIGATION,
        Ground.HEALTH,
        Ground.ARCHIVING,
        Ground.CLAIMS,
    ),
    "access": _OF_ANY,
    "portability": _OF_ANY,
    "withdrawal": (Ground.NOT_IDENTIFIED,),
    "restriction": _OF_ANY,
    "objection": (*_OF_ANY, Ground.OVERRIDING),
}


@dataclass(frozen=True, slots=True)
class Extension:
    """Why the deadline was put off, and when."""

    reason: Delay
    at: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """On what ground a request was refused, and when."""

    ground: Ground
    article: str
    at: str


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """When a request was answered, and SHA-256 of what was given."""

    at: str
    pdf_sha256: str | None = field(default=None, metadata=OPTIONAL)
    record_sha256: str | None = field(default=None, metadata=OPTIONAL)


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What a withdrawal is about, as `Consent.withdraw` takes it; everything where nothing is named."""

    release_id: str | None = field(default=None, metadata=OPTIONAL)
    grant: Grant | None = field(default=None, metadata=OPTIONAL)
    shoot: str | None = field(default=None, metadata=OPTIONAL)


@dataclass(frozen=True, slots=True)
class Retain:
    """What the controller told an erasure to keep: on which ground of law, until which day."""

    ground: Ground
    article: str
    until: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What an erasure kept because a law demands it: the ground, until when, and how much of what."""

    ground: Ground
    article: str
    until: str
    kept: dict[str, int]


@dataclass(frozen=True, slots=True)
class ErasedFrom:
    """What was erased from one holder; `at` is seconds from the start of the first holder to its end."""

    items: int
    bytes: int
    rewritten: int
    at: float


@dataclass(frozen=True, slots=True)
class ModelToTrainAgain:
    """A part of a model that only a script of the user's own can train again, and how many people got it."""

    part: str
    name: str
    whole: bool
    gpus: int
    seconds: float
    hours: float
    recipients: int


@dataclass(frozen=True, slots=True)
class AttackFindings:
    """What attacks on the model found before and after: what was measured by constituent, or why nothing was.

    The figures are counts; `meaning` says how to read them.
    """

    meaning: str
    before: Json | str
    after: Json | str

    @property
    def lines(self) -> tuple[Line, ...]:
        """Each attack in words, those before first."""
        return tuple(lines(self.before, self.after))

    @property
    def conclusions(self) -> tuple[str, ...]:
        """What the results afterwards are worth: a sentence for each attack that has one."""
        return tuple(conclusions(self.after))


@dataclass(frozen=True, slots=True)
class Private:
    """What a request needs and no certificate, feed or log may hold.

    `commitment_key` opens the certificate's commitment to who asked (32 bytes in hexadecimal). `faces` are
    the faces in quarantine, IMAGE.NUMBER, that the request is about, where who asks was never enrolled.
    """

    commitment_key: str | None = field(default=None, metadata=OPTIONAL)
    faces: tuple[str, ...] | None = field(default=None, metadata=OPTIONAL)
    retain: Retain | None = field(default=None, metadata=OPTIONAL)


@dataclass(frozen=True, slots=True)
class ErasureHistory:
    """What an erasure has been through; docs/formats/certificate.md says what each field means."""

    identified: Identification | None = field(default=None, metadata=OPTIONAL)
    extended: Extension | None = field(default=None, metadata=OPTIONAL)
    frozen_at: str | None = field(default=None, metadata=OPTIONAL)
    holdings: tuple[Holding, ...] | None = field(default=None, metadata=OPTIONAL)
    erased: dict[str, ErasedFrom] | None = field(default=None, metadata=OPTIONAL)
    attested: dict[str, int] | None = field(default=None, metadata=OPTIONAL)
    constituents_before: dict[str, str] | None = field(default=None, metadata=OPTIONAL)
    constituents_after: dict[str, str] | None = field(default=None, metadata=OPTIONAL)
    works: Tally | None = field(default=None, metadata=OPTIONAL)
    slices: tuple[str, ...] | None = field(default=None, metadata=OPTIONAL)
    full_seconds: float | None = field(default=None, metadata=OPTIONAL)
    erase_seconds: float | None = field(default=None, metadata=OPTIONAL)
    replay_seconds: float | None = field(default=None, metadata=OPTIONAL)
    seconds: float | None = field(default=None, metadata=OPTIONAL)
    environments: tuple[Json, ...] | None = field(default=None, metadata=OPTIONAL)
    bases: tuple[StartedFrom, ...] | None = field(default=None, metadata=OPTIONAL)
    model_bytes_rewritten: int | None = field(default=None, metadata=OPTIONAL)
    canary: str | None = field(default=None, metadata=OPTIONAL)
    kept: Kept | None = field(default=None, metadata=OPTIONAL)
    backups: int | None = field(default=None, metadata=OPTIONAL)
    retrainings: tuple[ModelToTrainAgain, ...] | None = field(default=None, metadata=OPTIONAL)
    attacks: AttackFindings | None = field(default=None, metadata=OPTIONAL)
    #: Where the request was refused: then there is no certificate.
    refused: Refusal | None = field(default=None, metadata=OPTIONAL)

    def committed(self, key: bytes) -> ErasureHistory:
        """The same, with commitments under `key` in place of digests of weights.

        Weights follow from pictures: whoever has the others' pictures and guesses the person's could train
        the same weights, and a digest would say whether the guess is right. The weights that are served now
        are committed to as well, because they learned from others, who may be erased later.
        """
        return replace(
            self,
            constituents_before=committed(self.constituents_before or {}, key),
            constituents_after=committed(self.constituents_after or {}, key),
        )


@dataclass(frozen=True, slots=True)
class WithdrawalHistory:
    """What a withdrawal has been through.

    `dropped` are constituents taken out of service; `own_models` is how many parts of external runs were
    destroyed; `called_back` is how many delivered samples were.
    """

    identified: Identification | None = field(default=None, metadata=OPTIONAL)
    extended: Extension | None = field(default=None, metadata=OPTIONAL)
    withdrawn: Withdrawn = Withdrawn()
    dropped: tuple[str, ...] | None = field(default=None, metadata=OPTIONAL)
    own_models: int | None = field(default=None, metadata=OPTIONAL)
    called_back: int | None = field(default=None, metadata=OPTIONAL)
    refused: Refusal | None = field(default=None, metadata=OPTIONAL)


@dataclass(frozen=True, slots=True)
class RestrictionHistory:
    """What a restriction or an objection has been through.

    `suspended` are constituents that aren't served meanwhile; `upheld` is the withdrawal that followed
    from an upheld objection.
    """

    identified: Identification | None = field(default=None, metadata=OPTIONAL)
    extended: Extension | None = field(default=None, metadata=OPTIONAL)
    suspended: tuple[str, ...] | None = field(default=None, metadata=OPTIONAL)
    upheld: str | None = field(default=None, metadata=OPTIONAL)
    refused: Refusal | None = field(default=None, metadata=OPTIONAL)


@dataclass(frozen=True, slots=True)
class AnswerHistory:
    """What a request has been through that is answered and changes nothing."""

    identified: Identification | None = field(default=None, metadata=OPTIONAL)
    extended: Extension | None = field(default=None, metadata=OPTIONAL)
    answered: GivenAnswer | None = field(default=None, metadata=OPTIONAL)
    refused: Refusal | None = field(default=None, metadata=OPTIONAL)


History = ErasureHistory | WithdrawalHistory | RestrictionHistory | AnswerHistory

#: What a request of each kind goes through (Art. 17, 15, 20, 7(3), 18 and 21 GDPR).
HISTORIES: dict[str, type[History]] = {
    "erasure": ErasureHistory,
    "access": AnswerHistory,
    "portability": AnswerHistory,
    "withdrawal": WithdrawalHistory,
    "restriction": RestrictionHistory,
    "objection": RestrictionHistory,
}


def committed(digests: dict[str, str], key: bytes) -> dict[str, str]:
    """Digests of weights, by name, as commitments under a key that only the person keeps."""
    return {
        name: KEYED + commitment(key, f"{name} {digest}".encode()).hex() for name, digest in digests.items()
    }
