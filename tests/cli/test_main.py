"""The command as a whole: help, statuses, errors, and what it costs to start."""

from __future__ import annotations

import inspect
import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

import volenti as volenti_package
from tests.cli.calling import Call, volenti
from tests.studio import Studio
from volenti.cli import main
from volenti.cli.reference import commands
from volenti.cli.terminal.help import summary
from volenti.core.errors import VolentiError, all_errors

ALL: dict[str, Any] = dict(commands(typer.main.get_command(main.app), "volenti"))
LEAVES = {path: command for path, command in ALL.items() if not hasattr(command, "list_commands")}
#: Commands without facts to print as JSON: one tells a story, one goes on until it is interrupted.
WITHOUT_JSON = {"volenti demo", "volenti job work", "volenti serve"}


def python(code: str, **given: Any) -> subprocess.CompletedProcess[str]:
    """A real process, as a shell starts one."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, **given)


def test_the_promised_commands_are_there() -> None:
    promised = """
        init | subject add | subject import | subject list | subject show | release issue
        | release import | release sign | release verify | release withdraw | release list
        | release show | rights register | add | clear | review list | review decide | status
        | dataset cut | dataset list | dataset show | dataset diff | dataset verify | dataset export
        | train | generate | request open | request plan | request run | request list | request show
        | certificate verify | prove-forgetting | log show | log prove | log verify | audit | doctor
        | models fetch | models list | demo | release amend | release receipt | release template
        | release texts | subject template | register | certificate page | feed list | feed apply
        | feed acknowledge | backup mirror | backup create | backup verify | backup restore | key rotate
        """
    assert {f"volenti {' '.join(each.split())}" for each in promised.split("|")} <= set(LEAVES)


@pytest.mark.parametrize("path", LEAVES)
def test_the_help_of_a_command_says_what_it_does_and_gives_an_example(path: str) -> None:
    answer = volenti(*path.split()[1:], "--help")
    assert answer.status == 0
    assert answer.out.startswith(f"Usage: {path}")
    assert "Example" in answer.out
    assert f"    {path}" in answer.out
    assert summary(LEAVES[path]).endswith(".")


@pytest.mark.parametrize("path", sorted(set(LEAVES) - WITHOUT_JSON))
def test_a_command_that_prints_facts_prints_them_as_json_too(path: str) -> None:
    assert "--json" in {option for param in LEAVES[path].params for option in param.opts}


def test_the_version_is_printed() -> None:
    assert volenti("--version").out.startswith("volenti 0.")


def test_without_a_command_the_help_is_shown_and_the_status_is_usage() -> None:
    answer = volenti()
    assert (answer.status, answer.out) == (2, "")
    assert "prove-forgetting" in answer.err


@pytest.mark.parametrize(
    ("arguments", "what", "remedy"),
    [
        (["clear"], "Say by what to judge", "--policy"),
        (["clear", "--purpose", "fun"], "'fun' is none of: commercial", "volenti clear --help"),
        (["frobnicate"], "No such command 'frobnicate'", "volenti --help"),
        (["dataset", "list", "--jsn"], "No such option: --jsn", "volenti dataset list --help"),
        (
            ["subject", "add", "--name", "A", "--birth-date", "soon"],
            "isn't a day",
            "volenti subject add --help",
        ),
        (["status", "-C", "studio"], "No such option: -C", "Put -C before the command"),
        (["add", "no-such-file"], "There is no no-such-file", "Check the path."),
    ],
)
def test_wrong_usage_is_two_lines_and_status_2(
    call: Call, arguments: list[str], what: str, remedy: str
) -> None:
    call("init", "studio")
    answer = call(*arguments, workspace=Path("studio"))
    assert (answer.status, answer.out) == (2, "")
    first, second = answer.err.splitlines()
    assert first.startswith("error: ")
    assert what in first
    assert second.startswith("  -> ")
    assert remedy in second


def test_without_a_workspace_the_remedy_names_init(call: Call) -> None:
    answer = call("status")
    assert answer.status == 4
    assert "volenti init" in answer.err


def test_the_workspace_is_found_through_the_environment(call: Call) -> None:
    call("init", "studio")
    assert call("status", VOLENTI_WORKSPACE="studio").status == 0


def test_a_setting_that_can_not_be_read_is_named(call: Call) -> None:
    call("init", "studio")
    answer = call("status", workspace=Path("studio"), VOLENTI_WORKERS="many")
    assert answer.status == 2
    assert "VOLENTI_WORKERS" in answer.err


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (KeyboardInterrupt(), 130, "Run the same command again"),
        (ZeroDivisionError("oh"), 3, "ZeroDivisionError: oh"),
        (ModuleNotFoundError("No module named 'torch'", name="torch"), 9, "pip install 'volenti[train]'"),
        (PermissionError(13, "Permission denied", "register.db"), 10, "Permission denied: register.db"),
    ],
    ids=["interrupted", "a fault", "an extra missing", "the disk says no"],
)
def test_whatever_goes_wrong_has_a_status_and_a_remedy_but_no_traceback(
    call: Call, monkeypatch: pytest.MonkeyPatch, error: BaseException, status: int, said: str
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("volenti.bootstrap.open_parts", broken)
    answer = call("status")
    assert (answer.status, answer.out) == (status, "")
    assert said in answer.err
    assert "Traceback" not in answer.err
    assert "  -> " in answer.err


def test_a_traceback_is_shown_with_debug_alone(call: Call) -> None:
    assert "Traceback" not in call("status").err
    answer = call("--debug", "status")
    assert answer.status == 4
    assert "Traceback" in answer.err


def test_what_is_done_is_said_with_verbose_and_written_to_the_file_of_the_settings(
    call: Call, studio: Path
) -> None:
    opened = call("--verbose", "-C", studio, "request", "open", "--subject", "sub_00", "--json")
    assert opened.status == 0
    assert "requests.service: request opened" in opened.err
    assert "requests.service" not in call("request", "list", workspace=studio).err
    answer = call(
        "request", "extend", "--reason", "complexity", workspace=studio, VOLENTI_LOG_FILE="logs/operations"
    )
    assert answer.status == 0
    entries = [json.loads(line) for line in Path("logs/operations").read_text().splitlines()]
    assert {each["module"] for each in entries} == {"volenti.requests.service"}
    assert "sub_00" not in json.dumps(entries)


def test_a_log_file_that_cannot_be_written_is_named(call: Call, studio: Path) -> None:
    Path("folder").mkdir()
    answer = call("status", workspace=studio, VOLENTI_LOG_FILE="folder")
    assert answer.status == 2
    assert "Can't write the log to folder" in answer.err
    assert "VOLENTI_LOG_FILE" in answer.err


@pytest.mark.parametrize(
    ("arguments", "status", "kind", "said"),
    [
        (["status", "--json"], 4, "workspace", ""),
        (["status", "--json", "--nosuch"], 2, "usage", "No such option"),
        (["nosuch", "--json"], 2, "usage", "No such command"),
        (["add", "--json"], 2, "usage", "Missing argument"),
        (["add", "--json", "nowhere"], 4, "workspace", ""),
        (["clear", "--json", "--territory"], 2, "usage", "requires an argument"),
        (["status", "-C", "here", "--json"], 2, "usage", "-C"),
    ],
)
def test_with_json_an_error_is_one_object_on_standard_error(
    call: Call, arguments: list[str], status: int, kind: str, said: str
) -> None:
    answer = call(*arguments)
    assert (answer.status, answer.out) == (status, "")
    (line,) = answer.err.splitlines()
    error = json.loads(line)["error"]
    assert list(error) == ["message", "remedy", "status", "kind"]
    assert (error["status"], error["kind"]) == (status, kind)
    assert said in error["message"]
    assert error["remedy"]
    plain = call(*(each for each in arguments if each != "--json"))
    assert plain.err.startswith("error: ") or plain.status == 0


def test_what_follows_two_dashes_is_no_option(call: Call) -> None:
    assert call("add", "--", "--json").err.startswith("error: ")


@pytest.mark.parametrize("error", [*all_errors(), KeyboardInterrupt, ValueError, ModuleNotFoundError])
def test_every_kind_of_error_has_a_form_in_json(
    error: type[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    if error is ModuleNotFoundError:
        made: BaseException = error("nothing", name="torch")
    elif issubclass(error, VolentiError):
        # Some say more than a message.
        given = inspect.signature(error).parameters.values()
        asked = [each for each in given if each.default is each.empty]
        made = error(*[7 if each.annotation == "int" else "nothing" for each in asked])
    else:
        made = error("nothing")
    status = main.tell_error(made, debug=False, as_json=True)
    said = json.loads(capsys.readouterr().err)["error"]
    assert said["status"] == status
    assert said["kind"] == getattr(error, "code", said["kind"])


# -- init


def test_init_makes_a_workspace_and_tells_its_public_key(call: Call) -> None:
    answer = call("init", "studio", "--json")
    assert answer.json["workspace"] == "studio"
    assert answer.json["public_key"] == Path("studio/public-key").read_text().strip()
    assert call("status", workspace=Path("studio")).status == 0


def test_init_without_a_folder_takes_the_one_of_the_workspace_option(call: Call) -> None:
    call("init", workspace=Path("here"))
    assert Path("here/workspace.json").is_file()


def test_init_refuses_a_folder_that_is_not_empty(call: Call) -> None:
    Path("full").mkdir()
    Path("full/file").touch()
    answer = call("init", "full")
    assert answer.status == 4
    assert list(Path("full").iterdir()) == [Path("full/file")]


def test_init_says_that_keys_from_a_number_protect_nothing(call: Call) -> None:
    assert "demonstrations only" in call("init", "one", "--seed", 5).err
    call("init", "two", "--seed", 5)
    assert Path("one/public-key").read_text() == Path("two/public-key").read_text()


# -- real processes


def _processor_seconds(*arguments: str) -> float:
    """Of a Python process, the least of three."""
    taken = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append((after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime))
    return min(taken)


def test_help_starts_in_a_few_times_what_importing_typer_takes() -> None:
    """1.7 times."""
    assert _processor_seconds("-m", "volenti.cli.main", "--help") < 4 * _processor_seconds(
        "-c", "import typer"
    )


def test_the_summaries_that_help_prints_are_those_of_the_commands() -> None:
    root = typer.main.get_command(main.app)
    assert dict(root.summaries) == {name: summary(root.get_command(None, name)) for name in main.COMMANDS}


@pytest.mark.parametrize("command", ["subject list", "release list", "request list", "log show"])
def test_a_command_that_only_reads_loads_neither_pictures_nor_what_writes(
    tmp_path: Path, command: str
) -> None:
    assert volenti("init", tmp_path / "studio").status == 0
    # The first command makes the register, and what writes is loaded for that.
    assert volenti(*command.split(), workspace=tmp_path / "studio").status == 0
    done = python(
        "import sys\nfrom volenti.cli.main import app\n"
        f"try: app(['-C', {str(tmp_path / 'studio')!r}, *{command.split()!r}])\n"
        "except SystemExit as end: assert not end.code\n"
        "heavy = {'torch', 'cv2', 'onnxruntime', 'numpy', 'PIL', 'sqlalchemy', 'typst', 'pyrage'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    assert done.stderr.splitlines()[-1] == "[]"


@pytest.mark.parametrize("command", ["show {} --out look.png", "decide {} --reject --reviewer Pat"])
def test_a_question_is_looked_at_and_rejected_without_what_compares_faces(
    tmp_path: Path, command: str
) -> None:
    studio = Studio.open(tmp_path / "studio", on_disk=True)
    studio.shoot("ann")
    studio.photo("ann", "stranger")
    studio.clear()
    [question] = studio.ws.review.list()
    studio.ws.close()
    words = [each.format(question.id) for each in command.split()]
    done = python(
        f"import os, sys\nos.chdir({str(tmp_path)!r})\nfrom volenti.cli.main import app\n"
        f"try: app(['-C', {str(studio.ws.path)!r}, 'review', *{words!r}])\n"
        "except SystemExit as end: assert not end.code\n"
        "heavy = {'torch', 'cv2', 'onnxruntime', 'numpy', 'sqlalchemy', 'typst', 'pyrage'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    assert done.stderr.splitlines()[-1] == "[]"


def test_help_imports_nothing_heavy() -> None:
    done = python(
        "import sys\nfrom volenti.cli.main import app\n"
        "try: app(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'torch', 'cv2', 'rapidocr', 'onnx', 'onnxruntime', 'scipy', 'numpy', 'PIL'}\n"
        "heavy |= {'sqlalchemy', 'rich', 'pyrage'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    assert done.stderr.splitlines()[-1] == "[]"


def test_a_workspace_opens_without_importing_what_only_judging_and_training_need(tmp_path: Path) -> None:
    done = python(
        "import sys\nfrom volenti.cli.main import app\n"
        f"for line in (['init', {str(tmp_path / 'w')!r}], ['-C', {str(tmp_path / 'w')!r}, 'status']):\n"
        "    try: app(line)\n    except SystemExit as end: assert not end.code\n"
        "heavy = {'torch', 'cv2', 'rapidocr', 'onnx', 'onnxruntime'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    assert done.stderr.splitlines()[-1] == "[]"


def test_the_console_script_ends_with_the_commands_status(tmp_path: Path) -> None:
    script = Path(sys.executable).with_name("volenti")
    if not script.exists():
        pytest.skip("the package isn't installed beside this interpreter")
    done = subprocess.run([script, "-C", tmp_path, "status"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith("error: There is no workspace in")


def test_a_reader_that_goes_away_ends_the_command_quietly(peopled: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "volenti.cli.main", "-C", peopled, "subject", "list"],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


def test_every_command_that_a_text_names_exists() -> None:
    """Of remedies and hints in the code, by a chapter and its verb."""
    chapters = {path.split()[1] for path in ALL if " " in path} - {
        path.split()[1] for path in LEAVES if path.count(" ") == 1
    }
    texts = [file.read_text() for file in Path(volenti_package.__file__).parent.rglob("*.py")]
    named = {
        found for text in texts for found in re.findall(r"\bvolenti ([a-z-]+) ([a-z]+(?:-[a-z]+)*)", text)
    }
    assert len(named) > 40
    wrong = {each for each in named if each[0] in chapters and f"volenti {' '.join(each)}" not in LEAVES}
    assert wrong == set()


PEOPLE_S_NAMES = ["Nguyễn Thị", "Jürgen Groß", "Łukasz", "山田 太郎", "محمد", "Zoe\u0301", "O\u2019Brien 👩"]


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "cp1252"},
        {"PYTHONIOENCODING": "utf-8"},
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=lambda each: " ".join(f"{name}={value}" for name, value in each.items()),
)
def test_names_of_people_and_files_are_shown_in_any_terminal(
    studio: Path, environment: dict[str, str]
) -> None:
    for number, name in enumerate(PEOPLE_S_NAMES):
        volenti("subject", "add", "--name", name, "--birth-date", f"1990-01-0{number + 1}", workspace=studio)
    odd = Path("inbox")
    odd.mkdir()
    for name in (b"M\xfcller.bin", "Nguyễn.bin".encode(), b"a\x1b[31m\n  99  cleared\n.bin"):
        (odd / os.fsdecode(name)).write_bytes(name)
    os.mkfifo(odd / os.fsdecode(b"\xff\x1b[2J.jpg"))
    run = [sys.executable, "-c", "from volenti.cli.main import run; run()", "-C", str(studio)]
    # PYTHONPATH: this process may have been told where the package lies.
    given = {**{key: os.environ[key] for key in ("PATH", "HOME", "PYTHONPATH") if key in os.environ}}
    for words in (["subject", "list"], ["add", "inbox"], ["status"]):
        for more in ([], ["--json"]):
            done = subprocess.run(
                [*run, *words, *more], capture_output=True, check=False, env={**given, **environment}
            )
            assert done.returncode == 0, done.stderr
            assert not {b"\x1b", b"\xff"}.intersection(
                done.stdout[i : i + 1] for i in range(len(done.stdout))
            )
            assert not re.search(rb"^ *99  cleared", done.stdout, re.MULTILINE)
            if more and words[0] == "subject":
                listed = json.loads(done.stdout.decode(environment.get("PYTHONIOENCODING", "utf-8")))
                assert set(PEOPLE_S_NAMES) <= {each["legal_name"] for each in listed["subjects"]}


@pytest.mark.parametrize("option", ["--shoot"])
def test_a_text_that_is_not_unicode_is_refused_with_a_remedy(studio: Path, option: str) -> None:
    Path("one.bin").write_bytes(b"x")
    answer = volenti("add", "one.bin", option, "M\udcfcller", workspace=studio)
    assert (answer.status, "UTF-8" in answer.err, "fault in" in answer.err) == (2, True, False)


@pytest.mark.parametrize("command", [("key", "new"), ("package", "key")], ids=" ".join)
def test_a_key_is_made_without_a_workspace(call: Call, tmp_path: Path, command: tuple[str, str]) -> None:
    made = call(*command, tmp_path / "new.key", workspace=tmp_path / "nowhere")
    assert (made.status, (tmp_path / "new.key").is_file()) == (0, True)
