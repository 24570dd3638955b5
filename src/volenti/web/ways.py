"""Ways: what a sentence calls by a command, as the page that does the same.

Errors are raised for whoever meets them first, at the command line or on a page, and their remedies name
commands. Who works in the browser opens no terminal: there a command becomes a link to its page. One that no
page stands in for is shown as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Callable

#: Pages by the commands that they stand in for: the path, the name of the room, and whether a page of the one
#: thing that the command names lies below.
PAGES = {
    "add": ("/pictures/add", "Add pictures", False),
    "audit": ("/audit", "Audit", False),
    "clear": ("/pictures?state=waiting", "Pictures", False),
    "feed list": ("/recipients", "Recipients", False),
    "job list": ("/jobs", "Jobs", False),
    "job show": ("/jobs", "Jobs", True),
    "picture amend": ("/pictures", "Pictures", True),
    "picture find": ("/pictures", "Pictures", False),
    "picture list": ("/pictures", "Pictures", False),
    "picture show": ("/pictures", "Pictures", True),
    "policy list": ("/policies", "Policies", False),
    "release amend": ("/releases", "Releases", True),
    "release issue": ("/people", "People", True),
    "release list": ("/people", "Releases", True),
    "release sign": ("/releases", "Releases", True),
    "release withdraw": ("/releases", "Releases", True),
    "request answer": ("/requests", "Requests", True),
    "request identify": ("/requests", "Requests", True),
    "request inquiries": ("/inquiries", "Inquiries", False),
    "request list": ("/requests", "Requests", False),
    "request open": ("/requests/new", "Open a request", False),
    "request refuse": ("/requests", "Requests", True),
    "request run": ("/requests", "Requests", True),
    "request show": ("/requests", "Requests", True),
    "review flag": ("/pictures", "Pictures", True),
    "review list": ("/desk", "Review", False),
    "subject amend": ("/people", "People", True),
    "subject distinguish": ("/people", "People", True),
    "subject list": ("/people", "People", False),
    "subject show": ("/people", "People", True),
    "token add": ("/tokens", "Tokens", False),
    "token list": ("/tokens", "Tokens", False),
    "user factors": ("/users", "Users", False),
    "user link": ("/users", "Users", False),
    "user list": ("/users", "Users", False),
    "user sessions": ("/users", "Users", False),
    "webhook list": ("/webhooks", "Webhooks", False),
}
#: Where a list of somebody's has no page, and the list of everybody's has.
_WITHOUT_ONE = {"release list": "/releases"}
#: A value of a command: what to put there, in capitals; a text in quotation marks; an identifier; or a code.
_VALUE = r"(?:[A-Z]+\b|\"[^\"]*\"|[a-z]+_[\w-]+|[a-z]+(?:-[a-z]+)+|(?<=--subject )[\w.-]*\w)"
#: A command as sentences have it, with its values and options.
_COMMAND = re.compile(
    rf"`?\bvolenti (?P<command>[a-z-]+(?: [a-z]+\b)?)"
    rf"(?P<rest>(?: --(?:purpose|kind|ground|grant) [\w-]*\w| --[a-z][a-z-]*(?: {_VALUE})?| {_VALUE})*)`?"
)
#: The identifier of the one thing that a command names.
_ONE = re.compile(r"(?:--subject |\b(?=[a-z]+_))([\w.-]*\w)")


def linked(sentence: str, gettext: Callable[[str], str]) -> Markup:
    """A sentence as a page has it: escaped, with links in place of commands. gettext: names of rooms."""
    parts, at = [], 0
    for found in _COMMAND.finditer(sentence):
        parts += [escape(sentence[at : found.start()]), _way(found, gettext)]
        at = found.end()
    return Markup("").join([*parts, escape(sentence[at:])])


def _way(found: re.Match[str], gettext: Callable[[str], str]) -> Markup:
    first, _, second = found["command"].partition(" ")
    for command, more in ((f"{first} {second}", ""), (first, f" {second}" * bool(second))):
        if command in PAGES:
            path, name, has_pages = PAGES[command]
            one = _ONE.search(found["rest"]) if has_pages else None
            # What stands in capitals is for the reader to put in, and nothing on record is called so.
            if one and not one[1].isupper():
                path = f"{path}/{quote(one[1], safe='')}"
            else:
                path = _WITHOUT_ONE.get(command, path)
            return Markup('<a href="{}">{}</a>{}').format(path, gettext(name), more)
    return Markup("<code>{}</code>").format(found[0].strip("`"))
