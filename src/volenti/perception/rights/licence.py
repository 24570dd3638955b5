"""Licence: under which terms a picture is offered, as its metadata name it.

Licences of Creative Commons are compared by name (an address in any form becomes its SPDX identifier,
https://spdx.org/licenses), all others letter by letter. Which licences allow a use is decided by whoever
writes the list of allowed ones; nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

_CC_ADDRESS = re.compile(
    r"creativecommons\.org/(?P<kind>licenses|publicdomain)/(?P<code>[a-z+-]+)(?:/(?P<version>\d\.\d))?", re.I
)
_PUBLIC_DOMAIN = {"zero": "CC0", "mark": "CC-PDM"}


def licence_name(text: str) -> str:
    """The SPDX identifier of a Creative Commons address, or the text without scheme and trailing slash."""
    found = _CC_ADDRESS.search(text)
    if found:
        code = found["code"].lower()
        if found["kind"].lower() == "publicdomain":
            name = _PUBLIC_DOMAIN.get(code, code)
        else:
            name = f"CC-{code.upper()}"
        return f"{name}-{found['version']}" if found["version"] else name
    return re.sub(r"^https?://(?:www\.)?", "", text.strip(), flags=re.I).rstrip("/")


def licences_named(declared: Iterable[str], pages: Iterable[str], texts: Iterable[str]) -> tuple[str, ...]:
    """Names of the licences that a picture is under.

    declared: properties that hold a licence; pages: web statements, which count where they are
    a licence's page or nothing else is declared; texts: prose, in which only Creative Commons
    addresses are looked for.
    """
    pages = list(pages)
    found = [licence_name(text) for text in declared]
    found += [licence_name(text) for text in (*pages, *texts) if _CC_ADDRESS.search(text)]
    return tuple(dict.fromkeys(found or [licence_name(text) for text in pages]))


def is_allowed(licences: Collection[str], allowed: Collection[str]) -> bool:
    """Whether a picture under these licences passes the list: it names one, and all it names are on it."""
    names = {licence_name(each).casefold() for each in allowed}
    return bool(licences) and all(each.casefold() in names for each in licences)
