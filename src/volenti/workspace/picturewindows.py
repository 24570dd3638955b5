"""The verb by which long lists of pictures are read from any place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.core.errors import UsageError
from volenti.workspace.looks import PictureLooks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from volenti.clearance.picturelist import Criteria
    from volenti.clearance.picturewindow import PictureWindow
    from volenti.wiring.parts import Parts


class PictureWindowVerb(PictureLooks):
    """The verb that opens a window on a long list of pictures."""

    def window(
        self,
        start: int = 0,
        count: int = 100,
        *,
        states: Sequence[str] = (),
        shoot: str | None = None,
        person: str | None = None,
        finding: str | None = None,
        purpose: str | None = None,
        given_from: date | None = None,
        given_until: date | None = None,
        decided_from: date | None = None,
        decided_until: date | None = None,
    ) -> PictureWindow:
        """Some pictures from any place of the list of all that fit, the latest first; copies aren't in it.

        `list` counts all that is found by what it is today; this is for looking: it opens the rows of the
        pictures that it returns, and what it looks for is kept in this process's memory, where the first call
        takes seconds for a hundred thousand pictures and those after it milliseconds. start: the place of the
        first, from 0 on. count: how many. states: what may have become of them, as `find` takes `state`; all
        where none is named, and what is uncovered counts as cleared. shoot, person, finding, purpose,
        given_from, given_until, decided_from, decided_until: as `find` takes them; the shoot's name has
        to be exact. Raises as `find` does.

        Example:
            ws.pictures.window(50_000, 60, shoot="spring").days
        """
        from volenti.clearance.picturelist import Criteria

        asked = Criteria(
            shoot=shoot,
            person=person,
            finding=finding,
            purpose=purpose,
            given_from=given_from,
            given_until=given_until,
            decided_from=decided_from,
            decided_until=decided_until,
        )
        check_criteria(self._parts, asked, states)
        return self._parts.picture_windows.open(asked, states, start=max(0, start), count=max(0, count))


def check_criteria(parts: Parts, asked: Criteria, states: Sequence[str | None]) -> None:
    """Refuse to look for what can't be there: UsageError, or NotFoundError where there is no such person."""
    from volenti.clearance.account import STATES
    from volenti.consent.purpose import PURPOSES
    from volenti.perception.finding import TABLE

    for what, said, known in (
        *(("state", each, STATES) for each in states),
        ("finding", asked.finding, TABLE),
        ("purpose", asked.purpose, PURPOSES),
    ):
        if said is not None and said not in known:
            raise UsageError(f"There is no {what} {said!r}.", f"Choose one of: {', '.join(known)}.")
    if asked.person is not None:
        parts.consent.subject(asked.person)
