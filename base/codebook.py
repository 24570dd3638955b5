"""Train the codebook of the autoregressive base: `python -m base.codebook`.

It learns to write a picture of the crowd as a grid of words and to paint it again. A word's vector
follows the features that chose it through the gradient; a word that nobody chose for a while gets
the features of a picture that is painted badly, so that all are used. Straight-through estimator,
commitment and unit vectors as in Yu et al. 2021 (arXiv:2110.04627, section 3.2).

Ends with how well held-out people are painted: the error, the words in use, and what the judges see
in the painted pictures beside what they see in the photographs. No generator that writes these words
can be better than that.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor

from base import attributes
from base.course import face_emphasis
from base.crowd import load_crowd
from volenti.core.canonical import Json
from volenti.generation import pixels
from volenti.generation.autoregression.codebook import Codebook, CodebookConfig
from volenti.generation.judge import load_judge

BATCH, WARMUP_STEPS, REVIVE_STEPS, COMMITMENT = 64, 200, 100, 0.25
#: How much more eyes and mouth count: glasses are thin.
EMPHASIS = 3.0


def losses(codebook: Codebook, x: Tensor, emphasis: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Loss, painting's error of each picture (count,), the words chosen, the features."""
    features = codebook.features(x).float()
    words = codebook.nearest(features.detach())
    vectors = codebook.vectors()[words]
    painted = codebook.decode_vectors(features + (vectors - features).detach()).float()
    error = ((painted - x) ** 2 * emphasis).mean((1, 2, 3))
    sharp = (painted - x).abs().mean()
    bound = ((vectors - features.detach()) ** 2).sum(2).mean()
    commitment = ((vectors.detach() - features) ** 2).sum(2).mean()
    return error.mean() + 0.2 * sharp + bound + COMMITMENT * commitment, error, words, features


def revive(codebook: Codebook, used: Tensor, features: Tensor, error: Tensor, draws: torch.Generator) -> int:
    """Give words that nobody chose the features of badly painted pictures; returns how many."""
    unused = (used == 0).nonzero().flatten()
    worst = features[error.argsort(descending=True)[: len(error) // 4]].flatten(0, 1)
    taken = torch.randint(len(worst), (len(unused),), generator=draws)
    with torch.no_grad():
        codebook.codes[unused] = worst[taken]
    return len(unused)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--crowd", type=Path, default=Path("build/crowd64.npz"))
    parser.add_argument("--out", type=Path, default=Path("build/codebook.safetensors"))
    parser.add_argument("--sheet", type=Path, default=Path("build/codebook.png"))
    parser.add_argument("--samples", type=int, default=200_000)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    frames, records = load_crowd(args.crowd)
    inside, outside = attributes.split(records)
    codebook = Codebook(CodebookConfig())
    optimizer = torch.optim.AdamW(codebook.parameters(), lr=args.lr, betas=(0.9, 0.98), weight_decay=0.0)
    emphasis = face_emphasis(codebook.config.size, EMPHASIS)
    draws = torch.Generator().manual_seed(0)
    used = torch.zeros(codebook.config.words)
    steps, began, recent = args.samples // BATCH, time.time(), []
    for step in range(steps):
        rows = np.array(inside)[torch.randint(len(inside), (BATCH,), generator=draws).numpy()]
        x = pixels.to_tensor(frames[rows])
        if torch.rand((), generator=draws) < 0.5:
            x = x.flip(3)
        with torch.autocast("cpu", torch.bfloat16):
            loss, error, words, features = losses(codebook, x, emphasis)
        rate = min(1.0, (step + 1) / WARMUP_STEPS, 2 * (1 - step / steps))
        optimizer.param_groups[0]["lr"] = args.lr * rate
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        used += torch.bincount(words.flatten(), minlength=len(used))
        recent.append(error.mean().item())
        if (step + 1) % REVIVE_STEPS == 0:
            revived = 0
            if step < steps // 2:
                revived = revive(codebook, used, features.detach(), error.detach(), draws)
            print(
                f"{(step + 1) * BATCH:>9} samples  error {np.mean(recent[-REVIVE_STEPS:]):.4f}  "
                f"unused words {int((used == 0).sum())}  revived {revived}  "
                f"{(step + 1) * BATCH / (time.time() - began):.1f}/s",
                flush=True,
            )
            used.zero_()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: each.contiguous() for name, each in codebook.state_dict().items()}, args.out)
    report(codebook.eval(), frames[outside], [records[row] for row in outside], args.sheet)


@torch.no_grad()
def report(codebook: Codebook, held_out: pixels.Pictures, records: list[Json], sheet: Path) -> None:
    """Print how well held-out pictures are painted, and save some beside the originals."""
    parts = [pixels.to_tensor(held_out[i : i + 256]) for i in range(0, len(held_out), 256)]
    words = torch.cat([codebook.encode(part) for part in parts])
    painted = np.concatenate([pixels.to_pixels(codebook.decode(part)) for part in torch.split(words, 256)])
    error = float(np.mean((painted.astype(float) - held_out.astype(float)) ** 2)) ** 0.5
    shares = torch.bincount(words.flatten(), minlength=codebook.config.words) / words.numel()
    spread = float(torch.exp(-(shares * shares.clamp(min=1e-12).log()).sum()))
    print(f"held-out pictures are painted {error:.1f} of 255 off; as if {spread:.0f} words were used evenly")
    judge, _, _ = load_judge()
    before, after = (attributes.accuracy(judge, some, records) for some in (held_out, painted))
    for name in before:
        print(f"{name:<12} photographs {before[name]:.3f}  painted {after[name]:.3f}")
    rows = [np.concatenate(list(some[:96:6]), 1) for some in (held_out, painted)]
    Image.fromarray(np.concatenate(rows)).resize((2048, 256)).save(sheet)


if __name__ == "__main__":
    main()
