"""The receipt as a page for a person: what stands on it, in their language. No layout.

It says the same as the JSON-LD receipt, in words, and names the subject, because they are
to keep it. Nothing on it is advice, and it grants nothing: what counts is the signed document.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from volenti.consent.attestation import Attestation, Method
from volenti.consent.purpose import Grant
from volenti.consent.releasetext import questions
from volenti.consent.signature import Role
from volenti.consent.signed_release import SignedRelease
from volenti.consent.subject import Subject
from volenti.consent.territory import WORLD
from volenti.consent.withdrawal import Withdrawal
from volenti.consent.wording import WordingKind, wording_of, words
from volenti.core.digest import sha256

#: A label and what stands beside it.
Line = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """One grant: 'yes', 'no' or 'withdrawn', the word for it, the question, and a remark."""

    kind: str
    word: str
    question: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with paragraphs, then lines of label and text, then lines whose text is a digest."""

    title: str
    paragraphs: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    digests: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """Everything on the page, from top to bottom. `created` is in UTC.

    `attached` says what the PDF carries for machines; a text says nothing of it.
    """

    language: str
    created: datetime
    title: str
    for_whom: str
    about: str
    in_force: bool
    state: str
    parties: Section
    shoot: Section
    answers_title: str
    answers: tuple[Answer, ...]
    sections: tuple[Section, ...]
    made: str
    attached: str
    page_number: str


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the page is made from. `withdrawals` are those that concern the release."""

    signed: SignedRelease
    subject: Subject
    withdrawals: tuple[Withdrawal, ...]
    created: datetime
    successor: SignedRelease | None
    language: str

    @property
    def words(self) -> dict[str, Any]:
        said: dict[str, Any] = words(self.language)["receipt"]
        return said

    def day(self, day: date) -> str:
        """A day as people write it."""
        form, months = words(self.language)["date"], words(self.language)["months"]
        text = str(form).format(day=day.day, month=months[day.month - 1], year=day.year)
        # A day stays on one line.
        return text.replace(" ", "\u00a0")

    def moment(self, at: datetime | None) -> str:
        """A moment as people write it, in UTC; "" for none."""
        return "" if at is None else f"{self.day(at.date())}, {at:%H:%M} UTC"

    def said(self, name: str, /, **filling: object) -> str:
        return str(self.words[name]).format(**filling)


def receipt_page(
    signed: SignedRelease,
    subject: Subject,
    withdrawals: Collection[Withdrawal],
    created: datetime,
    *,
    language: str,
    successor: SignedRelease | None = None,
) -> ReceiptPage:
    """The page of one release at the moment `created`; UsageError for a language that has no words here.

    successor: the release that took its place, if one did.
    """
    release = signed.release
    reaching = tuple(each for each in withdrawals if each.reaches(release, each.shoot))
    facts = _Facts(signed, subject, reaching, created, successor, language)
    state, state_day = _state(facts)
    digest = sha256(release.signed_bytes)
    in_force = state in ("signed", "not_begun")
    sections = (
        _conditions(facts),
        _measured(facts, in_force),
        _change(facts),
        _history(facts),
        _evidence(facts),
    )
    return ReceiptPage(
        language,
        created,
        facts.words["title"],
        facts.said("for_whom", name=release.legal_name),
        facts.words["about"],
        state == "signed",
        str(facts.words["states"][state]).format(day=facts.day(state_day)),
        Section(facts.words["between"], (release.controller,)),
        _shoot(facts),
        facts.words["answers"],
        tuple(_answer(facts, grant) for grant in Grant),
        tuple(each for each in sections if each.paragraphs or each.lines or each.digests),
        facts.said("made", day=facts.day(created.date()), digest=digest),
        facts.words["attached"],
        facts.words["page"],
    )


def _state(facts: _Facts) -> tuple[str, date]:
    """The release's state on the day of the receipt, and the day that goes with it on the page."""
    terms, today = facts.signed.release.terms, facts.created.date()
    if any(each.grant is None and each.reaches(facts.signed.release) for each in facts.withdrawals):
        return "withdrawn", today
    if facts.signed.awaits(facts.subject) is not None:
        return "draft", today
    if facts.signed.problems(facts.subject):
        return "defective", today
    if facts.successor is not None:
        return "superseded", today
    if terms.valid_until is not None and today > terms.valid_until:
        return "ended", terms.valid_until
    return ("not_begun" if today < terms.valid_from else "signed"), terms.valid_from


def _shoot(facts: _Facts) -> Section:
    shoot = facts.signed.release.shoot
    first, last = facts.day(shoot.first_day), facts.day(shoot.last_day)
    days = first if first == last else facts.said("days", first=first, last=last)
    lines = [facts.said("shoot_of", photographer=shoot.photographer, days=days)]
    if shoot.name:
        lines.append(facts.said("shoot_named", name=shoot.name))
    return Section(facts.words["shoot"], tuple(lines))


def _answer(facts: _Facts, grant: Grant) -> Answer:
    question = questions(facts.language)[grant]
    if not facts.signed.release.grants[grant]:
        return Answer("no", facts.words["no"], question)
    for each in facts.withdrawals:
        if each.grant is grant and each.shoot is None:
            remark = facts.said("withdrawn_on", day=facts.day(each.at.date()))
            return Answer("withdrawn", facts.words["withdrawn"], question, remark)
    return Answer("yes", facts.words["yes"], question)


def _conditions(facts: _Facts) -> Section:
    terms, said = facts.signed.release.terms, facts.words
    where = (
        said["everywhere"] if WORLD in terms.territory else f"{', '.join(terms.territory)} ({said['codes']})"
    )
    first = facts.day(terms.valid_from)
    if terms.valid_until is None:
        term = facts.said("until_withdrawn", first=first)
    else:
        term = facts.said("until", first=first, last=facts.day(terms.valid_until))
    lines = (
        (said["where"], where),
        (said["term"], term),
        (said["sublicensing"], said["allowed"] if terms.sublicensing else said["not_allowed"]),
        (said["compensation"], terms.compensation),
        (said["law"], terms.governing_law),
    )
    return Section(said["conditions"], (), lines)


def _measured(facts: _Facts, in_force: bool) -> Section:
    granted = in_force and _answer(facts, Grant.BIOMETRIC_TEMPLATES).kind == "yes"
    return Section(facts.words["measured"], (facts.words["measured_yes" if granted else "measured_no"],))


def _change(facts: _Facts) -> Section:
    terms, said = facts.signed.release.terms, facts.words
    paragraphs = [said["right"]]
    if facts.signed.signed_as(Role.GUARDIAN) and facts.signed.was_minor(facts.subject):
        paragraphs.append(facts.said("minor", day=facts.day(facts.subject.comes_of_age)))
    lines = ((said["how"], terms.withdrawal_method), (said["effect"], terms.withdrawal_effect))
    return Section(said["change"], tuple(paragraphs), lines)


def _history(facts: _Facts) -> Section:
    return Section(facts.words["history"], tuple(_pending(facts)))


def _pending(facts: _Facts) -> Iterator[str]:
    if facts.signed.release.supersedes is not None:
        yield facts.said("supersedes", release=facts.signed.release.supersedes)
    for each in facts.withdrawals:
        day = facts.day(each.at.date())
        if each.shoot is not None:
            yield facts.said("shoot_withdrawn", day=day, shoot=each.shoot)
        elif each.grant is not None:
            yield facts.said("grant_withdrawn", day=day, grant=questions(facts.language)[each.grant])
        else:
            yield facts.said("all_withdrawn", day=day)
    if facts.successor is not None:
        later = facts.successor.release
        at = later.evidence.signed_at
        day = facts.day(at.date()) if at else ""
        yield facts.said("superseded", day=day, release=later.id)


def _attested(facts: _Facts, each: Attestation) -> str:
    """Who signed on paper or on a page, and who says so."""
    name = "attested_by" if each.method is Method.ATTESTED else "countersigned_by"
    day, at = facts.day(each.signed_on), facts.day(each.attested_at.date())
    return facts.said(name, who=facts.words["roles"][each.role], day=day, at=at, scan=each.scan[:12])


def _evidence(facts: _Facts) -> Section:
    release, said = facts.signed.release, facts.words
    shown = release.evidence
    by = ", ".join(said["roles"][each] for each in dict.fromkeys(facts.signed.roles))
    language = said["languages"].get(shown.language, shown.language)
    text = wording_of(WordingKind.RELEASE, shown.text_sha256)
    name = "other_text" if text is None else "text"
    lines = [
        (said["signed_by"], by),
        (said["signed_at"], facts.moment(shown.signed_at)),
        (said["method"], shown.method),
        (said["attested"], "; ".join(_attested(facts, each) for each in facts.signed.attestations)),
        (said["witness"], shown.witness),
        (said["language"], facts.said(name, language=language, version=text.version if text else "")),
        (said["notice"], facts.said("notice_version", version=shown.notice_version)),
        (said["identifiers"], f"{release.id}, {release.subject}"),
    ]
    digests = [
        (f"{said['language']}, {said['fingerprint']}", shown.text_sha256),
        (f"{said['notice']}, {said['fingerprint']}", shown.notice_sha256),
    ]
    filled = [tuple(line for line in each if line[1]) for each in (lines, digests)]
    return Section(said["evidence"], (), *filled)
