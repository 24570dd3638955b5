"""Volenti: image datasets and image generators out of pictures of people who said yes.

    import volenti
    with volenti.open("studio") as ws:
        ws.add(["inbox"])
        ws.clear("generative-training")
        ws.datasets.cut("humans", "generative-training")

`open` gives a `Workspace`: its attributes are the command line's nouns, with the same verbs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from volenti.core.version import VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from volenti.workspace.workspace import Workspace

__version__ = VERSION


def open(path: str | Path, **settings: Any) -> Workspace:  # noqa: A001 - volenti.open() reads best
    """The workspace at `path`; WorkspaceError where there is none (`volenti init` makes one)."""
    from volenti.bootstrap import open_parts
    from volenti.workspace.workspace import Workspace

    return Workspace(open_parts(path, **settings))
