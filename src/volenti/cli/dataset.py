"""volenti dataset: snapshots of what is cleared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.export import DatasetName, export
from volenti.cli.terminal.help import CommandGroup
from volenti.cli.terminal.options import AsJson, Purpose, Territory
from volenti.cli.terminal.output import advise, counted, note, progress, say, say_fields, say_json, say_table
from volenti.cli.terminal.session import fail, opened
from volenti.consent.purpose import Grant
from volenti.core.codec import encoded

if TYPE_CHECKING:
    from volenti.datasets.snapshot import Snapshot

app = CommandGroup("Snapshots of what is cleared.")


Conditions = Annotated[
    list[Grant] | None,
    typer.Option(
        "--condition", metavar="GRANT", help=f"What has to be granted as well; repeat it: {', '.join(Grant)}."
    ),
]


@app.command("cut")
def cut(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The dataset's name, such as humans.")],
    purpose: Purpose,
    territory: Territory = None,
    condition: Conditions = None,
    as_json: AsJson = False,
) -> None:
    """Cut a new version: every picture cleared for the purpose and covered today.

    A snapshot is a list of pictures with digests and captions, never a copy of them. With --condition
    it has only pictures of people who granted that beside the purpose, and every later read asks for it.

    \b
    Examples:
      volenti dataset cut humans --purpose generative-training
      volenti dataset cut for-sale --purpose generative-training --condition commercial
    """
    with opened(ctx) as ws, progress(as_json) as bar:
        snapshot = ws.datasets.cut(
            name, purpose, territory=territory, condition=condition or (), progress=bar
        )
    if as_json:
        say_json({"id": snapshot.id, **encoded(snapshot)})
        return
    say(f"{snapshot.id}: {_extent(snapshot)}.")
    advise(f"Train on it: volenti train {snapshot.id}")


def _extent(snapshot: Snapshot) -> str:
    people = counted(snapshot.subjects, "person", "people")
    what = " with ".join((snapshot.purpose, *snapshot.conditions))
    return f"{counted(snapshot.entries, 'picture')} of {people} for {what} in {snapshot.territory}"


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
        rows = [
            {
                "position": e.position,
                "image": e.image or None,
                "caption": e.caption,
                "subjects": list(e.owners),
                "tombstone": e.is_tombstone,
                "commitment": found.commitments[e.position].hex(),
            }
            for e in found.entries
        ]
        facts = {"id": snapshot.id, **encoded(snapshot), "tombstones": graves}
        say_json({**facts, "pictures": rows} if entries else facts)
        return
    say_fields(
        [
            ("dataset", snapshot.id),
            ("holds", _extent(snapshot)),
            ("tombstones", graves or "none"),
            ("cut", snapshot.created),
            ("root", snapshot.root),
        ]
    )
    if entries:
        say()
        say_table(
            ("NO", "IMAGE", "SHOWS", "CAPTION"),
            [(e.position, e.image or "(tombstone)", ", ".join(e.owners), e.caption) for e in found.entries],
        )


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

    Ends with status 1 if anything is missing or changed. Pictures that no release covers any more
    are named, but aren't a fault: they can't be read, and the next version leaves them out.

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
        if report.refused:
            gone = counted(len(report.refused), "picture")
            say(f"  No release covers {gone} any more; a new version leaves them out.")
    if not ok:
        advise("Something was damaged or changed: volenti audit says what else.")
        fail()


app.command("export")(export)
