"""An officer's day: what lies on a rights officer's desk in the morning, and the commands of the how-to.

The people and pictures are those of the demo's cast, who do not exist; the names are invented here. Sixty
signed on paper. `desk` lays out the studio's list in German, the scans, the photographs and three shoots;
`commands` are those of docs/how-to/paper.md, and `typed` runs one as somebody would who types it.
"""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font
from PIL import Image, ImageDraw

import volenti
from volenti.demo.cast import Person, Photo, read_cast

PAGE = Path(__file__).parents[2] / "docs/how-to/paper.md"
#: Whose paper comes with the list, and who is in a picture without one.
PAPERS, STRANGER = 60, 60
#: Pictures of each person that are given: those after the reference photograph.
PICTURES = 2
#: People by their place in the list: who said no to training, and whose release ended three days ago or ends
#: in twenty days.
SAID_NO, ENDED, ENDING = (7, 23), 31, 5
#: Who comes of age in thirty days, whose release is for Switzerland alone, who doesn't want to be passed on.
MINOR, ABROAD, KEPT_HERE = 40, 12, 18
SHOOTS = ("Frühling", "Sommer", "Herbst")
SIGNED = date(2026, 3, 2)

HEADINGS = (
    "Nr.",
    "Vorname",
    "Nachname",
    "Geburtsdatum",
    "E-Mail",
    "Aufnahme am",
    "Fotografin",
    "Land",
    "Nutzung KI-Training",
    "Gesichtsvermessung",
    "Weitergabe",
    "Unterzeichnet am",
    "Gültig bis",
    "Erziehungsberechtigte",
    "Verhältnis",
    "Scan",
    "Foto",
)
_FIRST = "Änne Björn Cäcilie Dörte Emil Falk Güler Hanno Ilse Jörg"
_LAST = "Möwenstein Großklaus Übelacker Weißhaupt Sørdahl Löffelholz"


@dataclass(frozen=True, slots=True)
class Ran:
    """A command as it was typed, its exit status, what it printed, and how long it took in seconds."""

    line: str
    status: int
    out: str
    err: str
    seconds: float

    @property
    def next_steps(self) -> list[str]:
        """What it says comes next."""
        return [line[5:] for line in self.err.splitlines() if line.startswith("  -> ")]


def names() -> list[tuple[str, str]]:
    """First and last name of everybody on the list."""
    return [(first, last) for last in _LAST.split() for first in _FIRST.split()]


def desk(folder: Path, today: date) -> None:
    """Lay out what the day begins with in a new folder: leute.xlsx, scans, fotos and shoots."""
    cast = read_cast(7)
    for name in ("scans", "fotos", *(f"shoots/{shoot}" for shoot in SHOOTS)):
        (folder / name).mkdir(parents=True)
    book = Workbook()
    sheet = book.active
    sheet.title = "Freigaben"
    sheet["A1"] = "Model-Releases Frühjahr bis Herbst 2026"
    sheet["A1"].font = Font(bold=True)
    sheet.merge_cells("A1:Q1")
    sheet.append([])
    sheet.append([*HEADINGS, None, " "])
    for place, (first, last) in enumerate(names()):
        person = cast[place]
        (folder / "scans" / f"{place + 1:03d}.pdf").write_bytes(paper(f"{first} {last}", SIGNED, place))
        (folder / "fotos" / f"{last}_{first}.jpg").write_bytes(person.reference.data)
        sheet.append(_row(place, first, last, person, today))
    book.save(folder / "leute.xlsx")
    for place, person in enumerate(cast[: STRANGER + 1]):
        for photo in person.photos[1 : 1 + PICTURES]:
            _lay(folder / "shoots" / SHOOTS[place % len(SHOOTS)], place, photo)


def pictures_of(place: int) -> list[str]:
    """The names of the files that show somebody, by their place in the list."""
    return [f"DSC_{place:03d}_{number}.jpg" for number in range(1, 1 + PICTURES)]


def _lay(shoot: Path, place: int, photo: Photo) -> None:
    number = len([name for name in pictures_of(place) if (shoot / name).exists()])
    picture = shoot / pictures_of(place)[number]
    picture.write_bytes(photo.data)
    picture.with_suffix(".txt").write_text(photo.caption, "utf-8")


def _row(place: int, first: str, last: str, person: Person, today: date) -> list[object]:
    of_age = today + timedelta(30)
    # In a leap year nobody is born who comes of age on its 29 February: eighteen years before was none.
    born: date | str = of_age.replace(year=of_age.year - 18, day=min(of_age.day, 28))
    born = born if place == MINOR else person.birth_date
    # Half of them were typed, half are dates to Excel.
    born = f"{born:%d.%m.%Y}" if place % 2 else born
    ends: date | None = date(2031, 12, 31) if place % 3 else None
    return [
        place + 1,
        first,
        last,
        born,
        f"{place + 1}@post.example",
        f"{SIGNED:%d.%m.%Y}",
        "Pat Lichtblau",
        "Schweiz"
        if place == ABROAD
        else ("weltweit" if place % 4 == 0 else "Deutschland, Österreich, Schweiz"),
        "nein" if place in SAID_NO else "ja",
        "ja",
        "nein" if place == KEPT_HERE else "Ja",
        SIGNED if place % 5 else f"{SIGNED:%d.%m.%Y}",
        {ENDED: today - timedelta(3), ENDING: today + timedelta(20)}.get(place, ends),
        "Möwenstein, Änne" if place == MINOR else None,
        "Mutter" if place == MINOR else None,
        f"scans/{place + 1:03d}.pdf",
        f"fotos/{last}_{first}.jpg",
    ]


def paper(name: str, signed_on: date, place: int) -> bytes:
    """A scanned release of one page as a PDF: a picture of a text with a scribble under it."""
    page = Image.new("L", (620, 877), 250)
    drawing = ImageDraw.Draw(page)
    drawing.text((60, 60), "Model-Release")
    drawing.text((60, 110), f"{name}, {signed_on:%d.%m.%Y}")
    points = [(80 + 9 * step, 700 + (37 * (step + place) * (step + 3)) % 60) for step in range(30)]
    drawing.line(points, fill=40, width=2)
    out = io.BytesIO()
    page.save(out, "PDF")
    return out.getvalue()


def commands(page: Path = PAGE) -> list[list[str]]:
    """The words of each command that stands by itself on a page; a line that ends in a backslash goes on."""
    text = page.read_text("utf-8").replace("\\\n", " ")
    lines = (line.strip() for line in text.splitlines() if line.startswith("    "))
    return [words for line in lines if (words := shlex.split(line)) and words[0] in ("volenti", "cd")]


def day(folder: Path, page: Path = PAGE) -> Iterator[Ran]:
    """Type the page's commands one after another, from a folder on; each as a process of its own."""
    at = folder
    for words in commands(page):
        if words[0] == "cd":
            at = at / words[1]
            continue
        yield typed(words[1:], at)


def typed(words: list[str], at: Path) -> Ran:
    """Run one command in a folder, as somebody would who types it."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("VOLENTI_")}
    source = str(Path(volenti.__file__).parents[1])
    given = {"VOLENTI_WORKERS": "1", "VOLENTI_WATERMARKS": "false", "PYTHONUTF8": "1", "PYTHONPATH": source}
    models = {name: text for name, text in os.environ.items() if name == "VOLENTI_MODELS"}
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "volenti.cli.main", *words],
        cwd=at,
        env={**kept, **given, **models},
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        check=False,
    )
    taken = time.monotonic() - began
    return Ran(shlex.join(["volenti", *words]), done.returncode, done.stdout, done.stderr, taken)
