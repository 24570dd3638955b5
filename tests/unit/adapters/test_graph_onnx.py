"""Rewritten graphs compute what the published ones do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

from volenti.adapters.sight.graph_onnx import for_any_size, read_graph, session
from volenti.adapters.weights.folder import located
from volenti.perception.sight.weights import AGE, DETECTOR, RECOGNISER, Weight


@pytest.mark.parametrize("weight", [RECOGNISER, AGE, DETECTOR], ids=lambda weight: weight.name)
def test_a_rewritten_network_answers_as_the_published_file(models: Path, weight: Weight) -> None:
    file = located(models, weight)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    published = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    rewritten = session(read_graph(file))
    (asked,) = rewritten.get_inputs()
    shape = [side if isinstance(side, int) else 1 for side in asked.shape]
    given = {asked.name: np.random.default_rng(7).uniform(0, 255, shape).astype(np.float32)}
    for before, after in zip(published.run(None, given), rewritten.run(None, given), strict=True):
        assert np.allclose(before, after, atol=1e-4)


def test_slopes_on_either_side_of_one_are_kept(tmp_path: Path) -> None:
    slopes = np.array([-0.4, 0.25, 1.0, 1.5], np.float32).reshape(4, 1, 1)
    kind = onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        [helper.make_node("PRelu", ["x", "slopes"], ["y"])],
        "leak",
        [
            helper.make_tensor_value_info("x", kind, [1, 4, 2, 2]),
            helper.make_tensor_value_info("slopes", kind, [4, 1, 1]),
        ],
        [helper.make_tensor_value_info("y", kind, [1, 4, 2, 2])],
        [numpy_helper.from_array(slopes, "slopes")],
    )
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), tmp_path / "g"
    )
    rewritten = session(read_graph(tmp_path / "g"))
    assert [each.name for each in rewritten.get_inputs()] == ["x"]
    x = np.random.default_rng(1).normal(size=(1, 4, 2, 2)).astype(np.float32)
    (y,) = rewritten.run(None, {"x": x})
    assert np.allclose(y, np.where(x > 0, x, x * slopes), atol=1e-6)


def test_a_network_for_any_size_answers_for_every_cell(models: Path) -> None:
    network = session(for_any_size(read_graph(located(models, DETECTOR))))
    (asked,) = network.get_inputs()
    for height, width in ((32, 32), (96, 416)):
        (answer,) = network.run(["cls_8"], {asked.name: np.zeros((1, 3, height, width), np.float32)})
        assert answer.shape == (1, height * width // 64, 1)
