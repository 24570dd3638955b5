"""Captions: what stands beside pictures is taken as it stands, or it is said where something else stands."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.studio import Studio
from volenti.clearance import captions, listing
from volenti.clearance.captions import Captions
from volenti.clearance.given import given_files

NFC, NFD = (unicodedata.normalize(form, "Müller é.jpg") for form in ("NFC", "NFD"))


def line(name: object, text: object, field: str = "text") -> str:
    return json.dumps({"file_name": name, field: text}, ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class Found:
    captions: dict[str, str]
    faults: list[str]


def found_in(folder: Path, pictures: list[str | bytes], beside: dict[str, str | bytes]) -> Found:
    """The captions of pictures, of which each is a file with its own name in it."""
    folder.mkdir(exist_ok=True)
    for name in pictures:
        path = folder / (name if isinstance(name, str) else name.decode(errors="surrogateescape"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(str(name).encode())
    for name, content in beside.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    files = given_files([folder]).files
    read = Captions(files)
    said = {file.name: text for file in files if (text := read.of(file))}
    return Found(said, [str(each).removeprefix(f"{folder}/") for each in read.faults])


J, C = "metadata.jsonl", "metadata.csv"

#: What lies in a folder, and which captions its pictures have.
TAKEN: dict[str, tuple[list[str | bytes], dict[str, str | bytes], dict[str, str]]] = {
    "a line": (["a.jpg"], {J: line("a.jpg", "one")}, {"a.jpg": "one"}),
    "a byte order mark": (["a.jpg"], {J: "\ufeff" + line("a.jpg", "one")}, {"a.jpg": "one"}),
    "UTF-16": (["a.jpg"], {J: line("a.jpg", "né").encode("utf-16")}, {"a.jpg": "né"}),
    "lines that end as in Windows": (
        ["a.jpg", "b.jpg"],
        {J: (line("a.jpg", "one") + line("b.jpg", "two")).replace("\n", "\r\n")},
        {"a.jpg": "one", "b.jpg": "two"},
    ),
    "no end of the last line": (["a.jpg"], {J: line("a.jpg", "one").strip()}, {"a.jpg": "one"}),
    "empty lines": (["a.jpg"], {J: "\n\n  \n" + line("a.jpg", "one") + "\n"}, {"a.jpg": "one"}),
    "U+2028 in a text": (["a.jpg"], {J: line("a.jpg", "one\u2028two")}, {"a.jpg": "one\u2028two"}),
    "U+0085 in a text": (["a.jpg"], {J: line("a.jpg", "one\x85two")}, {"a.jpg": "one\x85two"}),
    "a vertical tab in a text": (["a.jpg"], {J: line("a.jpg", "one\x0btwo")}, {"a.jpg": "one\x0btwo"}),
    "a line break in a text": (["a.jpg"], {J: line("a.jpg", "one\ntwo")}, {"a.jpg": "one\ntwo"}),
    "NFD for NFC": ([NFC], {J: line(NFD, "one")}, {NFC: "one"}),
    "NFC for NFD": ([NFD], {J: line(NFC, "one")}, {NFD: "one"}),
    "each form its own": ([NFC, NFD], {J: line(NFC, "c") + line(NFD, "d")}, {NFC: "c", NFD: "d"}),
    "another case": (["IMG_1.JPG"], {J: line("img_1.jpg", "one")}, {"IMG_1.JPG": "one"}),
    "backslashes": (["x/a.jpg"], {J: line("x\\a.jpg", "one")}, {"x/a.jpg": "one"}),
    "a backslash in a name": (["x\\a.jpg"], {J: line("x\\a.jpg", "one")}, {"x\\a.jpg": "one"}),
    "a dot": (["a.jpg"], {J: line("./a.jpg", "one")}, {"a.jpg": "one"}),
    "blanks around a name": (["a.jpg"], {J: line(" a.jpg ", "one")}, {"a.jpg": "one"}),
    "a way about": (["x/a.jpg"], {J: line("x/../x//a.jpg", "one")}, {"x/a.jpg": "one"}),
    "a folder above": (["train/f.jpg"], {J: line("train/f.jpg", "one")}, {"train/f.jpg": "one"}),
    "two folders above": (["a/b/f.jpg"], {J: line("a/b/f.jpg", "one")}, {"a/b/f.jpg": "one"}),
    "a folder beside": (["x/a.jpg", "y/b.jpg"], {f"x/{J}": line("../y/b.jpg", "b")}, {"y/b.jpg": "b"}),
    "the nearest listing counts": (
        ["x/a.jpg"],
        {J: line("x/a.jpg", "one"), f"x/{J}": line("a.jpg", "one")},
        {"x/a.jpg": "one"},
    ),
    "a name that isn't UTF-8": (
        [b"M\xfcller.jpg"],
        {J: line("Müller.jpg", "one")},
        {"M\\xfcller.jpg": "one"},
    ),
    "such a name as Python writes it": (
        [b"M\xfcller.jpg"],
        {J: json.dumps({"file_name": "M\udcfcller.jpg", "text": "one"})},
        {"M\\xfcller.jpg": "one"},
    ),
    "the field caption": (["a.jpg"], {J: line("a.jpg", "one", "caption")}, {"a.jpg": "one"}),
    "text before caption": (
        ["a.jpg"],
        {J: json.dumps({"file_name": "a.jpg", "caption": "two", "text": "one", "label": 3})},
        {"a.jpg": "one"},
    ),
    "a line twice": (["a.jpg"], {J: line("a.jpg", "one") * 2}, {"a.jpg": "one"}),
    "a table": (["a.jpg"], {C: "file_name,text\na.jpg,one\n"}, {"a.jpg": "one"}),
    "a table with a mark": (["a.jpg"], {C: "\ufefffile_name,text\na.jpg,one\n"}, {"a.jpg": "one"}),
    "semicolons": (["a.jpg"], {C: "file_name;text\r\na.jpg;one, two\r\n"}, {"a.jpg": "one, two"}),
    "tabs": (["a.jpg"], {C: "text\tfile_name\none\ta.jpg\n"}, {"a.jpg": "one"}),
    "sep=": (["a.jpg"], {C: "sep=;\nfile_name;text\na.jpg;one\n"}, {"a.jpg": "one"}),
    "quotes": (["a.jpg"], {C: 'file_name,text\n"a.jpg","one, ""two"""\n'}, {"a.jpg": 'one, "two"'}),
    "a break in quotes": (["a.jpg"], {C: 'file_name,text\na.jpg,"one\ntwo"\n'}, {"a.jpg": "one\ntwo"}),
    "headings in capitals": (["a.jpg"], {C: "File_Name,Text\na.jpg,one\n"}, {"a.jpg": "one"}),
    "separators at the end": (["a.jpg"], {C: "file_name,text\na.jpg,one,,\n,,\n"}, {"a.jpg": "one"}),
    "a file beside it": (["a.jpg"], {"a.txt": " one \n"}, {"a.jpg": "one"}),
    "a file beside it, with a mark": (["a.jpg"], {"a.txt": "\ufeffone"}, {"a.jpg": "one"}),
    "a file beside it, in UTF-16": (["a.jpg"], {"a.txt": "oné".encode("utf-16")}, {"a.jpg": "oné"}),
    "the suffix .caption": (["a.jpg"], {"a.caption": "one"}, {"a.jpg": "one"}),
    "both": (["a.jpg"], {"a.txt": "one", "a.caption": "one"}, {"a.jpg": "one"}),
    "an empty file beside it": (["a.jpg"], {"a.txt": "  \n"}, {}),
    "a long name": ([f"{'n' * 251}.jpg"], {f"{'n' * 251}.txt": "one"}, {f"{'n' * 251}.jpg": "one"}),
}


@pytest.mark.parametrize(
    ("listed", "faults"),
    [
        ("S012-2.JPG", []),
        ("s012-2.jpg", []),
        ("S012-2.jpg", []),
        (" S012-2.JPG ", []),
        ("below/S012-3.JPG", []),
        ("below/s012-3.jpg", []),
        ("S012-4.JPG", ["there is no file 'S012-4.JPG'"]),
        ("nowhere/S012-3.JPG", ["there is no file 'nowhere/S012-3.JPG'"]),
    ],
)
def test_a_line_about_a_file_that_is_there_and_was_not_given_is_no_fault(
    tmp_path: Path, listed: str, faults: list[str]
) -> None:
    (tmp_path / "below").mkdir()
    for name in ("S012-1.JPG", "S012-2.JPG", "below/S012-3.JPG"):
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / J).write_text(line("S012-1.JPG", "one") + line(listed, "two"))
    read = Captions(given_files([tmp_path / "S012-1.JPG"]).files)
    assert [str(each).partition(": ")[2] for each in read.faults] == faults


@pytest.mark.parametrize("case", TAKEN)
def test_what_stands_there_is_taken_as_it_stands(tmp_path: Path, case: str) -> None:
    pictures, beside, expected = TAKEN[case]
    assert found_in(tmp_path / "in", pictures, beside) == Found(expected, [])


#: What lies beside a.jpg, its caption, and what is said of it.
REPORTED: dict[str, tuple[dict[str, str | bytes], str, list[str]]] = {
    "null": ({J: line("a.jpg", None)}, "", ["line 1: text is null, not a text"]),
    "a list": ({J: line("a.jpg", ["a", "b"])}, "", ["line 1: text is a list, not a text"]),
    "an object": ({J: line("a.jpg", {"en": "a"})}, "", ["line 1: text is an object, not a text"]),
    "a number": ({J: line("a.jpg", 7)}, "", ["line 1: text is a number, not a text"]),
    "true": ({J: line("a.jpg", True)}, "", ["line 1: text is true or false, not a text"]),
    "an empty text": ({J: line("a.jpg", " ")}, "", ["line 1: text is empty"]),
    "half a character": ({J: '{"file_name": "a.jpg", "text": "\\ud83d"}'}, "", ["half of a character"]),
    "a name that is none": ({J: line(["a.jpg"], "x")}, "", ["file_name is a list, not a text"]),
    "no name": ({J: '{"text": "x"}'}, "", ["line 1: has no file_name"]),
    "another field for it": ({J: '{"filename": "a.jpg", "text": "x"}'}, "", ["has no file_name"]),
    "no text": ({J: '{"file_name": "a.jpg", "label": 1}'}, "", ["has neither text nor caption"]),
    "no JSON": ({J: "{'file_name': 'a.jpg', 'text': 'x'}\n"}, "", ["line 1: isn't JSON"]),
    "a list of entries": ({J: f"[{line('a.jpg', 'x').strip()}]"}, "", ["is a list, not an object"]),
    "deep nesting": ({J: "[" * 100_000}, "", ["line 1: isn't JSON"]),
    "JSON over many lines": ({J: '{\n"file_name": "a.jpg",\n"text": "x"\n}'}, "", ["isn't JSON"] * 4),
    "a broken line among others": (
        {J: "\n{broken\n" + line("a.jpg", "one")},
        "one",
        ["metadata.jsonl, line 2: isn't JSON"],
    ),
    "a file that isn't there": (
        {J: line("b.jpg", "x") + line("a.jpg", "one")},
        "one",
        ["line 1: there is no file 'b.jpg'"],
    ),
    "a folder": ({J: line(".", "x")}, "", ["'.' is a folder"]),
    "a way out": ({J: line("../a.jpg", "x")}, "", ["'../a.jpg' leads out of the folder"]),
    "a whole path": ({J: line("/etc/passwd", "x")}, "", ["leads out of the folder"]),
    "a name with a zero": ({J: line("a\0.jpg", "x")}, "", ["there is no file 'a\\x00.jpg'"]),
    "a name too long": ({J: line("a" * 5_000, "x")}, "", ["there is no file"]),
    "two lines that differ": (
        {J: line("a.jpg", "one") + line("a.jpg", "two")},
        "one",
        ["line 2: says something else than"],
    ),
    "two listings that differ": (
        {J: line("a.jpg", "one"), C: "file_name,text\na.jpg,two\n"},
        "one",
        ["metadata.csv, line 2: says something else"],
    ),
    "a listing and a file that differ": (
        {J: line("a.jpg", "one"), "a.txt": "two"},
        "one",
        ["a.txt: says something else than"],
    ),
    "two files that differ": (
        {"a.txt": "one", "a.caption": "two"},
        "one",
        ["a.caption: says something else"],
    ),
    "Windows-1252": (
        {J: line("a.jpg", "Café – 5 €").encode("cp1252")},
        "Café – 5 €",
        ["line 1: isn't UTF-8, and was read as Windows-1252"],
    ),
    "Windows-1252 beside it": (
        {"a.txt": "Größe".encode("latin-1")},
        "Größe",
        ["a.txt: isn't UTF-8, and was read as Windows-1252"],
    ),
    "a table in Windows-1252": (
        {C: "file_name;text\na.jpg;Größe\n".encode("cp1252")},
        "Größe",
        ["isn't UTF-8, and was read as Windows-1252"],
    ),
    "no heading": ({C: "a.jpg,one\n"}, "", ["line 1: the heading has no column file_name"]),
    "no column of texts": ({C: "file_name,label\na.jpg,1\n"}, "", ["line 2: has neither text nor caption"]),
    "more fields than headings": (
        {C: "file_name,text\na.jpg,a woman, smiling\n"},
        "",
        ["line 2: has 3 fields, the heading 2"],
    ),
    "fewer fields": ({C: "file_name,text\na.jpg\n"}, "", ["line 2: has neither text nor caption"]),
    "an open quote": ({C: 'file_name,text\na.jpg,"one\n'}, "", ["line 2: isn't a row of a table"]),
    "a row after a broken one": (
        {C: 'file_name,text\n"b.jpg"b,x\na.jpg,one\n'},
        "one",
        ["line 2: isn't a row of a table"],
    ),
    "the line of a row after a break": (
        {C: 'file_name,text\na.jpg,"one\ntwo"\nb.jpg,x\n'},
        "one\ntwo",
        ["line 4: there is no file"],
    ),
    "a long text": ({J: line("a.jpg", "x" * 70_000)}, "", ["line 1: text is longer than 65,536"]),
    "a long file beside it": ({"a.txt": "x" * 70_000}, "", ["a.txt: is longer than 65,536"]),
    "a long line": (
        {J: line("a.jpg", "x" * 2**21) + line("a.jpg", "one")},
        "one",
        ["line 1: is longer than 1,048,576 bytes"],
    ),
    "a field of a table too long": (
        {C: f"file_name,text\na.jpg,{'x' * 200_000}\n"},
        "",
        ["line 2: isn't a row of a table: field larger"],
    ),
}


@pytest.mark.parametrize("case", REPORTED)
def test_what_is_not_taken_is_said_with_its_line(tmp_path: Path, case: str) -> None:
    beside, caption, expected = REPORTED[case]
    found = found_in(tmp_path / "in", ["a.jpg"], beside)
    assert found.captions.get("a.jpg", "") == caption
    assert len(found.faults) == len(expected), found.faults
    assert all(part in fault for part, fault in zip(expected, found.faults, strict=True)), found.faults


def test_a_name_that_several_files_may_have_is_nobody_s(tmp_path: Path) -> None:
    found = found_in(tmp_path / "in", ["a.JPG", "A.jpg"], {J: line("a.jpg", "x")})
    assert found.captions == {}
    assert found.faults == ["metadata.jsonl, line 1: 'a.jpg' may be any of 2 files"]


def test_a_line_about_a_file_that_was_not_given_is_no_fault(tmp_path: Path) -> None:
    found_in(tmp_path / "in", ["a.jpg", "b.jpg"], {J: line("a.jpg", "one") + line("b.jpg", "two")})
    files = given_files([tmp_path / "in" / "a.jpg"]).files
    read = Captions(files)
    assert [read.of(each) for each in files] == ["one"]
    assert read.faults == []


def test_faults_without_end_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captions, "FAULTS_MAX", 10)
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(b"a")
    (folder / J).write_text("no JSON\n" * 500 + line("a.jpg", "one"))
    files = given_files([folder]).files
    read = Captions(files)
    assert read.of(files[0]) == "one"
    assert (len(read.faults), read.faults_count) == (10, 500)


def test_a_listing_without_end_is_read_to_a_bounded_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "BYTES_MAX", 10_000)
    monkeypatch.setattr(listing, "WHOLE_BYTES_MAX", 10_000)
    for name in (J, C):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "a.jpg").write_bytes(b"a")
        with (folder / name).open("wb") as file:
            file.write(b"file_name,text\n" if name == C else line("a.jpg", "one").encode())
            file.truncate(2**40)
        files = given_files([folder]).files
        read = Captions(files)
        assert read.of(files[0]) == ("" if name == C else "one")
        assert read.faults


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=300), name=st.sampled_from([J, C, "a.txt"]))
def test_no_bytes_whatever_raise_or_become_a_caption_that_cannot_be_kept(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str
) -> None:
    found = found_in(tmp_path_factory.mktemp("any") / "in", ["a.jpg"], {name: data})
    json.dumps(found.captions).encode()
    assert all(text.encode() for text in found.captions.values())


@settings(max_examples=100, deadline=None)
@given(
    texts=st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip),
        min_size=1,
        max_size=5,
    ),
    escaped=st.booleans(),
)
def test_every_text_comes_back_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], escaped: bool
) -> None:
    names = [f"{number}.jpg" for number in range(len(texts))]
    lines = [
        json.dumps({"file_name": name, "text": text}, ensure_ascii=escaped) + "\n"
        for name, text in zip(names, texts, strict=True)
    ]
    found = found_in(tmp_path_factory.mktemp("text") / "in", list(names), {J: "".join(lines)})
    assert found == Found({name: text.strip() for name, text in zip(names, texts, strict=True)}, [])


def test_adding_says_how_many_captions_there_are_and_keeps_them(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    photos = [studio.photo("ada") for _ in range(3)]
    inbox = photos[0].parent
    for each in photos:
        each.with_suffix(".txt").unlink(missing_ok=True)
    (inbox / J).write_text(
        line(photos[0].name, "a woman\u2028smiling") + line(photos[1].name, None), encoding="utf-8-sig"
    )
    report = studio.ws.add([inbox])
    assert (report.new, report.captions, report.beside) == (3, 1, 1)
    assert [(each.line, each.why) for each in report.caption_faults] == [(2, "text is null, not a text")]
    kept = {studio.parts.records.opened(row).body["caption"] for row in studio.parts.records.rows("image")}
    assert kept == {"a woman\u2028smiling", ""}
