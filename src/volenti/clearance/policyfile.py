"""Policies as files: TOML, read strictly, with every fault named by its place in the file.

Shipped policies lie beside this module and are called by name; one's own by path.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from volenti.clearance.policy import Policy
from volenti.consent.territory import faults_of_place
from volenti.core.errors import UsageError

SUFFIX = ".toml"


class PolicyError(UsageError):
    """A policy file can't be used; `problems` names every fault by its place."""

    def __init__(self, name: str, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            f"{name} isn't a policy: {'; '.join(self.problems)}.",
            "Correct it; `volenti policy show generative-training` prints one that is right.",
        )


def shipped_policies() -> list[str]:
    """Names of the policies that come with the project."""
    folder = files("volenti.clearance") / "policies"
    return sorted(each.name.removesuffix(SUFFIX) for each in folder.iterdir() if each.name.endswith(SUFFIX))


def shipped_text(name: str) -> str:
    """The file of a shipped policy; UsageError where there is none of that name."""
    if name not in shipped_policies():
        raise UsageError(
            f"There is no policy {name!r}.", f"Shipped: {', '.join(shipped_policies())}; or give a file."
        )
    return (files("volenti.clearance") / "policies" / f"{name}{SUFFIX}").read_text("utf-8")


def policy_text(name: str) -> str:
    """What stands in a file, or in the shipped policy of that name, whether it is right or not.

    Raises UsageError where there is neither, PolicyError where the file isn't text.
    """
    path = Path(name)
    return _read(path) if path.is_file() else shipped_text(name)


def find_policy(name: str) -> Policy:
    """The policy in a file, or the shipped one of that name.

    Raises UsageError where there is neither, PolicyError where the file isn't right.
    """
    path = Path(name)
    if path.suffix == SUFFIX or path.is_file():
        return parse_policy(_read(path), path.name)
    return parse_policy(shipped_text(name), name)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise UsageError(f"Can't read {path}: {error.strerror}.", "Check the path.") from error
    except UnicodeDecodeError:
        raise PolicyError(path.name, ["it isn't UTF-8 text"]) from None


def policy_for(purpose: str, territory: str) -> Policy:
    """The shipped policy for a purpose, or the table's own verdicts where none ships."""
    if purpose in shipped_policies():
        return in_territory(find_policy(purpose), territory)
    return parsed({"purpose": purpose, "territory": territory}, "The purpose")


def in_territory(policy: Policy, territory: str) -> Policy:
    """The policy for another place; raises UsageError where there is no such place."""
    for problem in faults_of_place("territory", territory):
        raise UsageError(f"{territory!r} {problem.message}", "Give --territory with such a code.")
    # Made anew: a copy would keep the digest of the policy for the other place.
    return Policy.model_validate({**policy.model_dump(mode="json"), "territory": territory})


def parse_policy(text: str, name: str) -> Policy:
    """The policy in a file's text; PolicyError names every fault."""
    try:
        return parsed(tomllib.loads(text), name)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(name, [f"it isn't TOML: {error}"]) from None


def parsed(body: dict[str, Any], name: str) -> Policy:
    """The policy in a file's content; raises PolicyError, under `name`, with every fault."""
    try:
        return Policy.model_validate(body)
    except ValidationError as error:
        raise PolicyError(name, (_worded(each) for each in error.errors())) from None


#: What is said of each kind of fault that a policy's fields can have, in the place of pydantic's words.
_WORDS = {
    "extra_forbidden": "isn't a setting of a policy",
    "missing": "is missing",
    "int_": "has to be a whole number",
    "float_": "has to be a number",
    "finite_number": "has to be a number that isn't infinite",
    "bool_": "has to be true or false",
    "string_": "has to be a text in quotes",
    "list_": "has to be a list in square brackets",
    "dict_": "has to be a table of settings",
    "model_": "has to be a table of settings",
    "greater_than_equal": "has to be at least {ge}",
    "greater_than": "has to be more than {gt}",
    "less_than_equal": "has to be at most {le}",
    "less_than": "has to be less than {lt}",
    "literal_error": "has to be {expected}",
    "enum": "has to be {expected}",
    "value_error": "{error}",
}


def _worded(fault: Any) -> str:
    place = ".".join(str(part) for part in fault["loc"] if part != "[key]")
    kind, about = fault["type"], fault.get("ctx", {})
    # pydantic distinguishes what can't be parsed, what is of another type and what isn't whole.
    words = _WORDS.get(kind) or _WORDS.get(f"{kind.partition('_')[0]}_") or "can't be read"
    what = words.format_map(about)
    if kind not in ("extra_forbidden", "missing", "value_error"):
        what += f", not {fault['input']!r}"
    return f"{place}: {what}" if place else what
