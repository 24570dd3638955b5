"""Photographs the pages: docs/screens has each of them on a phone and a desktop, in light and in dark.

    python tools/screens.py [--workspace build/demo/workspace] [--only NAME]

The pages are served over a copy of the demo's workspace, whose people do not exist; the copy is deleted
afterwards. Needs Debian's chromium.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import volenti  # noqa: E402
from tests.browser.conftest import QUIET, SIZES, chromium, served  # noqa: E402
from volenti.users.user import UserRole  # noqa: E402

OUT = ROOT / "docs" / "screens"
PASSWORD = "four quiet words here"


@dataclass(frozen=True)
class Screen:
    """One page: what its file is called, who looks at it, and where it is.

    Where a path ends in `>`, the first link of the page that begins with the path is followed. A path that is
    a name stands for one that `prepare` makes.
    """

    name: str
    who: str
    path: str


OFFICER, ADMIN, PERSON, ANYBODY = "officer", "admin", "person", "anybody"
SCREENS = (
    Screen("sign-in", ANYBODY, "/sign-in"),
    Screen("verify", ANYBODY, "/verify"),
    Screen("am-i-in-there", ANYBODY, "/am-i-in-there"),
    Screen("signing", ANYBODY, "signing"),
    Screen("me", PERSON, "/me"),
    Screen("me-pictures", PERSON, "/me/pictures"),
    Screen("me-uses", PERSON, "/me/uses"),
    Screen("me-looks", PERSON, "/me/looks"),
    Screen("me-requests", PERSON, "/me/requests"),
    Screen("today", OFFICER, "/"),
    Screen("desk", OFFICER, "/desk"),
    Screen("pictures", OFFICER, "/pictures"),
    Screen("picture", OFFICER, "/pictures/img_>"),
    Screen("pictures-add", OFFICER, "/pictures/add"),
    Screen("people", OFFICER, "/people"),
    Screen("person", OFFICER, "/people/sub_>"),
    Screen("releases", OFFICER, "/releases"),
    Screen("release", OFFICER, "/releases/rel_>"),
    Screen("shoots", OFFICER, "/shoots"),
    Screen("imports", OFFICER, "/imports"),
    Screen("signings", OFFICER, "/signings"),
    Screen("policies", OFFICER, "/policies"),
    Screen("requests", OFFICER, "/requests"),
    Screen("request", OFFICER, "/requests/req_>"),
    Screen("plan", OFFICER, "plan"),
    Screen("recipients", OFFICER, "/recipients"),
    Screen("record", OFFICER, "/record"),
    Screen("log", OFFICER, "/log"),
    Screen("audit", OFFICER, "/audit"),
    Screen("jobs", OFFICER, "/jobs"),
    Screen("users", ADMIN, "/users"),
    Screen("systems", ADMIN, "/tokens"),
    Screen("account", ADMIN, "/account"),
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--workspace", type=Path, default=ROOT / "build" / "demo" / "workspace")
    parser.add_argument("--only", metavar="NAME", help="Only pages whose name begins so.")
    args = parser.parse_args()
    found = chromium()
    if found is None or not args.workspace.is_dir():
        sys.exit("Needs chromium (apt-get install chromium) and the demo's workspace (make demo).")
    OUT.mkdir(parents=True, exist_ok=True)
    chosen = [each for each in SCREENS if each.name.startswith(args.only or "")]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        at = Path(shutil.copytree(args.workspace, Path(folder) / "workspace"))
        links = prepare(at)
        browser = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        with served(at) as house:
            for file in photographs(browser, house.address, chosen, at, links):
                print(file.relative_to(ROOT))
        browser.close()


def prepare(at: Path) -> dict[str, str]:
    """Add a user of each role, and something to look at; returns the paths of those who come by a link."""
    with volenti.open(at) as ws:
        for role in UserRole:
            login = f"{role}@example.org"
            added = ws.users.add(login, name=role.replace("-", " ").title(), roles=[role])
            ws.users.choose_password(added.token, PASSWORD)
        people = [each.id for each in ws.subjects.list() if ws.pictures.find(person=each.id).pictures]
        ws.requests.open("access", people[0])
        erasure = ws.requests.open("erasure", people[1], identity="document")
        ws.requests.run(ws.requests.open("objection", people[2]).id)
        session = ws.signings.open(
            "spring", controller="Example Studio, Berlin", photographer="Pat P.", law="DE"
        )
        return {
            PERSON: f"/me/enter/{ws.subjects.link(people[0])}",
            "signing": session.path,
            "plan": f"/requests/{erasure.id}/plan",
        }


def photographs(
    browser: Browser, address: str, screens: list[Screen], at: Path, links: dict[str, str]
) -> Iterator[Path]:
    """Photograph each page in every size and scheme; yields the files."""
    for size in SIZES:
        for scheme in ("light", "dark"):
            for who in dict.fromkeys(each.who for each in screens):
                context = browser.new_context(base_url=address, color_scheme=scheme, **SIZES[size])
                page = context.new_page()
                if who == PERSON:
                    enter(page, at, links)
                elif who != ANYBODY:
                    sign_in(page, who)
                for each in (each for each in screens if each.who == who):
                    yield photograph(page, each, links, f"{each.name}-{size}-{scheme}")
                context.close()


def photograph(page: Page, screen: Screen, links: dict[str, str], name: str) -> Path:
    path, follows, _ = links.get(screen.path, screen.path).partition(">")
    page.goto((path.rpartition("/")[0] if follows else path) or "/")
    if follows:
        page.goto(page.locator(f'main a[href^="{path}"]').first.get_attribute("href"))
    page.wait_for_load_state("networkidle")
    taken, file = OUT / f"{name}.png", OUT / f"{name}.webp"
    page.screenshot(path=taken)
    Image.open(taken).save(file, quality=70, method=6)
    taken.unlink()
    return file


def enter(page: Page, at: Path, links: dict[str, str]) -> None:
    with volenti.open(at) as ws:
        code = ws.subjects.code(ws.subjects.linked(links[PERSON].rpartition("/")[2]).id)
    page.goto(links[PERSON])
    if page.locator("main details").count():
        page.locator("main summary").click()
    page.locator('input[name="code"]').fill(code)
    page.locator("main form button.main").last.click()
    page.wait_for_url("**/me")


def sign_in(page: Page, role: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("Login").fill(f"{role}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/")


if __name__ == "__main__":
    main()
