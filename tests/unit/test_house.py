"""The picture of the house is as the imports are, and no room holds too much."""

import ast
import importlib
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
#: Of all code, in hundredths.
ROOM_MAX = 20
#: Lines of a file, and of a function that isn't a table.
FILE_MAX, FUNCTION_MAX = 300, 60
#: Functions that are one table, and why.
TABLES = {"_kinds": "the findings, one after the other"}


@pytest.fixture(scope="module")
def house() -> ModuleType:
    spec = importlib.util.spec_from_file_location("house", ROOT / "tools" / "house.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_picture_is_as_the_imports_are(house: ModuleType) -> None:
    assert house.PICTURE.read_text() == house.svg(), "python tools/house.py draws it anew"


def test_no_import_leads_upward(house: ModuleType) -> None:
    order = [name for floor in house.floors() for name in floor]
    upward = [
        (name, other)
        for name, used in house.imports().items()
        for other in used
        if order.index(other) < order.index(name)
    ]
    assert upward == []


def test_no_package_is_more_than_a_fifth_of_the_code(house: ModuleType) -> None:
    assert {name: share for name, share in house.shares().items() if share > ROOM_MAX} == {}


def test_every_file_that_the_page_names_is_there() -> None:
    page = (ROOT / "docs" / "design" / "house.md").read_text()
    named = re.findall(r"`((?:[a-z_]+/)+[a-z_]+(?:\.py)?)`", page)
    assert len(named) > 40
    assert [
        name for name in named if not (ROOT / "src" / "volenti" / name).exists() and name != "tools/house.py"
    ] == []


def test_no_file_and_no_function_is_too_long_to_read() -> None:
    for path in sorted((ROOT / "src").rglob("*.py")):
        text = path.read_text()
        assert len(text.splitlines()) <= FILE_MAX, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.name not in TABLES:
                assert (node.end_lineno or 0) - node.lineno < FUNCTION_MAX, f"{path}: {node.name}"


def test_every_name_that_a_program_imports_is_there() -> None:
    programs = [path for folder in ("bench", "examples", "tools") for path in (ROOT / folder).rglob("*.py")]
    imported = {
        (each.module, alias.name)
        for path in programs
        for each in ast.walk(ast.parse(path.read_text()))
        if isinstance(each, ast.ImportFrom) and (each.module or "").partition(".")[0] == "volenti"
        for alias in each.names
    }
    assert len(imported) > 100

    def is_there(module: str, name: str) -> bool:
        if importlib.util.find_spec(module) is None:
            return False
        found = importlib.import_module(module)
        return hasattr(found, name) or importlib.util.find_spec(f"{module}.{name}") is not None

    assert [pair for pair in sorted(imported) if not is_there(*pair)] == []
