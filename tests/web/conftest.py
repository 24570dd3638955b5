"""A workspace behind the web application, and browsers that are signed in."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import volenti
from tests.studio import Studio
from volenti.users.user import UserRole
from volenti.web.application import application
from volenti.web.workspaces import Workspaces

PASSWORD = "four quiet words here"
#: A browser whose name for the application is one it answers to.
SITE = "http://localhost"


@pytest.fixture(scope="session")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace on disk: two people, two strangers who are asked about, and a user of each role."""
    studio = Studio.open(tmp_path_factory.mktemp("studied"), on_disk=True)
    studio.shoot("ann", "ben")
    for number in range(4):
        studio.photo("ann", f"stranger {number // 2}")
    studio.clear()
    for role in UserRole:
        added = studio.ws.users.add(f"{role}@example.org", name=f"The {role}", roles=[role])
        studio.ws.users.choose_password(added.token, PASSWORD)
    studio.ws.close()
    return studio.ws.path


@pytest.fixture
def at(studied: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(studied, tmp_path / "workspace"))


@pytest.fixture
def app(at: Path) -> Iterator[TestClient]:
    """A browser without a session."""
    with TestClient(application(Workspaces(partial(volenti.open, at))), base_url=SITE) as client:
        yield client


@pytest.fixture
def signed_in(app: TestClient) -> Callable[[str], TestClient]:
    """Sign the browser in with a role."""

    def sign_in(role: str) -> TestClient:
        answer = app.post(
            "/sign-in", data={"login": f"{role}@example.org", "password": PASSWORD}, follow_redirects=False
        )
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        return app

    return sign_in


@pytest.fixture
def visiting(at: Path, app: TestClient) -> Callable[[str], TestClient]:
    """Let the browser in as somebody who was photographed, by their link and a code."""

    def enter(subject: str) -> TestClient:
        with volenti.open(at) as ws:
            link, code = ws.subjects.link(subject), ws.subjects.code(subject)
        app.cookies.clear()
        answer = app.post(f"/me/enter/{link}", data={"code": code}, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/me")
        return app

    return enter


def fields_of(page: str) -> dict[str, str]:
    """What a page's forms carry beside what is pressed and typed."""
    return dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', page))


def form_of(page: str) -> str:
    """What a page's forms carry."""
    found = re.search(r'name="form" value="([^"]+)"', page)
    assert found
    return found[1]
