"""Upload attacks: whatever is sent as a file, at every door that takes files.

Each is a file that is something else, too; one that unpacks to too much; one that reads what isn't its own; a
name that leads elsewhere; or a form that is none. Nothing fails, nothing lies where it shouldn't, nothing is
served as anything but a picture, and what others had stays.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

import volenti
from tests.kinds_of_reference import encoded, picture
from tests.signings import OPENED
from tests.web.conftest import PASSWORD, SITE, form_of
from volenti.users.limit import ATTEMPTS
from volenti.web.application import application, doors
from volenti.web.pictures import is_kept
from volenti.web.workspaces import Workspaces

#: What no file of the workspace may hold, because everything is sealed.
MARK = b"MARK-OF-WHAT-WAS-SENT"
SCRIPT = b"<script>alert(1)</script>" + MARK
#: The fields that take files, by the path of each door that does.
FIELDS = {
    "/pictures/add": ("file",),
    "/imports": ("table", "files", "key"),
    "/releases/{release}/attest": ("scan", "key"),
    "/requests/look-for": ("photograph",),
    "/am-i-in-there": ("photo",),
    "/sign/{token}": ("photo",),
    "/sign/{token}/photo": ("photo",),
    "/sign/{token}/send": ("sealed",),
}
#: What else a form says there.
SAID = {
    "/imports": {"do": "look"},
    "/am-i-in-there": {"agreed": "yes"},
    "/sign/{token}": {"name": "Ada Example", "birth_date": "1990-05-17", "grant biometric-templates": "yes"},
}


def png(width: int, height: int, body: bytes = b"") -> bytes:
    """A PNG with a header that says so, and next to nothing in it."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    data = chunk(b"IDAT", body or zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + header + data + chunk(b"IEND", b"")


def saved(kind: str, **options: object) -> bytes:
    """A small picture as a file of a kind."""
    out = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(out, kind, **options)
    return out.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    """An archive of files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return out.getvalue()


def workbook(sheet: str) -> bytes:
    """An .xlsx whose one sheet is this XML."""
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    inside = "http://schemas.openxmlformats.org/package/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kinds}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{inside}"><Relationship Id="a" '
        f'Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>'
        '<sheet name="a" sheetId="1" r:id="b"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{inside}"><Relationship Id="b" '
        f'Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
    }
    return zipped({name: text.encode() for name, text in parts.items()})


ENTITIES = "".join(f'<!ENTITY a{number + 1} "{f"&a{number};" * 10}">' for number in range(9))
GOOD = encoded(picture(0))
#: What is sent, by what it is: the file's name and its bytes.
FILES: dict[str, tuple[str, bytes]] = {
    "nothing": ("a.jpg", b""),
    "one byte": ("a.jpg", b"\xff"),
    "a page": ("a.jpg", b"<!doctype html>" + SCRIPT),
    "a drawing with a script": ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>"),
    "a program": ("a.png", b"\x7fELF" + SCRIPT * 20),
    "a script that is a GIF": ("a.gif", b"GIF89a/*" + b"\0" * 40 + b"*/=1;alert(1)//" + MARK),
    "a JPEG and a page": ("a.jpg", GOOD + SCRIPT),
    "a JPEG and an archive": ("a.jpg", GOOD + zipped({"../../evil": SCRIPT})),
    "a PNG with a page in its text": ("a.png", saved("PNG")[:33] + SCRIPT + saved("PNG")[33:]),
    "a JPEG with a page in its comment": ("a.jpg", saved("JPEG", comment=SCRIPT)),
    "a PDF with a script": (
        "a.pdf",
        b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>" + MARK,
    ),
    "a PDF and a JPEG": ("a.pdf", GOOD[:200] + b"%PDF-1.7\n" + SCRIPT),
    "four gigapixels": ("a.png", png(65_000, 65_000)),
    "a strip without an end": ("a.png", png(2**31 - 1, 1)),
    "no width": ("a.png", png(0, 10)),
    "a body that unpacks to 200 MB": ("a.png", png(100, 100, zlib.compress(b"\0" * (200 << 20), 9))),
    "cut off": ("a.jpg", GOOD[: len(GOOD) // 2]),
    "a TIFF that points at itself": (
        "a.tif",
        b"II*\0\x08\0\0\0\x01\0\0\x01\x03\0\xff\xff\xff\xff\0\0\0\0\x08\0\0\0",
    ),
    "an archive": ("a.zip", zipped({"a.jpg": GOOD})),
    "an archive that unpacks to 200 MB": ("a.zip", zipped({"a": b"\0" * (200 << 20)})),
    "an archive that leads out": ("a.zip", zipped({"../../../evil": SCRIPT, "/etc/evil": SCRIPT})),
    "a table that unpacks to 200 MB": ("a.xlsx", workbook("<x>" + " " * (200 << 20) + "</x>")),
    "a table of entities": (
        "a.xlsx",
        workbook(f'<!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">{ENTITIES}]><worksheet>&a9;</worksheet>'),
    ),
    "a table that reads another file": (
        "a.xlsx",
        workbook('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet>&a;</worksheet>'),
    ),
    "a table of formulas": ("a.csv", b"legal_name,birth_date\n\"=cmd|'/C calc'!A0\",@SUM(1)\n+1,-1\n" + MARK),
    "a table of one endless cell": ("a.csv", b"legal_name\n" + b"x" * 2_000_000),
    "a table of endless quotes": ("a.csv", b"legal_name\n" + b'"' * 100_001),
    "a table of many columns": ("a.csv", b",".join(b"c%d" % number for number in range(5000)) + b"\n"),
    "half characters": ("a.csv", b"legal_name,birth_date\n\xff\xfe\xed\xa0\x80,\0\n"),
}
#: How a part of a form calls its file.
NAMES = {
    "up": 'filename="../../../../tmp/evil.jpg"',
    "from the root": 'filename="/etc/evil.jpg"',
    "of Windows": 'filename="C:\\\\evil\\\\..\\\\..\\\\a.jpg"',
    "an address": 'filename="file:///etc/passwd"',
    "two names": 'filename="a.jpg"; filename="../../evil.jpg"',
    "another alphabet": "filename*=UTF-8''%2e%2e%2f%2e%2e%2fevil.jpg",
    "markup": 'filename="<img src=x onerror=a()>.jpg"',
    "a header": 'filename="a.jpg%0d%0aSet-Cookie: a=b"',
    "zero bytes": 'filename="a.jpg\0.html"',
    "right to left": 'filename="\u202egpj.exe"',
    "very long": f'filename="{"a" * 5000}.jpg"',
    "dots": 'filename="..."',
    "a device": 'filename="CON.jpg"',
    "a database": 'filename="register.sqlite"',
    "blank": 'filename=" "',
    "no letters": 'filename="\ufffe\uffff"',
}
LIVE = ("<img src=x", "<script>alert")


@dataclass
class Target:
    """A workspace that is attacked through a browser, and what lay around it before."""

    path: Path
    browser: TestClient
    token: str

    def url(self, path: str) -> str:
        """Where a door is."""
        return path.replace("{release}", "rel_ann").replace("{token}", self.token)

    def said(self, path: str) -> dict[str, str]:
        """What a form says beside its files."""
        return {"form": form_of(self.browser.get("/account").text), **SAID.get(path, {})}

    def post(self, path: str, **sent: Any) -> Any:
        """Send a form there, as whoever hasn't tried before."""
        with volenti.open(self.path) as ws:
            records = ws.parts.records
            records.delete(ATTEMPTS, records.identifiers(ATTEMPTS))
        return self.browser.post(self.url(path), follow_redirects=False, **sent)

    def around(self) -> set[str]:
        """Whatever lies beside the workspace."""
        return {str(each) for each in self.path.parent.rglob("*") if self.path not in (each, *each.parents)}


@pytest.fixture(scope="module")
def target(studied: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A workspace of two people, and a browser in which its officer is signed in."""
    import shutil

    path = Path(shutil.copytree(studied, tmp_path_factory.mktemp("target") / "deep" / "workspace"))
    with volenti.open(path) as ws:
        token = ws.signings.open("march", **OPENED).token
    with TestClient(application(Workspaces(partial(volenti.open, path))), base_url=SITE) as browser:
        browser.post("/sign-in", data={"login": "officer@example.org", "password": PASSWORD})
        yield Target(path, browser, token)


def test_every_door_that_takes_files_is_attacked() -> None:
    assert {each.path for each in doors() if each.body.max_files} == set(FIELDS)


@pytest.mark.parametrize("path", FIELDS)
def test_whatever_a_file_is_nothing_fails_and_nothing_lies_in_the_clear(target: Target, path: str) -> None:
    before, said = target.around(), target.said(path)
    for attack, (name, data) in FILES.items():
        kind = "application/octet-stream" if len(data) % 2 else "image/jpeg"
        for field in FIELDS[path]:
            answer = target.post(path, data=said, files={field: (name, data, kind)})
            assert answer.status_code in (200, 303, 400, 409, 413), (attack, field, answer.status_code)
            assert not [live for live in LIVE if live in answer.text], attack
            assert "root:" not in answer.text, attack
    assert target.around() == before
    for each in target.path.rglob("*"):
        if each.is_file() and not each.is_symlink():
            assert MARK not in each.read_bytes(), each


@pytest.mark.parametrize("path", FIELDS)
def test_whatever_a_file_is_called_it_lies_nowhere_else(target: Target, path: str) -> None:
    before, said = target.around(), target.said(path)
    parts = [
        f'form-data; name="{name}"'.encode() + b"\r\n\r\n" + text.encode() for name, text in said.items()
    ]
    for how, name in NAMES.items():
        for field in FIELDS[path]:
            head = f'form-data; name="{field}"; {name}'.encode("utf-8", "surrogatepass")
            every = [*parts, head + b"\r\nContent-Type: image/jpeg\r\n\r\n" + GOOD]
            body = b"".join(b"--limit\r\nContent-Disposition: " + each + b"\r\n" for each in every)
            kind = {"content-type": "multipart/form-data; boundary=limit"}
            answer = target.post(path, content=body + b"--limit--\r\n", headers=kind)
            assert answer.status_code in (200, 303, 400, 409), (how, field, answer.status_code)
            assert "a" not in answer.cookies, how
            assert not [live for live in LIVE if live in answer.text], how
    assert target.around() == before


@pytest.mark.parametrize("path", FIELDS)
def test_a_form_with_too_many_files_or_fields_is_refused(target: Target, path: str) -> None:
    most = next(each.body for each in doors() if each.path == path and each.method == "POST")
    field = FIELDS[path][0]
    files = [(field, (f"{number}.jpg", b"x", "image/jpeg")) for number in range(most.max_files + 1)]
    many = {f"f{number}": "x" for number in range(most.max_fields + 1)}
    for said, sent in ((target.said(path), files), (target.said(path) | many, files[:1])):
        assert target.post(path, data=said, files=sent).status_code == 400


def test_what_was_taken_in_is_shown_as_a_picture_alone_and_everything_else_stays(target: Target) -> None:
    for name, data in FILES.values():
        target.browser.post(
            "/pictures/add", data=target.said("/pictures/add"), files={"file": (name, data, "text/html")}
        )
    with volenti.open(target.path) as ws:
        ws.clear("generative-training")
        window = ws.pictures.window(0, 1000)
        assert window.total >= 4 + 2, "the JPEGs with something behind them are pictures"
        for each in window.pictures:
            if not is_kept(each):
                continue
            for size in ("small", "large"):
                answer = target.browser.get(f"/pictures/{each.id}/{size}.jpg")
                kind = answer.headers["content-type"]
                assert answer.status_code == 200
                assert kind == "image/jpeg" or kind.startswith("image/svg"), kind
                assert MARK not in answer.content
                assert answer.headers["x-content-type-options"] == "nosniff"
            page = target.browser.get(f"/pictures/{each.id}").text
            assert not re.search("|".join(map(re.escape, LIVE)), page)
        assert ws.pictures.list(state="cleared").total >= 1
        found = ws.audit()
        assert not found.lost
        assert not found.residue
