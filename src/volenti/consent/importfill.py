"""What an entry of an import may leave out while nobody has signed it, filled in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from volenti.consent.doubles import KnownPeople
from volenti.consent.names import plain_name
from volenti.consent.photofile import Place, digests_beside
from volenti.consent.release import TYPE, VERSION, Release
from volenti.consent.service import Consent
from volenti.consent.signed_release import SignedRelease
from volenti.consent.wording import WordingKind, wordings
from volenti.core import identifiers
from volenti.core.canonical import Json
from volenti.core.errors import KeyDestroyedError


class Completion:
    """Fills in what unsigned entries leave out, from who and what is known, on record and in earlier rows."""

    def __init__(self, consent: Consent, folder: Place, people: KnownPeople) -> None:
        self._consent = consent
        self._folder = folder
        self._people = people
        self._releases_of: dict[str, list[SignedRelease]] = {}

    def note(self, signed: SignedRelease) -> None:
        """Let a release of an earlier row be known."""
        self._releases_of.setdefault(signed.release.subject, []).append(signed)

    def completed(self, entry: Json) -> Json:
        """The entry, with what it may leave out while it is unsigned filled in."""
        subject, release = entry.get("subject"), entry.get("release")
        if not isinstance(subject, dict) or not isinstance(release, dict) or entry.get("signatures"):
            return entry
        subject, release = dict(subject), dict(release)
        self._name(subject, release)
        _set_default(subject, "id", lambda: identifiers.new("sub"))
        _set_default(release, "type", lambda: TYPE)
        _set_default(release, "version", lambda: VERSION)
        _set_default(release, "subject", lambda: subject["id"])
        _set_default(release, "legal_name", lambda: subject.get("legal_name"))
        _set_default(release, "birth_date", lambda: subject.get("birth_date"))
        if release["version"] == VERSION:
            _complete_parts(release)
        self._add_digests(release, entry.get("reference"))
        self._recognise(release)
        _set_default(release, "id", lambda: identifiers.new("rel"))
        return {**entry, "subject": subject, "release": release, "signatures": []}

    def _name(self, subject: Json, release: Json) -> None:
        """Where somebody of this name and birth date is known, name them as they are on record."""
        name, birth_date = str(subject.get("legal_name")), str(subject.get("birth_date"))
        known = self._people.find(name, birth_date)
        if known is None or subject.get("id") not in (None, known.id):
            return
        subject |= {"id": known.id, "legal_name": known.legal_name}
        if plain_name(str(release.get("legal_name"))) == plain_name(name):
            release["legal_name"] = known.legal_name

    def _add_digests(self, release: Json, reference: object) -> None:
        """Name the photographs that lie beside the file by their digests, where the entry names none."""
        shoot = release.get("shoot")
        names = [reference] if isinstance(reference, str) else reference
        if not isinstance(shoot, dict) or shoot.get("reference") or not isinstance(names, list):
            return
        if all(isinstance(name, str) for name in names):
            first, *further = digests_beside(self._folder, names) or [""]
            # The first version of the document names one photograph at most.
            added = {"further_references": further} if further and release["version"] == VERSION else {}
            release["shoot"] = {**shoot, "reference": first, **added}

    def _recognise(self, release: Json) -> None:
        """Name an entry as the subject's release that says the same, dated or not, where one does.

        Whose place that takes may be said there alone, because an earlier import worked it out.
        """
        if release.get("id") is not None:
            return
        for known in self._known_releases(str(release["subject"])):
            said, begins = known.release.to_json(), _beginning_as(known.release, release)
            if said["terms"] == begins:
                release["terms"] = begins
            unlike = {
                name for name in said if name not in ("id", "evidence") and said[name] != release.get(name)
            }
            if unlike <= {"supersedes"} and (not unlike or release.get("supersedes") is None):
                release |= {name: said[name] for name in ("id", *unlike)}
                return

    def _known_releases(self, subject_id: str) -> Iterator[SignedRelease]:
        yield from self._releases_of.get(subject_id, [])
        # An erased subject has no release that opens, and no row about them is imported anyway.
        with suppress(KeyDestroyedError):
            yield from self._consent.releases(subject_id)


def _beginning_as(known: Release, release: Json) -> Json | None:
    """The terms of an entry that begin on the day of signing, as they began in a draft that wasn't dated.

    None where they begin on another day, or the draft does.
    """
    terms, shown = release.get("terms"), release.get("evidence")
    if not isinstance(terms, dict) or not isinstance(shown, dict):
        return None
    day, signed_at = str(shown.get("signed_at")).partition("T")[0], known.evidence.signed_at
    is_that_day = signed_at is None or signed_at.date().isoformat() == day
    if terms.get("valid_from") != day or not is_that_day or known.terms.valid_from != known.shoot.first_day:
        return None
    return {**terms, "valid_from": known.terms.valid_from.isoformat()}


def _complete_parts(release: Json) -> None:
    """Fill in what version 2 of the document added: an empty shoot name, and the digest of its notice."""
    shoot, shown = release.get("shoot"), release.get("evidence")
    if isinstance(shoot, dict):
        release["shoot"] = {"name": "", **shoot}
    if isinstance(shown, dict):
        which = (shown.get("language"), shown.get("notice_version"))
        for each in wordings(WordingKind.NOTICE):
            if (each.language, each.version) == which:
                release["evidence"] = {"notice_sha256": each.sha256, **shown}


def _set_default(values: Json, name: str, value: Callable[[], Any]) -> None:
    if values.get(name) is None:
        values[name] = value()
