"""volenti policy: the rules pictures are judged by, as files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.terminal.help import CommandGroup
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, note, say, say_json, say_text
from volenti.core.canonical import Json
from volenti.workspace.policies import Policies

if TYPE_CHECKING:
    from volenti.clearance.policy import Policy

app = CommandGroup("The rules pictures are judged by.")

Name = Annotated[str, typer.Argument(metavar="POLICY", help="A file, or the name of a shipped policy.")]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the policies that ship: name, purpose and digest.

    \b
    Example:
      volenti policy list
    """
    rows = [_facts(name, policy) for name, policy in Policies.list().items()]
    if as_json:
        say_json({"policies": rows})
        return
    for row in rows:
        say(f"{row['name']:<26}{row['title']}  ({row['purpose']}; {row['digest'][:12]})")
    advise("Write your own: volenti policy show generative-training > mine.toml")


@app.command("show")
def show(name: Name, as_json: AsJson = False) -> None:
    """Print a policy's file, to read or to begin one's own with.

    \b
    Example:
      volenti policy show strict > mine.toml
    """
    if as_json:
        policy = Policies.find(name)
        say_json({**policy.model_dump(mode="json"), "release": policy.release.model_dump(mode="json")})
        return
    say_text(Policies.show(name))


@app.command("check")
def check(name: Name, as_json: AsJson = False) -> None:
    """Check a policy file; every fault is named by its place in the file.

    Prints what the policy comes to where it differs from the findings' usual verdicts.

    \b
    Example:
      volenti policy check mine.toml
    """
    from volenti.perception.finding import TABLE

    checked = Policies.check(name)
    policy = checked.policy
    if as_json:
        say_json({**_facts(name, policy), "verdicts": checked.verdicts})
        return
    say(f"{name} can be used: {policy.purpose} in {policy.territory}, digest {policy.digest[:12]}.")
    for code, verdict in checked.verdicts.items():
        say(f"  {code}: {verdict} instead of {TABLE[code].verdict}")
    if not checked.verdicts:
        note("Every finding has its usual verdict.")


def _facts(name: str, policy: Policy) -> Json:
    return {
        "name": name,
        "title": policy.title,
        "purpose": policy.purpose.value,
        "territory": policy.territory,
        "digest": policy.digest,
    }
