"""Calling the command line in tests, and what to give it: people who signed, pictures of nobody."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from PIL import Image
from typer.testing import CliRunner

from volenti.cli.main import app
from volenti.consent.purpose import Grant, Grants
from volenti.consent.release import Release
from volenti.consent.releasetext import evidence
from volenti.consent.signature import Role
from volenti.consent.signed_release import SignedRelease
from volenti.consent.subject import Subject
from volenti.consent.terms import Shoot, Terms
from volenti.core.digest import sha256
from volenti.core.signing import SigningKey

#: Enough for one constituent.
PEOPLE = 12
SIGNED_AT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
#: One worker, and no reading of text in pictures: neither is what is tested here.
ENVIRONMENT = {"VOLENTI_WORKERS": "1", "VOLENTI_WATERMARKS": "false", "VOLENTI_WORKSPACE": None}

#: Says yes to an erasure, and that nobody made sure who asks.
SURE = ("--yes", "--identity", "waived")


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


def asked_for(workspace: Path, *how: object) -> str:
    """Open a request; returns its identifier."""
    answer = volenti("request", "open", *how, workspace=workspace)
    assert answer.status == 0, answer.err
    return answer.out.split()[0]


Call = Callable[..., Answer]


def key_of(number: int) -> SigningKey:
    return SigningKey(bytes([number + 1]) * 32)


#: What people say yes to, where a test says nothing else.
GRANTED = (Grant.GENERATIVE_TRAINING, Grant.BIOMETRIC_TEMPLATES, Grant.REDISTRIBUTION)


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
        Grants.only(*(grants or GRANTED)),
        Terms(("WORLD",), date(2026, 1, 1), "DE"),
        evidence("electronic"),
    )
    signed = SignedRelease(release).signed_by(key_of(number), Role.SUBJECT, SIGNED_AT)
    return {"subject": subject.to_json(), **signed.to_json()}


def portrait(path: Path, number: int = 20, place: int = 0) -> Path:
    """A photograph of somebody of the demo's cast, which a release may name as its reference."""
    pack = zipfile.ZipFile(str(files("volenti.demo") / "cast.zip"))
    mine = [each for each in pack.namelist() if each.startswith(f"images/s{number:03d}-")]
    path.write_bytes(pack.read(mine[place]))
    return path


def drawn(path: Path, shade: int = 90, size: int = 96) -> Path:
    """A picture with nobody in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    gradient = Image.linear_gradient("L").resize((size, size))
    Image.merge(
        "RGB", (gradient, gradient.rotate(90), gradient.point(lambda level: (level + shade) % 256))
    ).save(path)
    return path
