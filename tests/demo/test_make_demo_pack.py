"""The pack's maker: the reference and the most varied others, the same bytes every time."""

from __future__ import annotations

import importlib.util
import json
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_demo_pack", ROOT / "tools" / "make_demo_pack.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _photo(number: int, expr: str = "neutral", yaw: float = 0.0, bg: str = "grey") -> dict[str, object]:
    return {
        "file": f"s000-{number}.jpg",
        "subject": "s000",
        "caption": "",
        "age": "young",
        "expr": expr,
        "yaw": yaw,
        "bg": bg,
        "cloth": "red",
    }


def test_the_reference_comes_first_and_expressions_count_most(maker: ModuleType) -> None:
    photos = [_photo(0), _photo(1), _photo(2, "smiling"), _photo(3, bg="blue"), _photo(4, "sad"), _photo(5)]
    assert [each["file"][5] for each in maker.chosen(photos, 4)] == ["0", "2", "3", "4"]


def test_heads_turned_far_away_are_left_out_where_there_are_others(maker: ModuleType) -> None:
    photos = [_photo(0), _photo(1, "sad", yaw=31), _photo(2), _photo(3)]
    assert [each["file"][5] for each in maker.chosen(photos, 3)] == ["0", "2", "3"]
    assert len(maker.chosen(photos, 4)) == 4


def test_the_shipped_pack_is_the_one_this_tool_makes(maker: ModuleType, shared: Path, tmp_path: Path) -> None:
    cast = shared / "cast"
    records = json.loads((cast / "records.json").read_text())
    maker.pack(records, cast / "images", tmp_path / "cast.zip")
    shipped = ROOT / "src" / "volenti" / "demo" / "cast.zip"
    assert (tmp_path / "cast.zip").read_bytes() == shipped.read_bytes()


def test_a_pack_that_grew_too_large_is_not_kept(
    maker: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = [_photo(number) for number in range(5)]
    for photo in photos:
        (tmp_path / str(photo["file"])).write_bytes(b"x" * 500)
    monkeypatch.setattr(maker, "BYTES_MAX", 1000)
    with pytest.raises(ValueError, match="more than 1,000"):
        maker.pack(photos, tmp_path, tmp_path / "cast.zip")
    assert not (tmp_path / "cast.zip").exists()


def test_photographs_are_stored_as_they_are(people: object) -> None:
    with zipfile.ZipFile(ROOT / "src" / "volenti" / "demo" / "cast.zip") as archive:
        assert {each.compress_type for each in archive.infolist()} == {zipfile.ZIP_STORED}
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
