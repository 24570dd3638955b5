"""What all tests share."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from volenti.adapters.weights.folder import check, default_folder

#: A folder in memory, and how much of it has to be free for the files of all tests.
IN_MEMORY, BYTES = Path("/dev/shm"), 8 << 30


# A test isn't timed: an example may take long on a machine that does something else too.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_configure() -> None:
    """Have tests write to memory where there is room: on a disk they wait a fifth of their time for it."""
    if IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free >= BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of test data beside the checkout; skips the test where there is none."""
    folder = Path(__file__).parents[1] / "../shared/data"
    if not folder.is_dir():
        pytest.skip("the test data beside the checkout (../shared/data) is absent")
    return folder


@pytest.fixture(scope="session")
def models() -> Path:
    """The folder of the face models' weights; skips the test where they weren't fetched."""
    folder = default_folder()
    states = check(folder)
    lacking = [file for file, state in states.items() if state != "present"]
    if lacking:
        pytest.skip(
            f"the model files aren't there (volenti.adapters.weights.fetch.fetch): {', '.join(lacking)}"
        )
    return folder
