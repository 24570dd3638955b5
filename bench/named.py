"""How near faces come to whoever a reviewer says they are: bench/out/named.json and a table.

    python bench/named.py                  # some ten minutes of one core, the first time

A reviewer may say that a face is somebody's only where it comes as near to them as the policy's floor
(`review.person_min`), in per cent of what a match needs. For every floor, by scale and number of references:

strangers  of faces of people who aren't enrolled, each compared with everybody enrolled: how many of these
           comparisons reach the floor, which is how often somebody named at random is taken
nearest    of these faces: how many reach the floor with the one person whom they come nearest to
held       of faces of people who are enrolled and that don't match them: how many reach the floor with them

Photographs are those of ../shared/data/wild, where the largest face is sometimes somebody else's: people with
five are enrolled, and those with one are strangers. Rendered people are the cast, every other one a stranger.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from common.templates import OUT, SHARED, Templates, strangers, templates
from numpy.typing import NDArray

from volenti.clearance.reviewing import PERSON_MIN
from volenti.core.canonical import Json
from volenti.perception.sight.matching import rendered_cohort
from volenti.perception.sight.ranking import THRESHOLDS, Scale
from volenti.perception.sight.references import enrolled

#: Floors in per cent of what a match needs, and how many references people are enrolled by.
FLOORS, REFERENCES = tuple(sorted({40.0, 50.0, 60.0, 70.0, 80.0, 90.0, PERSON_MIN})), (1, 2, 3)

#: The scores (m, n) of templates (m, 128) with others (n, 128).
Scores = Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Compared:
    """Scores of strangers' faces with everybody enrolled, (faces, people), and of people's own faces."""

    strangers: NDArray[np.float64]
    own: NDArray[np.float64]


def scores_on(scale: Scale) -> Scores:
    """How faces are compared on a scale."""
    if scale == "cosine":
        return lambda ones, others: np.asarray(ones, np.float64) @ others.T
    model = rendered_cohort()
    return lambda ones, others: model.ratio(model.transformed(ones), model.transformed(others))


def compared(
    seen: Templates,
    others: NDArray[np.float32],
    scale: Scale,
    references: int,
    among: NDArray[np.bool_] | None = None,
) -> Compared:
    """Everybody with more pictures than `references` is enrolled by the first ones; the others are shown.

    among: which of the pictures are of people who are enrolled; all by default.
    """
    score, known, own = scores_on(scale), [], []
    for person in np.unique(seen.subjects if among is None else seen.subjects[among]):
        places = np.flatnonzero(seen.subjects == person)
        if len(places) > references:
            theirs = enrolled(seen.enrolled[places[:references]])
            known.append(theirs)
            own.append(score(seen.vectors[places[references:]], theirs).max(axis=1))
    columns = [score(others, theirs).max(axis=1) for theirs in known]
    return Compared(np.stack(columns, axis=1), np.concatenate(own))


def rows_of(scale: Scale, references: int, found: Compared) -> list[Json]:
    """The table's rows for one scale and number of references."""
    needed = THRESHOLDS[scale].match_min
    held = found.own[found.own < needed]
    return [
        {
            "scale": scale,
            "references": references,
            "floor": floor,
            "strangers": float((found.strangers >= floor * needed / 100).mean()),
            "nearest": float((found.strangers.max(axis=1) >= floor * needed / 100).mean()),
            "held": float((held >= floor * needed / 100).mean()),
            "people": found.strangers.shape[1],
            "stranger faces": found.strangers.shape[0],
            "held faces": len(held),
        }
        for floor in FLOORS
    ]


def main() -> None:
    if not (SHARED / "wild").is_dir():
        raise SystemExit(f"{SHARED / 'wild'} isn't there.")
    wild, cast = templates("wild"), templates("cast")
    alone = strangers("wild").vectors
    unknown = np.isin(cast.subjects, np.unique(cast.subjects)[1::2])
    print(f"{'scale':<22}{'references':>10}{'floor':>7}{'strangers':>11}{'nearest':>9}{'held':>8}")
    rows: list[Json] = []
    for references in REFERENCES:
        rows += rows_of("cosine", references, compared(wild, alone, "cosine", references))
    for references in REFERENCES:
        found = compared(cast, cast.vectors[unknown], "log-likelihood-ratio", references, ~unknown)
        rows += rows_of("log-likelihood-ratio", references, found)
    for row in rows:
        print(
            f"{row['scale']:<22}{row['references']:>10}{row['floor']:>6.0f}%{row['strangers']:>11.2%}"
            f"{row['nearest']:>9.1%}{row['held']:>8.1%}"
        )
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "named.json").write_text(json.dumps(rows, indent=1) + "\n")
    chosen = [row for row in rows if row["floor"] == PERSON_MIN and row["scale"] == "cosine"]
    low, high = (pick(row["nearest"] for row in chosen) for pick in (min, max))
    least, most = (pick(row["held"] for row in chosen) for pick in (min, max))
    print(
        f"\n{PERSON_MIN:g} % of a match is reached by {low:.1%} to {high:.1%} of strangers' faces with "
        f"whoever they come nearest to, and by {least:.0%} to {most:.0%} of people's own that don't match"
    )


if __name__ == "__main__":
    main()
