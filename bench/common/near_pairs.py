"""Pairs of pictures that `bench/likeness.py` measures: how near faces come, and sketches.

Limits are those of catalogue.likeness: this measures, it doesn't tune.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from common.degradations import WAYS
from common.framed_faces import Framed, framed
from common.templates import templates
from volenti.catalogue.likeness import COPY_LIMIT, FACE_LIMITS
from volenti.core.canonical import Json
from volenti.perception.copies.descriptor import copy_descriptors, looks
from volenti.perception.sight.faces import unit
from volenti.perception.sight.matching import rendered_cohort
from volenti.perception.sight.ranking import Scale

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
    return cohort.ratio(inner, known)


def cosines(probes: Vectors, references: Vectors) -> Scores:
    return np.asarray(probes @ references.T, np.float64)


def centred(probes: Vectors, references: Vectors) -> Scores:
    middle = references.mean(axis=0)
    return np.asarray(unit(probes - middle) @ unit(references - middle).T, np.float64)


def faces_table() -> list[Json]:
    """Pairs of one person and of two, by kind of face and scale."""
    print(
        f"\n{'faces':<13}{'scale':<22}{'pairs':<12}{'count':>7}{'5%':>9}{'50%':>9}{'95%':>9}"
        f"{'limit':>8}{'above':>9}{'of 100 works':>14}"
    )
    crowd = framed("crowd", CROWD_STEP)
    rows = _faces(
        "rendered",
        framed("cast"),
        "cast",
        crowd,
        {"log-likelihood-ratio": likelihood_ratios, "cosine": cosines},
    )
    rows += _faces(
        "photographed",
        framed("same-person"),
        "same-person",
        None,
        {"centred-cosine": centred, "cosine": cosines},
    )
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
            row = {
                "faces": kind,
                "scale": scale,
                "pairs": pairs,
                "count": some.size,
                "5_50_95": [float(value) for value in np.percentile(some, [5, 50, 95])],
            }
            if used:
                row |= {"limit": limit, "above": float((some >= limit).mean())}
            if used and pairs == "two people":
                row["works_by_chance"] = float((others >= limit).mean())
            rows.append(row)
            _say_pairs(row)
        at = float(np.quantile(scores[~same], 1 - FALSE))
        rows[-2]["one_person_at_0.1%"] = float((scores[same] >= at).mean())
        print(
            f"{'':<35}where {FALSE:.1%} of two people's pairs are above: "
            f"{rows[-2]['one_person_at_0.1%']:.2%} of one person's",
            flush=True,
        )
    return rows


def _say_pairs(row: Json) -> None:
    marks = "".join(f"{mark:>9.3f}" for mark in row["5_50_95"])
    limit = f"{row['limit']:>8.3f}{row['above']:>9.3%}" if "limit" in row else f"{'unused':>8}"
    works = f"{100 * row['works_by_chance']:>14.1f}" if "works_by_chance" in row else ""
    print(f"{row['faces']:<13}{row['scale']:<22}{row['pairs']:<12}{row['count']:>7}{marks}{limit}{works}")


# -- copies


def copies_table() -> list[Json]:
    """Cosines of sketches: other people, the same person's other pictures, spoilt copies."""
    print(
        f"\n{'sketches of':<14}{'against':<34}{'count':>8}{'1%':>8}{'50%':>8}{'99.9%':>8}{'most':>8}"
        f"{'limit':>7}{'above':>10}"
    )
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
    return unit(copy_descriptors(frames).astype(np.float32))


def _best(frames: NDArray[np.uint8], kept: Vectors) -> Scores:
    return np.stack([(looks(each) @ kept.T).max(axis=0) for each in frames])


def _copies(name: str, against: str, scores: Scores, limit: float) -> Json:
    low, half, high = (float(value) for value in np.percentile(scores, [1, 50, 99.9]))
    row = {
        "of": name,
        "against": against,
        "count": scores.size,
        "1%": low,
        "50%": half,
        "99.9%": high,
        "most": float(scores.max()),
        "limit": limit,
        "above": float((scores >= limit).mean()),
    }
    print(
        f"{name:<14}{against:<34}{scores.size:>8}{low:>8.3f}{half:>8.3f}{high:>8.3f}{row['most']:>8.3f}"
        f"{limit:>7.3f}{row['above']:>10.4%}",
        flush=True,
    )
    return row
