"""Rights: works of third parties, whose copies aren't let in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.core.errors import FailedCheckError
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.clearance.copysearch import FoundCopy
    from volenti.clearance.third_party_works import RegisteredWork
    from volenti.core.progress import Progress


@dataclass(frozen=True, slots=True)
class Registered:
    """How many works are new, and how many are registered in all.

    `judged_before` says how many pictures were judged before some of the works were registered:
    `ws.rights.search` looks for copies among those.
    """

    new: int
    registered: int
    judged_before: int


@dataclass(frozen=True, slots=True)
class Searched:
    """How many pictures were compared with the works, and those that resemble one."""

    searched: int
    found: tuple[FoundCopy, ...]


@dataclass(frozen=True, slots=True)
class Removed:
    """How many works were removed, and how many are still registered."""

    removed: int
    registered: int


class Rights(Noun):
    """Works of third parties, whose copies aren't let in."""

    def register(self, folder: Path | str, *, progress: Progress | None = None) -> Registered:
        """Register pictures of other owners, so that copies of them are recognised and kept out.

        folder: the pictures, with everything in folders below it; or one file. Of each picture a fingerprint
        of some 50 kB is kept, not the picture. Returns how many are new. Raises UsageError where there is no
        such path; FailedCheckError, which names files that aren't pictures, once the others are registered.

        Example:
            ws.rights.register("agency-previews")
        """
        read = self._parts.third_party_works.read([Path(folder)], progress)
        if read.unreadable:
            named = ", ".join(read.unreadable[:5]) + (" and more" if len(read.unreadable) > 5 else "")
            raise FailedCheckError(
                f"{len(read.unreadable)} files can't be read as pictures: {named}. "
                f"{read.new} others are new.",
                "Give them as ordinary JPEG or PNG, or leave them out.",
            )
        return Registered(read.new, self._parts.third_party_works.count(), self._parts.copies.due())

    def search(self, *, dry_run: bool = False, progress: Progress | None = None) -> Searched:
        """Look for copies of registered works among the pictures that were judged before.

        Every picture that was cleared or held before the latest works were registered is compared with those.
        What resembles one is judged again, by the policy that decided then. Stopped, the search goes on where
        it was. dry_run: only say what would be decided, and change nothing. Returns how many pictures were
        compared, and each one that resembles a work with its verdicts before and after.

        Example:
            ws.rights.search(dry_run=True).found
        """
        due = self._parts.copies.due()
        return Searched(due, tuple(self._parts.copies.run(progress, dry_run=dry_run)))

    def remove(self, works: Sequence[str]) -> Removed:
        """Remove works from the register: copies of them are let in again, and nothing of them is kept.

        works: identifiers, or as much of the beginning of each as no other has. Pictures that were rejected
        as copies stay rejected. Returns how many works were removed. Raises NotFoundError where there is no
        such work, UsageError where several begin so; then none is removed.

        Example:
            ws.rights.remove(["twk_3f08a1c2d4e5"])
        """
        named = [self._parts.third_party_works.named(each).id for each in works]
        return Removed(self._parts.third_party_works.remove(named), self._parts.third_party_works.count())

    def list(self) -> list[RegisteredWork]:
        """List the registered works, in the order in which they were registered.

        Returns of each its identifier, the file that it came from, when it was registered, and whether edited
        copies of it are looked for too.

        Example:
            ws.rights.list()
        """
        return list(self._parts.third_party_works.all())
