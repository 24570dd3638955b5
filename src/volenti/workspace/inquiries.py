"""Inquiries: somebody asks "am I in there?" with a photograph, and an officer answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.core.shown import short_repr
from volenti.workspace.given import bytes_of, one_of
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.clearance.facesearch import Resembling
    from volenti.core.progress import Progress
    from volenti.requests.inquiry import Inquiry, Reply


@dataclass(frozen=True, slots=True)
class LookedInto:
    """An inquiry that was looked into: who resembles the asker, and their faces on one sheet (a file)."""

    inquiry: Inquiry
    found: tuple[Resembling, ...]
    sheet: bytes

    __repr__ = short_repr


class RequestInquiries(Noun):
    """Verbs about inquiries."""

    def inquire(self, photo: bytes | Path | str, *, address: str = "") -> str:
        """Ask whether somebody is in there; an officer looks into it.

        photo: a picture that shows them alone: a file's bytes, or its path. It lies sealed until it is
        answered, for 30 days at most; then it is destroyed. address: where it comes from, to count by.
        Returns the token of the link with which they follow it (`/am-i-in-there/` and the token). Raises
        UsageError where the photograph doesn't show one face, ConflictError where one asked too often.

        Example:
            token = ws.requests.inquire("selfie.jpg")
        """
        return self._parts.inquiries.open(bytes_of(photo), address)[1]

    def inquired(self, token: str) -> Inquiry:
        """Show the inquiry that a link leads to.

        token: the link's. Raises RefusedError where it isn't one's.

        Example:
            ws.requests.inquired(token).reply
        """
        return self._parts.inquiries.followed(token)

    def inquiries(self, *, waiting: bool = False) -> Sequence[Inquiry]:
        """List inquiries, oldest first. Of those that weren't answered in time the photograph is destroyed.

        waiting: only those that aren't answered yet.

        Example:
            ws.requests.inquiries(waiting=True)
        """
        return self._parts.inquiries.all(waiting=waiting)

    def inquiry(self, inquiry: str, *, suffix: str = ".jpg", progress: Progress | None = None) -> LookedInto:
        """Look into an inquiry: compare its photograph with everybody enrolled, and with held pictures.

        inquiry: its identifier. suffix: .jpg or .png, of the sheet. What is found is kept nowhere. Returns
        who resembles whoever asks, the likeliest first, and a sheet with their faces. Raises NotFoundError
        where there is no such inquiry, ConflictError where it is over.

        Example:
            ws.requests.inquiry("req_1").found
        """
        photo = self._parts.inquiries.photo(inquiry)
        found = self._parts.faces.search(photo, progress)
        sheet = self._parts.faces.sheet(photo, found, suffix)
        return LookedInto(self._parts.inquiries.find(inquiry), tuple(found), sheet)

    def reply(self, inquiry: str, reply: Reply | str) -> Inquiry:
        """Answer an inquiry. Its photograph is destroyed at once; whoever has its link reads the answer.

        inquiry: its identifier. reply: one of `volenti.requests.inquiry.Reply`: "found", "not-found", or
        "unclear" where the photograph says too little. Raises NotFoundError where there is no such inquiry,
        ConflictError where it is over.

        Example:
            ws.requests.reply("req_1", "not-found")
        """
        from volenti.requests.inquiry import Reply

        return self._parts.inquiries.reply(inquiry, one_of(Reply, reply))
