"""volenti job: long work that somebody asked for, which a worker does."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Annotated, Any

import typer

from volenti.cli.terminal.help import CommandGroup
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, note, say, say_json, say_table
from volenti.cli.terminal.session import fail, opened
from volenti.core.codec import encoded
from volenti.core.errors import UsageError
from volenti.jobs.job import JobState

if TYPE_CHECKING:
    from volenti.jobs.job import Job

app = CommandGroup("Long work that somebody asked for, which a worker does.")

Name = Annotated[str, typer.Argument(metavar="JOB", help="The job's identifier.")]


@app.command("list")
def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List jobs, the newest first: those that wait or run, and the last hundred that are over.

    \b
    Example:
      volenti job list
    """
    with opened(ctx) as ws:
        found = ws.jobs.list()
    if as_json:
        say_json({"jobs": [_facts(each) for each in found]})
        return
    if not found:
        note("No job was asked for.")
        return
    say_table(
        ("JOB", "VERB", "STATE", "HOW FAR", "ASKED FOR"),
        [(each.id, each.verb, each.state, _how_far(each), each.asked) for each in found],
    )


@app.command("show")
def show(ctx: typer.Context, job: Name, as_json: AsJson = False) -> None:
    """Show one job: how far it is, and what came of it. Ends with status 1 if it failed.

    \b
    Example:
      volenti job show job_k3v5q2m7x4n6a2b5c7d2
    """
    with opened(ctx) as ws:
        found = ws.jobs.show(job)
    if as_json:
        say_json(_facts(found))
    else:
        _say(found)
    if found.state is JobState.FAILED:
        fail()


@app.command("start")
def start(
    ctx: typer.Context,
    verb: Annotated[str, typer.Argument(metavar="VERB", help='A command, such as clear or "dataset cut".')],
    arguments: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME=VALUE", help="What it is called with; values are JSON, or texts."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Put long work into the queue; a worker does it. `volenti serve` has one.

    \b
    Examples:
      volenti job start clear purpose=generative-training
      volenti job start "request run" request=req_1 audit=true
    """
    given = dict(map(_argument, arguments or ()))
    with opened(ctx) as ws:
        job = ws.jobs.start(verb, given)
    if as_json:
        say_json(_facts(job))
        return
    say(job.id)
    advise(f"Look how far it is: volenti job show {job.id}")


@app.command("stop")
def stop(ctx: typer.Context, job: Name, as_json: AsJson = False) -> None:
    """Take a job out of the queue, or have its worker stop it. What was finished of it is kept.

    \b
    Example:
      volenti job stop job_k3v5q2m7x4n6a2b5c7d2
    """
    with opened(ctx) as ws:
        stopped = ws.jobs.stop(job)
    if as_json:
        say_json(_facts(stopped))
        return
    say(f"{stopped.id} is stopped." if stopped.is_over else f"{stopped.id} is being stopped.")


@app.command("work")
def work(
    ctx: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="End as soon as no job waits.")] = False,
    until_closed: Annotated[
        bool, typer.Option("--until-closed", help="End when standard input is closed, as a server's worker.")
    ] = False,
) -> None:
    """Do jobs, one after the other, until interrupted. `volenti serve` starts a worker of its own.

    While another worker is at it, this one waits. What a worker left unfinished is gone on with first.

    \b
    Example:
      volenti job work --once
    """
    if until_closed:
        # A shell starts what it puts into the background with this signal ignored.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        threading.Thread(target=_interrupt_when_closed, daemon=True).start()
    with opened(ctx) as ws:
        try:
            did = ws.jobs.work(once=once, watch=_say_state)
        except KeyboardInterrupt:
            if until_closed:
                return
            raise
    if not did:
        note("No job waited.")


def _interrupt_when_closed() -> None:
    """Do what Ctrl-C does once whoever started this process is gone, or closes its standard input."""
    while sys.stdin.buffer.read(1):
        pass
    os.kill(os.getpid(), signal.SIGINT)


def _argument(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"{text!r} isn't an argument with its value.", "Write it like purpose=commercial.")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _facts(job: Job) -> dict[str, Any]:
    return {"id": job.id, "state": job.state, **encoded(job)}


def _how_far(job: Job) -> str:
    if job.is_over or not job.what:
        return ""
    return f"{job.what}, {job.done:,}" + (f" of {job.total:,}" if job.total is not None else "")


def _say_state(job: Job) -> None:
    note(f"{job.id}: {job.verb} is {job.state}.")


def _say(job: Job) -> None:
    say(f"{job.id}: {job.verb}, {'being stopped' if job.is_stopping else job.state}")
    for name, value in job.arguments.items():
        say(f"  {name}: {value}")
    if how_far := _how_far(job):
        say(f"  {how_far}")
    for name, value in job.figures.items():
        say(f"  {name}: {value}")
    if job.failure:
        note(f"{job.failure.code}: {job.failure.message}")
        advise(job.failure.remedy)
