"""Subjects: the people in the pictures, for other systems that book and record them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from volenti.consent.document import DocumentError, Problem
from volenti.core.clock import stamp
from volenti.core.errors import IntegrityError
from volenti.core.signing import PublicKey
from volenti.users.apitoken import Scope
from volenti.web.api.operation import Call, FilledText, Noun, Paged, Reply, Text

if TYPE_CHECKING:
    from volenti.consent.subject import Subject
    from volenti.workspace.subject_records import SubjectOnRecord

noun = Noun("Subjects", "The people in the pictures: who they are, and what they agreed to.")

#: 32 bytes in base64.
Key = Annotated[
    str, msgspec.Meta(pattern="^[A-Za-z0-9+/]{43}=$", description="An Ed25519 public key, in base64.")
]


class GuardianFacts(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Who signs for a minor."""

    name: FilledText
    relation: FilledText
    public_key: Key | None = None


class SubjectFacts(msgspec.Struct, frozen=True):
    """A person on record. `releases` says what each of their releases amounts to today, by identifier.

    `restricted`: whether the use of what is theirs is restricted. `look_alikes`: who else on record looks
    like the same person.
    """

    id: str
    legal_name: str
    birth_date: date
    contact: str
    pseudonym: str
    notes: str
    identity_check: str
    public_key: str | None
    guardian: GuardianFacts | None
    created: str | None
    restricted: bool
    releases: dict[str, str]
    look_alikes: tuple[str, ...]


class SubjectList(msgspec.Struct, frozen=True):
    """Some people on record. `after` is where the next page begins; empty where there is none."""

    subjects: tuple[SubjectFacts, ...]
    after: str = ""


class NewSubject(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A person to be recorded, who has agreed to nothing yet.

    `another_person`: they aren't who is on record under the same name. `after_erasure`: somebody of this name
    and birth date was erased, and agreed anew.
    """

    legal_name: FilledText
    birth_date: Annotated[date, msgspec.Meta(description="From 1900 on, and not in the future.")]
    contact: Text = ""
    pseudonym: Text = ""
    notes: Text = ""
    identity_check: Text = ""
    public_key: Key | None = None
    guardian: GuardianFacts | None = None
    another_person: bool = False
    after_erasure: bool = False


class SubjectChange(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What is to be corrected of a person. What isn't given stays; an empty text takes a field out.

    A key that is on record is replaced by an officer alone, at the command line.
    """

    legal_name: FilledText | msgspec.UnsetType = msgspec.UNSET
    birth_date: date | msgspec.UnsetType = msgspec.UNSET
    contact: Text | msgspec.UnsetType = msgspec.UNSET
    pseudonym: Text | msgspec.UnsetType = msgspec.UNSET
    notes: Text | msgspec.UnsetType = msgspec.UNSET
    identity_check: Text | msgspec.UnsetType = msgspec.UNSET
    public_key: Key | msgspec.UnsetType = msgspec.UNSET
    guardian: GuardianFacts | msgspec.UnsetType = msgspec.UNSET


class SubjectSearch(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Words of a name, pseudonym, contact, guardian or identifier; all of them have to be found."""

    words: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


ADA: dict[str, Any] = {
    "id": "sub_k3v5q2m7x4n6a2b5c7d2",
    "legal_name": "Ada Example",
    "birth_date": "1990-05-17",
    "contact": "ada@example.org",
    "pseudonym": "",
    "notes": "",
    "identity_check": "passport, seen by Pat P.",
    "public_key": None,
    "guardian": None,
    "created": "2026-11-22T20:37:00Z",
    "restricted": False,
    "releases": {"rel_m7x4n6a2b5c7d2k3v5q2": "signed"},
    "look_alikes": [],
}
_SEARCHED = {"subjects": [ADA], "after": ""}


@noun.get("/subjects", "listSubjects", Scope.SUBJECTS_READ, asks=Paged, gives=SubjectList, example=_SEARCHED)
def list_subjects(call: Call) -> Reply:
    """List people on record, in an order that stays the same."""
    page = call.ws.subjects.page(after=call.asked.after, count=call.asked.count)
    return Reply(SubjectList(tuple(map(facts, page.items)), page.after), after=page.after)


@noun.post(
    "/subjects/search",
    "findSubjects",
    Scope.SUBJECTS_READ,
    takes=SubjectSearch,
    gives=SubjectList,
    example=_SEARCHED,
    example_taken={"words": "ada exa"},
    is_repeatable=True,
)
def find_subjects(call: Call) -> Reply:
    """Find people by words of what is on record of them; the first two hundred.

    The words are in the body, because addresses are written down on the way, and a name mustn't be.
    """
    found = call.ws.subjects.find(call.taken.words)[:200]
    return Reply(SubjectList(tuple(map(facts, found))))


@noun.post(
    "/subjects",
    "addSubject",
    Scope.SUBJECTS_WRITE,
    takes=NewSubject,
    gives=SubjectFacts,
    status=201,
    example={**ADA, "releases": {}},
    example_taken={"legal_name": "Ada Example", "birth_date": "1990-05-17", "contact": "ada@example.org"},
)
def add_subject(call: Call) -> Reply:
    """Record a person, who has agreed to nothing yet.

    409 where somebody of this name and birth date is on record or was erased.
    """
    said: NewSubject = call.taken
    guardian = said.guardian
    added = call.ws.subjects.add(
        said.legal_name,
        said.birth_date,
        contact=said.contact,
        pseudonym=said.pseudonym,
        notes=said.notes,
        identity_check=said.identity_check,
        key=_key(said.public_key, "public_key"),
        guardian=guardian.name if guardian else None,
        guardian_relation=guardian.relation if guardian else None,
        guardian_key=_key(guardian.public_key, "guardian.public_key") if guardian else None,
        another_person=said.another_person,
        after_erasure=said.after_erasure,
    )
    return Reply(_facts(added, False, {}, ()), (added.id,), f"/subjects/{added.id}")


@noun.get("/subjects/{subject}", "showSubject", Scope.SUBJECTS_READ, gives=SubjectFacts, example=ADA)
def show_subject(call: Call) -> Reply:
    """Show a person, with what their releases amount to today."""
    found = call.ws.subjects.on_record(call.path("subject"))
    return Reply(facts(found), (found.id,))


@noun.patch(
    "/subjects/{subject}",
    "amendSubject",
    Scope.SUBJECTS_WRITE,
    takes=SubjectChange,
    gives=SubjectFacts,
    example=ADA,
    example_taken={"contact": "ada@example.org"},
    current=show_subject,
)
def amend_subject(call: Call) -> Reply:
    """Correct or complete what is on record of a person. Releases stay as they were signed."""
    said: dict[str, Any] = {
        name: value
        for name in SubjectChange.__struct_fields__
        if (value := getattr(call.taken, name)) is not msgspec.UNSET
    }
    if "legal_name" in said:
        said["name"] = said.pop("legal_name")
    if "public_key" in said:
        said["key"] = _key(said.pop("public_key"), "public_key")
    if (guardian := said.pop("guardian", None)) is not None:
        said |= {
            "guardian": guardian.name,
            "guardian_relation": guardian.relation,
            "guardian_key": _key(guardian.public_key, "guardian.public_key"),
        }
    call.ws.subjects.amend(call.path("subject"), **said)
    return show_subject(call)


def facts(found: SubjectOnRecord) -> SubjectFacts:
    """A person as the API says it."""
    standings = {name: standing.value for name, standing in found.releases.items()}
    return _facts(found.subject, found.restricted, standings, found.look_alikes)


def _facts(
    subject: Subject, restricted: bool, releases: dict[str, str], look_alikes: tuple[str, ...]
) -> SubjectFacts:
    guardian, key = subject.guardian, subject.public_key
    return SubjectFacts(
        subject.id,
        subject.legal_name,
        subject.birth_date,
        subject.contact,
        subject.pseudonym,
        subject.notes,
        subject.identity_check,
        None if key is None else str(key),
        None
        if guardian is None
        else GuardianFacts(
            guardian.name,
            guardian.relation,
            None if guardian.public_key is None else str(guardian.public_key),
        ),
        None if subject.created is None else stamp(subject.created),
        restricted,
        releases,
        look_alikes,
    )


def _key(text: str | None, field: str) -> PublicKey | None:
    """A public key from its text; a text is never taken for the path of a file here."""
    if text is None:
        return None
    try:
        return PublicKey.parse(text)
    except IntegrityError as error:
        raise DocumentError([Problem(field, error.message)]) from error
