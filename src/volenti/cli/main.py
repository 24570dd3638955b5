"""The command `volenti`: its options, its commands, and how errors are reported.

Each command, or group of commands, is a module of the same name. Commands call the workspace
and print. What they find decides the exit status (the table is generated into
docs/reference/exit-codes.md). An error is two lines on standard error: what went wrong, and
what to do; with --json it is one JSON object there.

This module imports nothing that `--help` doesn't need; a test checks that.
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from volenti.cli.commands import COMMANDS
from volenti.cli.terminal.help import CommandGroup, Group
from volenti.cli.terminal.output import advise, note, note_json, say, show_everything
from volenti.cli.terminal.session import Session
from volenti.core.errors import MissingModelError, StorageError, UsageError, VolentiError
from volenti.core.version import VERSION

#: The extra that installs each of these modules.
EXTRAS = {
    **dict.fromkeys(("cv2", "rapidocr", "onnx", "onnxruntime"), "faces"),
    **dict.fromkeys(("torch", "safetensors"), "train"),
    **dict.fromkeys(("fastapi", "uvicorn", "multipart", "standardwebhooks"), "web"),
    "pyarrow": "parquet",
}
#: Exit statuses that belong to no error class. Shells use 130 and 141 for the two signals themselves.
FINDINGS, USAGE, UNEXPECTED, INTERRUPTED, PIPE_CLOSED = 1, 2, 3, 130, 141


class _ReaderGoneError(Exception):
    """The program that read standard output has closed it."""


class Commands(Group):
    """The root of all commands: turns whatever ends a command into an exit status."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names in the order of COMMANDS; typer would list commands first, and groups after them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import the command's module and return the command; None where there is none of that name."""
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            self.commands[cmd_name] = _load(cmd_name)
        return super().get_command(ctx, cmd_name)

    @property
    def summaries(self) -> list[tuple[str, str]]:
        """What each command does, in their order."""
        return list(COMMANDS.items())

    def invoke(self, ctx: Any) -> Any:
        """Run the command; typer.Abort after Ctrl-C, _ReaderGoneError where nobody reads the output."""
        # typer would end with 130 without a message, and with 1, which here means findings.
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise typer.Abort from None
        except BrokenPipeError as error:
            raise _ReaderGoneError from error

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command and exit with its status; without `standalone_mode` return the status instead."""
        given = list(sys.argv[1:] if args is None else args)
        show_everything()
        try:
            answer = super().main(given, prog_name, complete_var, False, windows_expand_args, **extra)
            status = answer if isinstance(answer, int) else 0
            sys.stdout.flush()
        except (_ReaderGoneError, BrokenPipeError):
            # The reader closed the pipe: what is still buffered is discarded, without an error.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            status = PIPE_CLOSED
        except (Exception, KeyboardInterrupt) as error:
            options = given[: given.index("--")] if "--" in given else given
            status = tell_error(error, debug="--debug" in options, as_json="--json" in options)
        if standalone_mode:
            sys.exit(status)
        return status


@dataclass(frozen=True, slots=True)
class _Told:
    """What is said of an error. `kind` is an error's code, as in docs/reference/exit-codes.md."""

    message: str
    remedy: str
    status: int
    kind: str


def tell_error(error: BaseException, *, debug: bool, as_json: bool = False) -> int:
    """Say what went wrong and what to do, on standard error; returns the exit status.

    as_json: as one JSON object on the last line, for programs.
    """
    if debug and not isinstance(error, typer.Abort):
        for line in "".join(traceback.format_exception(error)).splitlines():
            note(line)
    told = _told(error)
    if as_json:
        note_json({"error": asdict(told)})
    elif type(error).__name__ == "NoArgsIsHelpError":
        for line in _help_of(error):
            note(line)
    else:
        note(f"error: {told.message}")
        if told.remedy:
            advise(told.remedy)
    return told.status


def _told(error: BaseException) -> _Told:
    if isinstance(error, VolentiError):
        return _Told(error.message, error.remedy, error.exit_status, error.code)
    if isinstance(error, typer.Abort | KeyboardInterrupt):
        again = "Run the same command again; what was finished is kept."
        return _Told("Interrupted.", again, INTERRUPTED, "interrupted")
    if hasattr(error, "format_message"):
        from volenti.cli.terminal.usage import told_of_usage

        return _Told(*told_of_usage(error), USAGE, UsageError.code)
    if isinstance(error, ModuleNotFoundError) and error.name in EXTRAS:
        message, remedy = f"{error.name} isn't installed, and this needs it.", EXTRAS[error.name]
        kind = MissingModelError
        return _Told(message, f"pip install 'volenti[{remedy}]'", kind.exit_status, kind.code)
    if isinstance(error, OSError):
        message = f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}."
        remedy = "Check the path, its permissions and the free space, then repeat."
        return _Told(message, remedy, StorageError.exit_status, StorageError.code)
    report = "This is a fault in Volenti. Run it again as `volenti --debug ...` and report what it prints."
    return _Told(f"{type(error).__name__}: {error}", report, UNEXPECTED, VolentiError.code)


def _help_of(error: Any) -> list[str]:
    """The help that typer prints where a command lacks its own command, by line."""
    return str(error.format_message()).splitlines()


app = CommandGroup(
    cls=Commands,
    name="volenti",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        say(f"volenti {VERSION}")
        raise typer.Exit


@app.callback()
def volenti(
    ctx: typer.Context,
    workspace: Annotated[
        Path,
        typer.Option(
            "--workspace",
            "-C",
            metavar="DIR",
            envvar="VOLENTI_WORKSPACE",
            show_default=False,
            help="The workspace; without it, the current folder.",
        ),
    ] = Path(),
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Say on standard error what is done; names nobody.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback when something fails.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Image datasets and image generators out of pictures of people who agreed, with cheap erasure.

    \b
    Begin with:
      volenti demo                 the whole story, with people who do not exist
      volenti init studio          a workspace of your own, in the folder studio
      volenti -C studio doctor     is everything there that is needed?

    Exit status: 0 done, 1 findings or a failed verification, 2 wrong usage; the others stand in
    docs/reference/exit-codes.md.
    """
    ctx.obj = Session(workspace)
    if verbose:
        from volenti.core.logs import listen

        ctx.call_on_close(listen(sys.stderr))


def _load(name: str) -> Any:
    """Import the command of that name: its module's `app`, or the function of that name in it."""
    called = name.replace("-", "_")
    module = importlib.import_module(f"volenti.cli.{called}")
    holder = CommandGroup()
    if hasattr(module, "app"):
        holder.add_typer(module.app, name=name)
    else:
        holder.command(name)(getattr(module, called))
    return typer.main.get_group(holder).commands[name]


def run() -> NoReturn:
    """Run the console script. Only its user may read the files that it writes."""
    os.umask(0o077)
    app(prog_name="volenti")
    raise AssertionError("typer ends the process")


if __name__ == "__main__":
    run()
