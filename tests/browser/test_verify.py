"""Checking certificates in the browser: what holds, every forgery, without a network, as a file."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.conftest import served
from tests.browser.house import House, assert_open_to_everybody
from tests.studio import Studio
from tests.web.forged import forged

Make = Callable[..., BrowserContext]


@pytest.fixture(scope="module")
def erased(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes, bytes]:
    """A workspace in which somebody was erased, their own copy of the certificate, and everybody's."""
    studio = Studio.open(tmp_path_factory.mktemp("erased"), on_disk=True)
    studio.shoot("ann", "ben", "cid")
    studio.trained()
    request = studio.ws.requests.open("erasure", "ann", identity="in-person")
    outcome = studio.ws.requests.run(request.id, copy=True)
    assert outcome.copy is not None
    studio.ws.close()
    return studio.ws.path, outcome.copy, json.dumps(outcome.certificate).encode()


def test_every_forgery_is_refused_by_the_browser(page: Page, erased: tuple[Path, bytes, bytes]) -> None:
    folder, certificate, plain = erased
    key = (folder / "public-key").read_text().strip()
    page.goto("/verify")
    table = [("itself", certificate), ("everybody's", plain), *forged(json.loads(certificate))]
    outcomes = page.evaluate(
        """async ([key, documents]) => {
          const { verify } = await import("/static/certificate.js");
          const bytes = (text) => Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
          return Promise.all(documents.map((each) =>
            verify(bytes(each), key).then((found) => ["holds", found.about], (error) => [error.step, null])));
        }""",
        [key, [base64.b64encode(each).decode() for _, each in table]],
    )
    found = {what: tuple(outcome) for (what, _), outcome in zip(table, outcomes, strict=True)}
    assert found.pop("itself") == ("holds", "ann")
    assert found.pop("everybody's") == found.pop("without ('opening',)") == ("holds", None)
    assert len(found) > 150
    steps = {"form", "signature", "opening", "log", "proof"}
    assert {what: outcome for what, outcome in found.items() if outcome[0] not in steps} == {}


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_a_certificate_is_chosen_and_holds(
    context: Make, house: House, erased: tuple[Path, bytes, bytes], size: str
) -> None:
    folder, certificate, _ = erased
    page = context(size).new_page()
    page.goto("/verify")
    _check(page, folder, certificate)
    page.get_by_role("heading", name="✓ This certificate holds").wait_for()
    assert page.get_by_text("It is about: ann").is_visible()
    assert_open_to_everybody(page)
    _check(page, folder, certificate.replace(b"erasure", b"erasurf", 1))
    page.get_by_role("heading", name="✗ This certificate doesn't hold").wait_for()
    assert_open_to_everybody(page)


def test_it_works_without_a_network_and_as_a_file(
    context: Make, erased: tuple[Path, bytes, bytes], tmp_path: Path
) -> None:
    folder, certificate, _ = erased
    made = context()
    page = made.new_page()
    page.goto("/verify")
    page.evaluate("navigator.serviceWorker.ready")
    page.reload()
    with page.expect_download() as started:
        page.get_by_role("link", name="Save this page as one file").click()
    saved = tmp_path / "check.html"
    started.value.save_as(saved)
    made.set_offline(True)
    page.reload()
    _check(page, folder, certificate)
    page.get_by_role("heading", name="✓ This certificate holds").wait_for()
    alone = made.new_page()
    alone.goto(saved.as_uri())
    _check(alone, folder, certificate)
    alone.get_by_role("heading", name="✓ This certificate holds").wait_for()


def test_the_key_that_is_given_counts(erased: tuple[Path, bytes, bytes], context: Make) -> None:
    folder, certificate, _ = erased
    with served(folder) as house:
        page = context().new_page()
        page.goto(f"{house.address}/verify")
        key = page.get_by_label("Public key").input_value()
        assert key == (folder / "public-key").read_text().strip()
        page.get_by_label("Public key").fill("A" * 43 + "=")
        page.get_by_label("Certificates").set_input_files(_file(certificate))
        page.get_by_text("What is given as the public key is none.").wait_for()


def _check(page: Page, folder: Path, certificate: bytes) -> None:
    page.get_by_label("Public key").fill((folder / "public-key").read_text().strip())
    page.get_by_label("Certificates").set_input_files(_file(certificate))


def _file(certificate: bytes) -> dict[str, object]:
    return {"name": "certificate.json", "mimeType": "application/json", "buffer": certificate}
