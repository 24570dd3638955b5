"""What is printed, and where: tables, figures in words, progress."""

from __future__ import annotations

import io
import json
import sys

import pytest
from rich.console import Console

from volenti.cli.terminal import output
from volenti.cli.terminal.bars import TerminalBars
from volenti.cli.terminal.help import page
from volenti.cli.terminal.output import Lines, counted, duration, progress, say_fields, say_table, size
from volenti.core.progress import Silent, track
from volenti.core.shown import printable

Captured = pytest.CaptureFixture[str]


def test_a_table_is_as_wide_as_its_cells_and_numbers_stand_right(capsys: Captured) -> None:
    say_table(("NAME", "ITEMS"), [("a very long identifier indeed", 7), ("b", 1200)])
    assert capsys.readouterr().out.splitlines() == [
        "NAME                           ITEMS",
        "a very long identifier indeed      7",
        "b                               1200",
    ]


def test_wide_characters_keep_the_columns_in_line(capsys: Captured) -> None:
    say_table(("NAME", "STATE"), [("山田", "signed"), ("Zoe\u0301", "draft")])
    assert capsys.readouterr().out.splitlines() == ["NAME  STATE", "山田  signed", "Zoe\u0301   draft"]


def test_a_table_without_rows_has_its_header(capsys: Captured) -> None:
    say_table(("NAME", "ITEMS"), [])
    assert capsys.readouterr().out == "NAME  ITEMS\n"


#: A text, as it is printed, and what JSON says of it.
SHOWN = [
    ("plain", "plain", "plain"),
    ("Nguyễn Thị", "Nguyễn Thị", "Nguyễn Thị"),
    ("山田 👩‍👩‍👧 می‌خواهم", "山田 👩‍👩‍👧 می‌خواهم", "山田 👩‍👩‍👧 می‌خواهم"),
    ("a\x1b[31mred", "a\\x1b[31mred", "a\\u001b[31mred"),
    ("a\nb\tc\rd", "a\\nb\\tc\\rd", "a\\nb\\tc\\rd"),
    ("bell\x07 back\x08 null\x00", "bell\\x07 back\\x08 null\\x00", "bell\\u0007 back\\b null\\u0000"),
    ("\x9b2J", "\\x9b2J", "\\u009b2J"),
    ("del\x7f", "del\\x7f", "del\\u007f"),
    ("\u202egpj.exe", "\\u202egpj.exe", "\\u202egpj.exe"),
    ("a\u2028b\u2029c", "a\\u2028b\\u2029c", "a\\u2028b\\u2029c"),
    ("a\u2066b\u2069", "a\\u2066b\\u2069", "a\\u2066b\\u2069"),
    ("no\u200bwidth\ufeff", "no\\u200bwidth\\ufeff", "no\\u200bwidth\\ufeff"),
    ("tag\U000e0041", "tag\\U000e0041", "tag\\udb40\\udc41"),
    ("M\udcfcller", "M\\xfcller", "M\\udcfcller"),
    ("half\ud83d", "half\\ud83d", "half\\ud83d"),
]


@pytest.mark.parametrize(("text", "printed", "in_json"), SHOWN)
def test_no_text_moves_the_cursor_or_forges_a_line(
    capsys: Captured, text: str, printed: str, in_json: str
) -> None:
    output.say(text)
    output.note(text)
    output.advise(text)
    output.say_table(("NAME", "ITEMS"), [(text, 1)])
    output.say_json({"name": text})
    captured = capsys.readouterr()
    first, heading, row, *json_lines = captured.out.split("\n")
    assert first == printed
    assert (heading.split(), row.split("  ")[0]) == (["NAME", "ITEMS"], printed)
    assert json_lines == ["{", f' "name": "{in_json}"', "}", ""]
    assert json.loads("\n".join(json_lines)) == {"name": text}
    assert captured.err == f"{printed}\n  -> {printed}\n"


@pytest.mark.parametrize("text", [each for each, _, _ in SHOWN])
def test_neither_does_the_work_that_a_bar_is_about(text: str) -> None:
    shown = io.StringIO()
    bars = TerminalBars(Console(file=shown, force_terminal=True, width=200))
    bars.begin(f"work {text}", 2)
    bars.advance(note=f"note {text}")
    bars.end()
    written = shown.getvalue()
    assert f"work {text}" not in written or text == printable(text)
    assert not {"\x07", "\x08", "\x00", "\x9b", "\x7f", "\u202e", "\u2028"}.intersection(written)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8", "utf-16", "shift-jis"])
@pytest.mark.parametrize("text", [each for each, _, _ in SHOWN])
def test_whatever_the_encoding_everything_is_shown(
    monkeypatch: pytest.MonkeyPatch, encoding: str, text: str
) -> None:
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, io.TextIOWrapper(io.BytesIO(), encoding))
    output.show_everything()
    output.say(text)
    output.note(text)
    output.say_json({"name": text})
    assert isinstance(sys.stdout, io.TextIOWrapper)
    printed = sys.stdout.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined]
    first, _, rest = printed.partition("\n")
    if encoding.startswith("utf"):
        assert first == printable(text)
    assert json.loads(rest) == {"name": text}


def test_empty_fields_are_left_out_and_further_lines_are_indented(capsys: Captured) -> None:
    say_fields([("image", "img_1"), ("file", ""), ("findings", "one\ntwo"), ("zero", 0)])
    assert capsys.readouterr().out.splitlines() == [
        "image     img_1",
        "findings  one",
        "          two",
        "zero      0",
    ]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (counted(1, "picture"), "1 picture"),
        (counted(1200, "picture"), "1,200 pictures"),
        (counted(2, "entry", "entries"), "2 entries"),
        (size(512), "512 B"),
        (size(68_900), "68.9 kB"),
        (size(19_200_000), "19.2 MB"),
        (size(3 * 10**12), "3.0 TB"),
        (duration(0.44), "0.4 s"),
        (duration(12.3), "12 s"),
        (duration(185), "3 min 5 s"),
    ],
)
def test_figures_are_said_as_people_say_them(said: str, expected: str) -> None:
    assert said == expected


def test_without_a_terminal_a_step_is_two_lines_on_standard_error(capsys: Captured) -> None:
    with progress() as told:
        assert isinstance(told, Lines)
        assert list(track(told, "Clearing", [1, 2, 3])) == [1, 2, 3]
    captured = capsys.readouterr()
    assert captured.out == ""
    first, second = captured.err.splitlines()
    assert first == "Clearing (3) ..."
    assert second.startswith("Clearing: 3 in ")


def test_with_json_nobody_is_told(capsys: Captured) -> None:
    with progress(quiet=True) as told:
        assert isinstance(told, Silent)
        list(track(told, "Clearing", [1, 2, 3]))
    assert capsys.readouterr() == ("", "")


def bars() -> tuple[TerminalBars, io.StringIO]:
    screen = io.StringIO()
    return TerminalBars(Console(file=screen, force_terminal=True, width=100)), screen


def test_in_a_terminal_a_bar_tells_how_many_and_what() -> None:
    told, screen = bars()
    list(track(told, "Training [slices]", range(5)))
    assert "Training [slices]" in screen.getvalue()
    assert "5/5" in screen.getvalue()


def test_a_bar_whose_length_nobody_knew_ends_full() -> None:
    told, screen = bars()
    told.begin("Reading", None)
    told.advance(3)
    told.end()
    assert "3/3" in screen.getvalue()


def test_steps_may_begin_inside_others() -> None:
    told, screen = bars()
    for outer in track(told, "Outer", range(2)):
        list(track(told, f"Inner {outer}", range(3)))
    assert "Inner 1" in screen.getvalue()
    assert "2/2" in screen.getvalue()


def test_closing_in_the_middle_gives_the_terminal_its_cursor_back() -> None:
    told, screen = bars()
    told.begin("Clearing", 10)
    told.advance()
    told.close()
    hidden, shown = "\x1b[?25l", "\x1b[?25h"
    assert screen.getvalue().rindex(shown) > screen.getvalue().rindex(hidden)
    told.end()


def test_the_bar_is_put_away_when_work_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    told, screen = bars()
    monkeypatch.setattr(output.sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("volenti.cli.terminal.bars.TerminalBars", lambda: told)

    def work() -> None:
        with progress() as given:
            given.begin("Clearing", 10)
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        work()
    assert screen.getvalue().endswith("\x1b[?25h")


def test_a_help_page_keeps_to_its_width_but_for_what_stands_verbatim() -> None:
    import typer

    from volenti.cli.main import app
    from volenti.cli.reference import commands

    for path, command in commands(typer.main.get_command(app), "volenti"):
        for line in page(command, path, 80).splitlines():
            assert len(line) <= 80 or line.startswith("    "), (path, line)
