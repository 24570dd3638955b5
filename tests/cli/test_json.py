"""With --json standard output holds one JSON value and nothing else; wrong choices are told in one way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer

from tests.cli.calling import volenti
from volenti.cli import main
from volenti.cli.reference import commands

LEAVES: dict[str, Any] = {
    path: command
    for path, command in commands(typer.main.get_command(main.app), "volenti")
    if not hasattr(command, "list_commands")
}
#: What the calls of some commands need; RELEASE stands for one of the workspace's. Other commands are called
#: without their arguments: then it is seen only that they print nothing but JSON.
NEEDS = {
    "volenti audit": (),
    "volenti clear": ("--purpose", "generative-training"),
    "volenti feed list": (),
    "volenti log show": (),
    "volenti release show": ("RELEASE",),
    "volenti release template": (),
    "volenti request list": (),
    "volenti rights search": (),
    "volenti subject template": (),
    "volenti work list": (),
}
SWITCHES = [
    (path, switch)
    for path, command in LEAVES.items()
    if any("--json" in param.opts for param in command.params)
    for param in command.params
    if param.param_type_name == "option" and param.is_flag and "--json" not in param.opts
    # These go on until somebody stops them.
    if (path, param.name) not in {("volenti webhook deliver", "follow")}
    for switch in (*param.opts, *param.secondary_opts)
]
CHOICES = [
    (
        path,
        max(param.opts, key=len),
        [str(getattr(each, "value", each)) for each in param.type_descriptor.choices],
    )
    for path, command in LEAVES.items()
    for param in command.params
    if param.param_type_name == "option" and param.type_descriptor.is_choice
]


@pytest.mark.parametrize(("path", "switch"), SWITCHES)
def test_with_json_nothing_but_one_json_value_is_printed(studio: Path, path: str, switch: str) -> None:
    listed = volenti("release", "list", "--json", workspace=studio).json["releases"]
    needs = [listed[0]["id"] if each == "RELEASE" else each for each in NEEDS.get(path, ())]
    answer = volenti(*path.split()[1:], *needs, switch, "--json", workspace=studio)
    if path in NEEDS:
        assert answer.status == 0, answer.err
    if answer.out or not answer.status:
        json.loads(answer.out)


def test_every_command_whose_call_is_given_here_has_a_switch() -> None:
    assert set(NEEDS) <= {path for path, _ in SWITCHES}


@pytest.mark.parametrize(("switch", "part"), [("--text", "text"), ("--notice", "notice")])
def test_the_text_of_a_release_is_in_json_what_is_printed(studio: Path, switch: str, part: str) -> None:
    release = volenti("release", "list", "--json", workspace=studio).json["releases"][0]["id"]
    printed = volenti("release", "show", release, switch, workspace=studio).out
    told = volenti("release", "show", release, switch, "--json", workspace=studio).json
    assert told["release"] == release
    assert told[part].rstrip() == printed.rstrip()


def test_the_checkpoint_alone_is_in_json_what_is_printed(studio: Path) -> None:
    printed = volenti("log", "show", "--checkpoint", workspace=studio).out
    assert volenti("log", "show", "--checkpoint", "--json", workspace=studio).json == {"checkpoint": printed}


@pytest.mark.parametrize("given", ["nonsense", "non sense", "won't"])
@pytest.mark.parametrize(("path", "option", "known"), CHOICES)
def test_a_value_that_is_no_choice_is_said_in_one_way(
    path: str, option: str, known: list[str], given: str
) -> None:
    arguments = [
        "x" for param in LEAVES[path].params if param.param_type_name == "argument" and param.required
    ]
    answer = volenti(*path.split()[1:], *arguments, option, given)
    assert (answer.status, answer.out) == (2, "")
    assert f"{option}': {given!r} is none of: {', '.join(known)}." in answer.err
