"""The reference photographs of an import's rows, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence

from volenti.consent.document import Problem
from volenti.consent.photofile import File, content_of, photo_in
from volenti.consent.reference import ACCEPT, COMPARED_MAX
from volenti.consent.release import Release
from volenti.consent.service import Consent
from volenti.core.errors import NotFoundError


class RowPhotos:
    """Looks at each row's photographs, beside those of the same person in earlier rows.

    accept: whether doubtful photographs are taken.
    """

    def __init__(self, consent: Consent, *, accept: bool) -> None:
        self._consent = consent
        self._accept = accept
        self._photos_of: dict[str, list[File]] = {}
        self._rows: dict[str, tuple[str, str]] = {}
        self._given: dict[str, set[File]] = {}

    def others(self, row: int, release: Release) -> list[Problem]:
        """That a row's release names a photograph which somebody else's names, here or in a row above."""
        named = release.shoot.references
        above = [self._rows.setdefault(each, (release.subject, f"row {row}")) for each in named]
        others = [place for subject, place in above if subject != release.subject]
        who = ", ".join(dict.fromkeys([*self._consent.others_with(named, release.subject), *others]))
        told = (
            f"is the photograph of another record, too: {who}. If they are one person, name them by one "
            "identifier; if they are two, give each a photograph of their own, or say --another-person."
        )
        return [Problem("reference", told)] if who else []

    def look_at(self, photos: Sequence[File], release: Release) -> list[tuple[Problem, bool]]:
        """Every flaw of the photographs of a row's release, and whether it keeps the file out.

        One that doesn't is accepted by the import, and wasn't accepted before.
        """
        earlier = self._photos_of.setdefault(release.subject, [])
        given, beside = map(photo_in, photos), [content_of(photo) for photo in earlier[-COMPARED_MAX:]]
        seen = self._consent.flaws_of(list(given), release.subject, release.id, beside)
        earlier.extend(photos)
        found = []
        for photo, flaws in seen:
            for flaw in flaws:
                is_fatal = flaw.is_grave or not self._accept
                remedy = flaw.remedy if flaw.is_grave else f"{flaw.remedy} {ACCEPT}"
                what = remedy if is_fatal else "It is taken all the same."
                found.append((Problem("reference", f"{photo.name} {flaw.message} {what}"), is_fatal))
        return found

    def are_gained(self, photos: Sequence[File], release_id: str, *, flawed: bool) -> bool:
        """Whether a release gets something by a row's photographs that it hasn't, here or by a row above.

        flawed: whether doubtful ones are accepted by it now.
        """
        above = self._given.setdefault(release_id, set())
        new = set(photos) - above
        above |= new
        return bool(new) and (flawed or self._lacks(release_id))

    def _lacks(self, release_id: str) -> bool:
        try:
            return self._consent.lacks_reference(release_id)
        except NotFoundError:
            return True  # it comes with this file
