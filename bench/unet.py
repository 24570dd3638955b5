"""Training speed of our network beside diffusers' UNet2DConditionModel of as many parameters.

    python bench/unet.py [--seconds 60] [--batch 16]

Both are trained on noise of 64x64 pixels on one thread of this processor: the same batch, float32,
the same mean squared error, the same Adam. The peer has three levels of two blocks, each about
twice as wide as the one above, and attends to itself and to the words on the lowest alone, as ours
does to itself: more attention would make it slower. Of its widths those are taken whose parameters
come nearest to ours, and they must come within 2 %. Each is
given whichever memory layout it is faster in. They take turns, a few steps at a time, so that
what else the machine does falls on both; the figure is the median of their locks.

What is compared is how fast a sample is trained, not how good it makes the pictures.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor, nn

from volenti.generation.bases import shipped_base
from volenti.generation.diffusion import flow
from volenti.generation.diffusion.unet import PatchUNet
from volenti.generation.generator import open_generator
from volenti.generation.text import MAX_WORDS
from volenti.generation.vocabulary import WORDS

OUT = Path(__file__).parent / "out" / "unet.json"
WITHIN, STEPS_A_TURN = 0.02, 2


class Peer(nn.Module):
    """diffusers' network behind our call: pixels, flow times in [0, 1], word ids -> the pixels' shape."""

    def __init__(self, size: int, widths: tuple[int, int, int], condition: int) -> None:
        super().__init__()
        self.words = nn.Embedding(len(WORDS), condition)
        self.unet = UNet2DConditionModel(
            sample_size=size,
            block_out_channels=widths,
            down_block_types=("DownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D", "UpBlock2D"),
            in_channels=3,
            out_channels=3,
            cross_attention_dim=condition,
            attention_head_dim=8,
            norm_num_groups=8,
        )

    def forward(self, x: Tensor, t: Tensor, words: Tensor) -> Tensor:
        answer = self.unet(x, 1000 * t, encoder_hidden_states=self.words(words))
        return torch.as_tensor(answer.sample)


def parameters(network: nn.Module) -> int:
    return sum(weight.numel() for weight in network.parameters())


def equal_peer(size: int, condition: int, wanted: int) -> Peer:
    """The peer whose parameters come nearest; each level about twice as wide as the one above it."""

    def away(widths: tuple[int, int, int]) -> float:
        with torch.device("meta"):
            return abs(parameters(Peer(size, widths, condition)) / wanted - 1)

    first = min((away((width, 2 * width, 4 * width)), width) for width in range(16, 161, 8))[1]
    turns = product((-8, 0, 8), (-8, 0, 8), range(-48, 49, 8))
    near = [(first + one, 2 * first + two, 4 * first + three) for one, two, three in turns]
    best = min(near, key=away)
    if away(best) > WITHIN:
        sys.exit(f"The nearest peer is {away(best):.1%} away from {wanted:,} parameters, above {WITHIN:.0%}.")
    return Peer(size, best, condition)


def stepper(network: nn.Module, size: int, batch: int, *, last: bool) -> Callable[[], float]:
    """A training step; answers the seconds it took. last: channels last in memory."""
    layout = torch.channels_last if last else torch.contiguous_format
    network.train().requires_grad_(True).to(memory_format=layout)  # type: ignore[call-overload]
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4)
    draws = torch.Generator().manual_seed(0)
    words = torch.randint(1, len(WORDS), (batch, MAX_WORDS), generator=draws)

    def step() -> float:
        x, noise = (torch.randn(batch, 3, size, size, generator=draws) for _ in range(2))
        began = time.perf_counter()
        optimizer.zero_grad()
        x = x.to(memory_format=layout)
        flow.loss(network, x, words, noise, flow.sample_times(batch, draws)).backward()
        optimizer.step()
        return time.perf_counter() - began

    step()
    return step


def better_layout(network: nn.Module, size: int, batch: int) -> tuple[Callable[[], float], str]:
    """The network's step in the layout it is faster in, by two steps of each."""
    took = {}
    for last in (False, True):
        step = stepper(network, size, batch, last=last)
        took[last] = min(step(), step())
    last = took[True] < took[False]
    return stepper(network, size, batch, last=last), "channels last" if last else "contiguous"


def main() -> None:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("--seconds", type=float, default=60, help="how long the two take turns")
    parser.add_argument("--batch", type=int, default=16)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    base = open_generator(shipped_base()).network
    assert isinstance(base, PatchUNet)
    size, ours = base.config.size, PatchUNet(base.config)
    peer = equal_peer(size, base.config.condition_width, parameters(ours))
    lanes = {"ours": ours, "diffusers UNet2DCondition": peer}
    steps, layouts = {}, {}
    for name, network in lanes.items():
        steps[name], layouts[name] = better_layout(network, size, args.batch)
    took: dict[str, list[float]] = {name: [] for name in lanes}
    until = time.perf_counter() + args.seconds
    while time.perf_counter() < until:
        for name, step in steps.items():
            took[name].append(statistics.mean(step() for _ in range(STEPS_A_TURN)))
    print(f"{'network':<26} {'parameters':>11} {'layout':>14} {'turns':>6} {'s/step':>8} {'samples/s':>10}")
    rows = []
    for name, network in lanes.items():
        second = statistics.median(took[name])
        rows.append(
            {
                "network": name,
                "parameters": parameters(network),
                "layout": layouts[name],
                "turns": len(took[name]),
                "step_seconds": second,
                "samples_a_second": args.batch / second,
            }
        )
        print(
            f"{name:<26} {rows[-1]['parameters']:>11,} {layouts[name]:>14} {len(took[name]):>6} "
            f"{second:>8.3f} {args.batch / second:>10.1f}"
        )
    ratio = rows[1]["step_seconds"] / rows[0]["step_seconds"]
    figures = {
        "size": size,
        "batch": args.batch,
        "threads": 1,
        "torch": torch.__version__,
        "ratio": ratio,
        "widths": list(peer.unet.config.block_out_channels),
        "rows": rows,
    }
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=1) + "\n")
    print(f"ours trains {ratio:.2f} times as many samples a second as diffusers' of equal parameters")


if __name__ == "__main__":
    main()
