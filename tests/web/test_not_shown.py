"""Pictures that can't be shown: a drawing stands for them, on every page and for whoever looks."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from starlette.testclient import TestClient

import volenti
from tests.studio import Studio
from tests.web.conftest import form_of
from volenti.clearance.facesearch import Resembling
from volenti.core.errors import IntegrityError
from volenti.vault.ports import Query
from volenti.vault.service import Vault
from volenti.web.application import doors
from volenti.web.room import NOT_SHOWN

SignIn = Callable[[str], TestClient]


def cut_short() -> bytes:
    """A file that begins as a picture, and isn't whole."""
    out = io.BytesIO()
    Image.effect_noise((300, 200), 80).convert("RGB").save(out, "JPEG")
    return out.getvalue()[:2000]


def damaged(*_: object, **__: object) -> bytes:
    raise IntegrityError("The bytes aren't those that were written.", "Run `volenti audit`.")


def is_drawing(app: TestClient, path: str) -> bool:
    answer = app.get(path, follow_redirects=False)
    return (answer.status_code, answer.headers.get("location")) == (303, NOT_SHOWN)


def test_a_file_that_is_no_picture_is_a_drawing_in_the_grid(at: Path, signed_in: SignIn) -> None:
    app = signed_in("officer")
    with volenti.open(at) as ws:
        image = ws.pictures.add("broken.jpg", cut_short()).image
        assert image
        assert app.get("/pictures").status_code == 200
        assert app.get(f"/pictures/{image}").status_code == 200
        assert is_drawing(app, f"/pictures/{image}/small.jpg")
        assert is_drawing(app, f"/pictures/{image}/large.jpg")
        form = form_of(app.get("/pictures").text)
        for what in ("correct", "remove"):
            answer = app.post(f"/pictures/{what}", data={"form": form, "image": image, "step": "ask"})
            assert answer.status_code == 200
        assert app.get(NOT_SHOWN).headers["content-type"] == "image/svg+xml"
        token = ws.tokens.add("looks", scopes=["pictures:look"]).secret
    told = app.get(f"/api/v1/pictures/{image}/preview", headers={"authorization": f"Bearer {token}"})
    assert told.status_code == 409
    assert "make no picture" in told.json()["detail"]


def huge() -> bytes:
    """A header that announces more pixels than any decoder is given."""
    head = b"IHDR" + struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + head
        + struct.pack(">I", zlib.crc32(head))
        + b"\0\0\0\0IDAT"
    )


@pytest.mark.parametrize(
    ("data", "why"),
    [(b"Call sheet, day one.", "text"), (b"\0\1\2" * 99, "unknown"), (huge(), "more than is allowed")],
)
def test_what_cant_be_a_picture_is_refused_with_the_reason(
    at: Path, signed_in: SignIn, data: bytes, why: str
) -> None:
    app = signed_in("officer")
    said = {"form": form_of(app.get("/pictures/add").text)}
    files = {"file": ("a.jpg", data)}
    page = app.post("/pictures/add", data=said, files=files)
    assert page.status_code == 200
    assert "taken in</span>" not in page.text
    told = app.post("/pictures/add", data=said, files=files, headers={"accept": "application/json"}).json()
    assert told["outcome"] == "unreadable"
    assert why in told["why"]
    with volenti.open(at) as ws:
        assert ws.pictures.counts().get("waiting", 0) == 0
        assert [each.file for each in ws.pictures.list(state="unreadable").pictures] == ["a.jpg"]


def test_ones_that_were_left_out_and_are_given_again_wait(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    inbox = studio.folder / "inbox"
    inbox.mkdir(exist_ok=True)
    # In which order a picture's files are listed is chance: of so many, both orders occur.
    given = [cut_short() for _ in range(12)]
    for number, data in enumerate(given):
        (inbox / f"{number}.jpg").write_bytes(data)
    studio.clear()
    images = [studio.ws.pictures.add(f"again/{number}.jpg", data).image for number, data in enumerate(given)]
    found = [studio.ws.pictures.show(each) for each in images]
    assert {len(each.files) for each in found} == {2}
    assert [each.state for each in found] == ["waiting"] * 12


def test_damaged_bytes_are_a_drawing_wherever_pictures_are_shown(
    at: Path, app: TestClient, signed_in: SignIn, visiting: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with volenti.open(at) as ws:
        mine = ws.pictures.list(person="ann", state="cleared").pictures[0].id
        question = ws.review.list()[0].id
        digest = ws.subjects.show("ann").references[0].digest
    asked = {f"/desk/{question}/{each}-0.jpg" for each in ("picture", "small", "face")}
    asked |= {f"/desk/{question}/reference/ann/0.jpg", f"/people/ann/references/{digest}.jpg"}
    asked |= {f"/pictures/{mine}/{size}.jpg" for size in ("small", "large")}
    monkeypatch.setattr(Vault, "open", damaged)
    signed_in("officer")
    assert [each for each in sorted(asked) if not is_drawing(app, each)] == []
    visiting("ann")
    for each in (f"/me/pictures/{mine}/small.jpg", f"/me/pictures/{mine}/large.jpg"):
        assert is_drawing(app, each)
    assert app.get(f"/me/pictures/{mine}").status_code == 200


@pytest.mark.parametrize("kind", ["file", "image", "decision"])
def test_one_damaged_row_keeps_no_other_picture_from_being_seen(
    at: Path, signed_in: SignIn, kind: str
) -> None:
    with volenti.open(at) as ws:
        every = ws.pictures.window(count=50, states=["cleared", "held"])
        image = every.pictures[1].id
        register = ws.parts.records._register
        [row] = [each for each in register.find(Query(kind)) if image in (each.id, each.parent)]
        register.put([replace(row, body=row.body[:-1] + bytes([row.body[-1] ^ 1]))])
    page = signed_in("officer").get("/pictures")
    assert page.status_code == 200
    assert [each for each in every.pictures if f"/pictures/{each.id}" not in page.text] == []


def test_every_route_to_a_picture_is_made_so_that_it_can_show_the_drawing() -> None:
    to_pictures = [each for each in doors() if each.path.endswith(".jpg")]
    assert len(to_pictures) >= 10
    assert {each.view.__qualname__.split(".")[:2] == ["Room", "picture"] for each in to_pictures} == {True}


def test_faces_are_compared_although_one_of_them_is_damaged(
    at: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with volenti.open(at) as ws:
        faces = ws.parts.faces
        image, number = next((image.id, number) for image, number, _ in ws.parts.quarantine.faces())
        found = [
            Resembling("subject", "ann", "", 0.9, 0.5, True),
            Resembling("face", f"{image}.{number}", "a.png", 0.9, 0.5, True),
        ]
        out = io.BytesIO()
        Image.new("RGB", (80, 80)).save(out, "PNG")
        monkeypatch.setattr(Vault, "open", damaged)
        assert faces.sheet(out.getvalue(), found, ".jpg").startswith(b"\xff\xd8")
