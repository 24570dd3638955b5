"""The stage: what the chapters of the story share; it announces and times each of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import volenti
from volenti.catalogue.generation_result import GeneratedImage
from volenti.core.canonical import Json
from volenti.core.errors import UsageError
from volenti.demo.canaries import Canaries
from volenti.demo.cast import read_cast
from volenti.demo.casting import Casting, cast_parts
from volenti.demo.contactsheet import Tile
from volenti.demo.inbox import Given, inbox
from volenti.demo.narration import Narration
from volenti.demo.releases import TERRITORY
from volenti.demo.summary import Summary
from volenti.demo.visitors import Invitation
from volenti.folder import init_workspace
from volenti.workspace.workspace import Workspace

PURPOSE, DATASET = "generative-training", "humans"


@dataclass(slots=True)
class Stage:
    """One run of the story, in one folder."""

    folder: Path
    seed: int
    narration: Narration
    casting: Casting
    given: list[Given]
    #: Opens the workspace; called again where new processes are wanted.
    open_workspace: Callable[[], Workspace]
    ws: Workspace
    summary: Summary = field(default_factory=Summary)
    tiles: list[Tile] = field(default_factory=list)
    drawn: list[GeneratedImage] = field(default_factory=list)
    #: Pictures drawn again after the person was erased, each with the number of the first one in `drawn`.
    drawn_again: list[tuple[int, GeneratedImage]] = field(default_factory=list)
    #: What to search for once the person was erased; gathered just before.
    canaries: Canaries | None = None
    #: The erased person's own copy of the certificate.
    copy: bytes | None = None
    #: Who may walk through the workspace in the browser afterwards.
    invited: list[Invitation] = field(default_factory=list)

    @property
    def workers(self) -> int:
        """How many processes the workspace runs at once."""
        return self.ws.settings.workers or len(os.sched_getaffinity(0))

    def play(self, name: str, title: str, chapter: Callable[[Stage], Json]) -> None:
        """Announce a chapter, run it, and keep the figures it returns, with the seconds it took."""
        self.narration.begin_chapter(len(self.summary.chapters) + 1, title)
        began = time.perf_counter()
        figures = chapter(self)
        self.narration.end()
        took = time.perf_counter() - began
        self.summary.chapters[name] = {**figures, "chapter_seconds": round(took, 2)}

    def reopen(self) -> None:
        """Close the workspace and open it again: from here on every process is a new one."""
        self.ws.close()
        self.ws = self.open_workspace()


def set_stage(folder: Path, seed: int, narration: Narration) -> Stage:
    """Make a workspace in a new or empty folder, and its stage; UsageError where the folder isn't empty."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            f"{folder} isn't empty, and the demo never writes over anything.",
            "Give a new folder: volenti demo --dir DIR, or remove that one first.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    casting = cast_parts(read_cast(seed), seed)
    path = init_workspace(folder / "workspace", seed=seed)
    open_workspace = partial(volenti.open, path, territory=TERRITORY)
    given = inbox(casting, seed)
    return Stage(folder, seed, narration, casting, given, open_workspace, open_workspace())
