"""The description of the API (OpenAPI 3.1), made of what the operations declare."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from volenti.core.canonical import Json
from volenti.core.version import VERSION
from volenti.web.api.dispatch import KEY_MAX
from volenti.web.api.nouns import NOUNS, operations
from volenti.web.api.operation import BASE, Operation, Raw
from volenti.web.api.problem import MEDIA_TYPE, Problem, ProblemError

_REF = "#/components/schemas/{name}"
#: What the API is, in a few paragraphs.
ABOUT = """What other systems can do with a Volenti workspace: the same as its users, by the same rules.

Show a token with each call (`Authorization: Bearer TOKEN`); `volenti token add` makes one for the scopes
that it is to have. Answers are JSON. What can't be done is answered with a problem (RFC 9457), which says
what helps.

Lists are read page by page: `after` of one page, or its `Link` header, leads to the next. Answers have an
`ETag`; with `If-None-Match` an unchanged one is answered by 304. PATCH needs `If-Match`, so that nobody
overwrites what they haven't read. A POST may bear an `Idempotency-Key`: repeated within 24 hours it is
carried out once, and answered the same."""


@cache
def description() -> Json:
    """The whole description, as a JSON object."""
    every = operations()
    structs = [struct for each in every for struct in (_given(each), _taken(each)) if struct is not None]
    _, schemas = msgspec.json.schema_components([*dict.fromkeys(structs), Problem], ref_template=_REF)
    paths: dict[str, Json] = {}
    for each in every:
        paths.setdefault(BASE + each.path, {})[each.method.lower()] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Volenti",
            "version": VERSION,
            "summary": "People in pictures, what they agreed to, and what they ask for.",
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "tags": [{"name": noun.name, "description": noun.text} for noun in NOUNS],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token of `volenti token add`. Each operation names the scope it needs.",
                }
            },
            "schemas": schemas,
            "headers": _HEADERS,
            "responses": {str(status): _problem(status) for status in _PROBLEMS},
        },
    }


def _given(operation: Operation) -> Any:
    return None if isinstance(operation.gives, Raw) else operation.gives


def _taken(operation: Operation) -> Any:
    return None if isinstance(operation.takes, Raw) else operation.takes


def _operation(operation: Operation) -> Json:
    said: Json = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": f"{operation.text}\n\nScope: `{operation.scope}`.",
        "tags": [operation.noun],
        "security": [{"token": []}],
        "x-scope": operation.scope.value,
        "parameters": [*map(_part, operation.parameters), *_query(operation), *_headers(operation)],
        "responses": {
            str(operation.status): _answer(operation),
            **{str(status): {"$ref": f"#/components/responses/{status}"} for status in _statuses(operation)},
        },
    }
    if operation.takes is not None:
        said["requestBody"] = {"required": True, "content": _body(operation)}
    return said


def _answer(operation: Operation) -> Json:
    names = ["RateLimit", "RateLimit-Policy"]
    if operation.method == "GET" or operation.current is not None:
        names.append("ETag")
    if operation.method == "GET" and "after" in operation.asks.__struct_fields__:
        names.append("Link")
    if operation.status in (201, 202):
        names.append("Location")
    said: Json = {
        "description": operation.summary + ".",
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
    }
    if isinstance(operation.gives, Raw):
        binary = {"type": "string", "contentEncoding": "binary"}
        said["content"] = {each: {"schema": binary} for each in operation.gives.types}
    else:
        shape = {"$ref": _REF.format(name=operation.gives.__name__)}
        said["content"] = {"application/json": {"schema": shape, "example": operation.example}}
    return said


def _body(operation: Operation) -> Json:
    if isinstance(operation.takes, Raw):
        return {
            each: {"schema": {"type": "string", "contentMediaType": each}} for each in operation.takes.types
        }
    assert operation.takes is not None
    shape = {"$ref": _REF.format(name=operation.takes.__name__)}
    return {"application/json": {"schema": shape, "example": operation.example_taken}}


def _part(name: str) -> Json:
    form = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"}
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": f"Identifier of the {name}.",
        "schema": form,
        "example": _EXAMPLES[name],
    }


def _query(operation: Operation) -> list[Json]:
    shape = msgspec.json.schema_components([operation.asks], ref_template=_REF)[1]
    fields = shape[operation.asks.__name__].get("properties", {})
    said = []
    for name, form in fields.items():
        text = form.pop("description", "")
        said.append({"name": name, "in": "query", "description": text, "schema": form})
    return said


def _headers(operation: Operation) -> list[Json]:
    if operation.method == "GET":
        return [_header("If-None-Match", "Answer 304 where what is answered has this ETag.", _TAG)]
    if operation.current is not None:
        said = _header("If-Match", "The ETag of what was read: it is changed if it is still that.", _TAG)
        return [{**said, "required": True}]
    form = {"type": "string", "pattern": f"^[!-~]{{1,{KEY_MAX}}}$"}
    return [_header("Idempotency-Key", "Carry this call out once, however often it is repeated.", form)]


def _header(name: str, text: str, form: Json) -> Json:
    return {"name": name, "in": "header", "description": text, "schema": form}


def _statuses(operation: Operation) -> list[int]:
    found = {401, 403, 422, 429, 500, 503}
    if operation.method == "GET":
        found |= {304}
    if operation.method != "GET":
        found |= {404, 409, 410}
    if operation.parameters:
        found |= {404, 410}
    if operation.takes is not None:
        found |= {400, 413, 415}
    if operation.name == "planRequest":
        found |= {409}
    if operation.current is not None:
        found |= {412, 428}
    return sorted(found)


_TAG = {"type": "string"}
_EXAMPLES = {
    "subject": "sub_k3v5q2m7x4n6a2b5c7d2",
    "release": "rel_m7x4n6a2b5c7d2k3v5q2",
    "picture": "img_5c7d2k3v5q2m7x4n6a2b",
    "request": "req_c7d2k3v5q2m7x4n6a2b5",
    "job": "job_m7x4n6a2b5c7d2k3v5q2",
}
_HEADERS: Json = {
    "ETag": {"description": "Of this answer; another one where anything changed.", "schema": _TAG},
    "Link": {"description": "Where the next page is (RFC 8288).", "schema": {"type": "string"}},
    "Location": {"description": "Where what was made is.", "schema": {"type": "string"}},
    "RateLimit-Policy": {
        "description": 'Calls that a token may make, and in how many seconds: "minute";q=600;w=60.',
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": 'Calls that are left, and in how many seconds they count anew: "minute";r=9;t=3.',
        "schema": {"type": "string"},
    },
}
_PROBLEMS = {
    304: "It is as it was.",
    400: "What was sent can't be read.",
    401: "No token was shown that is good.",
    403: "The token lacks the scope, or what is asked for is refused.",
    404: "There is no such thing.",
    409: "It isn't possible as things stand, or it was done by somebody else.",
    410: "The person was erased, or is being erased.",
    412: "It was changed since it was read.",
    413: "What was sent is too large.",
    415: "What was sent is of another type.",
    422: "What was sent isn't what is taken, or says what can't be.",
    428: "The call doesn't say which state it changes.",
    429: "The token was used too often.",
    500: "Something went wrong here.",
    503: "What is needed can't be reached for now.",
}


def _problem(status: int) -> Json:
    if status == 304:
        return {"description": _PROBLEMS[status]}
    example = msgspec.to_builtins(ProblemError(status, _PROBLEMS[status]).problem)
    shape = {"$ref": _REF.format(name="Problem")}
    said: Json = {
        "description": _PROBLEMS[status],
        "content": {MEDIA_TYPE: {"schema": shape, "example": example}},
    }
    if status in (429, 503):
        said["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "string"}}}
    return said
