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

    Where a path ends in `>`, the first link of the page that begins with the path is followed.
    """

    name: str
    role: UserRole | None
    path: str


OFFICER, ADMIN = UserRole.OFFICER, UserRole.ADMIN
SCREENS = (
    Screen("sign-in", None, "/sign-in"),
    Screen("today", OFFICER, "/"),
    Screen("desk", OFFICER, "/desk"),
    Screen("requests", OFFICER, "/requests"),
    Screen("request", OFFICER, "/requests/>"),
    Screen("recipients", OFFICER, "/recipients"),
    Screen("record", OFFICER, "/record"),
    Screen("log", OFFICER, "/log"),
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
        prepare(at)
        browser = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        with served(at) as house:
            for file in photographs(browser, house.address, chosen):
                print(file.relative_to(ROOT))
        browser.close()


def prepare(at: Path) -> None:
    """Add a user of each role, and something to look at."""
    with volenti.open(at) as ws:
        for role in UserRole:
            added = ws.users.add(f"{role}@example.org", name=role.replace("-", " ").title(), roles=[role])
            ws.users.choose_password(added.token, PASSWORD)
        people = [each.id for each in ws.subjects.list() if each.releases]
        ws.requests.open("access", people[0])
        ws.requests.open("erasure", people[1], identity="document")
        ws.requests.run(ws.requests.open("objection", people[2]).id)


def photographs(browser: Browser, address: str, screens: list[Screen]) -> Iterator[Path]:
    """Photograph each page in every size and scheme; yields the files."""
    for size in SIZES:
        for scheme in ("light", "dark"):
            for role in dict.fromkeys(each.role for each in screens):
                context = browser.new_context(base_url=address, color_scheme=scheme, **SIZES[size])
                page = context.new_page()
                if role is not None:
                    sign_in(page, role)
                for each in (each for each in screens if each.role == role):
                    yield photograph(page, each, f"{each.name}-{size}-{scheme}")
                context.close()


def photograph(page: Page, screen: Screen, name: str) -> Path:
    path, follows, _ = screen.path.partition(">")
    page.goto(path.rstrip("/") or "/")
    if follows:
        page.goto(page.locator(f'main a[href^="{path}"]:not([href$="/new"])').first.get_attribute("href"))
    page.wait_for_load_state("networkidle")
    taken, file = OUT / f"{name}.png", OUT / f"{name}.webp"
    page.screenshot(path=taken)
    Image.open(taken).save(file, quality=80)
    taken.unlink()
    return file


def sign_in(page: Page, role: UserRole) -> None:
    page.goto("/sign-in")
    page.get_by_label("Login").fill(f"{role}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")


if __name__ == "__main__":
    main()
