"""Train a diffusers UNet on a dataset, ready to forget.

    pip install 'volenti[train]' diffusers
    python examples/diffusers_parts.py studio humans --parts 4

On another machine, such as a host with GPUs, on a package (docs/how-to/train-elsewhere.md):

    python examples/diffusers_parts.py --package opened --results results

Everything about the training is diffusers' and this script's; Volenti hands out the pictures and
takes back what was trained. Each part learns from people that no other part learns from. When
somebody leaves, run the script again: it trains the part they were in, and no other.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import torch
from diffusers import DDPMScheduler, UNet2DModel
from safetensors.torch import save_file
from torch.utils.data import DataLoader

import volenti

SIZE, BATCH, LEARNING_RATE = 32, 8, 1e-3
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def train(part: Any, epochs: int) -> dict[str, torch.Tensor]:
    """The weights of a small UNet that learned to remove noise from one part's pictures."""
    # The same part, seed and machine give the same bits: nothing here depends on the other parts.
    torch.manual_seed(part.seed)
    network = UNet2DModel(
        sample_size=SIZE,
        block_out_channels=(16, 32),
        layers_per_block=1,
        norm_num_groups=8,
        down_block_types=("DownBlock2D", "AttnDownBlock2D"),
        up_block_types=("AttnUpBlock2D", "UpBlock2D"),
    ).to(DEVICE)
    scheduler = DDPMScheduler()
    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE)
    pictures = part.dataset.to_torch(SIZE)
    for epoch in range(epochs):
        order = part.dataset.epoch(epoch, seed=part.seed)
        for batch in DataLoader(pictures, batch_size=BATCH, sampler=order):
            clean = batch["pixels"]
            noise = torch.randn_like(clean)
            times = torch.randint(0, scheduler.config.num_train_timesteps, (len(clean),))
            clean, noise, times = (each.to(DEVICE) for each in (clean, noise, times))
            noisy = scheduler.add_noise(clean, noise, times)
            loss = torch.nn.functional.mse_loss(network(noisy, times).sample, noise)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        print(f"part {part.shard}, epoch {epoch}: loss {loss.item():.3f}", flush=True)
    return {name: each.cpu() for name, each in network.state_dict().items()}


def main() -> None:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("workspace", type=Path, nargs="?")
    parser.add_argument("dataset", help="NAME or NAME@VERSION", nargs="?")
    parser.add_argument("--package", type=Path, help="train on this opened package instead")
    parser.add_argument("--results", type=Path, default=Path("results"), help="where its results go")
    parser.add_argument("--parts", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--name", default="diffusers-unet")
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.package:
        with volenti.packages.begin(args.package, args.results) as run:
            keep_all(run, args.epochs)
        return
    if not (args.workspace and args.dataset):
        parser.error("give a workspace and a dataset, or --package")
    with (
        volenti.open(args.workspace) as ws,
        ws.runs.begin(args.name, dataset=args.dataset, shards=args.parts, code=[__file__]) as run,
    ):
        keep_all(run, args.epochs)


def keep_all(run: Any, epochs: int) -> None:
    """Train and keep every part that is due, in a workspace or on a package: the two are used alike."""
    with tempfile.TemporaryDirectory() as folder:
        for part in run.parts():
            file = Path(folder) / f"part-{part.shard}.safetensors"
            save_file(train(part, epochs), file)
            kept = part.keep(file)
            print(f"part {kept.shard}: {kept.people} people, SHA-256 {kept.sha256}")


if __name__ == "__main__":
    main()
