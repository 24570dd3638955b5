"""Printing a release whose signatures were checked: its state, and what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from volenti.cli.terminal.output import advise, say, say_json
from volenti.core.canonical import Json

if TYPE_CHECKING:
    from volenti.consent.document import Problem
    from volenti.consent.onrecord import ReleaseOnRecord


def faults_of(release: ReleaseOnRecord) -> list[Problem]:
    """What is wrong with the signatures that there are; a draft that nobody signed has no faults."""
    return release.problems if release.signed.roles else []


def facts_of(release: ReleaseOnRecord, problems: Sequence[Problem]) -> Json:
    """What was checked, as the facts of --json."""
    return {
        "release": release.release.id,
        "subject": release.release.subject,
        "state": release.state.value,
        "ok": not problems,
        "problems": [{"field": each.field, "message": each.message} for each in problems],
    }


def say_problems(release: ReleaseOnRecord, problems: Sequence[Problem]) -> None:
    """Print what is wrong with a release's signatures in one line; nothing where nothing is."""
    if problems:
        say(f"{release.release.id}: {'; '.join(str(each).removesuffix('.') for each in problems)}.")


def say_standing(release: ReleaseOnRecord, *, as_json: bool) -> None:
    """Print how far a release has got, and whose signature it waits for."""
    problems = faults_of(release)
    if as_json:
        say_json(facts_of(release, problems))
        return
    say(f"{release.release.id} is {release.state.value}.")
    for problem in problems:
        say(f"  {problem}")
    if release.awaits is not None:
        how = f"volenti release sign {release.release.id} --role {release.awaits} --key FILE"
        advise(f"It waits for the {release.awaits}'s signature: {how}")
        advise(f"If they signed on paper: volenti release attest {release.release.id} --scan FILE --key FILE")
