"""The release as the text a person reads and signs, in the wording its evidence names.

A wording has places: `{controller}` is filled in as it stands; `{valid_until:until *|always}`
reads "until 2030-01-01" where there is such a day and "always" where there is none. A grant
is a place of that form on a line of its own, so the hashed text contains every question with
its yes and no. Nothing is filled in that isn't in the document.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from volenti.consent.document import Problem
from volenti.consent.purpose import MEANINGS, Grant
from volenti.consent.release import Release
from volenti.consent.terms import Evidence
from volenti.consent.territory import WORLD
from volenti.consent.wording import LANGUAGES, Wording, WordingKind, wording, wording_of
from volenti.core.clock import stamp
from volenti.core.errors import NotFoundError

#: What a place can be filled with; None, False and an empty text choose what stands after the bar.
Value = str | bool | None

_PLACE = re.compile(r"\{([a-z0-9_-]+)(?::([^{}|]*)\|([^{}|]*))?\}")
_QUESTION = re.compile(r"^\[\{([a-z-]+):[^{}]*\}\] (.+)$", re.MULTILINE)


def evidence(method: str, witness: str = "", language: str = LANGUAGES[0]) -> Evidence:
    """The evidence of an unsigned release in this project's latest text and notice.

    Raises UsageError for a language in which there is no text.
    """
    text, notice = wording(WordingKind.RELEASE, language), wording(WordingKind.NOTICE, language)
    return Evidence(
        text.sha256, language, notice.version, method, witness=witness, notice_sha256=notice.sha256
    )


def questions(language: str) -> dict[Grant, str]:
    """Every grant in the words of the latest text in that language."""
    return {
        Grant(name): said for name, said in _QUESTION.findall(wording(WordingKind.RELEASE, language).text)
    }


def render(release: Release) -> str:
    """The release as the text a person reads and signs. Holds personal data.

    Raises NotFoundError where it was signed in a text that isn't one of this project's.
    """
    text = _shown(release, WordingKind.RELEASE, release.evidence.text_sha256)
    return filled(text.text, _values_1(release) if text.version == "1" else _values(release))


def render_notice(release: Release) -> str:
    """The notice that was shown with the release.

    Raises NotFoundError where it isn't one of this project's. Version 1 of the document holds no
    digest of the notice, so nobody can tell which one was shown.
    """
    return _shown(release, WordingKind.NOTICE, release.evidence.notice_sha256).text


def problems_of_wording(release: Release) -> list[Problem]:
    """Where the evidence contradicts the wordings its digests name, such as another language's."""
    shown = release.evidence
    text = wording_of(WordingKind.RELEASE, shown.text_sha256)
    notice = wording_of(WordingKind.NOTICE, shown.notice_sha256)
    found = []
    if text is not None and text.language != shown.language:
        found.append(Problem("evidence.language", f"the text named is in {text.language}."))
    if notice is not None and notice.version != shown.notice_version:
        found.append(Problem("evidence.notice_version", f"the notice named is version {notice.version}."))
    if notice is not None and notice.language != shown.language:
        found.append(Problem("evidence.notice_sha256", f"the notice named is in {notice.language}."))
    return found


def filled(text: str, values: Mapping[str, Value]) -> str:
    """The wording with its places filled; KeyError for a place that has no value."""

    def fill(place: re.Match[str]) -> str:
        name, if_there, otherwise = place.groups()
        value = values[name]
        if if_there is None:
            return str(value)
        return str(if_there).replace("*", str(value)) if value else str(otherwise)

    return _PLACE.sub(fill, text)


def _shown(release: Release, kind: WordingKind, digest: str) -> Wording:
    found = wording_of(kind, digest)
    if found is None:
        raise NotFoundError(
            f"The {kind} text that was shown for {release.id} isn't one of this project's.",
            "Look at the paper it was signed on; its SHA-256 is in the evidence.",
        )
    return found


def _values(release: Release) -> dict[str, Value]:
    terms, shoot, shown = release.terms, release.shoot, release.evidence
    world = WORLD in terms.territory
    return {
        **{grant.value: release.grants[grant] for grant in Grant},
        "id": release.id,
        "subject": release.subject,
        "legal_name": release.legal_name,
        "birth_date": release.birth_date.isoformat(),
        "controller": release.controller,
        "supersedes": release.supersedes,
        "photographer": shoot.photographer,
        "first_day": shoot.first_day.isoformat(),
        "last_day": shoot.last_day.isoformat(),
        "shoot_name": shoot.name,
        "territory": None if world else ", ".join(terms.territory),
        "valid_from": terms.valid_from.isoformat(),
        "valid_until": terms.valid_until.isoformat() if terms.valid_until else None,
        "sublicensing": terms.sublicensing,
        "compensation": terms.compensation,
        "governing_law": terms.governing_law,
        "withdrawal_method": terms.withdrawal_method,
        "withdrawal_effect": terms.withdrawal_effect,
        "notice_version": shown.notice_version,
        "signed_at": stamp(shown.signed_at) if shown.signed_at else None,
        "method": shown.method,
        "witness": shown.witness,
    }


def _values_1(release: Release) -> dict[str, Value]:
    """Values for version 1 of the English text, some of whose words are here and not in its file."""
    terms, shown = release.terms, release.evidence
    until = "until I withdraw" if terms.valid_until is None else f"until {terms.valid_until} inclusive"
    when = "Not signed yet." if shown.signed_at is None else f"Signed at {stamp(shown.signed_at)}."
    witness = f" Witness: {shown.witness}." if shown.witness else ""
    answers = ("YES" if release.grants[grant] else "NO " for grant in Grant)
    lines = (f"[{answer}] {MEANINGS[grant]}" for answer, grant in zip(answers, Grant, strict=True))
    return _values(release) | {
        "grants": "\n".join(lines),
        "territory": ", ".join(terms.territory).replace(WORLD, "everywhere"),
        "valid_until": until,
        "sublicensing": "allowed" if terms.sublicensing else "not allowed",
        "signing": f"{when} Method: {shown.method}.{witness}\nRelease {release.id}, "
        f"subject {release.subject}.",
    }
