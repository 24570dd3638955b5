"""Script: what is recorded of the user's own script, its files and what it ran with."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from volenti.core.digest import sha256_file
from volenti.core.shown import name_as_text

if TYPE_CHECKING:
    from volenti.core.canonical import Json

#: Packages whose versions are recorded with a run, where they are installed.
_NOTED = ("torch", "diffusers", "accelerate", "transformers", "peft", "lightning", "numpy")


def digests_of(code: Sequence[Path | str] | None) -> dict[str, str]:
    """SHA-256 digests of a script's files by name. code: None for the script that is running."""
    files = [Path(sys.argv[0])] if code is None else [Path(each) for each in code]
    return {name_as_text(file.name): sha256_file(file) for file in files if file.is_file()}


def environment() -> Json:
    """The versions of Python and of packages that matter, and the machine."""
    found = {"python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count() or 0}
    for name in _NOTED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
