"""People cut out of the screen they were drawn before."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from volenti.catalogue.cutout import Backdrop, Pixels, before_screen, cut_out
from volenti.core.errors import UsageError

GREEN, SKIN, GREENISH = (40, 170, 60), (210, 160, 130), (60, 150, 70)


def drawn(screen: tuple[int, int, int] = GREEN, top: tuple[int, int, int] = (200, 30, 30)) -> Pixels:
    """Somebody before a grainy screen, edges smooth."""
    large = Image.new("RGB", (256, 256), screen)
    pen = ImageDraw.Draw(large)
    pen.ellipse((80, 40, 176, 168), fill=SKIN)
    pen.rectangle((40, 180, 216, 256), fill=top)
    pen.rectangle((110, 150, 146, 200), fill=SKIN)
    pixels = np.asarray(large.resize((64, 64), Image.Resampling.BOX), np.float32)
    grain = np.random.default_rng(0).normal(0, 4, pixels.shape)
    return (pixels + grain).clip(0, 255).astype(np.uint8)


def test_the_screen_goes_and_the_person_stays() -> None:
    alpha = cut_out(drawn())[..., 3]
    assert alpha[:20, :8].max() < 40
    assert alpha[20:35, 25:38].min() == 255
    assert alpha[50:, 15:50].min() == 255


def test_what_is_of_the_screens_colour_inside_the_person_stays() -> None:
    pixels = drawn()
    pixels[24:28, 30:34] = GREEN  # green eyes, say
    assert cut_out(pixels)[24:28, 30:34, 3].min() == 255


def test_nothing_of_the_screens_light_is_left_at_the_edges() -> None:
    on_white = Backdrop((255, 255, 255)).behind(cut_out(drawn())).astype(int)
    greener = on_white[..., 1] - on_white[..., [0, 2]].max(axis=2)
    assert (greener > 40).mean() < 0.01


def test_another_backdrop_shows_where_the_screen_was() -> None:
    cut = cut_out(drawn())
    behind = Image.new("RGB", (300, 200), (10, 20, 200))
    before = Backdrop(picture=behind).behind(cut)
    assert before.shape == (64, 64, 3)
    assert np.abs(before[2, 2].astype(int) - (10, 20, 200)).max() < 8
    assert np.abs(before[30, 32].astype(int) - SKIN).max() < 20


def test_a_transparent_backdrop_is_the_cut_out_itself() -> None:
    cut = cut_out(drawn())
    assert cut.shape == (64, 64, 4)
    assert (Backdrop.colour_named("transparent").behind(cut) == cut).all()


@pytest.mark.parametrize(
    ("name", "colour"), [("white", (255, 255, 255)), ("#0a14c8", (10, 20, 200)), ("Navy", (0, 0, 128))]
)
def test_colours_have_names(name: str, colour: tuple[int, int, int]) -> None:
    assert Backdrop.colour_named(name).colour == colour


def test_what_is_neither_a_file_nor_a_colour_is_refused() -> None:
    with pytest.raises(UsageError, match="office"):
        Backdrop.colour_named("office.jpg")


def test_a_green_top_is_drawn_before_another_screen() -> None:
    assert before_screen("a man in a red top") == "a man in a red top, green screen"
    assert before_screen("a man in a green top") == "a man in a green top, blue background"


def test_a_prompt_that_names_a_background_is_refused() -> None:
    with pytest.raises(UsageError, match="background"):
        before_screen("a man in a red top, white Background")


def test_a_picture_of_nothing_but_screen_is_all_transparent() -> None:
    blank = np.full((64, 64, 3), GREEN, np.uint8)
    assert cut_out(blank)[..., 3].max() == 0
