"""Requests that can't go wrong: the next step is right, who asks is on record, and what is final is asked."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
import typer

import volenti as package
from tests.cli.calling import SURE, Answer, volenti
from volenti.cli import main
from volenti.core.errors import ConflictError, NotFoundError, UsageError
from volenti.requests.course import COURSES, FINISHED, KINDS, next_steps
from volenti.requests.identity import Identified

SUBJECT = "sub_03"


def opened(studio: Path, kind: str, *more: str, subject: str = SUBJECT) -> str:
    """A new request's identifier."""
    asked = volenti("request", "open", "--kind", kind, "--subject", subject, *more, workspace=studio)
    assert asked.status == 0, asked.err
    return asked.out.strip()


def printed(answer: Answer) -> list[str]:
    """The commands about requests that an answer advises."""
    return re.findall(r"volenti (request (?!plan|open)[^,;\n]*\S)", answer.err)


def done(command: str, studio: Path) -> Answer:
    """Call a command that was printed, with what its reader has to fill in, where nobody can be asked."""
    words = command.replace("WAY", "document").replace("DIR", "for-them")
    yes = ("--yes",) if " run " in command else ()
    return volenti(*shlex.split(words), *yes, workspace=studio)


#: Each kind, the commands that bring a request of it to a state, and that state.
STATES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "erasure, new": ("erasure", (), "opened"),
    "erasure, identified": ("erasure", ("identify --by document",), "opened"),
    "withdrawal, new": ("withdrawal", (), "opened"),
    "restriction, new": ("restriction", (), "opened"),
    "restriction, in force": ("restriction", ("run",), "in-force"),
    "objection, new": ("objection", (), "opened"),
    "objection, in force": ("objection", ("run",), "in-force"),
    "access, new": ("access", (), "opened"),
    "access, identified": ("access", ("identify --by account",), "opened"),
    "portability, new": ("portability", (), "opened"),
}
PLACES = ("open or act", "show", "doctor")


def told(studio: Path, kind: str, acts: tuple[str, ...], place: str) -> tuple[str, list[str]]:
    """Bring a request to a state; returns its identifier, and the commands that are printed in some place."""
    answer = volenti("request", "open", "--kind", kind, "--subject", SUBJECT, workspace=studio)
    request = answer.out.strip()
    for act in acts:
        verb, *more = act.split()
        answer = volenti("request", verb, request, *more, workspace=studio)
        assert answer.status == 0, answer.err
    if place == "show":
        answer = volenti("request", "show", request, workspace=studio)
    if place == "doctor":
        checks = {each.what: each for each in package.doctor(studio)}
        return request, printed(Answer(0, "", checks["requests"].remedy.replace(", or ", "\n")))
    return request, printed(answer)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("which", STATES)
def test_the_next_step_that_is_printed_is_accepted_and_goes_on(studio: Path, which: str, place: str) -> None:
    kind, acts, state = STATES[which]
    request, commands = told(studio, kind, acts, place)
    assert volenti("request", "show", request, "--json", workspace=studio).json["state"] == state
    assert commands
    for number, command in enumerate(commands):
        copy = Path(f"copy-{number}")
        shutil.copytree(studio, copy)
        answer = done(command, copy)
        assert answer.status == 0, (command, answer.err)
        now = volenti("request", "show", request, "--json", workspace=copy).json["state"]
        assert now != state, command
        shutil.rmtree("for-them", ignore_errors=True)
        for each in Path().glob("*-copy.json"):
            each.unlink()


@pytest.mark.parametrize("identified", [False, True])
@pytest.mark.parametrize(
    ("kind", "state"), [(kind, state) for kind in KINDS for state in COURSES[kind]], ids=str
)
def test_there_is_a_next_step_until_a_request_is_over_and_the_command_exists(
    kind: str, state: str, identified: bool
) -> None:
    commands = next_steps("req_1", kind, state, is_identified=identified)
    assert bool(commands) == (state not in FINISHED)
    for command in commands:
        _, *words = shlex.split(command.replace("WAY", "document"))
        found = typer.main.get_command(main.app)
        while words and hasattr(found, "get_command"):
            found = found.get_command(None, words.pop(0))
        assert found is not None, command
        found.make_parser(typer.Context(found)).parse_args(args=words)


@pytest.mark.parametrize("kind", ["restriction", "objection"])
@pytest.mark.parametrize("verb", ["lift", "uphold", "refuse", "answer", "run"])
@pytest.mark.parametrize("in_force", [False, True])
def test_no_restriction_ends_in_a_way_that_leaves_it_standing(
    studio: Path, kind: str, verb: str, in_force: bool
) -> None:
    request = opened(studio, kind)
    if in_force:
        assert volenti("request", "run", request, workspace=studio).status == 0
    more = {"refuse": ("--ground", "overriding-grounds"), "answer": ("--folder", "out")}.get(verb, ())
    answer = volenti("request", verb, request, *more, workspace=studio)
    with package.open(studio) as ws:
        state = ws.requests.show(request).state
        restricted = SUBJECT in ws.parts.consent.restricted()
    assert restricted == (state == "in-force")
    if answer.status:
        assert printed(answer), answer.err  # what is possible instead


def test_a_restriction_that_is_lifted_leaves_an_erasure_of_the_same_person_held(studio: Path) -> None:
    restriction, erasure = opened(studio, "restriction"), opened(studio, "erasure")
    volenti("request", "run", restriction, workspace=studio)
    with package.open(studio) as ws:
        ws.parts.erasure._hold(ws.requests.show(erasure))  # where a process was stopped
        ws.requests.lift(restriction)
        assert SUBJECT in ws.parts.consent.restricted()


# -- who asks


@pytest.mark.parametrize("kind", ["erasure", "access", "portability"])
def test_nothing_final_is_done_in_python_before_it_is_on_record_who_asks(studio: Path, kind: str) -> None:
    with package.open(studio) as ws:
        request = ws.requests.open(kind, SUBJECT).id

        def go(**more: str) -> object:
            if kind == "erasure":
                return ws.requests.run(request, **more)
            return ws.requests.answer(request, folder="out", **more)

        for how in (go, lambda: ws.requests.run_all([request]) if kind == "erasure" else go()):
            with pytest.raises(ConflictError, match="made sure") as refused:
                how()
            assert f"volenti request identify {request} --by WAY" in refused.value.remedy
        assert (ws.requests.show(request).state, Path("out").exists()) == ("opened", False)
        with pytest.raises(UsageError, match="none of"):
            go(identity="guessed")
        go(identity="waived")
        assert ws.requests.show(request).state == "done"


@pytest.mark.parametrize("how", Identified)
def test_how_it_was_made_sure_who_asks_stands_in_log_and_certificate(studio: Path, how: Identified) -> None:
    with package.open(studio) as ws:
        request = ws.requests.open("erasure", SUBJECT)
        ws.requests.identify(request.id, how=how)
        said = [each.event for each in ws.log.show().entries if each.event]
        assert said[-1]["kind"] == "request-identified"
        assert said[-1]["body"] == {"request": request.id, "why": how.value}
        outcome = ws.requests.run(request.id)
        Path("certificate.json").write_text(json.dumps(outcome.certificate))
    key = studio / "public-key"
    verified = volenti("certificate", "verify", "certificate.json", "--key", key, "--json").json
    assert how.value in json.dumps(verified)


@pytest.mark.parametrize("how", Identified)
def test_an_answer_says_how_it_was_made_sure_who_asks(studio: Path, how: Identified) -> None:
    request = opened(studio, "access")
    refused = volenti("request", "answer", request, "--folder", "out", workspace=studio)
    assert (refused.status, Path("out").exists()) == (6, False)
    given = volenti(
        "request", "answer", request, "--folder", "out", "--identity", how.value, workspace=studio
    )
    assert given.status == 0, given.err
    said = json.loads(Path("out/answer.json").read_text())["identified"]
    assert ("waived" in said) == (how is Identified.WAIVED)
    assert how is Identified.WAIVED or how.value in said


# -- what is final


@pytest.mark.parametrize("more", [(), ("--json",), ("--all",), ("--all", "--json"), ("--no-copy",)])
@pytest.mark.parametrize("named", [False, True])
def test_nobody_is_erased_where_nobody_can_be_asked_and_nobody_said_yes(
    studio: Path, named: bool, more: tuple[str, ...]
) -> None:
    request = opened(studio, "erasure", "--identity", "document")
    which = (request,) if named and "--all" not in more else ()
    refused = volenti("request", "run", *which, *more, workspace=studio)
    assert (refused.status, refused.out) == (2, "")
    assert f"volenti request run {request} --yes" in refused.err
    surely = () if "--all" in more else (request,)
    done = volenti("request", "run", *surely, *more, "--yes", workspace=studio)
    assert (done.status, request in done.out) == (0, True)


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_with_yes_the_request_has_to_be_named(studio: Path, more: tuple[str, ...]) -> None:
    request = opened(studio, "erasure", "--identity", "document")
    refused = volenti("request", "run", "--yes", *more, workspace=studio)
    assert (refused.status, refused.out) == (2, "")
    said = json.loads(refused.err)["error"]["remedy"] if more else refused.err.rstrip("\n")
    assert said.endswith(f"volenti request run {request} --yes")
    assert volenti("request", "run", request, "--yes", *more, workspace=studio).status == 0


@pytest.mark.parametrize("every", [False, True])
def test_with_yes_it_has_to_be_said_that_nobody_made_sure_who_asks(studio: Path, every: bool) -> None:
    request = opened(studio, "erasure")
    which = "--all" if every else request
    refused = volenti("request", "run", which, "--yes", "--json", workspace=studio)
    assert (refused.status, refused.out) == (2, "")
    assert f"volenti request run {request} --yes --identity WAY" in refused.err
    done = volenti("request", "run", request, *SURE, "--json", workspace=studio)
    assert done.json["notes"]["identified"]["how"] == "waived"


@pytest.mark.parametrize(
    "words",
    [
        ("run", "--yes"),
        ("answer", "--folder", "out"),
        ("identify", "--by", "document"),
        ("refuse", "--ground", "legal-claims"),
        ("extend", "--reason", "complexity"),
        ("keep", "--ground", "legal-claims", "--until", "2099-01-01"),
        ("lift",),
        ("uphold",),
    ],
    ids=lambda words: words[0],
)
@pytest.mark.parametrize("how_many", [0, 2])
def test_a_request_is_named_where_it_isn_t_the_only_one(
    studio: Path, words: tuple[str, ...], how_many: int
) -> None:
    asked = [opened(studio, "erasure", subject=f"sub_0{number}") for number in range(how_many)]
    verb, *more = words
    refused = volenti("request", verb, *more, workspace=studio)
    assert refused.status == (UsageError if how_many else NotFoundError).exit_status
    assert all(each in refused.err for each in asked)
    with package.open(studio) as ws:
        assert [(each.state, each.steps) for each in ws.requests.list()] == [("opened", ())] * how_many


@pytest.mark.parametrize("place", ["beside", "named", "none"])
@pytest.mark.parametrize("every", [False, True])
def test_the_persons_own_copy_is_made_unless_it_is_said_that_there_is_to_be_none(
    studio: Path, place: str, every: bool
) -> None:
    request = opened(studio, "erasure")
    beside = studio.resolve().parent / f"{request}-copy.json"
    more = {"beside": (), "named": ("--copy", "own.json"), "none": ("--no-copy",)}[place]
    which = ("--all",) if every else (request,)
    done = volenti("request", "run", *which, *more, *SURE, workspace=studio)
    if every and place == "named":
        assert done.status == 2
        return
    assert done.status == 0, done.err
    file = {"beside": beside, "named": Path("own.json"), "none": None}[place]
    assert [each.name for each in Path().glob("*copy.json")] == ([beside.name] if place == "beside" else [])
    if file is not None:
        assert str(file) in done.out
        assert file.stat().st_mode & 0o777 == 0o600
        checked = volenti("certificate", "verify", file, "--key", studio / "public-key")
        assert (checked.status, SUBJECT in checked.out) == (0, True)
    assert volenti("audit", "--deep", workspace=studio).status == 0


@pytest.mark.parametrize("identity", [(), ("--identity", "document")])
def test_the_plan_and_the_request_say_the_same_next_step(studio: Path, identity: tuple[str, ...]) -> None:
    request = opened(studio, "erasure", *identity)
    planned = volenti("request", "plan", request, workspace=studio)
    said = next_steps(request, "erasure", "opened", is_identified=bool(identity))
    assert [f"volenti {each}" for each in printed(planned)] == list(said)
    assert ("--identity WAY" in planned.err) is (not identity)


def test_an_erasure_that_waits_for_the_mirror_says_so_everywhere_and_fails(studio: Path) -> None:
    assert volenti("backup", "mirror", "mirror", workspace=studio).status == 0
    request = opened(studio, "erasure", "--identity", "document")
    Path("mirror").rename("elsewhere")
    files = ("--certificate", "c.json", "--copy", "for them.json")
    ran = volenti("request", "run", request, *SURE, *files, workspace=studio)
    assert (ran.status, f"{request} is waiting" in ran.out, Path("c.json").exists()) == (1, True, False)
    assert f"volenti request run {request} --certificate c.json --copy 'for them.json'" in ran.out + ran.err
    for command in (
        ("subject", "list"),
        ("status",),
        ("log", "verify"),
        ("request", "list"),
        ("feed", "list"),
    ):
        said = volenti(*command, workspace=studio)
        assert (said.status, "isn't there, and lacks what was written since" in said.err) == (0, True)
    (notice,) = volenti("status", "--json", workspace=studio).json["notices"]
    assert "backup mirror DIR" in notice["remedy"]
    Path("elsewhere").rename("mirror")
    again = volenti("request", "run", request, *files, workspace=studio)
    assert (again.status, Path("c.json").exists(), Path("for them.json").exists()) == (0, True, True)
    assert not list(Path().glob("*-copy.json"))
    assert volenti("subject", "list", workspace=studio).err == ""
