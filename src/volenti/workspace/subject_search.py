"""Finding people and seeing who they are: the verbs of subjects that look for somebody."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from volenti.core.errors import KeyDestroyedError, NotFoundError
from volenti.workspace.noun import Noun
from volenti.workspace.subject_records import SubjectOnRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from volenti.consent.subject import Subject
    from volenti.workspace.browsing import PeoplePage


class SubjectSearch(Noun):
    """The verbs of subjects that look for somebody."""

    def show_references(self, subject: str, suffix: str = ".jpg") -> bytes:
        """Draw the faces by which somebody is enrolled on one sheet, cut out of their reference photographs.

        subject: their identifier. suffix: .jpg or .png. A photograph that wasn't looked at yet (`clear` does)
        is drawn whole, one that isn't a picture as a blank frame. Returns the sheet as a file's bytes. It
        isn't erased with them: whoever writes it down deletes it. Raises NotFoundError where there is no such
        person, or no photograph of theirs is here.

        Example:
            ws.subjects.show_references("sub_ada", ".png")
        """
        self._parts.consent.subject(subject)
        return self._parts.gallery.exhibit(subject, suffix)

    def show_reference(self, subject: str, digest: str) -> bytes:
        """Draw one reference photograph of somebody, cut out around the face where one was seen: a JPEG.

        It isn't erased with them: whoever writes it down deletes it. subject: their identifier. digest: the
        photograph's SHA-256, as `show(subject).references` has it. Raises NotFoundError where there is no
        such person, or no such photograph of theirs is here.

        Example:
            ws.subjects.show_reference("sub_ada", ws.subjects.show("sub_ada").references[0].digest)
        """
        from volenti.clearance.referencepicture import picture_of

        self._parts.consent.subject(subject)
        photos = {each.digest: each for each in self._parts.consent.references(subject)}
        if digest not in photos:
            raise NotFoundError(
                "There is no such photograph of theirs.", "See what is there: volenti subject show SUBJECT"
            )
        seen = {each.digest: each.box for each in self._parts.gallery.seen(subject)}
        return picture_of(self._parts.consent.open_reference(photos[digest]), seen.get(digest))

    def find(self, words: str) -> Sequence[SubjectOnRecord]:
        """Find people by name, pseudonym, contact, guardian or identifier, with the state of their releases.

        words: all of them stand in one of these or in several, in any order; names are compared without
        regard to case, white space and how Unicode writes them. An empty text finds nobody.

        Example:
            ws.subjects.find("ada exa")
        """
        if not words.strip():
            return []
        consent, directory = self._parts.consent, self._parts.directory
        found = sorted(each.id for each in directory.find(self._parts.records, consent, words))
        return self._on_record(self._there(found))

    def browse(self, words: str = "", *, count: int = 50, page: int = 1) -> PeoplePage:
        """Find people, by name, one page of them: with 10,000 people it takes no longer than with ten.

        words: as `find` takes them; an empty text finds everybody. count: how many people a page has. page:
        which page, from 1 on; after the last one comes none. What is searched is in this process's memory:
        the first call reads everybody's name. Raises UsageError where count or page can't be.

        Example:
            ws.subjects.browse("ada").people
        """
        from volenti.workspace.browsing import PeoplePage, cut

        parts = self._parts
        found = [each.id for each in parts.directory.find(parts.records, parts.consent, words)]
        names, at, pages = cut(found, count, page)
        return PeoplePage(tuple(self._on_record(self._there(names))), len(found), at, pages)

    def _there(self, identifiers: Iterable[str]) -> Iterable[Subject]:
        """Those of the people who can be read now."""
        for each in identifiers:
            with suppress(NotFoundError, KeyDestroyedError):
                yield self._parts.consent.subject(each)

    def _on_record(self, people: Iterable[Subject]) -> Sequence[SubjectOnRecord]:
        from volenti.clearance.lookalikes import LookAlikes

        consent = self._parts.consent
        restricted = consent.restricted()
        alike: dict[str, tuple[str, ...]] = {}
        for one, other in LookAlikes(self._parts.records, consent).all():
            alike[one] = (*alike.get(one, ()), other)
            alike[other] = (*alike.get(other, ()), one)
        return [
            SubjectOnRecord(each, consent.standings(each), each.id in restricted, alike.get(each.id, ()))
            for each in people
        ]
