"""What each command of the command line is called in Python: one rule, and its exceptions."""

from __future__ import annotations

import keyword

#: The nouns of the command line, each with the workspace's attribute of the same meaning.
NOUNS = {
    "models": "models",
    "subject": "subjects",
    "release": "releases",
    "rights": "rights",
    "policy": "policies",
    "picture": "pictures",
    "shoot": "shoots",
    "review": "review",
    "dataset": "datasets",
    "base": "bases",
    "run": "runs",
    "package": "packages",
    "work": "works",
    "request": "requests",
    "certificate": "certificates",
    "feed": "feed",
    "log": "log",
    "backup": "backups",
    "key": "keys",
    "user": "users",
    "token": "tokens",
    "webhook": "webhooks",
    "job": "jobs",
    "signing": "signings",
    "letter": "letters",
}
#: Commands that need no open workspace; in Python they are functions of `volenti`.
FUNCTIONS = {"init": "init", "doctor": "doctor", "demo": "run_demo", "serve": "serve"}


def counterpart(command: str) -> str:
    """What a command such as "dataset cut" is in Python: "Workspace.datasets.cut", or "volenti.init".

    Raises KeyError where it has a noun that isn't known.
    """
    first, _, verb = command.partition(" ")
    if not verb:
        return f"volenti.{FUNCTIONS[first]}" if first in FUNCTIONS else f"Workspace.{_name(first)}"
    return f"Workspace.{NOUNS[first]}.{_name(verb)}"


def _name(word: str) -> str:
    """A word of the command line as a Python name; Python's own keywords get an underscore."""
    name = word.replace("-", "_")
    return f"{name}_" if keyword.iskeyword(name) else name
