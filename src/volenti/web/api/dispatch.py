"""Dispatch: carries out calls of the API.

A call shows a token in its header; a session's cookie opens nothing here, so no page of another site can make
a signed-in browser call anything. Whoever may call is settled before the body is read.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, get_type_hints
from urllib.parse import urlencode

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from volenti.core.canonical import canonical
from volenti.core.digest import sha256
from volenti.core.errors import RefusedError, VolentiError
from volenti.core.logs import Logger
from volenti.users.repetition import Answer
from volenti.web.api.operation import BASE, Call, Operation, Raw, Reply
from volenti.web.api.problem import Fault, ProblemError, answer, problem_of
from volenti.web.api.rate import WINDOW_S, Rate

if TYPE_CHECKING:
    from volenti.users.apitoken import ApiToken
    from volenti.web.workspaces import Workspaces

KEY_MAX = 128
_BEARER = re.compile(r"bearer +([A-Za-z0-9_.~+/-]+=*)", re.IGNORECASE)
_KEY = re.compile(r"[\x21-\x7e]{1,128}")
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,15})")
_log = Logger(__name__)


Endpoint = Callable[[Request], Awaitable[Response]]


def endpoint(operation: Operation, workspaces: Workspaces, rate: Rate) -> Endpoint:
    """What answers the calls of an operation."""

    async def called(request: Request) -> Response:
        headers: dict[str, str] = {}
        try:
            token = await workspaces.work(partial(_caller, operation, workspaces, rate, request, headers))
            body = await _body(operation, request)
            answered = await workspaces.work(
                partial(_carried_out, operation, workspaces, request, token, body)
            )
        except ProblemError as error:
            answered = answer(error.problem, error.headers)
        except VolentiError as error:
            problem = problem_of(error)
            if problem.status == 500:
                _log.warning("call failed", code=error.code)
            answered = answer(problem)
        except ClientDisconnect:
            answered = answer(ProblemError(400).problem)
        except Exception as error:
            # What it says may be about somebody, so it is neither logged nor answered.
            _log.warning("call failed", error=type(error).__name__)
            answered = answer(ProblemError(500).problem)
        answered.headers.update(headers)
        return answered

    return called


def _caller(
    operation: Operation, workspaces: Workspaces, rate: Rate, request: Request, headers: dict[str, str]
) -> ApiToken:
    """The token of a call that may be made; fills in the headers that every answer to it has."""
    shown = _BEARER.fullmatch(request.headers.get("authorization", ""))
    with workspaces.one() as ws:
        most = ws.settings.api_calls_per_minute
        try:
            token = ws.tokens.known(shown[1] if shown else "")
        except RefusedError as error:
            said = 'Bearer realm="volenti"' + (', error="invalid_token"' if shown else "")
            raise ProblemError(401, headers={"WWW-Authenticate": said}) from error
    left, seconds = rate.take(token.id, most)
    headers["RateLimit-Policy"] = f'"minute";q={most};w={WINDOW_S}'
    headers["RateLimit"] = f'"minute";r={max(0, left)};t={seconds}'
    if left < 0:
        raise ProblemError(429, headers={"Retry-After": str(seconds)})
    if operation.scope not in token.scopes:
        said = f'Bearer realm="volenti", error="insufficient_scope", scope="{operation.scope}"'
        raise ProblemError(
            403,
            f"The token may not do this: it lacks the scope {operation.scope}.",
            headers={"WWW-Authenticate": said},
        )
    return token


async def _body(operation: Operation, request: Request) -> bytes:
    """The body of a call, as far as it may be read."""
    if operation.takes is None:
        return b""
    raw = isinstance(operation.takes, Raw)
    types = operation.takes.types if isinstance(operation.takes, Raw) else ("application/json",)
    most = operation.takes.max_bytes if isinstance(operation.takes, Raw) else operation.max_bytes
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().replace(" ", "").replace('"', "")
    is_utf8 = raw or not charset.startswith("charset=") or charset == "charset=utf-8"
    if kind.strip().lower() not in types or not is_utf8:
        raise ProblemError(415, headers={"Accept-Post": ", ".join(types)})
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > most:
        raise ProblemError(413)
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise ProblemError(413)
        parts.append(part)
    return b"".join(parts)


def _carried_out(
    operation: Operation, workspaces: Workspaces, request: Request, token: ApiToken, body: bytes
) -> Response:
    asked, taken = _query(operation, request), _taken(operation, body)
    with workspaces.one() as ws:
        call = Call(request, ws, token, asked, taken)
        if operation.method == "GET":
            return _shown(operation, request, operation.view(call))
        work = partial(_changed, operation, call)
        where = f"{request.method}\0{request.url.path}\0{request.url.query}\0"
        mark = where.encode() + body
        key = _key(request) if operation.method == "POST" else ""
        done = ws.tokens.once(token.id, key, mark, work, is_repeatable=operation.is_repeatable)
    return Response(_json(done.body), done.status, done.headers, media_type="application/json")


def _changed(operation: Operation, call: Call) -> Answer:
    """Carry out an operation that changes something; its answer, to be kept together with the change."""
    if operation.current is not None:
        _check_match(call, operation.current(replace(call, taken=None)))
    reply = operation.view(call)
    body = msgspec.to_builtins(reply.value)
    headers = {"Location": BASE + reply.place} if reply.place else {}
    if operation.current is not None:
        headers["ETag"] = _etag(_json(body))
    return Answer(operation.status, body, headers, reply.owners)


def _check_match(call: Call, current: Reply) -> None:
    """Refuse a change by somebody who hasn't read what they change (RFC 9110, section 13.1.1)."""
    said = call.request.headers.get("if-match", "").strip()
    if not said:
        raise ProblemError(428)
    tags = {each.strip() for each in said.split(",")}
    if said != "*" and _etag(_json(current.value)) not in tags:
        raise ProblemError(412)


def _shown(operation: Operation, request: Request, reply: Reply) -> Response:
    if isinstance(operation.gives, Raw):
        data, kind = reply.value, operation.gives.types[0]
    else:
        data, kind = _json(reply.value), "application/json"
    headers = {"ETag": _etag(data)}
    if reply.after:
        query = {**dict(request.query_params), "after": reply.after}
        headers["Link"] = f'<{request.url.path}?{urlencode(query)}>; rel="next"'
    wanted = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    if headers["ETag"] in wanted or "*" in wanted:
        return Response(None, 304, headers)
    return Response(data, 200, headers, media_type=kind)


def _json(value: Any) -> bytes:
    """A struct as canonical JSON (RFC 8785), so that an answer that was kept is the same bytes again."""
    return canonical(msgspec.to_builtins(value))


def _etag(data: bytes) -> str:
    return f'"{sha256(data)[:32]}"'


def _key(request: Request) -> str:
    key = request.headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        fault = Fault("", f"Idempotency-Key has 1 to {KEY_MAX} characters of ASCII, without spaces.")
        raise ProblemError(
            422,
            fault.detail,
            code="usage",
            remedy="Use a random UUID, in quotes or without.",
            faults=(fault,),
        )
    return key or ""


def _query(operation: Operation, request: Request) -> Any:
    """What the query says, read as strictly as a body: each name once, and no other names."""
    hints = get_type_hints(operation.asks)
    values: dict[str, Any] = {}
    for name, text in request.query_params.multi_items():
        if name in values:
            raise _unfit(f"/{name}", "is given twice")
        values[name] = int(text) if hints.get(name) is int and _WHOLE.fullmatch(text) else text
    try:
        return msgspec.convert(values, operation.asks)
    except msgspec.ValidationError as error:
        raise _unreadable(error) from error


def _taken(operation: Operation, body: bytes) -> Any:
    if operation.takes is None or isinstance(operation.takes, Raw):
        return body
    try:
        return msgspec.json.decode(body, type=operation.takes)
    except msgspec.ValidationError as error:
        raise _unreadable(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProblemError(400) from error


def _unreadable(error: msgspec.ValidationError) -> ProblemError:
    said, _, place = str(error).partition(" - at `")
    path = place.rstrip("`").removeprefix("$").replace("[...]", "")
    return _unfit(re.sub(r"\.|\[(\d+)\]", lambda found: f"/{found[1] or ''}", path), said)


def _unfit(pointer: str, said: str) -> ProblemError:
    at = f" at {pointer}" if pointer else ""
    return ProblemError(
        422,
        f"What was sent isn't what is taken{at}: {said}.",
        code="usage",
        remedy="Compare it with the description: /api/v1/openapi.json",
        faults=(Fault(pointer, said),),
    )
