"""What is printed, and where: tables, figures in words, progress."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from volenti.cli.terminal import output
from volenti.cli.terminal.bars import TerminalBars
from volenti.cli.terminal.help import page
from volenti.cli.terminal.output import Lines, counted, duration, progress, say_fields, say_table, size
from volenti.core.progress import Silent, track

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
