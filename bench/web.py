"""What each page takes while twenty people work at once, with 100,000 pictures; bench/out/web.json.

    python bench/web.py [--pictures 100000] [--users 20] [--seconds 120] [--folder FOLDER]

`volenti serve` runs as a process of its own, over the workspace of bench/grid.py. Each user is signed in as
an officer, waits for one to three seconds as people do, opens a page chosen by chance, and so on. Each figure
is the time from the request to the whole answer, as the browser has it. FOLDER keeps the workspace.
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


class User(threading.Thread):
    """One browser: signs in, and opens one page after the other."""

    def __init__(self, number: int, port: int, known: dict[str, list[str]], until: float) -> None:
        super().__init__(daemon=True)
        self.chance = random.Random(number)
        self.port, self.known, self.until = port, known, until
        self.took: dict[str, list[float]] = defaultdict(list)
        self.failed: list[str] = []

    def run(self) -> None:
        host = {"Host": f"localhost:{self.port}"}
        there = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        form = urlencode({"login": "officer@example.org", "password": PASSWORD})
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        there.request("POST", "/sign-in", form, {**host, **kind})
        answer = there.getresponse()
        answer.read()
        cookie = {"Cookie": str(answer.headers["set-cookie"]).partition(";")[0]}
        while time.monotonic() < self.until:
            time.sleep(self.chance.uniform(*PAUSE))
            page = self.chance.choice(sorted(self.known))
            address = self.chance.choice(self.known[page])
            began = time.perf_counter()
            there.request("GET", address, headers={**host, **cookie})
            answer = there.getresponse()
            answer.read()
            self.took[page].append(1e3 * (time.perf_counter() - began))
            if answer.status not in (200, 303):
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
    port = free_port()
    call = [sys.executable, "-m", "volenti", "-C", str(at), "serve", "--port", str(port)]
    server = subprocess.Popen(call, stdout=subprocess.DEVNULL, env={**os.environ})
    try:
        opened(port)
        warm = User(0, port, {each: known[each] for each in ("/pictures", "/people", "/releases", "/")}, 0)
        warm.until = time.monotonic() + 60
        warm.start()
        warm.join()
        until = time.monotonic() + seconds
        people = [User(each, port, known, until) for each in range(users)]
        for each in people:
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
    return {"pages": figures, "all": every}, [failed for each in people for failed in each.failed]


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
        at = args.folder or Path(place) / "studio"
        if not at.exists():
            built(at, args.pictures)
        found, failed = asked(at, args.users, args.seconds, pages(at))
    OUT.parent.mkdir(exist_ok=True)
    figures = {"pictures": args.pictures, "users": args.users, **found, "failed": failed}
    OUT.write_text(json.dumps(figures, indent=1) + "\n")
    print(f"{args.pictures:,} pictures, {args.users} users at once, {args.seconds:.0f} seconds")
    print(f"{'milliseconds':<20}{'requests':>10}{'median':>10}{'99 %':>10}")
    over = []
    for page, each in [*found["pages"].items(), ("all", found["all"])]:
        median = LIMITS["thumbnail"] if page == "thumbnail" else LIMITS["median"]
        is_over = each["median"] > median or each["most"] > LIMITS["most"]
        over += [page] * is_over
        print(f"{page:<20}{each['count']:>10}{each['median']:>10.1f}{each['most']:>10.1f}{' *' * is_over}")
    for each in failed[:10]:
        print(f"failed: {each}")
    said = f"over a limit: {', '.join(over)}" if over else "all within their limits"
    print(f"\nHalf of all pages within {found['all']['median']:.0f} ms, 99 % within "
          f"{found['all']['most']:.0f} ms; {said}")  # fmt: skip


if __name__ == "__main__":
    main()
