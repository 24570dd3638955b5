"""Signing without a script: what the plain form says, and the statement that is signed by typing a name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from starlette.datastructures import UploadFile

from volenti.core.clock import stamp
from volenti.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.perception.sight.reference import Flaw
    from volenti.signings.session import SigningSession
    from volenti.signings.shown import ShownTexts
    from volenti.web.visit import Visit

PHOTOS_MAX = 3
#: From this age on people sign for themselves.
ADULT_YEARS = 18
#: Fields of the form beside the answers.
FIELDS = ("name", "birth_date", "contact", "guardian", "relation")


@dataclass(slots=True)
class Filled:
    """What was filled in so far, and what is wrong with it."""

    fields: dict[str, str] = field(default_factory=dict)
    photos: tuple[bytes, ...] = ()
    problems: list[str] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)


def looked_at(visit: Visit, photo: bytes) -> Sequence[Flaw]:
    """What is wrong with a photograph. Looking takes a processor, so it is counted by where it comes from."""
    # All phones of a studio may come from one address.
    visit.limit("signing-photo", times=300, per="quarter")
    return visit.ws.signings.look(visit.path("token"), photo)


def filled_in(visit: Visit, session: SigningSession, kept: Sequence[bytes]) -> Filled:
    """What the form says, and everything that is missing. kept: the photographs given before."""
    answers = {f"grant {each}": visit.said(f"grant {each}") for each in session.asks}
    filled = Filled({name: visit.said(name).strip() for name in FIELDS} | answers)
    if any(said not in ("yes", "no") for said in answers.values()):
        filled.problems.append("answers")
    if not filled.fields["name"]:
        filled.problems.append("name")
    born = day_of(filled.fields["birth_date"])
    if born is None:
        filled.problems.append("birth_date")
    elif is_minor_today(born) and not (filled.fields["guardian"] and filled.fields["relation"]):
        filled.problems.append("guardian")
    if filled.fields.get("grant biometric-templates") == "yes":
        given = [photo for photo in _files(visit) if photo]
        for photo in given[:PHOTOS_MAX]:
            flaws = looked_at(visit, photo)
            filled.flaws += [each for each in flaws if each.is_grave]
            filled.photos += () if any(each.is_grave for each in flaws) else (photo,)
        filled.photos = filled.photos or tuple(kept)
    return filled


def statement(
    visit: Visit, session: SigningSession, texts: ShownTexts, key: str, filled: Filled
) -> dict[str, Any]:
    """What is signed without a script: the same statement that a device writes, signed by typing a name."""
    said, born = filled.fields, day_of(filled.fields["birth_date"])
    is_minor = born is not None and is_minor_today(born)
    signer = said["guardian"] if is_minor else said["name"]
    if visit.said("signature").strip().casefold() != signer.casefold():
        raise UsageError(
            "The signature isn't the name of whoever signs.", f"Type it as it stands above: {signer}."
        )
    witness = None
    if session.has_witness:
        witness = {
            "name": visit.said("witness").strip(),
            "saw": signer,
            "mark": _typed(visit.said("witness")),
        }
    now = stamp(datetime.now(UTC))
    return {
        "type": "volenti-web-ceremony",
        "version": 1,
        "session": session.id,
        "key": key,
        "language": texts.language,
        "text_sha256": texts.text_sha256,
        "notice_sha256": texts.notice_sha256,
        "answers": {str(each): said[f"grant {each}"] == "yes" for each in session.asks},
        "name": said["name"],
        "birth_date": said["birth_date"],
        "contact": said["contact"],
        "guardian": {"name": said["guardian"], "relation": said["relation"]} if is_minor else None,
        "photos": [sha256(each).hexdigest() for each in filled.photos],
        "mark": _typed(visit.said("signature")),
        "witness": witness,
        "began": now,
        "signed_at": now,
    }


def _typed(name: str) -> dict[str, Any]:
    return {"way": "typed", "text": name.strip(), "strokes": []}


def day_of(text: str) -> date | None:
    """The day of birth that a text says; None where it says none or one in the future."""
    try:
        born = date.fromisoformat(text)
    except ValueError:
        return None
    return born if born <= datetime.now(UTC).date() else None


def is_minor_today(born: date) -> bool:
    """Whether whoever was born on a day is under 18 today."""
    today = datetime.now(UTC).date()
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return years < ADULT_YEARS


def _files(visit: Visit) -> list[bytes]:
    given = [each for each in visit.form.getlist("photo") if isinstance(each, UploadFile)]
    return [each.file.read() for each in given]
