"""Addresses: every page of every room with identifiers that exist, for tests that look at all of them.

A room whose paths have parts adds to `REAL` what they are filled with. What only those have who were given
it, such as the token of a link, the workspace of tests/web/lived.py says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from volenti.workspace.workspace import Workspace

Real = Callable[[Workspace], Any]


def _first(noun: str, ws: Workspace) -> str:
    return str(getattr(ws, noun).list()[0].id)


#: By the part's name, or by the path up to it where the same name means something else there. None: it is in
#: no list; unless a workspace says it, the page says that there is none.
REAL: dict[str, Real | None] = {
    # sign_in
    "/welcome/{token}": lambda ws: ws.users.link("pat@example.org"),
    # account
    "onward": lambda ws: "users",
    "factor": None,
    # users
    "user": lambda ws: next(each.id for each in ws.users.list() if each.login == "pat@example.org"),
    # signing, signings
    "/sign/{token}": lambda ws: _signing(ws).token,
    "signing": lambda ws: _signing(ws).id,
    "key": None,
    # portal
    "/me/enter/{token}": lambda ws: ws.subjects.link("ann"),
    "/follow/{token}": None,
    "/am-i-in-there/{token}": None,
    "kind": lambda ws: "access",
    "inquiry": None,
    # desk
    "question": partial(_first, "review"),
    "number": lambda ws: "0",
    # pictures, people, releases, shoots, policies
    "image": lambda ws: ws.pictures.list().pictures[0].id,
    "subject": lambda ws: "ann",
    "digest": lambda ws: ws.subjects.show("ann").references[0].digest,
    "release": lambda ws: "rel_ann",
    "shoot": lambda ws: ws.shoots.browse()[0].id,
    "policy": lambda ws: "strict",
    # requests, log, jobs
    "request": partial(_first, "requests"),
    "entry": lambda ws: "0",
    "job": partial(_first, "jobs"),
}


def _signing(ws: Workspace) -> Any:
    return ws.signings.list()[0].session


def parts(path: str) -> list[str]:
    """What the parts of a path are looked up as."""
    found = []
    for each in re.finditer(r"{(\w+)}", path):
        before = path[: each.end()]
        found.append(before if before in REAL else each[1])
    return found


def address(path: str, ws: Workspace, given: Mapping[str, str] = MappingProxyType({})) -> str:
    """The path of a route with identifiers that exist, as far as there are any.

    given: what comes before `REAL`, by a part as there, or by a whole path whose last part it is.
    """
    filled = path
    for name, each in zip(parts(path), re.findall(r"{\w+}", path), strict=True):
        make = REAL.get(name)
        text = given.get(path) or given.get(name) or (str(make(ws)) if make else "none")
        filled = filled.replace(each, text, 1)
    return filled
