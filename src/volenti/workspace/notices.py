"""Notices: what wants attention whatever somebody is doing with the workspace, and what requests wait for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volenti.requests.request import Request
    from volenti.wiring.parts import Parts

#: The remedy where the published key file holds another key.
PUBLISH = "Write that key into the file, and find out who changed it: volenti audit --deep"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that wants attention: what it is, and what to do about it."""

    message: str
    remedy: str


def notices(parts: Parts) -> Iterator[Notice]:
    """What wants attention: a mirror that is behind, what waits for it, a wrong public key, look-alikes."""
    from volenti.clearance.lookalikes import LookAlikes, told
    from volenti.folder import wrong_files
    from volenti.stores import mirror_of

    lag = parts.adapters.catch_up()
    if lag is not None:
        yield Notice(lag.message, lag.remedy)
    elif mirror_of(parts.path) is not None:
        for each in parts.requests.waiting():
            yield Notice(
                f"{each.id} waited for the mirror, which has everything now.",
                f"End it: volenti request run {each.id}",
            )
    for problem in wrong_files(parts.path, parts.public_key):
        yield Notice(f"{problem[:1].upper()}{problem[1:]}.", PUBLISH)
    if pairs := LookAlikes(parts.records, parts.consent).all():
        sentence, remedy = told(pairs)
        yield Notice(f"{sentence}.", remedy)


def waits_for(request: Request) -> tuple[str, str]:
    """What a request waits for, and which command goes on with it."""
    if request.state == "in-force":
        over = "is over" if request.kind == "restriction" else "is decided"
        return f"{request.id}, for {request.kind}, is in force until it {over}", request.remedy
    if request.state == "waiting":
        return f"{request.id} waits for the mirror, due {request.due}", request.remedy
    return f"{request.id} is {request.state}, due {request.due}", request.remedy
