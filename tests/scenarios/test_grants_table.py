"""The page on grants names every grant and every term; what it names is there, and so is what it says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

from tests.scenarios.test_passed_on import TEMPLATES, Desk
from volenti.consent.purpose import PURPOSES, Grant
from volenti.consent.release import Release
from volenti.consent.terms import Evidence, Shoot, Terms
from volenti.core.errors import UsageError

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "design" / "grants.md"


def rows() -> Iterator[tuple[str, str, str]]:
    """What each row is about, its module, and its test."""
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[0] not in ("grant", "field") and not set(cells[0]) <= {"-"}:
            yield cells[0], cells[2], cells[3]


ROWS = {what: (module, test) for what, module, test in rows()}


@cache
def names_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_grant_and_every_field_has_its_row_and_no_other_has() -> None:
    sections = {"shoot": Shoot, "terms": Terms, "evidence": Evidence}
    named = [grant.value for grant in Grant]
    named += [each.name for each in fields(Release)]
    named += [f"{name}.{each.name}" for name, kind in sections.items() for each in fields(kind)]
    assert sorted(ROWS) == sorted(named)


@pytest.mark.parametrize("what", ROWS)
def test_the_module_and_the_test_that_a_row_names_are_there(what: str) -> None:
    module, test = ROWS[what]
    assert (ROOT / "src" / "volenti" / module).is_file()
    path, _, name = test.partition("::")
    assert re.fullmatch(r"test_\w+", name)
    assert name in names_in(path)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_purpose_is_cleared_cut_and_read_only_where_it_is_granted(purpose: Grant, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.studio.person("ann", TEMPLATES, purpose)
    desk.studio.person("bob", *(grant for grant in Grant if grant is not purpose))
    desk.ws.add([desk.studio.photo("ann"), desk.studio.photo("bob")])
    account = desk.ws.clear(purpose.value)
    assert [(each.verdict, [found.code for found in each.findings]) for each in account.files] == [
        ("cleared", []),
        ("rejected", ["purpose-not-granted"]),
    ]
    assert desk.ws.datasets.cut("humans", purpose.value).entries == 1
    desk.ws.releases.withdraw("rel_ann", grant=purpose.value)
    assert len(desk.ws.datasets.read("humans")) == 0
    assert desk.ws.status().totals["cleared"] == 0
    assert desk.ws.status().totals["uncovered"] == 1


@pytest.mark.parametrize("condition", [grant for grant in Grant if grant is not Grant.GENERATIVE_TRAINING])
def test_a_condition_leaves_out_who_did_not_grant_it(condition: Grant, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.studio.person("ann", *Grant)
    others = (grant for grant in Grant if grant is not condition or grant is TEMPLATES)
    desk.studio.person("bob", *others)
    for name in ("ann", "bob"):
        desk.picture(name)
    desk.studio.clear()
    granted = desk.ws.datasets.cut("humans", "generative-training", condition=condition.value)
    assert granted.entries == (2 if condition is TEMPLATES else 1)
    desk.ws.releases.withdraw(subject="ann", grant=condition.value)
    desk.ws.releases.withdraw(subject="bob", grant=condition.value)
    with pytest.raises(UsageError, match="no release covers that"):
        desk.ws.datasets.cut("humans", "generative-training", condition=condition.value)
