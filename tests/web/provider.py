"""A small identity provider on this machine: discovery, authorization, token and keys over HTTP."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "volenti", "a secret of the client's"


@dataclass
class Provider:
    """The provider. `claims`: what it says of whoever is signed in. Tests set what it says wrongly."""

    claims: dict[str, Any]
    issuer: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)

    def discovery(self) -> dict[str, str]:
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return {"issuer": self.issuer, **{name: f"{self.issuer}/{path}" for name, path in ends.items()}}

    def authorize(self, asked: dict[str, str]) -> str:
        """Let whoever is asked in; returns where the browser goes."""
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe()
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.issuer}
        return f"{asked['redirect_uri']}?{urlencode({**back, **self.said.get('back', {})})}"

    def token(self, form: dict[str, str], basic: str) -> dict[str, Any] | None:
        asked = self.codes.pop(form.get("code", ""), None)
        pair = base64.b64decode(basic.removeprefix("Basic ")).decode()
        challenge = base64.urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or pair != f"{CLIENT}:{SECRET.replace(' ', '+').replace(chr(39), '%27')}"
            or challenge.rstrip(b"=").decode() != asked["code_challenge"]
            or form["redirect_uri"] != asked["redirect_uri"]
        ):
            return None
        now = int(time.time())
        usual = {"iss": self.issuer, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 300}
        said = {**usual, "nonce": asked["nonce"], **self.claims}
        claims = {name: value for name, value in said.items() if value is not None}
        return {"access_token": "x", "token_type": "Bearer", "id_token": self.signed(claims)}

    def signed(self, claims: dict[str, Any]) -> str:
        """The claims, signed with what tests say: "its key", or as somebody would who hasn't it."""
        how = self.said.get("signs with", "its key")
        if how in ("its key", "another key"):
            key = self.key if how == "its key" else RSAKey.generate_key(2048, {"kid": "one"})
            return jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)
        is_none = how == "nothing"
        text = ".".join(map(_text, [{"alg": "none" if is_none else "HS256", "kid": "one"}, claims]))
        made = b"" if is_none else hmac.digest(self.key.as_pem(private=False), text.encode(), "sha256")
        return f"{text}.{base64.urlsafe_b64encode(made).decode().rstrip('=')}"


def _text(said: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


@contextmanager
def provider(**claims: Any) -> Iterator[Provider]:
    """A provider that goes on inside of the `with`."""
    made = Provider(claims)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if url.path == "/authorize":
                asked = {name: values[0] for name, values in parse_qs(url.query).items()}
                self.send_response(302)
                self.send_header("Location", made.authorize(asked))
                self.end_headers()
            elif url.path == "/keys":
                self._say({"keys": [made.key.as_dict(private=False)]})
            else:
                self._say(made.discovery())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            answer = made.token(form, self.headers.get("authorization", ""))
            self._say(answer or {"error": "invalid_grant"}, 200 if answer else 400)

        def _say(self, said: Any, status: int = 200) -> None:
            data = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
