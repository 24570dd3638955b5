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
    from pathlib import Path

    from volenti.workspace.workspace import Workspace

__version__ = VERSION
#: Nouns some of whose verbs need no workspace; the others are attributes of `Workspace` alone.
_NOUNS = ("backups", "certificates", "feed", "log", "models", "policies", "releases")
__all__ = ["Workspace", "init", "open", *_NOUNS]


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


def init(folder: str | Path, *, seed: int | None = None) -> Path:
    """Make a workspace in a new or empty folder; returns the folder.

    seed: make the keys from this number, so that it can be repeated. Such keys protect nothing.
    Raises WorkspaceError where there is something in the folder.

    Example:
        volenti.init("studio")
    """
    from volenti.folder import init_workspace

    return init_workspace(folder, seed=seed)


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
