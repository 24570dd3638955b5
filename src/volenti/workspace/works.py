"""Works: pictures that were drawn, refused, or called back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from volenti.core.errors import ConflictError, UsageError
from volenti.core.shown import short_repr
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.catalogue.work import Likeness, WithdrawnWork, Work
    from volenti.training.base import Base


@dataclass(frozen=True, slots=True)
class ListedWork:
    """One picture's record; where it was refused, also whom it came too near to."""

    work: Work | WithdrawnWork
    too_near_to: tuple[str, ...] = ()

    __repr__ = short_repr

    @property
    def id(self) -> str:
        """The identifier of the work."""
        return self.work.id


@dataclass(frozen=True, slots=True)
class ShownWork:
    """One picture's record, whom it came too near to where it was refused, and what was looked up now.

    `likeness` is how near it comes today to those behind its model; None of one that is called back, and
    where it was drawn by an earlier version. `picture` is a PNG, where it was drawn again; `same` says
    whether that is the very same file. `base` is what its model had started from; None where the run was
    removed since.
    """

    work: Work | WithdrawnWork
    too_near_to: tuple[str, ...] = ()
    likeness: Likeness | None = None
    picture: bytes | None = None
    same: bool = False
    base: Base | None = None

    __repr__ = short_repr

    @property
    def id(self) -> str:
        """The identifier of the work."""
        return self.work.id


class Works(Noun):
    """Pictures that were drawn, refused, or called back."""

    def list(
        self, *, refused: bool = False, withdrawn: bool = False, knew: str | None = None
    ) -> Sequence[ListedWork]:
        """Every picture that was drawn, oldest first, or those of one kind.

        refused: only those that were refused. withdrawn: only those that are called back: their files have
        to go. knew: a request; only those drawn by what had learned from the person of this erasure.
        Raises UsageError where more than one of them is given, and NotFoundError where there is no such
        request.

        Example:
            ws.works.list(refused=True)
        """
        if sum((refused, withdrawn, knew is not None)) > 1:
            raise UsageError("Only one kind of works is listed at a time.", "Give one of the options.")
        ledger = self._parts.ledger
        if knew is not None:
            found = [ledger.find(each) for each in ledger.knew(self._parts.requests.find(knew).id)]
        else:
            kept = [] if withdrawn else ledger.works(refused=True if refused else None)
            found = [*kept, *([] if refused else ledger.withdrawn())]
            found.sort(key=lambda each: (each.created, each.id))
        return [ListedWork(each, ledger.too_near_to(each.id)) for each in found]

    def show(self, work: str, *, picture: bool = False) -> ShownWork:
        """One picture's record: how it was made, whom it comes near to, why it was refused.

        Whom it comes near to is looked up now, among those behind its model who are here today.

        work: its identifier. picture: draw it again from its words and seed, also a refused one, for
        whoever has to judge the refusal; it isn't meant to be handed out. Raises NotFoundError where there
        is no such work. With `picture`, raises ConflictError where the work was called back, where its model
        isn't served, and where drawing it today gives another picture that is too near to somebody.

        Example:
            ws.works.show("wrk_1", picture=True).picture
        """
        from volenti.catalogue.work import WithdrawnWork

        catalogue = self._parts.catalogue
        found = catalogue.ledger.find(work)
        if isinstance(found, WithdrawnWork):
            if picture:
                raise ConflictError(
                    "The work is called back; nothing is left to draw it by.", "Leave --picture out."
                )
            return ShownWork(found)
        near, likeness = catalogue.ledger.too_near_to(work), catalogue.likeness(found)
        png, same = catalogue.redraw(found) if picture else (None, False)
        return ShownWork(found, near, likeness, png, same, self._base_of(found.run))

    def _base_of(self, run: str) -> Base | None:
        training = self._parts.training
        digests = [each.recipe.base_sha256 for each in training.runs() if each.id == run]
        return training.bases.of(digests[0]) if digests else None
