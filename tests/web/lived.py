"""A workspace that was lived in: something of each kind that the pages show, and a user of each role."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import volenti
from tests.signings import OPENED, Phone, photo, statement
from tests.studio import Studio
from tests.web.conftest import PASSWORD
from volenti.users.totp import STEP, code_at
from volenti.users.user import UserRole
from volenti.workspace.workspace import Workspace

#: Somebody with every role; an officer whom an admin changes; an engineer with a second factor.
ALL, PAT, SAFE = "all@example.org", "pat@example.org", "safe@example.org"


@dataclass(frozen=True)
class Lived:
    """The workspace's folder, and what only those have who were given it, by the part of a path."""

    path: Path
    given: dict[str, str] = field(default_factory=dict)
    #: Each lets the user with a second factor in once.
    recovery: tuple[str, ...] = ()


def lived(folder: Path, markup: str = "") -> Lived:
    """Make one in a new folder. markup: it stands in whatever has a name."""
    studio = Studio.open(folder, on_disk=True)
    people = {name: f"{name.title()} {markup}".strip() for name in ("ann", "ben", "cid", "dan")}
    for name, called in people.items():
        studio.person(name, called=called, at=f"March {markup}".strip())
    for shown in (
        *(("ann",), ("ann",), ("ben",), ("ben",), ("cid",), ("dan",), ("ann", "ben")),
        *(("ann", "stranger"), ("ann", "stranger"), ("ben", "another stranger")),
    ):
        file = studio.photo(*shown, caption=f"a man {markup}".strip())
        file.with_suffix(".txt").rename(file.parent / f"{markup}{file.stem}.txt")
        file.rename(file.parent / f"{markup}{file.name}")
    ws = studio.ws
    ws.add([studio.folder / "inbox"], shoot=f"March {markup}".strip())
    studio.trained()
    ws.datasets.export("humans", studio.folder / "export", recipient=f"Lab {markup}".strip())
    given: dict[str, str] = {}
    recovery = _users(ws, given, markup)
    _asked(ws, given)
    _signed(ws, given, markup)
    _systems(ws, markup)
    ws.close()
    with volenti.open(ws.path) as again:
        # By the detector that looks into it when its page is shown.
        given["/am-i-in-there/{token}"] = again.requests.inquire(photo())
        given["inquiry"] = again.requests.inquiries(waiting=True)[0].id
        again.jobs.start("audit")
        again.jobs.work(once=True)
        again.jobs.start("clear", {"purpose": "generative-training"})
    return Lived(ws.path, given, recovery)


def _users(ws: Workspace, given: dict[str, str], markup: str) -> tuple[str, ...]:
    roles = {f"{role}@example.org": [role] for role in UserRole}
    others = {ALL: list(UserRole), PAT: [UserRole.OFFICER], SAFE: [UserRole.ENGINEER]}
    for login, theirs in {**roles, **others}.items():
        added = ws.users.add(login, name=f"User {markup}".strip(), roles=theirs)
        ws.users.choose_password(added.token, PASSWORD)
    app = ws.users.offer_app(SAFE)
    codes = ws.users.confirm_app(
        SAFE, code_at(app.secret, int(time.time()) // STEP), name=f"Telephone {markup}"[:40].strip()
    )
    given["factor"] = ws.users.factors(SAFE)[0].id
    return tuple(codes)


def _asked(ws: Workspace, given: dict[str, str]) -> None:
    """What people asked for: an erasure that is over, one that isn't, access, and an objection."""
    requests = ws.requests
    erased = requests.open("erasure", "cid", identity="document")
    given["/follow/{token}"] = requests.follow_link(erased.id)
    requests.run(erased.id)
    given["/requests/{request}/plan"] = requests.open("erasure", "ben", identity="document").id
    given["/me/requests/{request}"] = requests.open("access", "ann").id
    requests.run(requests.open("objection", "dan").id)


def _signed(ws: Workspace, given: dict[str, str], markup: str) -> None:
    """A session in which somebody signed."""
    named = {"controller": f"C {markup}", "photographer": f"P {markup}"} if markup else {}
    session = ws.signings.open(f"March {markup}".strip(), **{**OPENED, **named})
    said = statement(session, name=f"Ada {markup}".strip())
    ws.signings.receive(session.token, Phone(ws, Ed25519PrivateKey.generate()).sealed(said))
    given["key"] = said["key"]


def _systems(ws: Workspace, markup: str) -> None:
    """What is connected, and what was sent."""
    ws.tokens.add(f"Token {markup}".strip(), scopes=["pictures:read"])
    ws.webhooks.add("https://hook.example/volenti")
    ws.letters.send("code", to="a@example.org", code="1")
    ws.letters.deliver()
    officer = next(each for each in ws.users.list() if each.login == "officer@example.org")
    ws.pictures.look([ws.pictures.list(state="cleared").pictures[0].id], by=officer.id, why="grid")
