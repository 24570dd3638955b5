"""What people who were photographed do themselves: get in by their personal link, and see what is theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.core.clock import stamp
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from volenti.clearance.picturelist import PictureList
    from volenti.consent.subject import Subject
    from volenti.users.session import Known
    from volenti.workspace.subject_uses import Uses


class SubjectPortal(Noun):
    """Verbs about one person's way to what is theirs."""

    def link(self, subject: str) -> str:
        """Make a person's link to what is theirs: releases, pictures, uses, requests.

        The link is the web application's address, `/me/enter/` and the token. Whoever opens it is asked for a
        one-time code. It is good until another one is made, or they are erased; an earlier one is good no
        more. subject: their identifier. Returns the link's token. Raises NotFoundError where there is no such
        person.

        Example:
            token = ws.subjects.link("sub_ada")
        """
        return self._parts.portal.link(subject)

    def code(self, subject: str) -> str:
        """Make a one-time code for an officer to read to somebody who has no e-mail address on record.

        It is good once, for ten minutes and five tries, with their link alone. Make sure who they are before
        you read it to them. subject: their identifier. Returns six digits. Raises NotFoundError where there
        is no such person.

        Example:
            digits = ws.subjects.code("sub_ada")
        """
        return self._parts.portal.code(subject)

    def send_code(self, token: str, *, language: str = "en") -> bool:
        """Send a one-time code to the e-mail address on record of whose link it is.

        token: the link's. language: of the letter. Returns whether there is such an address, and a mail
        server that is set; where there isn't, an officer reads them a code (`code`). Raises RefusedError
        where the link isn't good any more, ConflictError where one was sent a moment ago, or many within a
        day.

        Example:
            ws.subjects.send_code(token)
        """
        from volenti.workspace.letters import Letters

        who, letters = self._parts.portal.linked(token), Letters(self._parts)
        if not letters.reach(who.id):
            return False
        code = self._parts.portal.code(who.id, sent=True)
        made = stamp(self._parts.clock())
        letters.send("code", who.id, code=code, language=language, event=f"portal {made}")
        return True

    def linked(self, token: str) -> Subject:
        """Say whose a personal link is, for whoever asks them for the code.

        token: the link's. Raises RefusedError where it isn't good any more.

        Example:
            ws.subjects.linked(token).id
        """
        return self._parts.portal.linked(token)

    def enter(self, token: str, code: str) -> str:
        """Begin a session of the person themselves, as their page does; returns its token.

        token: their link's. code: the digits that they were sent or read, which are used up. Raises
        RefusedError where one of the two isn't good.

        Example:
            session = ws.subjects.enter(token, "123456")
        """
        return self._parts.portal.enter(token, code)

    def visiting(self, session: str) -> tuple[Subject, Known] | None:
        """Say who visits with a session's token, which counts as a use of it; None where nobody does.

        session: what `enter` returned.

        Example:
            found = ws.subjects.visiting(session)
        """
        return self._parts.portal.visiting(session)

    def leave(self, session: str) -> None:
        """End a session of a person's. Where there is none, nothing happens.

        session: what `enter` returned.

        Example:
            ws.subjects.leave(session)
        """
        self._parts.portal.sessions.end(session)

    def uses(self, subject: str) -> Uses:
        """Say where somebody is used: datasets, models, deliveries, and how many works were drawn.

        subject: their identifier. Raises NotFoundError where there is no such person.

        Example:
            [each.dataset for each in ws.subjects.uses("sub_ada").datasets]
        """
        from volenti.workspace.subject_uses import uses

        return uses(self._parts, self._parts.consent.subject(subject).id)

    def pictures(self, subject: str, *, count: int = 24, page: int = 1) -> PictureList:
        """List somebody's pictures, and held ones that may show them, with what became of each and when.

        subject: their identifier. count: how many a page has. page: which page, from 1 on. Returns one page,
        and how many there are by what was decided. Raises NotFoundError where there is no such person.

        Example:
            ws.subjects.pictures("sub_ada").total
        """
        who = self._parts.consent.subject(subject).id
        return self._parts.picture_search.of_person(who, count=count, page=page)

    def picture(self, subject: str, image: str, *, preview: bool = False) -> bytes:
        """Show somebody a picture of theirs; others in it are made unrecognisable, as in an answer.

        subject: whose. image: the picture's identifier. preview: a small JPEG of it instead. Returns a file's
        bytes. Raises NotFoundError where the picture isn't theirs, RefusedError where others in it can't be
        made unrecognisable, or nothing of it is kept.

        Example:
            ws.subjects.picture("sub_ada", "img_1", preview=True)
        """
        from volenti.perception.files.kept import preview_of

        found = self._parts.answers.picture(self._parts.consent.subject(subject).id, image)
        return preview_of(found) if preview else found
