"""A pipeline on disk: a folder as diffusers saves one, read without diffusers or torch.

What is asked of a folder before anything of it is opened: that it is of a family that can be trained here,
that its weights are safetensors, and that nothing in it is code. Nothing is fetched, and no file outside of
the folder is read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from volenti.core.canonical import canonical
from volenti.core.digest import sha256, sha256_file
from volenti.core.errors import IntegrityError, MissingModelError, UsageError

INDEX = "model_index.json"
#: The part that learns, by the class that the folder's index names: the families that can be trained.
DENOISERS = {
    "StableDiffusionPipeline": "unet",
    "StableDiffusionXLPipeline": "unet",
    "StableDiffusion3Pipeline": "transformer",
}
#: The libraries that a part's class may be from; another name would be a file of code in the folder.
LIBRARIES = ("diffusers", "transformers")
#: Files that decide what a pipeline computes. Others, such as pictures and pickled weights, are never read.
_READ = frozenset({".json", ".txt", ".model", ".safetensors"})
REMEDY = "Name a folder that diffusers' `save_pretrained` wrote, with safetensors: --base or VOLENTI_BASE."


@dataclass(frozen=True, slots=True)
class PipelineFolder:
    """A folder that was checked: its family, the parts it has and those that it goes without."""

    path: Path
    family: str
    parts: tuple[str, ...]
    absent: tuple[str, ...]
    #: Side of the pictures it is made for, in pixels.
    size_px: int

    @property
    def denoiser(self) -> str:
        """The name of the part that learns, which is also its sub-folder's."""
        return DENOISERS[self.family]


def opened(path: Path) -> PipelineFolder:
    """Read and check a folder.

    Raises MissingModelError where there is no pipeline, UsageError where its family can't be trained or it
    has code in it, IntegrityError where a part lacks safetensors or a file can't be read.
    """
    if not (path / INDEX).is_file():
        raise MissingModelError(f"There is no pipeline in {path}: it has no {INDEX}.", REMEDY)
    index = _read(path / INDEX)
    family = index.get("_class_name")
    if not isinstance(family, str) or family not in DENOISERS:
        named = family if isinstance(family, str) else "a class of its own"
        raise UsageError(
            f"{path.name} is {named}, which can't be trained here.",
            f"Name one of {_families()}: --base or VOLENTI_BASE.",
        )
    named_parts = {name: each for name, each in index.items() if isinstance(each, list) and len(each) == 2}
    present = {name: each for name, each in named_parts.items() if each[0] is not None}
    for name, (library, _) in present.items():
        if library not in LIBRARIES:
            raise UsageError(f"{name} of {path.name} would be run from code in {library!r}.", REMEDY)
    for name in present:
        _require_safe(path / name)
    folder = PipelineFolder(
        path, family, tuple(sorted(present)), tuple(sorted(set(named_parts) - set(present))), 0
    )
    return PipelineFolder(path, family, folder.parts, folder.absent, _size_px(path, folder.denoiser))


def digest(path: Path) -> str:
    """SHA-256 over the names and digests of every file that decides what the pipeline computes."""
    return _digest(path, states(path))


@lru_cache(maxsize=8)
def _digest(path: Path, known: tuple[tuple[str, int, int], ...]) -> str:
    """known: the files' `states`, so that a changed one is read anew."""
    return sha256(canonical([[name, sha256_file(path / name)] for name, _, _ in known]))


def states(path: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, bytes and time of change of every file that decides; once that changes it is read anew."""
    read = (each for each in sorted(path.rglob("*")) if each.suffix in _READ and each.is_file())
    kept = [(each, each.stat()) for each in read if not each.name.startswith(".")]
    return tuple((each.relative_to(path).as_posix(), at.st_size, at.st_mtime_ns) for each, at in kept)


def _require_safe(part: Path) -> None:
    """Refuse a part that has weights, and none of them as safetensors."""
    weights = [each.suffix for each in part.glob("*") if each.suffix in (".bin", ".pt", ".ckpt", ".pth")]
    if weights and not list(part.glob("*.safetensors")):
        raise IntegrityError(
            f"The weights of {part.name} in {part.parent.name} aren't safetensors. Others may run code.",
            REMEDY,
        )


def _size_px(path: Path, denoiser: str) -> int:
    size = _read(path / denoiser / "config.json").get("sample_size")
    halvings = len(_read(path / "vae" / "config.json").get("block_out_channels", ())) - 1
    if not isinstance(size, int) or halvings < 0:
        raise IntegrityError(f"{path.name} doesn't say how large its pictures are.", REMEDY)
    return int(size) << halvings


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise IntegrityError(f"{file.parent.name}/{file.name} can't be read: {error}", REMEDY) from error
    if not isinstance(found, dict):
        raise IntegrityError(f"{file.parent.name}/{file.name} isn't a JSON object.", REMEDY)
    return found


def _families() -> str:
    return ", ".join(sorted(DENOISERS))
