"""Changes of pictures: files are taken in, and what is on record is corrected, removed, or held for the desk.

What a change would do is shown before it is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response

from volenti.clearance.looks import Why
from volenti.core.errors import UsageError, VolentiError
from volenti.web.judging import purposes
from volenti.web.pictures import note
from volenti.web.room import OFFICER, Body, Room

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.web.visit import Visit
    from volenti.workspace.uploads import TakenIn

room = Room()
#: Bytes and files of one request: with a script each file has a request of its own.
UPLOAD = Body(400 << 20, 500)
#: Pictures that are changed together, and how many of them are shown.
IMAGES_MAX, SHOWN = 5_000, 24


@room.get("/pictures/add", open_to=OFFICER)
def add_page(visit: Visit) -> Response:
    """Show where files are dropped or chosen."""
    return _add_page(visit)


@room.post("/pictures/add", open_to=OFFICER, body=UPLOAD)
def add(visit: Visit) -> Response:
    """Take in the files of a form; a script sends one at a time, and gets its outcome as JSON."""
    files = [each for each in visit.form.getlist("file") if isinstance(each, UploadFile)]
    wants_json = "application/json" in visit.request.headers.get("accept", "")
    name, caption, shoot = visit.said("name"), visit.said("caption"), visit.said("shoot").strip()
    try:
        if not any(each.filename for each in files):
            raise UsageError("There is no file.", "Choose files, or drop them.")
        outcomes = [
            (
                each.filename or "",
                visit.ws.pictures.add(
                    name or each.filename or "file", each.file.read(), caption=caption, shoot=shoot
                ),
            )
            for each in files
        ]
    except VolentiError as error:
        if wants_json:
            return _outcome(visit, "refused", error.message, error.remedy, 400)
        return _add_page(visit, shoot, problem=error)
    if wants_json:
        [(_, taken)] = outcomes
        return _outcome(visit, taken.outcome, taken.why, taken.remedy)
    return _add_page(visit, shoot, outcomes)


def _outcome(visit: Visit, outcome: str, why: str, remedy: str, status: int = 200) -> Response:
    """What became of one file, as JSON in the visitor's language."""
    said = visit.words.said
    return JSONResponse({"outcome": outcome, "why": said(why), "remedy": said(remedy)}, status)


def _add_page(
    visit: Visit,
    shoot: str = "",
    outcomes: Sequence[tuple[str, TakenIn]] | None = None,
    problem: VolentiError | None = None,
) -> Response:
    return visit.page(
        "pictures-add.html",
        400 if problem else 200,
        outcomes=outcomes,
        shoot=shoot,
        problem=problem,
        purposes=purposes(visit),
    )


@room.post("/pictures/correct", open_to=OFFICER)
def correct(visit: Visit) -> Response:
    """Ask what is to be said of pictures, show what that would change, and change it."""
    images, step = _chosen(visit), visit.said("step")
    caption = visit.said("caption") if visit.said("change_caption") else None
    shoot = visit.said("shoot") if visit.said("change_shoot") else None
    found, problem = None, None
    if step in ("look", "do"):
        try:
            if caption is None and shoot is None:
                raise UsageError("Nothing is to be changed.", "Choose the shoot or the caption.")
            found = visit.ws.pictures.amend(images, caption=caption, shoot=shoot, dry_run=step == "look")
            if step == "do":
                return visit.go(f"/pictures/{images[0]}" if len(images) == 1 else "/pictures")
        except VolentiError as error:
            problem = error
    note(visit, images[:SHOWN], Why.CORRECTION)
    now = visit.ws.pictures.show(images[0]) if len(images) == 1 else None
    return visit.page(
        "pictures-correct.html",
        400 if problem else 200,
        images=images,
        shown=images[:SHOWN],
        shoot=shoot if shoot is not None else (now.shoot if now else ""),
        caption=caption if caption is not None else (now.caption if now else ""),
        changes_shoot=shoot is not None,
        changes_caption=caption is not None,
        found=[each for each in found if each.changed] if found is not None else None,
        called_back=sum(each.called_back for each in found or ()),
        anew=sum(bool(each.decided_anew) for each in found or ()),
        stays=sum(bool(each.decided_by_a_person) for each in found or ()),
        problem=problem,
    )


@room.post("/pictures/remove", open_to=OFFICER)
def remove(visit: Visit) -> Response:
    """Show what removing pictures would take away, and remove them."""
    images, found, problem = _chosen(visit), None, None
    try:
        if visit.said("step") == "do":
            visit.ws.pictures.remove(images)
            return visit.go("/pictures")
        found = visit.ws.pictures.remove(images, dry_run=True)
    except VolentiError as error:
        problem = error
    note(visit, images[:SHOWN], Why.CORRECTION)
    return visit.page(
        "pictures-remove.html",
        400 if problem else 200,
        images=images,
        shown=images[:SHOWN],
        found=found,
        people=len({person for each in found or () for person in each.people}),
        problem=problem,
    )


@room.post("/pictures/{image}/hold", open_to=OFFICER)
def hold(visit: Visit) -> Response:
    """Hold a picture for what somebody saw in it, and go to its question at the desk."""
    assert visit.user is not None
    image = visit.path("image")
    visit.ws.review.flag(image, visit.said("code"), reviewer=visit.user.name)
    return visit.go(f"/pictures/{image}")


def _chosen(visit: Visit) -> Sequence[str]:
    """The pictures that were chosen: boxes that are checked, and what a script adds to them."""
    said = [each for each in visit.form.getlist("image") if isinstance(each, str)]
    images = list(dict.fromkeys([*said, *visit.said("images").split()]))
    if not images:
        raise UsageError("No picture is chosen.", "Choose some in the grid.")
    if len(images) > IMAGES_MAX:
        raise UsageError(f"These are more than {IMAGES_MAX:,} pictures.", "Choose fewer at once.")
    return images
