"""The verbs about looks: who of those who work here looked at somebody's pictures, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.core.errors import UsageError
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.clearance.looks import Look


class SubjectLooks(Noun):
    """The verbs about who looked at a person's pictures."""

    def look(self, subject: str, *, by: str) -> None:
        """Put on record that a user looks at a reference photograph of somebody; whoever shows it calls this.

        subject: their identifier. by: the user's login or identifier. Raises NotFoundError where there is no
        such person or user.

        Example:
            ws.subjects.look("sub_ada", by="pat@example.org")
        """
        from volenti.clearance.looks import Looker

        self._parts.consent.subject(subject)
        user = self._parts.users.find(by)
        self._parts.looks.note_reference(subject, Looker(user.id, user.name, tuple(map(str, user.roles))))

    def looks(self, subject: str) -> Sequence[Look]:
        """List which users looked at somebody's pictures, when and why, the latest first.

        subject: their identifier. Each entry says how many pictures a user saw for one reason within one
        hour, the user's name and roles at that time, and which picture it was, but for lists of pictures. A
        picture in which somebody was recognised later counts from the beginning. Raises NotFoundError where
        there is no such person.

        Example:
            [(each.name, each.why, each.at, each.pictures) for each in ws.subjects.looks("sub_ada")]
        """
        self._parts.consent.subject(subject)
        return self._parts.looks.of(subject)


class PictureLooks(Noun):
    """The verb by which a look is put on record."""

    def look(self, images: Sequence[str], *, by: str, why: str) -> int:
        """Put on record that a user looks at pictures; whoever shows pictures to users calls it before.

        images: the pictures' identifiers; those that aren't on record are left out. by: the user's login or
        identifier; for "other-system" the beginning of an API token's. why: one of
        `volenti.clearance.looks.Why`, such as "review". Of a "grid" only the number of pictures is kept, by
        person and hour; of all else which picture it was. Returns how many pictures were noted. Raises
        NotFoundError where there is no such user, UsageError where there is no such reason.

        Example:
            ws.pictures.look(["img_1"], by="pat@example.org", why="review")
        """
        from volenti.clearance.looks import Looker, Why

        # At a reference photograph nobody looks by a picture: `ws.subjects.look`.
        known = [each for each in Why if each is not Why.REFERENCE]
        if why not in known:
            raise UsageError(f"There is no reason {why!r} to look.", f"Choose one of: {', '.join(known)}.")
        if why == Why.OTHER_SYSTEM:
            token = self._parts.api_tokens.find(by)
            return self._parts.looks.note(images, Looker(token.shown, token.name, ()), Why.OTHER_SYSTEM)
        user = self._parts.users.find(by)
        looker = Looker(user.id, user.name, tuple(map(str, user.roles)))
        return self._parts.looks.note(images, looker, Why(why))
