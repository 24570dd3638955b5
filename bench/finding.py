"""What finding people costs where thousands are on record; bench/out/finding.json.

    python bench/finding.py [--people 10000]

Everybody has a release that nobody signed. Seconds of the first search of a process, which reads everybody,
and milliseconds of pages of the web application afterwards, the median of twenty: the list, a search
by name, releases by what they amount to, and a search just after somebody was amended.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

from starlette.testclient import TestClient
from startup import OUT

sys.path.insert(0, str(Path(__file__).parents[1]))
import volenti
from volenti.consent.drafting import terms_in
from volenti.consent.purpose import Grants
from volenti.consent.subject import Subject
from volenti.consent.terms import Shoot
from volenti.web.application import application
from volenti.web.workspaces import Workspaces
from volenti.workspace.workspace import Workspace

RUNS, TOGETHER = 20, 500
GIVEN = ("Ada", "Ben", "Cleo", "Dora", "Emil", "Finn", "Greta", "Hugo", "Ida", "Jon", "Kira", "Leo", "Mia")
FAMILY = ("Abel", "Baum", "Dietz", "Ernst", "Falk", "Graf", "Holm", "Jung", "Kern", "Lang", "Moll")
PASSWORD = "four quiet words here"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=10_000, metavar="N", help="How many are on record.")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        at = volenti.init(Path(folder) / "studio", seed=1)
        with volenti.open(at) as ws:
            fill(ws, args.people)
        figures = measured(at)
    print(f"{args.people:,} people\n")
    print(f"first search{figures['first']:>14.2f} s")
    for what, milliseconds in figures.items():
        if what != "first":
            print(f"{what:<16}{milliseconds:>8.0f} ms")
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "finding.json").write_text(json.dumps({"people": args.people, **figures}, indent=1) + "\n")


def fill(ws: Workspace, people: int) -> None:
    """Record so many people, each with a draft of a release, and an officer."""
    consent, terms = ws.parts.consent, terms_in("en", ("WORLD",), date(2026, 1, 5), "DE", None, False, "")
    for first in range(0, people, TOGETHER):
        with consent.together():
            for number in range(first, min(people, first + TOGETHER)):
                name = f"{GIVEN[number % 13]} {FAMILY[number % 11]} {number}"
                born = date(1970 + number % 30, 1 + number % 12, 1)
                who = consent.add_subject(Subject(name, born, contact=f"p{number}@example.org"))
                shoot = Shoot("Pat", date(2026, 1, 5), date(2026, 1, 5), name=f"shoot {number % 40}")
                consent.issue(
                    who.id, controller="A studio", shoot=shoot, grants=Grants.only("commercial"), terms=terms
                )
    added = ws.users.add("officer@example.org", name="The officer", roles=["officer"])
    ws.users.choose_password(added.token, PASSWORD)


def measured(at: Path) -> dict[str, float]:
    """What each page takes, by name."""
    with (
        TestClient(application(Workspaces(partial(volenti.open, at))), base_url="http://localhost") as app,
        volenti.open(at) as ws,
    ):
        app.post("/sign-in", data={"login": "officer@example.org", "password": PASSWORD})
        begun = time.perf_counter()
        page, _ = app.get("/people").text, app.get("/releases")
        first = time.perf_counter() - begun
        form = re.search(r'name="form" value="([^"]+)"', page)
        assert form
        find = partial(app.post, "/people", data={"form": form[1], "words": "ada hol"})
        drafts = {"form": form[1], "standing": "draft", "shoot": "shoot 7"}
        who = ws.subjects.browse("ada").people[0].id

        def amended() -> None:
            ws.subjects.amend(who, notes=str(time.perf_counter()))

        return {
            "first": first,
            "list": median(partial(app.get, "/people")),
            "search": median(find),
            "releases": median(partial(app.post, "/releases", data=drafts)),
            "person": median(partial(app.get, f"/people/{who}")),
            "after a change": median(find, amended),
        }


def median(page: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    """Milliseconds of a page, the median of several; `before` is done before each, and isn't counted."""
    found = []
    for _ in range(RUNS):
        before()
        begun = time.perf_counter()
        page()
        found.append(1000 * (time.perf_counter() - begun))
    return statistics.median(found)


if __name__ == "__main__":
    main()
