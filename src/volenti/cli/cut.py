"""volenti dataset cut: a new version of a dataset, of all that is cleared or of a selection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.terminal.options import AsJson, Purpose, Territory
from volenti.cli.terminal.output import advise, counted, progress, say, say_json
from volenti.cli.terminal.session import opened
from volenti.consent.purpose import Grant
from volenti.core.codec import encoded
from volenti.datasets.selection import REASONS, TEXTS, Split

if TYPE_CHECKING:
    from volenti.datasets.selection import Selection
    from volenti.datasets.snapshot import Difference, Snapshot
    from volenti.workspace.datasets import ShownDataset
    from volenti.workspace.workspace import Workspace

Conditions = Annotated[
    list[Grant] | None,
    typer.Option(
        "--condition", metavar="GRANT", help=f"What has to be granted as well; repeat it: {', '.join(Grant)}."
    ),
]
Shoots = Annotated[
    list[str] | None,
    typer.Option("--shoot", metavar="NAME", help="Only pictures from this shoot; repeat it for several."),
]
Subjects = Annotated[
    list[str] | None,
    typer.Option("--subject", metavar="SUBJECT", help="Only pictures with this person; repeat it."),
]
Without = Annotated[
    list[str] | None,
    typer.Option("--without", metavar="SUBJECT", help="No pictures with this person; repeat it."),
]
Words = Annotated[
    list[str] | None,
    typer.Option(
        "--word",
        metavar="WORD",
        help="Only pictures with this word in the caption; repeat it for any of them.",
    ),
]
Side = Annotated[
    int, typer.Option("--min-side", metavar="PIXELS", min=0, help="Fewest pixels on the shorter side.")
]
Face = Annotated[
    int,
    typer.Option(
        "--min-face", metavar="PIXELS", min=0, help="Fewest pixels on the shorter side of each person's face."
    ),
]
Count = Annotated[
    int | None,
    typer.Option(
        "--count",
        metavar="N",
        min=1,
        help="Draw this many pictures, as many of each person as possible alike.",
    ),
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Of the draw and the splits; kept on record.")]
Splits = Annotated[
    str | None,
    typer.Option(
        "--split",
        metavar="NAME=SHARE,...",
        help="Divide it by person, as train=0.8,val=0.1,test=0.1: nobody is in two splits.",
    ),
]


def cut(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The dataset's name, such as humans.")],
    purpose: Purpose,
    territory: Territory = None,
    condition: Conditions = None,
    shoot: Shoots = None,
    subject: Subjects = None,
    without: Without = None,
    word: Words = None,
    min_side: Side = 0,
    min_face: Face = 0,
    count: Count = None,
    seed: Seed = 0,
    split: Splits = None,
    as_json: AsJson = False,
) -> None:
    """Cut a new version: every picture cleared for the purpose and covered today, or a selection of them.

    A snapshot is a list of pictures with digests and captions, never a copy of them. With --condition
    it has only pictures of people who granted that beside the purpose, and every later read asks for it.

    Different options of a selection narrow it, and a repeated one widens it. It is kept with the version.
    A split depends on the person and --seed alone: nobody changes it when others come or go. A picture of
    people who are in different splits is left out. A --count is drawn once, not again after an erasure.

    \b
    Examples:
      volenti dataset cut humans --purpose generative-training
      volenti dataset cut for-sale --purpose generative-training --condition commercial
      volenti dataset cut spring --purpose generative-training --shoot "Spring 2026" --min-side 768
      volenti dataset cut even --purpose generative-training --count 5000 --split train=0.9,test=0.1
    """
    with opened(ctx) as ws, progress(as_json) as bar:
        snapshot = ws.datasets.cut(
            name,
            purpose,
            territory=territory,
            condition=condition or (),
            shoot=shoot or (),
            subject=subject or (),
            without=without or (),
            word=word or (),
            min_side=min_side,
            min_face=min_face,
            count=count,
            seed=seed,
            split=Split.shares_in(split) if split is not None else None,
            progress=bar,
        )
        changed = _changed(ws, snapshot)
        shown = ws.datasets.show(snapshot.id)
    if as_json:
        _say_facts(snapshot, shown, changed)
    else:
        _say_cut(snapshot, shown, changed, {"shoot": shoot, "subject": subject, "word": word})


def _say_cut(
    snapshot: Snapshot,
    shown: ShownDataset,
    changed: Difference | None,
    asked: dict[str, list[str] | None],
) -> None:
    say(f"{snapshot.id}: {extent(snapshot)}.")
    if snapshot.uncovered:
        left = counted(snapshot.uncovered, "cleared picture")
        say(f"  {left} left out: not everybody in them has a release for this in {snapshot.territory} today.")
    if shown.selection is not None:
        _say_selection(shown, shown.selection, asked)
    if without := shown.without_caption:
        say(f"  {counted(without, 'picture')} without a caption.")
    if changed is not None:
        say_changed(changed)
    which = f" --split {snapshot.splits[0]}" if snapshot.splits else ""
    advise(f"Train on it: volenti train {snapshot.id}{which}")
    advise(f"Or hand it out: volenti dataset export {snapshot.id} DIR --to RECIPIENT{which}")


def _say_facts(snapshot: Snapshot, shown: ShownDataset, changed: Difference | None) -> None:
    facts = {
        "id": snapshot.id,
        **encoded(snapshot),
        "selection": facts_of(shown.selection),
        "uncovered": snapshot.uncovered,
        "without_caption": shown.without_caption,
    }
    say_json({**facts, "since": encoded(changed)} if changed else facts)


def extent(snapshot: Snapshot) -> str:
    """How much is in a snapshot, and for what, in words."""
    people = counted(snapshot.subjects, "person", "people")
    what = " with ".join((snapshot.purpose, *snapshot.conditions))
    return f"{counted(snapshot.entries, 'picture')} of {people} for {what} in {snapshot.territory}"


def facts_of(selection: Selection | None) -> object:
    """A selection with all its texts as JSON values; None where there is none."""
    if selection is None:
        return None
    return {**{kind: list(getattr(selection, kind)) for kind in TEXTS}, **encoded(selection)}


def say_changed(changed: Difference) -> None:
    """Say by which selections two versions were cut, and how many pictures came and went."""
    before, now = _as_text(changed.old_selection), _as_text(changed.new_selection)
    say(f"{changed.old} was cut from {before}, {changed.new} from {now}:")
    say(f"  {len(changed.added):,} added, {len(changed.removed):,} gone.")


def _as_text(selection: Selection | None) -> str:
    said = "; ".join(f"{label} {text}" for label, text in selection.in_words) if selection else ""
    return said or "everything that is cleared"


def _changed(ws: Workspace, snapshot: Snapshot) -> Difference | None:
    """What differs from the version before, where that was cut by another selection."""
    if snapshot.version == 1:
        return None
    before = ws.datasets.show(f"{snapshot.name}@{snapshot.version - 1}").snapshot
    if before.selection is None and snapshot.selection is None:
        return None
    changed = ws.datasets.diff(before.id, snapshot.id)
    return changed if changed.is_chosen_otherwise else None


def _say_selection(shown: ShownDataset, selection: Selection, asked: dict[str, list[str] | None]) -> None:
    for label, text in selection.in_words:
        say(f"  {label}: {text}")
    for reason, number in selection.passed_over.items():
        say(f"  {counted(number, 'picture')} left out: {REASONS[reason]}.")
    for kind, texts in asked.items():
        for text in selection.lacking(kind, texts or []):
            say(f"  No picture in it has the {kind} {text!r}.")
    for name, number in shown.pictures_by_split.items():
        say(f"  {counted(number, 'picture')} in {name}.")
    if 0 in shown.pictures_by_split.values():
        advise("A split is empty. With few people the shares are rough: try another --seed.")
