"""How often faces are matched rightly, held, and cleared wrongly: bench/out/accuracy.json and tables.

    python bench/accuracy.py
    python bench/accuracy.py --folder DIR        # photographs of one's own instead; nothing is kept

DIR is laid out in one of three ways, the first that fits being taken:

1. like ../shared/data/same-person: index.csv with the columns file and person_id (or
   records.json, a list of objects with file and subject), the pictures in DIR or DIR/images;
   any other column is a group whose miss rates are printed;
2. one sub-folder a person: DIR/ada/first.jpg, DIR/ada/second.jpg, DIR/ben/only.jpg;
3. pictures side by side, a person's sharing their name up to a number: ada_0.jpg, ada_1.jpg.

The largest face of a picture is the person's. Pictures without a face, files that can't be
opened or are missing, and entries that name nobody are counted and left out. People with one
picture are strangers.

One reference photograph of each person is enrolled and their others are presented ("true").
Then each person is taken out of the gallery and presented as the stranger they now are
("strangers"); whoever was never enrolled is a stranger too. A false clear is a stranger, or
somebody else, called a match. "Highest" is the best score of a stranger who leads by the margin,
"needed" the threshold. Below the tables stands what to expect of a million comparisons of
strangers with somebody enrolled, by the tail of the strangers' scores. Thresholds are those of
clearance.matching: this measures, it doesn't tune. They were chosen on the same pictures, so
treat zero as "fewer than one in as many as were tried" (95% sure: fewer than three in as many).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from common.groups import GROUP_HEAD, Counts, GroupRow, Groups, group_rows, groups_of
from common.match_counts import HEAD, Indices, MatchCounts, Row, Tail, tail_of
from common.photographs import listed
from common.templates import NOBODY, OUT, SHARED, Templates, templates, templates_of

from volenti.adapters.matcher.exact import ExactMatcher
from volenti.perception.sight.ranking import THRESHOLDS

#: Choices of reference that are tried where people have as many pictures.
REFERENCES_MAX = 8


@dataclass(slots=True)
class Report:
    """The lines of the three tables."""

    rows: list[Row] = field(default_factory=list)
    groups: list[GroupRow] = field(default_factory=list)
    tails: list[Tail] = field(default_factory=list)

    def add(self, other: Report) -> None:
        self.rows += other.rows
        self.groups += other.groups
        self.tails += other.tails


def reference_rows(of: Templates, which: int) -> Indices:
    """The index of each person's picture number `which` (of those they have), of people with several."""
    mine = [np.flatnonzero(of.subjects == subject) for subject in np.unique(of.subjects)]
    return np.array([rows[which % len(rows)] for rows in mine if len(rows) > 1], np.int64)


def enrolled(of: Templates, rows: Indices, prefix: str = "") -> Callable[[ExactMatcher], None]:
    def enrol(matcher: ExactMatcher) -> None:
        for row in rows:
            matcher.enrol(prefix + str(of.subjects[row]), of.enrolled[row][None])

    return enrol


def measured(
    what: str, of: Templates, references: Indices, *others: Callable[[ExactMatcher], None]
) -> tuple[Row, MatchCounts]:
    """One gallery of `of`'s references (and whoever `others` enrol), all other pictures presented."""
    matcher, counts = ExactMatcher(), MatchCounts()
    for enrol in (enrolled(of, references), *others):
        enrol(matcher)
    inside = np.flatnonzero(np.isin(of.subjects, of.subjects[references]))
    counts.present(of, np.setdiff1d(inside, references), matcher)
    size = len(matcher.subjects())
    for row in references:
        subject = str(of.subjects[row])
        matcher.remove(subject)
        counts.present_strangers(of, np.flatnonzero(of.subjects == subject), matcher)
        matcher.enrol(subject, of.enrolled[row][None])
    return counts.row(what, size), counts


def never_enrolled(what: str, gallery: Templates, references: Indices, of: Templates, rows: Indices) -> Row:
    matcher, counts = ExactMatcher(), MatchCounts()
    enrolled(gallery, references)(matcher)
    counts.present_strangers(of, rows, matcher)
    return counts.row(what, len(references))


def small_galleries(what: str, of: Templates, size: int, rounds: int) -> Row:
    """Random galleries of a few; everybody else is a stranger."""
    random, counts = np.random.default_rng(0), MatchCounts()
    references = reference_rows(of, 0)
    for _ in range(rounds):
        chosen = random.choice(references, size, replace=False)
        matcher = ExactMatcher()
        enrolled(of, chosen)(matcher)
        inside = np.isin(of.subjects, of.subjects[chosen])
        counts.present(of, np.setdiff1d(np.flatnonzero(inside), chosen), matcher)
        counts.present_strangers(of, np.flatnonzero(~inside), matcher)
    return counts.row(f"{what}, {rounds} galleries of {size}", size)


def own_photographs(folder: Path) -> None:
    """The tables for photographs of one's own."""
    of = templates_of(folder)
    print(f"{folder}: {of.account()}")
    for file, reason in of.unusable[:20]:
        print(f"  {file}: {reason}")
    if not len(reference_rows(of, 0)):
        print("Nobody has two pictures with a face: there is nothing to compare.")
        return
    show(table(of, groups_of(listed(folder).photographs), "the folder's people"))


def table(of: Templates, groups: Groups, what: str) -> Report:
    """What can be measured of one set of people by themselves."""
    report, references = Report(), reference_rows(of, 0)
    if not len(references):
        return report
    most = int(np.unique(of.subjects, return_counts=True)[1].max())
    people: dict[str, Counts] = {}
    best: list[float] = []
    needed = 0.0
    for k in range(min(most, REFERENCES_MAX)):
        row, counts = measured(f"{what}, picture {k} as reference", of, reference_rows(of, k))
        report.rows.append(row)
        best += counts.best
        needed = max(needed, row.needed or 0.0)
        for person, mine in counts.people.items():
            people.setdefault(person, Counts()).add(mine)
    once = np.flatnonzero(~np.isin(of.subjects, of.subjects[references]))
    if len(once):
        name = f"{what}; strangers: with one picture"
        report.rows.append(never_enrolled(name, of, references, of, once))
    for size in (each for each in (5, 19, 20, 50) if each < len(references)):
        report.rows.append(small_galleries(what, of, size, max(20, 1000 // size)))
    report.groups = group_rows(people, groups, what)
    tail = tail_of(what, best, needed, len(references))
    report.tails += [tail] if tail else []
    return report


def show(report: Report) -> None:
    print(f"\n{HEAD}", *report.rows, sep="\n")
    if report.groups:
        print(f"\n{GROUP_HEAD}", *report.groups, sep="\n")
    print("", *report.tails, sep="\n")
    clears = [f"{row.what}: {each}" for row in report.rows for each in row.clears]
    if clears:
        print("\nCleared wrongly (look whether the two are one human):")
    for each in clears[:40]:
        print(f"  {each}")
    true = [row for row in report.rows if row.true]
    held = ", ".join(f"{row.held:.1%} ({row.what})" for row in true if "picture 0" in row.what)
    print(f"\n{len(clears)} false clears; held for review: {held}")


def shared_photographs() -> Report:
    """Everything that ../shared/data gives to compare."""
    cast, real, portraits, crowd = (given(name) for name in ("cast", "same-person", "portraits", "crowd"))
    # What the list of portraits says of a person counts where their own pictures' list says nothing.
    said = {**groups_given("portraits"), **{k: v for k, v in groups_given("same-person").items() if v}}
    report = table(real, said, "photographed people")
    first, cast_first = reference_rows(real, 0), reference_rows(cast, 0)
    unknown = strangers_of(portraits, real)
    # The cohort was fitted on those of the crowd with several pictures; the others are new to it.
    _, owner, count = np.unique(crowd.subjects, return_inverse=True, return_counts=True)
    new = np.flatnonzero(count[owner] == 1)
    crowded = (enrolled(portraits, unknown, "portrait "), enrolled(cast, cast_first, "cast "))
    report.rows += [
        never_enrolled("photographed people; strangers: other portraits", real, first, portraits, unknown),
        never_enrolled("photographed people; strangers: the cast", real, first, cast, every(cast)),
        measured("photographed people, beside portraits and cast", real, first, *crowded)[0],
    ]
    report.add(table(cast, groups_given("cast", "sex", "age", "skin_tone"), "cast"))
    report.rows += [
        never_enrolled("cast; strangers: crowd not in the cohort, 96 px", cast, cast_first, crowd, new),
        never_enrolled("cast; strangers: photographs", cast, cast_first, portraits, every(portraits)),
        measured("cast, beside photographed people", cast, cast_first, enrolled(real, first, "real "))[0],
        measured(
            "cast, beside one photographed person", cast, cast_first, enrolled(real, first[:1], "real ")
        )[0],
    ]
    report.rows = [row for row in report.rows if row.true or row.strangers]
    return report


def strangers_of(portraits: Templates, real: Templates) -> Indices:
    """The portraits of people who aren't among the photographed; none where the lists can't tell.

    Where both name nobody alike, one human may stand in both by two names.
    """
    known = np.isin(portraits.subjects, real.subjects)
    if len(real.subjects) and not known.any():
        print("portraits: no name of theirs is in same-person, so nobody is known to be a stranger there")
        return np.empty(0, np.int64)
    return np.flatnonzero(~known)


def given(name: str) -> Templates:
    """One set of ../shared/data; an empty one where it isn't there."""
    if not (SHARED / name).is_dir():
        print(f"{name}: isn't there")
        return NOBODY
    of = templates(name)
    print(f"{name}: {of.account()}")
    return of


def groups_given(name: str, *only: str) -> Groups:
    return groups_of(listed(SHARED / name).photographs, only) if (SHARED / name).is_dir() else {}


def every(of: Templates) -> Indices:
    return np.arange(len(of.vectors))


def main() -> None:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("--folder", type=Path, help="photographs of one's own, laid out as described above")
    folder: Path | None = parser.parse_args().folder
    if folder is not None:
        own_photographs(folder)
        return
    report = shared_photographs()
    if not any(row.true for row in report.rows):
        raise SystemExit("Nobody has two pictures with a face in ../shared/data: try --folder DIR.")
    show(report)
    OUT.mkdir(parents=True, exist_ok=True)
    thresholds = {scale: asdict(rule) for scale, rule in THRESHOLDS.items()}
    facts = {"thresholds": thresholds, **asdict(report)}
    (OUT / "accuracy.json").write_text(json.dumps(facts, indent=1) + "\n")


if __name__ == "__main__":
    main()
