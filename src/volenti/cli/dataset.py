"""volenti dataset: snapshots of what is cleared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.cut import cut, extent, facts_of, say_changed
from volenti.cli.export import DatasetName, export
from volenti.cli.terminal.help import CommandGroup
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, counted, note, progress, say, say_fields, say_json, say_table
from volenti.cli.terminal.session import fail, opened
from volenti.core.codec import encoded
from volenti.datasets.selection import REASONS, Selection

if TYPE_CHECKING:
    from volenti.core.canonical import Json
    from volenti.datasets.verification import Verification
    from volenti.workspace.datasets import ShownDataset

app = CommandGroup("Snapshots of what is cleared.")


app.command("cut")(cut)


@app.command("list")
def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List all snapshots, oldest first.

    \b
    Example:
      volenti dataset list
    """
    with opened(ctx) as ws:
        found = ws.datasets.list()
    if as_json:
        say_json({"datasets": [{"id": each.id, **encoded(each)} for each in found]})
        return
    if not found:
        note("No dataset was cut yet.")
        advise("Cut one: volenti dataset cut NAME --purpose PURPOSE")
        return
    say_table(
        ("DATASET", "PICTURES", "PEOPLE", "PURPOSE", "WHERE", "CUT"),
        [
            (each.id, each.entries, each.subjects, each.purpose, each.territory, each.created)
            for each in found
        ],
    )


@app.command("show")
def show(
    ctx: typer.Context,
    dataset: DatasetName,
    entries: Annotated[bool, typer.Option("--entries", help="List its pictures too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show one snapshot, with its pictures and captions if wanted.

    \b
    Examples:
      volenti dataset show humans
      volenti dataset show humans@1 --entries
    """
    with opened(ctx) as ws:
        found = ws.datasets.show(dataset)
    snapshot, graves = found.snapshot, found.tombstones
    if as_json:
        facts = _facts(found)
        say_json({**facts, "pictures": _pictures(found)} if entries else facts)
        return
    say_fields(
        [
            ("dataset", snapshot.id),
            ("holds", extent(snapshot)),
            *(found.selection.in_words if found.selection else ()),
            *_passed_over(found.selection),
            *((f"in {name}", counted(number, "picture")) for name, number in found.pictures_by_split.items()),
            ("tombstones", graves or "none"),
            ("cut", snapshot.created),
            ("root", snapshot.root),
        ]
    )
    if entries:
        say()
        say_table(
            ("NO", "IMAGE", *(("SPLIT",) if snapshot.splits else ()), "SHOWS", "CAPTION"),
            [
                (
                    e.position,
                    e.image or "(tombstone)",
                    *((found.split_of(e),) if snapshot.splits else ()),
                    ", ".join(e.people) or ("" if e.is_tombstone else "(nobody)"),
                    e.caption,
                )
                for e in found.entries
            ],
        )


def _facts(found: ShownDataset) -> Json:
    return {
        "id": found.id,
        **encoded(found.snapshot),
        "selection": facts_of(found.selection),
        "splits": found.pictures_by_split,
        "tombstones": found.tombstones,
    }


def _pictures(found: ShownDataset) -> list[Json]:
    return [
        {
            "position": e.position,
            "image": e.image or None,
            "caption": e.caption,
            "subjects": list(e.people),
            "split": found.split_of(e) or None,
            "tombstone": e.is_tombstone,
            "commitment": found.commitments[e.position].hex(),
        }
        for e in found.entries
    ]


def _passed_over(selection: Selection | None) -> list[tuple[str, str]]:
    """How many cleared pictures a selection didn't choose, by reason."""
    counts = selection.passed_over.items() if selection else ()
    said = "\n".join(f"{counted(number, 'picture')} {REASONS[reason]}" for reason, number in counts)
    return [("left out", said)] if said else []


@app.command("diff")
def diff(
    ctx: typer.Context,
    old: Annotated[str, typer.Argument(metavar="OLD", help="A version: humans@1.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Another: humans@2.")],
    as_json: AsJson = False,
) -> None:
    """Compare two snapshots by their pictures.

    \b
    Example:
      volenti dataset diff humans@1 humans@2
    """
    with opened(ctx) as ws:
        found = ws.datasets.diff(old, new)
    if as_json:
        say_json(encoded(found))
        return
    say(f"{found.old} -> {found.new}: {len(found.added):,} added, {len(found.removed):,} gone.")
    if found.tombstones:
        say(f"{found.new} has {counted(found.tombstones, 'tombstone')}.")
    if found.is_chosen_otherwise:
        say_changed(found)
    for sign, images in (("+", found.added), ("-", found.removed)):
        for image in images:
            say(f"{sign} {image}")


@app.command("verify")
def verify(
    ctx: typer.Context,
    datasets: Annotated[
        list[str] | None, typer.Argument(metavar="DATASET", help="Which; all by default.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Open every picture and compare it with the digest it was cut with; recompute the manifest.

    Ends with status 1 if anything is missing or changed. Pictures that no release covers any more, or
    that were rejected since, are counted, but aren't a fault: they can't be read, and the next version
    leaves them out.

    \b
    Examples:
      volenti dataset verify
      volenti dataset verify humans@1 --json
    """
    with opened(ctx) as ws, progress(as_json) as bar:
        found = ws.datasets.verify(datasets or [], progress=bar)
    ok = all(report.ok for report in found)
    if not found and not as_json:
        note("There are no datasets.")
    if as_json:
        say_json({"ok": ok, "datasets": [report.to_json() for report in found]})
    for report in [] if as_json else found:
        verdict = "holds" if report.ok else "does not hold"
        entries = counted(report.entries, "entry", "entries")
        say(f"{report.dataset} {verdict}: {entries}, {report.tombstones} of them tombstones.")
        for problem in report.problems:
            say(f"  {problem}")
        for line in _decided_since(report):
            say(f"  {line}")
    if not ok:
        advise("Something was damaged or changed: volenti audit says what else.")
        fail()


def _decided_since(report: Verification) -> Iterator[str]:
    """What was decided about pictures since they were cut, in a line for each reason."""
    for why, number in sorted(Counter(report.rejected.values()).items()):
        yield f"Rejected since ({why}): {counted(number, 'picture')}; a new version leaves them out."
    if left := len(report.refused) - len(report.rejected):
        gone = counted(left, "picture")
        yield f"No release covers them today, or they are held: {gone}; a new version leaves them out."
    if report.redacted:
        changed = counted(len(report.redacted), "picture")
        yield f"Somebody was made unrecognisable since: {changed}; a new version has them as they are now."


app.command("export")(export)
