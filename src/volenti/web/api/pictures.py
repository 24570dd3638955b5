"""Pictures: given by other systems, and what became of each."""

from __future__ import annotations

from datetime import date
from email.message import Message
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from volenti.core.digest import sha256
from volenti.core.errors import ConflictError, IntegrityError
from volenti.perception.files.formats import signature, suffix_of
from volenti.users.apitoken import Scope
from volenti.web.api.operation import Asked, Call, Identifier, Noun, Paged, Raw, Reply, Text
from volenti.web.api.problem import NOT_A_PICTURE, ProblemError

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


class PictureGiven(Asked, kw_only=True):
    """Whom a picture that is given shows."""

    subject: Annotated[
        Identifier | msgspec.UnsetType,
        msgspec.Meta(description="Who is in it: a hint for recognising them, which clears nothing."),
    ] = msgspec.UNSET


class PictureChange(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What is to be corrected of a picture. What isn't given stays."""

    caption: Text | msgspec.UnsetType = msgspec.UNSET
    shoot: Text | msgspec.UnsetType = msgspec.UNSET


#: Types of files that are taken, and the format that their bytes have to be.
_TYPES = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/tiff": "TIFF",
    "image/gif": "GIF",
    "image/bmp": "BMP",
    "image/avif": "AVIF",
}
#: Bytes of a file that is taken; larger ones are given with `volenti add`.
_BYTES_MAX = 64 << 20
_NAME_MAX = 255
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


@noun.post(
    "/pictures",
    "addPicture",
    Scope.PICTURES_WRITE,
    asks=PictureGiven,
    takes=Raw(tuple(_TYPES), _BYTES_MAX),
    gives=PictureFacts,
    status=201,
    example={**PICTURE, "state": "waiting", "caption": "", "shoot": "", "people": [], "decisions": []},
    is_repeatable=True,
)
def add_picture(call: Call) -> Reply:
    """Give a picture: the file's bytes are the body. It is sealed at once, and waits to be judged.

    The file's name may be said in the header Content-Disposition, its caption and shoot by PATCH: they may
    name somebody, so they don't stand in the address. Giving the same bytes again changes nothing.
    """
    data, said = call.taken, call.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if signature(data) != _TYPES.get(said):
        raise ProblemError(
            422,
            f"The bytes aren't those of a file of the type {said}.",
            code=NOT_A_PICTURE,
            remedy="Send the file as it is, under its own type.",
        )
    named = _file_name(call.request.headers.get("content-disposition", ""))
    name = named or sha256(data)[:16] + suffix_of(data)
    subjects = [] if call.asked.subject is msgspec.UNSET else [call.asked.subject]
    taken = call.ws.pictures.add(name, data, subjects=subjects)
    if not taken.image:
        said = taken.why or "By its name this isn't taken for a picture."
        raise ProblemError(422, said, code=NOT_A_PICTURE, remedy=taken.remedy or "Give it another name.")
    return Reply(_facts(call.ws.pictures.show(taken.image)), place=f"/pictures/{taken.image}")


@noun.get("/pictures/{picture}", "showPicture", Scope.PICTURES_READ, gives=PictureFacts, example=PICTURE)
def show_picture(call: Call) -> Reply:
    """Show what is on record of a picture: decisions with their findings, people, files."""
    return Reply(_facts(call.ws.pictures.show(call.path("picture"))))


@noun.patch(
    "/pictures/{picture}",
    "amendPicture",
    Scope.PICTURES_WRITE,
    takes=PictureChange,
    gives=PictureFacts,
    example=PICTURE,
    example_taken={"shoot": "spring"},
    current=show_picture,
)
def amend_picture(call: Call) -> Reply:
    """Correct the caption or the shoot of a picture, whatever its files say; an empty text takes it out."""
    said = {
        name: value
        for name in PictureChange.__struct_fields__
        if (value := getattr(call.taken, name)) is not msgspec.UNSET
    }
    if said:
        call.ws.pictures.amend([call.path("picture")], **said)
    return show_picture(call)


@noun.get(
    "/pictures/{picture}/preview",
    "previewPicture",
    Scope.PICTURES_LOOK,
    gives=Raw(("image/jpeg",)),
)
def preview_picture(call: Call) -> Reply:
    """Give a small JPEG of a picture, to recognise it by. Whoever is in it can see that it was looked at."""
    name = call.path("picture")
    try:
        data = call.ws.pictures.preview(name)
    except IntegrityError as error:
        # Anybody may have given bytes that make no picture: that is no failure of the server.
        raise ConflictError(
            "Its bytes make no picture that can be shown.", "See what is on record."
        ) from error
    call.ws.pictures.look([name], by=call.token.id, why="other-system")
    return Reply(data)


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


def _file_name(disposition: str) -> str:
    """The name that a Content-Disposition header has for a file (RFC 6266); empty where it has none."""
    message = Message()
    message["content-disposition"] = disposition
    name = message.get_filename() or ""
    return name if len(name) <= _NAME_MAX and name.isprintable() else ""


def _finding(found: Finding) -> PictureFinding:
    return PictureFinding(found.code, found.message, found.remedy)
