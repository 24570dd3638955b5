"""Requests: what people ask for, by when, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.consent.purpose import Grant
from volenti.core.digest import sha256
from volenti.core.errors import ConflictError, UsageError
from volenti.core.shown import short_repr
from volenti.requests.history import Delay, Ground, Identified
from volenti.requests.request import ANSWERED, COURSES
from volenti.workspace.given import bytes_of, one_of
from volenti.workspace.noun import Noun

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from volenti.clearance.facesearch import Resembling
    from volenti.core.canonical import Json
    from volenti.core.progress import Progress
    from volenti.erasure.plan import Plan
    from volenti.erasure.pooled import Pooled
    from volenti.requests.outcome import Outcome
    from volenti.requests.request import Request


@dataclass(frozen=True, slots=True)
class Answered:
    """A request, and what it was answered with: PDF pages, the record of all rows, pictures by file name."""

    request: Request
    pages: bytes
    record: Json
    pictures: dict[str, bytes]

    __repr__ = short_repr


class Requests(Noun):
    """What people ask for, by when, and what comes of it.

    `request` is an identifier; without one the latest is meant. Raises NotFoundError where there is none.
    """

    def open(
        self,
        kind: str = "erasure",
        subject: str | None = None,
        *,
        release: str | None = None,
        grant: Grant | str | None = None,
        shoot: str | None = None,
        face: Sequence[str] = (),
    ) -> Request:
        """Open a request. Nothing is done yet; it is due within 30 days.

        kind: what for, one of `volenti.requests.request.KINDS`. subject: who asks, by the identifier.
        release, grant, shoot: what a withdrawal is about; everything where none is named. face: instead of
        `subject`, for the erasure of somebody who was never enrolled: the faces that are theirs, as
        `look_for` names them. Returns the request, or an unfinished one of the same subject for the same.
        Raises UsageError where who asks or what for isn't said clearly, NotFoundError for what isn't there.

        Example:
            ws.requests.open("withdrawal", "sub_ada", grant="generative-training")
        """
        if (not subject) == (not face):
            raise UsageError("Say who asks: a subject, or faces.", "Look for faces: ws.requests.look_for.")
        if subject:
            granted = None if grant is None else one_of(Grant, grant)
            return self._parts.requests.open(kind, subject, release=release, grant=granted, shoot=shoot)
        if kind != "erasure" or (release, grant, shoot) != (None, None, None):
            raise UsageError("Faces are erased, and nothing else.", "Name the subject, or leave that out.")
        return self._parts.requests.open_for_faces(face)

    def look_for(self, photo: bytes | Path | str, *, progress: Progress | None = None) -> list[Resembling]:
        """Look for whoever asks by their face: they need not be known by a name. Opens nothing.

        photo: a picture that shows them alone: a file's bytes, or its path. Their face is compared with
        everybody enrolled and with the faces in held pictures; the picture, and what is computed of it, are
        kept nowhere. Returns subjects and faces that resemble it, the likeliest first: compare them before
        you open a request. Raises UsageError where the picture shows no face, or several.

        Example:
            ws.requests.look_for("selfie.jpg")
        """
        return self._parts.faces.search(bytes_of(photo), self._parts.settings.territory, progress)

    def compare(self, photo: bytes | Path | str, found: Sequence[Resembling], suffix: str = ".jpg") -> bytes:
        """Draw the face of whoever asks beside those that were found, on one sheet.

        photo, found: given to `look_for`, and returned by it. suffix: .jpg or .png. Returns a file's bytes;
        no erasure reaches the file.

        Example:
            ws.requests.compare("selfie.jpg", ws.requests.look_for("selfie.jpg"))
        """
        return self._parts.faces.sheet(bytes_of(photo), found, suffix)

    def plan(self, request: str | None = None) -> Plan:
        """Say what running an erasure would erase and what it would cost. Changes nothing.

        request: which. Returns what each holder has of the person, what would be trained again and for how
        long, and who would be told. Raises ConflictError of a request that isn't an unfinished erasure.

        Example:
            ws.requests.plan("req_1")
        """
        return self._parts.plans.plan(self.show(request))

    def due(self) -> list[Request]:
        """List what `run_all` runs: requests that aren't finished and need no answer, oldest first.

        Example:
            ws.requests.due()
        """
        return self._parts.runner.due()

    def run(
        self,
        request: str | None = None,
        *,
        copy: bool = False,
        audit: bool = False,
        progress: Progress | None = None,
    ) -> Outcome:
        """Run a request to its end, whatever its kind. An erasure is certified; there is no way back.

        request: which. copy: the person's own copy of the certificate is wanted (`Outcome.copy`): nothing
        is done where it can't be made, because the request is certified already or isn't for erasure. audit:
        attack the model before and after an erasure, as evidence: minutes. Killed, the same call goes on.
        Returns the request as it is then and, of an erasure, its certificate and copy. Raises ConflictError
        where the request was refused, asks for an answer, or has no copy.

        Example:
            ws.requests.run("req_1", copy=True).copy
        """
        found = self.show(request)
        if copy:
            # Taken while the request names the person; once it is certified, nobody here has the copy.
            self._parts.requests.opening(found)
        return self._parts.runner.run([found.id], progress, audit=audit)[0]

    def run_all(
        self, requests: Iterable[str] | None = None, *, audit: bool = False, progress: Progress | None = None
    ) -> list[Outcome]:
        """Run several requests to their ends together: the model is trained again once for all of them.

        requests: which, by identifiers; by default all that `due` lists. audit: as `run` has it. Returns what
        each came to, in the order given. Raises ConflictError where one was refused or asks for an answer;
        then nothing is done.

        Example:
            ws.requests.run_all()
        """
        runner = self._parts.runner
        which = [each.id for each in runner.due()] if requests is None else list(requests)
        return runner.run(which, progress, audit=audit)

    def answer(self, request: str | None = None, *, folder: Path | str) -> Answered:
        """Answer a request for access or portability: everything held of the person, to hand over.

        request: which. folder: a new folder, which gets answer.pdf to read, answer.json with every row that
        is theirs, and their pictures. Others in the same pictures are made unrecognisable, and nobody else is
        named. Once all of it is written, the request is recorded as answered, with SHA-256 of what was given.
        Returns the request and what was given. The folder is theirs alone: delete it once they have it.
        Raises ConflictError where the request asks for something else or is over, UsageError where the folder
        is there already or a file can't be written; then nothing is recorded.

        Example:
            ws.requests.answer("req_1", folder="for-ada")
        """
        found, place = self.show(request), Path(folder)
        if COURSES[found.kind] is not ANSWERED:
            raise ConflictError(f"{found.id} is for {found.kind}.", f"Run it: volenti request run {found.id}")
        found.moved("done")  # raises before anything is gathered, where the request is over already
        if place.exists():
            raise UsageError(f"{place} is there already.", "Name a new folder.")
        given = self._parts.answers.make(found.subject)
        pages = self._parts.answers.write(given, place)
        digests = {"pdf_sha256": sha256(pages), "record_sha256": sha256(given.document)}
        done = self._parts.requests.answer(found, digests)
        return Answered(done, pages, given.record, given.pictures)

    def identify(self, request: str | None = None, *, how: Identified | str) -> Request:
        """Write down how it was made sure that who asks is who they say. The certificate says it.

        request: which. how: one of `volenti.requests.history.Identified`. What was looked at, such as a
        passport's number, isn't kept. Returns the request. Raises ConflictError where it is over.

        Example:
            ws.requests.identify("req_1", how="document")
        """
        return self._parts.requests.identify(self.show(request), one_of(Identified, how))

    def extend(self, request: str | None = None, *, reason: Delay | str) -> Request:
        """Put a request's deadline off by two months, once. Tell whoever asked, and why.

        request: which. reason: one of `volenti.requests.history.Delay`. They must be told within a month
        (Art. 12(3) GDPR). Returns the request. Raises ConflictError where it was put off, is over or overdue.

        Example:
            ws.requests.extend("req_1", reason="complexity")
        """
        return self._parts.requests.extend(self.show(request), one_of(Delay, reason))

    def refuse(self, request: str | None = None, *, ground: Ground | str) -> Request:
        """Refuse a request that wasn't begun, on a ground of law. Everything stays as it is.

        request: which. ground: one of `volenti.requests.history.Ground`. An objection may also be refused
        while it is in force: then what is theirs may be used again. Returns the request. Raises ConflictError
        where it was begun or is over.

        Example:
            ws.requests.refuse("req_1", ground="legal-claims")
        """
        return self._parts.restrictions.refuse(self.show(request), one_of(Ground, ground))

    def keep(self, request: str | None = None, *, ground: Ground | str, until: date) -> Request:
        """Have an erasure keep what the person signed and took back, where a law demands it.

        request: which. ground: legal-claims or legal-obligation. until: the last day on which it may be kept.
        Everything else is erased. What is kept is erased on that day, and the certificate names it. Returns
        the request. Raises UsageError where that is no such ground or the day isn't in the future, and
        ConflictError where the request isn't for erasure or was begun.

        Example:
            ws.requests.keep("req_1", ground="legal-claims", until=date(2029, 12, 31))
        """
        return self._parts.requests.retain(self.show(request), one_of(Ground, ground), until)

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
        return self._parts.restrictions.lift(self.show(request).id)

    def uphold(self, request: str | None = None, *, progress: Progress | None = None) -> Request:
        """Uphold an objection: all that they agreed to is withdrawn, and models are trained without them.

        request: which. What is theirs stays on record. Returns the request, whose `restriction.upheld` names
        the withdrawal that was run for it. Raises ConflictError where it isn't an objection in force.

        Example:
            ws.requests.uphold("req_1")
        """
        return self._parts.restrictions.uphold(self.show(request).id, progress)

    def show(self, request: str | None = None) -> Request:
        """Show one request and how far it has got.

        request: which. Returns it with its steps and what each found.

        Example:
            ws.requests.show("req_1").state
        """
        return self._parts.requests.find(request)

    def attacks(self, requests: Iterable[Request]) -> list[Pooled]:
        """Say what the attacks on the model (`run` with `audit`) show of several requests together.

        requests: which, as `list` has them. Returns for each kind of attack how often chance alone would look
        like this; nothing where fewer than two of the requests were run with attacks.

        Example:
            ws.requests.attacks(ws.requests.list())
        """
        from volenti.erasure.pooled import pooled

        return pooled(requests)

    def list(self, *, overdue: bool = False) -> list[Request]:
        """List requests, oldest first. An erasure that is over names nobody any more.

        overdue: only those that should be over by now.

        Example:
            ws.requests.list(overdue=True)
        """
        return self._parts.requests.overdue() if overdue else self._parts.requests.all()
