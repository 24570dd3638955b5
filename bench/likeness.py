"""What the likeness check catches and lets pass: bench/out/likeness.json and four tables.

    python bench/likeness.py [--prompts 500] [--only faces|copies|works|memorised]

Faces: pictures framed at the size of works and looked at as works are, against references as the
gallery holds them. Rendered people: the cast, and people of the crowd as further strangers;
photographed people: same-person. One person and two people, on the matcher's own scales and by
plain cosine, with the limits of catalogue.likeness; "of 100 works" is how many that show somebody
else would be refused by chance.

Copies: sketches of the same frames. Other pictures of the same person, pictures of other people,
and the frame itself spoilt in each way of bench/common/degradations.py. The crowd isn't in this table: its
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
import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from common.enrolled import CROWD, DATASET, enrol
from common.near_pairs import copies_table, faces_table
from common.templates import OUT, SHARED

import volenti
from volenti.catalogue.generation_result import GeneratedImage, GenerationResult, RefusedImage
from volenti.cli.terminal.output import progress
from volenti.core.canonical import Json
from volenti.demo.cast import Person, read_cast
from volenti.generation.judge import adherence, load_judge
from volenti.training.recipe import Recipe


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


def _edition(
    folder: Path, people: Sequence[Person], recipe: Recipe, prompts: Sequence[str]
) -> GenerationResult:
    workspace = enrol(folder, people)
    with volenti.open(workspace, watermarks=False) as ws, progress() as told:
        ws.train(DATASET, recipe, progress=told)
        return ws.generate(prompts, seed=0, progress=told)


def _told(name: str, edition: GenerationResult) -> Json:
    """The table of one model's works."""
    every: list[GeneratedImage | RefusedImage] = [*edition.drawn, *edition.refused]
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
    measured: Json = {}
    for name, part in parts.items():
        if args.only in (None, name):
            measured[name] = part()
            # What is measured by itself replaces that part of what was measured before.
            before = json.loads(kept.read_text()) if kept.is_file() and args.only else {}
            kept.write_text(json.dumps(before | measured, indent=1) + "\n")
    print(f"\n{headline(measured)}")


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
