"""Operation: one thing that the API does. Each says which scope it needs, and there is no other way in.

What an operation takes and gives is declared by msgspec structs, as rows of the register are by dataclasses:
they read and write JSON strictly, and the API's description is made of them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from volenti.consent.document import TEXT_CHARACTERS_MAX
from volenti.core.canonical import Json
from volenti.users.apitoken import Scope

if TYPE_CHECKING:
    from starlette.requests import Request

    from volenti.users.apitoken import ApiToken
    from volenti.workspace.workspace import Workspace

#: What every address of the API begins with.
BASE = "/api/v1"
#: Bytes that a body of JSON may have.
JSON_MAX = 1 << 20
#: How many a page has at most.
COUNT_MAX = 200

Identifier = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
#: A text as `consent.document` takes it: without characters that can't be seen.
_SEEN = r"[^\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
_BLACK = r"[^\s\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
Text = Annotated[str, msgspec.Meta(max_length=TEXT_CHARACTERS_MAX, pattern=f"^{_SEEN}*$")]
FilledText = Annotated[
    str, msgspec.Meta(min_length=1, max_length=TEXT_CHARACTERS_MAX, pattern=f"^{_SEEN}*{_BLACK}{_SEEN}*$")
]


class Asked(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What the query of an address may say: nothing."""


class Paged(Asked, kw_only=True):
    """Which page of a list is asked for."""

    after: Annotated[
        str,
        msgspec.Meta(
            max_length=96,
            pattern=r"^[A-Za-z0-9_.-]*$",
            description="Where the page begins: `after` of the page before.",
        ),
    ] = ""
    count: Annotated[int, msgspec.Meta(ge=1, le=COUNT_MAX, description="How many it has at most.")] = 50


@dataclass(frozen=True, slots=True)
class Raw:
    """A body or an answer that isn't JSON: its types, and how many bytes a body may have."""

    types: tuple[str, ...]
    max_bytes: int = 0


@dataclass(slots=True)
class Call:
    """One call of an operation, as its view gets it: `asked` is the query, `taken` the body."""

    request: Request
    ws: Workspace
    token: ApiToken
    asked: Any
    taken: Any

    def path(self, name: str) -> str:
        """A part of the path that the operation names."""
        return str(self.request.path_params[name])


@dataclass(frozen=True, slots=True)
class Reply:
    """What a view answers. value: a struct, or bytes of the type that the operation gives.

    owners: which people it is about. place: the path of what was made, below BASE. after: where the next page
    begins; empty where there is none.
    """

    value: Any
    owners: tuple[str, ...] = ()
    place: str = ""
    after: str = ""


View = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that the API does, by method and path.

    gives: what it answers, as a struct or as something that isn't JSON. takes: what its body is. asks: what
    its query is. example: an answer; example_taken: a body. current: of one that changes something, the view
    of what it changes, so that nobody overwrites what they haven't read. is_repeatable: doing it again
    changes nothing.
    """

    method: str
    path: str
    name: str
    noun: str
    scope: Scope
    view: View
    gives: type[msgspec.Struct] | Raw
    status: int = 200
    asks: type[Asked] = Asked
    takes: type[msgspec.Struct] | Raw | None = None
    example: Json | None = None
    example_taken: Json | None = None
    current: View | None = None
    is_repeatable: bool = False
    max_bytes: int = JSON_MAX

    @property
    def text(self) -> str:
        """What it does, in a paragraph."""
        return inspect.getdoc(self.view) or ""

    @property
    def summary(self) -> str:
        """What it does, in a line."""
        return self.text.partition("\n")[0].rstrip(".")

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parts of its path that vary."""
        return tuple(each.partition("}")[0] for each in self.path.split("{")[1:])


@dataclass(slots=True)
class Noun:
    """The operations of one noun, with what the noun is in a sentence."""

    name: str
    text: str
    operations: list[Operation] = field(default_factory=list)

    def get(self, path: str, name: str, scope: Scope, **about: Any) -> Callable[[View], View]:
        """Make an operation that changes nothing."""
        return self._made("GET", path, name, scope, about)

    def post(self, path: str, name: str, scope: Scope, **about: Any) -> Callable[[View], View]:
        """Make an operation that makes or does something."""
        return self._made("POST", path, name, scope, about)

    def patch(self, path: str, name: str, scope: Scope, **about: Any) -> Callable[[View], View]:
        """Make an operation that changes something; it needs `current`."""
        return self._made("PATCH", path, name, scope, about)

    def _made(self, method: str, path: str, name: str, scope: Scope, about: Any) -> Callable[[View], View]:
        def made(view: View) -> View:
            self.operations.append(Operation(method, path, name, self.name, scope, view, **about))
            return view

        return made
