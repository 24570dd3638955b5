"""Exported weights are the ones the trainer loads; a log gives the time a run took."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

pytest.importorskip("cv2", reason="the base's tools look for faces with OpenCV")

from base.curve import Point
from base.export import BYTES_MAX, export, measured, read_log
from volenti.core.errors import NotFoundError, UsageError
from volenti.generation.diffusion.generator import Diffusion
from volenti.generation.diffusion.unet import NetworkConfig, PatchUNet
from volenti.generation.generator import open_generator


@pytest.fixture
def average() -> dict[str, Tensor]:
    torch.manual_seed(1)
    return {name: p.detach().clone() for name, p in PatchUNet(NetworkConfig()).named_parameters()}


def exported(average: dict[str, Tensor], out: Path) -> float:
    save_file(average, out.parent / "average-00000048.safetensors", Diffusion.notes(NetworkConfig()))
    return export(out.parent / "average-00000048.safetensors", out)


def test_the_trainer_loads_exactly_what_was_exported(average: dict[str, Tensor], tmp_path: Path) -> None:
    out = tmp_path / "base.safetensors"
    rounding = exported(average, out)
    assert out.stat().st_size <= BYTES_MAX
    loaded = open_generator(out).network.state_dict()
    assert loaded.keys() == average.keys()
    for name, weight in average.items():
        assert torch.equal(loaded[name], weight.half().float())
        assert (loaded[name] - weight).abs().max() <= rounding
    assert 0 < rounding < 1e-2


def test_exporting_again_to_the_same_place_is_seen(average: dict[str, Tensor], tmp_path: Path) -> None:
    out = tmp_path / "base.safetensors"
    exported(average, out)
    exported({name: weight + 1 for name, weight in average.items()}, out)
    assert torch.equal(
        open_generator(out).network.state_dict()["place.0"], (average["place.0"] + 1).half().float()
    )


def test_a_weight_too_large_for_float16_stops_the_export(average: dict[str, Tensor], tmp_path: Path) -> None:
    average["place.0"][0, 0, 0, 0] = 70_000.0
    with pytest.raises(UsageError):
        exported(average, tmp_path / "base.safetensors")
    assert not (tmp_path / "base.safetensors").exists()


def test_a_log_s_seconds_are_samples_over_rate() -> None:
    log = "  48 samples  loss 0.9  40.0/s\n 2448 samples  loss 0.5  50.0/s\n 4848 samples  loss 0.4  48.0/s\n"
    told = read_log(log)
    assert (told.samples, told.loss) == (4848, 0.4)
    assert told.seconds == pytest.approx(101)


def test_a_run_that_was_started_again_counts_both_processes() -> None:
    log = (
        "  48 samples  loss 0.9  40.0/s\n 2448 samples  loss 0.5  48.0/s\n 4848 samples  loss 0.4  48.48/s\n"
        "  2448 samples  loss 0.4  30.0/s\n 4848 samples  loss 0.4  24.0/s\n"
    )
    told = read_log(log)
    assert told.seconds == pytest.approx(100 + 100)
    assert (told.starts, told.missing) == (2, 0)
    assert "2 runs" in told.time()


def test_a_process_that_prints_at_other_steps_is_one_process() -> None:
    log = (
        "  48 samples  loss 0.9  40.0/s\n 2448 samples  loss 0.5  48.0/s\n 2560 samples  loss 0.5  60.0/s\n"
        " 5760 samples  loss 0.4  64.0/s\n 8960 samples  loss 0.4  64.0/s\n"
    )
    told = read_log(log)
    assert (told.starts, told.missing) == (2, 0)
    assert told.seconds == pytest.approx(2448 / 48 + (8960 - 2560) / 64)


def test_a_log_that_lost_lines_says_so() -> None:
    log = "  48 samples  loss 0.9  40.0/s\n 2448 samples  loss 0.5  48.0/s\n 9648 samples  loss 0.4  30.0/s\n"
    told = read_log(log)
    assert told.missing == 4800
    assert "4,800 samples that the log has lost" in told.time()


def test_a_log_without_progress_is_refused() -> None:
    with pytest.raises(NotFoundError):
        read_log("Traceback (most recent call last):\n")


def test_a_checkpoint_nobody_measured_is_refused_and_the_widest_measurement_wins() -> None:
    points = [Point(48, share, 1, 1, 1, 1, 1, 1, 1, n, 16, 2.5) for share, n in ((0.4, 64), (0.5, 256))]
    assert measured(points, 48).adherence == 0.5
    with pytest.raises(NotFoundError):
        measured(points, 96)
