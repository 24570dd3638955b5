"""The gate on photographs as they come: bench/out/wild.json and four tables.

    python bench/wild.py                   # some ten minutes of two cores
    python bench/wild.py --every 4         # a quarter of the people

The photographs are those of ../shared/data/wild: people with five each, and people who appear nowhere else,
often with somebody in the background. They are looked at and compared as `clear` does it; nothing of them is
kept. Of a person's five, the first three are references, as far as the check of references takes them, and
the last two are presented; strangers are the people with one photograph. So that the gallery is as large as a
studio's, people of ../shared/data/same-person are enrolled beside them.

gate      Of the people's photographs: cleared, held, refused, and what is cleared where strangers' heads are
          made unrecognisable (policy non-generative-training). Of strangers': held, refused. Wrong: a
          stranger cleared, or somebody else, by either policy; somebody enrolled who really is beside a
          stranger may be cleared where the stranger is redacted. Questions: groups that one answer decides,
          for a photograph. By the number of references and of people. Thresholds were chosen on the people
          with an even number; those with an odd one were kept aside.
twice     A person beside their own mirror image, and two photographs of one person side by side.
claims    The release that a file names: a person's own, and another person's.
edges     Faces of which the picture's edge leaves a part: how often something is noticed.
enlarged  Photographs that are cleared, enlarged so that they are searched in parts: what is cleared then.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from common.photographs import listed
from common.templates import OUT, SHARED
from PIL import Image as Pillow

from volenti.adapters.matcher.exact import ExactMatcher
from volenti.adapters.sight.age_onnx import OnnxAges
from volenti.adapters.sight.faces_opencv import OpencvFaces
from volenti.adapters.sight.people_onnx import OnnxPeople
from volenti.adapters.weights.folder import default_folder
from volenti.clearance.decision import POLICY, Decision
from volenti.clearance.image import Image, SeenFace
from volenti.clearance.judgement import Claim, Judgement, judge
from volenti.clearance.policy import Policy
from volenti.clearance.policyfile import find_policy
from volenti.clearance.question import by_face, divided
from volenti.consent.coverage import Coverage
from volenti.core.canonical import Json
from volenti.perception.analyzer import PictureAnalysis, PictureAnalyzer
from volenti.perception.files.picture import Picture, open_picture
from volenti.perception.sight.faces import Template
from volenti.perception.sight.redaction import RedactionError, redacted
from volenti.perception.sight.reference import reference_template
from volenti.perception.sight.references import enrolled
from volenti.vault.blob import BlobRef

COVERED = Coverage(True, "", "", "The release covers the use.", "rel_bench")
#: References tried, and people in the gallery.
REFERENCES, PEOPLE = (1, 2, 3), (80, 300)
#: Whose photographs the thresholds were chosen on, whose were kept aside, and both.
PARTS = ("chosen on", "kept aside", "all")
#: Shares of a face's box that the picture's edge leaves.
SHARES = (0.25, 0.35, 0.5)
#: The long side that photographs are enlarged to.
ENLARGED = 600

_MODELS = default_folder()
ANALYZER = PictureAnalyzer(
    OpencvFaces(_MODELS), None, people=OnnxPeople(_MODELS), ages=OnnxAges(_MODELS), works=False
)


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph, looked at; and the template that it is enrolled by, where it may be a reference."""

    file: str
    data: bytes
    seen: PictureAnalysis
    reference: Template | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A photograph that is presented, and whose it is; nobody's where that is None."""

    photo: Photo
    person: str | None
    number: int


def looked_at(file: str, data: bytes, *, reference: bool) -> Photo:
    (seen,) = ANALYZER.analyze([data])
    picture = open_picture(data)
    template = None
    if reference and isinstance(picture, Picture) and seen.faces:
        template = reference_template(ANALYZER.detector, picture.rgb, seen.faces[0])
    return Photo(file, data, replace(seen, preview=b""), template)


class Gate:
    """The photographs, and what the gate makes of them."""

    def __init__(self, every: int) -> None:
        found: dict[str, list[Path]] = defaultdict(list)
        for each in listed(SHARED / "wild").photographs:
            found[each.person].append(each.path)
        alone = sorted(path for paths in found.values() if len(paths) == 1 for path in paths)
        people = {who: sorted(paths) for who, paths in sorted(found.items()) if len(paths) > 1}
        people = dict(list(people.items())[::every])
        unnamed = sorted((SHARED / "wild/images").glob("x*.jpg"))
        self.people = {
            who: [looked_at(p.name, p.read_bytes(), reference=True) for p in paths]
            for who, paths in people.items()
        }
        self.strangers = [
            looked_at(p.name, p.read_bytes(), reference=False) for p in (alone or unnamed)[::every]
        ]
        self.others = list(_others(max(PEOPLE) // every - len(self.people)))

    def shown(self) -> list[Shown]:
        """What is presented: the last two photographs of everybody, and all strangers'."""
        own = [
            Shown(photo, who, number)
            for number, (who, photos) in enumerate(self.people.items())
            for photo in photos[3:]
        ]
        return own + [Shown(photo, None, number) for number, photo in enumerate(self.strangers)]

    def gallery(self, references: int, people: int) -> ExactMatcher:
        """The people, enrolled by so many of their first photographs, and others beside them."""
        matcher = ExactMatcher()
        for who, photos in self.people.items():
            usable = [each.reference for each in photos[:3] if each.reference is not None]
            if usable:
                matcher.enrol(who, enrolled(np.stack(usable[:references])))
        for number in range(max(0, min(people - len(self.people), len(self.others)))):
            matcher.enrol(f"other {number}", self.others[number][None])
        return matcher


def _others(count: int) -> Iterator[Template]:
    """Reference templates of other people, one each."""
    seen: set[str] = set()
    for each in listed(SHARED / "same-person").photographs:
        if each.person not in seen and len(seen) < count:
            seen.add(each.person)
            photo = looked_at(each.file, each.path.read_bytes(), reference=True)
            if photo.reference is not None:
                yield photo.reference


def image_of(photo: Photo, matcher: ExactMatcher) -> Image:
    """What `clear` keeps of a photograph before it is judged."""
    faces = photo.seen.faces
    ranked = matcher.rank(np.stack([face.template for face in faces])) if faces else []
    return Image(
        photo.file,
        photo.file,
        faces=tuple(SeenFace.of(face, each) for face, each in zip(faces, ranked, strict=True)),
        figures=photo.seen.figures,
        width=photo.seen.width,
        height=photo.seen.height,
        original=BlobRef.__new__(BlobRef),
    )


def judged(image: Image, policy: Policy, claimed: Sequence[str] = ()) -> Judgement:
    """The judgement of a photograph whose people all have a release, and are 40 years old."""
    claims = [Claim(who, COVERED) for who in claimed]
    return judge(image, [], claims, lambda who: COVERED, lambda who: 40, policy)


def verdict(photo: Photo, judgement: Judgement, policy: Policy) -> str:
    """What becomes of the photograph; where heads can't be made unrecognisable it is held."""
    said = policy.verdict(judgement.findings)
    if said == "cleared" and judgement.redact:
        keep = [face.box for face in judgement.faces if face.status == "covered"]
        try:
            redacted(photo.data, judgement.redact, ANALYZER.detector, keep)
        except RedactionError:
            return "held"
    return said


def gate(bench: Gate) -> list[Json]:
    """The first table."""
    print(
        f"{'references':>10} {'people':>6} {'':>10} {'cleared':>8} {'redacting':>9} {'held':>6} "
        f"{'refused':>7} "
        f"{'strangers held':>14} {'refused':>7} {'wrong':>5} {'questions':>9}"
    )
    rows: list[Json] = []
    hold, redact = find_policy("generative-training"), find_policy("non-generative-training")
    for people in PEOPLE:
        for references in REFERENCES:
            matcher = bench.gallery(references, people)
            found = []
            for each in bench.shown():
                image = image_of(each.photo, matcher)
                one, other = judged(image, hold), judged(image, redact)
                found.append((each, image, one, verdict(each.photo, one, hold), other))
            for part in PARTS:
                some = [row for row in found if part == "all" or row[0].number % 2 == PARTS.index(part)]
                rows.append(
                    _row(some, hold, redact) | {"references": references, "people": people, "part": part}
                )
                _print(rows[-1])
    return rows


def _row(
    some: Sequence[tuple[Shown, Image, Judgement, str, Judgement]], hold: Policy, redact: Policy
) -> Json:
    own = [row for row in some if row[0].person is not None]
    strangers = [row for row in some if row[0].person is None]
    said, theirs = Counter(row[3] for row in own), Counter(row[3] for row in strangers)
    redacting = [verdict(row[0].photo, row[4], redact) for row in own]
    wrong = sum(row[3] == "cleared" for row in strangers)
    wrong += sum(row[3] == "cleared" and set(row[2].subjects) != {row[0].person} for row in own)
    wrong += sum(_is_left(row[4]) and redact.verdict(row[4].findings) == "cleared" for row in strangers)
    wrong += sum(
        one == "cleared" and set(row[4].subjects) != {row[0].person}
        for one, row in zip(redacting, own, strict=True)
    )
    held = [
        (
            replace(row[1], faces=row[2].faces),
            [Decision(row[0].photo.file, hold.purpose, "held", row[2].findings, hold.digest, POLICY, "")],
        )
        for row in some
        if row[3] == "held"
    ]

    def blocking(decision: Decision) -> set[str]:
        return {each.code for each in decision.findings if hold.verdict_on(each.code) != "cleared"}

    alone, faces = divided(held, blocking)
    return {
        "photographs": len(own),
        "strangers": len(strangers),
        "cleared": said["cleared"] / len(own),
        "redacting": redacting.count("cleared") / len(own),
        "held": said["held"] / len(own),
        "refused": said["rejected"] / len(own),
        "strangers_held": theirs["held"] / len(strangers),
        "strangers_refused": theirs["rejected"] / len(strangers),
        "wrong": wrong,
        "questions": len([*alone, *by_face(faces)]) / len(some),
    }


def _is_left(judgement: Judgement) -> bool:
    """Whether the largest face stays: somebody enrolled may stand beside a stranger, who then is redacted."""
    return not judgement.faces or judgement.faces[0].box not in {each.box for each in judgement.redact}


def _print(row: Json) -> None:
    print(
        f"{row['references']:>10} {row['people']:>6} {row['part']:>10} {row['cleared']:>8.1%} "
        f"{row['redacting']:>9.1%} {row['held']:>6.1%} {row['refused']:>7.1%} {row['strangers_held']:>14.1%} "
        f"{row['strangers_refused']:>7.1%} {row['wrong']:>5} {row['questions']:>9.3f}",
        flush=True,
    )


def twice(bench: Gate) -> Json:
    """A person beside their mirror image, and beside another photograph of themselves."""
    matcher, policy = bench.gallery(3, max(PEOPLE)), find_policy("generative-training")
    table: Json = {}
    for name in ("mirror image", "another photograph"):
        said: Counter[str] = Counter()
        for photos in bench.people.values():
            one, other = (open_picture(each.data) for each in photos[3:5])
            assert isinstance(one, Picture)
            assert isinstance(other, Picture)
            right = one.rgb[:, ::-1] if name == "mirror image" else other.rgb[: one.rgb.shape[0]]
            if right.shape[0] != one.rgb.shape[0]:
                continue
            pair = looked_at("pair", png(np.hstack([one.rgb, right])), reference=False)
            said[verdict(pair, judged(image_of(pair, matcher), policy), policy)] += 1
        table[name] = dict(said)
        print(f"beside {name:<20} {dict(said)}")
    return table


def claims(bench: Gate) -> Json:
    """What a named release does: the person's own, another's, and anybody's in a stranger's file."""
    policy, table = find_policy("generative-training"), {}
    for references in REFERENCES:
        matcher = bench.gallery(references, max(PEOPLE))
        names, said = list(bench.people), {}
        for name, shift in (("none", None), ("their own", 0), ("another's", 1)):
            own, wrong, strangers = 0, 0, 0
            for each in bench.shown():
                image = image_of(each.photo, matcher)
                at = names.index(each.person) if each.person else each.number
                claimed = [] if shift is None else [names[(at + shift) % len(names)]]
                judgement = judged(image, policy, claimed)
                if policy.verdict(judgement.findings) == "cleared":
                    own += each.person is not None and set(judgement.subjects) == {each.person}
                    wrong += each.person is not None and set(judgement.subjects) != {each.person}
                    strangers += each.person is None
            total = sum(each.person is not None for each in bench.shown())
            said[name] = {"cleared": own / total, "as another": wrong, "strangers": strangers}
            print(
                f"{references} reference(s), named: {name:<10} cleared {own / total:>6.1%}  "
                f"as another {wrong}  strangers {strangers}"
            )
        table[str(references)] = said
    return table


def edges(bench: Gate) -> Json:
    """Pictures cut so that a share of a stranger's face is left at the edge: whether anything is noticed."""
    table: Json = {}
    for share in SHARES:
        noticed = []
        for photo in bench.strangers[::4]:
            if len(photo.seen.faces) != 1 or photo.seen.faces[0].score < 0.9:
                continue
            picture = open_picture(photo.data)
            assert isinstance(picture, Picture)
            left, top, width, height = photo.seen.faces[0].box
            for cut in (
                picture.rgb[:, max(0, int(left + width * (1 - share))) :],
                picture.rgb[:, : int(left + width * share)],
                picture.rgb[max(0, int(top + height * (1 - share))) :],
            ):
                if min(cut.shape[:2]) >= 40:
                    part = looked_at("part", png(cut), reference=False).seen
                    noticed.append(bool(part.faces or part.figures))
        table[f"{share:g}"] = {"pictures": len(noticed), "noticed": float(np.mean(noticed))}
        print(f"{share:.0%} of a face at the edge: noticed in {np.mean(noticed):.1%} of {len(noticed)}")
    whole = [each.seen for each in bench.strangers if sum(f.score > 0.5 for f in each.seen.faces) == 1]
    extra = float(np.mean([any(face.score == 0.5 for face in seen.faces) for seen in whole]))
    table["one whole face"] = {"pictures": len(whole), "also at the edge": extra}
    print(f"beside one whole face: something at the edge in {extra:.1%} of {len(whole)}")
    return table


def enlarged(bench: Gate) -> Json:
    """Photographs that are cleared, enlarged: what stands in the way then."""
    policy, matcher = find_policy("generative-training"), bench.gallery(3, max(PEOPLE))
    said: Counter[str] = Counter()
    for each in bench.shown():
        if each.person is None or _blocking(each.photo, matcher, policy) != "nothing":
            continue
        picture = open_picture(each.photo.data)
        assert isinstance(picture, Picture)
        small = Pillow.fromarray(picture.rgb)
        factor = ENLARGED / max(small.size)
        large = small.resize(
            (round(small.width * factor), round(small.height * factor)), Pillow.Resampling.LANCZOS
        )
        photo = looked_at(each.photo.file, png(np.asarray(large)), reference=False)
        said[_blocking(photo, matcher, policy)] += 1
    print(f"enlarged to {ENLARGED} pixels, what stands in the way: {dict(said)}")
    return dict(said)


def _blocking(photo: Photo, matcher: ExactMatcher, policy: Policy) -> str:
    codes = {each.code for each in judged(image_of(photo, matcher), policy).findings}
    return ", ".join(sorted(code for code in codes if policy.verdict_on(code) != "cleared")) or "nothing"


def png(rgb: np.ndarray) -> bytes:
    import io

    out = io.BytesIO()
    Pillow.fromarray(np.ascontiguousarray(rgb)).save(out, "PNG")
    return out.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--every", type=int, default=1, help="look at every so manieth person only")
    args = parser.parse_args()
    if not (SHARED / "wild").is_dir():
        raise SystemExit(f"{SHARED / 'wild'} isn't there.")
    bench = Gate(args.every)
    rows = gate(bench)
    table = {
        "gate": rows,
        "twice": twice(bench),
        "claims": claims(bench),
        "edges": edges(bench),
        "enlarged": enlarged(bench),
    }
    OUT.mkdir(exist_ok=True)
    (OUT / "wild.json").write_text(json.dumps(table, indent=1) + "\n")
    best = next(row for row in rows if (row["references"], row["people"], row["part"]) == (3, 300, "all"))
    wrong = sum(row["wrong"] for row in rows if row["part"] == "all")
    print(
        f"with three references, among 300 people: {best['cleared']:.1%} of theirs cleared, "
        f"{best['redacting']:.1%} redacting, {best['strangers_held']:.1%} of strangers' held, "
        f"{best['questions']:.2f} questions a photograph, {wrong} cleared wrongly in all"
    )


if __name__ == "__main__":
    main()
