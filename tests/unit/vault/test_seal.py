import pytest
from hypothesis import given
from hypothesis import strategies as st

from volenti.core.errors import IntegrityError
from volenti.vault.seal import OVERHEAD, joint_key, seal, unseal

KEY = bytes(range(32))


@given(st.binary(max_size=2000), st.binary(max_size=50))
def test_what_was_sealed_opens(data: bytes, context: bytes) -> None:
    sealed = seal(KEY, data, context)
    assert unseal(KEY, sealed, context) == data
    assert len(sealed) == len(data) + OVERHEAD


@given(st.binary(min_size=1, max_size=100), st.data())
def test_any_changed_bit_is_noticed(data: bytes, draw: st.DataObject) -> None:
    sealed = bytearray(seal(KEY, data, b"here"))
    sealed[draw.draw(st.integers(0, len(sealed) - 1))] ^= 1 << draw.draw(st.integers(0, 7))
    with pytest.raises(IntegrityError):
        unseal(KEY, bytes(sealed), b"here")


@given(st.binary(max_size=100), st.integers(0, 40))
def test_a_shortened_record_is_noticed(data: bytes, cut: int) -> None:
    sealed = seal(KEY, data, b"")
    with pytest.raises(IntegrityError):
        unseal(KEY, sealed[: min(cut, len(sealed) - 1)], b"")


def test_another_place_or_another_key_does_not_open_it() -> None:
    sealed = seal(KEY, b"x", b"here")
    with pytest.raises(IntegrityError):
        unseal(KEY, sealed, b"there")
    with pytest.raises(IntegrityError):
        unseal(bytes(32), sealed, b"here")


def test_sealing_twice_gives_different_bytes() -> None:
    assert seal(KEY, b"same", b"") != seal(KEY, b"same", b"")


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=5, unique=True))
def test_a_joint_key_needs_every_key_and_their_order(keys: list[bytes]) -> None:
    joint = joint_key(keys)
    assert len(joint) == 32
    assert joint != joint_key(keys[1:]) if len(keys) > 1 else joint not in keys
    if len(keys) > 1:
        assert joint != joint_key(keys[::-1])
