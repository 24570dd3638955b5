"""The files of a constituent as other tools load them: a header, and the names that those tools look for.

A constituent of a pipeline is a LoRA with the names that diffusers writes. Tools that grew around kohya's
trainer look for other names; both files hold the same numbers. What a file says of itself stands in the
header that safetensors has for that, so the file's digest isn't that of the sealed weights; `bare` gives
these back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

#: How the names of a layer's two matrices end, as diffusers writes them and as kohya's trainer does.
_ENDS = {".lora_A.weight": ".lora_down.weight", ".lora_B.weight": ".lora_up.weight"}
_A = ".lora_A.weight"
#: What the names of a U-Net's layers begin with; of a transformer there is no such second form.
_UNET, _KOHYA = "unet.", "lora_unet_"
_ABOUT = "__metadata__"
#: The length of the header comes first, in so many bytes; the header is filled up to a multiple of it.
_LENGTH = 8


def rank_of(weights: bytes) -> int:
    """The rank of a LoRA file; 0 where the weights aren't one."""
    try:
        found = load(weights)
    except (SafetensorError, ValueError):
        return 0
    if not found or not all(name.endswith(tuple(_ENDS)) for name in found):
        return 0
    return max(int(each.shape[0]) for name, each in found.items() if name.endswith(_A))


def with_header(weights: bytes, said: Mapping[str, str]) -> bytes:
    """A safetensors file with texts in its header; the tensors stay as they are, byte for byte."""
    length = int.from_bytes(weights[:_LENGTH], "little")
    tensors = json.loads(weights[_LENGTH : _LENGTH + length])
    header = json.dumps({_ABOUT: dict(said), **tensors}, separators=(",", ":")).encode()
    header += b" " * (-len(header) % _LENGTH)
    return len(header).to_bytes(_LENGTH, "little") + header + weights[_LENGTH + length :]


def bare(data: bytes) -> bytes:
    """The weights of a file without what its header says: their digest is the constituent's."""
    return save(load(data))


def kohya(weights: bytes) -> bytes | None:
    """A U-Net's LoRA under the names of kohya's trainer; None of another network's.

    `alpha` is the rank, so that a tool multiplies the change by 1.
    """
    renamed = {}
    for name, each in load(weights).items():
        if not name.startswith(_UNET):
            return None
        end = next(each for each in _ENDS if name.endswith(each))
        layer = _KOHYA + name.removeprefix(_UNET).removesuffix(end).replace(".", "_")
        renamed[layer + _ENDS[end]] = each
        if end == _A:
            renamed[f"{layer}.alpha"] = np.array(each.shape[0], np.float32)
    return save(renamed)
