"""Identity provider: signing in with an account that an organisation has already (OpenID Connect Core 1.0).

The authorization code flow, with PKCE (RFC 7636), state and nonce. Authlib makes the requests' parts and
checks the answers' claims; it is an extra, so it is imported where it is used. The state belongs to the
browser that began: it holds a token, of which the register has the hash, so nobody can be signed in by a link
of somebody else's.
"""

from __future__ import annotations

import json
import secrets
from base64 import b64encode
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote_plus, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from volenti.core.clock import Clock
from volenti.core.errors import MissingModelError, RefusedError, StorageError, UsageError
from volenti.core.shown import short_repr
from volenti.users.challenge import Challenges
from volenti.users.token import name_of, new_token

ASKED = "identity provider"
#: Seconds that the provider's answer may take, and bytes that it may have.
TIMEOUT, ANSWER_MAX = 10, 1 << 20
#: Seconds by which clocks may differ.
LEEWAY = 60
#: Signatures that are taken: with a key that the provider keeps for itself. None is "none".
ALGORITHMS = [
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
]
#: What an answer says of several factors (RFC 8176).
SEVERAL = "mfa"
#: Scopes that are asked for, so that the claim is among the answers.
SCOPE = "openid email profile"
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """The provider's issuer, what it knows this workspace as, and the claim that is a login."""

    issuer: str
    client: str
    secret: str
    claim: str

    __repr__ = short_repr


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes, and what it has to hold until it comes back."""

    address: str
    token: str

    __repr__ = short_repr


@dataclass(frozen=True, slots=True)
class Identified:
    """Whom the provider names, and whether it says that it asked for a second factor."""

    login: str
    has_second: bool

    __repr__ = short_repr


class IdentityProvider:
    """Asks an identity provider who somebody is."""

    def __init__(self, settings: ProviderSettings, challenges: Challenges, clock: Clock) -> None:
        _check_address("issuer", settings.issuer)
        self.settings = settings
        self._challenges = challenges
        self._clock = clock

    def begin(self, back: str) -> Begun:
        """Begin; returns the provider's page. back: the address that it sends the browser to."""
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        found = self._discovered("authorization_endpoint")
        nonce, verifier, token = new_token(), secrets.token_urlsafe(48), new_token()
        state = self._challenges.ask(ASKED, more=(nonce, verifier, name_of(token), back))
        address = prepare_grant_uri(
            found["authorization_endpoint"],
            self.settings.client,
            "code",
            redirect_uri=back,
            scope=SCOPE,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return Begun(str(address), token)

    def finish(self, state: str, code: str, token: str, issuer: str = "") -> Identified:
        """Whom the provider names. state, code, issuer: as the browser brings them; token: what it holds.

        Raises RefusedError where the answer isn't right, isn't this browser's, or was given before,
        StorageError where the provider can't be reached.
        """
        asked = self._challenges.answered(state, ASKED)
        nonce, verifier, holder, back = asked.more
        # An answer of another provider's is refused (RFC 9207).
        if not compare_digest(name_of(token), holder) or issuer not in ("", self.settings.issuer):
            raise RefusedError("This answer isn't this browser's.", "Sign in again.")
        found = self._discovered("token_endpoint", "jwks_uri")
        answer = self._post(found["token_endpoint"], self._grant(code, verifier, back))
        return self._identified(str(answer.get("id_token", "")), _get(found["jwks_uri"]), nonce)

    def _identified(self, id_token: str, keys: Any, nonce: str) -> Identified:
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        settings = self.settings
        try:
            read = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)
            options = {
                "iss": {"essential": True, "value": settings.issuer},
                "aud": {"essential": True, "value": settings.client},
            }
            known = {"nonce": nonce, "client_id": settings.client}
            claims = CodeIDToken(read.claims, read.header, options, known)
            claims.validate(now=int(self._clock().timestamp()), leeway=LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise _not_right() from error
        login = claims.get(settings.claim)
        # Anybody can tell a provider an address that isn't theirs.
        if settings.claim == "email" and claims.get("email_verified") is not True:
            raise RefusedError(
                "The identity provider doesn't say that your e-mail address is yours.",
                "Confirm the address at the identity provider.",
            )
        if not isinstance(login, str) or not login:
            raise _not_right()
        return Identified(login, SEVERAL in (claims.get("amr") or ()))

    def _discovered(self, *wanted: str) -> Any:
        """What the provider says of itself (OpenID Connect Discovery 1.0, section 4)."""
        try:
            import authlib  # noqa: F401 - so that it is said before anything is asked
        except ModuleNotFoundError as error:
            raise MissingModelError(
                "authlib isn't installed, and identity providers need it.", "pip install 'volenti[web]'"
            ) from error
        found = _get(f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration")
        if not isinstance(found, dict) or found.get("issuer") != self.settings.issuer:
            raise _not_right()
        for name in wanted:
            _check_address(name, str(found.get(name, "")))
        return found

    def _grant(self, code: str, verifier: str, back: str) -> dict[str, str]:
        return {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "client_id": self.settings.client,
            "code_verifier": verifier,
        }

    def _post(self, address: str, fields: dict[str, str]) -> Any:
        # RFC 6749, section 2.3.1: both are encoded before they are put together.
        pair = f"{quote_plus(self.settings.client)}:{quote_plus(self.settings.secret)}"
        said = {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"} if self.settings.secret else {}
        return _answer(Request(address, urlencode(fields).encode(), said))


class _Staying(HTTPRedirectHandler):
    """Follows nobody elsewhere: a secret goes to the address that was checked, and to no other."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _get(address: str) -> Any:
    return _answer(Request(address))


def _answer(request: Request) -> Any:
    request.add_header("Accept", "application/json")
    try:
        with build_opener(_Staying).open(request, timeout=TIMEOUT) as answer:
            said = json.loads(answer.read(ANSWER_MAX))
    except HTTPError as error:
        raise _not_right() from error
    except OSError as error:
        raise StorageError(
            "The identity provider can't be reached.", "Try again, or sign in with your password."
        ) from error
    except ValueError as error:
        raise _not_right() from error
    if not isinstance(said, dict):
        raise _not_right()
    return said


def _not_right() -> RefusedError:
    return RefusedError(
        "The identity provider's answer isn't right.", "Sign in again, or with your password."
    )


def _check_address(name: str, address: str) -> None:
    """Raise UsageError for an address that others could read along; this machine may be without HTTPS."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _THIS_MACHINE):
        raise UsageError(
            f"The identity provider's {name} isn't an address with https.", "Set VOLENTI_OIDC_ISSUER to one."
        )
