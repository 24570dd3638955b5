"""volenti webhook: other systems that are told what happens."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from volenti.cli.terminal.asking import ask_first
from volenti.cli.terminal.help import CommandGroup
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, note, say, say_json, say_table
from volenti.cli.terminal.session import opened
from volenti.core.codec import encoded
from volenti.core.errors import UsageError
from volenti.webhooks.webhook import Happened

if TYPE_CHECKING:
    from volenti.webhooks.service import Delivered
    from volenti.webhooks.webhook import Webhook

app = CommandGroup("Other systems that are told what happens.")

Which = Annotated[str, typer.Argument(metavar="WEBHOOK", help="Its identifier.")]
#: How often `deliver --follow` looks whether there is something to be told, in seconds.
EVERY_S = 5


@app.command("list")
def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the webhooks, with how far each was told.

    \b
    Example:
      volenti webhook list
    """
    with opened(ctx) as ws:
        found = ws.webhooks.list()
    if as_json:
        say_json({"webhooks": [_facts(each) for each in found]})
        return
    if not found:
        note("There is no webhook yet.")
        advise("Add one: volenti webhook add https://example.org/hook")
        return
    say_table(
        ("WEBHOOK", "ADDRESS", "TOLD OF", "TOLD", "STATE"),
        [(each.id, each.address, ", ".join(each.kinds), str(each.told), _state(each)) for each in found],
    )


@app.command("add")
def add(
    ctx: typer.Context,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Where messages go: https://...")],
    kinds: Annotated[
        list[str] | None,
        typer.Option(
            "--kind", metavar="KIND", help=f"Repeat it for several; all by default: {', '.join(Happened)}."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Add an address that is told what happens from now on, and print what its receiver checks messages with.

    Messages have identifiers alone, and are signed as Standard Webhooks are.

    \b
    Example:
      volenti webhook add https://example.org/hook --kind release.signed --kind release.withdrawn
    """
    with opened(ctx) as ws:
        added = ws.webhooks.add(address, kinds=kinds or ())
    if as_json:
        say_json({**_facts(added), "secret": added.secret})
        return
    say(added.secret)
    note(f"With this secret the receiver of {added.id} checks that messages are from here.")
    advise(f"Try it: volenti webhook test {added.id}")


@app.command("remove")
def remove(
    ctx: typer.Context,
    webhook: Which,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove a webhook: it is told nothing more.

    \b
    Example:
      volenti webhook remove whk_k3v5q2m7x4n6a2b5c7d2
    """
    with opened(ctx) as ws:
        if not yes:
            ask_first(
                f"Remove the webhook {webhook}?",
                "Nothing was removed.",
                UsageError("A webhook is removed for good, and nobody can be asked here.", "Add --yes."),
                as_json=as_json,
            )
        removed = ws.webhooks.remove(webhook)
    if as_json:
        say_json(_facts(removed))
        return
    say(f"{removed.id} is removed.")


@app.command("test")
def try_(ctx: typer.Context, webhook: Which, as_json: AsJson = False) -> None:
    """Send a message that says nothing; where it is taken, a dead webhook is told again what happened.

    \b
    Example:
      volenti webhook test whk_k3v5q2m7x4n6a2b5c7d2
    """
    with opened(ctx) as ws:
        tested = ws.webhooks.test(webhook)
    if as_json:
        say_json(_facts(tested))
        return
    say(f"{tested.id} took the message.")


@app.command("deliver")
def deliver(
    ctx: typer.Context,
    follow: Annotated[bool, typer.Option("--follow", help="Go on until it is interrupted.")] = False,
    as_json: AsJson = False,
) -> None:
    """Deliver to each webhook what it wasn't told and is due now.

    `volenti serve` does this by itself; where nothing serves, run it now and then, or with --follow.

    \b
    Examples:
      volenti webhook deliver
      volenti webhook deliver --follow
    """
    with opened(ctx) as ws:
        _say_delivered(ws.webhooks.deliver(), as_json=as_json)
        while follow:
            time.sleep(EVERY_S)
            done = ws.webhooks.deliver()
            if done.taken or done.failed:
                _say_delivered(done, as_json=as_json)


def _say_delivered(done: Delivered, *, as_json: bool) -> None:
    if as_json:
        say_json(encoded(done))
        return
    died = f" {done.died} died: see volenti webhook list." if done.died else ""
    say(f"{done.taken} taken, {done.failed} not taken.{died}")


def _facts(webhook: Webhook) -> Any:
    facts = {name: value for name, value in encoded(webhook).items() if name != "secret"}
    return {"id": webhook.id, **facts}


def _state(webhook: Webhook) -> str:
    if webhook.is_dead:
        return f"dead: {webhook.said}"
    return f"tries again: {webhook.said}" if webhook.tries else "well"
