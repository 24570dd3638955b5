"""Message: a letter as an e-mail, in the language of who gets it: plain text, and the same as simple HTML."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from volenti.consent.wording import LANGUAGES
from volenti.core.clock import day, moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.letters.letter import Letter


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that goes with a letter: its name, its media type (RFC 6838), its bytes."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom letters are from: an address, and the name that they are signed with."""

    address: str
    name: str


def message(
    letter: Letter, to: str, sender: Sender, *, called: str = "", attached: Sequence[Attached] = ()
) -> EmailMessage:
    """The e-mail (RFC 5322) of a letter.

    to: the address. called: the name of who gets it. The message's identifier is the letter's, so that a
    server that gets it twice can tell.
    """
    made = EmailMessage(policy=SMTP)
    said = _said(letter, called, sender.name)
    made["From"] = f'"{_quoted(sender.name)}" <{sender.address}>' if sender.name else sender.address
    made["To"] = to
    made["Subject"] = said.pop(0)
    made["Date"] = format_datetime(moment(letter.made))
    made["Message-ID"] = f"<{letter.id}@{sender.address.partition('@')[2]}>"
    # Nobody's automatic answer is wanted (RFC 3834).
    made["Auto-Submitted"] = "auto-generated"
    made["Content-Language"] = letter.language
    made.set_content("\n\n".join(said) + "\n", cte="quoted-printable")
    made.add_alternative(_html(said, letter), subtype="html", cte="quoted-printable")
    for each in attached:
        kind, _, detail = each.media_type.partition("/")
        made.add_attachment(each.data, maintype=kind, subtype=detail, filename=each.name)
    return made


@cache
def texts(language: str) -> dict[str, dict[str, str]]:
    """Subject and text of each kind of letter, and what all begin and end with (`all`)."""
    source = files("volenti.letters") / "texts" / f"{language}.toml"
    found: dict[str, dict[str, str]] = tomllib.loads(source.read_text("utf-8"))
    return found


def _said(letter: Letter, called: str, signed: str) -> list[str]:
    """The subject, and then each paragraph."""
    known = texts(letter.language if letter.language in LANGUAGES else LANGUAGES[0])
    own, every = known[letter.kind], known["all"]
    facts = {
        "day": _day(letter.day, letter.language),
        "link": letter.link,
        "code": letter.code,
        "about": letter.about,
    }
    begin = every["dear"].format(name=called) if called else every["hello"]
    body = own["text"].strip().split("\n\n")
    if letter.link and "{link}" not in own["text"]:
        body.append(every["link"])
    paragraphs = [" ".join(each.split()).format(**facts) for each in body]
    end = every["end"] if not signed else f"{every['end']}\n{signed}"
    return [own["subject"].format(**facts), begin, *paragraphs, end]


def _html(paragraphs: list[str], letter: Letter) -> str:
    shown = []
    for each in paragraphs:
        text = escape(each).replace("\n", "<br>")
        if letter.link:
            link = escape(letter.link)
            text = text.replace(link, f'<a href="{link}">{link}</a>')
        if letter.code:
            code = escape(letter.code)
            text = text.replace(code, f'<strong style="font-size:1.6em;letter-spacing:.15em">{code}</strong>')
        shown.append(f"<p>{text}</p>")
    style = "font:16px/1.5 system-ui,sans-serif;max-width:36em;margin:2em auto;padding:0 1em"
    body = "\n".join(shown)
    return (
        f'<!doctype html>\n<html lang="{letter.language}"><head><meta charset="utf-8"></head>'
        f'<body style="{style}">\n{body}\n</body></html>\n'
    )


def _day(text: str, language: str) -> str:
    from babel.dates import format_date

    return format_date(day(text), "long", locale=language) if text else ""


def _quoted(name: str) -> str:
    return name.replace("\\", "").replace('"', "")
