"""The base's tools aren't installed: they are found in the checkout, as `python -m base.x` finds them."""

from __future__ import annotations

import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[3]))
torch.set_num_threads(1)
