"""How often faces are matched rightly, held, and cleared wrongly: bench/out/accuracy.json and a table.

    python bench/accuracy.py
    python bench/accuracy.py --folder PHOTOGRAPHS

PHOTOGRAPHS has an index.csv with the columns file and person_id, two pictures or more a person;
any other column is a group whose miss rates are printed.

One reference photograph of each person is enrolled and their others are presented ("true").
Then each person is taken out of the gallery and presented as the stranger they now are
("stranger"); whoever was never enrolled is a stranger too. A false clear is a stranger, or
somebody else, called a match. Thresholds are those of clearance.matching: this measures,
it doesn't tune. It was tuned on the same pictures, so treat zero as "fewer than one in as
many as were tried" (95% sure: fewer than three in as many).
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from templates import OUT, SHARED, Templates, templates, templates_of

from volenti.adapters.matcher_exact import ExactMatcher
from volenti.clearance.matching import THRESHOLDS, Match

#: Of each subject: the groups they belong to, by name.
Groups = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; rates are shares of `true` or `strangers`."""

    what: str
    gallery: int
    true: int
    matched: float
    held: float
    wrong: int
    strangers: int
    false_clears: int

    def __str__(self) -> str:
        matched, held = (f"{rate:.1%}" if self.true else "-" for rate in (self.matched, self.held))
        return (
            f"{self.what:46s} {self.gallery:7d} {self.true:6d} {matched:>8s} {held:>7s} "
            f"{self.wrong:6d} {self.strangers:10d} {self.false_clears:12d}"
        )


HEAD = (
    f"{'what':46s} {'gallery':>7s} {'true':>6s} {'matched':>8s} {'held':>7s} "
    f"{'wrong':>6s} {'strangers':>10s} {'false clears':>12s}"
)


def reference_rows(of: Templates, which: int) -> NDArray[np.int64]:
    """The index of each subject's picture number `which` (of those they have)."""
    rows = []
    for subject in np.unique(of.subjects):
        mine = np.flatnonzero(of.subjects == subject)
        if len(mine) > 1:
            rows.append(mine[which % len(mine)])
    return np.array(rows)


def measured(
    what: str,
    of: Templates,
    references: NDArray[np.int64],
    others: Callable[[ExactMatcher], None] | None = None,
) -> Row:
    """One gallery of `of`'s references (and whoever `others` enrols), all other pictures presented."""
    matcher = ExactMatcher()
    for row in references:
        matcher.enrol(str(of.subjects[row]), of.vectors[row][None])
    if others:
        others(matcher)
    presented = np.setdiff1d(np.arange(len(of.vectors)), references)
    presented = presented[np.isin(of.subjects[presented], of.subjects[references])]
    answers = matcher.match(of.vectors[presented])
    right = sum(
        a.verdict == "match" and a.subject == s for a, s in zip(answers, of.subjects[presented], strict=True)
    )
    wrong = sum(
        a.verdict == "match" and a.subject != s for a, s in zip(answers, of.subjects[presented], strict=True)
    )
    size = len(matcher.subjects())
    false = strangers = 0
    for row in references:
        subject = str(of.subjects[row])
        matcher.remove(subject)
        answers = matcher.match(of.vectors[of.subjects == subject])
        strangers += len(answers)
        false += _matches(answers)
        matcher.enrol(subject, of.vectors[row][None])
    true = len(presented)
    return Row(what, size, true, right / true, 1 - (right + wrong) / true, wrong, strangers, false)


def never_enrolled(
    what: str, gallery: Templates, references: NDArray[np.int64], strangers: NDArray[np.float32]
) -> Row:
    matcher = ExactMatcher()
    for row in references:
        matcher.enrol(str(gallery.subjects[row]), gallery.vectors[row][None])
    false = _matches(matcher.match(strangers))
    return Row(what, len(references), 0, float("nan"), float("nan"), 0, len(strangers), false)


def small_galleries(of: Templates, size: int, rounds: int) -> Row:
    """Random galleries too small for the gallery's mean; everybody else is a stranger."""
    random = np.random.default_rng(0)
    references = reference_rows(of, 0)
    totals = np.zeros(5, int)
    for _ in range(rounds):
        chosen = random.choice(references, size, replace=False)
        matcher = ExactMatcher()
        for row in chosen:
            matcher.enrol(str(of.subjects[row]), of.vectors[row][None])
        inside = np.isin(of.subjects, of.subjects[chosen])
        presented = np.setdiff1d(np.flatnonzero(inside), chosen)
        for rows, at in ((presented, 0), (np.flatnonzero(~inside), 3)):
            answers = matcher.match(of.vectors[rows])
            right = sum(
                a.verdict == "match" and a.subject == s
                for a, s in zip(answers, of.subjects[rows], strict=True)
            )
            totals[at] += len(rows)
            totals[at + 1] += right if at == 0 else _matches(answers)
            totals[2] += _matches(answers) - right if at == 0 else 0
    true, right, wrong, strangers, false = (int(total) for total in totals)
    held = 1 - (right + wrong) / true
    return Row(
        f"photographed, {rounds} galleries of {size}", size, true, right / true, held, wrong, strangers, false
    )


def _matches(answers: Sequence[Match]) -> int:
    return sum(answer.verdict == "match" for answer in answers)


def everybody(
    of: Templates, references: NDArray[np.int64], limit: int | None = None
) -> Callable[[ExactMatcher], None]:
    def enrol(matcher: ExactMatcher) -> None:
        for row in references[:limit]:
            matcher.enrol(f"other-{of.subjects[row]}", of.vectors[row][None])

    return enrol


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group's people: `matched`, `held` and `wrong` of `true` pictures, `false_clears` of strangers."""

    group: str
    value: str
    people: int
    true: int
    matched: float
    held: float
    wrong: int
    false_clears: int

    def __str__(self) -> str:
        return (
            f"{self.group:22s} {self.value:14s} {self.people:6d} {self.true:6d} {self.matched:>8.1%} "
            f"{self.held:>7.1%} {self.wrong:6d} {self.false_clears:12d}"
        )


GROUP_HEAD = (
    f"{'group':22s} {'value':14s} {'people':>6s} {'true':>6s} {'matched':>8s} {'held':>7s} "
    f"{'wrong':>6s} {'false clears':>12s}"
)


def by_group(of: Templates, which: Sequence[NDArray[np.int64]], groups: Groups) -> list[GroupRow]:
    """Rates for each value of each group, everybody being enrolled; over several choices of references."""
    counts: dict[tuple[str, str], NDArray[np.int64]] = {}
    people: dict[tuple[str, str], set[str]] = {}

    def count(subject: str, place: int, number: int) -> None:
        for group, value in groups.get(subject, {}).items():
            counts.setdefault((group, value), np.zeros(4, np.int64))[place] += number
            people.setdefault((group, value), set()).add(subject)

    for references in which:
        matcher = ExactMatcher()
        for row in references:
            matcher.enrol(str(of.subjects[row]), of.vectors[row][None])
        presented = np.setdiff1d(np.arange(len(of.vectors)), references)
        presented = presented[np.isin(of.subjects[presented], of.subjects[references])]
        for row, answer in zip(presented, matcher.match(of.vectors[presented]), strict=True):
            subject = str(of.subjects[row])
            matched = answer.verdict == "match"
            count(subject, 0, 1)
            count(subject, 1, int(matched and answer.subject == subject))
            count(subject, 2, int(matched and answer.subject != subject))
        for row in references:
            subject = str(of.subjects[row])
            matcher.remove(subject)
            count(subject, 3, _matches(matcher.match(of.vectors[of.subjects == subject])))
            matcher.enrol(subject, of.vectors[row][None])
    return [
        GroupRow(group, value, len(people[group, value]), int(true), right / true,
                 1 - (right + wrong) / true, int(wrong), int(false))
        for (group, value), (true, right, wrong, false) in sorted(counts.items())
        if true
    ]  # fmt: skip


def portrait_groups() -> Groups:
    """Gender and birth decade of the photographed, from the portraits' index."""
    with (SHARED / "portraits" / "index.csv").open() as file:
        return {
            row["person_id"]: {
                "photographed: gender": row["gender"],
                "photographed: born": f"{row['birth_year'][:3]}0s",
            }
            for row in csv.DictReader(file)
        }


def cast_groups() -> Groups:
    """Sex, age and skin tone of the cast, from its records."""
    records = json.loads((SHARED / "cast" / "records.json").read_text())
    return {
        record["subject"]: {
            "cast: sex": record["sex"],
            "cast: age": record["age"],
            "cast: skin tone": ("light", "medium", "dark")[min(2, int(3 * record["skin_tone"]))],
        }
        for record in records
    }


def folder_groups(folder: Path) -> Groups:
    """Every column of a folder's index.csv but the file and the person."""
    with (folder / "index.csv").open() as file:
        return {
            row.pop("person_id"): {name: value for name, value in row.items() if name != "file"}
            for row in csv.DictReader(file)
        }


def other_photographs(folder: Path) -> None:
    """The table for photographs of one's own."""
    of = templates_of(folder)
    references = reference_rows(of, 0)
    print(HEAD)
    row = measured(str(folder), of, references)
    print(row)
    print(f"\n{GROUP_HEAD}")
    for each in by_group(of, [references], folder_groups(folder)):
        print(each)
    print(f"\n{row.matched:.1%} matched, {row.held:.1%} held, {row.wrong + row.false_clears} false clears")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, help="photographs of one's own instead")
    folder: Path | None = parser.parse_args().folder
    if folder is not None:
        other_photographs(folder)
        return
    cast, real, portraits, crowd = (templates(name) for name in ("cast", "same-person", "portraits", "crowd"))
    cast_first, real_first = reference_rows(cast, 0), reference_rows(real, 0)
    unknown = portraits.vectors[~np.isin(portraits.subjects, real.subjects)]
    photographs = np.concatenate([real.vectors, portraits.vectors])
    _, owner, count = np.unique(crowd.subjects, return_inverse=True, return_counts=True)
    # The cohort was fitted on those with several pictures; the others are new to it.
    new = crowd.vectors[count[owner] == 1]
    rows = [
        *(measured(f"cast, picture {k} as reference", cast, reference_rows(cast, k)) for k in range(8)),
        never_enrolled("cast; strangers: crowd not in the cohort, 96 px", cast, cast_first, new),
        never_enrolled("cast; strangers: photographs", cast, cast_first, photographs),
        measured("photographed people", real, real_first),
        never_enrolled("photographed; strangers: other portraits", real, real_first, unknown),
        never_enrolled("photographed; strangers: the cast", real, real_first, cast.vectors),
        *(small_galleries(real, size, rounds) for size, rounds in ((5, 60), (19, 30), (20, 30), (50, 20))),
        measured("cast, beside 345 photographed people", cast, cast_first, everybody(real, real_first)),
        measured("cast, beside one photographed person", cast, cast_first, everybody(real, real_first, 1)),
        measured("photographed, beside the cast", real, real_first, everybody(cast, cast_first)),
    ]  # fmt: skip
    print(HEAD)
    for row in rows:
        print(row)
    groups = [
        *by_group(real, [reference_rows(real, k) for k in (0, 1)], portrait_groups()),
        *by_group(cast, [reference_rows(cast, k) for k in range(8)], cast_groups()),
    ]
    print(f"\n{GROUP_HEAD}")
    for group in groups:
        print(group)
    OUT.mkdir(parents=True, exist_ok=True)
    report = {
        "groups": [asdict(group) for group in groups],
        "thresholds": {scale: asdict(rule) for scale, rule in THRESHOLDS.items()},
        "rows": [{k: None if v != v else v for k, v in asdict(row).items()} for row in rows],
    }
    (OUT / "accuracy.json").write_text(json.dumps(report, indent=1) + "\n")
    false = sum(row.false_clears + row.wrong for row in rows)
    held = next(row.held for row in rows if row.what == "photographed people")
    print(f"\n{false} false clears; {held:.1%} of photographed people are held for review")


if __name__ == "__main__":
    main()
