"""ShownPicture: everything that is on record of one picture, and of what came of it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from volenti.clearance.wrongclaim import given_as
from volenti.core.errors import KeyDestroyedError, NotFoundError
from volenti.core.shown import short_repr

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from volenti.clearance.decision import Decision
    from volenti.clearance.image import SeenFace
    from volenti.clearance.looks import Look
    from volenti.clearance.picturelist import ListedPicture
    from volenti.core.canonical import Json
    from volenti.datasets.snapshot import PlaceInSnapshot
    from volenti.deliveries.delivery import Delivery
    from volenti.wiring.parts import Parts


#: States of files of which nothing is kept, or which lead to the picture of another.
_NOT_KEPT = ("rejected", "unreadable", "removed", "duplicate")


@dataclass(frozen=True, slots=True)
class ShownFace:
    """A face in a picture: its box in pixels of the whole upright picture, and what became of it."""

    left: float
    top: float
    width: float
    height: float
    status: str
    subject: str | None

    __repr__ = short_repr

    @classmethod
    def of(cls, face: SeenFace, scale: float) -> ShownFace:
        """From a face that was seen. scale: pixels of the whole picture for one of its box."""
        left, top, width, height = (side * scale for side in face.box)
        return cls(left, top, width, height, face.status, face.subject)


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """Everything that is on record of one picture.

    `files` are those that gave it. `caption` and `shoot` are what counts, and `amended` names which of them
    the controller corrected. `people` are those whom it belongs to, `may_show` those who may be in it while
    it is held. `rights` are what the file states about its use. `datasets` are the places in snapshots that
    hold it, `deliveries` the exports in which it was handed out, `runs` those on such a dataset of which a
    part learned from somebody in it, and `works` counts what was drawn by parts that had. `last_day` is the
    last day on which it waits for a decision. `given_as` are those as whose it was given, where it is cleared
    and shows somebody else. `looks` are those of users at this picture, the latest first. `faces` are those
    of its first frame, `names` the legal names of the people by their identifiers.
    """

    id: str
    state: str
    caption: str
    shoot: str
    width: int
    height: int
    amended: tuple[str, ...] = ()
    files: tuple[ListedPicture, ...] = ()
    decisions: tuple[Decision, ...] = ()
    people: tuple[str, ...] = ()
    may_show: tuple[str, ...] = ()
    rights: Json | None = None
    datasets: tuple[PlaceInSnapshot, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    runs: tuple[str, ...] = ()
    works: int = 0
    last_day: date | None = None
    given_as: tuple[str, ...] = ()
    looks: tuple[Look, ...] = ()
    faces: tuple[ShownFace, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    __repr__ = short_repr


def shown(parts: Parts, image: str) -> ShownPicture:
    """Everything that is on record of a picture. Raises NotFoundError where nothing is."""
    found = on_record(parts, image)
    owners = parts.pictures.owners_of(image)
    return _with_places(parts, found, owners) if owners else found


def on_record(parts: Parts, image: str) -> ShownPicture:
    """What is on record of a picture itself, not what came of it. Raises NotFoundError where nothing is."""
    files = tuple(parts.picture_search.files_of(image))
    state = _state(files)
    known = parts.pictures.find(image)
    if known is None:
        if not files:
            raise NotFoundError(f"There is no picture {image!r}.", "Find it: volenti picture find WORDS")
        return ShownPicture(image, state, "", "", 0, 0, files=files)
    owners = parts.pictures.owners_of(image)
    described = parts.folders.described(known, owners)
    return ShownPicture(
        image,
        state,
        described.caption,
        described.shoot,
        known.width,
        known.height,
        known.amended,
        files,
        tuple(parts.review.decisions(image)),
        files[0].people,
        tuple(name for name in sorted(known.mentioned) if known.may_show(name)),
        known.rights,
        last_day=parts.quarantine.last_day(known),
        given_as=given_as(parts.records, image),
        looks=tuple(parts.looks.at(image)),
        faces=tuple(ShownFace.of(each, known.scale) for each in known.faces if each.frame == 0),
        names=_names(parts, {*files[0].people, *filter(known.may_show, known.mentioned)}),
    )


def _state(files: Sequence[ListedPicture]) -> str:
    """The picture's state: that of the file that gave what is kept, whatever became of one before it."""
    states = [each.state for each in files]
    return next((each for each in states if each not in _NOT_KEPT), states[0] if states else "")


def _names(parts: Parts, people: Iterable[str]) -> dict[str, str]:
    """The legal names of people; those who are being erased are left out."""
    found = {}
    for each in sorted(people):
        with suppress(NotFoundError, KeyDestroyedError):
            found[each] = parts.consent.subject(each).legal_name
    return found


def _with_places(parts: Parts, found: ShownPicture, owners: Sequence[str]) -> ShownPicture:
    """The picture with the datasets that hold it, and what came of these. owners: whose it is."""
    places = parts.places_of_picture(found.id, owners)
    snapshots = {place.snapshot for place in places}
    delivered = [
        delivery
        for place in places
        for delivery in parts.exports.deliveries(place.snapshot)
        if place.position not in delivery.left_out
    ]
    runs = [
        run.id
        for run in parts.training.runs()
        if run.snapshot in snapshots
        and any(parts.training.model_store.affected(owner, run.id) for owner in owners)
    ]
    learned = {part.run for owner in owners for part in parts.external_runs.parts_of(owner)}
    runs += [run.id for run in parts.external_runs.runs() if run.snapshot in snapshots and run.id in learned]
    works = {work for owner in owners for work in parts.ledger.drawn_by_learners_of(owner)} if runs else ()
    return replace(
        found,
        datasets=tuple(sorted(places, key=lambda each: (each.snapshot, each.position))),
        deliveries=tuple(delivered),
        runs=tuple(runs),
        works=len(works),
    )
