"""The register's contract, run over every adapter."""

from collections.abc import Callable
from pathlib import Path

import pytest

from volenti.adapters.register_memory import MemoryRegister
from volenti.adapters.register_sql import SqlRegister
from volenti.vault.ports import Query, Register, Row

ADAPTERS: dict[str, Callable[[Path], Register]] = {
    "memory": lambda _: MemoryRegister(),
    "sqlite": lambda folder: SqlRegister.at(folder / "register.db"),
    "sqlite in memory": lambda _: SqlRegister("sqlite://"),
}


@pytest.fixture(params=ADAPTERS)
def register(request: pytest.FixtureRequest, tmp_path: Path) -> Register:
    return ADAPTERS[request.param](tmp_path)


def row(identifier: str, **given: object) -> Row:
    return Row(**{"kind": "image", "id": identifier, "body": b"x", **given})  # type: ignore[arg-type]


def test_a_row_comes_back_as_it_was_put(register: Register) -> None:
    given = row("a", body=b"\x00\xff", owners=("s1", "s2"), state="held", parent="p", position=7)
    register.put([given])
    assert register.get("image", "a") == given


def test_an_absent_row_is_none(register: Register) -> None:
    assert register.get("image", "nobody") is None


def test_putting_again_replaces_the_row_and_its_owners(register: Register) -> None:
    register.put([row("a", owners=("s1",))])
    register.put([row("a", owners=("s2",), body=b"new")])
    assert register.get("image", "a") == row("a", owners=("s2",), body=b"new")
    assert list(register.find(Query("image", owner="s1"))) == []


def test_the_last_of_two_rows_with_one_identifier_in_one_call_wins(register: Register) -> None:
    register.put([row("a", body=b"1"), row("a", body=b"2")])
    assert register.get("image", "a") == row("a", body=b"2")


def test_kinds_are_separate(register: Register) -> None:
    register.put([row("a"), row("a", kind="release")])
    register.delete("image", ["a"])
    assert register.get("release", "a") is not None


def test_found_in_order_of_position_then_identifier(register: Register) -> None:
    register.put([row("b", position=2), row("c", position=1), row("a", position=2)])
    assert [found.id for found in register.find(Query("image"))] == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query("image", owner="s1"), ["a", "c"]),
        (Query("image", state="held"), ["a", "b"]),
        (Query("image", parent="p"), ["b", "c"]),
        (Query("image", owner="s1", state="held"), ["a"]),
        (Query("image", owner="s1", parent="p"), ["c"]),
        (Query("image", owner="nobody"), []),
        (Query("image", below=0), []),
        (Query("image", below=1), ["a", "b", "c"]),
        (Query("image", state="held", below=1), ["a", "b"]),
        (Query("nothing"), []),
    ],
)
def test_found_by_every_field_given(register: Register, query: Query, expected: list[str]) -> None:
    register.put([
        row("a", owners=("s1",), state="held"),
        row("b", owners=("s2",), state="held", parent="p"),
        row("c", owners=("s1", "s2"), state="cleared", parent="p"),
    ])  # fmt: skip
    assert [found.id for found in register.find(query)] == expected
    assert list(register.identifiers(query)) == expected
    assert register.count(query) == len(expected)


def test_everything_of_an_owner_is_found_whatever_its_kind(register: Register) -> None:
    register.put([
        row("a", owners=("s1",)),
        row("r", kind="release", owners=("s1", "s2")),
        row("b", owners=("s2",)),
    ])  # fmt: skip
    assert [(found.kind, found.id) for found in register.owned("s1")] == [("image", "a"), ("release", "r")]
    assert list(register.owned("nobody")) == []


def test_whoever_owns_a_row_is_listed_once(register: Register) -> None:
    assert list(register.owners()) == []
    register.put(
        [Row("image", "a", b"", ("s2", "s1")), Row("release", "r", b"", ("s1",)), Row("file", "f", b"")]
    )
    assert list(register.owners()) == ["s1", "s2"]
    register.delete("image", ["a"])
    assert list(register.owners()) == ["s1"]


def test_more_rows_than_a_page_are_all_found_once(register: Register) -> None:
    register.put(row(f"{number:05d}", position=number % 3) for number in range(1234))
    found = [each.id for each in register.find(Query("image"))]
    assert len(found) == len(set(found)) == 1234
    assert list(register.identifiers(Query("image"))) == found
    assert register.count(Query("image")) == 1234


def test_rows_may_be_changed_while_they_are_walked(register: Register) -> None:
    register.put(row(f"{number:05d}", state="new") for number in range(1200))
    for each in register.find(Query("image", state="new")):
        register.put([row(each.id, state="done")])
    assert register.count(Query("image", state="done")) == 1200


def test_deleting_removes_rows_and_ownership(register: Register) -> None:
    register.put([row("a", owners=("s1",)), row("b", owners=("s1",))])
    register.delete("image", ["a", "never-there"])
    assert [found.id for found in register.find(Query("image", owner="s1"))] == ["b"]


def test_a_transaction_is_kept_whole(register: Register) -> None:
    with register.transaction():
        register.put([row("a")])
        register.put([row("b")])
    assert register.count(Query("image")) == 2


def test_a_transaction_sees_its_own_writes(register: Register) -> None:
    with register.transaction():
        register.put([row("a", owners=("s1",))])
        assert register.get("image", "a") is not None
        assert register.count(Query("image", owner="s1")) == 1


def test_a_failed_transaction_leaves_nothing(register: Register) -> None:
    register.put([row("a", body=b"old")])

    def fail() -> None:
        with register.transaction():
            register.put([row("a", body=b"new"), row("b")])
            register.delete("image", ["a"])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert register.get("image", "a") == row("a", body=b"old")
    assert register.get("image", "b") is None


def test_an_inner_transaction_belongs_to_the_outer(register: Register) -> None:
    def fail() -> None:
        with register.transaction():
            with register.transaction():
                register.put([row("a")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert register.get("image", "a") is None


def test_scrubbing_loses_nothing(register: Register) -> None:
    register.put([row("a"), row("b")])
    register.delete("image", ["a"])
    register.scrub()
    assert register.get("image", "b") == row("b")
    register.rewrite()
    assert register.get("image", "b") == row("b")


def test_sqlite_keeps_no_bytes_of_a_deleted_row(tmp_path: Path) -> None:
    register = SqlRegister.at(tmp_path / "register.db")
    secret = b"Marisol Quetzalcoatl-Featherstonehaugh" * 40
    register.put([row("a", body=secret, owners=("s1",)), row("b")])
    register.scrub()
    assert any(secret[:38] in file.read_bytes() for file in tmp_path.iterdir())
    register.delete("image", ["a"])
    register.scrub()
    for file in tmp_path.iterdir():
        assert secret[:38] not in file.read_bytes(), file.name


def test_a_second_process_sees_what_the_first_wrote(tmp_path: Path) -> None:
    SqlRegister.at(tmp_path / "register.db").put([row("a")])
    assert SqlRegister.at(tmp_path / "register.db").get("image", "a") == row("a")


def test_the_last_row_is_the_one_with_the_greatest_position_then_identifier(register: Register) -> None:
    assert register.last(Query("image")) is None
    register.put([row("b", position=2), row("c", position=1), row("a", position=2), row("z", kind="other")])
    assert register.last(Query("image")) == row("b", position=2)
    assert register.last(Query("image", below=2)) == row("c", position=1)
    assert [found.id for found in register.find(Query("image", below=2))] == ["c"]
