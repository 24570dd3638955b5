"""A studio at the command line: a workspace with people who signed, made once and copied for each test.

The photographs are those of the demo's cast, people who do not exist; every other picture is
drawn here. Judging needs the face models: tests of it are skipped, saying so, where they are absent.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from typer.testing import CliRunner

from volenti.cli.main import app
from volenti.consent.purpose import Grant, Grants
from volenti.consent.release import Release, SignedRelease
from volenti.consent.releasetext import evidence
from volenti.consent.signature import Role
from volenti.consent.subject import Subject
from volenti.consent.terms import Shoot, Terms
from volenti.core.digest import sha256
from volenti.core.signing import SigningKey

#: Enough for one constituent.
PEOPLE = 12
SIGNED_AT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
#: One worker, and no reading of text in pictures: neither is what is tested here.
ENVIRONMENT = {"VOLENTI_WORKERS": "1", "VOLENTI_WATERMARKS": "false", "VOLENTI_WORKSPACE": None}


@dataclass(frozen=True)
class Answer:
    """What one call printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must be one JSON value and nothing else."""
        return json.loads(self.out)


def volenti(*arguments: object, workspace: Path | None = None, **environment: str) -> Answer:
    """Call the command as somebody would who types it."""
    where = [] if workspace is None else ["-C", str(workspace)]
    result = CliRunner().invoke(
        app, [*where, *map(str, arguments)], env={**ENVIRONMENT, **environment}, prog_name="volenti"
    )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Answer(result.exit_code, result.stdout, result.stderr)


Call = Callable[..., Answer]


def key_of(number: int) -> SigningKey:
    return SigningKey(bytes([number + 1]) * 32)


def signed_entry(number: int, reference: bytes | None, *grants: Grant) -> dict[str, Any]:
    """One row of an import file: a person, and their release signed with their own key."""
    subject = Subject(
        f"Person Number {number}",
        date(1990, 1, 1 + number),
        public_key=key_of(number).public,
        id=f"sub_{number:02d}",
    )
    release = Release(
        f"rel_{number:02d}",
        subject.id,
        subject.legal_name,
        subject.birth_date,
        "Example Studio, 1 Example Street",
        Shoot(
            "Pat Photographer", date(2026, 10, 1), date(2026, 10, 2), sha256(reference) if reference else ""
        ),
        Grants.only(*(grants or (Grant.GENERATIVE_TRAINING, Grant.BIOMETRIC_TEMPLATES))),
        Terms(("WORLD",), date(2026, 1, 1), "DE"),
        evidence("electronic"),
    )
    signed = SignedRelease(release).signed_by(key_of(number), Role.SUBJECT, SIGNED_AT)
    return {"subject": subject.to_json(), **signed.to_json()}


def drawn(path: Path, shade: int = 90, size: int = 96) -> Path:
    """A picture with nobody in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    gradient = Image.linear_gradient("L").resize((size, size))
    Image.merge(
        "RGB", (gradient, gradient.rotate(90), gradient.point(lambda level: (level + shade) % 256))
    ).save(path)
    return path


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """The command, called in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return volenti


@pytest.fixture(scope="session")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with PEOPLE's import file, their reference photographs, and an inbox of other ones."""
    folder = tmp_path_factory.mktemp("cast")
    pack = zipfile.ZipFile(str(files("volenti.demo") / "cast.zip"))
    records = json.loads(pack.read("records.json"))
    (folder / "inbox").mkdir()
    entries, captions = [], []
    for number in range(PEOPLE):
        mine = [each for each in records if each["subject"] == f"s{number:03d}"]
        reference, other = (pack.read(f"images/{each['file']}") for each in mine[:2])
        (folder / f"{number:02d}.jpg").write_bytes(reference)
        (folder / "inbox" / f"picture-{number:02d}.jpg").write_bytes(other)
        captions.append(json.dumps({"file_name": f"picture-{number:02d}.jpg", "text": mine[1]["caption"]}))
        entries.append({**signed_entry(number, reference), "reference": f"{number:02d}.jpg"})
    (folder / "inbox" / "metadata.jsonl").write_text("\n".join(captions))
    (folder / "people.json").write_text(json.dumps(entries))
    return folder


@pytest.fixture(scope="session")
def peopled(tmp_path_factory: pytest.TempPathFactory, cast: Path) -> Path:
    """A workspace with PEOPLE on record; copy it before changing it."""
    folder = tmp_path_factory.mktemp("peopled") / "studio"
    assert volenti("init", folder).status == 0
    assert volenti("subject", "import", cast / "people.json", workspace=folder).status == 0
    return folder


@pytest.fixture
def studio(tmp_path: Path, peopled: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that workspace, in the current folder."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(peopled, tmp_path / "studio"))


@pytest.fixture(scope="session")
def face_models() -> None:
    """Skips where the face models are absent."""
    from volenti.bootstrap import model_states, models_folder

    states = model_states(models_folder())
    if set(states.values()) != {"present"}:
        pytest.skip(f"the face models aren't in {models_folder()}: volenti models fetch")


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory, peopled: Path, cast: Path, face_models: None) -> Path:
    """A workspace with PEOPLE's pictures cleared, one of nobody held, and a dataset cut."""
    folder = Path(shutil.copytree(peopled, tmp_path_factory.mktemp("judged") / "studio"))
    empty = drawn(cast.parent / "empty-set.png")
    broken = cast.parent / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff" + bytes(40))
    assert volenti("add", cast / "inbox", empty, broken, workspace=folder).status == 0
    assert volenti("clear", "--purpose", "generative-training", workspace=folder).status == 0
    assert (
        volenti("dataset", "cut", "humans", "--purpose", "generative-training", workspace=folder).status == 0
    )
    return folder


@pytest.fixture
def cleared(tmp_path: Path, judged: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that workspace, in the current folder."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(judged, tmp_path / "studio"))


@pytest.fixture(scope="session")
def taught(tmp_path_factory: pytest.TempPathFactory, judged: Path) -> Path:
    """A workspace with a generator, barely trained: what is tested is the way, not the likeness."""
    folder = Path(shutil.copytree(judged, tmp_path_factory.mktemp("taught") / "studio"))
    small = ("--shards", 1, "--slices", 2, "--samples-per-image", 1, "--batch", 4)
    assert volenti("train", "humans", *small, workspace=folder).status == 0
    return folder


@pytest.fixture
def trained(tmp_path: Path, taught: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that workspace, in the current folder."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(taught, tmp_path / "studio"))
