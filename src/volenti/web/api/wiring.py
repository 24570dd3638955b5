"""Wiring: the API's operations as routes of the application."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from volenti.web.api.dispatch import Endpoint, endpoint
from volenti.web.api.nouns import operations
from volenti.web.api.operation import BASE
from volenti.web.api.problem import ProblemError, answer
from volenti.web.api.rate import Rate

if TYPE_CHECKING:
    from fastapi import FastAPI

    from volenti.web.workspaces import Workspaces


def add_api(app: FastAPI, workspaces: Workspaces) -> None:
    """Add a route for the operations of each path, and one for the description."""
    rate = Rate()
    for path in dict.fromkeys(each.path for each in operations()):
        there = {each.method: endpoint(each, workspaces, rate) for each in operations() if each.path == path}
        # One route for a path, so that the header Allow has all of its methods.
        app.add_api_route(
            BASE + path,
            _by_method(there),
            methods=list(there),
            include_in_schema=False,
            response_model=None,
        )
    app.add_api_route(f"{BASE}/openapi.json", _described, include_in_schema=False, response_model=None)


def _by_method(there: Mapping[str, Endpoint]) -> Endpoint:
    async def called(request: Request) -> Response:
        return await there[request.method](request)

    return called


def is_api(request: Request) -> bool:
    """Whether a request is one of the API's."""
    return request.url.path == BASE or request.url.path.startswith(f"{BASE}/")


def api_problem(status: int, headers: Mapping[str, str] | None) -> Response:
    """What the API answers where no operation does; an address that isn't there, or another method."""
    return answer(ProblemError(status).problem, headers)


def _described() -> Response:
    # Imported here: nobody else needs it.
    from volenti.web.api.description import description

    return JSONResponse(description(), media_type="application/json")
