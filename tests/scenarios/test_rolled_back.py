"""Rows taken out of the register, put back as they were, and logs put back: the audit names each.

Whoever does it has the files of the workspace and none of its keys.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.studio import PURPOSE, RECIPE, Studio, reopened
from volenti.adapters.log.files import FileLogStore
from volenti.backup import make_backup
from volenti.consent.purpose import Grant, Grants
from volenti.core.errors import ConflictError, IntegrityError, KeyDestroyedError
from volenti.core.signing import SigningKey
from volenti.restore import restore_backup
from volenti.stores import begin_mirror
from volenti.transparency.log import Log
from volenti.transparency.problem import CHECKPOINT_PATH
from volenti.vault.event import ERASED, EVENT, LOST
from volenti.vault.ports import Query, Row
from volenti.workspace.workspace import Workspace

Change = Callable[[Studio], object]


def withdrawn(studio: Studio) -> object:
    return studio.parts.consent.withdraw("ann", grant=Grant.GENERATIVE_TRAINING)


def withdrawn_whole(studio: Studio) -> object:
    return studio.parts.consent.withdraw("ann")


def restricted(studio: Studio) -> object:
    return studio.parts.restrictions.run(studio.ws.requests.open("restriction", "ann").id)


def superseded(studio: Studio) -> object:
    return studio.parts.consent.supersede("rel_ann", grants=Grants.only(Grant.COMMERCIAL))


def amended(studio: Studio) -> object:
    return studio.parts.consent.amend(replace(studio.parts.consent.subject("ann"), contact="elsewhere"))


def asked(studio: Studio) -> object:
    return studio.ws.requests.open("access", "ann", identity="in-person")


CHANGES: list[Change] = [withdrawn, withdrawn_whole, restricted, superseded, amended, asked]


def studio_of(folder: Path, mirror: Path | None = None) -> Studio:
    studio = Studio.open(folder, on_disk=True, mirror=mirror)
    studio.shoot("ann", "bob")
    studio.clear()
    return studio


def rows(ws: Workspace) -> dict[tuple[str, str], Row]:
    """Everything in the register, as it lies there."""
    found = (row for kind in ws.parts.records.kinds() for row in ws.parts.records._register.find(Query(kind)))
    return {(row.kind, row.id): row for row in found}


def put_back(ws: Workspace, before: dict[tuple[str, str], Row], *kinds: str) -> None:
    """Every row of these kinds as it was, and those away that weren't there."""
    after = rows(ws)
    register = ws.parts.records._register
    for kind in kinds:
        register.delete(kind, [name for of, name in after.keys() - before.keys() if of == kind])
    register.put(row for (kind, _), row in before.items() if kind in kinds)


KINDS = ("withdrawal", "release", "subject", "restriction", "request")


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("events", [False, True], ids=["rows", "rows-and-events"])
@pytest.mark.parametrize("later", [False, True], ids=["at-once", "later"])
def test_what_was_changed_and_put_back_is_named(
    tmp_path: Path, change: Change, events: bool, later: bool
) -> None:
    studio = studio_of(tmp_path)
    ws = studio.ws
    before = rows(ws)
    change(studio)
    assert ws.audit(deep=True).problems == []
    put_back(ws, before, *KINDS, *(("event",) if events else ()))
    if later:
        ws.parts.consent.restrict("bob")
    assert ws.audit().problems != []
    assert reopened(ws.path).audit().problems != []


def test_each_row_of_an_event_that_is_taken_out_is_named_and_those_erased_are_not(tmp_path: Path) -> None:
    studio = studio_of(tmp_path)
    ws = studio.ws
    ws.requests.run(ws.requests.open("erasure", "ann", identity="in-person").id)
    assert ws.audit(deep=True).problems == []
    gone = [row for row in ws.parts.records.rows(EVENT) if row.state == ERASED]
    assert gone
    for row in gone:
        assert row.owners == ()
        assert ws.parts.records.opened(row).body == {"leaf": ws.parts.log.entry(row.position).hex()}
        assert ws.parts.events.event(row.position) is None
    for row in list(ws.parts.records.rows(EVENT)):
        ws.parts.records.delete(EVENT, [row.id])
        assert any(f"entry {row.position} of the log" in each for each in ws.audit().problems)
        ws.parts.records._register.put([replace(row, owners=tuple(map(ws.parts.records.alias, row.owners)))])
    assert ws.audit(deep=True).problems == []


def test_what_says_since_when_can_t_be_taken_out_either(tmp_path: Path) -> None:
    studio = studio_of(tmp_path)
    ws = studio.ws
    assert ws.parts.events.since == 0
    with pytest.raises(ConflictError):
        ws.parts.events.account()
    ws.parts.records.delete("journal", ["since"])
    ws.parts.consent.withdraw("bob")
    assert any("volenti log account" in each for each in ws.audit().problems)


def test_a_workspace_of_an_earlier_version_is_accounted_for_from_some_day_on(tmp_path: Path) -> None:
    studio = studio_of(tmp_path)
    ws = studio.ws
    ws.parts.records.delete("journal", ["since"])
    erased, *_ = ws.parts.records.rows(EVENT, state="decision")
    ws.parts.records.delete(EVENT, [erased.id])
    size = ws.parts.log.size
    assert ws.parts.events.account() == size
    assert ws.audit(deep=True).problems == []
    index = ws.parts.events.record("something", {})
    ws.parts.records.delete(EVENT, [f"{index:012d}"])
    assert ws.audit().problems == [
        f"lost: entry {size} of the log has no row: it was taken out of the register"
    ]


class PowerCut(Exception):
    """Stops a step where a test says."""


def test_a_process_killed_between_register_and_log_leaves_nothing_unsaid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = studio_of(tmp_path)
    ws = studio.ws
    size = ws.parts.log.size

    def cut(self: Log, leaves: list[bytes], at: int | None = None) -> range:
        if leaves:
            raise PowerCut
        return range(0)

    with monkeypatch.context() as patched:
        patched.setattr(Log, "append", cut)
        with pytest.raises(PowerCut):
            ws.parts.consent.withdraw("ann")
        with pytest.raises(PowerCut):
            ws.parts.consent.restrict("bob")
    assert ws.parts.log.size == size
    assert [each.subject for each in ws.parts.consent.withdrawals("ann")] == ["ann"]
    assert sum("but not in the log" in each for each in ws.audit().problems) == 2
    other = reopened(ws.path)
    index = other.parts.events.record("something", {})
    assert index == size + 2
    assert other.parts.log.size == size + 3
    assert all(other.parts.events.opens(each) for each in range(size, size + 3))
    assert other.audit(deep=True).problems == []


@pytest.mark.parametrize("verb", ["clear", "train", "run"])
def test_what_was_recorded_last_is_logged_by_the_next_verb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    studio = studio_of(tmp_path)
    ws = studio.ws
    ws.datasets.cut("humans", PURPOSE)
    done = ws.requests.run(ws.requests.open("erasure", "bob", identity="in-person").id)
    with monkeypatch.context() as patched:
        patched.setattr(type(ws.parts.events), "publish", lambda self: None)
        ws.parts.consent.restrict("ann")
    assert ws.parts.events.size == ws.parts.log.size + 1
    {
        "clear": lambda: ws.clear(PURPOSE),
        "train": lambda: ws.train("humans", RECIPE),
        "run": lambda: ws.requests.run(done.request.id),
    }[verb]()
    assert ws.audit(deep=True).problems == []


def test_who_was_erased_before_the_log_had_it_leaves_an_entry_that_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = studio_of(tmp_path)
    ws = studio.ws
    with monkeypatch.context() as patched:
        patched.setattr(type(ws.parts.events), "publish", lambda self: None)
        ws.parts.consent.restrict("ann")
    ws.requests.run(ws.requests.open("erasure", "ann", identity="in-person").id)
    assert ws.audit(deep=True).problems == []
    assert ws.parts.log.verify() == []


def delivered(studio: Studio) -> None:
    snapshot = studio.ws.datasets.cut("humans", PURPOSE)
    studio.parts.exports.export(snapshot, studio.folder / "export")


@pytest.mark.parametrize("whole", [False, True], ids=["shorter", "empty"])
def test_a_deletion_feed_that_was_put_back_is_named(tmp_path: Path, whole: bool) -> None:
    studio = studio_of(tmp_path)
    delivered(studio)
    ws = studio.ws
    if not whole:
        ws.requests.run(ws.requests.open("erasure", "bob", identity="in-person").id)
    kept = tmp_path / "kept"
    if (ws.path / "feed").exists():
        shutil.copytree(ws.path / "feed", kept)
    ws.requests.run(ws.requests.open("erasure", "ann", identity="in-person").id)
    assert ws.audit(deep=True).problems == []
    shutil.rmtree(ws.path / "feed")
    if kept.exists():
        shutil.copytree(kept, ws.path / "feed")
    assert any("deletion feed" in each for each in reopened(ws.path).audit().problems)


def test_a_workspace_that_was_put_back_doesn_t_overwrite_a_mirror_that_is_ahead(tmp_path: Path) -> None:
    place = tmp_path / "mirror"
    studio = studio_of(tmp_path / "studio", place)
    ws, kept = studio.ws, tmp_path / "kept"
    shutil.copytree(ws.path, kept)
    ws.parts.consent.withdraw("ann")
    newest = FileLogStore(place / "log").read(CHECKPOINT_PATH)
    shutil.rmtree(ws.path)
    shutil.copytree(kept, ws.path)
    old = reopened(ws.path)
    assert any("were signed; the log now has" in each for each in old.audit().problems)
    for _ in range(2):
        with pytest.raises(IntegrityError, match="ahead"):
            old.parts.consent.restrict("bob")
    with pytest.raises(IntegrityError, match="ahead"):
        begin_mirror(ws.path, place)
    with pytest.raises(IntegrityError, match="ahead"):
        make_backup(ws.path, tmp_path / "backup")
    assert FileLogStore(place / "log").read(CHECKPOINT_PATH) == newest


def test_a_mirror_of_another_history_is_not_overwritten(tmp_path: Path) -> None:
    place = tmp_path / "mirror"
    studio = studio_of(tmp_path / "studio", place)
    ws, kept = studio.ws, tmp_path / "kept"
    shutil.copytree(ws.path, kept)
    shutil.copytree(place, tmp_path / "kept-mirror")
    ws.parts.consent.withdraw("ann")
    theirs = tmp_path / "theirs"
    shutil.move(place, theirs)
    shutil.copytree(tmp_path / "kept-mirror", place)
    shutil.rmtree(ws.path)
    shutil.copytree(kept, ws.path)
    reopened(ws.path).parts.consent.withdraw("bob")
    shutil.rmtree(place)
    shutil.move(theirs, place)
    old = reopened(ws.path)
    with pytest.raises(IntegrityError, match="another history"):
        old.parts.consent.restrict("bob")
    with pytest.raises(IntegrityError, match="another history"):
        begin_mirror(ws.path, place)
    assert any("aren't those signed then" in each for each in old.audit().problems)


def test_a_restore_accounts_for_what_was_logged_after_the_backup(tmp_path: Path) -> None:
    place = tmp_path / "mirror"
    studio = studio_of(tmp_path / "studio", place)
    make_backup(studio.ws.path, tmp_path / "backup")
    studio.person("cid")
    size = studio.parts.log.size
    restore_backup(tmp_path / "backup", tmp_path / "back", keys=place, secret=studio.ws.path / "secret")
    back = reopened(tmp_path / "back")
    assert back.parts.log.size == size
    assert [row.position for row in back.parts.records.rows(EVENT, state=LOST)] == [
        size - 3,
        size - 2,
        size - 1,
    ]
    assert back.audit(deep=True).problems == []


def test_a_decision_that_was_put_back_with_its_picture_is_named(tmp_path: Path) -> None:
    """Whoever kept the files of before a rejection brings all of the picture back: rows, and its pack."""
    studio = studio_of(tmp_path)
    ws = studio.ws
    studio.photo("ann", "a stranger")
    studio.clear()
    kept = tmp_path / "kept"
    shutil.copytree(ws.path / "packs", kept)
    before = rows(ws)
    held, *_ = ws.parts.records.rows("decision", state="held")
    ws.review.decide(held.parent, clear=False, reviewer="rita", purpose=PURPOSE)
    assert ws.audit(deep=True).problems == []
    put_back(ws, before, "decision", "image", "file", "mention")
    shutil.copytree(kept, ws.path / "packs", dirs_exist_ok=True)
    assert [each.images[0].id for each in ws.parts.review.questions()] == [held.parent]
    named = f"lost: decision {held.id} isn't what the log says was decided last"
    assert ws.audit().problems == [named]
    assert reopened(ws.path).audit().problems == [named]


def busy_studio(folder: Path) -> Studio:
    """A studio in which everything happened that leaves a row and an entry of the log."""
    studio = Studio.open(folder, on_disk=True)
    studio.shoot("ann", "bob", "cid", "dee", "eve")
    studio.photo("ann", "a stranger")
    studio.trained(RECIPE)
    ws = studio.ws
    ws.parts.exports.export(
        ws.parts.datasets.snapshots()[-1], studio.folder / "export", recipient="Example Ltd"
    )
    ws.generate(["a man in a red top"], seed=1)
    with ws.parts.external_runs.begin("mine", "humans", shards=1, code=[Path(__file__)], min_people=1) as run:
        for part in run.parts():
            weights = studio.folder / "mine.safetensors"
            weights.write_text("weights")
            part.keep(weights)
    ws.parts.external_runs.deliver(
        ws.parts.external_runs.run("mine"), 0, studio.folder / "out.safetensors", "Example Ltd"
    )
    ws.requests.run(ws.requests.open("erasure", "eve", identity="in-person").id)
    return studio


#: Kinds of rows, and what is said where those of one are gone.
GONE = {
    "snapshot": "in the log, and not in the register",
    "run": "in the log, and not in the register",
    "guest-run": "in the log, and not in the register",
    "delivery": "in the log, and not in the register",
    "guest-delivery": "in the log, and not in the register",
    "certificate": "the certificate of req_",
    "request": "was certified, and isn't in the register",
    "work": "was handed out, and isn't in the register",
    "decision": "no decision says so",
    "policy": "isn't what the log says was decided last",
    "file": "no file that it came from is on record",
}


def test_each_kind_of_row_that_was_taken_out_is_named(tmp_path: Path) -> None:
    studio = busy_studio(tmp_path)
    ws = studio.ws
    assert ws.audit(deep=True).problems == []
    before = rows(ws)
    for kind, said in GONE.items():
        taken = [row for (of, _), row in before.items() if of == kind]
        assert taken, kind
        ws.parts.records.delete(kind, [row.id for row in taken])
        problems = ws.audit().problems
        assert any(said in each for each in problems), (kind, problems)
        ws.parts.records._register.put(taken)
    assert ws.audit(deep=True).problems == []


def test_a_key_that_was_put_back_with_all_it_opened_opens_nothing_and_is_named(tmp_path: Path) -> None:
    studio = studio_of(tmp_path)
    ws = studio.ws
    image = next(row.id for row in ws.parts.records.rows("image", owner="ann"))
    kept, before = tmp_path / "kept", rows(ws)
    shutil.copytree(ws.path / "keys", kept / "keys")
    shutil.copytree(ws.path / "packs", kept / "packs")
    ws.requests.run(ws.requests.open("erasure", "ann", identity="in-person").id)
    put_back(ws, before, *{kind for kind, _ in before})
    for each in ("keys", "packs"):
        shutil.copytree(kept / each, ws.path / each, dirs_exist_ok=True)
    back = reopened(ws.path)
    assert "ann" not in {each.id for each in back.parts.consent.subjects()}
    with pytest.raises(KeyDestroyedError):
        back.parts.records.get("image", image)
    assert (
        "residue: a key of ann, which was destroyed: it was put back, or that wasn't finished"
        in back.audit().problems
    )


def test_the_key_that_is_handed_out_is_the_workspaces_own(tmp_path: Path) -> None:
    studio = studio_of(tmp_path)
    file = studio.ws.path / "public-key"
    file.write_text(f"{SigningKey.new().public}\n")
    named = f"wrong: the file public-key isn't the workspace's key, which is {studio.ws.public_key}"
    assert studio.ws.audit().problems == [named]
    file.unlink()
    assert studio.ws.audit().problems == [named]
    file.write_text(f"{studio.ws.public_key}\n")
    assert studio.ws.audit(deep=True).problems == []
