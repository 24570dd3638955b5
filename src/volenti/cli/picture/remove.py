"""volenti picture remove: takes pictures out that were given by mistake."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.picture.criteria import Images
from volenti.cli.terminal.asking import ask_first
from volenti.cli.terminal.options import AsJson, DryRun
from volenti.cli.terminal.output import counted, progress, say, say_json, say_table, size
from volenti.cli.terminal.session import opened
from volenti.core.errors import UsageError

if TYPE_CHECKING:
    from volenti.clearance.removal import Removal

Yes = Annotated[bool, typer.Option("--yes", help="Don't ask.")]


def remove(
    ctx: typer.Context, images: Images, yes: Yes = False, dry_run: DryRun = False, as_json: AsJson = False
) -> None:
    """Take pictures out that were given by mistake: for good, all of them or none.

    Their bytes are gone, and nothing stays on record but that so many files were given and removed. It
    asks first; where nobody can be asked it needs --yes. A picture that a dataset holds isn't removed,
    because exports and models rest on it: `picture show` names them. This erases no person (volenti
    request open --kind erasure), and a backup that was made before still has the picture, sealed.

    \b
    Examples:
      volenti picture remove img_1 img_2 --dry-run
      volenti picture remove img_1 --yes
    """
    with opened(ctx) as ws:
        would = ws.pictures.remove(images, dry_run=True)
        if not dry_run:
            if not yes:
                names = " ".join(each.id for each in would)
                gone = f"{names}: what is removed is gone for good, and nobody can be asked here."
                ask_first(
                    "Remove them for good?",
                    "Nothing was removed.",
                    UsageError(gone, f"If you are sure: volenti picture remove {names} --yes"),
                    as_json=as_json,
                    show=lambda: _say(would),
                )
            with progress(as_json) as bar:
                would = ws.pictures.remove(images, progress=bar)
    if as_json:
        facts = [
            {"image": each.id, "files": each.files, "people": list(each.people), "bytes": each.bytes}
            for each in would
        ]
        say_json({"dry_run": dry_run, "removed": facts})
    elif dry_run:
        _say(would)
        say(f"{counted(len(would), 'picture')} would be removed.")
    else:
        say(f"{counted(len(would), 'picture')} removed.")


def _say(would: Sequence[Removal]) -> None:
    say_table(
        ("PICTURE", "FILES", "SIZE", "PEOPLE"),
        [(each.id, each.files, size(each.bytes), ", ".join(each.people) or "not known") for each in would],
    )
