"""What is said of a wrong use of a command: typer's finding, in this project's own words."""

from __future__ import annotations

import re
from typing import Any

_QUOTE = "'"
#: How typer's versions say that a value is none of an option's choices.
_CHOICE = re.compile(r"(?:Value error, )?(?P<given>'[^']*'|\"[^\"]*\") is not one of (?P<known>'.*')\.$")


def told_of_usage(error: Any) -> tuple[str, str]:
    """The message and the remedy for a wrong use that typer found."""
    path = error.ctx.command_path if getattr(error, "ctx", None) else "volenti"
    option = str(getattr(error, "option_name", ""))
    remedy = f"See: {path} --help"
    if option in ("-C", "--workspace", "--debug", "--verbose") and path != "volenti":
        remedy = f"Put {option} before the command: volenti {option} ..."
    if type(error).__name__ == "NoArgsIsHelpError":
        return f"{path} needs a command.", remedy
    return _CHOICE.sub(_in_own_words, " ".join(error.format_message().split())), remedy


def _in_own_words(found: re.Match[str]) -> str:
    """The same in the words in which this project's own options say it."""
    return f"{found['given']} is none of: {found['known'].replace(_QUOTE, '')}."
