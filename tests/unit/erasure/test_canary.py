"""Canaries are found wherever they lie, and nothing else is."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from volenti.erasure import canary
from volenti.erasure.canary import Canaries

recorded = st.binary(min_size=16, max_size=16).map(lambda data: data.hex().encode())
strings = st.one_of(recorded, st.binary(max_size=40), st.sampled_from([b"Ada Example", b"0" * 32, b"f" * 33]))
padding = st.one_of(st.binary(max_size=70), st.text("0123456789abcdefx", max_size=70).map(str.encode))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sought=st.lists(strings, max_size=6), parts=st.lists(st.tuples(padding, st.integers(0, 8))))
def test_the_search_finds_what_a_plain_one_finds(
    tmp_path: Path, sought: list[bytes], parts: list[tuple[bytes, int]]
) -> None:
    content = b"".join(pad + (sought[which] if which < len(sought) else b"") for pad, which in parts)
    file = tmp_path / "file"
    file.write_bytes(content)
    plain = [number for number, string in enumerate(sought) if string and string in content]
    assert Canaries(sought).found_in(file) == plain


@pytest.mark.parametrize("shift", range(-33, 2))
def test_a_canary_across_the_edge_of_two_pieces_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shift: int
) -> None:
    monkeypatch.setattr(canary, "_PIECE", 4096)
    sought = os.urandom(16).hex().encode()
    file = tmp_path / "file"
    file.write_bytes(b"." * (4096 + shift) + sought + b"." * 5000)
    assert Canaries([b"another", sought]).found_in(file) == [1]


def test_an_empty_file_and_an_empty_string_are_fine(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert Canaries([b"", b"x"]).found_in(tmp_path / "file") == []
    (tmp_path / "file").write_bytes(b"x")
    assert Canaries([b"", b"x"]).found_in(tmp_path / "file") == [1]
