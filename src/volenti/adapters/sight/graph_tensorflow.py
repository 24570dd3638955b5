"""The layers of a frozen TensorFlow graph in ONNX, as far as people detectors need it.

A frozen graph is a protocol buffer: a list of named nodes, each with an operator, the names
of its inputs, and attributes (tensorflow/core/framework/graph.proto, node_def.proto and
attr_value.proto). TensorFlow itself isn't needed to read that. Only the seven operators of
a convolutional trunk are known; another one among the nodes asked for is an error.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from volenti.core.errors import IntegrityError

#: The version of ONNX's operators that is written.
OPERATORS = 13


@dataclass(slots=True)
class _Node:
    name: str
    kind: str
    inputs: list[str] = field(default_factory=list)
    attributes: dict[str, bytes] = field(default_factory=dict)


class _Layers:
    """Writes layers in ONNX, each after those that it depends on."""

    def __init__(self, nodes: dict[str, _Node], source: str) -> None:
        self._nodes, self._source = nodes, source
        self._done = {source}
        self.layers: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def write(self, wanted: str) -> str:
        """Write the node of that name, after all nodes that it depends on; returns the name of its output."""
        waiting = [wanted]
        while waiting:
            name = waiting[-1]
            if name in self._done:
                waiting.pop()
                continue
            node = self._nodes[name]
            before = [each for each in node.inputs if not self._is_constant(each) and each not in self._done]
            if before:
                waiting += before
                continue
            self._write_layer(node)
            self._done.add(name)
            waiting.pop()
        return wanted

    def _is_constant(self, name: str) -> bool:
        if name == self._source:
            return False
        node = self._nodes[name]
        return node.kind == "Const" or (node.kind == "Identity" and self._is_constant(node.inputs[0]))

    def _array(self, name: str) -> NDArray[np.float32]:
        node = self._nodes[name]
        return _tensor(node.attributes["value"]) if node.kind == "Const" else self._array(node.inputs[0])

    def _add_constant(self, name: str, array: NDArray[np.float32]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def _write_layer(self, node: _Node) -> None:
        first, answer = node.inputs[0], [node.name]
        match node.kind:
            case "Conv2D" | "DepthwiseConv2dNative":
                weights = self._array(node.inputs[1])
                height, width, channels, count = weights.shape
                groups = 1
                weights = weights.transpose(3, 2, 0, 1)
                if node.kind != "Conv2D":
                    # TensorFlow counts (channel, multiplier), ONNX one group a channel.
                    groups = channels
                    weights = weights.transpose(1, 0, 2, 3).reshape(channels * count, 1, height, width)
                stride = _numbers(node.attributes["strides"])[1:3]
                name = self._add_constant(node.name + "/weights", weights)
                self.layers.append(
                    helper.make_node(
                        "Conv",
                        [first, name],
                        answer,
                        auto_pad="SAME_UPPER",
                        group=groups,
                        strides=stride,
                        kernel_shape=[height, width],
                    )
                )
            case "FusedBatchNorm" | "FusedBatchNormV3":
                names = [self._add_constant(f"{node.name}/{n}", self._array(n)) for n in node.inputs[1:5]]
                (epsilon,) = struct.unpack("<f", node.attributes["epsilon"][1:5])
                self.layers.append(
                    helper.make_node("BatchNormalization", [first, *names], answer, epsilon=epsilon)
                )
            case "Relu6":
                for name, bound in (("low", 0.0), ("high", 6.0)):
                    self._add_constant(f"{node.name}/{name}", np.array(bound, np.float32))
                bounds = [f"{node.name}/low", f"{node.name}/high"]
                self.layers.append(helper.make_node("Clip", [first, *bounds], answer))
            case "BiasAdd":
                bias = self._array(node.inputs[1]).reshape(-1, 1, 1)
                name = self._add_constant(f"{node.name}/bias", bias)
                self.layers.append(helper.make_node("Add", [first, name], answer))
            case "Add" | "AddV2":
                self.layers.append(helper.make_node("Add", node.inputs[:2], answer))
            case "Identity":
                self.layers.append(helper.make_node("Identity", [first], answer))
            case _:
                raise IntegrityError(
                    f"A network has an operator that isn't known: {node.kind}.",
                    "Fetch it again: volenti models fetch.",
                )


def trunk(frozen: bytes, source: str, shape: Sequence[int], answers: Sequence[str]) -> ModelProto:
    """The layers from the node `source` to the nodes `answers`.

    shape: of the source's input, (batch, channels, height, width); the answers have channels before height
    and width as well. Raises IntegrityError where one of the nodes isn't in the graph.
    """
    nodes = {node.name: node for node in _nodes(frozen)}
    missing = [name for name in (source, *answers) if name not in nodes]
    if missing:
        raise IntegrityError(
            f"A network lacks its layer {missing[0]}.", "Fetch it again: volenti models fetch."
        )
    layers = _Layers(nodes, source)
    for name in answers:
        layers.write(name)
    graph = helper.make_graph(
        layers.layers,
        "trunk",
        [helper.make_tensor_value_info(source, TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in answers],
        layers.constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPERATORS)], ir_version=8)


# -- protocol buffers, as far as frozen graphs need them


def _nodes(frozen: bytes) -> Iterator[_Node]:
    for number, content in _fields(frozen):
        if number != 1:
            continue
        node = _Node("", "")
        for part, value in _fields(content):
            if part == 1:
                node.name = value.decode()
            elif part == 2:
                node.kind = value.decode()
            elif part == 3:
                node.inputs.append(value.decode().removesuffix(":0"))
            elif part == 5:
                entry = dict(_fields(value))
                node.attributes[entry[1].decode()] = entry[2]
        yield node


def _tensor(value: bytes) -> NDArray[np.float32]:
    """An attribute's tensor of floats: packed in bytes, or one number that stands for all places."""
    tensor = dict(_fields(value))[8]
    shape: list[int] = []
    content = b""
    for number, part in _fields(tensor):
        if number == 2:
            for _, size in _fields(part):
                shape.append(_varint(size, 1)[0] if size else 0)
        elif number in (4, 5):
            content = part
    array = np.frombuffer(content, "<f4").astype(np.float32)
    return np.broadcast_to(array, shape) if array.size == 1 else array.reshape(shape)


def _numbers(value: bytes) -> list[int]:
    """An attribute's list of integers, packed or one by one."""
    listed = dict(_fields(value))[1]
    numbers, at = [], 0
    for number, part in _fields(listed):
        if number == 3:
            at = 0
            while at < len(part):
                each, at = _varint(part, at)
                numbers.append(each)
    return numbers


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """(number, content) of a message's fields that have a length; others are skipped."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        if key & 7 == 2:
            length, at = _varint(message, at)
            yield key >> 3, message[at : at + length]
            at += length
        elif key & 7 == 0:
            at = _varint(message, at)[1]
        else:
            at += {1: 8, 5: 4}[key & 7]


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """The variable-length number at a place, and the place after it."""
    number = shift = 0
    while True:
        byte = message[at]
        number |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return number, at
