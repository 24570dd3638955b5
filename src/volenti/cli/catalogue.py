"""volenti generate: synthetic humans, each checked against the people the model learned from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volenti.cli.options import AsJson
from volenti.cli.output import advise, counted, note, progress, say, say_json, say_table
from volenti.cli.session import opened, read_bytes, write_new
from volenti.core.errors import UsageError

if TYPE_CHECKING:
    from volenti.catalogue.cutout import Backdrop
    from volenti.catalogue.service import Drawn


def register(app: typer.Typer) -> None:
    """Add this chapter's command to the root."""
    app.command("generate")(generate)


def generate(
    ctx: typer.Context,
    prompts: Annotated[list[str], typer.Argument(metavar="PROMPT", help="Whom to draw, in plain words.")],
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="Pictures of each prompt.")] = 1,
    seed: Annotated[
        int, typer.Option(help="Number of the first picture's chance; the next one's is one higher.")
    ] = 0,
    guidance: Annotated[float, typer.Option(help="How strictly to follow the prompt; 1 is loosely.")] = 2.5,
    steps: Annotated[int, typer.Option(min=1, help="Steps of drawing: more is finer and slower.")] = 16,
    background: Annotated[
        str | None,
        typer.Option(metavar="WHAT",
                     help="What comes behind them: a picture's path, a colour (#d0e0ff), or transparent."),
    ] = None,
    run: Annotated[
        str | None, typer.Option(metavar="RUN", help="Which training run or dataset; the latest by default.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(file_okay=False, metavar="DIR",
                     help="Where the pictures go; the folder works unless --grid is given."),
    ] = None,
    grid: Annotated[
        Path | None, typer.Option(dir_okay=False, metavar="FILE", help="One PNG of them all, a row a prompt.")
    ] = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Draw people who do not exist.

    Each picture says inside the file that a model made it, and is compared with everybody the model
    learned from; what comes too close to somebody is named, and shouldn't be used. The same prompt,
    seed and model give the same picture.

    \b
    Examples:
      volenti generate "a smiling woman with brown hair in a blue top, green background" -n 8
      volenti generate "an older man with glasses" -n 4 --seed 7 --grid grid.png
      volenti generate "a young man in a red top" --background office.jpg
    """
    backdrop = None if background is None else _backdrop(background)
    folder = Path("works") if out is None and grid is None else out
    with opened(ctx) as ws, progress(as_json) as told:
        unknown = sorted({word for prompt in prompts for word in ws.catalogue.unknown_words(prompt)})
        each_often = [prompt for prompt in prompts for _ in range(count)]
        drawn = ws.generate(
            each_often, seed=seed, guidance=guidance, steps=steps, backdrop=backdrop, run=run, progress=told
        )
    files = _written(drawn, folder)
    if grid is not None:
        from volenti.catalogue.grid import grid_png

        write_new(grid, grid_png(drawn, columns=count))
    if as_json:
        _say_works(drawn, files, unknown, grid)
    else:
        _tell_works(drawn, files, unknown, grid)


def _backdrop(text: str) -> Backdrop:
    """A picture where there is a file of that name, else a colour."""
    from volenti.catalogue.cutout import Backdrop
    from volenti.clearance.files.picture import Picture, open_picture

    if not Path(text).is_file():
        return Backdrop.colour_named(text)
    from PIL import Image

    opened_file = open_picture(read_bytes(Path(text)))
    if not isinstance(opened_file, Picture):
        raise UsageError(f"{text} can't be read as a picture.", opened_file.remedy)
    return Backdrop(picture=Image.fromarray(opened_file.rgb))


def _written(drawn: list[Drawn], folder: Path | None) -> list[Path | None]:
    """The pictures as files named by their works' identifiers."""
    if folder is None:
        return [None] * len(drawn)
    files: list[Path | None] = []
    for each in drawn:
        path = folder / f"{each.work.id}.png"
        write_new(path, each.png)
        files.append(path)
    return files


def _say_works(drawn: list[Drawn], files: list[Path | None], unknown: list[str], grid: Path | None) -> None:
    works = [
        {"id": each.work.id, **each.work.to_json(), "nearest": each.likeness.subject,
         "file": None if path is None else str(path)}
        for each, path in zip(drawn, files, strict=True)
    ]  # fmt: skip
    say_json({"works": works, "unknown_words": unknown, "grid": None if grid is None else str(grid)})


def _tell_works(drawn: list[Drawn], files: list[Path | None], unknown: list[str], grid: Path | None) -> None:
    if unknown:
        note(f"The model was never taught: {', '.join(unknown)}. It ignores what it doesn't know.")
    say_table(
        ("WORK", "SEED", "NEAREST PERSON", "SCORE", "FILE"),
        [
            (each.work.id, each.work.seed, *_nearest(each), path or "")
            for each, path in zip(drawn, files, strict=True)
        ],
    )
    close = sum(each.work.too_close for each in drawn)
    if close:
        note(f"{counted(close, 'picture')} too close to somebody the model learned from:")
        for each in drawn:
            if each.work.too_close:
                note(f"  {each.work.id} resembles {each.likeness.subject}")
        advise("Don't use them; draw others with another --seed.")
    if grid is not None:
        say(f"All of them: {grid}")


def _nearest(drawn: Drawn) -> tuple[str, str]:
    """Whom a picture resembles most, and how much, in words."""
    likeness = drawn.likeness
    if likeness.score is None:
        return "(no face found)", ""
    if likeness.subject is None:
        return "(nobody near)", ""
    return likeness.subject, f"{likeness.score:.2f}"
