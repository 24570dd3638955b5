"""How objects are shown: in one short line where they are printed, as HTML where a notebook shows them.

A notebook keeps what it shows, and no erasure reaches a notebook. So nothing here shows a person, but for
people who don't exist.
"""

from __future__ import annotations

import base64
import dataclasses
import html
import json
import os
import re
from collections.abc import Iterable, Sized

#: Characters that `short_repr` uses at most: two lines of a terminal.
LONGEST = 160
#: Characters of one text inside of it.
TEXT = 40
#: Characters that move a terminal's cursor, change its colours, end a line, reverse the direction of writing
#: or aren't seen at all; and halves of characters, of which no text consists. The joiners U+200C and U+200D
#: are part of words, so they aren't among them.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)


def printable(text: str) -> str:
    """The text in one line that a terminal shows as it is: what isn't seen is written as an escape, as \\x1b.

    Whoever names a file chooses what is printed, and must not be able to forge a line of it.
    """
    return _UNSEEN.sub(lambda found: _escape(found.group()), text)


def printable_json(text: str) -> str:
    """JSON text with what isn't seen as JSON's own escapes: it says the same."""
    return _UNSEEN.sub(lambda found: found.group() if found.group() in "\n" else _json(found.group()), text)


def name_as_text(name: str) -> str:
    """A file's name as text that can be kept: bytes that aren't UTF-8 are written as escapes, as \\xfc."""
    try:
        return os.fsencode(name).decode()
    except UnicodeDecodeError:
        return os.fsencode(name).decode(errors="backslashreplace")
    except UnicodeEncodeError:
        return name.encode(errors="backslashreplace").decode()


def _escape(character: str) -> str:
    number = ord(character)
    if 0xDC80 <= number <= 0xDCFF:
        number -= 0xDC00  # a byte of a file's name that isn't UTF-8
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    wide = f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
    return short.get(character, f"\\x{number:02x}" if number < 0x100 else wide)


def _json(character: str) -> str:
    return json.dumps(character)[1:-1]


def short_repr(value: object) -> str:
    """The repr of a dataclass in at most LONGEST characters: what is long is counted, not listed."""
    assert dataclasses.is_dataclass(value)
    names = {each.name for each in dataclasses.fields(value)}
    whose = [repr(value.id)] if "id" not in names and hasattr(value, "id") else []
    shown = whose + [
        f"{each.name}={_short(getattr(value, each.name))}" for each in dataclasses.fields(value) if each.repr
    ]
    text = f"{type(value).__name__}({', '.join(shown)})"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 6]}, ...)"


def _short(value: object) -> str:
    if isinstance(value, str):
        return repr(value if len(value) <= TEXT else f"{value[:TEXT]}...")
    if isinstance(value, bytes):
        return f"<{len(value):,} bytes>"
    if isinstance(value, Sized) and len(value):
        return f"<{len(value):,}>"
    if dataclasses.is_dataclass(value):
        identifier = getattr(value, "id", None)
        return f"{type(value).__name__}({identifier!r})" if identifier else f"{type(value).__name__}(...)"
    text = repr(value)
    return text if len(text) <= TEXT else f"{text[:TEXT]}..."


def table(title: str, rows: Iterable[tuple[object, ...]], head: tuple[str, ...] = ()) -> str:
    """A small table as HTML; whatever is in it is text."""
    lines = [f"<tr>{''.join(f'<th>{_text(each)}</th>' for each in head)}</tr>"] if head else []
    lines += [f"<tr>{''.join(f'<td>{_text(each)}</td>' for each in row)}</tr>" for row in rows]
    return f"<p><b>{_text(title)}</b></p><table>{''.join(lines)}</table>"


def pictures(title: str, shown: Iterable[tuple[bytes, str]]) -> str:
    """PNGs of people who don't exist, each with a line below it, beside each other as HTML."""
    figures = [
        '<figure style="display:inline-block;margin:4px;text-align:center">'
        f'<img height="160" alt="{_text(said)}" src="data:image/png;base64,{base64.b64encode(png).decode()}">'
        f"<figcaption>{_text(said)}</figcaption></figure>"
        for png, said in shown
    ]
    return f"<p><b>{_text(title)}</b></p>{''.join(figures)}"


def _text(value: object) -> str:
    return html.escape(f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value))
