"""Visit: one request, by whom it is made, and the answers that a view can give."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.runtime import Macro
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, RedirectResponse, Response

from volenti.users.user import UserRole
from volenti.web.ways import linked
from volenti.web.words import Words

if TYPE_CHECKING:
    from starlette.datastructures import FormData
    from starlette.requests import Request

    from volenti.consent.subject import Subject
    from volenti.users.session import Session
    from volenti.users.user import User
    from volenti.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation: its path, its name in English, and who sees it."""

    path: str
    name: str
    open_to: frozenset[UserRole]


@dataclass(slots=True)
class Visit:
    """A request as a view gets it.

    `user` and `session` are None where nobody is signed in; a view that isn't open to everybody has both.
    `places` are the rooms that the user may go to. Behind a door that is open to whoever was photographed
    there is no user: `subject` is who they are, and `session` is theirs. In a session that waits, `user` is
    whose session it is.
    """

    request: Request
    ws: Workspace
    form: FormData
    words: Words
    user: User | None
    session: Session | None
    places: tuple[Place, ...]
    subject: Subject | None = None
    #: What the browser holds of a user's session, good or not.
    token: str = ""

    @property
    def person(self) -> Subject:
        """Whoever was photographed and visits what is theirs; only behind doors that are open to them."""
        assert self.subject is not None
        return self.subject

    @property
    def is_officers(self) -> bool:
        """Whether an officer makes it, who may change what the page shows; unlike a second officer."""
        return self.user is not None and UserRole.OFFICER in self.user.roles

    def path(self, name: str) -> str:
        """A part of the path that the route names."""
        return str(self.request.path_params[name])

    def said(self, name: str) -> str:
        """A field of the form, as text; empty where it isn't there."""
        value = self.form.get(name, "")
        return value if isinstance(value, str) else ""

    @property
    def address(self) -> str:
        """Where the request comes from."""
        return self.request.client.host if self.request.client else ""

    @property
    def site(self) -> str:
        """The origin by which the browser reaches the application."""
        scheme = "https" if self.request.app.state.is_https else "http"
        return f"{scheme}://{self.request.url.netloc}"

    def limit(self, what: str, *, times: int, per: str) -> None:
        """Count a try by where it comes from (`ws.users.limit`); TooOftenError after too many."""
        self.ws.users.limit(what, self.address, times=times, per=per)

    def page(self, template: str, status: int = 200, **facts: Any) -> Response:
        """A page in the visitor's language."""
        html = pages(self.words.language).get_template(template)
        shown = html.render(visit=self, words=self.words, user=self.user, **facts)
        return HTMLResponse(shown, status)

    @staticmethod
    def go(path: str) -> Response:
        """Send the browser on to another page, with a GET."""
        return RedirectResponse(path, 303)


def _no_macro(value: object) -> object:
    """What is written into a page. A macro that isn't called would be written as its name."""
    if isinstance(value, Macro):
        raise TypeError(f"the macro {value.name} isn't called")
    return value


def _coded(text: str) -> Markup:
    """A text with what stands between backticks as code."""
    parts = text.split("`")
    coded = [
        Markup("<code>{}</code>").format(each) if at % 2 else escape(each) for at, each in enumerate(parts)
    ]
    return Markup("").join(coded)


@cache
def pages(language: str) -> Environment:
    """The templates in a language."""
    # Any, because the extension adds a method that the class doesn't declare.
    made: Any = Environment(
        loader=PackageLoader("volenti.web"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_no_macro,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = Words(language)
    # What isn't a sentence of a page, and may have somebody's words in it: unlike what `gettext` gives in a
    # template, it is escaped like all else.
    made.filters["said"] = lambda sentence: linked(words.said(str(sentence)), words.translations.gettext)
    made.filters["coded"] = _coded
    made.install_gettext_translations(words.translations, newstyle=True)
    environment: Environment = made
    return environment
