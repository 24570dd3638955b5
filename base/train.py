"""Train the people-free base: `python base/train.py --out build/base`.

The base is what all shards share, so it may only have seen people who do not
exist: the virtual studio's crowd (base/crowd.py frames it). Nobody of the demo's
cast is in it.

The run can be killed at any moment and started again: it goes on from its last
checkpoint. It writes checkpoints by the number of samples seen; base/measure.py
turns them into the curve of adherence and detection that says where to stop, and
`--cooldown` then takes the learning rate to zero from the checkpoint chosen.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import re
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from volenti.core.canonical import Json
from volenti.generation.diffusion import flow
from volenti.generation.diffusion.unet import NetworkConfig, PatchUNet
from volenti.generation.text import tokenize
from volenti.generation.vocabulary import mirror

BATCH, WARMUP_STEPS, CAPTION_DROPOUT, PHRASE_DROPOUT = 64, 200, 0.12, 0.08
EMA_DECAY = 0.999

#: How much oftener a picture is drawn for what is rare in the crowd and small in the frame.
GLASSES_OFTENER, SMILES_OFTENER = 3, 2
#: Where framing puts what glasses and smiles change: centre and spread of the rows and columns.
EYES, MOUTH = ((25.0, 5.0), (31.5, 12.0)), ((43.0, 7.0), (31.5, 10.0))

#: Share of the training times drawn from where a prompt decides about small things, and which these are:
#: logit-normal, most between 0.65 and 0.93. Later they are drowned in noise, earlier already visible.
DECIDING_SHARE, DECIDING_MEAN, DECIDING_STD = 0.4, 1.6, 0.9


def varied(caption: str, rng: random.Random) -> str:
    """A caption as a person might shorten it: phrases left out, a screen called a background."""
    if rng.random() < CAPTION_DROPOUT:
        return ""
    if rng.random() < 0.5:
        caption = caption.replace("green screen", "green background")
    phrases = re.split(r"(?<=\S)(?=, | with | in a )", caption)
    kept = [phrases[0], *(part for part in phrases[1:] if rng.random() >= PHRASE_DROPOUT)]
    return "".join(kept)


def cumulative_weights(records: list[Json]) -> list[float]:
    """For random.choices: pictures with glasses and with smiles are drawn oftener."""
    weights = [
        (GLASSES_OFTENER if record["glasses"] else 1)
        * (SMILES_OFTENER if record["expr"] in ("smiling", "laughing") else 1)
        for record in records
    ]
    return list(itertools.accumulate(weights))


def face_emphasis(size: int, strength: float) -> Tensor:
    """Weights of pixels, float32 (size, size) of mean 1: most where framing puts eyes and mouth.

    What minimises a squared error at each pixel is the same with any weights; they only decide
    what is learned first. Glasses and smiles are a few dozen pixels of 4,096.
    """
    place = torch.arange(size, dtype=torch.float32)
    weights = torch.ones(size, size)
    for part in (EYES, MOUTH):
        rows, columns = (torch.exp(-(((place - centre) / spread) ** 2) / 2) for centre, spread in part)
        weights += strength * rows[:, None] * columns[None]
    return weights / weights.mean()


def deciding_times(count: int, generator: torch.Generator) -> Tensor:
    """Training times in (0, 1), float32 (count,): the usual ones, some of them replaced."""
    times = flow.sample_times(count, generator)
    chosen = torch.rand(count, generator=generator) < DECIDING_SHARE
    others = torch.sigmoid(DECIDING_MEAN + DECIDING_STD * torch.randn(count, generator=generator))
    return torch.where(chosen, others, times)


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised (Jordan et al. 2024): for the network's matrices and filters.

    Newton-Schulz iteration replaces the momentum matrix by its nearest orthogonal one, so
    that every direction is learned at the same speed. On this network it needs about half
    the samples AdamW needs (base/README.md has the measured pair).
    """

    def __init__(self, params: list[nn.Parameter], lr: float) -> None:
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for p in group["params"]:
                state = self.state[p]
                momentum = state.setdefault("momentum", torch.zeros_like(p))
                momentum.mul_(0.95).add_(p.grad)
                update = orthogonal((p.grad + 0.95 * momentum).reshape(p.shape[0], -1))
                rows, columns = update.shape
                p.mul_(1 - group["lr"] * 0.01)
                p.add_(update.reshape(p.shape), alpha=-group["lr"] * max(1, rows / columns) ** 0.5)


def orthogonal(matrix: Tensor) -> Tensor:
    a, b, c = 3.4445, -4.7750, 2.0315
    flip = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if flip else matrix
    x = (x / (x.norm() + 1e-7)).bfloat16()  # five rounds need no more digits than that
    for _ in range(5):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.T if flip else x).to(matrix.dtype)


def optimizers(network: PatchUNet, kind: str, lr: float) -> list[torch.optim.Optimizer]:
    edge = ("enter.", "leave.", "text.", "time.", "place", "film")
    hidden, other, words = [], [], []
    for name, p in network.named_parameters():
        is_matrix = p.ndim >= 2 and not any(part in name for part in edge)
        chosen = hidden if is_matrix and kind == "muon" else words if name == "text.alone.weight" else other
        chosen.append(p)
    adam = torch.optim.AdamW(other, lr=lr, betas=(0.9, 0.98), weight_decay=0.01)
    # A word's own vector is only moved by pictures that the word is said of: it needs larger steps.
    rare = torch.optim.AdamW(words, lr=3 * lr, betas=(0.9, 0.98), weight_decay=0.0)
    return [adam, rare, *([Muon(hidden, lr=0.02)] if hidden else [])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crowd", type=Path, default=Path("build/crowd64.npz"))
    parser.add_argument("--out", type=Path, default=Path("build/base"))
    parser.add_argument("--samples", type=int, default=1_000_000)
    parser.add_argument("--cooldown", type=int, default=0, help="last samples with falling rate")
    parser.add_argument("--every", type=int, default=48_000, help="samples between checkpoints")
    parser.add_argument("--optimizer", choices=["muon", "adamw"], default="muon")
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--start", type=Path, help="weights to start from: a base's safetensors")
    parser.add_argument("--emphasis", type=float, default=15.0, help="how much more eyes and mouth count")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)

    pixels = np.load(args.crowd)["x"]
    captions = json.loads(args.crowd.with_suffix(".json").read_text())
    torch.manual_seed(0)
    network = PatchUNet(NetworkConfig()).to(memory_format=torch.channels_last)
    if args.start:
        start = {name: each.float() for name, each in load_file(args.start).items()}
        network.load_state_dict(network.state_dict() | start)
    average = {name: p.detach().clone() for name, p in network.named_parameters()}
    optims = optimizers(network, args.optimizer, args.lr)
    rates = [optim.param_groups[0]["lr"] for optim in optims]
    seen = 0
    saved = args.out / "state.pt"
    if saved.exists():
        state = torch.load(saved)
        network.load_state_dict(state["network"])
        average, seen = state["average"], state["seen"]
        for optim, s in zip(optims, state["optims"], strict=True):
            optim.load_state_dict(s)

    oftener, emphasis = cumulative_weights(captions), face_emphasis(network.config.size, args.emphasis)
    began, shown, recent = time.time(), seen, []
    while seen < args.samples:
        step = seen // BATCH
        rng = random.Random(f"base/{step}")
        generator = torch.Generator().manual_seed(step)
        rows = rng.choices(range(len(pixels)), cum_weights=oftener, k=BATCH)
        flips = [rng.random() < 0.5 for _ in rows]
        batch = np.stack([pixels[r, :, ::-1] if f else pixels[r] for r, f in zip(rows, flips, strict=True)])
        x = (torch.from_numpy(batch).float() / 127.5 - 1).permute(0, 3, 1, 2)
        texts = [
            mirror(captions[r]["caption"]) if f else captions[r]["caption"]
            for r, f in zip(rows, flips, strict=True)
        ]
        words = tokenize([varied(text, rng) for text in texts])
        noise = torch.randn(x.shape, generator=generator)
        times = deciding_times(BATCH, generator)
        with torch.autocast("cpu", torch.bfloat16):
            loss = flow.loss(network, x, words, noise, times, emphasis)

        warm = min(1.0, (step + 1) / WARMUP_STEPS)
        cool = min(1.0, (args.samples - seen) / args.cooldown) if args.cooldown else 1.0
        for optim, rate in zip(optims, rates, strict=True):
            optim.param_groups[0]["lr"] = rate * warm * cool
            optim.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        for optim in optims:
            optim.step()
        decay = min(EMA_DECAY, (1 + step) / (10 + step))
        with torch.no_grad():
            for name, p in network.named_parameters():
                average[name].lerp_(p, 1 - decay)
        seen += BATCH
        recent.append(loss.item())

        if step % 50 == 0:
            rate = (seen - shown) / (time.time() - began)
            print(f"{seen:>9} samples  loss {np.mean(recent[-200:]):.4f}  {rate:.1f}/s", flush=True)
        if seen % args.every < BATCH or seen >= args.samples:
            torch.save({"network": network.state_dict(), "average": average, "seen": seen,
                        "optims": [o.state_dict() for o in optims]}, saved.with_suffix(".tmp"))  # fmt: skip
            saved.with_suffix(".tmp").replace(saved)
            torch.save(average, args.out / f"average-{seen:08d}.pt")


if __name__ == "__main__":
    main()
