"""Releases: what each person agreed to, for other systems that have them signed or need to know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from volenti.consent.document import DocumentError, Problem
from volenti.consent.purpose import Grant
from volenti.core.errors import IntegrityError
from volenti.users.apitoken import Scope
from volenti.web.api.operation import Call, Identifier, Noun, Paged, Raw, Reply, Text

if TYPE_CHECKING:
    from volenti.consent.onrecord import ReleaseOnRecord

noun = Noun("Releases", "What each person agreed to, signed; each grant explicitly yes or no.")

#: Bytes of a release with its photographs: JSON has a third more than the files.
_MAX = 32 << 20
_Base64 = Annotated[bytes, msgspec.Meta(min_length=1, description="A JPEG, PNG or TIFF file, in base64.")]


class ReleaseProblem(msgspec.Struct, frozen=True):
    """Something wrong with a release, by the field of the document."""

    field: str
    message: str


class ReleaseFacts(msgspec.Struct, frozen=True):
    """A release on record.

    `today` is what it amounts to today: only where that is "signed" does anything follow from it. `grants`
    says of each grant whether it is a yes that stands. `problems` are what is wrong with its signatures.
    `document` is what was signed, with the signatures.
    """

    id: str
    subject: str
    state: str
    today: str
    method: str
    grants: dict[str, bool]
    awaits: str | None
    problems: tuple[ReleaseProblem, ...]
    withdrawals: tuple[str, ...]
    document: dict[str, Any]


class ReleaseList(msgspec.Struct, frozen=True):
    """Some releases. `after` is where the next page begins; empty where there is none."""

    releases: tuple[ReleaseFacts, ...]
    after: str = ""


class SignedDocument(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A release that was signed elsewhere, of somebody who is on record.

    `document` is the signed document (docs/formats), `references` are the photographs that it names.
    `accept_reference`: take small, blurred, turned or covered faces, which is recorded.
    """

    document: dict[str, Any]
    references: Annotated[tuple[_Base64, ...], msgspec.Meta(max_length=20)] = ()
    accept_reference: bool = False


class WithdrawalWanted(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What is taken back of a release: one grant, for one shoot's pictures; everything if nothing is said."""

    grant: Grant | None = None
    shoot: Text | None = None


class WithdrawalOf(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What somebody takes back: one grant, for one shoot's pictures; everything where nothing is said."""

    subject: Identifier
    grant: Grant | None = None
    shoot: Text | None = None


class WithdrawalFacts(msgspec.Struct, frozen=True):
    """A withdrawal on record; it counts from `at` on. null: nothing of theirs said yes to it.

    Null in `release`, `grant` or `shoot` stands for all of them.
    """

    id: str | None
    subject: str
    at: str | None = None
    release: str | None = None
    grant: str | None = None
    shoot: str | None = None


class Receipt(msgspec.Struct, frozen=True):
    """The receipt of a release, as JSON-LD (ISO/IEC TS 27560), in `receipt`."""

    receipt: dict[str, Any]


_DOCUMENT: dict[str, Any] = {
    "release": {"type": "volenti-model-release", "version": 2, "id": "rel_m7x4n6a2b5c7d2k3v5q2"},
    "signatures": [],
}
RELEASE: dict[str, Any] = {
    "id": "rel_m7x4n6a2b5c7d2k3v5q2",
    "subject": "sub_k3v5q2m7x4n6a2b5c7d2",
    "state": "signed",
    "today": "signed",
    "method": "signed",
    "grants": {each.value: each is not Grant.SENSITIVE_USES for each in Grant},
    "awaits": None,
    "problems": [],
    "withdrawals": [],
    "document": _DOCUMENT,
}
_WITHDRAWAL = {
    "id": "wdr_a2b5c7d2k3v5q2m7x4n6",
    "subject": "sub_k3v5q2m7x4n6a2b5c7d2",
    "at": "2026-11-22T20:37:00Z",
    "release": "rel_m7x4n6a2b5c7d2k3v5q2",
    "grant": "commercial",
    "shoot": None,
}


@noun.get(
    "/releases",
    "listReleases",
    Scope.RELEASES_READ,
    asks=Paged,
    gives=ReleaseList,
    example={"releases": [RELEASE], "after": ""},
)
def list_releases(call: Call) -> Reply:
    """List releases by identifier, whatever became of them."""
    page = call.ws.releases.page(after=call.asked.after, count=call.asked.count)
    return Reply(ReleaseList(tuple(map(_facts, page.items)), page.after), after=page.after)


@noun.post(
    "/releases",
    "importRelease",
    Scope.RELEASES_WRITE,
    takes=SignedDocument,
    gives=ReleaseFacts,
    status=201,
    example=RELEASE,
    example_taken={"document": _DOCUMENT, "references": [], "accept_reference": False},
    max_bytes=_MAX,
)
def import_release(call: Call) -> Reply:
    """Take in a release that was signed elsewhere, with the photographs that it names.

    A release whose signatures don't hold is kept, and covers nothing: look at `today` and `problems`. Taking
    in the same one again changes nothing.
    """
    try:
        report = call.ws.releases.take(
            call.taken.document,
            reference=list(call.taken.references),
            accept_reference=call.taken.accept_reference,
        )
    except IntegrityError as error:
        # Bytes that were sent, not bytes on record, aren't what they should be.
        raise DocumentError([Problem("references", error.message)]) from error
    taken = report.document
    assert taken is not None
    return Reply(_facts(taken), (taken.subject.id,), f"/releases/{taken.id}")


@noun.get("/releases/{release}", "showRelease", Scope.RELEASES_READ, gives=ReleaseFacts, example=RELEASE)
def show_release(call: Call) -> Reply:
    """Show a release, what it amounts to today, and the signed document."""
    found = call.ws.releases.show(call.path("release"))
    return Reply(_facts(found), (found.subject.id,))


@noun.get(
    "/releases/{release}/receipt",
    "receiptOfRelease",
    Scope.RELEASES_READ,
    gives=Receipt,
    example={"receipt": {"@context": "https://w3id.org/consent-receipt", "identifier": RELEASE["id"]}},
)
def receipt_of_release(call: Call) -> Reply:
    """Give the receipt of a release: what was agreed, and what was withdrawn since."""
    return Reply(Receipt(call.ws.releases.receipt(call.path("release"))))


@noun.get(
    "/releases/{release}/receipt.pdf",
    "receiptPage",
    Scope.RELEASES_READ,
    gives=Raw(("application/pdf",)),
)
def receipt_page(call: Call) -> Reply:
    """Give the receipt of a release as a page in plain words, in the language that it was signed in."""
    return Reply(call.ws.releases.receipt_page(call.path("release")))


@noun.post(
    "/releases/{release}/withdraw",
    "withdrawRelease",
    Scope.RELEASES_WRITE,
    takes=WithdrawalWanted,
    gives=WithdrawalFacts,
    example=_WITHDRAWAL,
    example_taken={"grant": "commercial"},
)
def withdraw_release(call: Call) -> Reply:
    """Take back one yes of a release, or all of it. It counts from this moment on; nobody has to say why."""
    name, said = call.path("release"), call.taken
    subject = call.ws.releases.show(name).subject.id
    made = call.ws.releases.withdraw(name, grant=_grant(said), shoot=said.shoot or None)
    return Reply(_withdrawal(made, subject), (subject,))


@noun.post(
    "/withdrawals",
    "withdraw",
    Scope.RELEASES_WRITE,
    takes=WithdrawalOf,
    gives=WithdrawalFacts,
    status=201,
    example={**_WITHDRAWAL, "release": None},
    example_taken={"subject": "sub_k3v5q2m7x4n6a2b5c7d2", "grant": "commercial"},
)
def withdraw(call: Call) -> Reply:
    """Take back one yes of a person's, or everything, in all their releases."""
    said = call.taken
    made = call.ws.releases.withdraw(subject=said.subject, grant=_grant(said), shoot=said.shoot or None)
    return Reply(_withdrawal(made, said.subject), (said.subject,))


def _grant(said: Any) -> str | None:
    return None if said.grant is None else said.grant.value


def _withdrawal(made: Any, subject: str) -> WithdrawalFacts:
    return WithdrawalFacts(None, subject) if made is None else WithdrawalFacts(**made.to_json())


def _facts(found: ReleaseOnRecord) -> ReleaseFacts:
    return ReleaseFacts(
        found.id,
        found.subject.id,
        found.state.value,
        found.today.value,
        found.method,
        {each.value: found.stands(each) for each in Grant},
        None if found.awaits is None else found.awaits.value,
        tuple(ReleaseProblem(each.field, each.message) for each in found.problems),
        tuple(each.id for each in found.withdrawals),
        found.signed.to_json(),
    )
