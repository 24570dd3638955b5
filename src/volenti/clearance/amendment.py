"""Amendment: the controller corrects what is said of a picture, its caption or the shoot that it is from.

What a file said stays in the file's row. What was amended is kept with the picture, and counts whatever its
files say, also files that are given later. Datasets that were cut before keep the captions that they were cut
with. A release may cover the pictures of one shoot alone, so where the shoot changes, the next `clear`
decides anew what a policy decided. What a person decided stays. Reading the pictures, and serving what
learned from them, ask for the releases of the new shoot.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from volenti.clearance.decision import AMENDED, DECIDED_BY_A_PERSON, UNDECIDED, UNJUDGED
from volenti.clearance.image import Image
from volenti.core.canonical import Json
from volenti.core.codec import encoded
from volenti.core.errors import ConflictError, UsageError
from volenti.core.logs import Logger
from volenti.vault.event_log import Event, EventLog
from volenti.vault.records import Record, Records
from volenti.vault.trial import trial

if TYPE_CHECKING:
    from volenti.clearance.folders import Folders

_log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class Amendment:
    """What is to be said of a picture from now on; None where that stays as it is."""

    caption: str | None = None
    shoot: str | None = None

    def __post_init__(self) -> None:
        if self.caption is None and self.shoot is None:
            raise UsageError("Nothing is to be amended.", "Give --caption, --shoot, or both.")

    def given(self) -> dict[str, str]:
        """What is to be said, by field."""
        said = {"caption": self.caption, "shoot": self.shoot}
        return {name: each.strip() for name, each in said.items() if each is not None}


@dataclass(frozen=True, slots=True)
class Amended:
    """One picture as it was and as it is: `before` and `after` are caption and shoot, by name.

    `amended` names what is said of it by the controller's word since. `decided_anew` are the purposes for
    which the next `clear` decides anew; `decided_by_a_person` those for which somebody decided in review,
    which stays. `called_back` counts delivered samples of the picture that nothing covers from then on.
    """

    id: str
    before: Mapping[str, str]
    after: Mapping[str, str]
    amended: tuple[str, ...] = ()
    decided_anew: tuple[str, ...] = ()
    decided_by_a_person: tuple[str, ...] = ()
    called_back: int = 0

    def __repr__(self) -> str:
        return f"Amended({self.id!r}, changed={self.changed})"

    @property
    def changed(self) -> bool:
        """Whether anything was amended that hadn't been amended so before."""
        return bool(self.amended)


class Amendments:
    """Amends pictures, several at once: all of them, or none."""

    def __init__(
        self,
        records: Records,
        events: EventLog,
        folders: Folders,
        uncovered: Callable[[Collection[str]], Mapping[str, int]],
        shoots_changed: Callable[[Collection[str]], None],
    ) -> None:
        """uncovered: how many delivered samples of these people's nothing covers, by picture.

        shoots_changed: is called with those of whose pictures the shoot changed, before that is kept.
        """
        self._records = records
        self._uncovered = uncovered
        self._shoots_changed = shoots_changed
        self._events = events
        self._folders = folders

    def amend(self, amendments: Mapping[str, Amendment], *, dry_run: bool = False) -> list[Amended]:
        """Amend pictures, by their identifiers; returns what was and what is said of each.

        dry_run: change nothing, and return what would be. Raises NotFoundError where there is no such
        picture, ConflictError where nothing of one is kept.
        """
        with trial(self._records) if dry_run else self._records.transaction():
            found = [self._amended(name, each) for name, each in amendments.items()]
            self._records.put_all([row for _, rows, _ in found for row in rows])
            changed = sorted(
                {owner for each, rows, _ in found if "shoot" in each.amended for owner in rows[0].owners}
            )
            uncovered = self._uncovered(changed)
            if not dry_run:
                self._events.record_all([event for _, _, events in found for event in events])
                self._shoots_changed(changed)
        amended = [replace(each, called_back=uncovered.get(each.id, 0)) for each, _, _ in found]
        if not dry_run:
            _log.info("pictures amended", pictures=sum(each.changed for each in amended))
        return amended

    def _amended(self, name: str, amendment: Amendment) -> tuple[Amended, list[Record], list[Event]]:
        """What an amendment makes of a picture, with the rows and events to be written."""
        record = self._records.require("image", name)
        image = Image.read(name, record.body)
        if image.original is None:
            raise ConflictError(
                f"{name} was rejected, and nothing of it is kept that could be amended.",
                "Add its file again: volenti add FILE --shoot SHOOT",
            )
        shown = self._folders.described(image, record.owners)
        before = {"caption": shown.caption, "shoot": shown.shoot}
        said = amendment.given()
        after = {**before, **said}
        # What a file says may be gone tomorrow, with the person whose folder it lies in. So also what a file
        # says just so is amended; only what was amended so before is not.
        own = {"caption": image.caption, "shoot": image.shoot}
        changed = {each: said[each] for each in said if each not in image.amended or said[each] != own[each]}
        if not changed:
            return Amended(name, before, after), [], []
        names = tuple(sorted({*image.amended, *changed}))
        amended = replace(
            image,
            caption=changed.get("caption", image.caption),
            shoot=changed.get("shoot", image.shoot),
            amended=names,
        )
        rows = [replace(record, body=encoded(amended))]
        anew: list[str] = []
        by_a_person: list[str] = []
        if "shoot" in changed:
            for each in self._records.find("decision", parent=name):
                if each.position == DECIDED_BY_A_PERSON:
                    by_a_person.append(each.body["purpose"])
                else:
                    anew.append(each.body["purpose"])
                    rows.append(_undecided(each))
        event = Event("picture-amended", {"image": name, **changed}, record.owners, name)
        return Amended(name, before, after, tuple(changed), tuple(anew), tuple(by_a_person)), rows, [event]


def _undecided(decision: Record) -> Record:
    """The decision's row, marked so that the next `clear` makes it anew."""
    since = dict.fromkeys([*decision.body.get(UNJUDGED, ()), AMENDED])
    body: Json = {**decision.body, UNJUDGED: list(since)}
    return replace(decision, body=body, position=UNDECIDED)
