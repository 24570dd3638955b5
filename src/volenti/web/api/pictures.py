"""Pictures: given by other systems, and what became of each."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from volenti.users.apitoken import Scope
from volenti.web.api.operation import Asked, Call, Noun, Paged, Raw, Reply

if TYPE_CHECKING:
    from volenti.perception.finding import Finding
    from volenti.workspace.shownpicture import ShownPicture

noun = Noun("Pictures", "The pictures that were given: what was decided of each, and why.")


class PictureFinding(msgspec.Struct, frozen=True):
    """One thing that was seen while a picture was judged, and what to do about it."""

    code: str
    message: str
    remedy: str


class PictureDecision(msgspec.Struct, frozen=True):
    """What became of a picture for one purpose. `by` is "policy" or "review:NAME"."""

    purpose: str
    verdict: str
    at: str
    by: str
    policy: str
    findings: tuple[PictureFinding, ...]


class PictureFacts(msgspec.Struct, frozen=True):
    """A picture on record. `people` are those whom it belongs to, `may_show` those who may be in it while it
    is held. `files` are the names under which it was given; `last_day` is until when it waits.
    """

    id: str
    state: str
    width: int
    height: int
    caption: str
    shoot: str
    files: tuple[str, ...]
    people: tuple[str, ...]
    may_show: tuple[str, ...]
    decisions: tuple[PictureDecision, ...]
    last_day: date | None


class PictureList(msgspec.Struct, frozen=True):
    """Some pictures. `after` is where the next page begins; empty where there is none."""

    pictures: tuple[PictureFacts, ...]
    after: str = ""


class PicturesAsked(Paged, kw_only=True):
    """Which pictures are asked for."""

    state: Annotated[
        Literal["waiting", "held", "cleared", "rejected"] | msgspec.UnsetType,
        msgspec.Meta(description="Only those in this state."),
    ] = msgspec.UNSET


class PictureCounts(msgspec.Struct, frozen=True):
    """The account of all files that were given: how many there are, and in which state they are."""

    files: int
    states: dict[str, int]


PICTURE: dict[str, Any] = {
    "id": "img_5c7d2k3v5q2m7x4n6a2b",
    "state": "cleared",
    "width": 3000,
    "height": 2000,
    "caption": "a smiling woman in a blue top",
    "shoot": "spring",
    "files": ["day-1/0042.jpg"],
    "people": ["sub_k3v5q2m7x4n6a2b5c7d2"],
    "may_show": [],
    "decisions": [
        {
            "purpose": "generative-training",
            "verdict": "cleared",
            "at": "2026-11-22T20:37:00Z",
            "by": "policy",
            "policy": "6b86b273ff34fce1",
            "findings": [],
        }
    ],
    "last_day": None,
}


@noun.get(
    "/pictures",
    "listPictures",
    Scope.PICTURES_READ,
    asks=PicturesAsked,
    gives=PictureList,
    example={"pictures": [PICTURE], "after": ""},
)
def list_pictures(call: Call) -> Reply:
    """List pictures by identifier, with what was decided of each."""
    asked = call.asked
    state = None if asked.state is msgspec.UNSET else asked.state
    page = call.ws.pictures.page(state=state, after=asked.after, count=asked.count)
    return Reply(PictureList(tuple(map(_facts, page.items)), page.after), after=page.after)


@noun.get("/pictures/{picture}", "showPicture", Scope.PICTURES_READ, gives=PictureFacts, example=PICTURE)
def show_picture(call: Call) -> Reply:
    """Show what is on record of a picture: decisions with their findings, people, files."""
    return Reply(_facts(call.ws.pictures.show(call.path("picture"))))


@noun.get(
    "/pictures/{picture}/preview",
    "previewPicture",
    Scope.PICTURES_LOOK,
    gives=Raw(("image/jpeg",)),
)
def preview_picture(call: Call) -> Reply:
    """Give a small JPEG of a picture, to recognise it by. Whoever is in it can see that it was looked at."""
    name = call.path("picture")
    data = call.ws.pictures.preview(name)
    call.ws.pictures.look([name], by=call.token.id, why="other-system")
    return Reply(data)


@noun.get(
    "/account",
    "account",
    Scope.ACCOUNT_READ,
    asks=Asked,
    gives=PictureCounts,
    example={"files": 1200, "states": {"waiting": 3, "cleared": 1100, "held": 40, "rejected": 57}},
)
def account(call: Call) -> Reply:
    """Give account of all files: how many were given, and how many are in which state.

    What was cleared counts as cleared here, also where somebody took their yes back since.
    """
    states = call.ws.pictures.counts()
    return Reply(PictureCounts(sum(states.values()), states))


def _facts(found: ShownPicture) -> PictureFacts:
    return PictureFacts(
        found.id,
        found.state,
        found.width,
        found.height,
        found.caption,
        found.shoot,
        tuple(each.file for each in found.files),
        found.people,
        found.may_show,
        tuple(
            PictureDecision(
                each.purpose,
                each.verdict,
                each.at,
                each.by,
                each.policy,
                tuple(map(_finding, each.findings)),
            )
            for each in found.decisions
        ),
        found.last_day,
    )


def _finding(found: Finding) -> PictureFinding:
    return PictureFinding(found.code, found.message, found.remedy)
