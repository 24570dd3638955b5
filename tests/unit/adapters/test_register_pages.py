"""How many pages of the database an erasure touches: as many with many people as with few."""

from __future__ import annotations

import hashlib
from pathlib import Path

from volenti.adapters.register.reading import SqliteReading
from volenti.adapters.register.sql import SqlRegister
from volenti.vault.ports import Query, Row

PAGE = 4096 + 24
EACH = 20


def filled(path: Path, people: int) -> SqlRegister:
    """Pictures of each person come together; their identifiers lie anywhere."""
    register = SqlRegister.at(path)
    for person in range(people):
        rows = []
        for number in range(EACH):
            name = f"img_{hashlib.sha256(f'{person}/{number}'.encode()).hexdigest()[:24]}"
            owner = (f"own_{person:032x}",)
            rows += [
                Row("image", name, bytes(500), owner, "cleared"),
                Row("decision", f"{name}/training", bytes(300), owner, "cleared", name),
                Row("file", f"{name}/0", bytes(100), owner, "cleared", name),
            ]
        register.put(rows)
    register.scrub()
    return register


def pages_of_an_erasure(folder: Path, people: int) -> float:
    """Of somebody in the middle."""
    path = folder / f"{people}.db"
    register = filled(path, people)
    before = len(list(register.owners()))
    mine = list(register.owned(f"own_{people // 2:032x}"))
    assert len(mine) == 3 * EACH
    with register.transaction():
        for kind in {row.kind for row in mine}:
            register.delete(kind, [row.id for row in mine if row.kind == kind])
    pages = path.with_name(f"{path.name}-wal").stat().st_size / PAGE
    assert len(list(register.owners())) == before - 1
    assert list(register.problems()) == []
    register.close()
    return pages


def test_it_touches_fewer_pages_than_it_deletes_rows_however_many_people_there_are(tmp_path: Path) -> None:
    few, many = (pages_of_an_erasure(tmp_path, people) for people in (50, 500))
    # One leaf of the index of identifiers for each picture, and next to nothing else.
    assert many < 2 * EACH + 10
    assert many < 1.5 * few


def test_what_changes_owners_touches_no_index_of_states(tmp_path: Path) -> None:
    path = tmp_path / "register.db"
    register = filled(path, 500)
    mine = [row for row in register.owned(f"own_{250:032x}") if row.kind == "image"]
    register.put(Row(row.kind, row.id, b"gone", (), row.state, row.parent, row.position) for row in mine)
    assert path.with_name("register.db-wal").stat().st_size / PAGE < EACH
    assert register.get("image", mine[0].id) == Row("image", mine[0].id, b"gone", (), "cleared")


def test_what_is_below_one_row_is_found_without_walking_its_kind(tmp_path: Path) -> None:
    register = filled(tmp_path / "register.db", 10)
    register.close()
    reading = SqliteReading(tmp_path / "register.db")
    asked: list[str] = []
    reading._driver.set_trace_callback(asked.append)
    image = f"img_{hashlib.sha256(b'3/4').hexdigest()[:24]}"
    assert [row.id for row in reading.find(Query("decision", parent=image))] == [f"{image}/training"]
    reading._driver.set_trace_callback(None)
    plans = [reading._driver.execute(f"EXPLAIN QUERY PLAN {each}").fetchall() for each in asked]
    walks = " ".join(str(step[3]) for plan in plans for step in plan)
    assert "rows_by_id (id>? AND id<?)" in walks
    assert "rows_apart (kind=? AND parent=?)" in walks
    assert "rows_by_state" not in walks
    assert "TEMP B-TREE" not in walks
    reading.close()
