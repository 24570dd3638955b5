"""What a thief of each part gets: the lines of the table in SECURITY.md that a test can hold."""

from __future__ import annotations

import base64
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.security.test_free_blocks import Disk
from tests.studio import Studio, reopened
from volenti import packages
from volenti.adapters.keys.files import FileKeyStore
from volenti.adapters.packs.files import FilePackStore
from volenti.adapters.register.mirrored import SaidRows
from volenti.adapters.register.sql import SqlRegister
from volenti.backup import make_backup
from volenti.clearance.image import Image as Kept
from volenti.core.errors import IntegrityError, KeyDestroyedError, UsageError
from volenti.core.signing import SigningKey
from volenti.folder import wrapping_of
from volenti.kinds import KINDS
from volenti.stores import rotate_wrapping
from volenti.vault.holder import Holders
from volenti.vault.ports import Query, Register, Row
from volenti.vault.records import Records
from volenti.vault.service import Vault

SECURITY = Path(__file__).parents[2] / "SECURITY.md"
PEOPLE = ["Qann", "Qbob", "Qcid"]
#: Kinds of rows that belong to nobody and lie in the clear, as the table says: a new one is to be said there.
CLEAR = {
    "certificate",
    "consent",
    "deletion",
    "entry",
    "erased-person",
    "event",
    "file",
    "folder-file",
    "gallery",
    "guest-run",
    "journal",
    "knew",
    "manifest",
    "mirror",
    "policy",
    "renewal",
    "request",
    "run",
    "snapshot",
    "work",
}


@dataclass
class Loot:
    """A workspace with a past, and everything that could be stolen of it."""

    place: Path
    ws: Path
    #: What is personal: by what it is, the bytes that say it.
    personal: dict[str, bytes] = field(default_factory=dict)
    erased: dict[str, bytes] = field(default_factory=dict)
    disk: Disk | None = None

    def said_in(self, *parts: Path, but: tuple[str, ...] = ()) -> list[str]:
        """What of it lies in the clear in folders or files, names of files included."""
        found = set()
        for name, data in (self.personal | self.erased).items():
            for path in _files(*parts):
                if data in path.read_bytes() or data.decode("latin-1") in path.as_posix().removeprefix(
                    self.place.as_posix()
                ):
                    found.add(name)
        return sorted(found - set(but))


def _files(*parts: Path) -> Iterator[Path]:
    for part in parts:
        yield from [part] if part.is_file() else (path for path in sorted(part.rglob("*")) if path.is_file())


@pytest.fixture(scope="module")
def loot(tmp_path_factory: pytest.TempPathFactory) -> Loot:
    place = tmp_path_factory.mktemp("loot")
    studio = Studio.open(place / "a", on_disk=True, mirror=place / "mirror")
    made = Loot(place, studio.ws.path)
    studio.shoot(*PEOPLE, photos=2)
    studio.photo("Qann", "_", "Qbob", caption="two whom nobody knows")
    for each in list((studio.folder / "inbox").glob("*.png")):
        each.with_suffix(".txt").rename(each.with_name(f"Zfile{each.stem}.txt"))
        each.rename(each.with_name(f"Zfile{each.name}"))
    for path in sorted((studio.folder / "inbox").glob("*.png")):
        data = path.read_bytes()
        made.personal[f"picture {path.name}"] = data[len(data) // 2 :][:48]
    for who in PEOPLE:
        made.personal |= {
            f"name of {who}": f"Legal {who}".encode(),
            f"contact of {who}": f"{who}@".encode(),
            f"identifier of {who}": who.encode(),
        }
    made.personal |= {"caption": b"whom nobody knows", "birth date": b"1990-01-01", "file name": b"Zfile"}
    studio.trained()
    ws = studio.ws
    ws.parts.exports.export(
        ws.parts.datasets.snapshot("humans"), place / "export", recipient="a lab in Zzyzx"
    )
    ws.parts.exports.export(ws.parts.datasets.snapshot("humans"), place / "other", recipient="another lab")
    ws.runs.begin("a-run", dataset="humans", code=[__file__], min_people=1)
    ws.runs.pack("a-run", place / "package", to=ws.packages.key(place / "machine.key"))
    made.personal["recipient"] = b"Zzyzx"
    ws.generate(["a man in a red top"], seed=1)
    ws.parts.consent.withdraw("Qann", release_id="rel_Qann")
    make_backup(ws.path, place / "backup")
    made.disk = Disk(place / "disk", ws.path / "packs", ws.path / "keys", place / "mirror" / "keys")
    keys = [path.read_bytes() for path in ws.path.rglob("Qbob.key")]
    made.erased = {"the erased key": keys[0]}
    outcome = ws.requests.run(ws.requests.open("erasure", "Qbob", identity="in-person").id)
    (place / "certificate.json").write_text(json.dumps(outcome.certificate))
    make_backup(ws.path, place / "backup-after")
    return made


def _rows(register: Register) -> list[Row]:
    return [row for kind in register.kinds() for row in register.find(Query(kind))]


def _opened(rows: list[Row], records: Records) -> list[Row]:
    """Which of the rows that belong to somebody these records open."""
    found = []
    for row in rows:
        if row.owners:
            try:
                records.opened(records.row(row.kind, row.id) or row)
                found.append(row)
            except (KeyDestroyedError, IntegrityError):
                pass
    return found


def _stolen(loot: Loot, tmp_path: Path, keys: Path | None, secret: bool) -> tuple[list[Row], Records, Vault]:
    """A register and packs read with what else was stolen; without the secret, with one's own."""
    shutil.copy(loot.ws / "register.db", tmp_path / "register.db")
    register = SqlRegister.at(tmp_path / "register.db")
    own = (loot.ws / "secret" / "workspace.key").read_bytes()
    workspace_key = base64.b64decode(own) if secret else b"t" * 32
    wrapping = wrapping_of(loot.ws / "secret") if secret else None
    store = FileKeyStore(keys or tmp_path / "no-keys", workspace_key, None, wrapping)
    packs = FilePackStore(loot.ws / "packs")
    return (
        _rows(register),
        Records(register, store, workspace_key, KINDS, Holders()),
        Vault(store, packs, workspace_key, Holders()),
    )


# -- one test for each line


def thief_of_the_register(loot: Loot, tmp_path: Path) -> None:
    # Identifiers of releases lie in the clear, and these here were chosen to hold their people's.
    assert set(loot.said_in(loot.ws / "register.db")) <= {"identifier of Qann", "identifier of Qcid"}
    assert b"Qann" not in (loot.ws / "register.db").read_bytes().replace(b"rel_Qann", b"")
    rows, records, _ = _stolen(loot, tmp_path, None, secret=False)
    assert _opened(rows, records) == []
    assert {row.kind for row in rows if not row.owners} <= CLEAR
    # With the secret too, no row opens; an identifier that one knows can be asked for, another can't be read.
    rows, records, _ = _stolen(loot, tmp_path, None, secret=True)
    assert _opened(rows, records) == []
    assert records.row("subject", records.alias("Qann")) is not None
    assert records.row("subject", records.alias("Qnobody")) is None
    assert records.row("subject", records.alias("Qbob")) is None


def thief_of_packs(loot: Loot, tmp_path: Path) -> None:
    said = loot.said_in(loot.ws / "packs")
    # People's identifiers name folders there; of who was erased there is none.
    assert set(said) <= {f"identifier of {who}" for who in PEOPLE if who != "Qbob"}
    rows, records, vault = _stolen(loot, tmp_path, None, secret=True)
    assert _opened(rows, records) == []
    assert vault.owners() == []


def thief_of_keys(loot: Loot, tmp_path: Path) -> None:
    said = loot.said_in(loot.ws / "keys")
    assert set(said) <= {"identifier of Qann", "identifier of Qcid"}
    rows, records, _ = _stolen(loot, tmp_path, loot.ws / "keys", secret=False)
    assert _opened(rows, records) == []


def thief_of_the_secret(loot: Loot, tmp_path: Path) -> None:
    assert loot.said_in(loot.ws / "secret") == []
    # With everything else it opens everything: that is what it is for.
    rows, records, vault = _stolen(loot, tmp_path, loot.ws / "keys", secret=True)
    mine = [row for row in rows if row.owners]
    assert len(_opened(rows, records)) == len(mine) > 0
    images = [
        Kept.read(row.id, records.opened(records.row("image", row.id) or row).body)
        for row in rows
        if row.kind == "image"
    ]
    assert any(vault.open(each.original)[:4] == b"\x89PNG" for each in images if each.original)
    # It signs what the workspace's public key takes for its own.
    signing = SigningKey.load(loot.ws / "secret" / "signing.key")
    assert str(signing.public) == (loot.ws / "public-key").read_text().strip()


def thief_of_the_mirror(loot: Loot, tmp_path: Path) -> None:
    mirror = loot.place / "mirror"
    assert set(loot.said_in(mirror)) <= {"identifier of Qann", "identifier of Qcid"}
    rows = _rows(SaidRows(mirror / "consent").read())
    own = (loot.ws / "secret" / "workspace.key").read_bytes()
    for key, opens in ((b"t" * 32, False), (base64.b64decode(own), True)):
        wrapping = wrapping_of(loot.ws / "secret") if opens else None
        store = FileKeyStore(mirror / "keys", key, None, wrapping)
        records = Records(SaidRows(mirror / "consent").read(), store, key, KINDS, Holders())
        read = _opened(rows, records)
        assert ({row.kind for row in read} >= {"subject", "release", "withdrawal"}) is opens
        assert opens or read == []
    # Nobody who was erased is among them.
    assert sum(row.kind == "subject" for row in rows) == 2


def thief_of_a_backup(loot: Loot, tmp_path: Path) -> None:
    for name in ("backup", "backup-after"):
        said = loot.said_in(loot.place / name)
        assert set(said) <= {f"identifier of {who}" for who in PEOPLE}
        assert not list((loot.place / name).rglob("*.key"))
    # With the secret and the keys as they are now, of whoever was erased since nothing opens.
    backup = Loot(loot.place, loot.place / "backup")
    shutil.copytree(loot.ws / "secret", tmp_path / "w" / "secret")
    for each in ("register.db", "packs"):
        from_ = backup.ws / each
        (shutil.copytree if from_.is_dir() else shutil.copy)(from_, tmp_path / "w" / each)
    stolen = Loot(loot.place, tmp_path / "w")
    (tmp_path / "t").mkdir()
    rows, records, _ = _stolen(stolen, tmp_path / "t", loot.ws / "keys", secret=True)
    theirs = [row for row in rows if records.alias("Qbob") in row.owners]
    assert len(theirs) > 5
    assert _opened(theirs, records) == []
    assert len(_opened(rows, records)) > 5


def thief_of_a_package(loot: Loot, tmp_path: Path) -> None:
    package = loot.place / "package"
    assert loot.said_in(package) == []
    assert b"humans" not in package.read_bytes()
    assert b"a-run" not in package.read_bytes()
    opened = packages.open(package, tmp_path / "opened", key=loot.place / "machine.key")
    assert sum(each.images for each in opened.held) > 0
    assert "identifier of Qann" not in loot.said_in(tmp_path / "opened")
    packages.key(tmp_path / "other.key")
    with pytest.raises(UsageError):
        packages.open(package, tmp_path / "no", key=tmp_path / "other.key")


def thief_of_an_export(loot: Loot, tmp_path: Path) -> None:
    export, other = loot.place / "export", loot.place / "other"
    said = loot.said_in(export)
    # What was delivered is in the clear: captions, and pictures encoded anew. Nobody's name, nor whose it is.
    assert set(said) <= {"caption"} | {name for name in loot.personal if name.startswith("picture ")}
    tokens = [
        set(re.findall(rb"[0-9a-f]{64}", (each / "metadata.jsonl").read_bytes())) for each in (export, other)
    ]
    assert tokens[0]
    assert not tokens[0] & tokens[1]


def thief_of_what_is_published(loot: Loot, tmp_path: Path) -> None:
    published = [loot.ws / "log", loot.ws / "feed", loot.ws / "public-key", loot.place / "certificate.json"]
    assert loot.said_in(*published) == []


def thief_of_an_old_disk(loot: Loot, tmp_path: Path) -> None:
    assert loot.disk is not None
    # The packs' ciphertext may lie there for ever; what would open it doesn't.
    assert not loot.disk.has(loot.erased["the erased key"])
    assert set(loot.said_in(loot.place / "disk")) == set()


LINES: dict[str, Callable[[Loot, Path], None]] = {
    "register": thief_of_the_register,
    "packs": thief_of_packs,
    "keys": thief_of_keys,
    "secret": thief_of_the_secret,
    "mirror": thief_of_the_mirror,
    "backup": thief_of_a_backup,
    "package for a machine that trains, its file": thief_of_a_package,
    "export": thief_of_an_export,
    "log, feed, certificate": thief_of_what_is_published,
    "old disk": thief_of_an_old_disk,
}


@pytest.mark.parametrize("part", LINES)
def test_a_thief_gets_what_the_table_says(loot: Loot, tmp_path: Path, part: str) -> None:
    LINES[part](loot, tmp_path)


def test_every_line_of_the_table_has_its_test() -> None:
    table = SECURITY.read_text().partition("## What a thief of each part gets")[2].partition("\n## ")[0]
    parts = [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("| ")]
    assert parts == ["part", *LINES]


def test_after_a_rotation_the_old_secret_opens_no_key(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path / "a", on_disk=True, mirror=tmp_path / "mirror")
    studio.person("Qann")
    shutil.copytree(studio.ws.path / "secret", tmp_path / "stolen")
    rotate_wrapping(studio.ws.path)
    for folder in (studio.ws.path / "keys", tmp_path / "mirror" / "keys"):
        store = FileKeyStore(folder, b"", None, wrapping_of(tmp_path / "stolen"))
        with pytest.raises(IntegrityError):
            store.get("Qann")
    with reopened(studio.ws.path) as ws:
        assert [each.id for each in ws.parts.consent.subjects()] == ["Qann"]
