"""A stranger half hidden beside somebody with a release: bench/out/hidden.json and a table.

    python bench/hidden.py                 # some ten minutes of a core
    python bench/hidden.py --every 6       # a sixth of the pictures

Pictures are put together of the photographs of ../shared/data/wild: on the right one that alone is cleared,
of somebody who is enrolled by three references among 300 people; on the left a stranger with one clear face,
of which a share is hidden as KINDS says. Nothing is kept of them. For each kind:

noticed   a face, or a figure, touches what is seen of the stranger's face
held      by a policy that holds pictures with bystanders (generative-training)
wrong     cleared by that policy: nobody noticed the stranger
redacted  cleared by a policy that redacts (non-generative-training), where somebody was noticed
left      the largest share of what is seen of the stranger's face that isn't filled, of those that are
          redacted; and in how many it is more than a tenth
again     redacted pictures in which the detector still finds something that touches the stranger's face
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from common.templates import OUT, SHARED
from wild import ANALYZER, PEOPLE, Gate, Photo, image_of, judged, looked_at, png

from volenti.adapters.matcher.exact import ExactMatcher
from volenti.clearance.judgement import Judgement
from volenti.clearance.policyfile import find_policy
from volenti.core.canonical import Json
from volenti.perception.files.picture import Picture, open_picture
from volenti.perception.files.pixels import Rgb
from volenti.perception.sight.redaction import RedactionError, redacted

Box = tuple[float, float, float, float]

#: More than this share of a stranger's face left after redaction is counted.
LEFT_MAX = 0.1


@dataclass(frozen=True, slots=True)
class Composite:
    """A picture put together, and the box of what is seen of the stranger's face in it."""

    rgb: Rgb
    face: Box


def whole(stranger: Rgb, face: Box, beside: Rgb, share: float) -> Composite:
    """The stranger's picture beside the other."""
    return Composite(np.hstack([stranger, beside]), face)


def behind(stranger: Rgb, face: Box, beside: Rgb, share: float) -> Composite:
    """The other's picture over the right side of the stranger's face, so that a share of it is left."""
    left, top, width, height = face
    at = round(left + width * share)
    return Composite(np.hstack([stranger[:, :at], beside]), (left, top, at - left, height))


def cut(stranger: Rgb, face: Box, beside: Rgb, share: float) -> Composite:
    """The stranger's face cut by the picture's left edge, so that a share of it is left."""
    left, top, width, height = face
    at = round(left + width * (1 - share))
    return Composite(np.hstack([stranger[:, at:], beside]), (0, top, left + width - at, height))


def masked(stranger: Rgb, face: Box, beside: Rgb, share: float) -> Composite:
    """A grey box over the lower part of the stranger's face, so that a share of it is left."""
    left, top, width, height = face
    at, wide = round(top + height * share), width / 4
    covered = stranger.copy()
    covered[at : round(top + height * 1.1), max(0, round(left - wide)) : round(left + width + wide)] = 128
    return Composite(np.hstack([covered, beside]), (left, top, width, at - top))


Make = Callable[[Rgb, Box, Rgb, float], Composite]
#: What is called how, and the share of the stranger's face that is left.
KINDS: dict[str, tuple[Make, float]] = {
    "beside": (whole, 1.0),
    "behind, 70 % left": (behind, 0.7),
    "behind, 50 % left": (behind, 0.5),
    "behind, 30 % left": (behind, 0.3),
    "cut, 70 % left": (cut, 0.7),
    "cut, 50 % left": (cut, 0.5),
    "cut, 30 % left": (cut, 0.3),
    "masked, 70 % left": (masked, 0.7),
    "masked, 50 % left": (masked, 0.5),
}


def pairs(bench: Gate, matcher: ExactMatcher) -> list[tuple[str, Rgb, Photo]]:
    """People whose photograph is cleared alone, each with their pixels and a stranger with one clear face."""
    policy = find_policy("generative-training")
    strangers = (
        each for each in bench.strangers if len(each.seen.faces) == 1 and each.seen.faces[0].score >= 0.85
    )
    found = []
    for who, photos in bench.people.items():
        for photo in photos[3:]:
            judgement = judged(image_of(photo, matcher), policy)
            stranger = next(strangers, None)
            if policy.verdict(judgement.findings) == "cleared" and stranger is not None:
                found.append((who, _pixels(photo), stranger))
    return found


def measured(composite: Composite, matcher: ExactMatcher) -> dict[str, bool | float]:
    """What becomes of a picture: the columns of the table."""
    hold, redact = find_policy("generative-training"), find_policy("non-generative-training")
    photo = looked_at("pair", png(composite.rgb), reference=False)
    image = image_of(photo, matcher)
    boxes = [each.box for each in (*photo.seen.faces, *photo.seen.figures)]
    said: dict[str, bool | float] = {
        "noticed": any(_touch(box, composite.face) for box in boxes),
        "held": hold.verdict(judged(image, hold).findings) != "cleared",
        "redacted": False,
    }
    judgement = judged(image, redact)
    if redact.verdict(judgement.findings) == "cleared" and judgement.redact:
        copy = _redacted(photo, judgement)
        if copy is not None:
            after = ANALYZER.detector.detect(copy)
            again = [each.box for each in (*after.faces, *after.figures)]
            said["redacted"] = True
            said["left"] = _left(composite, copy)
            said["again"] = any(_touch(box, composite.face) for box in again)
    return said


def _redacted(photo: Photo, judgement: Judgement) -> Rgb | None:
    keep = [face.box for face in judgement.faces if face.status == "covered"]
    try:
        return _pixels_of(redacted(photo.data, judgement.redact, ANALYZER.detector, keep))
    except RedactionError:
        return None


def _left(composite: Composite, copy: Rgb) -> float:
    """The share of what is seen of the stranger's face that is in the copy as it was."""
    left, top, width, height = composite.face
    rows, columns = (
        slice(max(0, round(top)), round(top + height)),
        slice(max(0, round(left)), round(left + width)),
    )
    same = (copy[rows, columns] == composite.rgb[rows, columns]).all(axis=2)
    return float(same.mean()) if same.size else 0.0


def _touch(one: Box, other: Box) -> bool:
    """Whether a tenth of the second box lies in the first."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return width > 0 and height > 0 and width * height >= 0.1 * other[2] * other[3]


def _pixels(photo: Photo) -> Rgb:
    return _pixels_of(photo.data)


def _pixels_of(data: bytes) -> Rgb:
    picture = open_picture(data)
    assert isinstance(picture, Picture)
    return picture.rgb


def table(bench: Gate, every: int) -> Json:
    """One row for each kind."""
    matcher = bench.gallery(3, max(PEOPLE))
    both, rows = pairs(bench, matcher)[::every], {}
    print(
        f"{'':<20} {'pictures':>8} {'noticed':>8} {'held':>7} {'wrong':>6} {'redacted':>9} {'left':>6} "
        f"{'over 10 %':>9} {'again':>6}"
    )
    for name, (make, share) in KINDS.items():
        said = []
        for _, beside, stranger in both:
            pixels = _pixels(stranger)
            if pixels.shape[0] == beside.shape[0]:
                face = stranger.seen.faces[0].box
                said.append(measured(make(pixels, face, beside, share), matcher))
        row = _row(said)
        rows[name] = row
        print(
            f"{name:<20} {row['pictures']:>8} {row['noticed']:>8.1%} {row['held']:>7.1%} {row['wrong']:>6} "
            f"{row['redacted']:>9} {row['left']:>6.1%} {row['over']:>9} {row['again']:>6}",
            flush=True,
        )
    return rows


def _row(said: list[dict[str, bool | float]]) -> Json:
    made = [each for each in said if each["redacted"]]
    left = [float(each["left"]) for each in made]
    return {
        "pictures": len(said),
        "noticed": float(np.mean([each["noticed"] for each in said])),
        "held": float(np.mean([each["held"] for each in said])),
        "wrong": sum(not each["held"] for each in said),
        "redacted": len(made),
        "left": max(left, default=0.0),
        "over": sum(each > LEFT_MAX for each in left),
        "again": sum(bool(each["again"]) for each in made),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--every", type=int, default=1, help="put together every so manieth picture only")
    args = parser.parse_args()
    if not (SHARED / "wild").is_dir():
        raise SystemExit(f"{SHARED / 'wild'} isn't there.")
    rows = table(Gate(1), args.every)
    OUT.mkdir(exist_ok=True)
    (OUT / "hidden.json").write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
