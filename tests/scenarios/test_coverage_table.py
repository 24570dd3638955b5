"""Does this release cover this use? Every row of `coverage.md` is asked of the real function.

The table is for people who know the law and not the code: it can be read, corrected and
added to without this file. What a row may say is in PHRASES; a phrase that isn't there fails,
so nothing in the table is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from volenti.consent.attestation import Attestation
from volenti.consent.coverage import COVERED, Coverage, Refusal, coverage
from volenti.consent.purpose import Grant, Grants, Use
from volenti.consent.release import Release
from volenti.consent.releasetext import evidence
from volenti.consent.signature import Role, Signature, sign
from volenti.consent.signed_release import SignedRelease
from volenti.consent.subject import Guardian, Subject
from volenti.consent.terms import Shoot, Terms
from volenti.consent.withdrawal import Withdrawal
from volenti.core.digest import sha256
from volenti.core.signing import SigningKey

TABLE = Path(__file__).with_name("coverage.md")
OWN, GUARDIANS, STRANGERS, OFFICER = (SigningKey(bytes([n]) * 32) for n in (1, 2, 3, 4))
SIGNERS = {
    "the subject": (Role.SUBJECT, OWN),
    "the guardian": (Role.GUARDIAN, GUARDIANS),
    "a witness": (Role.WITNESS, STRANGERS),
    "the controller": (Role.CONTROLLER, STRANGERS),
    "a stranger in the subject's name": (Role.SUBJECT, STRANGERS),
    "a stranger in the guardian's name": (Role.GUARDIAN, STRANGERS),
    "the subject in the guardian's name": (Role.GUARDIAN, OWN),
}
TAMPERING: dict[str, dict[str, Any]] = {
    "every no is a yes": {"grants": Grants.only(*Grant)},
    "no end to the term": {"terms": Terms(("DE",), date(2026, 6, 1), "DE")},
    "another controller": {"controller": "Elsewhere"},
    "another subject": {"subject": "sub_2"},
    "another name": {"legal_name": "Eve"},
    "another shoot": {"shoot": Shoot("Pat", date(2026, 6, 9), date(2026, 6, 9), name="autumn")},
    "no shoot": {"shoot": Shoot("Pat", date(2026, 6, 9), date(2026, 6, 9))},
}


#: What is asked where a row says nothing else.
ASKED_FOR = Use(Grant.GENERATIVE_TRAINING, "DE", date(2026, 9, 1))


@dataclass
class Story:
    """What a row says, begun with what it doesn't mention."""

    born: date = date(1990, 5, 17)
    own_key: SigningKey | None = OWN
    guardian: Guardian | None = None
    signers: list[tuple[Role, SigningKey]] = field(default_factory=lambda: [SIGNERS["the subject"]])
    signed_at: datetime | None = datetime(2026, 6, 10, 12, tzinfo=UTC)
    granted: tuple[Grant, ...] = (Grant.GENERATIVE_TRAINING, Grant.COMMERCIAL)
    territory: tuple[str, ...] = ("DE", "FR")
    valid_from: date = date(2026, 6, 1)
    valid_until: date | None = date(2027, 5, 31)
    sublicensing: bool = False
    shoot: str = ""
    supersedes: str | None = None
    version: int = 2
    tampered: dict[str, Any] = field(default_factory=dict)
    broken: Role | None = None
    on_paper: tuple[str, Role] | None = None
    withdrawn: list[Withdrawal] = field(default_factory=list)
    others: list[SignedRelease] = field(default_factory=list)
    use: Use = ASKED_FOR

    def answer(self) -> Coverage:
        return coverage(self.subject(), self.signed(), self.use, self.withdrawn, self.others)

    def subject(self) -> Subject:
        own_key = self.own_key.public if self.own_key else None
        return Subject("Ada", self.born, guardian=self.guardian, public_key=own_key, id="sub_1")

    def signed(self, **changes: Any) -> SignedRelease:
        shown = replace(evidence("electronic"), signed_at=self.signed_at)
        given = {
            "id": "rel_1",
            "subject": "sub_1",
            "legal_name": "Ada",
            "birth_date": self.born,
            "controller": "Studio",
            "shoot": Shoot("Pat", date(2026, 6, 9), date(2026, 6, 9), name=self.shoot),
            "grants": Grants.only(*self.granted),
            "terms": Terms(self.territory, self.valid_from, "DE", self.valid_until, self.sublicensing),
            "evidence": shown if self.version > 1 else replace(shown, notice_sha256=""),
            "supersedes": self.supersedes,
            "version": self.version,
        }
        release = Release(**(given | changes))
        signatures = tuple(self.signature(release, role, key) for role, key in self.signers)
        return SignedRelease(replace(release, **self.tampered), signatures, self.attestations(release))

    def attestations(self, release: Release) -> tuple[Attestation, ...]:
        """What an officer attested of the paper, about the release as it was or about another one."""
        if self.on_paper is None or self.signed_at is None:
            return ()
        which, role = self.on_paper
        document = SignedRelease(release).digest if which == "this release" else sha256(b"another")
        plain = Attestation(role, self.signed_at.date(), sha256(b"scan"), self.signed_at, OFFICER.public)
        return (plain.signed_by(OFFICER, document),)

    def signature(self, release: Release, role: Role, key: SigningKey) -> Signature:
        signature = sign(release.to_json(), key, role)
        return replace(signature, signature=bytes(64)) if role is self.broken else signature

    def later(self, **changes: Any) -> SignedRelease:
        """A second release of theirs, signed a month later in the same way, that names this one."""
        at = replace(evidence("electronic"), signed_at=datetime(2026, 7, 10, 12, tzinfo=UTC))
        return self.signed(**({"id": "rel_2", "supersedes": "rel_1", "evidence": at, "version": 2} | changes))


def listed(text: str) -> list[str]:
    return [] if text == "nothing" else re.split(r", | and ", text)


def grants(text: str) -> tuple[Grant, ...]:
    return tuple(Grant) if text == "everything" else tuple(map(Grant, listed(text)))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def withdrawal(who: str, what: str, shoot: str | None, release: str | None, at: str) -> Withdrawal:
    names = {"this release": "rel_1", "another release": "rel_9", "the later release": "rel_2"}
    return Withdrawal(
        "wdr_1",
        "sub_1" if who == "they" else "sub_2",
        moment(at),
        names[release] if release else None,
        None if what == "everything" else Grant(what),
        shoot,
    )


def put(name: str, value: Any) -> Callable[[Story], None]:
    return lambda story: setattr(story, name, value)


def asked(**changes: Any) -> Callable[[Story], None]:
    return lambda story: setattr(story, "use", replace(story.use, **changes))


def guardian(key: SigningKey | None) -> Guardian:
    return Guardian("Grace", "mother", key.public if key else None)


SOMEONE = {"subject": "sub_2", "legal_name": "Bea"}

#: What the second column may say: a phrase, and what it changes in the story.
ON_RECORD: list[tuple[str, Callable[..., Callable[[Story], None]]]] = [
    (r"their terms allow sublicensing", lambda: put("sublicensing", True)),
    (r"they allowed (.+)", lambda text: put("granted", grants(text))),
    (r"valid in the whole world", lambda: put("territory", ("WORLD",))),
    (r"valid in (.+)", lambda text: put("territory", tuple(listed(text)))),
    (r"valid from (.+)", lambda day: put("valid_from", date.fromisoformat(day))),
    (r"valid until (.+)", lambda day: put("valid_until", date.fromisoformat(day))),
    (r"valid without end", lambda: put("valid_until", None)),
    (r"they were born on (.+)", lambda day: put("born", date.fromisoformat(day))),
    (r"never dated", lambda: put("signed_at", None)),
    (r"signed at (.+)", lambda at: put("signed_at", moment(at))),
    (r"signed by nobody", lambda: put("signers", [])),
    (r"signed by (.+)", lambda text: put("signers", [SIGNERS[each] for each in listed(text)])),
    (
        r"an officer attests that (the subject|the guardian) signed (this release|another) on paper",
        lambda who, which: put("on_paper", (which, SIGNERS[who][0])),
    ),
    (r"no key of theirs is on record", lambda: put("own_key", None)),
    (r"another key of theirs is on record", lambda: put("own_key", STRANGERS)),
    (r"a guardian is on record", lambda: put("guardian", guardian(GUARDIANS))),
    (r"a guardian without a key is on record", lambda: put("guardian", guardian(None))),
    (r"no guardian is on record", lambda: put("guardian", None)),
    (r"the (\w+)'s signature is damaged", lambda role: put("broken", Role(role))),
    (r"changed after signing: (.+)", lambda what: put("tampered", TAMPERING[what])),
    (r"a document of version 1", lambda: put("version", 1)),
    (r"for the shoot (\w+)", lambda name: put("shoot", name)),
    (
        r"(they|somebody else) withdrew ([\w-]+)(?: of the shoot (\w+))?"
        r"(?: in (this release|another release|the later release))? (?:on|at) (.+)",
        lambda *said: lambda story: story.withdrawn.append(withdrawal(*said)),
    ),
    (r"takes the place of an earlier release", lambda: put("supersedes", "rel_0")),
    (
        r"a later release takes its place",
        lambda: lambda story: story.others.append(story.later()),
    ),
    (
        r"a later release that allows (.+) takes its place",
        lambda text: lambda story: story.others.append(story.later(grants=Grants.only(*grants(text)))),
    ),
    (
        r"a later release, valid from (.+), takes its place",
        lambda day: (
            lambda story: story.others.append(
                story.later(terms=Terms(("DE",), date.fromisoformat(day), "DE"))
            )
        ),
    ),
    (
        r"a later release stands beside it",
        lambda: lambda story: story.others.append(story.later(supersedes=None)),
    ),
    (
        r"a later release names it, signed by nobody",
        lambda: lambda story: story.others.append(replace(story.later(), signatures=())),
    ),
    (
        r"a later release names it, signed by a stranger in the subject's name",
        lambda: (
            lambda story: story.others.append(
                replace(story, signers=[SIGNERS["a stranger in the subject's name"]]).later()
            )
        ),
    ),
    (
        r"a later release names it, signed by the subject alone",
        lambda: lambda story: story.others.append(replace(story, signers=[SIGNERS["the subject"]]).later()),
    ),
    (
        r"somebody else's release names it",
        lambda: lambda story: story.others.append(story.later(**SOMEONE)),
    ),
    (
        r"each of two releases names the other",
        lambda: (
            lambda story: (
                put("supersedes", "rel_2")(story),
                story.others.append(story.later()),
            )[0]
        ),
    ),
]
#: What the third column may say.
ASKED: list[tuple[str, Callable[..., Callable[[Story], None]]]] = [
    (r"for (.+)", lambda name: asked(purpose=Grant(name))),
    (r"which needs (.+) as well", lambda text: asked(conditions=grants(text))),
    (r"whose recipient hands it on", lambda: asked(sublicensed=True)),
    (r"everywhere", lambda: asked(territory="WORLD")),
    (r"in (..)", lambda place: asked(territory=place)),
    (r"on (\d{4}-\d\d-\d\d)", lambda day: asked(day=date.fromisoformat(day))),
    (r"a picture of the shoot (\w+)", lambda name: asked(shoot=name)),
    (r"a picture of an unknown shoot", lambda: asked(shoot="")),
    (r"signed with a key alone suffices", lambda: asked(methods=("signed",))),
    (r"signed on paper alone suffices", lambda: asked(methods=("attested",))),
    (r"signed in either way suffices", lambda: asked(methods=("attested", "signed"))),
]


def tell(story: Story, cell: str, phrases: list[tuple[str, Callable[..., Callable[[Story], None]]]]) -> None:
    """Change the story by every phrase of a cell."""
    for said in filter(None, (each.strip() for each in cell.split(";"))):
        for form, change in phrases:
            found = re.fullmatch(form, said)
            if found:
                change(*found.groups())(story)
                break
        else:
            raise ValueError(f"no phrase is {said!r}")


def rows() -> Iterator[tuple[str, ...]]:
    """The cells of every row of the page's tables, but for their headers."""
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        cells = tuple(cell.strip() for cell in line.strip("|").split("|"))
        if line.startswith("|") and cells[0] != "Story" and set(cells[0]) != {"-"}:
            yield cells


ROWS = list(rows())


@pytest.mark.parametrize(
    ("story", "on_record", "asked_for", "answer", "clause"), ROWS, ids=[row[0] for row in ROWS]
)
def test_coverage(story: str, on_record: str, asked_for: str, answer: str, clause: str) -> None:
    told = Story()
    tell(told, on_record, ON_RECORD)
    tell(told, asked_for, ASKED)
    found = told.answer()
    assert (found.code, found.clause) == (answer, clause)
    assert found.covered is (answer == COVERED)
    assert found.release == "rel_1"
    assert found.message.endswith(".")


def test_the_table_has_a_story_for_every_answer_and_no_story_twice() -> None:
    assert {row[3] for row in ROWS} == {COVERED, *Refusal} - {Refusal.NO_RELEASE, Refusal.RESTRICTED}
    assert len({row[0] for row in ROWS}) == len(ROWS) >= 60
    assert len({row[1:3] for row in ROWS}) == len(ROWS)


def test_every_phrase_is_used_and_an_unknown_one_is_refused() -> None:
    for column, phrases in ((1, ON_RECORD), (2, ASKED)):
        said = [each.strip() for row in ROWS for each in row[column].split(";")]
        for form, _ in phrases:
            assert any(re.fullmatch(form, each) for each in said), form
    with pytest.raises(ValueError, match="no phrase"):
        tell(Story(), "they nodded", ON_RECORD)
