"""What is asked of a base, how its answers are counted, and the curve they are kept in."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

pytest.importorskip("cv2", reason="the base's tools look for faces with OpenCV")

from base import attributes, curve, measure
from base.grid import COLUMNS, PROMPTS, write_grid
from volenti.core.canonical import Json
from volenti.generation.diffusion.generator import Diffusion
from volenti.generation.diffusion.unet import NetworkConfig, PatchUNet
from volenti.generation.judge import save_judge
from volenti.generation.text import MAX_WORDS
from volenti.generation.vocabulary import encode

RECORD: Json = {
    "subject": "s1",
    "caption": "a sad young woman with red hair in a ponytail and glasses "
    "in a blue striped top, turned to the left, studio photograph, green screen",
    "bg": "green screen",
    "cloth": "blue",
    "hair": "ponytail01",
    "hair_colour": "red",
    "sex": "woman",
    "glasses": True,
    "expr": "sad",
}


def crowd(people: int) -> list[Json]:
    return [RECORD | {"subject": f"s{number}"} for number in range(people) for _ in range(4)]


@given(st.integers(0, 10_000))
def test_a_caption_asked_says_what_its_record_holds(seed: int) -> None:
    (record,) = measure.asked([RECORD], 1, seed)
    caption = record["caption"]
    screen = record["bg"] if record["bg"] == "green screen" else f"{record['bg']} background"
    assert f"in a {record['cloth']} striped top" in caption
    assert caption.endswith(f"studio photograph, {screen}")
    assert caption.count("background") + caption.count("screen") == 1
    assert ("smiling" in caption or "laughing" in caption) == (attributes.labels(record)["smiling"] == 1)
    assert "sad" not in caption
    assert "young woman with red hair in a ponytail and glasses" in caption
    assert encode(caption).unknown == ()
    assert len(encode(caption).ids) <= MAX_WORDS


def test_every_crowd_caption_can_be_varied(shared: Path) -> None:
    records = json.loads((shared / "crowd" / "records.json").read_text())[::7]
    for record in measure.asked(records, 500):
        assert re.match(
            r"an? (smiling |laughing )?(young|middle-aged|older) (wo)?man with ", record["caption"]
        )


def test_the_same_seed_asks_the_same() -> None:
    records = crowd(5)
    assert measure.asked(records, 20, 3) == measure.asked(records, 20, 3)
    assert measure.asked(records, 20, 3) != measure.asked(records, 20, 4)


def test_nobody_is_both_trained_on_and_held_out() -> None:
    records = crowd(50)
    inside, outside = attributes.split(records)
    trained, held_out = ({records[row]["subject"] for row in rows} for rows in (inside, outside))
    assert not trained & held_out
    assert (len(trained), len(held_out)) == (40, 10)
    assert sorted(inside + outside) == list(range(200))


def test_a_shaved_head_has_no_hair_colour() -> None:
    assert attributes.labels(RECORD | {"hair": "bald"})["hair colour"] == attributes.ABSENT
    assert attributes.labels(RECORD)["hair colour"] == attributes.HAIR_COLOURS.index("red")


def test_a_judge_learns_what_pictures_show_and_adherence_counts_it(tmp_path: Path) -> None:
    # Pictures that are nothing but their background's colour: 0 for white, 1 for grey.
    records = [RECORD | {"subject": f"s{n}", "bg": ("white", "grey")[n % 2]} for n in range(64)]
    shades = np.array([240 if record["bg"] == "white" else 60 for record in records], np.uint8)
    pixels = np.broadcast_to(shades[:, None, None, None], (64, 64, 64, 3)).copy()
    torch.manual_seed(0)
    judge = attributes.train(pixels, records, range(64), epochs=10)
    right, common = attributes.accuracy(judge, pixels, records), attributes.majority(records)
    assert right["background"] > 0.95
    assert common["background"] == pytest.approx(0.5)
    save_judge(judge, right, common, tmp_path / "judge.safetensors")
    swapped = [record | {"bg": "grey" if record["bg"] == "white" else "white"} for record in records]
    found = measure.adherence(pixels, records, tmp_path / "judge.safetensors")
    assert found["background"]["adherence"] > 0.95
    assert (
        measure.adherence(pixels, swapped, tmp_path / "judge.safetensors")["background"]["adherence"] < 0.05
    )
    assert found["mean"]["adherence"] == pytest.approx(
        np.mean([found[name]["adherence"] for name in attributes.ATTRIBUTES])
    )


def test_a_picture_is_drawn_for_each_caption_whatever_the_batch() -> None:
    untrained = Diffusion(PatchUNet(NetworkConfig()))
    pictures = measure.draw(untrained, ["a man"] * 35, steps=2, seed=5)
    assert pictures.shape == (35, 64, 64, 3)
    assert pictures.dtype == np.uint8
    assert np.array_equal(pictures[33], measure.draw(untrained, ["a woman"], steps=2, seed=38)[0])


def test_a_curve_is_read_back_as_written_and_drawn(tmp_path: Path) -> None:
    points = [
        curve.Point(samples, share, 1.0, share, 0.25, 0.5, 0.5, 0.75, 0.9, 128, 16, 2.5)
        for samples, share in ((72_000, 0.75), (48_000, 0.5))
    ]
    for point in points:
        curve.add(tmp_path / "curve.csv", point)
    assert curve.read(tmp_path / "curve.csv") == points[::-1]
    assert curve.read(tmp_path / "none.csv") == []
    curve.plot(points[::-1], tmp_path / "curve.png")
    with Image.open(tmp_path / "curve.png") as image:
        assert len(set(image.get_flattened_data())) > 20


def test_a_grid_has_a_row_for_each_prompt(tmp_path: Path) -> None:
    asked: list[str] = []

    def draw(captions: list[str]) -> np.ndarray:
        asked.extend(captions)
        return np.full((len(captions), 8, 8, 3), 77, np.uint8)

    write_grid(draw, tmp_path / "grid.png")
    assert asked == [prompt for prompt in PROMPTS for _ in range(COLUMNS)]
    with Image.open(tmp_path / "grid.png") as image:
        assert image.width == COLUMNS * 16
