"""Bech32: bytes as text with a prefix and a checksum, as Bitcoin's BIP 173 describes it.

Keys of the age format are written so: a mistyped character is noticed, and the prefix says which kind of key
it is. Unlike BIP 173's addresses they may be longer than 90 characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_CHARACTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM_LENGTH = 6


def encode(prefix: str, data: bytes) -> str:
    """The text of some bytes, in lower case."""
    values = _regrouped(data, 8, 5, pad=True)
    assert values is not None
    rest = _checksum([*_expanded(prefix), *values, *[0] * _CHECKSUM_LENGTH]) ^ 1
    values += [(rest >> 5 * (_CHECKSUM_LENGTH - 1 - place)) & 31 for place in range(_CHECKSUM_LENGTH)]
    return f"{prefix}1{''.join(_CHARACTERS[each] for each in values)}"


def decode(text: str) -> tuple[str, bytes]:
    """The prefix, in lower case, and the bytes. Raises ValueError where the text isn't Bech32."""
    if text not in (text.lower(), text.upper()):
        raise ValueError("upper and lower case are mixed")
    prefix, mark, letters = text.lower().rpartition("1")
    values = [_CHARACTERS.find(each) for each in letters]
    if not (mark and prefix) or len(values) < _CHECKSUM_LENGTH or -1 in values:
        raise ValueError("it has characters that Bech32 hasn't")
    if _checksum([*_expanded(prefix), *values]) != 1:
        raise ValueError("its checksum doesn't fit")
    found = _regrouped(values[:-_CHECKSUM_LENGTH], 5, 8, pad=False)
    if found is None:
        raise ValueError("it doesn't end with a whole byte")
    return prefix, bytes(found)


def _expanded(prefix: str) -> Iterable[int]:
    codes = prefix.encode()
    return (*(each >> 5 for each in codes), 0, *(each & 31 for each in codes))


def _checksum(values: Sequence[int]) -> int:
    rest = 1
    for value in values:
        top = rest >> 25
        rest = (rest & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_GENERATORS):
            rest ^= generator if top >> place & 1 else 0
    return rest


def _regrouped(values: Iterable[int], have: int, want: int, *, pad: bool) -> list[int] | None:
    """Numbers of `have` bits as numbers of `want` bits; None where bits that aren't zero are left over."""
    held = bits = 0
    found = []
    for value in values:
        held, bits = held << have | value, bits + have
        while bits >= want:
            bits -= want
            found.append(held >> bits & (1 << want) - 1)
    left = held & (1 << bits) - 1
    if pad:
        return [*found, left << want - bits] if bits else found
    return None if bits >= have or left else found
