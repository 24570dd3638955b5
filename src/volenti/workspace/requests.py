"""Requests: what people ask for, by when, and what comes of it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.consent.purpose import Grant
from volenti.core.digest import sha256
from volenti.core.errors import ConflictError, KeyDestroyedError, NotFoundError, UsageError
from volenti.core.shown import short_repr
from volenti.requests.course import ANSWERED, COURSES
from volenti.requests.identity import Identified
from volenti.workspace.given import bytes_of, one_of
from volenti.workspace.inquiries import RequestInquiries
from volenti.workspace.paging import RequestPages
from volenti.workspace.request_decisions import RequestDecisions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
    #: The record as the JSON file that is given.
    document: bytes

    __repr__ = short_repr


class Requests(RequestDecisions, RequestInquiries, RequestPages):
    """What people ask for, by when, and what comes of it.

    `request` is an identifier. Without one, the only request that isn't finished is meant, and UsageError is
    raised where there are several; `plan` and `show` mean the latest. NotFoundError where there is none.
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
        identity: Identified | str | None = None,
    ) -> Request:
        """Open a request. Nothing is done yet; it is due within 30 days.

        kind: what for, one of `volenti.requests.request.KINDS`. subject: who asks, by the identifier.
        release, grant, shoot: what a withdrawal is about; everything where none is named. face: instead of
        `subject`, for the erasure of somebody who was never enrolled: the faces that are theirs, as
        `look_for` names them. identity: how it was made sure who they are, as `identify` has it. Returns the
        request, or an unfinished one of the same subject for the same.
        Raises UsageError where who asks or what for isn't said clearly, NotFoundError for what isn't there.

        Example:
            ws.requests.open("withdrawal", "sub_ada", grant="generative-training")
        """
        if (not subject) == (not face):
            raise UsageError("Say who asks: a subject, or faces.", "Look for faces: ws.requests.look_for.")
        if subject:
            granted = None if grant is None else one_of(Grant, grant)
            opened = self._parts.requests.open(kind, subject, release=release, grant=granted, shoot=shoot)
            return self._identified(opened, identity)
        if kind != "erasure" or (release, grant, shoot) != (None, None, None):
            raise UsageError("Faces are erased, and nothing else.", "Name the subject, or leave that out.")
        return self._identified(self._parts.requests.open_for_faces(face), identity)

    def look_for(self, photo: bytes | Path | str, *, progress: Progress | None = None) -> list[Resembling]:
        """Look for whoever asks by their face: they need not be known by a name. Opens nothing.

        photo: a picture that shows them alone: a file's bytes, or its path. Their face is compared with
        everybody enrolled and with the faces in held pictures; the picture, and what is computed of it, are
        kept nowhere. Returns subjects and faces that resemble it, the likeliest first: compare them before
        you open a request. Raises UsageError where the picture shows no face, or several.

        Example:
            ws.requests.look_for("selfie.jpg")
        """
        return self._parts.faces.search(bytes_of(photo), progress)

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
        identity: Identified | str | None = None,
        copy: bool = False,
        audit: bool = False,
        overtake: bool = False,
        progress: Progress | None = None,
    ) -> Outcome:
        """Run a request to its end, whatever its kind. An erasure is certified; there is no way back.

        request: which. identity: of an erasure, how it was made sure who asks, unless `identify` said it.
        copy: the person's own copy of the certificate is wanted (`Outcome.copy`): nothing is done where it
        can't be made, because the request is certified already or isn't for erasure. audit: attack the model
        before and after an erasure, as evidence: minutes. overtake: erase although another request of theirs
        isn't finished; that one ends as overtaken. Killed, the same call goes on.
        Returns the request as it is then and, of an erasure, its certificate and copy; while the mirror can't
        be reached an erasure is `waiting`, without them. Raises ConflictError where the request was refused,
        asks for an answer, has no copy, or nobody made sure who asks for an erasure, and where an erasure
        would overtake another request and nobody said so.

        Example:
            ws.requests.run("req_1", identity="document", copy=True).copy
        """
        found = self._identified(self.named(request), identity)
        if copy:
            # Taken while the request names the person; once it is certified, nobody here has the copy.
            self._parts.requests.opening(found)
        return self._parts.runner.run([found.id], progress, audit=audit, overtake=overtake)[0]

    def run_all(
        self,
        requests: Iterable[str] | None = None,
        *,
        identity: Identified | str | None = None,
        audit: bool = False,
        overtake: bool = False,
        progress: Progress | None = None,
    ) -> list[Outcome]:
        """Run several requests to their ends together: the model is trained again once for all of them.

        requests: which, by identifiers; all that `due` lists by default. identity, audit, overtake: as `run`.
        Returns what each came to, in the order given. Raises ConflictError where one was refused, asks for an
        answer, nobody made sure who asks for an erasure, or one would overtake another request and nobody
        said so; then nothing is done.

        Example:
            ws.requests.run_all()
        """
        runner = self._parts.runner
        which = [each.id for each in runner.due()] if requests is None else list(requests)
        for each in which:
            self._identified(self.show(each), identity)
        return runner.run(which, progress, audit=audit, overtake=overtake)

    def answer(
        self,
        request: str | None = None,
        *,
        folder: Path | str | None = None,
        identity: Identified | str | None = None,
    ) -> Answered:
        """Answer a request for access or portability: everything held of the person, to hand over.

        request: which. folder: a new folder, which gets answer.pdf to read, answer.json with every row that
        is theirs, and their pictures; without one, nothing is written. Others in the same pictures are made
        unrecognisable, and nobody else is named. identity: how it was made sure who asks, unless `identify`
        said it. Once all of it is written, the request is recorded as answered, with SHA-256 of what was
        given. Returns the request and what was given. The folder is theirs alone: delete it once they have
        it. Raises ConflictError where the request asks for something else or is over, or nobody made sure who
        asks, and UsageError where the folder is there already or a file can't be written; then nothing is
        recorded as given.

        Example:
            ws.requests.answer("req_1", folder="for-ada", identity="document")
        """
        found = self._identified(self.named(request), identity)
        place = None if folder is None else Path(folder)
        if COURSES[found.kind] is not ANSWERED:
            raise ConflictError(f"{found.id} is for {found.kind}, and isn't answered.", found.remedy)
        found.check_identified()
        found.moved("done")  # raises before anything is gathered, where the request is over already
        if place is not None and place.exists():
            raise UsageError(f"{place} is there already.", "Name a new folder.")
        given = self._parts.answers.make(found.subject, found.history.identified)
        answers = self._parts.answers
        pages = answers.pdf(given) if place is None else answers.write(given, place)
        digests = {"pdf_sha256": sha256(pages), "record_sha256": sha256(given.document)}
        done = self._parts.requests.answer(found, digests)
        return Answered(done, pages, given.record, given.pictures, given.document)

    def show(self, request: str | None = None) -> Request:
        """Show one request and how far it has got.

        request: which. Returns it with its steps and what each found.

        Example:
            ws.requests.show("req_1").state
        """
        return self._parts.requests.find(request)

    def opening(self, request: str | None = None) -> Json:
        """Make the opening of an erasure's certificate: for the person who is erased, and nobody else.

        request: which. With it they show that the certificate is about them; `certificates.verify` reads a
        certificate that has it as `opening`. Once an erasure has written down which parts of models had
        learned from them, their digests are in it: make it again then. Raises ConflictError once the request
        is certified, because nobody but the person has it from then on, and where it isn't for erasure.

        Example:
            ws.requests.opening("req_1")["key"]
        """
        return self._parts.requests.opening(self.named(request))

    def names(self, requests: Iterable[Request]) -> dict[str, str]:
        """Say who asks, by their legal names.

        requests: as `list` has them. Returns the name by the request's identifier; who isn't on record by
        name, or was erased, is left out.

        Example:
            ws.requests.names(ws.requests.list())
        """
        named = {}
        for each in requests:
            if each.faces is None and not each.names_nobody:
                with suppress(NotFoundError, KeyDestroyedError):
                    named[each.id] = self._parts.consent.subject(each.subject).legal_name
        return named

    def attacks(self, requests: Iterable[Request]) -> list[Pooled]:
        """Say what the attacks on the model (`run` with `audit`) show of several requests together.

        requests: which, as `list` has them. Returns for each kind of attack how often chance alone would look
        like this; nothing where fewer than two of the requests were run with attacks.

        Example:
            ws.requests.attacks(ws.requests.list())
        """
        from volenti.erasure.pooled import pooled

        return pooled(requests)

    def list(self, *, overdue: bool = False, subject: str | None = None) -> list[Request]:
        """List requests, oldest first. An erasure that is over names nobody any more.

        overdue: only those that should be over by now. subject: only those of this person. Raises
        NotFoundError where there is no such person.

        Example:
            ws.requests.list(overdue=True)
        """
        found = self._parts.requests.overdue() if overdue else None
        if subject is None:
            return self._parts.requests.all() if found is None else found
        theirs = self._parts.requests.of(self._parts.consent.subject(subject).id)
        return theirs if found is None else [each for each in theirs if each in found]
