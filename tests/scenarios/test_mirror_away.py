"""A mirror that is away: what people say is recorded and takes effect, and the mirror catches up."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from functools import partial
from itertools import count
from pathlib import Path

import pytest

import volenti
from tests.studio import Studio, reopened
from volenti.adapters.mirror import CATCHING_UP, LAG
from volenti.adapters.register.mirrored import said_in
from volenti.core.errors import ConflictError, IntegrityError, StorageError
from volenti.stores import begin_mirror, catch_up, register_store
from volenti.workspace.workspace import Workspace

PEOPLE = ("ann", "bob", "cid")


def studio_of(folder: Path) -> tuple[Studio, Path]:
    place = folder / "disk" / "mirror"
    studio = Studio.open(folder, on_disk=True, mirror=place)
    for name in PEOPLE:
        studio.person(name)
    return studio, place


@contextmanager
def unmounted(place: Path) -> Iterator[None]:
    """The folder isn't there."""
    place.rename(place.with_name("elsewhere"))
    yield
    place.with_name("elsewhere").rename(place)


@contextmanager
def mount_point(place: Path) -> Iterator[None]:
    """The folder is there and empty, as a disk's mount point is without the disk."""
    with unmounted(place):
        place.mkdir()
        yield
        assert list(place.iterdir()) == []
        place.rmdir()


@contextmanager
def partly(place: Path) -> Iterator[None]:
    """Only the keys' folder is missing."""
    with unmounted(place / "keys"):
        yield


@contextmanager
def full(place: Path) -> Iterator[None]:
    """Nothing can be written there, as on a full or read-only disk."""
    real = os.open

    def opened(path: object, flags: int, *more: object, **named: object) -> int:
        if str(path).startswith(str(place)) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise OSError(28, "No space left on device")
        return real(path, flags, *more, **named)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "open", opened)
        yield


AWAY: dict[str, Callable[[Path], object]] = {
    "unmounted": unmounted,
    "a bare mount point": mount_point,
    "partly missing": partly,
    "full": full,
}


def _withdrawn(ws: Workspace) -> bool:
    ws.parts.consent.withdraw("ann")
    return len(ws.parts.consent.withdrawals("ann")) == 1


def _requested(ws: Workspace, kind: str) -> bool:
    asked = ws.requests.open(kind, "ann")
    return [each.id for each in ws.requests.list()] == [asked.id]


def _restricted(ws: Workspace) -> bool:
    ws.requests.run(ws.requests.open("restriction", "bob").id)
    return "bob" in ws.parts.consent.restricted()


def _ran_withdrawal(ws: Workspace) -> bool:
    return ws.requests.run(ws.requests.open("withdrawal", "ann").id).request.state == "done"


def _enrolled(ws: Workspace) -> bool:
    ws.subjects.add("Late Person", date(1990, 1, 1), identifier="late")
    return "late" in [each.id for each in ws.parts.consent.subjects()]


def _refused(ws: Workspace) -> bool:
    asked = ws.requests.open("access", "ann")
    return ws.requests.refuse(asked.id, ground="unfounded-or-excessive").state == "refused"


SAID: dict[str, Callable[[Workspace], bool]] = {
    "a withdrawal": _withdrawn,
    "a restriction": _restricted,
    "a withdrawal, carried out": _ran_withdrawal,
    "a request for access": partial(_requested, kind="access"),
    "a request for erasure": partial(_requested, kind="erasure"),
    "an objection": partial(_requested, kind="objection"),
    "a refusal": _refused,
    "somebody's enrolment": _enrolled,
}


def has_everything(at: Path, place: Path) -> bool:
    """Whether the mirror has exactly what a mirror has to have."""
    register, close = register_store(at)
    rows = {(row.kind, row.id, row.body, row.state) for row in said_in(register)}
    close()
    from volenti.adapters.register.mirrored import SaidRows

    there = {(row.kind, row.id, row.body, row.state) for row in said_in(SaidRows(place / "consent").read())}
    same = [_files(at / name) == _files(place / name) for name in ("keys", "log", "feed")]
    return rows == there and all(same)


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("away", AWAY)
def test_what_people_say_counts_while_the_mirror_is_away_and_is_in_it_afterwards(
    tmp_path: Path, away: str, said: str
) -> None:
    studio, place = studio_of(tmp_path)
    assert has_everything(studio.ws.path, place)
    with AWAY[away](place):  # type: ignore[attr-defined]
        assert SAID[said](studio.ws)
        with volenti.open(studio.ws.path) as other:
            (notice,) = other.notices()
        assert str(place) in notice.message
        assert (studio.ws.path / LAG).exists() or (studio.ws.path / CATCHING_UP).exists()
    with volenti.open(studio.ws.path) as later:
        assert later.notices() == []
        assert later.audit(deep=True).problems == []
    assert has_everything(studio.ws.path, place)
    assert not (studio.ws.path / LAG).exists()


def test_a_long_opened_workspace_goes_on_writing_into_a_mirror_that_is_back(tmp_path: Path) -> None:
    studio, place = studio_of(tmp_path)
    with unmounted(place):
        studio.parts.consent.withdraw("ann")
    studio.parts.consent.withdraw("bob")
    assert _files(studio.ws.path / "log") == _files(place / "log")
    assert catch_up(studio.ws.path) is None
    assert has_everything(studio.ws.path, place)


@pytest.mark.parametrize("away", AWAY)
def test_an_erasure_waits_for_the_mirror_and_ends_when_it_is_back(tmp_path: Path, away: str) -> None:
    studio, place = studio_of(tmp_path)
    request = studio.ws.requests.open("erasure", "bob", identity="document")
    with AWAY[away](place):  # type: ignore[attr-defined]
        for _ in range(2):
            outcome = studio.ws.requests.run(request.id)
            assert (outcome.request.state, outcome.certificate) == ("waiting", None)
        assert not studio.parts.vault.has_key("bob")
        assert outcome.request.next_steps == (f"volenti request run {request.id}",)
        assert studio.parts.records.count("certificate") == 0
    with volenti.open(studio.ws.path) as later:
        assert not list((place / "keys").rglob("bob*"))
        (notice,) = later.notices()
        assert request.id in notice.message
        assert notice.remedy.endswith(f"volenti request run {request.id}")
        outcome = later.requests.run(request.id)
        assert (outcome.request.state, outcome.copy is None) == ("done", False)
        assert later.notices() == []
    assert has_everything(studio.ws.path, place)


def test_a_mirror_that_was_moved_is_the_same_one_under_its_new_name(tmp_path: Path) -> None:
    studio, place = studio_of(tmp_path)
    request = studio.ws.requests.open("erasure", "bob", identity="document")
    moved = place.rename(tmp_path / "moved")
    assert studio.ws.requests.run(request.id).request.state == "waiting"
    begin_mirror(studio.ws.path, moved)
    assert not list((moved / "keys").rglob("bob*"))
    assert not (studio.ws.path / LAG).exists()
    assert reopened(studio.ws.path).requests.run(request.id).request.state == "done"


def test_another_place_takes_a_lost_mirrors_only_where_that_is_said(tmp_path: Path) -> None:
    studio, place = studio_of(tmp_path)
    shutil.rmtree(place)
    with pytest.raises(ConflictError, match="isn't there") as refused:
        begin_mirror(studio.ws.path, tmp_path / "new")
    assert "--former-is-gone" in refused.value.remedy
    begin_mirror(studio.ws.path, tmp_path / "new", former_is_gone=True)
    assert has_everything(studio.ws.path, tmp_path / "new")


def test_keys_are_not_wrapped_anew_while_the_mirror_is_away(tmp_path: Path) -> None:
    studio, place = studio_of(tmp_path)
    with unmounted(place), pytest.raises(StorageError, match="isn't there"):
        studio.ws.keys.rotate()
    assert studio.ws.keys.rotate() > 0
    # Each copy of a key is wrapped by itself.
    assert _files(studio.ws.path / "keys").keys() == _files(place / "keys").keys()


class _KilledError(BaseException):
    pass


def killed_at(number: int, work: Callable[[], object]) -> bool:
    """Do some work, and end it at its so many-th call that makes something durable; whether it got so far."""
    real, calls = os.fsync, count()

    def synced(handle: int) -> None:
        if next(calls) == number:
            raise _KilledError
        real(handle)

    with pytest.MonkeyPatch.context() as patch, suppress(_KilledError):
        patch.setattr(os, "fsync", synced)
        work()
        return False
    return True


def test_catching_up_that_is_killed_at_any_step_goes_on_with_the_next_command(tmp_path: Path) -> None:
    studio, place = studio_of(tmp_path)
    at = studio.ws.path
    request = studio.ws.requests.open("erasure", "bob", identity="document")
    with unmounted(place):
        studio.parts.consent.withdraw("ann")
        studio.ws.requests.open("restriction", "cid")
        studio.ws.requests.run(request.id)
    studio.ws.close()
    kept = tmp_path / "kept"
    shutil.copytree(at, kept / "workspace")
    shutil.copytree(place, kept / "mirror")
    steps = 0
    while killed_at(steps, partial(catch_up, at)):
        is_noted = (at / LAG).exists() or (at / CATCHING_UP).exists()
        assert is_noted or has_everything(at, place)
        with volenti.open(at) as ws:
            assert [each.remedy for each in ws.notices()] == [f"End it: volenti request run {request.id}"]
        assert has_everything(at, place)
        assert not list((place / "keys").rglob("bob*"))
        for folder, name in ((at, "workspace"), (place, "mirror")):
            shutil.rmtree(folder)
            shutil.copytree(kept / name, folder)
        steps += 1
    assert steps > 20


def test_what_is_said_while_another_process_catches_up_is_not_forgotten(tmp_path: Path) -> None:
    studio, place = studio_of(tmp_path)
    with unmounted(place):
        studio.parts.consent.withdraw("ann")
        (studio.ws.path / LAG).rename(studio.ws.path / CATCHING_UP)  # another process has begun
        studio.parts.consent.withdraw("bob")
        assert (studio.ws.path / LAG).exists()
    volenti.open(studio.ws.path).close()
    assert has_everything(studio.ws.path, place)


# -- two copies of one workspace


def _erase(ws: Workspace) -> object:
    return ws.requests.run(ws.requests.open("erasure", "cid", identity="document").id)


WRITES: dict[str, Callable[[Workspace], object]] = {
    "withdraw": lambda ws: ws.parts.consent.withdraw("cid"),
    "open a request": lambda ws: ws.requests.open("access", "cid"),
    "enrol": lambda ws: ws.subjects.add("Other Person", date(1990, 1, 1)),
    "erase": _erase,
    "wrap keys anew": lambda ws: ws.keys.rotate(),
    "destroy a key": lambda ws: ws.parts.vault.destroy_key("cid"),
    "back up": lambda ws: ws.backups.create(ws.path.parent / "backup"),
    "make it the mirror again": lambda ws: begin_mirror(ws.path, ws.path.parent.parent / "disk" / "mirror"),
}
#: How the two came to differ: which of them the mirror follows is the other one.
FORKS = ("the other wrote", "both wrote while the mirror was away", "an older state was put back")


def forked(folder: Path, how: str) -> tuple[Path, Path]:
    """A workspace that the mirror doesn't follow any more, and the mirror."""
    studio, place = studio_of(folder)
    studio.ws.close()
    copy = folder / "copies" / "copy"
    shutil.copytree(studio.ws.path, copy)
    if how == FORKS[1]:
        with unmounted(place):
            for at, who in ((studio.ws.path, "ann"), (copy, "bob")):
                with volenti.open(at) as ws:
                    ws.parts.consent.withdraw(who)
        volenti.open(studio.ws.path).close()
        return copy, place
    with volenti.open(studio.ws.path) as ws:
        ws.parts.consent.withdraw("ann")
    if how == FORKS[2]:
        shutil.rmtree(studio.ws.path)
    return copy, place


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("how", FORKS)
def test_a_copy_that_the_mirror_does_not_follow_is_refused_and_named(
    tmp_path: Path, how: str, write: str
) -> None:
    copy, place = forked(tmp_path, how)
    before = {name: _files(place / name) for name in ("keys", "log", "feed", "consent")}
    with volenti.open(copy) as ws:
        (notice,) = ws.notices()
        assert "ahead" in notice.message or "another history" in notice.message
        assert "volenti backup mirror NEW" in notice.remedy
        with pytest.raises(IntegrityError, match=r"ahead|another history"):
            WRITES[write](ws)
        assert ws.parts.vault.has_key("cid")
    assert {name: _files(place / name) for name in before} == before
    # The way out for the one that is to be kept as well.
    begin_mirror(copy, tmp_path / "its-own")
    with volenti.open(copy) as ws:
        assert ws.notices() == []
        ws.parts.consent.withdraw("cid")
    assert has_everything(copy, tmp_path / "its-own")
