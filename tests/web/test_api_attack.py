"""The API, attacked by its own description: whatever is sent, it answers as the description says.

Each operation is called with what fits the description and with what doesn't, by schemathesis with all of its
checks. A few examples an operation are quick; `make attack-api` makes 500 of each, and prints how many.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.python import asgi

import volenti
from tests.web.api import BASE, EVERYTHING
from volenti.web.api.nouns import operations
from volenti.web.application import application
from volenti.web.workspaces import Workspaces

#: Examples of each operation, half of which fit the description.
EXAMPLES = int(os.environ.get("VOLENTI_ATTACK_EXAMPLES", "6"))
#: What fits the description may be impossible all the same: a day of birth in the future, a release whose
#: digests aren't those of its texts. The description says that 422 is for this too.
_ALSO = ["2xx", "3xx", "401", "403", "404", "409", "410", "412", "422", "428", "429"]
load_all_checks()
_OPERATIONS = {each.name: each for each in operations()}
#: As the fixture says.
Attacked = tuple[Any, dict[str, str], dict[str, list[str]]]
_MODES = {"fits": GenerationMode.POSITIVE, "doesn't fit": GenerationMode.NEGATIVE}


@pytest.fixture(scope="module")
def attacked(studied: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    """The description over the application, the header that opens it, and identifiers of what is there."""
    folder = shutil.copytree(studied, tmp_path_factory.mktemp("attacked") / "workspace")
    with volenti.open(folder) as ws:
        secret = ws.tokens.add("an attack", scopes=EVERYTHING).secret
        there = {
            "subject": ["ann", "ben"],
            "release": ["rel_ann", "rel_ben"],
            "picture": [each.id for each in ws.pictures.page().items],
            "job": [ws.jobs.start("request run", {"request": "req_1"}).id],
            "request": [ws.requests.open(kind, "ben").id for kind in ("erasure", "access", "objection")],
        }
    workspaces = Workspaces(partial(volenti.open, folder, api_calls_per_minute=10_000_000))
    made = application(workspaces, hosts=["*"])
    answered: Counter[int] = Counter()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        # The workspaces stay open from one call to the next.
        if scope["type"] == "lifespan":
            for _ in range(2):
                message = await receive()
                await send({"type": f"{message['type']}.complete"})
            return

        async def counted(message: Any) -> None:
            if message["type"] == "http.response.start":
                answered[message["status"]] += 1
            await send(message)

        await made(scope, receive, counted)

    config = SchemathesisConfig.from_dict(
        {
            "checks": {"positive_data_acceptance": {"expected-statuses": _ALSO}},
        }
    )
    schema = schemathesis.openapi.from_asgi(f"{BASE}/openapi.json", app, config=config)
    yield schema, {"Authorization": f"Bearer {secret}"}, there
    workspaces.close()
    print(f"\n{sum(answered.values())} answers: {dict(sorted(answered.items()))}")


def test_the_description_names_every_operation_and_is_what_it_says(attacked: Attacked) -> None:
    schema, _, _ = attacked
    schema.validate()
    assert {each.ok().definition.raw["operationId"] for each in schema.get_all_operations()} == set(
        _OPERATIONS
    )


def _vanishes(query: Any) -> bool:
    """Whether a field that is wrong isn't in what is sent: an empty list has no place in an address."""
    return any(value is None or value in ([], {}) for value in dict(query or {}).values())


@pytest.mark.parametrize("mode", _MODES)
@pytest.mark.parametrize("name", _OPERATIONS)
def test_whatever_is_sent_the_answer_is_as_described(attacked: Attacked, name: str, mode: str) -> None:
    schema, headers, there = attacked
    known = _OPERATIONS[name]
    operation = schema[f"{BASE}{known.path}"][known.method]
    cases = operation.as_strategy(generation_mode=_MODES[mode])
    with asgi.get_client(operation.app) as client:

        @settings(
            max_examples=max(1, EXAMPLES // 2),
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases, data=st.data())
        def attack(case: Any, data: st.DataObject) -> None:
            for part in known.parameters:
                # Most of what is made up isn't there; so three times in four it is something that is.
                if mode == "fits" and data.draw(st.integers(0, 3)):
                    case.path_parameters[part] = data.draw(st.sampled_from(there[part]))
            assume(not _vanishes(case.query))
            case.call_and_validate(session=client, headers=headers, checks=CHECKS.get_all())

        attack()
