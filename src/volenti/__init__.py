"""Volenti: image datasets and image generators out of pictures of people who said yes.

    import volenti
    ws = volenti.open("studio")
    ws.add(["inbox"])
    ws.clear("generative-training")

`open` gives a `Workspace`, whose methods are the command line's verbs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from volenti.core.version import VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from volenti.workspace import Workspace

__version__ = VERSION


def open(path: str | Path, **settings: Any) -> Workspace:  # noqa: A001 - volenti.open() reads best
    """The workspace at `path`; WorkspaceError where there is none (`volenti init` makes one)."""
    from volenti.bootstrap import open_workspace

    return open_workspace(path, **settings)
