"""Each kind of row is declared by one package, and named by no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import volenti
from volenti.adapters.keys.memory import MemoryKeyStore
from volenti.adapters.packs.memory import MemoryPackStore
from volenti.adapters.register.memory import MemoryRegister
from volenti.kinds import KINDS
from volenti.vault.holder import Holders
from volenti.vault.records import Records
from volenti.vault.rowkind import RowKind, RowKinds
from volenti.vault.service import Vault

SOURCE = Path(volenti.__file__).parent
#: What takes the name of a kind as its first argument, where it is a method of a register or of records.
METHODS = {"put", "get", "require", "find", "rows", "row", "identifiers", "last", "count", "delete"}
MAKERS = {"Record", "Query"}


def owners() -> dict[str, str]:
    """Which package declares each kind."""
    found = {}
    for path in SOURCE.glob("*/kinds.py"):
        for call in calls(ast.parse(path.read_text()), {"RowKind"}):
            found[text_of(call)] = path.parent.name
    return found


def calls(tree: ast.AST, names: set[str]) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name in names:
                yield node


def text_of(call: ast.Call) -> str:
    first = call.args[0]
    return str(first.value) if isinstance(first, ast.Constant) else ""


def test_the_declarations_are_those_that_the_register_goes_by() -> None:
    assert set(owners()) == set(KINDS)


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_package_names_a_kind_of_rows_that_another_declares(path: Path) -> None:
    declared, package = owners(), path.relative_to(SOURCE).parts[0]
    named = {
        text_of(call)
        for call in calls(ast.parse(path.read_text()), METHODS | MAKERS)
        if isinstance(call.func, ast.Name) or re.search("records|said|register|asked", ast.unparse(call.func))
    }
    assert {kind for kind in named & set(declared) if declared[kind] != package} == set()


def test_rows_of_a_kind_that_nobody_declared_are_neither_kept_nor_asked_for() -> None:
    records = Records(MemoryRegister(), MemoryKeyStore(), b"secret", KINDS, Holders())
    for act in (
        lambda: records.put("unheard-of", "one", {}),
        lambda: records.row("unheard-of", "one"),
        lambda: list(records.rows("unheard-of")),
        lambda: records.count("unheard-of"),
        lambda: list(records.identifiers("unheard-of")),
        lambda: records.last("unheard-of"),
        lambda: records.require("unheard-of", "one"),
    ):
        with pytest.raises(TypeError, match="declared by no package"):
            act()


def test_a_kind_is_declared_once() -> None:
    with pytest.raises(TypeError, match="twice"):
        RowKinds([RowKind("thing")], [RowKind("thing")])


def test_whatever_can_be_about_somebody_says_how_long_it_is_kept() -> None:
    assert [kind.name for kind in KINDS.about_somebody() if not kind.kept] == []


def test_each_holder_that_a_kind_names_is_declared() -> None:
    assert {kind.holder for kind in KINDS.about_somebody()} <= KINDS.holders


def test_a_store_can_t_be_made_without_its_holder() -> None:
    holders = Holders()
    Records(MemoryRegister(), MemoryKeyStore(), b"secret", KINDS, holders)
    Vault(MemoryKeyStore(), MemoryPackStore(), b"secret", holders)
    assert [holder.name for holder in holders] == ["register", "key", "photographs"]
    # What else holds rows about people isn't there: no erasure can be made of that.
    with pytest.raises(
        TypeError,
        match="deliveries, group pictures, jobs, letters, manifests, model, own models, review queue",
    ):
        holders.check(KINDS.holders)
    with pytest.raises(TypeError, match="two holders"):
        Vault(MemoryKeyStore(), MemoryPackStore(), b"secret", holders)
