"""Backups, and what a restore doesn't bring back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import volenti
from tests.studio import PURPOSE, RECIPE, Studio
from volenti.backup import make_backup, verify_backup
from volenti.core.errors import IntegrityError, KeyDestroyedError, NotFoundError, UsageError
from volenti.core.signing import PublicKey, SigningKey
from volenti.folder import begin_rotation
from volenti.restore import restore_backup
from volenti.standalone import apply_feed
from volenti.stores import begin_mirror, key_store, rotate_wrapping

PEOPLE = ["ann", "bob", "cid", "dee", "eve", "fay", "gil", "hal", "ida", "jon", "kim"]


def studio_of(folder: Path, place: Path | None = None) -> Studio:
    """Eleven people, one in a picture with another, one in a held one, a dataset, a model."""
    studio = Studio.open(folder, on_disk=True, mirror=place)
    studio.shoot(*PEOPLE, photos=1)
    studio.photo("ann", "_", "bob", caption="a man and a woman")
    studio.photo("bob", "_", "zoe")
    studio.trained(RECIPE)
    return studio


def erase(studio: Studio, who: str) -> None:
    studio.ws.requests.run(studio.ws.requests.open("erasure", who, identity="in-person").id)


def bytes_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_who_was_erased_since_does_not_come_back(tmp_path: Path) -> None:
    studio = studio_of(tmp_path / "a")
    make_backup(studio.ws.path, tmp_path / "backup")
    entries = list(studio.parts.datasets.entries(studio.parts.datasets.snapshot("humans")))
    erase(studio, "bob")
    done = restore_backup(tmp_path / "backup", tmp_path / "back", keys=studio.ws.path)
    assert done.replayed.owners == 1
    assert done.replayed.constituents > 0
    with volenti.open(tmp_path / "back") as back:
        report = back.audit([b"Legal bob", b"bob@example.org"])
        assert report.problems == []
        assert sorted(each.id for each in back.parts.consent.subjects()) == sorted(set(PEOPLE) - {"bob"})
        # Nor do they come in again with an old table, without anybody's having decided that.
        assert back.parts.consent.erased("LEGAL  Bob", date(1990, 1, 1)) is not None
        snapshot = back.parts.datasets.snapshot("humans")
        now = list(back.parts.datasets.entries(snapshot))
        assert [each.is_tombstone for each in now] == ["bob" in each.owners for each in entries]
        assert back.parts.datasets.verify(snapshot).ok
        others = [each for each in now if not each.is_tombstone]
        assert all(back.parts.access.refusal(each.image, PURPOSE, "WORLD") is None for each in others)


def test_nobody_left_nobody_is_missing(tmp_path: Path) -> None:
    studio = studio_of(tmp_path / "a")
    before = studio.ws.audit()
    make_backup(studio.ws.path, tmp_path / "backup")
    done = restore_backup(tmp_path / "backup", tmp_path / "back", keys=studio.ws.path)
    assert (done.replayed.owners, done.replayed.rows, done.replayed.bytes) == (0, 0, 0)
    with volenti.open(tmp_path / "back") as back:
        after = back.audit()
    assert (after.problems, after.pictures) == (before.problems, before.pictures)


def test_several_who_left_at_once_and_who_share_a_held_picture(tmp_path: Path) -> None:
    studio = studio_of(tmp_path / "a")
    studio.photo("ann", "_", "zoe", "_", "bob")
    studio.clear()
    make_backup(studio.ws.path, tmp_path / "backup")
    for who in ("ann", "bob", "cid"):
        erase(studio, who)
    done = restore_backup(tmp_path / "backup", tmp_path / "back", keys=studio.ws.path)
    assert done.replayed.owners == 3
    with volenti.open(tmp_path / "back") as back:
        assert back.audit([b"Legal ann", b"Legal bob", b"Legal cid"]).problems == []


def test_a_backup_holds_nothing_that_opens(tmp_path: Path) -> None:
    studio = studio_of(tmp_path / "a")
    make_backup(studio.ws.path, tmp_path / "backup")
    inside = bytes_below(tmp_path / "backup")
    keys = [path.read_bytes() for path in (studio.ws.path / "keys").rglob("*.key")]
    secrets = [path.read_bytes().strip() for path in (studio.ws.path / "secret").iterdir()]
    assert keys
    assert secrets
    assert not any(each in inside for each in [*keys, *secrets, b"Legal ann", b"ann@example.org"])


def test_what_imports_remember_is_backed_up_and_is_the_workspaces(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path / "w", on_disk=True, mirror=tmp_path / "mirror")
    studio.person("ann")
    empty = tmp_path / "empty.csv"
    empty.write_text(studio.ws.releases.template())
    studio.ws.releases.import_(empty, columns={"Name": "legal_name"}, fill={"controller": "Studio"})
    assert not studio.ws.audit().strangers
    backup, to = tmp_path / "backup", tmp_path / "restored"
    make_backup(studio.ws.path, backup)
    assert verify_backup(backup).problems == []
    restore_backup(backup, to, keys=tmp_path / "mirror", secret=studio.ws.path / "secret")
    for name in ("columns.json", "fill.json"):
        assert (to / name).read_bytes() == (studio.ws.path / name).read_bytes()


def test_with_a_mirror_a_broken_disk_loses_nothing_but_what_came_after(tmp_path: Path) -> None:
    place, secret = tmp_path / "mirror", tmp_path / "usb"
    studio = studio_of(tmp_path / "a", place)
    assert make_backup(studio.ws.path, tmp_path / "backup").mirrored
    studio.person("late")
    erase(studio, "bob")
    size = studio.parts.log.size
    shutil.copytree(studio.ws.path / "secret", secret)
    shutil.rmtree(studio.ws.path)
    done = restore_backup(tmp_path / "backup", tmp_path / "back", keys=place, secret=secret)
    assert done.log_is_newest
    with volenti.open(tmp_path / "back") as back:
        assert back.audit([b"Legal bob"]).problems == []
        assert back.parts.log.size == size
        assert "late" not in [each.id for each in back.parts.consent.subjects()]
        assert back.parts.consent.erased("Legal bob", date(1990, 1, 1)) is not None
        # The log goes on where it was, so nobody who remembers it sees another one.
        assert back.parts.events.record("test", {}) == size


def test_keys_are_in_the_mirror_as_soon_as_they_are_made_and_gone_as_soon_as_destroyed(
    tmp_path: Path,
) -> None:
    place = tmp_path / "mirror"
    studio = studio_of(tmp_path / "a", place)
    names = {path.name for path in (studio.ws.path / "keys").rglob("*.key")}
    assert {path.name for path in (place / "keys").rglob("*.key")} == names
    assert "bob.key" in names
    erase(studio, "bob")
    assert not list((place / "keys").rglob("bob*"))
    assert bytes_below(place / "log") == bytes_below(studio.ws.path / "log")


def test_nothing_is_certified_while_the_mirror_is_away(tmp_path: Path) -> None:
    place = tmp_path / "mirror"
    studio = studio_of(tmp_path / "a", place)
    request = studio.ws.requests.open("erasure", "bob", identity="in-person")
    (place / "keys").rename(tmp_path / "unmounted")
    outcome = studio.ws.requests.run(request.id)
    assert (outcome.request.state, outcome.certificate, outcome.copy) == ("waiting", None, None)
    assert not studio.parts.vault.has_key("bob")
    assert studio.ws.requests.run(request.id).request.state == "waiting"
    (tmp_path / "unmounted").rename(place / "keys")
    assert (place / "keys").rglob("bob.key")
    outcome = studio.ws.requests.run(request.id)
    assert (outcome.request.state, outcome.copy is None) == ("done", False)
    assert not list((place / "keys").rglob("bob*"))


def test_a_mirror_that_was_begun_late_has_the_keys_from_before(tmp_path: Path) -> None:
    studio = studio_of(tmp_path / "a")
    count = begin_mirror(studio.ws.path, tmp_path / "mirror")
    assert count == len(list((studio.ws.path / "keys").rglob("*.key")))
    with volenti.open(studio.ws.path) as ws:
        ws.parts.vault.destroy_key("bob")
    assert not list((tmp_path / "mirror" / "keys").rglob("bob*"))


def test_a_mirror_that_missed_an_erasure_is_mended(tmp_path: Path) -> None:
    studio = studio_of(tmp_path / "a")
    stale = Path(shutil.copytree(studio.ws.path / "keys", tmp_path / "mirror" / "keys"))
    erase(studio, "bob")
    assert list(stale.rglob("bob.key"))
    begin_mirror(studio.ws.path, tmp_path / "mirror")
    assert not list(stale.rglob("bob*"))
    assert list(stale.rglob("ann.key"))


def test_without_a_mirror_it_is_said_that_the_log_went_back(tmp_path: Path) -> None:
    studio = studio_of(tmp_path / "a")
    make_backup(studio.ws.path, tmp_path / "backup")
    for name in ("log", "feed"):
        shutil.rmtree(studio.ws.path / name, ignore_errors=True)
    assert not restore_backup(tmp_path / "backup", tmp_path / "back", keys=studio.ws.path).log_is_newest


def test_without_keys_nothing_is_restored(tmp_path: Path) -> None:
    studio = studio_of(tmp_path / "a")
    make_backup(studio.ws.path, tmp_path / "backup")
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotFoundError):
        restore_backup(tmp_path / "backup", tmp_path / "back", keys=tmp_path / "empty")
    assert not (tmp_path / "back").exists()


def test_a_restore_that_was_killed_begins_again(tmp_path: Path) -> None:
    studio = studio_of(tmp_path / "a")
    make_backup(studio.ws.path, tmp_path / "backup")
    (tmp_path / ".back.part" / "packs").mkdir(parents=True)
    (tmp_path / ".back.part" / "packs" / "half").write_bytes(b"x")
    restore_backup(tmp_path / "backup", tmp_path / "back", keys=studio.ws.path)
    with volenti.open(tmp_path / "back") as back:
        assert back.audit().problems == []
    assert not (tmp_path / ".back.part").exists()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "a bit": lambda backup: _flip(next(backup.rglob("*.vpk"))),
    "the register": lambda backup: _flip(backup / "register.db"),
    "a missing pack": lambda backup: next(backup.rglob("*.vpk")).unlink(),
    "a file more": lambda backup: (backup / "packs" / "more").write_bytes(b"x"),
    "the list": lambda backup: _flip(backup / "SHA256SUMS"),
    "the note": lambda backup: _flip(backup / "backup.note"),
}


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_found_and_not_restored(tmp_path: Path, damage: str) -> None:
    studio = studio_of(tmp_path / "a")
    backup = tmp_path / "backup"
    make_backup(studio.ws.path, backup)
    key = PublicKey.parse((studio.ws.path / "public-key").read_text())
    assert verify_backup(backup, key).problems == []
    DAMAGES[damage](backup)
    assert verify_backup(backup, key).problems
    with pytest.raises(IntegrityError):
        restore_backup(backup, tmp_path / "back", keys=studio.ws.path)


def test_a_backup_that_somebody_else_signed_is_told(tmp_path: Path) -> None:
    studio = studio_of(tmp_path / "a")
    make_backup(studio.ws.path, tmp_path / "backup")
    assert verify_backup(tmp_path / "backup", SigningKey.new().public).problems


def test_an_interrupted_backup_is_none(tmp_path: Path) -> None:
    studio = studio_of(tmp_path / "a")
    make_backup(studio.ws.path, tmp_path / "backup")
    (tmp_path / "backup" / "backup.note").unlink()
    with pytest.raises(UsageError):
        verify_backup(tmp_path / "backup")
    with pytest.raises(UsageError):
        make_backup(studio.ws.path, tmp_path / "backup")


def test_what_did_not_change_since_the_last_one_is_linked(tmp_path: Path) -> None:
    studio = studio_of(tmp_path / "a")
    first = make_backup(studio.ws.path, tmp_path / "one")
    studio.shoot("lou", photos=1)
    studio.clear()
    second = make_backup(studio.ws.path, tmp_path / "two", since=tmp_path / "one")
    assert second.files > first.files
    packs = len(list((tmp_path / "one" / "packs").rglob("*.vpk")))
    assert second.linked >= packs
    assert verify_backup(tmp_path / "two").problems == []
    erase(studio, "bob")
    restore_backup(tmp_path / "two", tmp_path / "back", keys=studio.ws.path)
    # What a restore changes is its own, not the backups'.
    assert verify_backup(tmp_path / "one").problems == verify_backup(tmp_path / "two").problems == []


def test_somebody_is_erased_while_a_backup_is_made(tmp_path: Path) -> None:
    studio = studio_of(tmp_path / "a")

    class Erasing:
        """Progress that erases somebody once the packs were copied the first time."""

        turns = 0

        def begin(self, what: str, total: int | None = None) -> None:
            self.turns += 1
            if self.turns == 2:
                erase(studio, "bob")

        def advance(self, count: int = 1, note: str = "") -> None: ...

        def end(self) -> None: ...

    make_backup(studio.ws.path, tmp_path / "backup", progress=Erasing())  # type: ignore[arg-type]
    assert verify_backup(tmp_path / "backup").problems == []
    restore_backup(tmp_path / "backup", tmp_path / "back", keys=studio.ws.path)
    with volenti.open(tmp_path / "back") as back:
        assert back.audit([b"Legal bob"]).problems == []


def test_the_restored_workspace_goes_on(tmp_path: Path) -> None:
    studio = studio_of(tmp_path / "a")
    make_backup(studio.ws.path, tmp_path / "backup")
    erase(studio, "bob")
    restore_backup(tmp_path / "backup", tmp_path / "back", keys=studio.ws.path)
    with volenti.open(tmp_path / "back") as back:
        # Whoever was erased can't come in again by mistake under their old key.
        with pytest.raises(KeyDestroyedError):
            back.parts.vault.put(["bob"], "original", b"x")
        back.parts.consent.withdraw("ann")
        assert back.audit().problems == []


def test_a_copy_of_wrapped_keys_opens_no_more_after_a_rotation(tmp_path: Path) -> None:
    place = tmp_path / "mirror"
    studio = studio_of(tmp_path / "a", place)
    stolen = Path(shutil.copytree(studio.ws.path / "keys", tmp_path / "stolen"))
    with volenti.open(studio.ws.path) as ws:
        before = ws.audit(deep=True).pictures
    assert rotate_wrapping(studio.ws.path) == 2 * len(list(stolen.rglob("*.key")))
    with volenti.open(studio.ws.path) as ws:
        report = ws.audit(deep=True)
        assert (report.problems, report.pictures) == ([], before)
    with pytest.raises(IntegrityError):
        key_store(studio.ws.path, stolen).get("ann")


def test_a_rotation_that_was_killed_goes_on(tmp_path: Path) -> None:
    studio = studio_of(tmp_path / "a")
    begin_rotation(studio.ws.path / "secret")
    # As if it was killed here: keys made meanwhile are wrapped under the new, the others under the old.
    studio.person("late")
    with volenti.open(studio.ws.path) as ws:
        assert ws.audit(deep=True).problems == []
    assert rotate_wrapping(studio.ws.path) == len(list((studio.ws.path / "keys").rglob("*.key"))) - 1
    with volenti.open(studio.ws.path) as ws:
        assert ws.audit(deep=True).problems == []


def test_who_was_called_back_since_stays_called_back(tmp_path: Path) -> None:
    studio = studio_of(tmp_path / "a")
    ws, lab = studio.ws, tmp_path / "lab"
    ws.parts.exports.export(ws.parts.datasets.snapshot("humans"), lab, recipient="a lab")
    make_backup(ws.path, tmp_path / "backup")
    erase(studio, "bob")
    feed = ws.path / "feed"
    restore_backup(tmp_path / "backup", tmp_path / "back", keys=ws.path)
    with volenti.open(tmp_path / "back") as back:
        assert back.audit(deep=True).problems == []
        (notice,) = back.parts.feed.notices()
        theirs = sum(
            each.is_tombstone for each in back.parts.datasets.entries(back.parts.datasets.snapshot("humans"))
        )
        assert (notice.told, notice.open) == (theirs, theirs)
        done = apply_feed(lab, str(feed), key=None, dry_run=False, progress=None)
        assert done.removed == theirs
        assert back.parts.feed.acknowledge(done.acknowledgement).open == 0
        assert back.audit().problems == []


def test_what_a_folder_called_anothers_picture_does_not_come_back(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path / "a", on_disk=True)
    for name in ("ann", "bob"):
        studio.person(name)
        own = studio.folder / "inbox" / name
        own.mkdir()
        studio.photo(name).rename(own / f"{name}.png")
    copy = studio.folder / "inbox" / "bob" / "friend.png"
    copy.write_bytes((studio.folder / "inbox" / "ann" / "ann.png").read_bytes())
    copy.with_suffix(".txt").write_text("a colleague of bob's")
    for left in (studio.folder / "inbox").glob("*.txt"):
        left.unlink()
    studio.clear()
    make_backup(studio.ws.path, tmp_path / "backup")
    erase(studio, "bob")
    restore_backup(tmp_path / "backup", tmp_path / "back", keys=studio.ws.path)
    with volenti.open(tmp_path / "back") as back:
        files = [back.parts.records.opened(row).body for row in back.parts.records.rows("file")]
        assert [each["file"] for each in files] == ["ann/ann.png"]
        assert "colleague" not in str(files)
        assert back.audit(deep=True).problems == []
