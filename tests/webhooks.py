"""A receiver of webhooks: a real HTTP server on this machine, which answers as it is told to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook


@dataclass
class Receiver:
    """What was received: each message's headers and bytes. `statuses` are the next answers; then 204."""

    address: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def read(self, secret: str) -> list[Any]:
        """The messages, each checked with the secret; raises where a signature doesn't hold."""
        return [Webhook(secret).verify(body, headers) for headers, body in self.got]


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A receiver that listens on a port of this machine."""
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            made.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status = made.statuses.pop(0) if made.statuses else 204
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("location", f"{made.address}/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
