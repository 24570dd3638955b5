"""Signs of people whose face wasn't found."""

import numpy as np

from volenti.perception.sight.faces import Face, unit
from volenti.perception.sight.figure import PEOPLE_FREE, Figure, PeopleFree
from volenti.perception.sight.figures import faceless, shows_people

BODY = Figure((100, 100, 200, 600), 0.9)


def face(left: float, top: float, side: float = 60, score: float = 0.9, frame: int = 0) -> Face:
    return Face((left, top, side, side), score, np.zeros((5, 2), np.float32), unit(np.ones(128)), frame)


def test_a_person_with_a_face_at_the_head_is_explained() -> None:
    assert faceless([BODY], [face(170, 130)]) == ()


def test_a_person_without_a_face_is_a_figure() -> None:
    assert faceless([BODY], []) == (BODY,)


def test_a_face_beside_somebody_does_not_explain_them() -> None:
    assert faceless([BODY], [face(400, 130)]) == (BODY,)


def test_a_face_at_the_feet_of_somebody_does_not_explain_them() -> None:
    assert faceless([BODY], [face(170, 600)]) == (BODY,)


def test_a_head_that_stands_out_of_a_tight_box_explains_it() -> None:
    assert faceless([BODY], [face(170, 30)]) == ()


def test_a_face_explains_one_person_and_what_overlaps_their_box() -> None:
    turned_away = Figure((280, 100, 220, 600), 0.8)
    again = Figure((110, 90, 190, 640), 0.5)
    assert faceless([BODY, turned_away, again], [face(170, 130)]) == (turned_away,)


def test_a_small_face_does_not_explain_somebody_large_in_front_of_it() -> None:
    large = Figure((0, 0, 900, 900), 0.7)
    child = Figure((400, 300, 100, 300), 0.6)
    assert faceless([large, child], [face(420, 310, 40)]) == (large,)


def test_two_people_whose_boxes_overlap_by_a_third_count_as_one() -> None:
    # A limit, said in docs/design/what-is-seen.md: parts of one person overlap like that as well.
    behind = Figure((160, 60, 400, 640), 0.8)
    assert faceless([behind, BODY], [face(170, 130)]) == ()


def test_a_body_that_parts_of_a_picture_cut_in_four_is_one_persons() -> None:
    # As seen in 600 pixels: the last overlaps the smallest by less than a third, and the first by more.
    parts = [(210, 214, 385, 386), (210, 63, 344, 327), (44, 61, 346, 326), (21, 217, 367, 379)]
    cut = [Figure((float(a), float(b), float(c), float(d)), 0.9) for a, b, c, d in parts]
    turned_away = Figure((420, 80, 180, 520), 0.8)
    (seen,) = [face(208, 132, 241)]
    assert faceless([*cut, turned_away], [seen]) == (turned_away,)


def test_a_face_anywhere_in_a_close_up_explains_it() -> None:
    assert faceless([Figure((100, 100, 200, 180), 0.6)], [face(170, 215)]) == ()


def test_a_face_explains_nobody_in_another_frame() -> None:
    assert faceless([BODY], [face(170, 130, frame=1)]) == (BODY,)


def test_figures_come_the_surest_first() -> None:
    weak = Figure((500, 0, 50, 50), 0.4)
    assert faceless([weak, BODY], []) == (BODY, weak)


def test_people_free_refuses_a_face_or_a_figure_from_its_score_on() -> None:
    rule = PeopleFree(face_min=0.5, figure_min=0.4)
    assert not shows_people([], [], rule)
    assert shows_people([face(0, 0, score=0.5)], [], rule)
    assert shows_people([], [Figure((0, 0, 9, 9), 0.4)], rule)
    assert not shows_people([face(0, 0, score=0.49)], [Figure((0, 0, 9, 9), 0.39)], rule)
    assert shows_people([face(0, 0)], [], PEOPLE_FREE)
