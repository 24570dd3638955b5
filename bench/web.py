"""What each page takes while twenty people work at once, with 100,000 pictures; bench/out/web.json.

    python bench/web.py [--pictures 100000] [--users 20] [--seconds 120] [--folder FOLDER]

`volenti serve` runs as a process of its own, over the workspace of bench/grid.py. Each user is an officer
with an account of their own, waits for one to three seconds as people do, opens a page chosen by chance, and
so on. Each figure is the time from the request to the whole answer, as the browser has it. What isn't a page
counts as failed. FOLDER keeps the workspace.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from urllib.parse import urlencode

from grid import LIMITS, built

sys.path.insert(0, str(Path(__file__).parents[1]))
import volenti
from tests.web.conftest import PASSWORD

OUT = Path(__file__).parent / "out" / "web.json"
#: Seconds between two pages of one user.
PAUSE = (1.0, 3.0)


def pages(at: Path) -> dict[str, list[str]]:
    """The addresses of each kind of page."""
    with volenti.open(at) as ws:
        pictures = [each.id for each in ws.pictures.window(0, 200, states=["cleared"]).pictures]
        people = [each.subject.id for each in ws.subjects.page(count=50).items]
        releases = [each.id for each in ws.releases.page(count=50).items]
        asked = ws.requests.list() or [ws.requests.open("erasure", people[0], identity="document")]
        jumps = [f"/pictures/window?start={place}&count=60" for place in range(0, 90_000, 700)]
        rooms = (
            *("/", "/desk", "/pictures", "/pictures/add", "/people", "/releases", "/shoots", "/policies"),
            *("/imports", "/signings", "/requests", "/requests/new", "/recipients", "/log", "/audit"),
            *("/jobs", "/inquiries", "/account"),
        )
        return {
            **{each: [each] for each in rooms},
            "jump": jumps,
            "picture": [f"/pictures/{each}" for each in pictures],
            "thumbnail": [f"/pictures/{each}/small.jpg" for each in pictures],
            "person": [f"/people/{each}" for each in people],
            "release": [f"/releases/{each}" for each in releases],
            "request": [f"/requests/{each.id}" for each in asked],
            "plan": [f"/requests/{asked[0].id}/plan"],
        }


def logins(at: Path, users: int) -> list[str]:
    """So many officers of the workspace; those that are missing are added."""
    names = [f"officer-{each}@example.org" for each in range(users)]
    with volenti.open(at) as ws:
        there = {each.login for each in ws.users.list()}
        for each in names:
            if each not in there:
                added = ws.users.add(each, name="An officer", roles=["officer"])
                ws.users.choose_password(added.token, PASSWORD)
    return names


class User(threading.Thread):
    """One browser: is signed in when it is made, and opens one page after the other when it is started."""

    def __init__(self, login: str, port: int, known: dict[str, list[str]]) -> None:
        super().__init__(daemon=True)
        self.chance = random.Random(login)
        self.known, self.until = known, 0.0
        self.took: dict[str, list[float]] = defaultdict(list)
        self.failed: list[str] = []
        self.headers = {"Host": f"localhost:{port}"}
        self.there = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        form = urlencode({"login": login, "password": PASSWORD})
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        self.there.request("POST", "/sign-in", form, {**self.headers, **kind})
        answer = self.there.getresponse()
        answer.read()
        # The server doesn't keep it open for as long as it takes to sign in everybody else.
        self.there.close()
        self.headers["Cookie"] = str(answer.headers["set-cookie"]).partition(";")[0]

    def run(self) -> None:
        while time.monotonic() < self.until:
            time.sleep(self.chance.uniform(*PAUSE))
            page = self.chance.choice(sorted(self.known))
            self.open(page, self.chance.choice(self.known[page]))

    def answer(self, address: str) -> http.client.HTTPResponse:
        """The answer to one request, read to its end."""
        self.there.request("GET", address, headers=self.headers)
        answer = self.there.getresponse()
        answer.read()
        return answer

    def open(self, page: str, address: str) -> None:
        """Open one page, and note what it took."""
        began = time.perf_counter()
        answer = self.answer(address)
        if answer.status == 303:  # the desk leads to its first question
            answer = self.answer(str(answer.headers["location"]))
        self.took[page].append(1e3 * (time.perf_counter() - began))
        if answer.status != 200:
            self.failed.append(f"{address}: {answer.status}")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def opened(port: int) -> None:
    """Wait until the server answers."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.2)


def asked(at: Path, users: int, seconds: float, known: dict[str, list[str]]) -> tuple[dict, list[str]]:
    """Milliseconds of each kind of page, and what failed."""
    port, names = free_port(), logins(at, users)
    call = [sys.executable, "-m", "volenti", "-C", str(at), "serve", "--port", str(port)]
    server = subprocess.Popen(call, stdout=subprocess.DEVNULL, env={**os.environ})
    try:
        opened(port)
        people = [User(each, port, known) for each in names]
        # What a page reads once for all, it has read.
        for page, addresses in known.items():
            people[0].open(page, addresses[0])
        first = {page: round(times[0], 1) for page, times in people[0].took.items()}
        people[0].took.clear()
        for each in people:
            each.until = time.monotonic() + seconds
            each.start()
        for each in people:
            each.join()
    finally:
        server.terminate()
        server.wait()
    took: dict[str, list[float]] = defaultdict(list)
    for each in people:
        for page, times in each.took.items():
            took[page] += times
    figures = {page: _figures(times) for page, times in sorted(took.items())}
    every = _figures([one for times in took.values() for one in times])
    failed = [each for person in people for each in person.failed]
    return {"first": first, "pages": figures, "all": every}, failed


def _figures(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    most = ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
    return {"count": len(times), "median": round(statistics.median(times), 1), "most": round(most, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pictures", type=int, default=100_000, metavar="N")
    parser.add_argument("--users", type=int, default=20, metavar="N")
    parser.add_argument("--seconds", type=float, default=120, metavar="S")
    parser.add_argument("--folder", type=Path, help="Keeps the workspace, and uses it again.")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        at = built(args.folder or Path(place) / "studio", args.pictures)
        found, failed = asked(at, args.users, args.seconds, pages(at))
    OUT.parent.mkdir(exist_ok=True)
    figures = {"pictures": args.pictures, "users": args.users, **found, "failed": failed}
    OUT.write_text(json.dumps(figures, indent=1) + "\n")
    print(f"{args.pictures:,} pictures, {args.users} users at once, {args.seconds:.0f} seconds")
    print(f"{'milliseconds':<20}{'first':>10}{'requests':>10}{'median':>10}{'99 %':>10}")
    over = []
    for page, each in [*found["pages"].items(), ("all", found["all"])]:
        median = LIMITS["thumbnail"] if page == "thumbnail" else LIMITS["median"]
        is_over = each["median"] > median or each["most"] > LIMITS["most"]
        over += [page] * is_over
        first = found["first"].get(page, 0)
        print(f"{page:<20}{first:>10,.0f}{each['count']:>10}", end="")
        print(f"{each['median']:>10.1f}{each['most']:>10.1f}{' *' * is_over}")
    for each in failed[:10]:
        print(f"failed: {each}")
    said = f"over a limit: {', '.join(over)}" if over else "all within their limits"
    print(f"\nHalf of all pages within {found['all']['median']:.0f} ms, 99 % within "
          f"{found['all']['most']:.0f} ms; {said}")  # fmt: skip


if __name__ == "__main__":
    main()
