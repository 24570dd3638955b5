"""Policy: what a picture desk does about each thing it finds, for one purpose.

A policy is a TOML file (see `policyfile`); every decision names the digest of the one it was
made under. It may be stricter than the shipped one, and it may say how to treat what is only a
question; it can't clear what nobody said yes to, nor lower a threshold of recognition.

Where a policy's territory is the whole world, the strictest of its territories counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

from volenti.clearance.decision import gravest
from volenti.clearance.reviewing import Reviewing
from volenti.consent.attestation import Method
from volenti.consent.purpose import PURPOSES, Grant, Use
from volenti.consent.territory import WORLD, faults_of_place
from volenti.core.canonical import canonical
from volenti.core.digest import sha256
from volenti.perception.finding import TABLE, Finding, Verdict
from volenti.perception.sight.figure import PEOPLE_FREE
from volenti.perception.sight.ranking import THRESHOLDS, Scale, Thresholds

#: What a policy may make of a finding.
Choice = Literal["cleared", "held", "rejected"]

#: Codes whose picture nobody said yes to: no policy may let them through.
NEVER_CLEARED = frozenset(
    {
        "no-release",
        "release-expired",
        "release-not-yet-valid",
        "release-withdrawn",
        "release-superseded",
        "shoot",
        "purpose-not-granted",
        "territory",
        "minor",
        "signature",
        "method",
        "biometrics-not-granted",
        "bystander",
        "uncertain-match",
        "unlike-claim",
        "matched-twice",
        "person",
    }
)


class _Part(BaseModel):
    """A table of the file; a setting that isn't known is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Elsewhere(_Part):
    """What differs in one territory."""

    findings: dict[str, Choice] = {}


class Strictness(_Part):
    """Thresholds of recognition on one scale; each at least as strict as the shipped one."""

    match_min: float | None = Field(default=None, description="Least score of a match.")
    margin_min: float | None = Field(default=None, description="Least lead over the second person.")
    uncertain_min: float | None = Field(default=None, description="Score from which a face isn't unknown.")


class People(_Part):
    """Whether the dataset may show anybody."""

    admitted: bool = Field(default=True, description="false: pictures without people only.")
    face_min: float = Field(
        default=PEOPLE_FREE.face_min, ge=0, le=1, description="With false: score from which a face counts."
    )
    figure_min: float = Field(
        default=PEOPLE_FREE.figure_min, ge=0, description="With false: score from which a figure counts."
    )


class Bystanders(_Part):
    """What happens to a picture of covered people that also shows strangers."""

    do: Literal["hold", "reject", "redact"] = Field(
        default="hold", description="redact: strangers are made unrecognisable, the copy is cleared."
    )
    keep_original: bool = Field(
        default=False, description="Leave the unredacted original in quarantine until its time is up."
    )


class Minors(_Part):
    """When a covered face is referred to a person because it looks young."""

    refer_from: float | None = Field(
        default=None, ge=0, le=1, description="Least estimate of 'under 25' that refers."
    )
    below_age: int = Field(
        default=25,
        ge=25,
        le=200,
        description="Only people under this age at the shoot, by their birth date, are referred; 200: all.",
    )


class Licences(_Part):
    """Under which licences pictures of others are let in."""

    allowed: list[str] = Field(default=[], description="Names or addresses; empty: any. Others are held.")


class Marks(_Part):
    """Owners' marks that are looked for beside the shipped list."""

    add: list[str] = []


class Signing(_Part):
    """In which ways releases may be signed that clear a picture."""

    methods: list[Method] = Field(
        default=list(Method),
        min_length=1,
        description="signed: with the person's own key; attested: on paper, by an officer's word; "
        "web-ceremony: on a page of the web application.",
    )


#: Settings that policies of earlier versions lacked, by their table.
_SINCE = {
    "minors": ("below_age",),
    "review": ("no_face_below", "too_small_px", "too_blurred_below", "person_min", "turned_above"),
}


class Policy(_Part):
    """One policy. Raises pydantic's ValidationError; `policyfile` words it for people."""

    title: str = ""
    purpose: Grant
    #: ISO 3166-1 alpha-2 code of where the pictures are to be used, or WORLD.
    territory: str = WORLD
    findings: Annotated[dict[str, Choice], Field(description="Verdicts that differ from the table's.")] = {}
    territories: dict[str, Elsewhere] = {}
    matching: dict[Scale, Strictness] = {}
    people: People = People()
    bystanders: Bystanders = Bystanders()
    minors: Minors = Minors()
    licences: Licences = Licences()
    marks: Marks = Marks()
    review: Reviewing = Reviewing()
    release: Signing = Signing()

    def __repr__(self) -> str:
        return f"Policy({self.title!r}, {self.purpose.value} in {self.territory}, {self.digest[:12]})"

    @field_validator("purpose")
    @classmethod
    def _check_purpose(cls, purpose: Grant) -> Grant:
        if purpose not in PURPOSES:
            raise ValueError(f"{purpose} isn't a purpose; purposes are {', '.join(PURPOSES)}")
        return purpose

    @field_validator("territory")
    @classmethod
    def _check_place(cls, territory: str) -> str:
        for problem in faults_of_place("territory", territory):
            raise ValueError(problem.message)
        return territory

    @model_validator(mode="after")
    def _check_settings(self) -> Self:
        for findings in (self.findings, *(each.findings for each in self.territories.values())):
            for code, choice in findings.items():
                _check_choice(code, choice)
        for place in self.territories:
            for problem in faults_of_place("territories", place):
                raise ValueError(f"{place}: {problem.message}")
        for scale, wanted in self.matching.items():
            _check_strictness(scale, wanted)
        return self

    @model_serializer(mode="wrap")
    def _serialize(self, usual: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Every setting; without those that earlier versions lacked where they are as usual."""
        body: dict[str, Any] = usual(self)
        if self.release == Signing():
            del body["release"]
        for table, names in _SINCE.items():
            fields = type(getattr(self, table)).model_fields
            for name in names:
                if getattr(getattr(self, table), name) == fields[name].default:
                    del body[table][name]
        return body

    @cached_property
    def digest(self) -> str:
        """The policy's name, by what it says: equal policies over an equal table have equal digests."""
        body = self.model_dump(mode="json")
        return sha256(canonical({**body, "table": {code: kind.verdict for code, kind in TABLE.items()}}))

    @cached_property
    def thresholds(self) -> Mapping[Scale, Thresholds]:
        """The shipped thresholds, made stricter where the policy says."""
        return {
            scale: replace(shipped, **self.matching[scale].model_dump(exclude_none=True))
            if scale in self.matching
            else shipped
            for scale, shipped in THRESHOLDS.items()
        }

    def use(self, day: date, shoot: str | None = None) -> Use:
        """What the pictures are wanted for, on a day; shoot: as `Use` takes it."""
        methods = () if set(self.release.methods) == set(Method) else tuple(sorted(self.release.methods))
        return Use(self.purpose, self.territory, day, shoot=shoot, methods=methods)

    def verdict(self, findings: Iterable[Finding]) -> Verdict:
        """The gravest verdict of the findings."""
        return gravest(self.verdict_on(each.code) for each in findings)

    def verdict_on(self, code: str) -> Verdict:
        """The verdict of one code, where the pictures are to be used."""
        usual = TABLE[code].verdict
        if code == "bystander" and self.bystanders.do == "reject":
            usual = "rejected"
        general: Verdict = self.findings.get(code, usual)
        places = self.territories if self.territory == WORLD else {self.territory}
        special = [
            self.territories[place].findings[code]
            for place in places
            if place in self.territories and code in self.territories[place].findings
        ]
        if self.territory == WORLD:
            return gravest([general, *special])
        return special[0] if special else general


def _check_choice(code: str, choice: Choice) -> None:
    if code not in TABLE:
        raise ValueError(f"no finding is called {code!r}; see docs/reference/findings.md")
    if TABLE[code].verdict in ("unreadable", "duplicate"):
        raise ValueError(f"{code!r} is about the file, not for a policy to decide")
    if code in NEVER_CLEARED and choice == "cleared":
        raise ValueError(f"no policy may clear {code!r}; choose held or rejected")


def _check_strictness(scale: Scale, wanted: Strictness) -> None:
    shipped = THRESHOLDS[scale]
    if wanted.match_min is not None and wanted.match_min < shipped.match_min:
        raise ValueError(f"matching.{scale}.match_min can't be below the measured {shipped.match_min}")
    if wanted.margin_min is not None and wanted.margin_min < shipped.margin_min:
        raise ValueError(f"matching.{scale}.margin_min can't be below the measured {shipped.margin_min}")
    if wanted.uncertain_min is not None and wanted.uncertain_min > shipped.uncertain_min:
        raise ValueError(
            f"matching.{scale}.uncertain_min can't be above the measured {shipped.uncertain_min}"
        )
