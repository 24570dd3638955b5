"""A frozen TensorFlow graph, written here byte by byte, becomes ONNX that computes the same."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from volenti.adapters.sight.graph_onnx import session
from volenti.adapters.sight.graph_tensorflow import trunk
from volenti.core.errors import IntegrityError


def varint(number: int) -> bytes:
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def part(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def node(name: str, kind: str, inputs: Sequence[str] = (), **attributes: bytes) -> bytes:
    entries = [part(5, part(1, key.encode()) + part(2, value)) for key, value in attributes.items()]
    names = [part(3, each.encode()) for each in inputs]
    return part(1, part(1, name.encode()) + part(2, kind.encode()) + b"".join([*names, *entries]))


def const(name: str, array: NDArray[np.float32]) -> bytes:
    shape = part(2, b"".join(part(2, b"\x08" + varint(side)) for side in array.shape))
    value = part(8, b"\x08\x01" + shape + part(4, array.astype("<f4").tobytes()))
    return node(name, "Const", value=value)


def strides(step: int) -> bytes:
    return part(1, part(3, bytes([1, step, step, 1])))


def same(x: NDArray[np.float32], kernel: int, step: int) -> NDArray[np.float32]:
    """Zeros around (height, width, channels) as TensorFlow's SAME has them: the odd one comes last."""
    pads = []
    for side in x.shape[:2]:
        total = max((-(-side // step) - 1) * step + kernel - side, 0)
        pads.append((total // 2, total - total // 2))
    return np.pad(x, [*pads, (0, 0)])


RANDOM = np.random.default_rng(5)
DENSE, DEEP = (RANDOM.normal(size=shape).astype(np.float32) for shape in ((3, 3, 2, 4), (3, 3, 4, 1)))
SCALE, SHIFT, BIAS = (RANDOM.normal(size=4).astype(np.float32) for _ in range(3))
SPREAD = np.abs(RANDOM.normal(size=4)).astype(np.float32)
EPSILON = 0.001


def frozen(last: str = "BiasAdd") -> bytes:
    numbers = {"dense": DENSE, "deep": DEEP, "scale": SCALE, "shift": SHIFT, "mean": BIAS, "var": SPREAD}
    constants = b"".join(const(name, array) for name, array in numbers.items())
    epsilon = b"\x25" + struct.pack("<f", EPSILON)
    return (
        node("ignored", "Placeholder")
        + node("in", "Sub", ["ignored", "ignored"])
        + constants
        + node("dense/read", "Identity", ["dense"])
        + node("conv", "Conv2D", ["in", "dense/read"], strides=strides(2))
        + node("norm", "FusedBatchNorm", ["conv", "scale", "shift", "mean", "var"], epsilon=epsilon)
        + node("relu", "Relu6", ["norm"])
        + node("depth", "DepthwiseConv2dNative", ["relu", "deep"], strides=strides(1))
        + node("sum", "Add", ["depth", "relu"])
        + node("out", last, ["sum", "shift"])
    )


def expected(x: NDArray[np.float32]) -> NDArray[np.float32]:
    padded = same(x, 3, 2)
    rows, columns = -(-x.shape[0] // 2), -(-x.shape[1] // 2)
    conv = np.zeros((rows, columns, 4), np.float32)
    for row in range(rows):
        for column in range(columns):
            patch = padded[2 * row : 2 * row + 3, 2 * column : 2 * column + 3]
            conv[row, column] = np.tensordot(patch, DENSE, axes=3)
    normed = (conv - BIAS) / np.sqrt(SPREAD + EPSILON) * SCALE + SHIFT
    relu = np.clip(normed, 0, 6)
    padded = same(relu, 3, 1)
    depth = sum(
        padded[dy : dy + rows, dx : dx + columns] * DEEP[dy, dx, :, 0] for dy in range(3) for dx in range(3)
    )
    return np.asarray(depth + relu + SHIFT, np.float32)


@pytest.mark.parametrize("side", [(7, 9), (8, 10)])
def test_layers_compute_what_tensorflow_defines(side: tuple[int, int]) -> None:
    x = RANDOM.normal(size=(*side, 2)).astype(np.float32)
    network = session(trunk(frozen(), "in", (1, 2, *side), ["out"]))
    (answer,) = network.run(["out"], {"in": x.transpose(2, 0, 1)[None]})
    assert np.allclose(answer[0].transpose(1, 2, 0), expected(x), atol=1e-4)


def test_a_layer_that_is_not_there_is_named() -> None:
    with pytest.raises(IntegrityError, match="nothing"):
        trunk(frozen(), "in", (1, 2, 8, 8), ["nothing"])


def test_an_operator_that_is_not_known_is_named() -> None:
    with pytest.raises(IntegrityError, match="Softmax"):
        trunk(frozen("Softmax"), "in", (1, 2, 8, 8), ["out"])
