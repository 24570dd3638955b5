"""tdmrep.json: a site's reservation of text and data mining, saved beside what was downloaded.

W3C TDM Reservation Protocol, final report of 10 May 2024, section "TDM File on the Origin Server": an array
of rules, each a path pattern (`*` stands for anything, `$` for the end) with `tdm-reservation` 0 or 1. The
first rule that matches counts; a pattern matches a path that begins like it. Policies that a rule points to
aren't fetched: a reservation with a policy is still a reservation, and people ask for a licence.

A file that doesn't parse reserves everything if it still has the word `tdm-reservation` and a 1 after it:
damage never removes a reservation. What parses and isn't rules, or has a rule that can't be made out, may
reserve anything; of a reservation that is said twice the stricter counts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from volenti.core.canonical import parse_given
from volenti.perception.rights.downloadrecord import every_value
from volenti.perception.rights.headers import field

#: What a site says about a path: reserved, not reserved, or nothing.
RESERVED, FREE, SILENT = "reserved", "free", "silent"

_RESERVATION = "tdm-reservation"
#: How a rule says that it reserves nothing.
_FREELY = ("0", "False", "false")
_SOMETHING_RESERVED = re.compile(r"tdm[-_]?reservation\W{1,8}1\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rule:
    """A path pattern and whether what it matches is reserved."""

    location: str
    reserved: bool

    def matches(self, path: str) -> bool:
        """Whether the pattern matches a percent-decoded path that begins with a slash."""
        pattern = self.location
        first, *rest = (unquote(part) for part in pattern.removesuffix("$").split("*"))
        if pattern[0] not in "/*":
            first = "/" + first
        if not path.startswith(first):
            return False
        left = path[len(first) :]
        # Each piece is looked for from the left, so that no pattern takes long; a piece that must be at the
        # end is looked for there.
        last = rest.pop() if pattern.endswith("$") and rest else None
        for part in rest:
            _, found, left = left.partition(part) if part else ("", "*", left)
            if not found:
                return False
        if last is not None:
            return left.endswith(last)
        return not pattern.endswith("$") or not left


def rules_in(text: str) -> list[Rule]:
    """The rules of a tdmrep.json, in order. A rule without a location is about the whole site."""
    return rules_read(text)[0]


def rules_read(text: str) -> tuple[list[Rule], bool]:
    """The rules, as `rules_in`, and whether the file is such rules and nothing else."""
    try:
        parse_given(text)
    except ValueError:
        return [Rule("/", True)] if _SOMETHING_RESERVED.search(text) else [], False
    body = json.loads(text, object_pairs_hook=every_value)
    # An object with nothing in it is a file without rules, as an empty list is.
    given = body if isinstance(body, list) else [body] if body != {} else []
    rules = [_rule(each) for each in given]
    found = [rule for rule in rules if rule is not None]
    if not found and _SOMETHING_RESERVED.search(text):
        found.append(Rule("/", True))
    return found, None not in rules


def _rule(said: Any) -> Rule | None:
    """One rule; None where it can't be made out. One without a readable location reserves everything."""
    names = {field(name): name for name in said} if isinstance(said, dict) else {}
    if _RESERVATION not in names:
        return None
    stated = said[names[_RESERVATION]]
    reserved = any(
        str(each).strip() not in _FREELY for each in (stated if isinstance(stated, list) else [stated])
    )
    location = said.get(names.get("location", ""), "/")
    if isinstance(location, str) and location:
        return Rule(location, reserved)
    return Rule("/", True) if reserved else None


def said_of(path: str, rules: Sequence[Rule]) -> str:
    """What the rules say of a path, RESERVED, FREE or SILENT: the first rule that matches decides."""
    whole = "/" + unquote(path).lstrip("/")
    for rule in rules:
        if rule.matches(whole):
            return RESERVED if rule.reserved else FREE
    return SILENT
