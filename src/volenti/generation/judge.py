"""Judge: a classifier that says whether a picture shows what its caption says.

It only measures: no weight of it enters a generator. Its network has two encoders. One
sees the whole frame at half size (background, top, hair). The other sees the middle of the
frame, where the face is, at full size, because the rim of a pair of glasses is one pixel
wide and can't be seen at half size. It was trained on renders of people who do not exist
(base/attributes.py). It ships with its own accuracy on people it never saw, and every share
it gives is divided by that.

It doesn't judge exact expression (serious, sad and neutral renders can't be told apart),
age, facing or hair style.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from volenti.generation.pixels import to_tensor

Pixels = NDArray[np.uint8]

BACKGROUNDS = ("green screen", "white", "grey", "blue", "beige", "dark grey", "teal", "pink")
TOPS = ("purple", "blue", "green", "navy", "white", "red", "black", "brown", "grey", "mustard")
HAIR_COLOURS = ("black", "dark brown", "brown", "grey", "white", "blond", "light brown", "red")
SEXES = ("woman", "man")
ATTRIBUTES: dict[str, int] = {
    "background": len(BACKGROUNDS),
    "top": len(TOPS),
    "hair colour": len(HAIR_COLOURS),
    "sex": len(SEXES),
    "glasses": 2,
    "smiling": 2,
}

#: Label of an attribute that isn't said (the hair colour of a shaved head).
ABSENT = -1
#: Rows and columns of the frame that the encoder of the face sees.
FACE = slice(12, 52)

_HAIR = re.compile(rf"\b({'|'.join(sorted(HAIR_COLOURS, key=len, reverse=True))})\s+(?:hair|braid)\b")
_TOP = re.compile(rf"\b({'|'.join(TOPS)})\s+(?:striped\s+)?top\b")
_BACKGROUND = re.compile(r"\b(dark grey|green|white|grey|blue|beige|teal|pink)\s+(?:background|screen)\b")
_SEX = re.compile(r"\b(woman|man)\b")


def said(caption: str) -> dict[str, int]:
    """The class of each attribute that a caption asks for; ABSENT where it doesn't say.

    Captions always name glasses and smiles, so a caption without them asks for none.
    """
    text = caption.lower()
    background, top, hair, sex = (found.search(text) for found in (_BACKGROUND, _TOP, _HAIR, _SEX))
    place = background.group(1) if background else ""
    return {
        "background": BACKGROUNDS.index("green screen" if place == "green" else place) if place else ABSENT,
        "top": TOPS.index(top.group(1)) if top else ABSENT,
        "hair colour": HAIR_COLOURS.index(hair.group(1)) if hair else ABSENT,
        "sex": SEXES.index(sex.group(1)) if sex else ABSENT,
        "glasses": int("glasses" in text),
        "smiling": int("smiling" in text or "laughing" in text),
    }


def _encoder(*widths: int) -> nn.Sequential:
    """3x3 convolutions with batch normalisation; each after the first halves the side."""
    layers: list[nn.Module] = []
    for index, (inner, outer) in enumerate(zip((3, *widths[:-1]), widths, strict=True)):
        layers += [
            nn.Conv2d(inner, outer, 3, stride=2 if index else 1, padding=1, bias=False),
            nn.BatchNorm2d(outer),
            nn.ReLU(),
        ]
    return nn.Sequential(*layers)


class Judge(nn.Module):
    """(batch, 3, 64, 64) pixels in [-1, 1] -> logits (batch, classes) of each attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.whole = _encoder(24, 48, 80, 96)
        self.face = _encoder(24, 40, 72, 96)
        features = 96 * 4 * 4 + 96 * 5 * 5
        self.heads = nn.ModuleDict(
            {name: nn.Sequential(nn.Dropout(0.2), nn.Linear(features, n)) for name, n in ATTRIBUTES.items()}
        )

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Logits (batch, classes) by attribute, for x (batch, 3, 64, 64) in [-1, 1]."""
        whole = self.whole(functional.avg_pool2d(x, 2)).flatten(1)
        face = self.face(x[:, :, FACE, FACE]).flatten(1)
        seen = torch.cat([whole, face], dim=1)
        return {name: head(seen) for name, head in self.heads.items()}


@torch.no_grad()
def verdicts(judge: Judge, pixels: Pixels) -> dict[str, NDArray[np.int64]]:
    """The class the judge sees in each picture, for each attribute; (count,) each."""
    parts = [judge(to_tensor(pixels[start : start + 256])) for start in range(0, len(pixels), 256)]
    return {name: torch.cat([part[name].argmax(1) for part in parts]).numpy() for name in ATTRIBUTES}


def shares(judge: Judge, pixels: Pixels, wanted: Sequence[Mapping[str, int]]) -> dict[str, float]:
    """By attribute, the share of pictures with the class that is wanted, among those that ask for one."""
    found = {}
    for name, verdict in verdicts(judge, pixels).items():
        truth = np.array([one[name] for one in wanted])
        found[name] = float((verdict == truth)[truth != ABSENT].mean())
    return found


def adherence(judge: Judge, held_out: Mapping[str, float], pixels: Pixels, captions: Sequence[str]) -> float:
    """Mean over attributes of share right / share right on held-out renders, each at most 1."""
    right = shares(judge, pixels, [said(caption) for caption in captions])
    return float(np.mean([min(1.0, right[name] / held_out[name]) for name in ATTRIBUTES]))


def save_judge(judge: Judge, held_out: Mapping[str, float], common: Mapping[str, float], path: Path) -> None:
    """Write a judge with its accuracy on held-out renders, and that of always naming the majority class."""
    path.parent.mkdir(parents=True, exist_ok=True)
    weights = {name: tensor.contiguous() for name, tensor in judge.state_dict().items()}
    save_file(weights, path, {"held_out": json.dumps(dict(held_out)), "majority": json.dumps(dict(common))})


def load_judge(path: Path | None = None) -> tuple[Judge, dict[str, float], dict[str, float]]:
    """The judge (by default the shipped one), its accuracy on held-out renders, and the majority class's."""
    path = path or Path(str(files("volenti.generation") / "judge.safetensors"))
    with safe_open(path, "pt") as kept:
        noted = kept.metadata()
    judge = Judge()
    judge.load_state_dict(load_file(path))
    return judge.eval(), json.loads(noted["held_out"]), json.loads(noted["majority"])
