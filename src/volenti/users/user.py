"""User: somebody who works with the workspace in the web application.

A user is staff or a customer, with a login and a password. A person who was photographed is none: they have a
personal link to what is theirs.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from volenti.core.codec import ELSEWHERE, decoded
from volenti.core.errors import UsageError
from volenti.core.shown import short_repr
from volenti.vault.records import Record

LOGIN_MAX, NAME_MAX = 120, 120


class UserRole(StrEnum):
    """What a user may do; a user may have several roles."""

    #: Consent, clearance, requests: whoever answers for the people in the pictures.
    OFFICER = "officer"
    #: Decides what was held, and nothing else: the second person where a policy asks for two.
    SECOND_OFFICER = "second-officer"
    #: Datasets, training, deliveries.
    ENGINEER = "engineer"
    #: Looks at the catalogue and licenses from it.
    LICENSEE = "licensee"
    #: Users and settings. Sees nobody's pictures.
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class User:
    """One user. `name` is what decisions are signed with; `password` a hash, empty until one was chosen.

    `at` is when the user was added, `is_locked` whether nobody may sign in as them.
    """

    id: str = field(metadata=ELSEWHERE)
    login: str
    name: str
    roles: tuple[UserRole, ...]
    at: str
    password: str = ""
    is_locked: bool = False

    __repr__ = short_repr

    @classmethod
    def read(cls, record: Record) -> Self:
        """The user of a row."""
        return decoded(cls, record.body, id=record.id)

    @property
    def has_password(self) -> bool:
        """Whether a password was chosen: before that nobody can sign in."""
        return self.password != ""


def login_of(text: str) -> str:
    """A login as it is compared: Unicode forms, capitals and spaces around it make no difference (NFKC)."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def checked_login(text: str) -> str:
    """A login as it is kept; raises UsageError where it can't be one."""
    login = login_of(text)
    if not login or len(login) > LOGIN_MAX or not login.isprintable() or any(map(str.isspace, login)):
        raise UsageError(
            "This can't be a login.", f"Use 1 to {LOGIN_MAX} characters without spaces, such as an address."
        )
    return login


def checked_name(text: str) -> str:
    """A user's name as it is kept; raises UsageError where it can't be one."""
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if not name or len(name) > NAME_MAX or not name.isprintable():
        raise UsageError("This can't be a name.", f"Use 1 to {NAME_MAX} letters and spaces.")
    return name


def checked_roles(roles: Sequence[str]) -> tuple[UserRole, ...]:
    """Roles, each once, in the order of `UserRole`.

    Raises UsageError for one that isn't known, and where there is none.
    """
    known = [each.value for each in UserRole]
    wrong = [each for each in roles if each not in known]
    if wrong or not roles:
        said = f"{wrong[0]!r} is no role." if wrong else "A user needs a role."
        raise UsageError(said, f"Choose: {', '.join(known)}.")
    return tuple(each for each in UserRole if each in roles)
