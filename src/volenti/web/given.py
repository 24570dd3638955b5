"""What a form brought, and what is put on record of a visit. Files are in memory, and aren't written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile

from volenti.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.web.visit import Visit


def files_of(visit: Visit, field: str) -> list[tuple[str, bytes]]:
    """The name and the content of each file that was chosen in a field; none where none was."""
    given = [each for each in visit.form.getlist(field) if isinstance(each, UploadFile) and each.filename]
    return [(str(each.filename), each.file.read()) for each in given]


def file_of(visit: Visit, field: str, what: str) -> bytes:
    """The content of the one file in a field. Raises UsageError, which says what it should be, without it."""
    found = files_of(visit, field)
    if not found:
        raise UsageError(f"{what} is missing.", "Choose its file.")
    return found[0][1]


def note_looks(visit: Visit, images: Sequence[str]) -> None:
    """Put on record that the user sees these pictures in a list, for whoever is in them to know."""
    if visit.user is not None and images:
        visit.ws.pictures.look(images, by=visit.user.id, why="grid")
