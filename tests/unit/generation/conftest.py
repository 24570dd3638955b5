"""One thread: these networks are too small to share, and bits depend on the number of threads."""

from __future__ import annotations

import torch

torch.set_num_threads(1)
