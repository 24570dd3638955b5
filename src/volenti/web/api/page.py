"""The readable page of the API: every operation with its scope and an example, without any script."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from volenti.core.errors import all_errors
from volenti.users.apitoken import Scope
from volenti.web.api.description import ABOUT, description
from volenti.web.api.nouns import NOUNS
from volenti.web.api.operation import BASE, Operation, Raw
from volenti.web.api.problem import codes
from volenti.web.room import EVERYBODY, Room
from volenti.webhooks.webhook import TOLD

if TYPE_CHECKING:
    from starlette.responses import Response

    from volenti.web.visit import Visit

room = Room()


@room.get("/api", open_to=EVERYBODY)
def show(visit: Visit) -> Response:
    """Describe the API for people. It says nothing of this workspace, so everybody may read it."""
    known = {each.code: (each.__doc__ or "").partition("\n")[0] for each in all_errors()}
    return visit.page(
        "api.html",
        about=ABOUT.split("\n\n"),
        nouns=[(noun, [(each, _call(each), _answer(each)) for each in noun.operations]) for noun in NOUNS],
        paths=description()["paths"],
        base=BASE,
        scopes=[each.value for each in Scope],
        codes=sorted({**known, **codes()}.items()),
        told=_told(),
    )


def _call(operation: Operation) -> str:
    """How an operation is called, as a command that everybody has."""
    path = BASE + operation.path
    for name in operation.parameters:
        path = path.replace(f"{{{name}}}", name.upper())
    lines = ['curl -H "Authorization: Bearer $TOKEN"']
    if operation.method != "GET":
        lines.append(f"-X {operation.method}")
    if operation.current is not None:
        lines.append("-H 'If-Match: \"ETAG\"'")
    if isinstance(operation.takes, Raw):
        lines += [f'-H "Content-Type: {operation.takes.types[0]}"', "--data-binary @picture.jpg"]
    elif operation.takes is not None:
        said = json.dumps(operation.example_taken, ensure_ascii=False)
        lines += ['-H "Content-Type: application/json"', f"-d '{said}'"]
    return " \\\n  ".join([*lines, f"https://volenti.example.org{path}"])


def _answer(operation: Operation) -> str:
    return json.dumps(operation.example, indent=2, ensure_ascii=False) if operation.example else ""


def _told() -> list[tuple[str, str]]:
    """What webhooks are told of, and what a message of each has."""
    found: dict[str, Any] = {}
    for kind, names in TOLD.values():
        found.setdefault(kind.value, {}).update(dict.fromkeys(names))
    return [
        (kind, ", ".join("picture" if name == "image" else name for name in names))
        for kind, names in found.items()
    ]
