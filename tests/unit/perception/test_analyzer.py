"""What is seen in a file without knowing anybody: who is in which of its pictures."""

import io
import pickle
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from volenti.adapters.sight.faces_memory import MemoryFaces
from volenti.perception.analyzer import PictureAnalysis, PictureAnalyzer
from volenti.perception.files.pixels import Rgb
from volenti.perception.sight.faces import Face, unit
from volenti.perception.sight.figure import Figure

FACE = Face((10.0, 8.0, 20.0, 24.0), 0.9, np.full((5, 2), 15, np.float32), unit(np.ones(128)))


class People:
    """Sees the same figures in every picture."""

    def __init__(self, *figures: Figure) -> None:
        self.told = list(figures)

    def figures(self, rgb: Rgb) -> list[Figure]:
        return self.told


class Ages:
    """Finds everybody as young as their face is wide, in hundredths."""

    available = True

    def under_25_scores(self, rgb: Rgb, faces: Sequence[Face]) -> list[float]:
        return [face.box[2] / 100 for face in faces]


def noise(seed: int, width: int = 80, height: int = 60) -> Rgb:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def saved(*pictures: Rgb, name: str = "TIFF") -> bytes:
    images = [Image.fromarray(each) for each in pictures]
    out = io.BytesIO()
    images[0].save(out, name, save_all=True, append_images=images[1:])
    return out.getvalue()


def perceived(analyzer: PictureAnalyzer, data: bytes) -> PictureAnalysis:
    (seen,) = analyzer.analyze([data])
    return seen


def codes(seen: PictureAnalysis) -> list[str]:
    return [each.code for each in seen.findings]


def told(seen: PictureAnalysis) -> tuple[object, ...]:
    """What can be compared of it: faces are arrays."""
    faces = [(face.box, face.score, face.under_25_score, face.frame) for face in seen.faces]
    return codes(seen), seen.width, faces, seen.figures, seen.rights, seen.preview


def test_faces_of_every_picture_of_a_file_are_found_and_say_in_which_they_are() -> None:
    detector = MemoryFaces()
    detector.tell(noise(1), [FACE])
    detector.tell(noise(3), [FACE, FACE])
    seen = perceived(PictureAnalyzer(detector, None), saved(*(noise(n) for n in range(4))))
    assert [face.frame for face in seen.faces] == [1, 3, 3]
    assert codes(seen) == []


def test_pictures_that_nobody_looked_at_are_a_finding() -> None:
    detector = MemoryFaces()
    seen = perceived(PictureAnalyzer(detector, None), saved(*(noise(n, 4, 4) for n in range(70))))
    assert codes(seen) == ["multi-frame"]
    assert "64" in seen.findings[0].message
    assert "70" in seen.findings[0].message


def test_a_person_without_a_face_is_a_figure_and_one_with_a_face_is_not() -> None:
    detector = MemoryFaces()
    detector.tell(noise(0), [FACE])
    around, beside = Figure((5.0, 4.0, 30.0, 50.0), 0.8), Figure((50.0, 4.0, 25.0, 50.0), 0.7)
    seen = perceived(PictureAnalyzer(detector, None, people=People(around, beside)), saved(noise(0)))
    assert seen.figures == (beside,)


def test_what_is_too_weak_to_be_a_face_is_a_figure() -> None:
    detector = MemoryFaces()
    weak = Figure((40.0, 10.0, 12.0, 12.0), 0.4)
    detector.tell(noise(0), [], [weak])
    assert perceived(PictureAnalyzer(detector, None), saved(noise(0))).figures == (weak,)


def test_youth_is_asked_for_each_face_and_is_nothing_where_nobody_is_asked() -> None:
    detector = MemoryFaces()
    detector.tell(noise(0), [FACE])
    asked = perceived(PictureAnalyzer(detector, None, ages=Ages()), saved(noise(0)))
    assert [face.under_25_score for face in asked.faces] == [pytest.approx(0.2)]
    assert [
        face.under_25_score for face in perceived(PictureAnalyzer(detector, None), saved(noise(0))).faces
    ] == [0.0]


def test_boxes_are_in_pixels_of_the_picture_that_is_judged_though_a_larger_one_was_looked_at() -> None:
    large = np.zeros((40, 4096, 3), np.uint8)
    large[10:30, 100:140] = 200
    detector = MemoryFaces()
    detector.tell(large, [FACE], [Figure((200.0, 0.0, 20.0, 40.0), 0.4)])
    seen = perceived(PictureAnalyzer(detector, None), saved(large, name="PNG"))
    assert seen.faces[0].box == (5.0, 4.0, 10.0, 12.0)
    assert (seen.faces[0].landmarks == 7.5).all()
    assert seen.figures[0].box == (100.0, 0.0, 10.0, 20.0)
    assert (seen.width, seen.height) == (4096, 40)


def test_a_file_that_does_not_open_is_a_finding_and_shows_nobody() -> None:
    seen = perceived(PictureAnalyzer(MemoryFaces(), None), b"no picture at all")
    assert codes(seen) == ["not-an-image"]
    assert seen.faces == seen.figures == ()


def test_a_fingerprint_is_made_only_where_there_is_a_work_to_compare_it_with() -> None:
    data = saved(noise(1))
    assert perceived(PictureAnalyzer(MemoryFaces(), None), data).fingerprints
    assert perceived(PictureAnalyzer(MemoryFaces(), None, works=False), data).fingerprints == ()


def test_every_picture_of_a_file_has_a_fingerprint_that_is_made_alone_or_with_the_rest() -> None:
    analyzer = PictureAnalyzer(MemoryFaces(), None)
    files = [saved(noise(1), noise(2), noise(1)), saved(noise(3)), b"no picture at all"]
    alone = [[each.digest for each in prints] for prints in analyzer.fingerprints(files)]
    assert [len(each) for each in alone] == [2, 1, 0], "a picture that repeats an earlier one has none"
    seen = analyzer.analyze(files)
    assert [[each.digest for each in one.fingerprints] for one in seen] == alone


def test_a_analyzer_can_be_sent_to_a_worker() -> None:
    analyzer = PictureAnalyzer(MemoryFaces(), None)
    sent: PictureAnalyzer = pickle.loads(pickle.dumps(analyzer))
    assert perceived(sent, saved(noise(0))).faces == ()


@pytest.mark.parametrize("together", [1, 30_000, 16 * 2**20])
def test_files_looked_at_together_are_seen_as_each_by_itself(
    monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    monkeypatch.setattr("volenti.perception.analyzer.TOGETHER_BYTES", together)
    detector = MemoryFaces()
    for seed in (1, 3, 4):
        detector.tell(noise(seed), [replace(FACE, score=0.5 + seed / 10)])
    analyzer = PictureAnalyzer(
        detector, None, people=People(Figure((60.0, 30.0, 15.0, 25.0), 0.6)), ages=Ages()
    )
    files = [saved(noise(1)), b"no picture", saved(noise(2)), saved(noise(3), noise(4)), saved(noise(1))]
    seen = analyzer.analyze(files)
    alone = [perceived(analyzer, data) for data in files]
    assert [told(each) for each in seen] == [told(each) for each in alone]
    assert [len(each.faces) for each in seen] == [1, 0, 0, 2, 1]
    assert [each.width for each in seen] == [80, 0, 80, 80, 80]
