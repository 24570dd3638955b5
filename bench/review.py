"""What `volenti review` costs where thousands of pictures are held; bench/out/review.json.

    python bench/review.py [--held 2000]

Processor time, user and system, of each command as a process of its own: the least of several runs. Every
picture shows somebody with a release and a stranger; each stranger is in five pictures. Making the stranger
unrecognisable is measured too, for itself: it loads the face models and looks at each of the five pictures
once more. Beside what is kept
stands what the same command takes when nothing is kept of which faces are one stranger's, so that all are
compared anew.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from startup import OUT, READING, RUNS, processor_seconds

sys.path.insert(0, str(Path(__file__).parents[1]))
import volenti
from tests.studio import Studio
from volenti.clearance.kept_questions import KeptQuestions

#: In how many pictures each stranger is, and who is beside them.
EACH, PEOPLE = 5, ("ann", "ben", "cleo", "dora")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--held", type=int, default=2000, metavar="N", help="How many pictures are held.")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        at = held(Path(folder) / "studio", args.held)
        questions = listed(at)
        ids, sheet = (each["question"] for each in questions), str(Path(folder) / "sheet.jpg")
        review, by = called(at, "review"), ["--reviewer", "Pat"]
        commands: dict[str, Callable[[], list[str]]] = {
            "review list": lambda: [*review, "list"],
            "review show": lambda: [*review, "show", questions[-1]["question"], "--out", sheet],
            "review decide": lambda: [*review, "decide", next(ids), "--reject", *by],
        }
        kept = {what: least(made) for what, made in commands.items()}
        anew = {what: least(made, lambda: forget(at)) for what, made in commands.items()}
        blurred = least(lambda: [*review, "decide", next(ids), "--clear", "--others", "blur", *by])
        subjects = processor_seconds([*called(at, "subject"), "list"])
    print(f"{args.held:,} pictures held, {len(questions):,} questions\n")
    print(f"{'command':<16}{'kept':>12}{'compared anew':>16}")
    for what, seconds in kept.items():
        print(f"{what:<16}{1000 * seconds:>9.0f} ms{1000 * anew[what]:>13.0f} ms")
    print(f"{'… making blurred':<16}{1000 * blurred:>9.0f} ms")
    print(f"{'subject list':<16}{1000 * subjects:>9.0f} ms")
    OUT.mkdir(parents=True, exist_ok=True)
    figures = {
        "held": args.held,
        "kept": kept,
        "anew": anew,
        "blurring": blurred,
        "subject list": subjects,
        "limit": READING,
    }
    (OUT / "review.json").write_text(json.dumps(figures, indent=1) + "\n")
    show, decide = kept["review show"], kept["review decide"]
    within = "within" if max(show, decide) <= READING else "over"
    print(
        f"\nWith {args.held:,} pictures held, `review show` takes {show:.2f} s of a processor and "
        f"`review decide` {decide:.2f} s, {within} the limit of {READING:.2f} s"
    )


def least(command: Callable[[], list[str]], before: Callable[[], object] = lambda: None) -> float:
    """The least that a command took of a processor; `before` is done before each run, and isn't counted."""

    def runs() -> Iterator[float]:
        for _ in range(RUNS):
            before()
            yield processor_seconds(command(), runs=1)

    return round(min(runs()), 4)


def held(folder: Path, count: int) -> Path:
    """A workspace on disk in which so many pictures are held."""
    studio = Studio.open(folder, on_disk=True)
    for name in PEOPLE:
        studio.person(name)
    for number in range(count):
        studio.photo(PEOPLE[number % len(PEOPLE)], f"stranger {number // EACH}")
    studio.clear()
    studio.ws.close()
    return studio.ws.path


def called(at: Path, noun: str) -> list[str]:
    """The beginning of a command about a noun, in a workspace."""
    return [sys.executable, "-m", "volenti.cli.main", "-C", str(at), noun]


def listed(at: Path) -> list[dict[str, str]]:
    """The questions, as the command line lists them."""
    said = subprocess.run([*called(at, "review"), "list", "--json"], capture_output=True, check=True).stdout
    found: list[dict[str, str]] = json.loads(said)["held"]
    return found


def forget(at: Path) -> None:
    """Have nothing kept of which faces are one stranger's."""
    with volenti.open(at) as ws:
        KeptQuestions(ws.parts.records).drop()


if __name__ == "__main__":
    main()
