"""Settings: given, from the environment, or as shipped; what can't be read is named with a remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from volenti.core.errors import UsageError
from volenti.settings import Settings, read_settings


def test_without_anything_said_the_shipped_ones_are_taken() -> None:
    assert read_settings() == Settings()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("workers", "3", 3),
        ("watermarks", "no", False),
        ("watermarks", "1", True),
        ("watermarks", "True", True),
        ("price_core_hour", "0.25", 0.25),
        ("withdraw_works", "all", "all"),
        ("models", "there", Path("there")),
        ("trust_anchors", "a.pem", Path("a.pem")),
        ("territory", "DE", "DE"),
    ],
)
def test_the_environment_is_read_by_what_a_setting_takes(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, value: Any
) -> None:
    monkeypatch.setenv(f"VOLENTI_{name.upper()}", text)
    assert getattr(read_settings(), name) == value


def test_what_is_given_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOLENTI_WORKERS", "nonsense")
    assert read_settings(workers=2).workers == 2


@pytest.mark.parametrize(
    ("name", "text", "remedy"),
    [
        ("workers", "many", "a whole number"),
        ("workers", "1.5", "a whole number"),
        ("watermarks", "perhaps", "yes or no"),
        ("device", "tpu", "cpu or cuda"),
        ("price_gpu_hour", "cheap", "a number"),
    ],
)
def test_what_cannot_be_read_is_named_with_what_helps(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, remedy: str
) -> None:
    with pytest.raises(UsageError, match=f"The argument {name}") as given:
        read_settings(**{name: text})
    assert remedy in given.value.remedy
    monkeypatch.setenv(f"VOLENTI_{name.upper()}", text)
    with pytest.raises(UsageError, match=f"VOLENTI_{name.upper()}") as set_:
        read_settings()
    assert remedy in set_.value.remedy


def test_a_setting_that_there_isn_t_is_named_beside_those_there_are() -> None:
    with pytest.raises(UsageError, match="no setting called worker") as refused:
        read_settings(worker=3)
    assert "workers" in refused.value.remedy


@pytest.mark.parametrize("name", ["workers", "quarantine_days", "acknowledge_days", "price_core_hour"])
def test_nothing_is_less_than_none(name: str) -> None:
    with pytest.raises(UsageError, match=name):
        read_settings(**{name: -1})


@pytest.mark.parametrize("place", ["Germany", "Deutschland", "de", "EX", "UK", "EU", "DEX", ""])
def test_a_territory_that_cant_be_is_refused(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="isn't an ISO 3166-1 country code"):
        read_settings(territory=place)
    monkeypatch.setenv("VOLENTI_TERRITORY", place)
    with pytest.raises(UsageError, match="isn't an ISO 3166-1 country code"):
        read_settings()
