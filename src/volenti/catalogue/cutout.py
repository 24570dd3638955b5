"""Cut-outs: works without their background, or before another one.

The model draws the person before a screen of one colour, which is then made transparent. A pixel is
background where its colour is like the border's and it is connected to the border, so the same colour inside
the person stays. Edges become half transparent, and the screen's light on them is taken off.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw, ImageFilter, ImageOps

from volenti.core.errors import UsageError
from volenti.perception.files.picture import Picture, open_picture

Pixels = NDArray[np.uint8]

#: Screens, each with a word that must not be in the prompt: a green top before a green screen would be
#: cut out along with it. The first screen that fits is taken.
SCREENS = (("green screen", "green"), ("blue background", "blue"))

_BACKGROUND = re.compile(r"\b(?:background|backdrop|screen)\b")

#: Distances from the screen's colour, in levels of 255 of the two colour differences. Below the first, a
#: pixel is all screen. From the second on, it shows something else at least in part. The third is a share of
#: the median distance of everything that isn't screen: from there on, a pixel shows nothing of the screen.
ALL_SCREEN, NOT_ALL_SCREEN, NO_SCREEN_SHARE = 12.0, 28.0, 0.8
#: Side of the square around a pixel of the screen in which others may be half transparent; an odd number.
EDGE = 5
#: Share of the picture's height, from the top, whose left and right rims show the screen's colour.
RIM_HEIGHT, RIM_WIDTH = 0.5, 0.06


@dataclass(frozen=True, slots=True)
class Backdrop:
    """What comes behind a person: nothing, a colour, or a picture (RGB)."""

    colour: tuple[int, int, int] | None = None
    picture: Image.Image | None = None

    @classmethod
    def of(cls, what: Path | str) -> Backdrop:
        """The picture in a file of that name, or else the backdrop that `colour_named` gives.

        Raises UsageError where the file can't be read as a picture.
        """
        path = Path(what)
        if not path.is_file():
            return cls.colour_named(str(what))
        try:
            found = open_picture(path.read_bytes())
        except OSError as error:
            raise UsageError(f"Can't read {path}: {error.strerror}.", "Check the path.") from error
        if not isinstance(found, Picture):
            raise UsageError(f"{what} can't be read as a picture.", found.remedy)
        return cls(picture=Image.fromarray(found.rgb))

    @classmethod
    def colour_named(cls, name: str) -> Backdrop:
        """`transparent`, a CSS colour's name, or #rrggbb; UsageError for anything else."""
        if name == "transparent":
            return cls()
        try:
            red, green, blue = ImageColor.getrgb(name)[:3]
        except ValueError as error:
            raise UsageError(
                f"{name!r} is neither a file nor a colour.",
                "Give a picture's path, a colour such as white or #d0e0ff, or transparent.",
            ) from error
        return cls((red, green, blue))

    def behind(self, cut: Pixels) -> Pixels:
        """A cut-out (height, width, 4) with this behind it: RGB, or the cut-out itself for nothing."""
        if self.colour is None and self.picture is None:
            return cut
        height, width = cut.shape[:2]
        if self.picture is None:
            behind = Image.new("RGB", (width, height), self.colour)
        else:
            behind = ImageOps.fit(self.picture, (width, height), Image.Resampling.LANCZOS)
        person = Image.fromarray(cut)
        behind.paste(person, mask=person.getchannel("A"))
        return np.asarray(behind, np.uint8)


def before_screen(prompt: str) -> str:
    """The prompt with a screen behind the person; UsageError where it names a background itself."""
    if _BACKGROUND.search(prompt.lower()):
        raise UsageError(
            "The prompt names a background, and another one was asked for.",
            "Leave it out of the prompt: what is behind is replaced.",
        )
    screen = next((name for name, word in SCREENS if word not in prompt.lower()), SCREENS[0][0])
    return f"{prompt}, {screen}"


def cut_out(pixels: Pixels) -> Pixels:
    """(height, width, 3) with a screen of one colour behind -> (height, width, 4), the screen transparent."""
    colours = _colour_differences(pixels)
    height, width = pixels.shape[:2]
    rows, columns = max(1, round(height * RIM_HEIGHT)), max(1, round(width * RIM_WIDTH))
    rim = np.concatenate([colours[:rows, :columns], colours[:rows, -columns:]], axis=1).reshape(-1, 2)
    screen = np.median(rim, axis=0)
    far = np.linalg.norm(colours - screen, axis=2)
    # The median filter keeps single noisy pixels from becoming holes.
    grain = Image.fromarray(far.clip(0, 255).astype(np.uint8)).filter(ImageFilter.MedianFilter(3))
    smooth = np.asarray(grain, np.float32)
    outside = _outside(smooth < NOT_ALL_SCREEN)
    edge = np.asarray(Image.fromarray(outside).convert("L").filter(ImageFilter.MaxFilter(EDGE)), bool)
    other = smooth[~outside]
    none = max(NOT_ALL_SCREEN, NO_SCREEN_SHARE * float(np.median(other)) if len(other) else 0.0)
    opacity = np.where(edge, ((smooth - ALL_SCREEN) / (none - ALL_SCREEN)).clip(0, 1), 1.0)
    alpha = (opacity * 255).round().astype(np.uint8)
    return np.dstack([_unspilled(pixels, screen, opacity), alpha])


def _colour_differences(pixels: Pixels) -> NDArray[np.float32]:
    """Cb and Cr, (height, width, 2): light and shade change them little."""
    return np.asarray(Image.fromarray(pixels).convert("YCbCr"), np.float32)[..., 1:]


def _outside(screen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where the screen is connected to the border, except the lower one."""
    height, width = screen.shape
    # A border of screen is added on three sides, not below, where the person goes on beyond the picture.
    paper = Image.new("L", (width + 2, height + 1), 255)
    paper.paste(Image.fromarray(screen).convert("L"), (1, 1))
    ImageDraw.floodfill(paper, (0, 0), 128)
    return np.asarray(np.asarray(paper)[1:, 1:-1] == 128, np.bool_)


def _unspilled(pixels: Pixels, screen: NDArray[np.float64], opacity: NDArray[np.float32]) -> Pixels:
    """The pixels without the screen's light on half transparent ones, as far as they are transparent."""
    ycc = np.asarray(Image.fromarray(pixels).convert("YCbCr"), np.float32).copy()
    share = np.maximum(opacity, 0.05)[..., None]
    ycc[..., 1:] = 128 + ((ycc[..., 1:] - 128) - (1 - share) * (screen - 128)) / share
    clean = Image.fromarray(ycc.clip(0, 255).astype(np.uint8), "YCbCr").convert("RGB")
    return np.asarray(clean, np.uint8)
