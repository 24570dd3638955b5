"""Kept templates are used again only for the same picture seen by the same eyes."""

from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the pictures that were looked at; a picture's template is its first byte's direction."""
    from common import templates

    names: list[str] = []

    def row(path: Path) -> object:
        names.append(path.name)
        data = path.read_bytes()
        if data == b"landscape":
            return templates._Row(templates.FACELESS, templates._NOTHING, templates._NOTHING)
        vector = np.eye(128, dtype=np.float32)[data[0]]
        return templates._Row(templates.SEEN, vector, -vector, 2)

    monkeypatch.setattr(templates, "_row", row)
    monkeypatch.setattr(templates, "sight", lambda: "as it is today")
    return names


def seen(folder: Path, kept: Path) -> object:
    from common import templates
    from common.photographs import listed

    return templates._assembled(listed(folder), kept)


def picture(folder: Path, name: str, data: bytes) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)


def test_only_what_is_new_or_changed_is_looked_at_again(tmp_path: Path, looked_at: list[str]) -> None:
    folder, kept = tmp_path / "people", tmp_path / "kept.npz"
    picture(folder, "ada_0.jpg", b"\x01")
    picture(folder, "ada_1.jpg", b"\x02")
    picture(folder, "ben_0.jpg", b"landscape")
    first = seen(folder, kept)
    assert looked_at == ["ada_0.jpg", "ada_1.jpg", "ben_0.jpg"]
    assert first.vectors.argmax(axis=1).tolist() == [1, 2]
    assert first.enrolled.argmin(axis=1).tolist() == [1, 2]
    assert "3 listed, 2 with a face, 1 shows no face that is found; 1 people, 1 of" in first.account()
    seen(folder, kept)
    assert len(looked_at) == 3
    picture(folder, "ada_1.jpg", b"\x03")
    (folder / "ada_0.jpg").rename(folder / "cleo_0.jpg")
    again = seen(folder, kept)
    assert looked_at[3:] == ["ada_1.jpg"]
    assert dict(zip(again.subjects, again.vectors.argmax(axis=1), strict=True)) == {"ada": 3, "cleo": 1}


def test_a_picture_that_is_gone_leaves_no_template_behind(tmp_path: Path, looked_at: list[str]) -> None:
    folder, kept = tmp_path / "people", tmp_path / "kept.npz"
    picture(folder, "ada_0.jpg", b"\x01")
    picture(folder, "ben_0.jpg", b"\x02")
    seen(folder, kept)
    (folder / "ben_0.jpg").unlink()
    seen(folder, kept)
    with np.load(kept) as file:
        assert file["vectors"].argmax(axis=1).tolist() == [1]


def test_other_eyes_look_at_everything_again(
    tmp_path: Path, looked_at: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from common import templates

    folder, kept = tmp_path / "people", tmp_path / "kept.npz"
    picture(folder, "ada_0.jpg", b"\x01")
    seen(folder, kept)
    monkeypatch.setattr(templates, "sight", lambda: "as it is tomorrow")
    seen(folder, kept)
    assert looked_at == ["ada_0.jpg", "ada_0.jpg"]
    kept.write_bytes(b"no archive")
    assert len(seen(folder, kept).vectors) == 1


def test_the_sight_covers_everything_that_makes_a_template(monkeypatch: pytest.MonkeyPatch) -> None:
    from common import templates

    names = templates._needed(templates._SIGHT)
    assert {
        "volenti.adapters.sight.networks_opencv",
        "volenti.adapters.sight.yunet_onnx",
        "volenti.perception.files.picture",
        "volenti.perception.files.pixels",
        "volenti.perception.sight.reference",
    } <= names
    assert "volenti.perception.sight.matching" not in names
    before = templates.sight.__wrapped__()
    sources = templates._source

    def with_another_detector(module: str) -> Path:
        return Path(__file__) if module == "volenti.adapters.sight.yunet_onnx" else sources(module)

    monkeypatch.setattr(templates, "_source", with_another_detector)
    assert templates.sight.__wrapped__() != before


def test_comments_and_docstrings_do_not_change_the_sight(tmp_path: Path) -> None:
    from common import templates

    def code(text: str) -> str:
        (tmp_path / "module.py").write_text(text)
        return templates._code(tmp_path / "module.py")

    plain = code("def seen(x):\n    return x + 1\n")
    assert code('"""About."""\n# Why.\ndef seen(x):\n    """How."""\n    return x + 1  # So.\n') == plain
    assert code("def seen(x):\n    return x + 2\n") != plain


def test_the_tail_of_strangers_is_estimated_from_their_best_scores() -> None:
    from common.match_counts import tail_of

    drawn = list(np.random.default_rng(0).exponential(0.02, 40_000))
    # One stranger in e^10 = 22,026 reaches ten times the scale, by 50 comparisons each.
    tail = tail_of("drawn", drawn, 0.2, 50)
    assert tail is not None
    assert tail.per_million == pytest.approx(1e6 * np.exp(-10) / 50, rel=0.3)
    assert (tail.strangers, tail.highest) == (40_000, max(drawn))
    few = tail_of("few", drawn[:50], 0.2, 50)
    assert few is not None
    assert few.per_million is None
    assert tail_of("nobody to compare with", [-np.inf], 0.2, 1) is None


def test_match_counts_count_each_answer_once() -> None:
    from common import templates
    from common.match_counts import MatchCounts

    from volenti.adapters.matcher.exact import ExactMatcher

    ada, ben, cleo = np.eye(128, dtype=np.float32)[[3, 5, 7]]
    of = templates.Templates(
        np.stack([ada, ben, ada]),
        np.stack([ada, ben, cleo]),
        np.array(["ada", "ben", "cleo"]),
        np.array(["a", "b", "c"]),
        np.ones(3, np.int64),
        {},
    )
    matcher, found = ExactMatcher(), MatchCounts()
    matcher.enrol("ada", ada[None])
    matcher.enrol("cleo", cleo[None])
    found.present(of, np.array([0, 2]), matcher)
    found.present_strangers(of, np.array([1]), matcher)
    row = found.row("all", 2)
    assert (row.true, row.matched, row.held, row.wrong) == (2, 0.5, 0.0, 1)
    assert (row.strangers, row.false_clears, row.clears[0][:17]) == (1, 0, "c taken for ada (")
    assert {name: counts.wrong for name, counts in found.people.items()} == {"ada": 0, "cleo": 1}


def test_portraits_are_strangers_only_where_the_lists_name_people_alike(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from accuracy import strangers_of
    from common import templates

    def named(*people: str) -> templates.Templates:
        vectors = np.eye(128, dtype=np.float32)[: len(people)]
        names = np.array(people)
        return templates.Templates(vectors, vectors, names, names, np.ones(len(people), np.int64), {})

    assert strangers_of(named("ada", "ben", "cleo"), named("ben", "ben")).tolist() == [0, 2]
    assert strangers_of(named("ada"), templates.NOBODY).tolist() == [0]
    assert strangers_of(named("ada", "cleo"), named("person 1")).tolist() == []
    assert "nobody is known to be a stranger" in capsys.readouterr().out
