"""An export is what the webdataset package, which nobody here wrote, reads: before and after a deletion."""

from __future__ import annotations

import io
from pathlib import Path

import webdataset
from PIL import Image

from volenti.adapters.exports.webdataset import WebDatasetFormat
from volenti.core.progress import Silent
from volenti.deliveries.ports import Exported

COUNT, SIDE = 10, 24


def sample(position: int) -> Exported:
    out = io.BytesIO()
    Image.new("RGB", (SIDE, SIDE + position), (20 * position, 100, 200)).save(out, "JPEG")
    return Exported(position, f"{position:064x}", f"a wömän, nr {position}", out.getvalue(), ".jpg")


def read(folder: Path) -> list[tuple[str, tuple[int, ...], str, str]]:
    """Key, shape of the pixels, caption and token of every sample."""
    shards = sorted(map(str, folder.glob("*.tar")))
    data = webdataset.WebDataset(shards, shardshuffle=False).decode("rgb8")
    return [(each["__key__"], each["jpg"].shape, each["txt"], each["json"]["sample"]) for each in data]


def expected(*positions: int) -> list[tuple[str, tuple[int, ...], str, str]]:
    return [
        (f"{each:08d}", (SIDE + each, SIDE, 3), f"a wömän, nr {each}", f"{each:064x}") for each in positions
    ]


def test_the_package_reads_an_export(tmp_path: Path) -> None:
    WebDatasetFormat(samples=3).write(tmp_path, map(sample, range(COUNT)))
    assert read(tmp_path) == expected(*range(COUNT))


def test_the_package_reads_what_a_deletion_leaves(tmp_path: Path) -> None:
    form = WebDatasetFormat(samples=3)
    form.write(tmp_path, map(sample, range(COUNT)))
    form.remove(tmp_path, {sample(each).token for each in (0, 4, 5)}, Silent())
    assert read(tmp_path) == expected(1, 2, 3, 6, 7, 8, 9)
