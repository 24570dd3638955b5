"""Outcome: what running a request came to."""

from __future__ import annotations

import json
from dataclasses import dataclass

from volenti.core.canonical import Json
from volenti.core.shown import short_repr
from volenti.requests.request import Request


@dataclass(frozen=True, slots=True)
class Outcome:
    """A request after it was run; of an erasure, with its certificate.

    `opening` is for the person alone; there is one only where this call certified the request.
    """

    request: Request
    certificate: Json | None = None
    opening: Json | None = None

    __repr__ = short_repr

    @property
    def copy(self) -> bytes | None:
        """The person's own copy of the certificate, as a JSON document."""
        if self.certificate is None or self.opening is None:
            return None
        return printed(personal(self.certificate, self.opening))


def personal(certificate: Json, opening: Json) -> Json:
    """The person's own copy of a certificate: its opening shows that it is about them."""
    return {**certificate, "opening": opening}


def printed(certificate: Json) -> bytes:
    """A certificate as the JSON document that is handed out."""
    return json.dumps(certificate, indent=1).encode() + b"\n"
