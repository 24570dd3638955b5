"""Volenti: image datasets and image generators out of pictures of people who said yes.

    import volenti
    with volenti.open("studio") as ws:
        ws.add(["inbox"])
        ws.clear("generative-training")
        ws.datasets.cut("humans", "generative-training")

`open` gives a `Workspace`: its attributes are the command line's nouns, with the same verbs. Verbs that need
no workspace can be called without one: `volenti.certificates.verify`. docs/reference/python.md lists all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from volenti.core.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from volenti.demo.summary import Summary
    from volenti.workspace.doctor import Check
    from volenti.workspace.workspace import Workspace

__version__ = VERSION
#: Nouns some of whose verbs need no workspace; the others are attributes of `Workspace` alone.
_NOUNS = (
    *("backups", "certificates", "feed", "keys", "log", "models", "packages", "policies", "releases"),
    "subjects",
)
__all__ = ["Workspace", "doctor", "init", "open", "run_demo", "serve", *_NOUNS]


def open(path: str | Path, **settings: Any) -> Workspace:  # noqa: A001 - volenti.open() reads best
    """Open the workspace at `path`: a folder that `volenti.init` or `volenti init` made.

    settings: fields of `volenti.settings.Settings` by their names, which take the place of the environment's.
    Raises WorkspaceError where there is no workspace, and UsageError where there is no such setting, or it
    can't have that value.

    Example:
        ws = volenti.open("studio", territory="DE")
    """
    from volenti.bootstrap import open_parts
    from volenti.workspace.workspace import Workspace

    return Workspace(open_parts(path, **settings))


def init(folder: str | Path, *, seed: int | None = None, time_zone: str = "UTC") -> Path:
    """Make a workspace in a new or empty folder; returns the folder.

    seed: make the keys from this number, so that it can be repeated. Such keys protect nothing. time_zone:
    where the controller is: releases begin and end with the days there.
    Raises WorkspaceError where there is something in the folder, UsageError where there is no such zone.

    Example:
        volenti.init("studio", time_zone="Europe/Berlin")
    """
    from volenti.folder import init_workspace

    return init_workspace(folder, seed=seed, time_zone=time_zone)


def doctor(folder: str | Path = ".") -> list[Check]:
    """Check what is installed, the models, and the workspace in a folder, and change nothing.

    folder: the workspace's; where there is none, or it can't be opened, one of the checks says so. Returns
    what was looked at; a check whose `state` is "problem" says what keeps Volenti from working, and its
    `remedy` what to do.

    Example:
        [each for each in volenti.doctor("studio") if each.state == "problem"]
    """
    from pathlib import Path

    from volenti.workspace.doctor import checks

    return checks(Path(folder))


def run_demo(folder: str | Path, seed: int = 0) -> Summary:
    """Tell the whole story in a new or empty folder, with people who do not exist; returns its figures.

    folder: report/index.html in it shows what happened. seed: the same number tells the same story. While
    the story is told, it is printed.
    Raises UsageError where the folder isn't empty, MissingModelError where the face models or the extra
    `train` aren't there, and FailedCheckError where something came out otherwise than it was promised.

    Example:
        volenti.run_demo("volenti-demo")
    """
    from pathlib import Path

    from volenti.demo.story import tell

    return tell(Path(folder), seed)


def serve(
    folder: str | Path = ".",
    *,
    host: str = "127.0.0.1",
    port: int = 8765,
    names: Sequence[str] = (),
    https: bool = False,
    certificate: str | Path | None = None,
    key: str | Path | None = None,
    proxy: str = "",
) -> None:
    """Start the web application over a workspace, and go on until it is interrupted.

    folder: the workspace's. host, port: where to listen. names: what browsers reach it by, where that isn't
    this machine itself; it answers to no other name. https: browsers reach it by HTTPS, through a proxy on
    this machine. certificate, key: PEM files with which it speaks HTTPS itself. proxy: the address of a proxy
    with HTTPS on another machine, which alone is answered then. What isn't given is taken from the settings
    `certificate`, `certificate_key` and `proxy`. Raises WorkspaceError where there is no workspace,
    MissingModelError without the extra `web`, UsageError where other machines reach the address and it isn't
    by HTTPS, or the certificate can't be used.

    Example:
        volenti.serve("studio", port=8000)
    """
    from volenti.settings import read_settings
    from volenti.web.serving import THIS_MACHINE, Listening, serve

    said = read_settings(certificate=certificate, certificate_key=key, proxy=proxy or None)
    proxies = (said.proxy,) if said.proxy else ()
    here = tuple(each for each in THIS_MACHINE if each != "localhost") if https else ()
    listening = Listening(host, port, said.certificate, said.certificate_key, (*proxies, *here))
    serve(lambda: open(folder), listening, names)


def __getattr__(name: str) -> Any:
    """What is public, imported when it is asked for."""
    from importlib import import_module

    if name == "Workspace":
        return import_module("volenti.workspace.workspace").Workspace
    if name in _NOUNS:
        return getattr(import_module(f"volenti.workspace.{name}"), name.capitalize())
    raise AttributeError(f"module 'volenti' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
