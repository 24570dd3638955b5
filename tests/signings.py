"""What devices send when somebody signs on a page, for tests."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.kinds_of_reference import encoded, picture
from volenti.consent.releasetext import evidence
from volenti.core.digest import sha256
from volenti.signings.envelope import sealed_to
from volenti.signings.session import SigningSession
from volenti.users.token import new_token
from volenti.workspace.workspace import Workspace

OPENED = {"controller": "Example Studio, Berlin", "photographer": "Pat P.", "law": "DE"}


def photo(number: int = 0) -> bytes:
    """A good reference photograph of somebody who does not exist."""
    return encoded(picture(number))


def drawn() -> dict[str, Any]:
    """A finger signature."""
    return {"way": "drawn", "text": "", "strokes": [[[10 * k, 500 - k, 16 * k] for k in range(40)]]}


def statement(of: SigningSession, pictures: tuple[bytes, ...] = (), **changes: Any) -> dict[str, Any]:
    """What somebody signed who says yes to everything, but for the changes."""
    shown = evidence("web ceremony")
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "type": "volenti-web-ceremony",
        "version": 1,
        "session": of.id,
        "key": new_token(),
        "language": "en",
        "text_sha256": shown.text_sha256,
        "notice_sha256": shown.notice_sha256,
        "answers": {str(each): True for each in of.asks},
        "name": "Ada Example",
        "birth_date": "1990-05-17",
        "contact": "ada@example.org",
        "guardian": None,
        "photos": [sha256(each) for each in pictures],
        "mark": drawn(),
        "witness": None,
        "began": now,
        "signed_at": now,
        **changes,
    }


@dataclass
class Phone:
    """A phone with a key of its own, which seals what is signed on it."""

    ws: Workspace
    key: Ed25519PrivateKey

    def sealed(self, said: dict[str, Any], photos: tuple[bytes, ...] = (), *, forged: bool = False) -> bytes:
        """An envelope. forged: the device's signature is over something else."""
        text = json.dumps(said)
        over = b"something else" if forged else text.encode()
        device = {
            "algorithm": "Ed25519",
            "public_key": base64.b64encode(self.key.public_key().public_bytes_raw()).decode(),
            "signature": base64.b64encode(self.key.sign(over)).decode(),
        }
        body = {
            "statement": text,
            "device": device,
            "photos": [base64.b64encode(each).decode() for each in photos],
        }
        return sealed_to(self.ws.signings.sealing_key(), json.dumps(body).encode())
