"""What the review desk's pages cost the server where ten thousand pictures are held; bench/out/desk.json.

    python bench/desk.py [--held 10000] [--studio FOLDER]

Of pages, of a picture and of an answer, one user at a time and without a network: the median of the
processor's time, and the median and the 99th percentile of the time that passed, which is longer where
something else runs. Beside it stands the same with a hundredth of the pictures. Every picture shows somebody
with a release and a stranger; each stranger is in five pictures. Making such a workspace takes minutes; it
is made once where --studio names a folder, and measured on a copy.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from review import held
from starlette.testclient import TestClient
from startup import OUT

sys.path.insert(0, str(Path(__file__).parents[1]))
import volenti
from tests.web.conftest import PASSWORD, SITE, fields_of
from volenti.web.application import application
from volenti.web.workspaces import Workspaces

#: Of the processor the median; of what passed the median and the 99th percentile; in seconds.
Figures = tuple[float, ...]
#: How often each is asked for, and the median time that a page may take, in seconds.
TIMES, LIMIT = 40, 0.1


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--held", type=int, default=10_000, metavar="N", help="How many pictures are held.")
    parser.add_argument("--studio", type=Path, metavar="FOLDER", help="Where the workspaces are kept.")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kept = args.studio or Path(folder) / "studios"
        counts = (args.held // 100, args.held)
        found = {
            count: measured(made(kept / f"held-{count}", count), Path(folder) / str(count))
            for count in counts
        }
    few, many = (found[count] for count in counts)
    print(f"{'milliseconds: processor; passed':<34}{counts[0]:>10,} held{counts[1]:>16,} held")
    for what in many:
        print(f"{what:<34}{shown(few[what]):>15}{shown(many[what]):>21}")
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "desk.json").write_text(
        json.dumps({"limit": LIMIT, "held": {str(count): each for count, each in found.items()}}, indent=1)
        + "\n"
    )
    took = many["question"][0]
    within = "within" if took <= LIMIT else "over"
    print(f"\nA question's page takes {1000 * took:.0f} ms, {within} the limit of {1000 * LIMIT:.0f} ms")


def made(folder: Path, count: int) -> Path:
    """A workspace in which so many pictures are held; made where it isn't there."""
    at = folder / "workspace"
    return at if at.exists() else held(folder, count)


def measured(studio: Path, at: Path) -> dict[str, Figures]:
    """What each takes on a copy of a workspace."""
    shutil.copytree(studio, at)
    with volenti.open(at) as ws:
        added = ws.users.add("officer@example.org", name="The officer", roles=["officer"])
        ws.users.choose_password(added.token, PASSWORD)
    found: dict[str, list[tuple[float, float]]] = {}

    def timed(what: str, ask: Callable[[], str]) -> str:
        begun, used = time.perf_counter(), time.process_time()
        text = ask()
        passed = time.perf_counter() - begun
        found.setdefault(what, []).append((time.process_time() - used, passed))
        return text

    with TestClient(application(Workspaces(partial(volenti.open, at))), base_url=SITE) as app:
        app.post("/sign-in", data={"login": "officer@example.org", "password": PASSWORD})

        def got(path: str) -> str:
            answer = app.get(path)
            assert answer.status_code == 200, path
            return "" if path.endswith(".jpg") else answer.text

        def given(path: str, page: str) -> str:
            data = {**fields_of(page), "answer": "reject", "stay": "1"}
            assert app.post(path, data=data).status_code == 204
            return ""

        page = got("/desk")  # the first one puts together what isn't on record
        for _ in range(min(TIMES, studio_questions(page) - 8)):
            following = re.findall(r'data-next="([^"]*)"', page)[0].split(",")[0]
            name, purpose = following.split(" ")
            path = f"/desk/{name}?for={purpose}"
            page = timed("question", partial(got, path))
            timed("question, looked at again", partial(got, path))
            timed("its picture", partial(got, f"/desk/{name}/picture-0.jpg"))
            timed("its face", partial(got, f"/desk/{name}/face-0.jpg"))
            timed("answer", partial(given, path, page))
    return {what: figures(times) for what, times in found.items()}


def studio_questions(page: str) -> int:
    """How many questions there are, as the page says."""
    return int(re.findall(r'data-count="(\d+)"', page)[0])


def figures(times: list[tuple[float, float]]) -> Figures:
    """Of the processor the median; of what passed the median and the 99th percentile; in seconds."""
    used, passed = (sorted(each) for each in zip(*times, strict=True))
    last = len(times) - 1
    return tuple(round(each, 4) for each in (used[last // 2], passed[last // 2], passed[round(0.99 * last)]))


def shown(found: Figures) -> str:
    """The figures in milliseconds."""
    used, half, most = (f"{1000 * each:.0f}" for each in found)
    return f"{used}; {half}, {most}"


if __name__ == "__main__":
    main()
