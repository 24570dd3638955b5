"""The contact sheet: every file of the inbox, small, with boxes around faces and its verdict.

Pictures come from the inbox, which is the user's own folder, because the workspace keeps no
pixel of a rejected picture. For the same reason faces in rejected pictures are detected again
here. The pictures of the erased person are taken off the sheet.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PIL import Image as Pillow

from volenti.clearance.account import Account, FileAccount
from volenti.clearance.decision import ORDER
from volenti.clearance.pictures import Pictures
from volenti.demo.inbox import Given
from volenti.perception.files.picture import Picture, open_picture
from volenti.perception.sight.faces import FaceDetector

#: Height in pixels of a picture on the sheet, and of one shown large.
SMALL, LARGE = 84, 224


@dataclass(frozen=True, slots=True)
class Box:
    """A face, in per cent of the picture's width and height; `status` gives its colour."""

    left: float
    top: float
    width: float
    height: float
    status: str


@dataclass(frozen=True, slots=True)
class Tile:
    """One file. `jpeg` is empty where there is no picture; `gone` says that it showed the erased person."""

    file: str
    verdict: str
    codes: tuple[str, ...]
    message: str = ""
    remedy: str = ""
    trap: str = ""
    people: tuple[str, ...] = ()
    aspect: float = 1.0
    boxes: tuple[Box, ...] = ()
    jpeg: bytes = b""
    gone: bool = False

    def without(self, person: str) -> Tile:
        """The tile once a person was erased: without picture and names, if it showed them."""
        if person not in self.people:
            return self
        return replace(self, file="", people=(), boxes=(), jpeg=b"", gone=True)


def tiles(given: Sequence[Given], account: Account, pictures: Pictures, detector: FaceDetector) -> list[Tile]:
    """A tile for every file, in the order of their names."""
    by_name = {each.name: each for each in given}
    files = sorted(account.files, key=lambda each: each.file)
    return [_tile(by_name[each.file], each, pictures, detector) for each in files]


def _tile(given: Given, account: FileAccount, pictures: Pictures, detector: FaceDetector) -> Tile:
    telling = max(account.findings, key=lambda finding: ORDER.index(finding.verdict), default=None)
    tile = Tile(
        given.name,
        account.verdict,
        tuple(finding.code for finding in account.findings),
        telling.message if telling else "",
        telling.remedy if telling else "",
        given.trap,
        given.people,
    )
    picture = open_picture(given.data)
    if not isinstance(picture, Picture):
        return tile
    known = pictures.find(account.image) if account.image else None
    boxes = [(face.box, face.status) for face in known.faces] if known else []
    if account.verdict == "rejected":
        # The workspace keeps why a picture was rejected, and not where its faces are.
        boxes = [(face.box, "refused") for face in detector.faces(picture.rgb)]
    width, height = picture.width, picture.height
    image = Pillow.fromarray(picture.rgb)
    image.thumbnail((LARGE * 2, LARGE if given.trap else SMALL), Pillow.Resampling.LANCZOS)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=78)
    scaled = tuple(_box(box, width, height, status) for box, status in boxes)
    return replace(tile, aspect=round(width / height, 4), boxes=scaled, jpeg=out.getvalue())


def _box(box: tuple[float, float, float, float], width: int, height: int, status: str) -> Box:
    """A box in pixels as per cent of the picture."""
    sides = (box[0] / width, box[1] / height, box[2] / width, box[3] / height)
    left, top, wide, high = (round(100 * side, 2) for side in sides)
    return Box(left, top, wide, high, status)
