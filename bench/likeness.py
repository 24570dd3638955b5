"""What the likeness check catches and lets pass: bench/out/likeness.json and four tables.

    python bench/likeness.py [--prompts 500] [--only faces|copies|works|memorised]

Faces: pictures framed at the size of works and looked at as works are, against references as the
gallery holds them. Rendered people: the cast, and people of the crowd as further strangers;
photographed people: same-person. One person and two people, on the matcher's own scale and by
plain cosine, with the limits of catalogue.likeness; "among so many works" is how many of a
hundred works that show somebody else would be refused by chance.

Copies: sketches of the same frames. Other pictures of the same person, pictures of other people,
and the frame itself spoilt in each way of bench/spoilt.py. The crowd isn't in this table: its
frames are what sketches were fitted on.

Works: a model trained with the default recipe on the demo's cast, drawn with captions of the crowd
(or, where ../shared/data is absent, of the cast). Adherence is the shipped judge's (generation.judge).
"First tries" are works as they were drawn; what is refused is drawn again, and shipped is what is
left. The last line of the bench counts what was shipped above a limit: it must be none.

Memorised: a few people, a model taught as usual and one over-trained on purpose, both drawn with
the captions that they learned from. What is refused must be much more of the second.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from enrolled import CROWD, DATASET, enrol
from framedfaces import Framed, framed
from numpy.typing import NDArray
from spoilt import WAYS
from templates import OUT, SHARED, templates

from volenti.bootstrap import open_workspace
from volenti.catalogue.edition import Drawn, Edition, Refused
from volenti.catalogue.likeness import COPY_LIMIT, FACE_LIMITS
from volenti.clearance.copies.sketch import looks, sketches
from volenti.clearance.sight.faces import unit
from volenti.clearance.sight.matching import Scale, rendered_cohort
from volenti.cli.output import progress
from volenti.core.canonical import Json
from volenti.demo.cast import Person, read_cast
from volenti.generation.judge import adherence, load_judge
from volenti.training.recipe import Recipe

Scores = NDArray[np.float64]
Vectors = NDArray[np.float32]

#: Every so many-th person of the crowd is a stranger: 100 people.
CROWD_STEP = 48
#: Share of pairs of two people that scales are compared at.
FALSE = 1e-3


# -- faces


def likelihood_ratios(probes: Vectors, references: Vectors) -> Scores:
    cohort = rendered_cohort()
    inner, known = cohort.transformed(probes), cohort.transformed(references)
    return np.stack([cohort.ratio(each, known) for each in inner])


def cosines(probes: Vectors, references: Vectors) -> Scores:
    return np.asarray(probes @ references.T, np.float64)


def centred(probes: Vectors, references: Vectors) -> Scores:
    middle = references.mean(axis=0)
    return np.asarray(unit(probes - middle) @ unit(references - middle).T, np.float64)


def faces_table() -> list[Json]:
    """Pairs of one person and of two, by kind of face and scale."""
    print(f"\n{'faces':<13}{'scale':<22}{'pairs':<12}{'count':>7}{'5%':>9}{'50%':>9}{'95%':>9}"
          f"{'limit':>8}{'above':>9}{'of 100 works':>14}")  # fmt: skip
    crowd = framed("crowd", CROWD_STEP)
    rows = _faces("rendered", framed("cast"), "cast", crowd, {
        "log-likelihood-ratio": likelihood_ratios, "cosine": cosines})  # fmt: skip
    rows += _faces("photographed", framed("same-person"), "same-person", None, {
        "centred-cosine": centred, "cosine": cosines})  # fmt: skip
    return rows


def _faces(
    kind: str,
    probes: Framed,
    gallery: str,
    strangers: Framed | None,
    scales: dict[Scale, Callable[[Vectors, Vectors], Scores]],
) -> list[Json]:
    known = templates(gallery)
    _, first = np.unique(known.subjects, return_index=True)
    names, references = known.subjects[first], known.enrolled[first]
    # A reference isn't compared with itself.
    shown = ~np.isin(probes.files, known.files[first])
    vectors, subjects = probes.templates[shown], probes.subjects[shown]
    if strangers is not None:
        vectors = np.concatenate([vectors, strangers.templates])
        subjects = np.concatenate([subjects, np.char.add("crowd ", strangers.subjects)])
    same = subjects[:, None] == names[None]
    rows: list[Json] = []
    for scale, compared in scales.items():
        scores = compared(vectors, references)
        used = kind == "photographed" or scale == "log-likelihood-ratio"
        limit = FACE_LIMITS[scale].among(len(names)) if used else math.inf
        others = np.where(same, -np.inf, scores).max(axis=1)
        for pairs, some in (("one person", scores[same]), ("two people", scores[~same])):
            row = {"faces": kind, "scale": scale, "pairs": pairs, "count": some.size,
                   "5_50_95": [float(value) for value in np.percentile(some, [5, 50, 95])]}  # fmt: skip
            if used:
                row |= {"limit": limit, "above": float((some >= limit).mean())}
            if used and pairs == "two people":
                row["works_by_chance"] = float((others >= limit).mean())
            rows.append(row)
            _say_pairs(row)
        at = float(np.quantile(scores[~same], 1 - FALSE))
        rows[-2]["one_person_at_0.1%"] = float((scores[same] >= at).mean())
        print(f"{'':<35}where {FALSE:.1%} of two people's pairs are above: "
              f"{rows[-2]['one_person_at_0.1%']:.2%} of one person's", flush=True)  # fmt: skip
    return rows


def _say_pairs(row: Json) -> None:
    marks = "".join(f"{mark:>9.3f}" for mark in row["5_50_95"])
    limit = f"{row['limit']:>8.3f}{row['above']:>9.3%}" if "limit" in row else f"{'unused':>8}"
    works = f"{100 * row['works_by_chance']:>14.1f}" if "works_by_chance" in row else ""
    print(f"{row['faces']:<13}{row['scale']:<22}{row['pairs']:<12}{row['count']:>7}{marks}{limit}{works}")


# -- copies


def copies_table() -> list[Json]:
    """Cosines of sketches: other people, the same person's other pictures, spoilt copies."""
    print(f"\n{'sketches of':<14}{'against':<34}{'count':>8}{'1%':>8}{'50%':>8}{'99.9%':>8}{'most':>8}"
          f"{'limit':>7}{'above':>10}")  # fmt: skip
    rows = []
    for name in ("cast", "same-person"):
        pictures = framed(name)
        kept = _directions(pictures.frames)
        limit = COPY_LIMIT.among(len(kept))
        scores = _best(pictures.frames, kept)
        same = pictures.subjects[:, None] == pictures.subjects[None]
        rows.append(_copies(name, "pictures of other people", scores[~same], limit))
        np.fill_diagonal(same, False)
        rows.append(_copies(name, "other pictures of the same person", scores[same], limit))
        for way, spoil in WAYS.items():
            spoilt = spoil(pictures.frames, np.random.default_rng(0))
            own = np.array([(looks(each) @ row).max() for each, row in zip(spoilt, kept, strict=True)])
            rows.append(_copies(name, f"the same picture, {way}", own, limit))
    return rows


def _directions(frames: NDArray[np.uint8]) -> Vectors:
    return unit(sketches(frames).astype(np.float32))


def _best(frames: NDArray[np.uint8], kept: Vectors) -> Scores:
    return np.stack([(looks(each) @ kept.T).max(axis=0) for each in frames])


def _copies(name: str, against: str, scores: Scores, limit: float) -> Json:
    low, half, high = (float(value) for value in np.percentile(scores, [1, 50, 99.9]))
    row = {"of": name, "against": against, "count": scores.size, "1%": low, "50%": half, "99.9%": high,
           "most": float(scores.max()), "limit": limit, "above": float((scores >= limit).mean())}  # fmt: skip
    print(f"{name:<14}{against:<34}{scores.size:>8}{low:>8.3f}{half:>8.3f}{high:>8.3f}{row['most']:>8.3f}"
          f"{limit:>7.3f}{row['above']:>10.4%}", flush=True)  # fmt: skip
    return row


# -- works


def works_table(prompts: int) -> Json:
    """A model taught as usual on the cast, asked for people it doesn't know."""
    people = read_cast(0)
    captions = _crowd_captions() or [photo.caption for person in people for photo in person.photos[1:]]
    wanted = random.Random("bench/likeness").choices(captions, k=prompts)
    with tempfile.TemporaryDirectory() as folder:
        edition = _edition(Path(folder), people, Recipe(), wanted)
    return _told("the cast, as usual", edition)


def memorised_table(count: int, samples: int, drawn_each: int) -> list[Json]:
    """The same few people, known as usual and by heart; each caption is drawn several times."""
    people = read_cast(0)[:count]
    wanted = [photo.caption for person in people for photo in person.photos[1:]] * drawn_each
    few = Recipe(shards=1, slices=1, min_people=1)
    by_heart = replace(few, rank=0, batch=4, samples_per_image=samples, caption_dropout=0.0)
    rows = []
    for name, recipe in (("few, as usual", few), ("few, by heart", by_heart)):
        with tempfile.TemporaryDirectory() as folder:
            rows.append(_told(name, _edition(Path(folder), people, recipe, wanted)))
    return rows


def _crowd_captions() -> list[str]:
    if not CROWD.is_dir():
        return []
    return [record["caption"] for record in json.loads((CROWD / "records.json").read_text())]


def _edition(folder: Path, people: Sequence[Person], recipe: Recipe, prompts: Sequence[str]) -> Edition:
    workspace = enrol(folder, people)
    with open_workspace(workspace, watermarks=False) as ws, progress() as told:
        ws.train(DATASET, recipe, told)
        return ws.generate(prompts, seed=0, progress=told)


def _told(name: str, edition: Edition) -> Json:
    """The table of one model's works."""
    every: list[Drawn | Refused] = [*edition.drawn, *edition.refused]
    first = [each for each in every if each.work.seed == each.number]
    refused = [each for each in first if each.work.refused]
    row: Json = {
        "model": name,
        "asked": edition.asked,
        "shipped": len(edition.drawn),
        "refused": len(edition.refused),
        "refused_at_first": len(refused) / len(first),
        "by_face": sum("face" in each.work.refused for each in refused) / len(first),
        "as_copy": sum("copy" in each.work.refused for each in refused) / len(first),
        "faces_found": sum(each.likeness.found_face for each in first) / len(first),
        "shipped_above_a_limit": sum(
            near.too_near for each in edition.drawn for near in each.likeness.nearnesses.values()
        ),
    }
    if edition.drawn:
        judge, held_out, _ = load_judge()
        pixels = np.stack([each.pixels for each in edition.drawn])
        row["adherence"] = adherence(judge, held_out, pixels, [each.work.prompt for each in edition.drawn])
    print(f"\n{name}: {edition.asked} prompts, {len(edition.drawn)} shipped, {len(edition.refused)} refused")
    print(f"  of the first tries: a face found in {row['faces_found']:.1%}")
    print(
        f"  refused {row['refused_at_first']:.1%}: "
        f"by face {row['by_face']:.1%}, as a copy {row['as_copy']:.1%}"
    )
    if "adherence" in row:
        print(f"  adherence of what was shipped {row['adherence']:.3f}")
    print(
        f"  {'nearness of first tries':<26}{'count':>6}{'limit':>8}{'5%':>9}{'50%':>9}{'95%':>9}{'most':>9}"
    )
    for way in ("face", "copy"):
        found = [near for each in first if (near := each.likeness.nearnesses.get(way)) is not None]
        if found:
            scores = [near.score for near in found]
            marks = [float(value) for value in np.percentile(scores, [5, 50, 95, 100])]
            row[way] = {"count": len(found), "limit": found[0].limit, "5_50_95_100": marks}
            cells = "".join(f"{mark:>9.3f}" for mark in marks)
            print(f"  {way:<26}{len(found):>6}{found[0].limit:>8.3f}{cells}", flush=True)
    return row


def main() -> None:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("--prompts", type=int, default=500)
    parser.add_argument("--only", choices=("faces", "copies", "works", "memorised"))
    parser.add_argument("--people", type=int, default=4, help="whom the over-trained model knows by heart")
    parser.add_argument("--samples", type=int, default=150, help="how often it looks at each picture")
    parser.add_argument("--each", type=int, default=2, help="drawings of each of its captions")
    args = parser.parse_args()
    parts: dict[str, Callable[[], object]] = {
        "faces": faces_table,
        "copies": copies_table,
        "works": lambda: works_table(args.prompts),
        "memorised": lambda: memorised_table(args.people, args.samples, args.each),
    }
    if not SHARED.is_dir():
        print(f"{SHARED} isn't there: only works can be measured.")
        del parts["faces"], parts["copies"]
    OUT.mkdir(exist_ok=True)
    kept = OUT / "likeness.json"
    figures = json.loads(kept.read_text()) if kept.is_file() and args.only else {}
    for name, part in parts.items():
        if args.only in (None, name):
            figures[name] = part()
            kept.write_text(json.dumps(figures, indent=1) + "\n")
    print(f"\n{headline(figures)}")


def headline(figures: Json) -> str:
    """What counts, of the parts that were measured."""
    said = []
    models = [*([figures["works"]] if "works" in figures else []), *figures.get("memorised", [])]
    if "memorised" in figures:
        usual, by_heart = (each["refused_at_first"] for each in figures["memorised"])
        said.append(
            f"refused {by_heart:.0%} of what is known by heart, {usual:.0%} of what is learned as usual"
        )
    if "works" in figures:
        said.append(f"{figures['works']['refused_at_first']:.1%} of ordinary works")
    if models:
        said.append(f"shipped above a limit: {sum(each['shipped_above_a_limit'] for each in models)}")
    elif "faces" in figures:
        one, two = (figures["faces"][number]["above"] for number in (0, 1))
        said.append(f"too near by face: {one:.2%} of one person's pairs, {two:.3%} of two people's")
    return "; ".join(said) or "sketches compared"


if __name__ == "__main__":
    main()
