"""The sixth chapter of the story: synthetic humans are drawn, compared and judged.

Likeness is the workspace's own check against everybody the model learned from. Adherence comes
from the shipped judge, a small classifier: the share of what prompts asked for that it sees in
works, over the share it sees in renders it wasn't trained on. The report gives the latter share and
that of the commonest class beside it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

import numpy as np

from volenti.catalogue.generation_result import GeneratedImage
from volenti.core.canonical import Json
from volenti.demo.stage import Stage

#: The prompts of the report's grid: each is drawn GRID_EACH times.
PROMPTS = (
    "a smiling woman with brown hair in a blue top, green background",
    "an older man with short white hair, a full beard and glasses in a navy top, grey background",
    "a laughing middle-aged woman with curly black hair in a mustard top, teal background",
    "a young man with a shaved head in a white top, dark grey background",
    "a young woman with red hair in a ponytail and glasses in a green top, pink background",
    "a young man with short light brown hair in a purple striped top, blue background",
    "an older woman with short grey hair in a black top, beige background",
    "a man with dark brown hair and stubble in a red top, white background",
)
GRID_EACH = 3
#: How many more pictures are drawn, for captions of the cast, so that shares are of many pictures.
SAMPLES = 64
GUIDANCE, STEPS = 2.5, 16


def generate_works(stage: Stage) -> Json:
    """Draw pictures of people who do not exist, each compared with everybody the model learned from."""
    captions = sorted({photo.caption for person in stage.casting.covered for photo in person.photos[1:]})
    asked = [prompt for prompt in PROMPTS for _ in range(GRID_EACH)]
    asked += random.Random(f"volenti/demo/{stage.seed}/captions").sample(captions, SAMPLES)
    began = time.perf_counter()
    result = stage.ws.generate(
        asked, seed=stage.seed * 1000, guidance=GUIDANCE, steps=STEPS, progress=stage.narration
    )
    took = time.perf_counter() - began
    drawn = result.drawn
    stage.drawn = [each for each in drawn if each.number < len(PROMPTS) * GRID_EACH]
    summary = stage.summary
    every = len(drawn) + len(result.refused) + result.faceless
    summary.detected = round(1 - result.faceless / every, 4)
    summary.adherence, judged = _judged(drawn)
    near = {way: sum(way in each.work.refused for each in result.refused) for way in ("face", "copy")}
    stage.narration.say(
        f"{len(drawn)} pictures in {took:.1f} s. A face is found in {summary.detected:.0%} of all that were "
        f"drawn, and only these are kept; what was asked for is seen in {summary.adherence:.0%}; "
        f"{len(result.refused)} came too near to somebody and were refused."
    )
    return {
        "pictures": len(drawn),
        "prompts": len(PROMPTS),
        "guidance": GUIDANCE,
        "steps": STEPS,
        "judged": judged,
        "refused": len(result.refused),
        "refused_by": near,
        "faceless": result.faceless,
        "missing": result.missing,
        "works": [_work(each) for each in stage.drawn],
        "seconds": round(took, 2),
    }


def _judged(drawn: Sequence[GeneratedImage]) -> tuple[float, list[Json]]:
    """Adherence, and for each attribute the share seen here, in renders, and of the commonest class."""
    # Imported here, because torch takes a second to load and no other chapter needs it.
    from volenti.generation.judge import adherence, load_judge, said, shares

    judge, held_out, majority = load_judge()
    pixels, prompts = np.stack([each.pixels for each in drawn]), [each.work.prompt for each in drawn]
    right = shares(judge, pixels, [said(prompt) for prompt in prompts])
    table = [
        {
            "attribute": name,
            "right": round(right[name], 4),
            "held_out": round(held_out[name], 4),
            "majority": round(majority[name], 4),
        }
        for name in right
    ]
    return round(adherence(judge, held_out, pixels, prompts), 4), table


def _work(each: GeneratedImage) -> Json:
    return {
        "prompt": each.work.prompt,
        "seed": each.work.seed,
        "constituent": each.work.constituent,
        "found_face": each.likeness.found_face,
        "likeness": {way: near.to_json() for way, near in each.likeness.nearnesses.items()},
    }
