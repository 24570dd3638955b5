"""Two commands at once: what one takes away while the other opens it is no damage, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.studio import PURPOSE, Studio, reopened
from volenti.adapters.packs.files import FilePackStore
from volenti.clearance.image import Image
from volenti.core.errors import ConflictError, RefusedError
from volenti.vault.ports import Location
from volenti.workspace.workspace import Workspace

Command = Callable[[Workspace, Path], object]


def image(ws: Workspace) -> str:
    """The picture that the second command is about: one that is held, with the fewest faces, or the first."""
    records = ws.parts.records
    held = [Image.read(each.id, each.body) for each in records.find("image", state="held")]
    if held:
        return min(held, key=lambda each: len(each.faces)).id
    return next(
        name for state in ("waiting", "cleared") for name in records.identifiers("image", state=state)
    )


def clear(ws: Workspace, inbox: Path) -> object:
    return ws.clear(PURPOSE)


def add(ws: Workspace, inbox: Path) -> object:
    return ws.add([inbox])


def reject(ws: Workspace, inbox: Path) -> object:
    return ws.review.decide(image(ws), clear=False, reviewer="eve", purpose=PURPOSE)


def approve(ws: Workspace, inbox: Path) -> object:
    return ws.review.decide(image(ws), clear=True, subjects=("ann",), reviewer="eve", purpose=PURPOSE)


def remove(ws: Workspace, inbox: Path) -> object:
    return ws.pictures.remove(image(ws))


def look(ws: Workspace, inbox: Path) -> object:
    return ws.pictures.preview(image(ws))


def search(ws: Workspace, inbox: Path) -> object:
    return ws.rights.search()


def erase(ws: Workspace, inbox: Path) -> object:
    ws.requests.open("erasure", "ann", identity="in-person")
    return ws.requests.run()


def export(ws: Workspace, inbox: Path) -> object:
    return ws.datasets.export("humans", inbox.parent / "export", recipient="them")


def audit(ws: Workspace, inbox: Path) -> object:
    report = ws.audit()
    assert report.ok, report.problems
    return report


#: What is done before, what one command does, and what another does while it opens a picture.
AT_ONCE: list[tuple[tuple[Command, ...], Command, Command]] = [
    ((), clear, clear),
    ((), clear, remove),
    ((), clear, erase),
    ((), clear, add),
    ((), audit, clear),
    ((), audit, remove),
    ((), look, clear),
    ((clear,), look, reject),
    ((clear,), look, remove),
    ((clear,), audit, reject),
    ((clear,), audit, approve),
    ((clear,), approve, reject),
    ((clear,), approve, remove),
    ((clear,), search, reject),
    ((clear,), search, remove),
    ((clear,), search, erase),
    ((clear,), export, erase),
]


@pytest.mark.parametrize(
    ("before", "first", "second"),
    AT_ONCE,
    ids=["-".join(each.__name__ for each in (*before, one, two)) for before, one, two in AT_ONCE],
)
def test_what_another_command_took_away_is_no_damage(
    tmp_path: Path,
    before: tuple[Command, ...],
    first: Command,
    second: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    studio = Studio.open(tmp_path, on_disk=True)
    inbox = tmp_path / "inbox"
    studio.person("ann")
    works = tmp_path / "works"
    works.mkdir()
    for names in (("ann",), ("ann", "a stranger"), (), ("a stranger",)):
        studio.photo(*names)
    work = studio.photo("somebody else's")
    work.rename(works / work.name)
    work.with_suffix(".txt").unlink()
    studio.ws.add([inbox])
    for each in before:
        each(studio.ws, inbox)
    if export is first:
        studio.ws.datasets.cut("humans", PURPOSE)
    if search is first:
        studio.ws.rights.register(works)
    other = reopened(tmp_path / "workspace", detector=studio.detector)
    pending = [second]
    read = FilePackStore.read

    def disturbed(self: FilePackStore, location: Location) -> bytes:
        if pending:
            pending.pop()(other, inbox)
        return read(self, location)

    monkeypatch.setattr(FilePackStore, "read", disturbed)
    with suppress(ConflictError, RefusedError):
        first(studio.ws, inbox)
    assert not pending
    audit(other, inbox)
    account = other.status()
    assert sum(account.totals.values()) == 2 * account.totals["given"]
