"""Networks' graphs in ONNX, rewritten so that onnxruntime runs them fast, on one thread.

Some published files declare their constants as inputs, which keeps the runtime from folding
them into the layers before. Some use operators that the runtime is slow at: PReLU takes more
time than all convolutions of a face network together. The rewritten graph computes the same,
but for rounding (about 1e-6 of a template's length).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, helper, numpy_helper

#: Sides of the batch, channels, height and width in an input's shape.
_HEIGHT, _WIDTH = 2, 3


def session(graph: ModelProto) -> Any:
    """An onnxruntime session of one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        graph.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def read_graph(file: Path) -> ModelProto:
    """Read a verified file's graph; its constants aren't inputs any more, and PReLU is replaced."""
    model = onnx.load(file)
    constants = {constant.name: constant for constant in model.graph.initializer}
    inputs = [each for each in model.graph.input if each.name not in constants]
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    nodes: list[NodeProto] = []
    for node in model.graph.node:
        if node.op_type == "PRelu" and node.input[1] in constants:
            slopes = numpy_helper.to_array(constants[node.input[1]])
            nodes += _replace_prelu(model, node, slopes)
        else:
            nodes.append(node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def for_any_size(model: ModelProto) -> ModelProto:
    """Change the graph to take pictures of any height and width as its only input; returns it."""
    sides = model.graph.input[0].type.tensor_type.shape.dim
    sides[_HEIGHT].dim_param, sides[_WIDTH].dim_param = "height", "width"
    for answer in model.graph.output:
        answer.type.tensor_type.ClearField("shape")
    del model.graph.value_info[:]
    return model


def _replace_prelu(model: ModelProto, node: NodeProto, slopes: NDArray[np.float32]) -> list[NodeProto]:
    """Add PReLU's constants to the graph, and return it as slopes * x + (1 - slopes) * ReLU(x).

    The runtime is fast at these operators.
    """
    value, answer = node.input[0], node.output[0]
    names = {part: f"{answer}/{part}" for part in ("slopes", "rest", "positive", "leaked", "kept")}
    model.graph.initializer.append(numpy_helper.from_array(slopes, names["slopes"]))
    model.graph.initializer.append(numpy_helper.from_array(1 - slopes, names["rest"]))
    return [
        helper.make_node("Relu", [value], [names["positive"]]),
        helper.make_node("Mul", [names["positive"], names["rest"]], [names["kept"]]),
        helper.make_node("Mul", [value, names["slopes"]], [names["leaked"]]),
        helper.make_node("Add", [names["kept"], names["leaked"]], [answer]),
    ]
