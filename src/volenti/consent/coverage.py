"""Coverage: whether a release covers a use, and if not, which clause refuses it.

Pure: the same subject, release, use and withdrawals give the same answer: the first check that fails does.

1. signature: every signature fits the document and the key on record, the document is
   about this subject and dated, and a subject who was adult at signing has signed.
2. release-withdrawn: neither the release, nor a grant the use needs, nor the shoot the picture
   is from was withdrawn. This is checked for every use, also one dated before the withdrawal.
3. release-superseded: no later release that takes its place is signed. Nothing brings it back
   into force, not even a withdrawal of its successor.
4. release-not-yet-valid: the use isn't before `valid_from`, nor before the day it was signed.
5. release-expired: the use isn't after `valid_until`, which is its last valid day.
6. minor: for a subject who was under 18 on the day of signing (UTC), a guardian has signed.
   Check 1 catches a guardian's signature that doesn't hold.
7. shoot: a release for one shoot covers that shoot's pictures only. A picture whose shoot isn't
   known is covered neither by such a release nor, once a shoot was withdrawn, by any other.
   This isn't checked where the use isn't about a picture.
8. territory: the place of use lies in the release's territory.
9. purpose-not-granted: the purpose and every condition of the use were granted, and the terms allow
   sublicensing where whoever gets the pictures may hand them on.
10. method: it was signed in a way that suffices for the use, such as with the subject's own key.

Deliberately absent: no guess at what somebody would have agreed to, no joining of two releases into one
permission, and no rule that a guardian's yes lapses when the subject comes of age (`due` lists them).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from volenti.consent.purpose import Use
from volenti.consent.signature import Role
from volenti.consent.signed_release import SignedRelease
from volenti.consent.subject import ADULT_AGE_YEARS, Subject
from volenti.consent.territory import WORLD, includes
from volenti.consent.withdrawal import Withdrawal


class Refusal(StrEnum):
    """Why a use isn't covered. All but the last are one release's, in the order of the checks."""

    SIGNATURE = "signature"
    WITHDRAWN = "release-withdrawn"
    SUPERSEDED = "release-superseded"
    NOT_YET_VALID = "release-not-yet-valid"
    EXPIRED = "release-expired"
    MINOR = "minor"
    SHOOT = "shoot"
    TERRITORY = "territory"
    PURPOSE = "purpose-not-granted"
    METHOD = "method"
    RESTRICTED = "restricted"
    NO_RELEASE = "no-release"


#: The code of a use that is covered.
COVERED = "covered"

#: Of releases that fail equally many checks, whose refusal is given: first what the subject said,
#: then what the document says, last what is wrong with the document.
_TELLING = (
    Refusal.WITHDRAWN,
    Refusal.PURPOSE,
    Refusal.TERRITORY,
    Refusal.SHOOT,
    Refusal.EXPIRED,
    Refusal.NOT_YET_VALID,
    Refusal.MINOR,
    Refusal.METHOD,
    Refusal.SIGNATURE,
    Refusal.SUPERSEDED,
)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The answer. `clause` names the field of the release that decided, `release` is its identifier.

    The message holds nothing personal: no name, no birth date.
    """

    covered: bool
    code: str
    clause: str
    message: str
    release: str = ""


def coverage(
    subject: Subject,
    signed: SignedRelease,
    use: Use,
    withdrawn: Collection[Withdrawal] = (),
    others: Collection[SignedRelease] = (),
) -> Coverage:
    """Whether this one release covers the use.

    others: the subject's other releases, among which there may be a successor. They cover nothing here.
    """
    return next(_refusals(_Question(subject, signed, use, withdrawn, others)), _covered(signed, use))


def best_coverage(
    subject: Subject, releases: Iterable[SignedRelease], use: Use, withdrawn: Collection[Withdrawal] = ()
) -> Coverage:
    """The coverage by the release that covers, or else the refusal that tells most.

    Where several cover, it is the one signed last. Where none does, it is one that isn't superseded, if there
    is any; of these that with the fewest failed checks, then as in _TELLING, then the one signed last.
    """
    latest_first = sorted(releases, key=_signing_order, reverse=True)
    best: tuple[tuple[bool, int, int], Coverage] | None = None
    for signed in latest_first:
        refusals = list(_refusals(_Question(subject, signed, use, withdrawn, latest_first)))
        if not refusals:
            return _covered(signed, use)
        is_superseded = any(refusal.code == Refusal.SUPERSEDED for refusal in refusals)
        rank = (is_superseded, len(refusals), _TELLING.index(Refusal(refusals[0].code)))
        if best is None or rank < best[0]:
            best = (rank, refusals[0])
    return best[1] if best else no_release()


def successor(
    signed: SignedRelease, subject: Subject, others: Iterable[SignedRelease]
) -> SignedRelease | None:
    """The release that took this one's place, if one did that is signed as it must be."""
    what = (subject.id, signed.release.id)
    named = (each for each in others if (each.release.subject, each.release.supersedes) == what)
    return next((each for each in named if each.holds(subject)), None)


def no_release(message: str = "There is no release of this subject.") -> Coverage:
    """The answer where there is no release to judge."""
    return Coverage(False, Refusal.NO_RELEASE, "", message)


def restricted() -> Coverage:
    """The answer as long as the use of the subject's data is restricted at their request (Art. 18 GDPR)."""
    return Coverage(
        False, Refusal.RESTRICTED, "", "The use of what is theirs is restricted at their request."
    )


def _covered(signed: SignedRelease, use: Use) -> Coverage:
    message = f"The release grants {', '.join(use.needs)} on {use.day} in {_place(use)}."
    return Coverage(True, COVERED, f"grants.{use.purpose}", message, signed.release.id)


def _signing_order(signed: SignedRelease) -> tuple[bool, datetime | None, str]:
    signed_at = signed.release.evidence.signed_at
    return (signed_at is not None, signed_at, signed.release.id)


@dataclass(frozen=True, slots=True)
class _Question:
    subject: Subject
    signed: SignedRelease
    use: Use
    withdrawn: Collection[Withdrawal]
    others: Collection[SignedRelease]


_Refused = tuple[Refusal, str, str] | None


def _refusals(question: _Question) -> Iterator[Coverage]:
    """Every check that fails, in order; lazily, so that the first costs no more than it must."""
    for check in _CHECKS:
        refusal = check(question)
        if refusal is not None:
            code, clause, message = refusal
            yield Coverage(False, code, clause, message, question.signed.release.id)


def _signature(question: _Question) -> _Refused:
    problems = question.signed.problems(question.subject)
    if not problems:
        return None
    return Refusal.SIGNATURE, problems[0].field, f"The signatures don't hold: {problems[0]}"


def _withdrawn(question: _Question) -> _Refused:
    release, use = question.signed.release, question.use
    reaching = [each for each in question.withdrawn if each.reaches(release, use.shoot)]
    whole = [each for each in reaching if each.grant is None]
    if any(each.shoot is None for each in whole):
        return Refusal.WITHDRAWN, "release", "The subject has withdrawn the release."
    if whole:
        return Refusal.WITHDRAWN, "shoot.name", "The subject has withdrawn this shoot."
    for grant in use.needs:
        if any(each.grant == grant for each in reaching):
            return Refusal.WITHDRAWN, f"grants.{grant}", f"The subject has withdrawn the grant {grant}."
    return None


def _superseded(question: _Question) -> _Refused:
    if successor(question.signed, question.subject, question.others) is None:
        return None
    return Refusal.SUPERSEDED, "supersedes", "A later release has taken this one's place."


def _not_yet_valid(question: _Question) -> _Refused:
    release, day = question.signed.release, question.use.day
    first_day, signed_at = release.terms.valid_from, release.evidence.signed_at
    if day < first_day:
        message = f"The release is valid from {first_day} on, the use is on {day}."
        return Refusal.NOT_YET_VALID, "terms.valid_from", message
    signed_on = None if signed_at is None else signed_at.astimezone(question.use.zone).date()
    if signed_on is not None and day < signed_on:
        message = f"The release was signed on {signed_on}, after the use on {day}."
        return Refusal.NOT_YET_VALID, "evidence.signed_at", message
    return None


def _expired(question: _Question) -> _Refused:
    last_day, day = question.signed.release.terms.valid_until, question.use.day
    if last_day is None or day <= last_day:
        return None
    return (
        Refusal.EXPIRED,
        "terms.valid_until",
        f"The release was valid until {last_day}, the use is on {day}.",
    )


def _minor(question: _Question) -> _Refused:
    if question.signed.awaits(question.subject) is not Role.GUARDIAN:
        return None
    message = f"The subject was under {ADULT_AGE_YEARS} at signing and no guardian has signed."
    return Refusal.MINOR, "signatures.guardian", message


def _shoot(question: _Question) -> _Refused:
    named, shoot = question.signed.release.shoot.name, question.use.shoot
    if shoot is None:
        return None
    if named and shoot and shoot != named:
        message = "The release is for another shoot than the one this picture is from."
    elif named and not shoot:
        message = "The release is for one shoot, and it isn't known from which shoot this picture is."
    elif not shoot and _may_be_withdrawn(question):
        message = "A shoot was withdrawn, and it isn't known from which shoot this picture is."
    else:
        return None
    return Refusal.SHOOT, "shoot.name", message


def _may_be_withdrawn(question: _Question) -> bool:
    """Whether a shoot was withdrawn that a picture of an unknown one may be from."""
    release, needs = question.signed.release, question.use.needs
    return any(
        each.shoot is not None and each.reaches(release, each.shoot) and each.grant in (None, *needs)
        for each in question.withdrawn
    )


def _territory(question: _Question) -> _Refused:
    territory = question.signed.release.terms.territory
    if includes(territory, question.use.territory):
        return None
    message = f"The release is for {', '.join(territory)}, the use is in {_place(question.use)}."
    return Refusal.TERRITORY, "terms.territory", message


def _purpose(question: _Question) -> _Refused:
    for grant in question.use.needs:
        if not question.signed.release.grants[grant]:
            return Refusal.PURPOSE, f"grants.{grant}", f"The release says no to {grant}."
    if question.use.sublicensed and not question.signed.release.terms.sublicensing:
        return Refusal.PURPOSE, "terms.sublicensing", "The release doesn't let others pass the rights on."
    return None


def _method(question: _Question) -> _Refused:
    methods = question.use.methods
    if not methods or question.signed.method(question.subject) in methods:
        return None
    return Refusal.METHOD, "attestations", f"The release isn't {' or '.join(methods)}, as the policy asks."


def _place(use: Use) -> str:
    return "the whole world" if use.territory == WORLD else use.territory


_CHECKS: tuple[Callable[[_Question], _Refused], ...] = (
    _signature,
    _withdrawn,
    _superseded,
    _not_yet_valid,
    _expired,
    _minor,
    _shoot,
    _territory,
    _purpose,
    _method,
)
