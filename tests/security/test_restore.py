"""What a restore believes: no forged backup, and nothing that people took back since."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import volenti
from tests.scenarios.test_backup import bytes_below, erase, studio_of
from tests.studio import PURPOSE, Studio, reopened
from volenti.backup import make_backup, verify_backup
from volenti.consent.purpose import Grant, Grants, Use
from volenti.consent.signature import Role
from volenti.core.digest import sha256
from volenti.core.errors import ConflictError, IntegrityError, StorageError, VolentiError, WorkspaceError
from volenti.core.signing import SigningKey
from volenti.folder import MARKER, MIRROR, origin_of, workspace_facts
from volenti.restore import restore_backup
from volenti.stores import begin_mirror
from volenti.transparency.note import SignedNote
from volenti.workspace.workspace import Workspace


def small(folder: Path, place: Path | None = None) -> Studio:
    studio = Studio.open(folder, on_disk=True, mirror=place)
    studio.shoot("ann", "bob", photos=1)
    studio.clear()
    return studio


def sign(backup: Path, key: SigningKey, names: dict[str, bytes] | None = None) -> None:
    """List and sign a backup's files as a key's holder would; names: files that are listed besides."""
    listed = {
        path.relative_to(backup).as_posix(): path.read_bytes()
        for path in backup.rglob("*")
        if path.is_file() and path.name not in ("SHA256SUMS", "backup.note")
    }
    listed |= names or {}
    text = "".join(f"{sha256(data)}  {name}\n" for name, data in sorted(listed.items())).encode()
    (backup / "SHA256SUMS").write_bytes(text)
    origin = origin_of(key.public)
    note = f"volenti.dev/backup/v1\nlog {origin}\nmade 2026-11-22T00:00:00Z\nsums {sha256(text)}\n"
    (backup / "backup.note").write_text(str(SignedNote(note).signed(origin, key)))


def signing_key(studio: Studio) -> SigningKey:
    return SigningKey.load(studio.ws.path / "secret" / "signing.key")


def everything(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# -- forged backups


NAMES = [
    "../evil",
    "packs/../../evil",
    "/tmp/volenti-evil",
    "packs//x",
    "packs/./x",
    "secret/workspace.key",
    "keys/ab/x.key",
    "packs\\..\\x",
    "public-key/../../evil",
    "packs/\x1b[2J",
    "packs",
    "",
]


@pytest.mark.parametrize("own", [True, False], ids=["signed by the workspace", "signed by a forger"])
@pytest.mark.parametrize("name", NAMES)
def test_no_name_in_a_backup_leads_outside(tmp_path: Path, name: str, own: bool) -> None:
    studio = small(tmp_path / "a")
    backup = tmp_path / "b" / "backup"
    make_backup(studio.ws.path, backup)
    (tmp_path / "b" / "evil").write_bytes(b"evil")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "evil").write_bytes(b"mine")
    key = signing_key(studio) if own else SigningKey.new()
    if not own:
        (backup / "public-key").write_text(f"{key.public}\n")
    sign(backup, key, {name: b"evil"})
    assert verify_backup(backup, key.public).problems
    with pytest.raises(IntegrityError):
        restore_backup(backup, tmp_path / "c" / "back", keys=studio.ws.path)
    assert everything(tmp_path / "c") == {"evil": b"mine"}
    assert not Path("/tmp/volenti-evil").exists()


def test_a_backup_that_a_forger_signed_is_refused_whole(tmp_path: Path) -> None:
    studio = small(tmp_path / "a")
    make_backup(studio.ws.path, tmp_path / "backup")
    forger = SigningKey.new()
    (tmp_path / "backup" / "public-key").write_text(f"{forger.public}\n")
    sign(tmp_path / "backup", forger)
    # As it verified itself: its key lies in it.
    assert verify_backup(tmp_path / "backup").problems == []
    with pytest.raises(IntegrityError, match="is a backup of"):
        restore_backup(tmp_path / "backup", tmp_path / "back", keys=studio.ws.path)
    assert not (tmp_path / "back").exists()


def test_the_public_key_is_the_secrets_and_never_the_backups(tmp_path: Path) -> None:
    studio = small(tmp_path / "a")
    make_backup(studio.ws.path, tmp_path / "backup")
    (tmp_path / "backup" / "public-key").write_text(f"{SigningKey.new().public}\n")
    sign(tmp_path / "backup", signing_key(studio))
    restore_backup(tmp_path / "backup", tmp_path / "back", keys=studio.ws.path)
    assert (tmp_path / "back" / "public-key").read_text().strip() == str(signing_key(studio).public)


def _linked(path: Path, outside: Path) -> None:
    path.unlink()
    path.symlink_to(outside)


SPECIAL: dict[str, Callable[[Path, Path], object]] = {
    "a link to a file": lambda path, outside: _linked(path, outside),
    "a pipe": lambda path, outside: (path.unlink(), os.mkfifo(path)),
    "a folder that is a link": lambda path, outside: (
        shutil.copytree(path.parent, outside.with_name("packs")),
        shutil.rmtree(path.parent),
        path.parent.symlink_to(outside.with_name("packs")),
    ),
}


@pytest.mark.parametrize("what", SPECIAL)
def test_nothing_but_ordinary_files_is_read_from_a_backup(tmp_path: Path, what: str) -> None:
    studio = small(tmp_path / "a")
    backup = tmp_path / "backup"
    make_backup(studio.ws.path, backup)
    pack = next((backup / "packs").rglob("*.vpk"))
    outside = tmp_path / "outside"
    outside.write_bytes(pack.read_bytes())
    SPECIAL[what](pack, outside)
    assert verify_backup(backup, signing_key(studio).public).problems
    with pytest.raises(IntegrityError):
        restore_backup(backup, tmp_path / "back", keys=studio.ws.path)


def test_a_link_in_a_mirrors_log_is_not_followed(tmp_path: Path) -> None:
    place = tmp_path / "mirror"
    studio = small(tmp_path / "a", place)
    make_backup(studio.ws.path, tmp_path / "backup")
    (place / "log" / "more").symlink_to(studio.ws.path / "secret" / "workspace.key")
    with pytest.raises(IntegrityError, match="ordinary"):
        restore_backup(tmp_path / "backup", tmp_path / "back", keys=place, secret=studio.ws.path / "secret")


def test_an_earlier_backup_is_linked_to_only_where_the_workspace_signed_it(tmp_path: Path) -> None:
    studio = small(tmp_path / "a")
    make_backup(studio.ws.path, tmp_path / "one")
    sign(tmp_path / "one", SigningKey.new())
    with pytest.raises(IntegrityError):
        make_backup(studio.ws.path, tmp_path / "two", since=tmp_path / "one")


def test_what_is_brought_back_is_its_owners_alone_to_read(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        studio = small(tmp_path / "a", tmp_path / "mirror")
        make_backup(studio.ws.path, tmp_path / "backup")
        restore_backup(
            tmp_path / "backup",
            tmp_path / "back",
            keys=tmp_path / "mirror",
            secret=studio.ws.path / "secret",
        )
    finally:
        os.umask(before)
    for name in ("mirror", "backup", "back", "a/workspace"):
        open_to_all = [path for path in (tmp_path / name).rglob("*") if path.stat().st_mode & 0o077]
        assert open_to_all == []
        assert (tmp_path / name).stat().st_mode & 0o077 == 0


# -- what people said since


def _narrower(studio: Studio) -> None:
    """Ann signs a release that takes the place of hers and allows less."""
    new = studio.parts.consent.supersede("rel_ann", grants=Grants.only(Grant.COMMERCIAL))
    studio.parts.consent.sign(new.id, studio.keys["ann"], Role.SUBJECT)


def _lifted(studio: Studio) -> None:
    request = studio.ws.requests.open("restriction", "ann")
    studio.parts.restrictions.run(request.id)
    studio.parts.restrictions.lift(request.id)


def _amended(studio: Studio) -> None:
    """What is on record of Ann is corrected."""
    ann = studio.parts.consent.subject("ann")
    studio.parts.consent.amend(replace(ann, notes="was asked again"))


SAID: dict[str, Callable[[Studio], object]] = {
    "another record of them": _amended,
    "all of it": lambda studio: studio.parts.consent.withdraw("ann"),
    "one grant": lambda studio: studio.parts.consent.withdraw("ann", grant=Grant.GENERATIVE_TRAINING),
    "the templates": lambda studio: studio.parts.consent.withdraw("ann", grant=Grant.BIOMETRIC_TEMPLATES),
    "one release": lambda studio: studio.parts.consent.withdraw("ann", release_id="rel_ann"),
    "a release that allows less": _narrower,
    "a restriction": lambda studio: studio.parts.restrictions.run(
        studio.ws.requests.open("restriction", "ann").id
    ),
    "an objection": lambda studio: studio.parts.restrictions.run(
        studio.ws.requests.open("objection", "ann").id
    ),
    "a restriction lifted": _lifted,
    "a withdrawal by request": lambda studio: studio.parts.withdrawals.run(
        studio.ws.requests.open("withdrawal", "ann").id
    ),
    "a request that waits": lambda studio: studio.ws.requests.open("erasure", "ann", identity="in-person"),
}


def answers(ws: Workspace) -> dict[str, object]:
    """All that is allowed of everybody, what was said and what was asked for."""
    people = list(ws.parts.consent.subjects())
    uses = [Use(grant, "WORLD", date(2026, 6, 1)) for grant in Grant]
    return {
        "covered": {
            each.id: [ws.parts.consent.coverage_for(each.id, use).covered for use in uses] for each in people
        },
        "withdrawals": [ws.parts.consent.withdrawals(each.id) for each in people],
        "states": {
            release.release.id: ws.parts.consent.state(release.release.id)
            for each in people
            for release in ws.parts.consent.releases(each.id)
        },
        "restricted": ws.parts.consent.restricted(),
        "requests": [(each.id, each.kind, each.state) for each in ws.parts.requests.all()],
    }


@pytest.mark.parametrize("kept", ["mirror", "workspace"])
@pytest.mark.parametrize("what", SAID)
def test_what_somebody_said_since_survives_a_restore(tmp_path: Path, what: str, kept: str) -> None:
    place = tmp_path / "mirror" if kept == "mirror" else None
    studio = studio_of(tmp_path / "a", place)
    make_backup(studio.ws.path, tmp_path / "backup")
    SAID[what](studio)
    said = answers(studio.ws)
    done = restore_backup(
        tmp_path / "backup",
        tmp_path / "back",
        keys=place or studio.ws.path,
        secret=studio.ws.path / "secret",
    )
    assert done.recollected.restricted == 0
    with reopened(tmp_path / "back") as back:
        assert answers(back) == said
        assert back.audit(deep=True).problems == []
        # And nothing is read, and nothing served, that may not be.
        forbidden = not back.parts.consent.coverage_for(
            "ann", Use(Grant(PURPOSE), "WORLD", date(2026, 6, 1))
        ).covered
        for entry in back.parts.datasets.entries(back.parts.datasets.snapshot("humans")):
            if forbidden and "ann" in entry.owners:
                assert back.parts.access.refusal(entry.image, PURPOSE, "WORLD") is not None
        run = back.parts.training.run(None)
        hers = set(back.parts.training.model_store.affected("ann"))
        served = {
            f"{run.id}/{each.shard:02d}" for each in back.parts.training.model_store.constituents(run.id)
        }
        assert not forbidden or not hers & served


def test_a_restore_twice_says_the_same(tmp_path: Path) -> None:
    place = tmp_path / "mirror"
    studio = small(tmp_path / "a", place)
    make_backup(studio.ws.path, tmp_path / "backup")
    studio.parts.consent.withdraw("ann")
    said = answers(studio.ws)
    for name in ("one", "two"):
        restore_backup(tmp_path / "backup", tmp_path / name, keys=place, secret=studio.ws.path / "secret")
        with volenti.open(tmp_path / name) as back:
            assert answers(back) == said


def test_who_came_since_does_not_come_half(tmp_path: Path) -> None:
    place = tmp_path / "mirror"
    studio = small(tmp_path / "a", place)
    make_backup(studio.ws.path, tmp_path / "backup")
    studio.person("late")
    studio.ws.requests.open("access", "late", identity="in-person")
    restore_backup(tmp_path / "backup", tmp_path / "back", keys=place, secret=studio.ws.path / "secret")
    with volenti.open(tmp_path / "back") as back:
        assert [each.id for each in back.parts.consent.subjects()] == ["ann", "bob"]
        assert back.parts.requests.all() == []
        assert back.audit(deep=True).problems == []


def test_a_certificate_that_was_made_since_can_be_shown_again(tmp_path: Path) -> None:
    place = tmp_path / "mirror"
    studio = studio_of(tmp_path / "a", place)
    make_backup(studio.ws.path, tmp_path / "backup")
    done = studio.ws.requests.run(studio.ws.requests.open("erasure", "bob", identity="in-person").id)
    restore_backup(tmp_path / "backup", tmp_path / "back", keys=place, secret=studio.ws.path / "secret")
    with volenti.open(tmp_path / "back") as back:
        assert back.parts.requests.find(done.request.id).state == "done"
        assert back.parts.certification.certificate(done.request.id) == done.certificate
        assert back.audit([b"Legal bob"], deep=True).problems == []


STEPS = ["froze", "located", "did erase register", "did erase key", "replayed"]


@pytest.mark.parametrize("step", STEPS)
def test_an_erasure_that_was_under_way_goes_on_after_a_restore(tmp_path: Path, step: str) -> None:
    place = tmp_path / "mirror"
    studio = studio_of(tmp_path / "a", place)
    make_backup(studio.ws.path, tmp_path / "backup")
    request = studio.ws.requests.open("erasure", "bob", identity="in-person")

    class Killed(Exception):
        pass

    seen: list[str] = []

    def watch(at: str) -> None:
        seen.append(at)
        if at == step:
            raise Killed

    with reopened(studio.ws.path, watch) as ws, pytest.raises(Killed):
        ws.requests.run(request.id)
    assert step in seen
    restore_backup(tmp_path / "backup", tmp_path / "back", keys=place, secret=studio.ws.path / "secret")
    with reopened(tmp_path / "back") as back:
        back.requests.run(request.id)
        assert back.parts.requests.find(request.id).state == "done"
        assert back.audit([b"Legal bob"], deep=True).problems == []
        assert not back.parts.vault.has_key("bob")
    assert not list((place / "keys").rglob("bob*"))


def test_pictures_of_somebody_unknown_that_were_erased_since_are_not_back(tmp_path: Path) -> None:
    place = tmp_path / "mirror"
    studio = Studio.open(tmp_path / "a", on_disk=True, mirror=place)
    studio.shoot("ann", "bob", photos=1)
    stranger, kept = studio.photo("ann", "_", "zoe"), studio.photo("bob", "_", "yan")
    studio.clear()
    make_backup(studio.ws.path, tmp_path / "backup")
    brought = studio.photo("zoe").read_bytes()
    [face] = [each.name for each in studio.parts.faces.search(brought)]
    studio.ws.requests.run(studio.ws.requests.open(face=[face], identity="in-person").id)
    done = restore_backup(
        tmp_path / "backup", tmp_path / "back", keys=place, secret=studio.ws.path / "secret"
    )
    assert done.recollected.pictures == 1
    with reopened(tmp_path / "back") as back:
        held = [row.id for row in back.parts.records.rows("image", state="held")]
        assert face.rpartition(".")[0] not in held
        assert len(held) == 1
        assert back.audit(deep=True).problems == []
    # Given again, it waits again, and a later backup brings it back.
    studio.ws.add([stranger, kept])
    studio.ws.clear(PURPOSE)
    make_backup(studio.ws.path, tmp_path / "later")
    restore_backup(tmp_path / "later", tmp_path / "again", keys=place, secret=studio.ws.path / "secret")
    with reopened(tmp_path / "again") as again:
        assert len(list(again.parts.records.rows("image", state="held"))) == 2


def test_where_nothing_tells_what_people_took_back_a_restore_stops(tmp_path: Path) -> None:
    place = tmp_path / "mirror"
    studio = studio_of(tmp_path / "a", place)
    make_backup(studio.ws.path, tmp_path / "backup")
    studio.parts.consent.withdraw("ann")
    # A mirror as it was before it held what people say.
    shutil.rmtree(place / "consent")
    with pytest.raises(ConflictError, match="since the backup"):
        restore_backup(tmp_path / "backup", tmp_path / "x", keys=place, secret=studio.ws.path / "secret")
    assert not (tmp_path / "x").exists()
    done = restore_backup(
        tmp_path / "backup",
        tmp_path / "back",
        keys=place,
        secret=studio.ws.path / "secret",
        restrict_everybody=True,
    )
    assert done.recollected.restricted == 11
    with reopened(tmp_path / "back") as back:
        assert len(back.parts.consent.restricted()) == 11
        run = back.parts.training.run(None).id
        assert back.parts.training.model_store.constituents(run) == []
        for request in back.parts.requests.unfinished():
            back.parts.restrictions.lift(request.id)
        assert back.parts.consent.restricted() == frozenset()
        assert len(back.parts.training.model_store.constituents(run)) == 2


def test_a_mirror_that_lacks_somebody_has_them_restricted(tmp_path: Path) -> None:
    place = tmp_path / "mirror"
    studio = small(tmp_path / "a", place)
    make_backup(studio.ws.path, tmp_path / "backup")
    for path in (place / "consent" / "subject").rglob("*.row"):
        if studio.parts.records.alias("ann") in path.read_text():
            path.unlink()
    restore_backup(tmp_path / "backup", tmp_path / "back", keys=place, secret=studio.ws.path / "secret")
    with volenti.open(tmp_path / "back") as back:
        assert back.parts.consent.restricted() == frozenset({"ann"})


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"kind": 1}', b"[" * 100_000])
def test_a_row_in_the_mirror_that_is_none_stops_the_restore(tmp_path: Path, data: bytes) -> None:
    place = tmp_path / "mirror"
    studio = small(tmp_path / "a", place)
    make_backup(studio.ws.path, tmp_path / "backup")
    next((place / "consent").rglob("*.row")).write_bytes(data)
    with pytest.raises(IntegrityError):
        restore_backup(tmp_path / "backup", tmp_path / "back", keys=place, secret=studio.ws.path / "secret")


def test_an_older_copy_of_the_mirror_is_told_by_its_log(tmp_path: Path) -> None:
    place = tmp_path / "mirror"
    studio = small(tmp_path / "a", place)
    shutil.copytree(place, tmp_path / "older")
    studio.parts.consent.withdraw("ann")
    make_backup(studio.ws.path, tmp_path / "backup")
    with pytest.raises(IntegrityError, match="entries, and the backup"):
        restore_backup(
            tmp_path / "backup",
            tmp_path / "back",
            keys=tmp_path / "older",
            secret=studio.ws.path / "secret",
        )


def test_the_mirror_holds_what_people_say_as_soon_as_it_is_on_record(tmp_path: Path) -> None:
    place = tmp_path / "mirror"
    studio = small(tmp_path / "a", place)
    before = everything(place / "consent")
    assert sum(name.startswith("subject/") for name in before) == 2
    studio.parts.consent.withdraw("ann")
    assert sum(name.startswith("withdrawal/") for name in everything(place / "consent")) == 1
    inside = bytes_below(place)
    assert not any(
        each in inside for each in (b"Legal ann", b"ann@example.org", b"rel_ann"[:0] or b"1990-01-01")
    )
    erase(studio, "ann")
    left = everything(place / "consent")
    assert sum(name.startswith("subject/") for name in left) == 1
    assert studio.parts.records.alias("ann").encode() not in bytes_below(place)


def test_what_is_taken_back_while_the_mirror_is_away_is_in_it_once_it_is_back(tmp_path: Path) -> None:
    place = tmp_path / "mirror"
    studio = small(tmp_path / "a", place)
    make_backup(studio.ws.path, tmp_path / "backup")
    place.rename(tmp_path / "unmounted")
    studio.parts.consent.withdraw("ann")
    assert len(studio.parts.consent.withdrawals("ann")) == 1
    (tmp_path / "unmounted").rename(place)
    volenti.open(studio.ws.path).close()
    restore_backup(tmp_path / "backup", tmp_path / "b", keys=place, secret=studio.ws.path / "secret")
    with volenti.open(tmp_path / "b") as back:
        assert len(back.parts.consent.withdrawals("ann")) == 1


# -- the mirror's place


def test_a_restored_workspace_keeps_its_mirror(tmp_path: Path) -> None:
    place, secret = tmp_path / "mirror", tmp_path / "usb"
    studio = studio_of(tmp_path / "a", place)
    make_backup(studio.ws.path, tmp_path / "backup")
    shutil.copytree(studio.ws.path / "secret", secret)
    shutil.rmtree(studio.ws.path)
    done = restore_backup(tmp_path / "backup", tmp_path / "back", keys=place, secret=secret)
    assert done.mirror == place
    with reopened(tmp_path / "back") as back:
        back.requests.run(back.requests.open("erasure", "bob", identity="in-person").id)
    assert not list((place / "keys").rglob("bob*"))
    # Restoring again doesn't bring them back.
    restore_backup(tmp_path / "backup", tmp_path / "again", keys=place, secret=secret)
    with volenti.open(tmp_path / "again") as again:
        assert "bob" not in [each.id for each in again.parts.consent.subjects()]
        assert again.audit([b"Legal bob"], deep=True).problems == []


def test_what_is_left_of_a_workspace_brings_its_mirror_along(tmp_path: Path) -> None:
    place = tmp_path / "mirror"
    studio = small(tmp_path / "a", place)
    make_backup(studio.ws.path, tmp_path / "backup")
    assert restore_backup(tmp_path / "backup", tmp_path / "b", keys=studio.ws.path).mirror == place
    place.rename(tmp_path / "unmounted")
    with pytest.raises(StorageError, match="mirror"):
        restore_backup(tmp_path / "backup", tmp_path / "c", keys=studio.ws.path)
    assert not (tmp_path / "c").exists()


def _changed(workspace: Path, **changes: object) -> None:
    facts = {**workspace_facts(workspace), **changes}
    said = {name: value for name, value in facts.items() if value is not None}
    (workspace / MARKER).write_text(json.dumps(said))


FORGED: dict[str, Callable[[Path, Path], None]] = {
    "another place": lambda workspace, place: _changed(workspace, mirror=str(place)),
    "another place, no mark": lambda workspace, place: _changed(workspace, mirror=str(place), mark=None),
    "none": lambda workspace, place: _changed(workspace, mirror=None),
    "none, no mark": lambda workspace, place: _changed(workspace, mirror=None, mark=None),
}


@pytest.mark.parametrize("forged", FORGED)
def test_a_place_that_the_workspace_did_not_write_down_is_no_mirror(tmp_path: Path, forged: str) -> None:
    place = tmp_path / "mirror"
    studio = small(tmp_path / "a", place)
    request = studio.ws.requests.open("erasure", "bob", identity="in-person")
    for name in ("keys", "log", "feed"):
        (tmp_path / "decoy" / name).mkdir(parents=True)
    FORGED[forged](studio.ws.path, tmp_path / "decoy")

    def run() -> None:
        with volenti.open(studio.ws.path) as ws:
            ws.requests.run(request.id)

    with pytest.raises((StorageError, WorkspaceError), match="mirror"):
        run()
    assert list((place / "keys").rglob("bob*"))
    # The way out is the one that is named.
    begin_mirror(studio.ws.path, place)
    run()
    assert not list((place / "keys").rglob("bob*"))


def test_a_mirror_slipped_into_a_workspace_without_one_gets_no_key(tmp_path: Path) -> None:
    studio = small(tmp_path / "a")
    _changed(studio.ws.path, mirror=str(tmp_path / "decoy"))
    for name in ("keys", "log", "feed"):
        (tmp_path / "decoy" / name).mkdir(parents=True)
    with volenti.open(studio.ws.path) as ws:
        # Reading needs no mirror.
        assert len(list(ws.parts.consent.subjects())) == 2
        with pytest.raises(VolentiError, match="mirror"):
            ws.parts.vault.put(["eve"], "original", b"x")
    with pytest.raises(StorageError, match="mirror"):
        make_backup(studio.ws.path, tmp_path / "backup")
    assert everything(tmp_path / "decoy") == {}


def test_a_workspace_from_before_marks_opens_and_confirms_its_mirror_once(tmp_path: Path) -> None:
    place = tmp_path / "mirror"
    studio = small(tmp_path / "a", place)
    _changed(studio.ws.path, mark=None)
    studio.parts.records.delete("mirror", ["place"])
    shutil.rmtree(place / "consent")
    with volenti.open(studio.ws.path) as ws:
        assert ws.audit(deep=True).problems == []
    assert begin_mirror(studio.ws.path, place) > 0
    with volenti.open(studio.ws.path) as ws:
        ws.parts.consent.withdraw("ann")
    assert workspace_facts(studio.ws.path)[MIRROR] == str(place)
    assert any("withdrawal" in name for name in everything(place / "consent"))
