"""volenti work: what was drawn, what was refused, and what is called back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.catalogue.work import WithdrawnWork, Work
from volenti.cli.base import facts_of_base
from volenti.cli.terminal.help import CommandGroup
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import note, say, say_fields, say_json, say_table
from volenti.cli.terminal.session import opened, write_new
from volenti.core.canonical import Json
from volenti.core.codec import encoded

if TYPE_CHECKING:
    from volenti.catalogue.work import Likeness, Way
    from volenti.workspace.works import ListedWork

app = CommandGroup("Pictures that were drawn, refused, or called back.")

#: How a refused picture resembles somebody, in words.
WAYS: dict[Way, str] = {"face": "has the face of", "copy": "is like a picture of"}


def facts_of(work: Work | WithdrawnWork, likeness: Likeness | None = None) -> Json:
    """A work as --json prints it, with whom it comes near to, where that was looked for."""
    facts = {"id": work.id, "state": work.state, **encoded(work)}
    if likeness is None:
        return facts
    nearest = {way: list(who) for way, who in subjects_of(likeness).items()}
    return {**facts, "likeness": likeness.to_json(), "nearest": nearest}


def subjects_of(likeness: Likeness) -> dict[Way, tuple[str, ...]]:
    """Whom it came near to, by each way of comparing."""
    return {way: near.subjects for way, near in likeness.nearnesses.items()}


def scores_of(likeness: Likeness) -> tuple[str, str]:
    """Both scores beside the limits that they must stay under."""
    found = [
        "" if near is None else f"{near.score:.2f} {'>=' if near.too_near else '<'} {near.limit:.2f}"
        for near in (likeness.face, likeness.copy)
    ]
    return found[0], found[1]


@app.command("list")
def list_(
    ctx: typer.Context,
    refused: Annotated[bool, typer.Option("--refused", help="Only those that were refused.")] = False,
    withdrawn: Annotated[
        bool,
        typer.Option("--withdrawn", help="Only those that are called back: their files have to be deleted."),
    ] = False,
    knew: Annotated[
        str | None,
        typer.Option(
            metavar="REQUEST", help="Only those drawn by what had learned from the person of this erasure."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List every picture that was drawn, oldest first.

    When somebody is erased, every picture is compared with them first. What is too near to them is
    called back, and so is what can't be compared of all that was drawn by what had learned from them;
    VOLENTI_WITHDRAW_WORKS=all calls back all of that. The workspace hands no picture to anybody itself,
    so nobody is told by it: whoever has the files is to be told by identifier and digest.

    \b
    Examples:
      volenti work list
      volenti work list --refused
      volenti work list --withdrawn
      volenti work list --knew req_1
    """
    with opened(ctx) as ws:
        found = ws.works.list(refused=refused, withdrawn=withdrawn, knew=knew)
    if as_json:
        works = [{**facts_of(each.work), "too_near_to": list(each.too_near_to)} for each in found]
        say_json({"works": works})
        return
    if not found:
        what = "refused" if refused else "called back" if withdrawn else "drawn"
        note(
            f"Nothing was {what} yet." if knew is None else "Nothing was drawn by what had learned from them."
        )
        return
    say_table(
        ("WORK", "DRAWN", "STATE", "SEED", "TOO NEAR TO", "PROMPT, OR SHA-256"),
        [(each.work.id, each.work.created, each.work.state, *_words(each)) for each in found],
    )


def _words(listed: ListedWork) -> tuple[str, str, str]:
    """Seed, whom it came too near to, and what it was drawn from; of one called back, its digest."""
    work = listed.work
    if isinstance(work, Work):
        return str(work.seed), ", ".join(listed.too_near_to), work.prompt
    return "", "", work.sha256


@app.command("show")
def show(
    ctx: typer.Context,
    work: Annotated[str, typer.Argument(metavar="WORK", help="Its identifier: volenti work list.")],
    picture: Annotated[
        Path | None,
        typer.Option(dir_okay=False, metavar="FILE", help="Draw it again, into this new PNG, to look at it."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show one picture's record: how it was made, whom it comes near to, why it was refused.

    Whom it comes near to is looked up now, among those behind its model who are here today. The
    picture itself isn't kept. --picture draws it again from its words and seed, also a refused one,
    for whoever has to judge the refusal; it isn't meant to be handed out.

    \b
    Examples:
      volenti work show wrk_1
      volenti work show wrk_1 --picture look.png
    """
    with opened(ctx) as ws:
        found = ws.works.show(work, picture=picture is not None)
    if not isinstance(found.work, Work):
        _say_withdrawn(found.work, as_json=as_json)
        return
    if picture is not None and found.picture is not None:
        write_new(picture, found.picture)
    if as_json:
        redrawn = None if picture is None else {"file": str(picture), "same": found.same}
        facts = facts_of(found.work, found.likeness)
        base = None if found.base is None else facts_of_base(found.base)
        say_json({**facts, "too_near_to": list(found.too_near_to), "picture": redrawn, "base": base})
        return
    _say_work(found.work, found.too_near_to, found.likeness)
    if found.base is not None:
        say(f"On {found.base.card.name}. {found.base.covers}")
    if picture is not None:
        say(f"Drawn again: {picture}")
        if not found.same:
            note("It isn't the very same file: the model, the machine or the background is another now.")


def _say_work(work: Work, near: Sequence[str], likeness: Likeness | None) -> None:
    compared = [("nearest", "(drawn by an earlier version: it can't be compared)")]
    if likeness is not None:
        scores, nearest = scores_of(likeness), subjects_of(likeness)
        compared = [
            ("face", scores[0] and f"{scores[0]}, nearest {', '.join(nearest['face'])}"),
            ("copy", scores[1] and f"{scores[1]}, nearest picture of {', '.join(nearest['copy'])}"),
        ]
    reasons = ", ".join(_REASONS[way] for way in work.refused)
    say_fields(
        [
            ("work", work.id),
            ("prompt", work.prompt),
            ("seed", work.seed),
            ("guidance, steps", f"{work.guidance}, {work.steps}"),
            ("run", f"{work.run}, constituent {work.constituent}"),
            ("drawn", work.created),
            ("sha256", work.sha256),
            ("faces found", work.faces),
            *compared,
            ("refused", f"{reasons}: {', '.join(near)}" if reasons else "no"),
        ]
    )


def _say_withdrawn(work: WithdrawnWork, *, as_json: bool) -> None:
    if as_json:
        say_json(facts_of(work))
        return
    grounds = {
        "likeness": "too near to an erased person, or not comparable with them",
        "rule": "drawn by what had learned from an erased person",
    }
    say_fields(
        [
            ("work", work.id),
            ("drawn", work.created),
            ("sha256", work.sha256),
            ("called back", work.at),
            ("for", work.request or "somebody who was erased before a backup was restored"),
            ("because", grounds[work.ground]),
        ]
    )
    note("Delete its file wherever it is. The workspace handed it to nobody, so it can tell nobody.")


#: Why a picture was refused, in words.
_REASONS: dict[Way, str] = {"face": "the face is too near", "copy": "it is too near to a picture"}
