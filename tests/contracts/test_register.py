"""The register's contract, run over every adapter."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from volenti.adapters.mirror import Mirror
from volenti.adapters.register.embedded import EmbeddedRegister
from volenti.adapters.register.memory import MemoryRegister
from volenti.adapters.register.mirrored import MirroredRegister
from volenti.adapters.register.sql import SqlRegister
from volenti.vault.ports import Query, Register, Row


def _made(folder: Path) -> Mirror:
    for name in ("keys", "log", "feed"):
        (folder / name).mkdir(parents=True)
    return Mirror(folder, folder.parent)


ADAPTERS: dict[str, Callable[[Path], Register]] = {
    "memory": lambda _: MemoryRegister(),
    "sqlite": lambda folder: SqlRegister.at(folder / "register.db"),
    "embedded": lambda folder: EmbeddedRegister(folder / "register.db"),
    "mirrored": lambda folder: MirroredRegister(
        SqlRegister.at(folder / "register.db"), _made(folder / "mirror")
    ),
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


def test_found_in_order_of_state_and_position_and_as_they_came(register: Register) -> None:
    register.put([row("b", position=2), row("c", position=1), row("a", position=2), row("d", state="0")])
    register.put([row("b", position=2, body=b"new")])
    assert [found.id for found in register.find(Query("image"))] == ["c", "b", "a", "d"]
    assert [found.id for found in register.find(Query("image", state=""))] == ["c", "b", "a"]


def test_what_is_one_owners_or_one_parents_is_found_in_order_of_identifiers(register: Register) -> None:
    register.put([row(name, position=-n, owners=("s",), parent="p") for n, name in enumerate("bca")])
    for query in (Query("image", owner="s"), Query("image", parent="p"), Query("image", "s", "", "p")):
        assert [found.id for found in register.find(query)] == ["a", "b", "c"]


def test_rows_beside_their_parent_are_found_like_others(register: Register) -> None:
    beside = [row(f"p/{each}", kind="file", parent="p") for each in ("1", "/", "0", "1/2")]
    others = [
        row("p/1/3", kind="file", parent="p/1"),
        row("p0", kind="file", parent="p"),
        row("p/1", kind="decision", parent="p"),
        row("p", kind="file"),
        row("p/7", kind="file"),
    ]
    register.put(beside + others)
    found = [each.id for each in register.find(Query("file", parent="p"))]
    assert found == ["p//", "p/0", "p/1", "p/1/2", "p0"]
    assert register.count(Query("file", parent="p")) == 5
    assert [each.id for each in register.find(Query("file", parent="p/1"))] == ["p/1/3"]
    register.put([row("p0", kind="file", parent="elsewhere")])
    assert register.count(Query("file", parent="p")) == 4


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query("image"), ["c", "a", "b"]),
        (Query("image", owner="s1"), ["a", "c"]),
        (Query("image", state="held"), ["a", "b"]),
        (Query("image", parent="p"), ["b", "c"]),
        (Query("image", owner="s1", state="held"), ["a"]),
        (Query("image", owner="s1", parent="p"), ["c"]),
        (Query("image", owner="nobody"), []),
        (Query("image", below=0), []),
        (Query("image", below=1), ["c", "a", "b"]),
        (Query("image", state="held", below=1), ["a", "b"]),
        (Query("nothing"), []),
    ],
)
def test_found_by_every_field_given(register: Register, query: Query, expected: list[str]) -> None:
    register.put(
        [
            row("a", owners=("s1",), state="held"),
            row("b", owners=("s2",), state="held", parent="p"),
            row("c", owners=("s1", "s2"), state="cleared", parent="p"),
        ]
    )
    assert [found.id for found in register.find(query)] == expected
    assert list(register.identifiers(query)) == expected
    assert register.count(query) == len(expected)


@pytest.mark.parametrize("state", [None, "held"])
def test_pages_go_through_a_kind_by_identifier_whatever_is_put_or_deleted_between(
    register: Register, state: str | None
) -> None:
    names = [f"{number:02d}" for number in range(9)]
    register.put(row(each, state="held" if int(each) % 2 else "", position=-int(each)) for each in names)
    register.put([Row("other", "035", b"x", state="held")])
    wanted = [each for each in names if state is None or int(each) % 2]
    first = register.page("image", "", 3, state)
    assert [each.id for each in first] == wanted[:3]
    register.put([row("00a", state="held")])
    register.delete("image", [wanted[0], wanted[2]])
    found = [each.id for each in register.page("image", first[-1].id, 50, state)]
    assert found == [each for each in wanted if each > first[-1].id]
    assert register.page("image", names[-1], 3, state) == []


def test_everything_of_an_owner_is_found_whatever_its_kind(register: Register) -> None:
    register.put(
        [
            row("a", owners=("s1",)),
            row("r", kind="release", owners=("s1", "s2")),
            row("b", owners=("s2",)),
        ]
    )
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


def test_the_last_row_is_the_one_with_the_greatest_position_that_came_last(register: Register) -> None:
    assert register.last(Query("image")) is None
    register.put([row("a", position=2), row("c", position=1, state="held"), row("b", position=2)])
    register.put([row("z", kind="other"), row("d", position=1)])
    assert register.last(Query("image")) == row("b", position=2)
    assert register.last(Query("image", state="held")) == row("c", position=1, state="held")
    assert register.last(Query("image", below=2)) == row("d", position=1)
    assert [found.id for found in register.find(Query("image", below=2))] == ["d", "c"]


_NAMES = st.sampled_from(["a", "b", "a/1", "a/2", "a/1/x", "b/1", "a0"])
_ROWS = st.builds(
    Row,
    st.sampled_from(["image", "file"]),
    _NAMES,
    st.binary(max_size=3),
    st.sampled_from([(), ("s1",), ("s2",), ("s1", "s2")]),
    st.sampled_from(["", "held", "cleared"]),
    st.sampled_from(["", "a", "b", "a/1"]),
    st.integers(-1, 2),
)
_QUERIES = [
    Query(kind, owner, state, parent, below)
    for kind in ("image", "file")
    for owner in (None, "s1", "s2")
    for state in (None, "", "held")
    for parent in (None, "", "a", "a/1")
    for below in (None, 1)
]


@pytest.mark.parametrize("name", ["sqlite in memory", "embedded"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.one_of(st.lists(_ROWS, min_size=1, max_size=6), _NAMES), max_size=8))
def test_in_sql_everything_is_as_it_is_in_memory(
    name: str, changes: list[list[Row] | str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Rows are put; a name is deleted of one kind."""
    memory, database = MemoryRegister(), ADAPTERS[name](tmp_path_factory.mktemp("register"))
    for change in changes:
        for register in (memory, database):
            register.delete("image", [change]) if isinstance(change, str) else register.put(change)
    for query in _QUERIES:
        found = list(memory.find(query))
        assert list(database.find(query)) == found, query
        assert list(database.identifiers(query)) == [each.id for each in found]
        assert database.count(query) == len(found)
    assert list(database.owned("s1")) == list(memory.owned("s1"))
    assert list(database.owners()) == list(memory.owners())
    assert list(database.kinds()) == list(memory.kinds())
    assert list(database.problems()) == []
    database.close()


def test_the_embedded_register_is_read_from_several_threads(tmp_path: Path) -> None:
    register = ADAPTERS["embedded"](tmp_path)
    register.put([row(f"{number:03d}", position=number) for number in range(200)])
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda number: register.get("image", f"{number:03d}"), range(200)))
    assert [each.position for each in found if each] == list(range(200))


def test_the_embedded_register_sees_what_its_open_transaction_changed_and_others_don_t(
    tmp_path: Path,
) -> None:
    mine, other = ADAPTERS["embedded"](tmp_path), ADAPTERS["embedded"](tmp_path)
    mine.put([row("a")])
    with suppress(InterruptedError), mine.transaction():
        mine.put([row("b")])
        mine.delete("image", ["a"])
        assert [each.id for each in mine.find(Query("image"))] == ["b"]
        assert [each.id for each in other.find(Query("image"))] == ["a"]
        raise InterruptedError
    assert [each.id for each in mine.find(Query("image"))] == ["a"]
