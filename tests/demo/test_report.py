"""The page renders from a small summary, loads nothing, and shows the summary's figures."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from volenti.catalogue.generation_result import GeneratedImage
from volenti.catalogue.labelling import labelled_png
from volenti.catalogue.portrait import Portrait
from volenti.catalogue.work import Likeness, Nearness, Work
from volenti.core.canonical import Json
from volenti.demo.contactsheet import Box, Tile
from volenti.demo.report import duration, loss_chart, picture, render, share, size, words
from volenti.demo.traps import TRAPS, landscape

JPEG = landscape(1, (48, 32))


def _drawn(prompt: str, seed: int) -> GeneratedImage:
    pixels = np.random.default_rng(seed).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    likeness = Likeness(1, Nearness(1.5, 2.0, ("sub_x",)))
    work = Work(f"wrk_{seed}", "run_1", 0, prompt, seed, 2.5, 16, "0" * 64, "2026-11-22T00:00:00Z", 1)
    return GeneratedImage(work, labelled_png(pixels, prompt), pixels, likeness, Portrait.of([], pixels))


def _summary(**forgetting: str) -> Json:
    works = [
        {
            "prompt": "a man",
            "seed": 1,
            "constituent": 0,
            "found_face": True,
            "likeness": {"face": {"score": 1.5, "limit": 2.0}, "copy": {"score": 0.31, "limit": 0.8}},
        },
        {
            "prompt": "a man",
            "seed": 2,
            "constituent": 0,
            "found_face": True,
            "likeness": {},
        },
        {
            "prompt": "a <b>woman</b>",
            "seed": 3,
            "constituent": 0,
            "found_face": False,
            "likeness": {},
        },
    ]
    chapters: dict[str, Json] = {
        "consent": {
            "people": 96,
            "imported": 93,
            "covered": 88,
            "unreleased": 3,
            "territory": "DE",
            "flaws": [{"flaw": "minor", "code": "minor", "message": "No guardian has signed."}],
        },
        "ingest": {"files": 386, "new": 385, "duplicate": 1, "bytes": 4_382_043, "works": 1},
        "clearance": {
            "covered": {"given": 344, "cleared": 339, "held": 5, "refused": 0},
            "findings": {},
            "traps": [
                {"name": trap.name, "what": trap.what, "files": 2, "ok": trap.name != "trap-bomb"}
                for trap in TRAPS
            ],
            "faces": 380,
        },
        "dataset": {
            "id": "humans@1",
            "purpose": "generative-training",
            "territory": "DE",
            "entries": 341,
            "subjects": 88,
            "captions": 340,
            "verified": True,
        },
        "training": {
            "run": "run_1",
            "slices": 41,
            "slice_bytes": 100,
            "losses": [[0.4, 0.3, 0.2, 0.1], [0.5]],
            "constituents": [{"shard": 0, "people": 21, "images": 83, "sha256": "e" * 64, "bytes": 9}],
            "mean_losses": [0.4, 0.3, 0.2, 0.1],
            "people_least": 10,
            "base_bytes": 9_235_760,
            "base_sha256": "f" * 64,
            "environment": {"torch": "2.13.0"},
            "seconds": 70.4,
            "core_seconds": 130.0,
        },
        "generation": {
            "pictures": 88,
            "prompts": 2,
            "guidance": 2.5,
            "steps": 16,
            "refused": 3,
            "refused_by": {"face": 2, "copy": 1},
            "missing": 0,
            "works": works,
            "seconds": 12.0,
            "judged": [{"attribute": "glasses", "right": 0.9, "held_out": 0.96, "majority": 0.8}],
        },
        "request": {
            "holdings": [{"holder": "key", "what": "data key", "items": 1, "bytes": 32, "action": "destroy"}],
            "constituents": ["run_1/00"],
            "slices": ["run_1/00-003"],
            "items": 31,
            "bytes": 19_187_170,
            "planned_seconds": 9.3,
            "planned_full_seconds": 70.4,
            "dropped_after": 0.02,
            "erase_seconds": 0.19,
            "replay_seconds": 6.1,
            "seconds": 6.4,
            "attested": {},
            "erased": {},
            "again": [0],
        },
        "proof": {
            "certificate": True,
            "log_index": 668,
            "log_size": 669,
            "log_entries": 673,
            "canaries": 55,
            "canaries_computed": 2,
            "canaries_outside": 55,
            "pictures_opened": 345,
            "files_scanned": 314,
            "bytes_scanned": 125_000_000,
            "constituent": "00",
            "comparable": True,
            "sha256_one_less": "d" * 64,
            "environment": {},
        },
        "bill": {"rows": [{"what": "slices retrained", "cost": 1, "otherwise": 41}]},
    }
    for figures in chapters.values():
        figures["chapter_seconds"] = 1.25
    hashes = {"sha256_after": "a" * 64, "sha256_scratch": "a" * 64, "sha256_control": "b" * 64}
    return {
        "totals": {"given": 386, "cleared": 341, "held": 8, "rejected": 33, "unreadable": 3, "duplicate": 1},
        "traps": [{"name": trap.name, "expected": trap.expected, "got": trap.expected} for trap in TRAPS],
        "forgetting": {"cost_ratio": 0.0637, "seconds": 6.4, "full_seconds": 100.3, **hashes, **forgetting},
        "audit": {"ok": True, "residue": 0, "lost": 0, "log_consistent": True, "problems": []},
        "generation": {"detected": 0.9375, "adherence": 0.8412},
        "seconds": 251.4,
        "peak_memory_mb": 1956,
        "chapters": chapters,
    }


def _page(summary: Json | None = None, problems: tuple[str, ...] = ()) -> str:
    tiles = [
        Tile("a.jpg", "cleared", (), boxes=(Box(1, 2, 3, 4, "covered"),), jpeg=JPEG, aspect=1.5),
        Tile("b.png", "unreadable", ("bomb",), "Too large.", "Give less.", trap="trap-bomb"),
        Tile('"><script>x</script>.jpg', "held", ("no-face",), trap="trap-landscape", jpeg=JPEG),
        Tile("c.jpg", "cleared", (), people=("s001",), jpeg=JPEG).without("s001"),
    ]
    drawn = [_drawn("a man", 1), _drawn("a man", 2), _drawn("a <b>woman</b>", 3)]
    return render(summary or _summary(), tiles, drawn, [(0, _drawn("a man", 1))], problems)


class _Reader(HTMLParser):
    """Every tag, and every address in an attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "srcset", "data", "action", "poster"):
                self.addresses.append(value or "")
            if name.startswith("on"):
                self.handlers.append(name)


@pytest.fixture(scope="module")
def page() -> str:
    return _page()


def _read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    return reader


def test_the_page_loads_nothing_and_runs_nothing(page: str) -> None:
    reader = _read(page)
    assert not {"script", "link", "iframe", "object", "embed", "base"} & set(reader.tags)
    assert reader.handlers == []
    assert reader.addresses
    assert all(each.startswith(("data:image/", "#")) for each in reader.addresses)
    assert not re.search(r"url\(|@import|https?://", page)


def test_the_page_forbids_itself_to_load_anything(page: str) -> None:
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in page


def test_all_nine_chapters_are_there_in_order(page: str) -> None:
    found = re.findall(r'<section id="([a-z]+)">', page)
    assert found == list(_summary()["chapters"])


def test_links_lead_to_chapters(page: str) -> None:
    ids = set(re.findall(r' id="([a-z]+)"', page))
    assert {each[1:] for each in _read(page).addresses if each.startswith("#")} == ids


def test_figures_of_the_summary_are_on_the_page(page: str) -> None:
    text = re.sub(r"<[^>]+>", "", page)
    for figure in ("6.4 %", "93.8 %", "84.1 %", "386", "4 min 11 s", "1956 MB", "a" * 64, "b" * 64, "d" * 64):
        assert figure in text


def test_equal_hashes_are_marked_equal_and_others_different(page: str) -> None:
    assert page.count(">equal<") == 3
    assert page.count("different, as it must be") == 2
    worse = _page(_summary(sha256_scratch="c" * 64, sha256_control="a" * 64))
    assert worse.count(">different<") == 3
    assert ">equal<" in worse


def test_what_strangers_name_their_files_is_text_and_nothing_else(page: str) -> None:
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "a &lt;b&gt;woman&lt;/b&gt;" in page


def test_whoever_left_is_an_empty_place_without_a_name(page: str) -> None:
    assert 'title="This person has left."' in page
    assert "c.jpg" not in page


def test_a_missed_trap_says_what_was_expected(page: str) -> None:
    assert page.count('<span class="tag no">expected ') == 1


def test_broken_promises_come_first() -> None:
    page = _page(problems=("the log is consistent: no",))
    assert page.index("the log is consistent: no") < page.index('<section id="consent">')
    assert "Not everything went as promised" not in _page()


def test_likeness_tells_no_face_nobody_and_its_limits_apart(page: str) -> None:
    assert "no face found" in page
    assert "like nobody" in page
    assert "face 1.5 &lt; 2.0<br>copy 0.31 &lt; 0.80" in page
    assert "3 came too near (2 by face, 1 as a copy) and were refused" in page


def test_light_and_dark_are_both_there(page: str) -> None:
    assert "prefers-color-scheme: dark" in page


def test_the_chart_draws_whole_slices_only_and_nothing_without_any() -> None:
    chart = loss_chart([[0.4, 0.3, 0.2, 0.1], [0.5], [0.3, 0.3, 0.2, 0.2]], [0.35, 0.3, 0.2, 0.15])
    assert chart.count('class="thin"') == 2
    assert chart.count('class="dot"') == 4
    assert loss_chart([[0.5]], []) == ""
    assert loss_chart([[0.5] * 4], [0.5] * 4).count('class="thin"') == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1234, "1.2 kB"),
        (82_744, "82.7 kB"),
        (125_000_000, "125 MB"),
        (3.2e9, "3.2 GB"),
    ],
)
def test_sizes_read_well(value: float, text: str) -> None:
    assert size(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0002, "under 1 ms"), (0.02, "20 ms"), (6.44, "6.4 s"), (70.4, "70 s"), (251.4, "4 min 11 s")],
)
def test_durations_read_well(value: float, text: str) -> None:
    assert duration(value) == text


def test_shares_codes_and_pictures_read_well() -> None:
    assert (share(0.0637), share(1.0), share(None)) == ("6.4 %", "100 %", "not measured")
    assert words("trap-third-party-copy") == "third party copy"
    assert picture(JPEG).startswith("data:image/jpeg;base64,")
    assert picture(_drawn("a man", 1).png).startswith("data:image/png;base64,")
