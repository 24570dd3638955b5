"""What a controller decides about a request: who asks, by when, whether it is refused, upheld or lifted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volenti.core.errors import NotFoundError, UsageError
from volenti.requests.history import Delay, Ground
from volenti.requests.identity import Identified
from volenti.workspace.given import one_of
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from datetime import date

    from volenti.core.canonical import Json
    from volenti.core.progress import Progress
    from volenti.requests.following import Followed
    from volenti.requests.request import Request


class RequestDecisions(Noun):
    """Verbs about one request; without its identifier the only one that isn't finished is meant."""

    def named(self, request: str | None = None) -> Request:
        """Find the request that a verb means: that of an identifier, or the only one that isn't finished.

        request: which. Returns it. Raises NotFoundError where there is none, and UsageError where several
        could be meant: what can't be undone isn't done to a request that nobody named.

        Example:
            ws.requests.named().id
        """
        if request is not None:
            return self._parts.requests.find(request)
        unfinished = self._parts.requests.unfinished()
        if not unfinished:
            raise NotFoundError(
                "No request is unfinished.", "Open one: volenti request open --kind erasure --subject ID."
            )
        if len(unfinished) > 1:
            names = ", ".join(each.id for each in unfinished)
            raise UsageError(
                f"Several requests aren't finished: {names}.",
                "Name the one that is meant: see volenti request list",
            )
        return unfinished[0]

    def _identified(self, request: Request, identity: Identified | str | None) -> Request:
        """The request with how it was made sure who asks, where that isn't on record and is needed."""
        if identity is None or not request.needs_identity:
            return request
        return self._parts.requests.identify(request, one_of(Identified, identity))

    def identify(self, request: str | None = None, *, how: Identified | str) -> Request:
        """Write down how it was made sure that who asks is who they say. Certificate and answer say it.

        request: which. how: one of `volenti.requests.identity.Identified`; "waived" says that nobody made
        sure, and that you go on all the same. What was looked at, such as a passport's number, isn't kept.
        Returns the request. Raises ConflictError where it is over.

        Example:
            ws.requests.identify("req_1", how="document")
        """
        return self._parts.requests.identify(self.named(request), one_of(Identified, how))

    def follow_link(self, request: str | None = None) -> str:
        """Make a link with which whoever asked follows a request, also after they were erased.

        The link is the web application's address, `/follow/` and the token. Of an erasure that isn't over
        yet, their own copy of the certificate will be sealed for it, so that the link alone opens it. Nobody
        here has the token afterwards. request: which. Returns the token. Raises NotFoundError where there is
        none.

        Example:
            token = ws.requests.follow_link("req_1")
        """
        return self._parts.requests.following.link(self.named(request).id)

    def followed(self, token: str) -> Followed:
        """Show the request that a link leads to, and its certificate where there is one.

        token: the link's. Returns both; the certificate is the person's own copy where the link was made
        before the erasure was over. Raises RefusedError where it isn't a link's.

        Example:
            ws.requests.followed(token).request.state
        """
        from dataclasses import replace

        from volenti.requests.outcome import printed

        found = self._parts.requests.following.followed(token)
        if found.certificate is None and found.request.kind == "erasure" and found.request.is_certified:
            certificate = self._parts.certification.certificate(found.request.id)
            return replace(found, certificate=printed(certificate))
        return found

    def extend(self, request: str | None = None, *, reason: Delay | str) -> Request:
        """Put a request's deadline off by two months, once. Tell whoever asked, and why.

        request: which. reason: one of `volenti.requests.history.Delay`. They must be told within a month
        (Art. 12(3) GDPR). Returns the request. Raises ConflictError where it was put off, is over or overdue.

        Example:
            ws.requests.extend("req_1", reason="complexity")
        """
        return self._parts.requests.extend(self.named(request), one_of(Delay, reason))

    def refuse(self, request: str | None = None, *, ground: Ground | str) -> Request:
        """Refuse a request that wasn't begun, on a ground of law. Everything stays as it is.

        request: which. ground: one of `volenti.requests.history.GROUNDS` for its kind. An objection may also
        be refused while it is in force: then what is theirs may be used again. Returns the request. Raises
        UsageError where the ground is none for its kind, and ConflictError where it was begun or is over.

        Example:
            ws.requests.refuse("req_1", ground="legal-claims")
        """
        return self._parts.restrictions.refuse(self.named(request), one_of(Ground, ground))

    def keep(self, request: str | None = None, *, ground: Ground | str, until: date) -> Request:
        """Have an erasure keep what the person signed and took back, where a law demands it.

        request: which. ground: legal-claims or legal-obligation. until: the last day on which it may be kept.
        Everything else is erased. What is kept is erased on that day, and the certificate names it. Returns
        the request. Raises UsageError where that is no such ground or the day isn't in the future, and
        ConflictError where the request isn't for erasure or was begun.

        Example:
            ws.requests.keep("req_1", ground="legal-claims", until=date(2029, 12, 31))
        """
        return self._parts.requests.retain(self.named(request), one_of(Ground, ground), until)

    def kept(self, request: str) -> Json:
        """Show what was kept of somebody who was erased.

        request: of the erasure. Returns the record: `ground`, `article` and `until`, and under `release` and
        `withdrawal` what the person signed and took back. Raises NotFoundError where nothing is kept.

        Example:
            ws.requests.kept("req_1")
        """
        return self._parts.retention.of(request)

    def lift(self, request: str | None = None) -> Request:
        """End a restriction: what is theirs may be used again, and what learned from them is served.

        request: which. Tell whoever asked for it before (Art. 18(3) GDPR). Returns the request. Raises
        ConflictError where it isn't a restriction in force.

        Example:
            ws.requests.lift("req_1")
        """
        return self._parts.restrictions.lift(self.named(request).id)

    def uphold(self, request: str | None = None, *, progress: Progress | None = None) -> Request:
        """Uphold an objection: all that they agreed to is withdrawn, and models are trained without them.

        request: which. What is theirs stays on record. Returns the request, whose `restriction.upheld` names
        the withdrawal that was run for it. Raises ConflictError where it isn't an objection in force.

        Example:
            ws.requests.uphold("req_1")
        """
        return self._parts.restrictions.uphold(self.named(request).id, progress)
