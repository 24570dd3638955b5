"""Where an acknowledgement is written: a new file, or the place of the one that was written there before.

The commands that write one run on a schedule, and can't take back what they removed. So the place is looked
at before anything is removed, and each time the file is written anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volenti.cli.terminal.session import read_bytes
from volenti.core.errors import IntegrityError, UsageError
from volenti.core.files import write_atomically
from volenti.deliveries.acknowledgement import Acknowledgement
from volenti.deliveries.delivery import DeliveryNote

AcknowledgedTo = Annotated[
    Path | None,
    typer.Option(
        "--out",
        dir_okay=False,
        metavar="FILE",
        help="Write the acknowledgement here, in the place of an earlier one of the same delivery.",
    ),
]


def check_place(path: Path, folder: Path) -> None:
    """Refuse to write over anything but an acknowledgement of the delivery in a folder: UsageError.

    The same where there can't be a file of that name.
    """
    delivery = DeliveryNote.read(folder).delivery
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        is_there = path.is_symlink() or path.exists()
    except OSError as error:
        raise UsageError(f"Can't write {path}: {error.strerror}.", "Check the path.") from error
    if not is_there:
        return
    try:
        if path.is_symlink():
            raise IntegrityError(f"{path} is a link.")
        of = Acknowledgement.parse(read_bytes(path)).delivery
    except IntegrityError as error:
        raise UsageError(
            f"{path} is there already and isn't an acknowledgement. Nothing was removed.",
            "Name a new file, or move that one away.",
        ) from error
    if of != delivery:
        raise UsageError(
            f"{path} is the acknowledgement of another delivery, {of}. Nothing was removed.",
            "Name a file of its own for each delivery.",
        )


def write_acknowledgement(path: Path, acknowledgement: str) -> None:
    """Write it to a place that `check_place` accepted; a crash leaves the earlier one or the new one."""
    write_atomically(path, acknowledgement.encode())
