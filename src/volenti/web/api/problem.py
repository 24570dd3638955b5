"""Problems: what the API answers where it can't do what was asked (RFC 9457), from the project's errors."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated

import msgspec
from starlette.responses import Response

from volenti.consent.document import DocumentError
from volenti.core.errors import (
    ConflictError,
    KeyDestroyedError,
    MissingModelError,
    NotFoundError,
    RefusedError,
    StorageError,
    TooOftenError,
    UsageError,
    VolentiError,
)

MEDIA_TYPE = "application/problem+json"
NOT_A_PICTURE = "not-a-picture"
#: The status of each error; of several that fit, the first one. Whatever isn't here is 500.
STATUS: dict[type[VolentiError], int] = {
    UsageError: 422,
    NotFoundError: 404,
    KeyDestroyedError: 410,
    RefusedError: 403,
    TooOftenError: 429,
    ConflictError: 409,
    MissingModelError: 503,
    StorageError: 503,
}
#: Codes and what to do, where no error of the project's is behind a status.
_BY_STATUS = {
    400: ("not-readable", "The request can't be read.", "Send JSON in UTF-8."),
    401: ("no-token", "No token was shown that is good.", "Send: Authorization: Bearer TOKEN"),
    403: ("no-scope", "The token may not do this.", "Have a token added that has the scope."),
    404: ("not-found", "There is nothing under this address.", "Look into /api/v1/openapi.json."),
    405: (
        "no-such-method",
        "This address doesn't take this method.",
        "The header Allow says which it takes.",
    ),
    412: ("changed", "It was changed since you read it.", "Read it again, and repeat with its ETag."),
    413: ("too-large", "What was sent is too large.", "Send less; the description says how much is taken."),
    415: ("wrong-type", "What was sent is of another type.", "The description says which types are taken."),
    428: ("no-match", "The request doesn't say which state it changes.", "Send If-Match with the ETag read."),
    429: ("too-often", "This token was used too often.", "Wait for the seconds that Retry-After names."),
    500: ("failed", "Something went wrong here.", "Tell whoever runs the workspace, with the time."),
}


class Fault(msgspec.Struct, frozen=True):
    """One thing that is wrong with what was sent."""

    pointer: Annotated[str, msgspec.Meta(description="Where it stands: a JSON pointer (RFC 6901).")]
    detail: str


class Problem(msgspec.Struct, frozen=True):
    """Why something couldn't be done, and what helps (RFC 9457)."""

    type: Annotated[str, msgspec.Meta(description="A page about problems of this code.")]
    title: str
    status: int
    detail: str
    code: Annotated[str, msgspec.Meta(description="The same for the same problem, for programs.")]
    remedy: str
    errors: tuple[Fault, ...] = ()


class ProblemError(Exception):
    """Answered with a problem that is no error of the project's own. headers: what the answer has besides."""

    def __init__(
        self,
        status: int,
        detail: str = "",
        *,
        code: str = "",
        remedy: str = "",
        faults: tuple[Fault, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status)
        known = _BY_STATUS.get(status, ("problem", HTTPStatus(status).phrase + ".", ""))
        self.headers = dict(headers or {})
        self.problem = _made(status, code or known[0], detail or known[1], remedy or known[2], faults)


def problem_of(error: VolentiError) -> Problem:
    """The problem that an error is."""
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
    faults: tuple[Fault, ...] = ()
    if isinstance(error, DocumentError):
        faults = tuple(Fault(pointer(each.field), each.message) for each in error.problems)
    return _made(status, error.code, error.message, error.remedy, faults)


def answer(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The problem as an answer."""
    said = dict(headers or {})
    if problem.status == 503:
        said.setdefault("Retry-After", "30")
    return Response(msgspec.json.encode(problem), problem.status, said, media_type=MEDIA_TYPE)


def codes() -> dict[str, str]:
    """What each code says that no error of the project's is behind, as a text."""
    known = {code: f"{detail} {remedy}" for code, detail, remedy in _BY_STATUS.values()}
    return {**known, NOT_A_PICTURE: "What was sent isn't taken for a picture of the type that was said."}


def pointer(dotted: str) -> str:
    """A field named with dots as a JSON pointer."""
    return "".join(f"/{each}" for each in dotted.split(".") if each)


def _made(status: int, code: str, detail: str, remedy: str, faults: tuple[Fault, ...]) -> Problem:
    return Problem(f"/api#{code}", HTTPStatus(status).phrase, status, detail, code, remedy, faults)
