"""volenti generate: synthetic humans, each checked against the people the model learned from."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.catalogue.generation_result import RefusedImage
from volenti.cli.terminal.options import AsJson
from volenti.cli.terminal.output import advise, counted, note, progress, say, say_json, say_table
from volenti.cli.terminal.session import fail, opened, write_new
from volenti.cli.work import WAYS, facts_of, scores_of, subjects_of

if TYPE_CHECKING:
    from volenti.catalogue.generation_result import GenerationResult
    from volenti.catalogue.work import Likeness
    from volenti.cli.terminal.preview import TerminalPreview


Prompts = Annotated[list[str], typer.Argument(metavar="PROMPT", help="Whom to draw, in plain words.")]
Count = Annotated[int, typer.Option("--count", "-n", min=1, help="Pictures of each prompt.")]
Seed = Annotated[int, typer.Option(help="Seed of the first picture; each next picture has the next number.")]
Guidance = Annotated[float, typer.Option(help="How strictly to follow the prompt; 1 is loosely.")]
Steps = Annotated[int, typer.Option(min=1, help="Steps of drawing: more is finer and slower.")]
Tries = Annotated[
    int, typer.Option(min=1, help="How often a picture is drawn until one shows a face and isn't too near.")
]
Background = Annotated[
    str | None,
    typer.Option(
        metavar="WHAT",
        help="What comes behind them: a picture's path, a colour (#d0e0ff), or transparent.",
    ),
]
SizePx = Annotated[
    int | None,
    typer.Option(
        "--size",
        min=16,
        max=4096,
        metavar="PX",
        help="Side of the pictures; more than the model draws is enlarged smoothly.",
    ),
]
Run = Annotated[
    str | None, typer.Option(metavar="RUN", help="Which training run or dataset; the latest by default.")
]
Out = Annotated[
    Path | None,
    typer.Option(
        file_okay=False,
        metavar="DIR",
        help="Where the pictures go; the folder works unless --grid is given.",
    ),
]
Grid = Annotated[
    Path | None, typer.Option(dir_okay=False, metavar="FILE", help="One PNG of them all, a row a prompt.")
]
Watched = Annotated[
    bool, typer.Option("--watch", help="See each picture come out of the noise, here in the terminal.")
]


def generate(
    ctx: typer.Context,
    prompts: Prompts,
    count: Count = 1,
    seed: Seed = 0,
    guidance: Guidance = 2.5,
    steps: Steps = 16,
    tries: Tries = 3,
    background: Background = None,
    size_px: SizePx = None,
    run: Run = None,
    out: Out = None,
    grid: Grid = None,
    watch: Watched = False,
    as_json: AsJson = False,
) -> None:
    """Draw people who do not exist.

    Each picture says inside the file that a model made it, and is compared with everybody the model
    learned from, by face and as a copy of a picture. What comes too near is refused: it is recorded,
    no file of it is written, and another is drawn in its place with a further seed. So is one in place of
    a picture in which no face is found, because nobody can say whose face it is like. While somebody whom
    the model learned from can't be compared with, nothing is drawn. The same prompt, seed and model
    give the same picture. Ends with status 1 if a picture is missing after every try at it.

    \b
    Examples:
      volenti generate "a smiling woman with brown hair in a blue top, green background" -n 8
      volenti generate "an older man with glasses" -n 4 --seed 7 --grid grid.png
      volenti generate "a young man in a red top" --background office.jpg --size 512
      volenti generate "a laughing woman with red hair" --watch
    """
    preview = _preview() if watch else None
    with opened(ctx) as ws, progress(as_json, preview) as bar:
        result = ws.generate(
            prompts,
            count=count,
            seed=seed,
            guidance=guidance,
            steps=steps,
            tries=tries,
            background=background,
            size_px=size_px,
            run=run,
            watch=None if preview is None else preview.watch,
            progress=bar,
        )
    files = _write(result, Path("works") if out is None and grid is None else out)
    sheet = grid if result.drawn else None
    if sheet is not None:
        write_new(sheet, result.grid(columns=count))
    if as_json:
        _say_as_json(result, files, sheet)
    else:
        _say_result(result, files, sheet)
    if result.missing:
        fail()


def _preview() -> TerminalPreview | None:
    """Bars that show pictures while they are drawn; None without a terminal."""
    if not sys.stderr.isatty():
        note("There is no terminal to show pictures in, so they are drawn unseen.")
        return None
    from volenti.cli.terminal.preview import TerminalPreview

    return TerminalPreview()


def _write(result: GenerationResult, folder: Path | None) -> list[Path | None]:
    """Write the pictures into the folder, each named by its work's identifier; returns their paths."""
    if folder is None:
        return [None] * len(result.drawn)
    files: list[Path | None] = []
    for each in result.drawn:
        path = folder / f"{each.work.id}.png"
        write_new(path, each.png)
        files.append(path)
    return files


def _say_as_json(result: GenerationResult, files: list[Path | None], grid: Path | None) -> None:
    drawn = [
        {**facts_of(each.work, each.likeness), "file": None if path is None else str(path)}
        for each, path in zip(result.drawn, files, strict=True)
    ]
    refused = [facts_of(each.work, each.likeness) for each in result.refused]
    say_json(
        {
            "run": result.run,
            "unfinished": list(result.unfinished),
            "works": drawn,
            "refused": refused,
            "faceless": result.faceless,
            "missing": result.missing,
            "unknown_words": list(result.unknown_words),
            "grid": None if grid is None else str(grid),
        }
    )


def _say_result(result: GenerationResult, files: list[Path | None], grid: Path | None) -> None:
    note(f"Drawn by {result.run}.")
    for each in result.unfinished:
        note(f"{each} was begun since and isn't finished, and isn't used: volenti train goes on with it.")
    if result.unknown_words:
        words = ", ".join(result.unknown_words)
        note(f"The model doesn't know these words, and ignores them: {words}.")
    say_table(
        ("WORK", "SEED", "NEAREST PERSON", "FACE", "COPY", "FILE"),
        [
            (each.work.id, each.work.seed, _nearest(each.likeness), *scores_of(each.likeness), path or "")
            for each, path in zip(result.drawn, files, strict=True)
        ],
    )
    if result.refused:
        _say_refused(result.refused)
    if result.faceless:
        note(f"{counted(result.faceless, 'picture')} not kept: no face is found, so nobody can be compared.")
    if result.missing:
        note(f"{counted(result.missing, 'picture')} missing after every try.")
        advise("Ask with another --seed or other words, or allow more --tries.")
    if grid is not None:
        say(f"All of them: {grid}")


def _say_refused(refused: Sequence[RefusedImage]) -> None:
    note(f"{counted(len(refused), 'picture')} refused, too near to somebody the model learned from:")
    for each in refused:
        whom = [f"{WAYS[way]} {', '.join(subjects_of(each.likeness)[way])}" for way in each.work.refused]
        note(f"  {each.work.id} (seed {each.work.seed}) {' and '.join(whom)}")


def _nearest(likeness: Likeness) -> str:
    """Whom a picture's face resembles most, in words."""
    return "(nobody near)" if likeness.face is None else ", ".join(likeness.face.subjects)
