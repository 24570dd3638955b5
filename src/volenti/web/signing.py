"""Signing: what somebody sees who opens a signing link, from the text to the receipt.

The whole ceremony is one page and one form. With a script (static/signing.js) it is one question a screen,
keeps what was answered on the device, and seals and sends what was signed, also later. Without one it is a
plain form, whose answers are kept as a draft that only the browser can open, and a summary that is signed by
typing the name.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response

from volenti.core.errors import ConflictError, RefusedError, UsageError, VolentiError
from volenti.users.token import new_token
from volenti.web.room import EVERYBODY, Body, Room
from volenti.web.signing_plain import (
    FIELDS,
    Filled,
    day_of,
    filled_in,
    is_minor_today,
    looked_at,
    statement,
)
from volenti.web.words import Words

if TYPE_CHECKING:
    from volenti.consent.onrecord import ReleaseOnRecord
    from volenti.signings.session import SigningSession
    from volenti.signings.shown import ShownTexts
    from volenti.web.visit import Visit

room = Room()

#: The cookie by which a browser without a script finds what it filled in; for two days.
COOKIE, COOKIE_SECONDS = "volenti-draft", 2 * 24 * 3600
#: A photograph as a telephone takes it; three of them and the answers; what a device seals.
PHOTO = Body(16 << 20, 1)
FORM_WITH_PHOTOS = Body(40 << 20, 4)
SEALED = Body(24 << 20, 1)


@room.get("/sign/worker.js", open_to=EVERYBODY)
def worker(visit: Visit) -> Response:
    """The service worker. It lies here and not under /static, because it may only serve pages below it."""
    script = (files("volenti.web") / "static" / "signing-worker.js").read_bytes()
    return Response(script, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@room.get("/sign/{token}", open_to=EVERYBODY)
def show(visit: Visit) -> Response:
    """The text, the notice, the questions, and who signs: the whole form.

    Where nobody can sign by the link any more, a page that still sends what waits on the device.
    """
    try:
        return _form(visit, _kept(visit))
    except (RefusedError, ConflictError) as error:
        path, status = f"/sign/{visit.path('token')}", 409 if isinstance(error, ConflictError) else 403
        return visit.page("signing-over.html", status, problem=error, path=path)


@room.post("/sign/{token}", open_to=EVERYBODY, body=FORM_WITH_PHOTOS)
def fill(visit: Visit) -> Response:
    """Keep what was filled in without a script; go on to the summary where nothing is missing."""
    session, texts = _session(visit)
    filled = filled_in(visit, session, _kept(visit).photos)
    key = visit.request.cookies.get(COOKIE, "") or new_token()
    visit.ws.signings.keep_draft(visit.path("token"), key, filled.fields, filled.photos)
    if filled.problems or filled.flaws:
        answer = _form(visit, filled, 400)
    else:
        answer = visit.go(f"/sign/{visit.path('token')}/summary?language={texts.language}")
    answer.set_cookie(
        COOKIE,
        key,
        max_age=COOKIE_SECONDS,
        path="/sign",
        secure=visit.request.app.state.is_https,
        httponly=True,
        samesite="lax",
    )
    return answer


@room.get("/sign/{token}/summary", open_to=EVERYBODY)
def summary(visit: Visit) -> Response:
    """What was answered, to be read once more and signed by typing the name."""
    return _summary(visit)


@room.post("/sign/{token}/summary", open_to=EVERYBODY)
def sign(visit: Visit) -> Response:
    """Sign what the summary says."""
    token, key = visit.path("token"), visit.request.cookies.get(COOKIE, "")
    if visit.ws.signings.signed(token, key) is not None:
        return visit.go(f"/sign/{token}/receipt/{key}")
    session, texts = _session(visit)
    kept = visit.ws.signings.draft(token, key)
    if kept is None:
        return visit.go(f"/sign/{token}")
    try:
        said = statement(visit, session, texts, key, Filled(dict(kept.fields), kept.photos))
        visit.ws.signings.sign(
            token, json.dumps(said, ensure_ascii=False).encode(), kept.photos, site=visit.site
        )
    except UsageError as error:
        return _summary(visit, error)
    answer = visit.go(f"/sign/{token}/receipt/{key}")
    answer.delete_cookie(COOKIE, path="/sign", secure=visit.request.app.state.is_https)
    return answer


@room.post("/sign/{token}/photo", open_to=EVERYBODY, body=PHOTO)
def look(visit: Visit) -> Response:
    """Say whether a photograph shows one clear face, and what to do better. Nothing of it is kept."""
    _session(visit)
    return visit.page("signing-photo.html", flaws=looked_at(visit, _file(visit, "photo")))


@room.post("/sign/{token}/send", open_to=EVERYBODY, body=SEALED)
def send(visit: Visit) -> Response:
    """Take what was signed and sealed on a device; answers with the receipt's address, as JSON."""
    token = visit.path("token")
    try:
        visit.ws.signings.receive(token, _file(visit, "sealed"), site=visit.site)
    except VolentiError as error:
        said = visit.words.said
        return JSONResponse({"message": said(error.message), "remedy": said(error.remedy)}, 409)
    return JSONResponse({"receipt": f"/sign/{token}/receipt/"})


@room.get("/sign/{token}/receipt/{key}", open_to=EVERYBODY)
def receipt(visit: Visit) -> Response:
    """What was signed, to read and to keep."""
    shown = _signed(visit)
    _speak(visit, shown.release.evidence.language)
    return visit.page("signing-receipt.html", shown=shown, token=visit.path("token"), key=visit.path("key"))


@room.get("/sign/{token}/receipt/{key}/receipt.pdf", open_to=EVERYBODY)
def receipt_pdf(visit: Visit) -> Response:
    """The receipt as PDF, with the JSON-LD attached."""
    page = visit.ws.releases.receipt_page(_signed(visit).id)
    return _download(page, "application/pdf", "receipt.pdf")


@room.get("/sign/{token}/receipt/{key}/receipt.jsonld", open_to=EVERYBODY)
def receipt_jsonld(visit: Visit) -> Response:
    """The receipt for machines."""
    record = visit.ws.releases.receipt(_signed(visit).id)
    text = json.dumps(record, indent=1, ensure_ascii=False).encode()
    return _download(text, "application/ld+json", "receipt.jsonld")


def _download(data: bytes, media: str, name: str) -> Response:
    return Response(data, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _signed(visit: Visit) -> ReleaseOnRecord:
    shown = visit.ws.signings.signed(visit.path("token"), visit.path("key"))
    if shown is None:
        raise UsageError("There is no such receipt.", "Ask whoever had you sign for it.")
    return shown


def _session(visit: Visit) -> tuple[SigningSession, ShownTexts]:
    """The session behind the link, and its texts in the language chosen, or that the browser likes."""
    session = visit.ws.signings.linked(visit.path("token"))
    asked = visit.said("language") or visit.request.query_params.get("language", "")
    offered = session.languages
    language = next((each for each in (asked, visit.words.language) if each in offered), offered[0])
    _speak(visit, language)
    return session, visit.ws.signings.texts(visit.path("token"), language=language)


def _speak(visit: Visit, language: str) -> None:
    visit.words = Words(language)


def _kept(visit: Visit) -> Filled:
    kept = visit.ws.signings.draft(visit.path("token"), visit.request.cookies.get(COOKIE, ""))
    blank = dict.fromkeys(FIELDS, "")
    return Filled(blank) if kept is None else Filled(blank | dict(kept.fields), kept.photos)


def _form(visit: Visit, filled: Filled, status: int = 200) -> Response:
    session, texts = _session(visit)
    return visit.page(
        "signing.html",
        status,
        session=session,
        texts=texts,
        filled=filled,
        path=session.path,
        sealing_key=base64.b64encode(visit.ws.signings.sealing_key()).decode(),
        today=datetime.now(UTC).date().isoformat(),
    )


def _summary(visit: Visit, problem: VolentiError | None = None) -> Response:
    session, texts = _session(visit)
    filled = _kept(visit)
    if not filled.fields["name"]:
        return visit.go(f"/sign/{visit.path('token')}")
    born = day_of(filled.fields["birth_date"])
    return visit.page(
        "signing-summary.html",
        400 if problem else 200,
        session=session,
        texts=texts,
        filled=filled,
        is_minor=born is not None and is_minor_today(born),
        problem=problem,
    )


def _file(visit: Visit, name: str) -> bytes:
    given = visit.form.get(name)
    if not isinstance(given, UploadFile):
        raise UsageError("A file is missing.", "Choose one.")
    return given.file.read()
