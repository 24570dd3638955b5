"""Deadlines: everything that is due, by day, whatever it is about.

A deadline names people, releases, requests and deliveries by their identifiers and nothing else, so that a
list of them may lie in somebody's calendar.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from volenti.consent.due import DueEvent, due
from volenti.core.amounts import counted
from volenti.core.clock import moment
from volenti.core.digest import sha256
from volenti.core.icalendar import Entry
from volenti.core.shown import short_repr

if TYPE_CHECKING:
    from volenti.clearance.pictures import Pictures
    from volenti.clearance.quarantine import Quarantine
    from volenti.consent.due import Due
    from volenti.consent.release_entry import ReleaseEntry
    from volenti.consent.service import Consent
    from volenti.core.clock import Clock
    from volenti.datasets.service import Datasets
    from volenti.deliveries.feed import Feed
    from volenti.requests.inquiry import Inquiries
    from volenti.requests.retention import Retention
    from volenti.requests.service import Requests


class Matter(StrEnum):
    """What is due."""

    REQUEST = "request"
    INQUIRY = "inquiry"
    ACKNOWLEDGEMENT = "acknowledgement"
    RELEASE_ENDS = "release-ends"
    OF_AGE = "of-age"
    PICTURES_DROPPED = "pictures-dropped"
    RETENTION_ENDS = "retention-ends"
    MIRROR = "mirror"


@dataclass(frozen=True, slots=True)
class Deadline:
    """One thing that is due: until when, what, about what, and the command that settles it.

    `about` is the identifier of a request, a release or a delivery, or a day of quarantine. `is_overdue` says
    that the day is over, and that somebody should have done something by then. `uid` is what a calendar knows
    the matter by.
    """

    day: date
    matter: Matter
    about: str
    text: str
    remedy: str
    is_overdue: bool = False
    uid: str = ""

    __repr__ = short_repr

    @property
    def entry(self) -> Entry:
        """The deadline as an entry of a calendar."""
        return Entry(self.uid, self.day, self.text, self.remedy)


class Deadlines:
    """Finds what is due."""

    def __init__(
        self,
        requests: Requests,
        inquiries: Inquiries,
        retention: Retention,
        consent: Consent,
        feed: Feed,
        quarantine: Quarantine,
        pictures: Pictures,
        datasets: Datasets,
        clock: Clock,
        origin: str,
        releases: Callable[[], Iterable[ReleaseEntry]],
    ) -> None:
        """origin: the name of the workspace's log, which tells its matters from another workspace's.

        releases: everybody's.
        """
        self._releases = releases
        self._requests = requests
        self._inquiries = inquiries
        self._retention = retention
        self._consent = consent
        self._feed = feed
        self._quarantine = quarantine
        self._pictures = pictures
        self._datasets = datasets
        self._clock = clock
        self._origin = origin

    def due(self, days: int) -> list[Deadline]:
        """What is due from today on within so many days, and what is overdue; by day."""
        until = self._consent.today + timedelta(days=days)
        found = [
            *self._of_requests(),
            *self._of_inquiries(),
            *self._of_recipients(),
            *self._of_releases(days),
            *self._of_quarantine(),
            *self._of_retention(),
        ]
        return sorted((each for each in found if each.day <= until), key=_in_order)

    def deadline(
        self, day: date, matter: Matter, about: str, text: str, remedy: str, *, is_overdue: bool = False
    ) -> Deadline:
        """A deadline of this workspace."""
        uid = sha256(f"{self._origin}\n{matter}\n{about}".encode())[:32]
        return Deadline(day, matter, about, text, remedy, is_overdue, f"{uid}@volenti")

    def _of_requests(self) -> Iterator[Deadline]:
        now = self._clock()
        for each in self._requests.unfinished():
            if each.kind == "restriction" and each.state == "in-force":
                continue  # it was answered by coming into force; it ends when whoever asked is told so
            yield self.deadline(
                moment(each.due).date(),
                Matter.REQUEST,
                each.id,
                f"Request for {each.kind}, {each.state}: {each.id}",
                f"volenti request show {each.id}",
                is_overdue=each.is_overdue(now),
            )

    def _of_inquiries(self) -> Iterator[Deadline]:
        for each in self._inquiries.all(waiting=True):
            yield self.deadline(
                moment(each.due).date(),
                Matter.INQUIRY,
                each.id,
                f"Somebody asks whether they are in there: {each.id}",
                f"volenti request inquiry {each.id}",
            )

    def _of_recipients(self) -> Iterator[Deadline]:
        now = self._clock()
        for each in self._feed.notices():
            if each.due:
                delivery = each.delivery
                yield self.deadline(
                    moment(each.due).date(),
                    Matter.ACKNOWLEDGEMENT,
                    delivery.id,
                    f"{counted(each.open, 'sample')} of {delivery.snapshot} called back from {delivery.id}, "
                    "not acknowledged",
                    "volenti feed list --overdue",
                    is_overdue=each.is_overdue(now),
                )

    def _of_releases(self, days: int) -> Iterator[Deadline]:
        for each in due(self._releases(), self._consent.today, days):
            what = (
                "ends" if each.event is DueEvent.ENDS else "was signed by a guardian; its subject is of age"
            )
            yield self.deadline(
                each.day,
                Matter.RELEASE_ENDS if each.event is DueEvent.ENDS else Matter.OF_AGE,
                each.release,
                f"Release {each.release} of {each.subject} {what}{self._touches(each)}",
                f"volenti release amend {each.release}",
            )

    def _touches(self, each: Due) -> str:
        """How many pictures of theirs there are, and which datasets hold some."""
        pictures = self._pictures.count_of(each.subject)
        datasets = sorted({place.snapshot for place in self._datasets.places_of(each.subject)})
        held = f", in {', '.join(datasets)}" if datasets else ""
        return f": {counted(pictures, 'picture')}{held}"

    def _of_quarantine(self) -> Iterator[Deadline]:
        for last_day, count in self._quarantine.last_days():
            yield self.deadline(
                last_day,
                Matter.PICTURES_DROPPED,
                last_day.isoformat(),
                f"Last day to decide {counted(count, 'picture')}; then dropped",
                "volenti review list",
            )

    def _of_retention(self) -> Iterator[Deadline]:
        today = self._consent.today
        for request, until in self._retention.ends():
            yield self.deadline(
                until,
                Matter.RETENTION_ENDS,
                request,
                f"Last day of what is kept for {request}; then deleted",
                "volenti clear --purpose PURPOSE deletes what is over",
                is_overdue=until < today,
            )


def _in_order(each: Deadline) -> tuple[date, str, str]:
    return each.day, each.matter, each.about
