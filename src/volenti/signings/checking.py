"""Checking: whether what somebody signed is what they were asked for in a session."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from volenti.consent.purpose import Grant
from volenti.consent.reference import GivenPhoto
from volenti.consent.releasetext import evidence
from volenti.consent.subject import Subject
from volenti.core.errors import UsageError
from volenti.signings.ceremony import KEY_CHARACTERS, PHOTOS_MAX, Ceremony
from volenti.signings.session import SigningSession

#: How a release that was signed on a page says that it was signed.
METHOD = "web ceremony"


def check(session: SigningSession, ceremony: Ceremony, photos: Sequence[bytes], now: datetime) -> None:
    """Raise UsageError where it can't be signed in this session, DocumentError for what can't be said."""
    is_offered = ceremony.language in session.languages
    shown = evidence(METHOD, "", ceremony.language) if is_offered else None
    digests = tuple(GivenPhoto("", each).digest for each in photos)
    day = min(ceremony.signed_at, now).date()
    # Raises DocumentError where name or contact can't be.
    person = Subject(ceremony.name, ceremony.birth_date, guardian=ceremony.guardian)
    is_minor = person.is_minor_on(day)
    faults = {
        "The key isn't one.": len(ceremony.key) != KEY_CHARACTERS,
        "It was signed for another session.": ceremony.session != session.id,
        "Another text was shown than the one that is signed here.": shown is None
        or (ceremony.text_sha256, ceremony.notice_sha256) != (shown.text_sha256, shown.notice_sha256),
        "Not every question has its answer.": set(ceremony.answers) != {*map(str, session.asks)},
        "The photographs aren't those that were signed.": digests != ceremony.photos,
        "Photographs are taken only where measurements of the face are a yes.": bool(photos)
        and not ceremony.answers.get(Grant.BIOMETRIC_TEMPLATES),
        f"There are more than {PHOTOS_MAX} photographs.": len(photos) > PHOTOS_MAX,
        "A minor's parent or guardian has to sign.": is_minor and ceremony.guardian is None,
        "Whoever is of age signs without a guardian.": not is_minor and ceremony.guardian is not None,
        "A witness is missing.": session.has_witness and ceremony.witness is None,
        "The witness saw somebody else sign.": ceremony.witness is not None
        and ceremony.witness.saw != ceremony.signer,
    }
    for message in (text for text, is_so in faults.items() if is_so):
        raise UsageError(message, "Open the link again, and sign.")
