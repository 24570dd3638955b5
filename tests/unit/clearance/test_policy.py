"""Policies as files: what they may say, and how a fault is told."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from volenti.clearance.policy import NEVER_CLEARED, Policy
from volenti.clearance.policyfile import (
    PolicyError,
    find_policy,
    in_territory,
    parse_policy,
    parsed,
    policy_for,
    shipped_policies,
    shipped_text,
)
from volenti.core.errors import UsageError
from volenti.perception.finding import TABLE, finding
from volenti.perception.sight.ranking import THRESHOLDS

HEAD = 'purpose = "generative-training"\n'


def faults(text: str) -> tuple[str, ...]:
    with pytest.raises(PolicyError) as error:
        parse_policy(text, "mine.toml")
    return error.value.problems


def test_five_policies_ship_and_all_can_be_read() -> None:
    assert shipped_policies() == [
        "generative-training",
        "no-people",
        "non-generative-training",
        "redistribution",
        "strict",
    ]
    assert len({find_policy(name).digest for name in shipped_policies()}) == 5


@pytest.mark.parametrize("name", shipped_policies())
def test_no_shipped_policy_clears_more_than_the_table(name: str) -> None:
    policy = find_policy(name)
    grave = ("cleared", "held", "rejected", "unreadable", "duplicate")
    assert all(grave.index(policy.verdict_on(code)) >= grave.index(TABLE[code].verdict) for code in TABLE)


def test_a_purpose_without_a_shipped_policy_is_judged_by_the_table() -> None:
    policy = policy_for("commercial", "DE")
    assert (policy.purpose, policy.territory) == ("commercial", "DE")
    assert all(policy.verdict_on(code) == kind.verdict for code, kind in TABLE.items())


def test_equal_policies_have_equal_digests_whatever_their_files_look_like() -> None:
    plain = parse_policy(HEAD, "a")
    spaced = parse_policy(f"# a comment\n\n{HEAD}\n[bystanders]\ndo = 'hold'\n", "b")
    assert plain.digest == spaced.digest
    assert plain.digest != parse_policy(f"{HEAD}[bystanders]\ndo = 'reject'\n", "c").digest


def test_every_fault_is_named_by_its_place_at_once() -> None:
    found = faults(f'{HEAD}teritory = "DE"\n[bystanders]\ndo = "blur"\n[review]\nreviewers = 3\n')
    assert len(found) == 3
    assert any(each.startswith("teritory: isn't a setting") for each in found)
    assert any(each.startswith("bystanders.do:") for each in found)
    assert any(each.startswith("review.reviewers:") for each in found)


#: A value for each kind of fault that a policy's field can have, with what is said of it.
WRONG = [
    ("review.reviewers", "many", "has to be a whole number, not 'many'"),
    ("review.reviewers", 1.5, "has to be a whole number, not 1.5"),
    ("review.reviewers", 0, "has to be at least 1, not 0"),
    ("review.reviewers", 3, "has to be at most 2, not 3"),
    ("review.signed", "perhaps", "has to be true or false, not 'perhaps'"),
    ("people.face_min", "high", "has to be a number, not 'high'"),
    ("bystanders.do", "blur", "has to be 'hold', 'reject' or 'redact', not 'blur'"),
    ("title", 3, "has to be a text in quotes, not 3"),
    ("licences.allowed", "me", "has to be a list in square brackets, not 'me'"),
    ("findings", "none", "has to be a table of settings, not 'none'"),
    ("people", 3, "has to be a table of settings, not 3"),
    ("teritory", "DE", "isn't a setting of a policy"),
    ("review.reviewer", 1, "isn't a setting of a policy"),
]


def with_value(place: str, value: object) -> dict[str, Any]:
    """A policy's content in which one setting has this value."""
    body: Any = value
    for part in reversed(place.split(".")):
        body = {part: body}
    return {"purpose": "generative-training", **body}


@pytest.mark.parametrize(("place", "value", "said"), WRONG)
def test_each_kind_of_fault_is_told_in_plain_words(place: str, value: object, said: str) -> None:
    with pytest.raises(PolicyError) as error:
        parsed(with_value(place, value), "mine.toml")
    assert error.value.problems == (f"{place}: {said}",)


def places(model: type[BaseModel], before: str = "") -> Iterator[str]:
    """Every setting of a policy, by its place."""
    for name, field in model.model_fields.items():
        yield before + name
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from places(field.annotation, f"{before}{name}.")


@pytest.mark.parametrize("place", sorted(places(Policy)))
def test_no_setting_is_told_in_another_librarys_words(place: str) -> None:
    for value in ("x", "", 1.5, -1e9, 1e9, True, [1], [[]], {"x": 1}, {"x": {}}, {"x": "y"}, None):
        with suppress(PolicyError):
            parsed(with_value(place, value), "mine.toml")
            continue
        with pytest.raises(PolicyError) as error:
            parsed(with_value(place, value), "mine.toml")
        for problem in error.value.problems:
            assert not re.search("(?i)input|valid |value error|can't be read|dictionary", problem), problem


def test_a_file_without_a_purpose_or_with_one_that_is_none_is_refused() -> None:
    assert faults("title = 'x'") == ("purpose: is missing",)
    assert "purpose" in faults('purpose = "fun"')[0]
    assert "isn't a purpose" in faults('purpose = "biometric-templates"')[0]


def test_what_is_not_toml_is_said_to_be_so() -> None:
    assert "isn't TOML" in faults("purpose = ")[0]


@pytest.mark.parametrize("code", sorted(NEVER_CLEARED))
def test_no_policy_can_clear_what_nobody_said_yes_to(code: str) -> None:
    assert "no policy may clear" in faults(f'{HEAD}[findings]\n{code} = "cleared"\n')[0]
    assert "no policy may clear" in faults(f'{HEAD}[territories.DE.findings]\n{code} = "cleared"\n')[0]


def test_findings_about_the_file_are_not_for_a_policy() -> None:
    assert "about the file" in faults(f'{HEAD}[findings]\nbomb = "cleared"\n')[0]
    assert "no finding is called" in faults(f'{HEAD}[findings]\nbombs = "held"\n')[0]


@pytest.mark.parametrize("scale", THRESHOLDS)
def test_thresholds_can_be_raised_and_never_lowered(scale: str) -> None:
    shipped = THRESHOLDS[scale]  # type: ignore[index]
    table = f"{HEAD}[matching.{scale}]\n"
    policy = parse_policy(f"{table}match_min = {shipped.match_min + 1}\n", "mine.toml")
    assert policy.thresholds[scale].match_min == shipped.match_min + 1  # type: ignore[index]
    assert policy.thresholds[scale].margin_min == shipped.margin_min  # type: ignore[index]
    assert "can't be below" in faults(f"{table}match_min = {shipped.match_min - 0.01}\n")[0]
    assert "can't be below" in faults(f"{table}margin_min = {shipped.margin_min - 0.01}\n")[0]
    assert "can't be above" in faults(f"{table}uncertain_min = {shipped.uncertain_min + 0.01}\n")[0]


def test_a_territory_may_be_stricter_or_milder_and_the_world_takes_the_strictest() -> None:
    text = (
        '[territories.DE.findings]\nwatermark = "rejected"\nlocation = "held"\n'
        '[territories.FR.findings]\nwatermark = "cleared"\n'
    )
    world, germany, france, spain = (
        parse_policy(f'{HEAD}territory = "{place}"\n{text}', "x") for place in ("WORLD", "DE", "FR", "ES")
    )
    assert [each.verdict_on("watermark") for each in (world, germany, france, spain)] == [
        "rejected",
        "rejected",
        "cleared",
        "held",
    ]
    assert [each.verdict_on("location") for each in (world, germany, france)] == ["held", "held", "cleared"]


def test_the_gravest_finding_settles_it() -> None:
    policy = find_policy("generative-training")
    assert policy.verdict([]) == "cleared"
    assert policy.verdict([finding("location"), finding("bystander")]) == "held"
    assert policy.verdict([finding("bystander"), finding("opt-out")]) == "rejected"


def test_a_policy_is_found_by_path_or_by_name(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(shipped_text("strict"))
    assert find_policy(str(mine)).digest == find_policy("strict").digest
    with pytest.raises(UsageError, match="no policy"):
        find_policy("stricter")
    with pytest.raises(UsageError, match="Can't read"):
        find_policy(str(tmp_path / "none.toml"))
    mine.write_bytes(b"\xff\xfe")
    with pytest.raises(PolicyError, match="UTF-8"):
        find_policy(str(mine))


def test_the_policy_in_the_documentation_can_be_used_but_for_what_it_invents() -> None:
    page = (Path(__file__).parents[3] / "docs/how-to/policies.md").read_text()
    text = page.partition("```toml\n")[2].partition("```")[0]
    policy = parse_policy(text, "the page's policy")
    assert policy.bystanders.do == "redact"
    assert policy.review.reviewers == 2


def test_a_policy_for_another_place_has_another_digest() -> None:
    policy = find_policy("strict")
    assert in_territory(policy, "DE").digest != policy.digest
    assert in_territory(policy, policy.territory) == policy


def test_a_policy_for_no_place_is_refused() -> None:
    with pytest.raises(UsageError, match="country code"):
        in_territory(find_policy("strict"), "Nowhere")
    with pytest.raises(UsageError, match="write GB"):
        policy_for("generative-training", "UK")
