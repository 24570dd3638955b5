"""The export formats' contract, run over every adapter."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volenti.adapters.exports.imagefolder import ImageFolderFormat
from volenti.adapters.exports.parquet import ParquetFormat
from volenti.adapters.exports.webdataset import WebDatasetFormat
from volenti.core.errors import IntegrityError
from volenti.core.progress import Silent
from volenti.deliveries.ports import Exported, ExportFormat

# Few to a file, so that a handful of samples fill several.
ADAPTERS: dict[str, Callable[[], ExportFormat]] = {
    "imagefolder": ImageFolderFormat,
    "webdataset": lambda: WebDatasetFormat(samples=3),
    "parquet": lambda: ParquetFormat(rows=3, group=2),
}


@pytest.fixture(params=ADAPTERS)
def form(request: pytest.FixtureRequest) -> ExportFormat:
    return ADAPTERS[request.param]()


def sample(position: int) -> Exported:
    pixels = f"picture {position} ".encode() * 40
    return Exported(position, f"{position:064x}", f"a wömän, nr {position}", pixels, ".jpg")


def tokens(*positions: int) -> set[str]:
    return {sample(each).token for each in positions}


def there(form: ExportFormat, folder: Path) -> set[str]:
    return {each.token for each in form.samples(folder)}


def contents(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_what_was_written_is_there(form: ExportFormat, tmp_path: Path) -> None:
    assert form.write(tmp_path, map(sample, range(8))) == 8
    assert there(form, tmp_path) == tokens(*range(8))
    assert sample(7).data in contents(tmp_path)


def test_nothing_can_be_written(form: ExportFormat, tmp_path: Path) -> None:
    assert form.write(tmp_path, []) == 0
    assert there(form, tmp_path) == set()
    assert form.remove(tmp_path, tokens(1), Silent()) == 0


@settings(deadline=None)
@given(going=st.sets(st.integers(0, 9)), count=st.integers(0, 8))
@pytest.mark.parametrize("name", ADAPTERS)
def test_what_is_removed_leaves_no_byte_and_nobody_else_moves(name: str, going: set[int], count: int) -> None:
    form = ADAPTERS[name]()
    with TemporaryDirectory() as place:
        folder = Path(place)
        form.write(folder, map(sample, range(count)))
        stays = set(range(count)) - going
        assert form.remove(folder, tokens(*going), Silent()) == count - len(stays)
        assert there(form, folder) == tokens(*stays)
        left = contents(folder)
        for position in range(count):
            assert (sample(position).data in left) == (position in stays)
            assert (f"nr {position}".encode() in left) == (position in stays)
        assert form.remove(folder, tokens(*going), Silent()) == 0


def test_what_is_of_the_recipients_own_stays(form: ExportFormat, tmp_path: Path) -> None:
    form.write(tmp_path, map(sample, range(4)))
    (tmp_path / "README.md").write_text("ours")
    form.remove(tmp_path, tokens(0, 1, 2, 3), Silent())
    assert (tmp_path / "README.md").read_text() == "ours"


def test_a_file_that_was_damaged_is_named(form: ExportFormat, tmp_path: Path) -> None:
    form.write(tmp_path, map(sample, range(4)))
    for path in tmp_path.iterdir():
        path.write_bytes(b"\x00\x01 not what it was")
    with pytest.raises(IntegrityError):
        form.remove(tmp_path, tokens(0), Silent())


def test_a_line_that_names_a_file_elsewhere_removes_nothing_there(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.jpg"
    elsewhere.write_bytes(b"x")
    folder = tmp_path / "export"
    folder.mkdir()
    line = json.dumps({"file_name": "../elsewhere.jpg", "text": "", "sample": sample(0).token})
    (folder / "metadata.jsonl").write_text(line + "\n")
    assert ImageFolderFormat().remove(folder, tokens(0), Silent()) == 1
    assert elsewhere.exists()


def test_parquet_reads_as_pictures_and_captions(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    ParquetFormat().write(tmp_path, map(sample, range(3)))
    table = parquet.read_table(tmp_path / "data-00000.parquet")
    assert table["image"][1].as_py() == {"bytes": sample(1).data, "path": "00000001.jpg"}
    assert table["text"].to_pylist() == [sample(each).caption for each in range(3)]
    assert b'"_type": "Image"' in table.schema.metadata[b"huggingface"]


def test_tar_files_keep_a_samples_members_together(tmp_path: Path) -> None:
    import tarfile

    WebDatasetFormat(samples=2).write(tmp_path, map(sample, range(3)))
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["data-000000.tar", "data-000001.tar"]
    with tarfile.open(fileobj=io.BytesIO((tmp_path / "data-000000.tar").read_bytes())) as tar:
        assert tar.getnames() == [
            f"0000000{each}{end}" for each in (0, 1) for end in (".jpg", ".txt", ".json")
        ]
