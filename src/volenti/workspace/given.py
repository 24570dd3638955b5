"""Converting what a verb may be given in several forms, such as a file or its bytes."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from volenti.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volenti.consent.reference import GivenPhoto
    from volenti.core.age import AgeRecipient
    from volenti.core.signing import PublicKey, SigningKey

#: Longer texts aren't names of files.
_NAME_MAX = 255

E = TypeVar("E", bound=Enum)


def one_of(values: type[E], given: E | str) -> E:
    """The value itself, or the value of a word; UsageError where the word has none."""
    try:
        return values(given)
    except ValueError:
        known = ", ".join(str(each.value) for each in values)
        raise UsageError(f"{given!r} is none of: {known}.", "Choose one of those.") from None


def bytes_of(given: bytes | Path | str) -> bytes:
    """The bytes themselves, or those of a file; UsageError where it can't be read."""
    if isinstance(given, bytes):
        return given
    try:
        return Path(given).read_bytes()
    except OSError as error:
        raise UsageError(f"Can't read {given}: {error.strerror}.", "Check the path.") from error


def photos_of(given: bytes | Path | str | Sequence[bytes | Path | str] | None) -> list[GivenPhoto]:
    """Photographs of one person: bytes, files, or folders of files; UsageError where one can't be read."""
    from volenti.consent.photofile import given_photos
    from volenti.consent.reference import GivenPhoto

    several = [given] if isinstance(given, bytes | Path | str) else list(given or ())
    found: list[GivenPhoto] = []
    for number, each in enumerate(several, 1):
        name = "The photograph" if len(several) == 1 else f"Photograph {number}"
        found += [GivenPhoto(name, each)] if isinstance(each, bytes) else given_photos(Path(each))
    return found


def signing_key(given: SigningKey | bytes | Path | str) -> SigningKey:
    """The private key itself, or the one in a file or in its bytes; UsageError where there is none."""
    from volenti.core.signing import SigningKey

    if isinstance(given, bytes):
        return SigningKey.read(given)
    if isinstance(given, SigningKey):
        return given
    try:
        return SigningKey.load(Path(given))
    except OSError as error:
        raise UsageError(f"Can't read {given}: {error.strerror}.", "Check the path.") from error


def public_key(given: PublicKey | Path | str) -> PublicKey:
    """The public key itself, as base64 text, or from a file that holds it; UsageError where it is none."""
    from volenti.core.signing import PublicKey

    if isinstance(given, PublicKey):
        return given
    is_file = len(str(given)) < _NAME_MAX and Path(given).is_file()
    return PublicKey.parse(Path(given).read_text(errors="replace") if is_file else str(given))


def age_recipient(given: AgeRecipient | Path | str) -> AgeRecipient:
    """A machine's public key itself, its text, or from a file; IntegrityError where it is none."""
    from volenti.core.age import AgeRecipient

    if isinstance(given, AgeRecipient):
        return given
    is_file = len(str(given)) < _NAME_MAX and Path(given).is_file()
    return AgeRecipient.parse(Path(given).read_text(errors="replace") if is_file else str(given))
