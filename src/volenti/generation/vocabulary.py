"""Vocabulary: the fixed words of captions and prompts.

The list is written down here and is never computed from data: a vocabulary that is
counted over captions would depend on every person's captions and change every model,
which would silently break exact forgetting (see docs/design).

A word outside of the list is *reported*, never silently dropped: `encode` returns
the ids together with the unknown words, and callers decide what to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PADDING, UNKNOWN, COMMA = 0, 1, 2

#: Words in a fixed order; the position is the id. Append only: ids are baked into weights.
WORDS: tuple[str, ...] = (
    "<pad>",
    "<unknown>",
    ",",
    "a",
    "an",
    "the",
    "in",
    "with",
    "to",
    "and",
    "of",
    "woman",
    "man",
    "person",
    "young",
    "middle-aged",
    "older",
    "smiling",
    "laughing",
    "serious",
    "sad",
    "surprised",
    "open-mouthed",
    "neutral",
    "hair",
    "head",
    "short",
    "long",
    "curly",
    "shaved",
    "ponytail",
    "braid",
    "very",
    "stubble",
    "beard",
    "goatee",
    "moustache",
    "full",
    "glasses",
    "top",
    "striped",
    "facing",
    "camera",
    "turned",
    "left",
    "right",
    "studio",
    "photograph",
    "background",
    "screen",
    "black",
    "white",
    "grey",
    "red",
    "green",
    "blue",
    "navy",
    "purple",
    "mustard",
    "brown",
    "blond",
    "beige",
    "teal",
    "pink",
    "dark",
    "light",
)

#: Everyday spellings of words in the list. British and American readers both type prompts.
SYNONYMS: dict[str, str] = {
    "gray": "grey",
    "blonde": "blond",
    "shirt": "top",
    "t-shirt": "top",
    "sweater": "top",
    "blouse": "top",
    "spectacles": "glasses",
    "eyeglasses": "glasses",
    "mustache": "moustache",
    "lady": "woman",
    "female": "woman",
    "gentleman": "man",
    "male": "man",
    "old": "older",
    "elderly": "older",
    "aged": "older",
    "bald": "shaved",
    "portrait": "photograph",
    "photo": "photograph",
    "picture": "photograph",
    "backdrop": "background",
    "happy": "smiling",
    "wearing": "in",
    "on": "in",
}

_IDS = {word: number for number, word in enumerate(WORDS)}
#: Words in any script, numbers, and the comma: so words that can't be drawn are at least reported.
_TOKEN = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*|\d+|,")


@dataclass(frozen=True, slots=True)
class Encoded:
    """A prompt as word ids, and its words that aren't in the vocabulary."""

    ids: tuple[int, ...]
    unknown: tuple[str, ...]


def encode(text: str) -> Encoded:
    """Word ids of `text`; words outside the vocabulary become UNKNOWN and are listed."""
    ids: list[int] = []
    unknown: list[str] = []
    for token in _TOKEN.findall(text.lower()):
        word = SYNONYMS.get(token, token)
        number = _IDS.get(word)
        if number is None:
            unknown.append(token)
            ids.append(UNKNOWN)
        else:
            ids.append(number)
    return Encoded(tuple(ids), tuple(unknown))


_SIDES = {"left": "right", "Left": "Right", "LEFT": "RIGHT"}
_SWAPPED = _SIDES | {right: left for left, right in _SIDES.items()}


def mirror(text: str) -> str:
    """The caption of the mirrored picture: left and right change places, however they're written."""
    return re.sub(rf"\b({'|'.join(_SWAPPED)})\b", lambda match: _SWAPPED[match.group(1)], text)
