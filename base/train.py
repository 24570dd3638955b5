"""Train a people-free base: `python -m base.train --out build/base`.

The base is what all shards share, so it may only have seen people who do not
exist: the virtual studio's crowd (base/crowd.py frames it). Nobody of the demo's
cast is in it.

The run can be killed at any moment and started again: it goes on from its last
checkpoint. It writes checkpoints by the number of samples seen; base/measure.py
turns them into the curve of adherence and detection that says where to stop, and
`--cooldown` then takes the learning rate to zero from the checkpoint chosen.

Pictures of 128 px (`python -m base.crowd --size 128`) get the larger network; train it with `--device cuda`.
"""

from __future__ import annotations

import argparse
import itertools
import random
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from base.course import AutoregressionCourse, Course, DiffusionCourse
from base.crowd import load_crowd
from base.muon import optimizers
from volenti.core.canonical import Json
from volenti.generation.autoregression.transformer import TransformerConfig
from volenti.generation.diffusion.unet import NetworkConfig
from volenti.generation.text import tokenize
from volenti.generation.vocabulary import mirror

BATCH, WARMUP_STEPS, CAPTION_DROPOUT, PHRASE_DROPOUT = 64, 200, 0.12, 0.08
EMA_DECAY = 0.999

#: How much oftener a picture is drawn for what is rare in the crowd and small in the frame.
GLASSES_OFTENER, SMILES_OFTENER = 3, 2


def varied(caption: str, rng: random.Random) -> str:
    """A caption as a person might shorten it: phrases left out, a screen called a background."""
    if rng.random() < CAPTION_DROPOUT:
        return ""
    if rng.random() < 0.5:
        caption = caption.replace("green screen", "green background")
    phrases = re.split(r"(?<=\S)(?=, | with | in a )", caption)
    kept = [phrases[0], *(part for part in phrases[1:] if rng.random() >= PHRASE_DROPOUT)]
    return "".join(kept)


def cumulative_weights(records: Sequence[Json]) -> list[float]:
    """For random.choices: pictures with glasses and with smiles are drawn oftener."""
    weights = [
        (GLASSES_OFTENER if record["glasses"] else 1)
        * (SMILES_OFTENER if record["expr"] in ("smiling", "laughing") else 1)
        for record in records
    ]
    return list(itertools.accumulate(weights))


class State:
    """A training that can be killed: its network, averaged weights, optimisers and samples seen."""

    def __init__(self, course: Course, lr: float) -> None:
        self.course, self.seen = course, 0
        #: What every thread of every process that trained it has computed.
        self.core_seconds, self._counted = 0.0, time.process_time()
        self.optims = optimizers(course.network, course.edge, lr)
        self.rates = [optim.param_groups[0]["lr"] for optim in self.optims]
        self.average = {name: p.detach().clone() for name, p in course.network.named_parameters()}

    def load(self, path: Path) -> None:
        """Go on from what `save` wrote, where there is something."""
        if path.exists():
            state = torch.load(path, map_location=self.course.device)
            self.course.network.load_state_dict(state["network"])
            self.average, self.seen = state["average"], state["seen"]
            self.core_seconds = state.get("core_seconds", 0.0)
            for optim, each in zip(self.optims, state["optims"], strict=True):
                optim.load_state_dict(each)

    def save(self, out: Path) -> None:
        """The state, and the averaged weights as a base's file in float32."""
        now = time.process_time()
        self.core_seconds, self._counted = self.core_seconds + now - self._counted, now
        state = {
            "network": self.course.network.state_dict(),
            "average": self.average,
            "seen": self.seen,
            "core_seconds": self.core_seconds,
            "optims": [optim.state_dict() for optim in self.optims],
        }
        torch.save(state, out / "state.tmp")
        (out / "state.tmp").replace(out / "state.pt")
        weights, notes = self.course.kept(self.average)
        notes |= {"samples": str(self.seen), "core_seconds": f"{self.core_seconds:.0f}"}
        ready = {name: each.cpu().contiguous() for name, each in weights.items()}
        save_file(ready, out / f"average-{self.seen:08d}.safetensors", notes)

    def step(self, loss: Tensor, share_of_rate: float) -> None:
        """One step of all optimisers, and of the average."""
        for optim, rate in zip(self.optims, self.rates, strict=True):
            optim.param_groups[0]["lr"] = rate * share_of_rate
            optim.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.course.network.parameters(), 1.0)
        for optim in self.optims:
            optim.step()
        steps = self.seen // BATCH
        decay = min(EMA_DECAY, (1 + steps) / (10 + steps))
        with torch.no_grad():
            for name, p in self.course.network.named_parameters():
                self.average[name].lerp_(p, 1 - decay)
        self.seen += BATCH


def course(args: argparse.Namespace, frames: np.ndarray) -> Course:
    """The course of the architecture and shape asked for, its weights fresh or those of `--start`."""
    torch.manual_seed(0)
    made: Course
    if args.architecture == "diffusion":
        config = NetworkConfig.for_size(frames.shape[1])
        if args.widths is not None:
            config = replace(config, widths=tuple(args.widths), depths=tuple(args.depths))
        made = DiffusionCourse(config, frames, args.emphasis, args.device)
    else:
        shape = TransformerConfig(args.width, args.depth)
        made = AutoregressionCourse(shape, frames, args.codebook, args.device)
    if args.start:
        start = {name: each.float().to(args.device) for name, each in load_file(args.start).items()}
        made.network.load_state_dict(made.network.state_dict() | start)
    return made


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--architecture", choices=["diffusion", "autoregression"], default="diffusion")
    parser.add_argument("--widths", type=int, nargs="+", help="diffusion: channels of each level")
    parser.add_argument("--depths", type=int, nargs="+", help="diffusion: blocks of each level")
    parser.add_argument("--width", type=int, default=256, help="autoregression: width of a layer")
    parser.add_argument("--depth", type=int, default=6, help="autoregression: layers")
    parser.add_argument("--codebook", type=Path, default=Path("build/codebook.safetensors"))
    parser.add_argument("--crowd", type=Path, default=Path("build/crowd64.npz"))
    parser.add_argument("--out", type=Path, default=Path("build/base"))
    parser.add_argument("--samples", type=int, default=1_000_000)
    parser.add_argument("--cooldown", type=int, default=0, help="last samples with falling rate")
    parser.add_argument("--every", type=int, default=48_000, help="samples between checkpoints")
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--start", type=Path, help="weights to start from: a base's safetensors")
    parser.add_argument("--emphasis", type=float, default=6.0, help="how much more eyes and mouth count")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu", help="cuda: one GPU")
    return parser.parse_args()


def main() -> None:
    args = _arguments()
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    frames, records = load_crowd(args.crowd)
    state = State(course(args, frames), args.lr)
    state.load(args.out / "state.pt")
    oftener = cumulative_weights(records)
    began, shown, recent = time.time(), state.seen, []
    while state.seen < args.samples:
        step = state.seen // BATCH
        rng = random.Random(f"base/{step}")
        rows = rng.choices(range(len(frames)), cum_weights=oftener, k=BATCH)
        flips = [rng.random() < 0.5 for _ in rows]
        captions = [records[r]["caption"] for r in rows]
        texts = [mirror(text) if flip else text for text, flip in zip(captions, flips, strict=True)]
        words = tokenize([varied(text, rng) for text in texts])
        with torch.autocast(args.device, torch.bfloat16):
            loss = state.course.losses(rows, flips, words, step).mean()
        warm = min(1.0, (step + 1) / WARMUP_STEPS)
        cool = min(1.0, (args.samples - state.seen) / args.cooldown) if args.cooldown else 1.0
        state.step(loss, warm * cool)
        recent.append(loss.item())
        if step % 50 == 0:
            rate = (state.seen - shown) / (time.time() - began)
            print(f"{state.seen:>9} samples  loss {np.mean(recent[-200:]):.4f}  {rate:.1f}/s", flush=True)
        if state.seen % args.every < BATCH or state.seen >= args.samples:
            state.save(args.out)


if __name__ == "__main__":
    main()
