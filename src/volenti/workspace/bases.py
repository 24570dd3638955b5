"""Bases: what training runs start from, and what is known of whom that had learned from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from volenti.workspace.given import one_of
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.training.base import Base, People


class Bases(Noun):
    """What training runs start from, and what is known of whom that had learned from."""

    def add(
        self,
        path: Path | str,
        *,
        name: str | None = None,
        made_by: str | None = None,
        licence: str | None = None,
        trained_on: str | None = None,
        people: People | str | None = None,
    ) -> Base:
        """Add a base, or say more of one: where it lies now, and what is known of it.

        path: a pipeline's folder as diffusers saves one, or the file of a base made with this project.
        Nothing of it is copied. name: what it is called; the folder's or file's name by default. made_by,
        licence, trained_on: as its makers say. people: whether it learned from pictures of people, one of
        `volenti.training.base.People`; nothing of this is checked, and it is recorded in the log that you
        said it. What isn't given stays as it was. Returns the base. Raises MissingModelError where there is
        no base, UsageError where it is of a family that can't be trained or `people` is another word, and
        IntegrityError where its files can't be read.

        Example:
            ws.bases.add("/models/sdxl", licence="openrail++", people="some")
        """
        from volenti.training.base import People

        return self._parts.bases.add(
            Path(path).expanduser(),
            name=name,
            made_by=made_by,
            licence=licence,
            trained_on=trained_on,
            people=None if people is None else one_of(People, people),
        )

    def list(self) -> Sequence[Base]:
        """Every base: first the one that is used where none is named, then the others by name.

        Example:
            ws.bases.list()
        """
        return self._parts.bases.every()

    def show(self, base: str | Path) -> Base:
        """One base: where it lies, and what is known of it.

        base: its name, the beginning of its digest, or its path. Raises NotFoundError where there is none,
        ConflictError where several are called so, and what `add` raises of a path.

        Example:
            ws.bases.show("sdxl").covers
        """
        return self._parts.bases.find(str(base))
