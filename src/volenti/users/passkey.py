"""Passkeys: what a browser is asked for, and whether its answer is right (Web Authentication, level 3).

py_webauthn reads and checks the answers. It is an extra, so it is imported where it is used. A passkey is
made and used with user verification: the device has asked for a finger, a face or a PIN.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from volenti.core.canonical import Json
from volenti.core.errors import MissingModelError, RefusedError

#: Bytes of an answer at most: public keys and signatures are small.
ANSWER_MAX = 1 << 16


@dataclass(frozen=True, slots=True)
class Site:
    """Where a passkey is used: an origin such as https://volenti.example.org, and its host's name."""

    origin: str

    @property
    def name(self) -> str:
        """The relying party's identifier: the host's name without a port."""
        return urlsplit(self.origin).hostname or ""


@dataclass(frozen=True, slots=True)
class Made:
    """A passkey that was made; bytes in base64url."""

    credential: str
    key: str
    count: int


def wanted(site: Site, user: str, login: str, name: str, challenge: str, known: Iterable[str]) -> Json:
    """What the browser is to make, as JSON (PublicKeyCredentialCreationOptionsJSON).

    known: credentials of which the device must not make another.
    """
    webauthn, structs = _library()
    options = webauthn.generate_registration_options(
        rp_id=site.name,
        rp_name="Volenti",
        user_name=login,
        user_id=user.encode(),
        user_display_name=name,
        challenge=_bytes(challenge),
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.PREFERRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_described(structs, known),
    )
    said: Json = json.loads(webauthn.options_to_json(options))
    return said


def made(site: Site, answer: str, challenge: str) -> Made:
    """The passkey of a browser's answer; RefusedError where the answer isn't right."""
    webauthn, _ = _library()
    with _refusing():
        found = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=_bytes(challenge),
            expected_rp_id=site.name,
            expected_origin=site.origin,
            require_user_verification=True,
        )
        return Made(_text(found.credential_id), _text(found.credential_public_key), found.sign_count)


def asked(site: Site, challenge: str, known: Iterable[str]) -> Json:
    """What the browser is to sign, as JSON (PublicKeyCredentialRequestOptionsJSON).

    known: the credentials of whom is asked; empty where any of the site's will do.
    """
    webauthn, structs = _library()
    options = webauthn.generate_authentication_options(
        rp_id=site.name,
        challenge=_bytes(challenge),
        allow_credentials=_described(structs, known),
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    said: Json = json.loads(webauthn.options_to_json(options))
    return said


def signed(site: Site, answer: str, challenge: str, key: str, count: int) -> int:
    """How often the device signed, by its answer; RefusedError where the answer isn't right.

    A count that hasn't grown is refused: somebody copied the key (section 6.1.1). Devices that don't count
    say 0 each time.
    """
    webauthn, _ = _library()
    with _refusing():
        found = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=_bytes(challenge),
            expected_rp_id=site.name,
            expected_origin=site.origin,
            credential_public_key=_bytes(key),
            credential_current_sign_count=count,
            require_user_verification=True,
        )
        return int(found.new_sign_count)


def credential_of(answer: str) -> str:
    """The identifier of the credential that an answer says it is from; it proves nothing."""
    return str(_said(answer).get("id", ""))


def challenge_of(answer: str) -> str:
    """The challenge that an answer says it answers; it proves nothing."""
    with _refusing():
        client = json.loads(_bytes(str(_said(answer)["response"]["clientDataJSON"])))
        return str(client["challenge"])


def _said(answer: str) -> Any:
    with _refusing():
        if len(answer) > ANSWER_MAX:
            raise ValueError("too long")
        said = json.loads(answer)
        if not isinstance(said, dict):
            raise TypeError("no object")
        return said


@contextmanager
def _refusing() -> Iterator[None]:
    """Says that a passkey's answer isn't right, whatever is wrong with it: browsers' answers are input."""
    try:
        yield
    except (RefusedError, MissingModelError):
        raise
    except Exception as error:
        known = isinstance(error, ValueError | TypeError | KeyError | AttributeError | RecursionError)
        if not known and not type(error).__module__.startswith("webauthn"):
            raise
        raise RefusedError(
            "This passkey wasn't accepted.", "Try again, or use another way to sign in."
        ) from error


def _library() -> tuple[Any, Any]:
    try:
        import webauthn
        from webauthn.helpers import structs
    except ModuleNotFoundError as error:
        raise MissingModelError(
            f"{error.name} isn't installed, and passkeys need it.", "pip install 'volenti[web]'"
        ) from error
    return webauthn, structs


def _described(structs: Any, known: Iterable[str]) -> Any:
    return [structs.PublicKeyCredentialDescriptor(id=_bytes(each)) for each in known]


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
