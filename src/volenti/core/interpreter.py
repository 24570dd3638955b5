"""Other Python processes, started so that no code of the current folder runs in them.

`python -m` looks for modules in the current folder first: where somebody works inside a delivered folder,
Python would run a `queue.py` that lies in it. So the processes started here, and those that they start, get
Python's safe path (`-P`), and of PYTHONPATH the absolute paths alone.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def command(module: str, *arguments: str) -> list[str]:
    """The command line that runs a module as a process of its own."""
    return [sys.executable, "-P", "-m", module, *arguments]


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of this process, without what makes Python look in the current folder."""
    found = {**os.environ, "PYTHONSAFEPATH": "1", **(more or {})}
    places = [each for each in found.pop("PYTHONPATH", "").split(os.pathsep) if Path(each).is_absolute()]
    return {**found, "PYTHONPATH": os.pathsep.join(places)} if places else found


def home_of(module: str) -> str:
    """The folder in which a module's outermost package was found; empty for modules of Python itself."""
    package = sys.modules.get(module.partition(".")[0])
    file = getattr(package, "__file__", None)
    if file is None or module.partition(".")[0] in sys.stdlib_module_names:
        return ""
    path = Path(file).resolve()
    return str(path.parent.parent if path.name == "__init__.py" else path.parent)
