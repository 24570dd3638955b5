"""Paging: a list so many at a time, for whoever can't take all of it at once, such as the HTTP API."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from volenti.core.errors import KeyDestroyedError
from volenti.core.shown import short_repr
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from volenti.consent.onrecord import ReleaseOnRecord
    from volenti.consent.subject import Subject
    from volenti.requests.request import Request
    from volenti.workspace.shownpicture import ShownPicture
    from volenti.workspace.subject_records import SubjectOnRecord

T = TypeVar("T")
#: How many a page has where nothing else is said.
COUNT = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of a list. `after` is where the next page begins; empty where there is none.

    What is added or removed between two pages moves nothing from one page to another.
    """

    items: tuple[T, ...]
    after: str

    __repr__ = short_repr


def _page(found: Sequence[tuple[str, str]], count: int, opened: Callable[[str], T]) -> Page[T]:
    """A page of what was found, opened; whoever is erased at this moment is left out.

    found: one more than the page has, where there is a next page.
    """
    items = []
    for _, name in found[:count]:
        with suppress(KeyDestroyedError):
            items.append(opened(name))
    return Page(tuple(items), found[count - 1][0] if len(found) > count else "")


class SubjectPages(Noun):
    """The verb of subjects that lists them page by page."""

    def page(self, *, after: str = "", count: int = COUNT) -> Page[SubjectOnRecord]:
        """List people on record page by page, in an order that stays the same.

        after: where the page begins, as the page before says it. count: how many it has.

        Example:
            ws.subjects.page(count=100).items
        """
        from volenti.consent.paging import subjects_after

        found = subjects_after(self._parts.records, after, count + 1)
        page = _page(found, count, self._parts.consent.subject)
        return Page(tuple(self._on_record(page.items)), page.after)

    def on_record(self, subject: str) -> SubjectOnRecord:
        """One person, as `list` has them: without everything that is held of them, which `show` looks up.

        subject: their identifier. Raises NotFoundError where there is no such person, KeyDestroyedError
        where they were erased.

        Example:
            ws.subjects.on_record("sub_ada").releases
        """
        return self._on_record([self._parts.consent.subject(subject)])[0]

    def _on_record(self, people: Iterable[Subject]) -> Sequence[SubjectOnRecord]:
        raise NotImplementedError


class ReleasePages(Noun):
    """The verb of releases that lists them page by page."""

    def page(self, *, after: str = "", count: int = COUNT) -> Page[ReleaseOnRecord]:
        """List releases page by page, by identifier.

        after: where the page begins, as the page before says it. count: how many it has.

        Example:
            ws.releases.page(count=100).items
        """
        from volenti.consent.paging import releases_after

        found = releases_after(self._parts.records, after, count + 1)
        return _page(found, count, self._parts.consent.on_record)


class PicturePages(Noun):
    """The verb of pictures that lists them page by page."""

    def page(self, *, state: str | None = None, after: str = "", count: int = COUNT) -> Page[ShownPicture]:
        """List pictures page by page, by identifier, as `show` has each without where it went.

        state: waiting, held, cleared or rejected. after: where the page begins, as the page before says it.
        count: how many it has. Whether what was cleared is covered today, `find` says.

        Example:
            ws.pictures.page(state="held").items
        """
        from volenti.workspace.shownpicture import on_record

        found = [(each, each) for each in self._parts.pictures.after(after, count + 1, state)]
        return _page(found, count, lambda name: on_record(self._parts, name))

    def counts(self) -> dict[str, int]:
        """Count the files that were given by the state that is on record, without opening any.

        What was cleared counts as cleared, also where somebody took their yes back since: `find` and `status`
        ask the releases of today.

        Example:
            ws.pictures.counts()["held"]
        """
        from volenti.clearance.account import STATES

        found = {each: self._parts.pictures.count_files(each) for each in STATES}
        return {each: number for each, number in found.items() if number}


class RequestPages(Noun):
    """The verb of requests that lists them page by page."""

    def page(self, *, after: str = "", count: int = COUNT) -> Page[Request]:
        """List requests page by page, by identifier.

        after: where the page begins, as the page before says it. count: how many it has.

        Example:
            ws.requests.page(count=100).items
        """
        requests = self._parts.requests
        found = [(each, each) for each in requests.after(after, count + 1)]
        return _page(found, count, requests.find)
