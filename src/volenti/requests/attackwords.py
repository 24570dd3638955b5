"""What attacks on the model found, in words: for the table beside a certificate and for its page.

Beside every result it says how many people the attack can tell at all, because an attack that can tell
nobody finds nothing either way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from volenti.core.canonical import Json

HONEST = "They can refute that somebody was forgotten, not prove it."

#: What is attacked: as certificates name it, and in words.
WHAT = {
    "slice": "their slices alone",
    "constituent": "what is served",
    "pixels": "its drawings, by pixels",
    "face": "its drawings, by face",
}
#: How often the attack may take somebody never seen for somebody learned from, the laxest first.
LEVELS = ("5 %", "1 %")


@dataclass(frozen=True, slots=True)
class Line:
    """One attack in words: on what, when, the place among people never seen, the levels, and the power."""

    constituent: str
    what: str
    when: str
    place: str
    told: str
    power: str


def lines(before: Json | str, after: Json | str) -> Iterator[Line]:
    """Every attack, those before first: what was measured, or why nothing was."""
    for when, found in (("before", before), ("after", after)):
        if isinstance(found, str):
            yield Line("", "", when, found, "", "")
            continue
        for name, each in sorted(found.items()):
            if isinstance(each, str):
                yield Line(name, "", when, each, "", "")
            elif "membership" in each:
                yield _earlier(name, when, each)
            else:
                yield from (_line(name, when, what, each[what]) for what in WHAT if what in each)


def conclusions(after: Json | str) -> Iterator[str]:
    """What the results afterwards are worth: a sentence for each attack that has one."""
    for name, each in sorted(after.items()) if isinstance(after, dict) else ():
        for what in WHAT:
            found = each.get(what) if isinstance(each, dict) else None
            if isinstance(found, dict) and "power" in found:
                yield f"{name}, {WHAT[what]}: {_worth(found)}"


def _line(name: str, when: str, what: str, found: Json | str) -> Line:
    if isinstance(found, str):
        return Line(name, WHAT[what], when, found, "", "")
    place = f"{found['more']} of {found['never_seen']}"
    if found["equal"]:
        place += f", {found['equal']} alike"
    power = found["power"]
    levels = [level for level in LEVELS if level in power["told"]]
    told = ", ".join(found["told"]) or ("no" if levels else "too few to say")
    if not power["learned"] or not levels:
        return Line(name, WHAT[what], when, place, told, "not known")
    able = ", ".join(f"{power['told'][level]} at {level}" for level in levels)
    return Line(name, WHAT[what], when, place, told, f"of {power['learned']}: {able}")


def _worth(found: Json) -> str:
    power, few = found["power"], found["never_seen"]
    levels = [each for each in LEVELS if each in power["told"]]
    too_few = [each for each in LEVELS if each not in power["told"]]
    short = (
        f" {power['comparisons']} comparisons are too few for {' or '.join(too_few)}; among {few} people "
        f"never seen no place is rarer than 1 in {few + 1}."
        if too_few
        else ""
    )
    if not levels:
        return f"nothing can be said.{short}"
    if found["told"]:
        return (
            f"taken for somebody learned from at {found['told'][-1]}, as that share of people never seen is. "
            f"Train again and compare: volenti prove-forgetting.{short}"
        )
    if not power["learned"]:
        return f"not told, but there is nobody learned from to see whether the attack tells anybody.{short}"
    missed = power["learned"] - power["told"][levels[0]]
    return (
        f"not told at {levels[0]}. Had nothing been forgotten, that would be so in about {missed} of "
        f"{power['learned']} cases as well: so many of the people it did learn from the attack misses.{short}"
    )


def _earlier(name: str, when: str, found: Json) -> Line:
    """A line of an earlier version's certificate: it attacked the constituent alone, and gave no power."""
    ranks = f"ranks {found['membership']['loss']}, {found['membership']['calibrated']}"
    return Line(name, WHAT["constituent"], when, ranks, "", "not known")
