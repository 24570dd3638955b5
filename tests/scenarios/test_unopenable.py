"""One row that doesn't open is named by an audit, which goes on to everything else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.studio import RECIPE, Studio
from volenti.vault.ports import Query, Row


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """Every kind of row that people leave behind, and an erasure."""
    studio = Studio.open(tmp_path_factory.mktemp("studio"))
    studio.shoot("ann", "bob", "cid", "dee")
    studio.photo("ann", "_", "zoe")
    studio.photo("ann", "_", "bob")
    studio.trained(RECIPE)
    ws = studio.ws
    ws.parts.exports.export(ws.parts.datasets.snapshot("humans"), studio.folder / "export")
    ws.parts.consent.withdraw("bob")
    ws.parts.restrictions.run(ws.requests.open("restriction", "cid").id)
    ws.requests.run(ws.requests.open("erasure", "dee", identity="in-person").id)
    return studio


def damaged(studio: Studio) -> Iterator[Row]:
    """Of each kind one row, a bit of whose body is turned."""
    register = studio.parts.records._register
    for kind in list(studio.parts.records.kinds()):
        row = next(iter(register.find(Query(kind))))
        yield row


def test_each_kind_of_row_that_doesn_t_open_is_named_and_the_audit_goes_on(studio: Studio) -> None:
    register = studio.parts.records._register
    whole = studio.ws.audit(deep=True)
    assert whole.problems == []
    kinds = set()
    for row in list(damaged(studio)):
        kinds.add(row.kind)
        body = bytearray(row.body)
        body[-1] ^= 1
        register.put([replace(row, body=bytes(body))])
        report = studio.ws.audit(deep=True)
        assert any(row.kind in each and row.id in each for each in report.problems), row.kind
        assert report.pictures >= whole.pictures - 1
        register.put([row])
    assert {"request", "snapshot", "delivery", "run", "image", "event", "subject", "withdrawal"} <= kinds
    assert studio.ws.audit(deep=True).problems == []


def test_two_are_named_both(studio: Studio) -> None:
    register = studio.parts.records._register
    rows = [row for row in damaged(studio) if row.kind in ("request", "snapshot", "delivery")]
    register.put(replace(row, body=row.body[:-1] + bytes([row.body[-1] ^ 1])) for row in rows)
    said = "\n".join(studio.ws.audit(deep=True).problems)
    assert [row.id for row in rows if row.id not in said] == []
    register.put(rows)
