"""Reconciliation: what the log says happened, held against the rows that are there.

Whoever has the database and no keys can't write a row, but can take one out, or put one back as it was: a
withdrawal would be gone, a release that was superseded in force again, a picture that was rejected cleared
again. The log can't be taken back. So each of its entries must have its row (`Journal.unrecorded`), and each
event that is still on record must be seen in what it was about, and the other way round. Nothing is changed.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import suppress

from volenti.catalogue.ledger import WITHDRAWN
from volenti.clearance.decision import UNDECIDED
from volenti.clearance.settlement import KEPT
from volenti.consent.recollection import RECOLLECTED
from volenti.consent.register import CANARY, SUBJECT_EVENTS, State, state_of
from volenti.consent.release import SignedRelease
from volenti.consent.subject import Subject
from volenti.consent.withdrawal import Withdrawal
from volenti.core.canonical import Json, canonical
from volenti.core.digest import sha256
from volenti.core.errors import VolentiError
from volenti.deliveries.feed import ANCHORED, Feed
from volenti.training.guest import Delivery
from volenti.vault.event import EVENT
from volenti.vault.journal import Journal
from volenti.vault.records import Record, Records

_RELEASE = ("release-issued", "release-signed", "release-imported", "reference-sealed", RECOLLECTED)
_WITHDRAWAL = ("release-withdrawn", "grant-withdrawn")
_RESTRICTION = ("restriction-begun", "restriction-lifted")
_REQUEST = ("request-opened",)
#: Events about no person, the kind of row that each has from then on, and that row's identifier.
_ROWS: dict[str, tuple[str, Callable[[Json], str]]] = {
    "snapshot-cut": ("snapshot", lambda said: f"{said['name']}@{said['version']}"),
    "training-begun": ("run", lambda said: str(said["run"])),
    "guest-training-begun": ("guest-run", lambda said: str(said["run"])),
    "dataset-exported": ("delivery", lambda said: str(said["delivery"])),
    "guest-part-delivered": ("guest-delivery", lambda said: Delivery.from_json(said).id),
}
_CERTIFIED = ("certified", "done")
_ABOUT = frozenset((*SUBJECT_EVENTS, *_RELEASE, *_WITHDRAWAL, *_RESTRICTION, *_REQUEST))


class Reconciliation:
    """Compares the log's events with the register and the deletion feed."""

    def __init__(self, records: Records, journal: Journal, feed: Feed) -> None:
        self._records = records
        self._journal = journal
        self._feed = feed

    def problems(self) -> Iterator[str]:
        """What the log says that the rows don't, or the rows that the log doesn't."""
        yield from self._unaccounted()
        for name in [row.id for row in self._records.rows("subject")]:
            found = list(self._of(name))
            if found:
                # Somebody may have changed something between one look and the other.
                with self._records.transaction():
                    found = list(self._of(name))
            yield from found
        yield from self._of_pictures()
        yield from self._of_decisions()
        yield from self._of_things()
        yield from self._of_certificates()
        yield from self._of_works()
        yield from self._of_feed()

    def _unaccounted(self) -> Iterator[str]:
        if self._journal.since is None and self._journal.size > 0:
            yield (
                "the register doesn't say from which entry of the log on each has its row; "
                "where an earlier version made the workspace: volenti log account"
            )
        # Asked anew, because others go on meanwhile.
        lacking = self._journal.unrecorded()
        for each in sorted(set(lacking).intersection(self._journal.unrecorded() if lacking else ())):
            yield f"entry {each} of the log has no row: it was taken out of the register"

    def _of(self, name: str) -> Iterator[str]:
        """About one person, by the identifier of their row."""
        try:
            record = self._records.get("subject", name)
            if record is None:
                return
            owner = str(record.body["id"])
            events = self._events(owner)
            yield from _subject_problems(record, events)
            releases = list(self._records.find("release", owner=owner))
            withdrawals = list(self._records.find("withdrawal", owner=owner))
            yield from _release_problems(releases, events)
            yield from _withdrawal_problems(withdrawals, events)
            yield from _state_problems(record, releases, withdrawals)
            yield from self._restriction_problems(name, owner, events)
        except VolentiError:
            return  # what doesn't open is named where everything is opened

    def _events(self, owner: str) -> list[Json]:
        """Events about somebody, in the order of the log."""
        rows = [row for row in self._records.rows(EVENT, owner=owner) if row.state in _ABOUT]
        return [
            each.body["event"] for each in self._records.opened_all(sorted(rows, key=lambda r: r.position))
        ]

    def _restriction_problems(self, name: str, owner: str, events: list[Json]) -> Iterator[str]:
        said = [each["kind"] for each in events if each["kind"] in _RESTRICTION]
        begun = bool(said) and said[-1] == _RESTRICTION[0]
        if begun != (self._records.row("restriction", name) is not None):
            said_so = "is restricted" if begun else "isn't restricted"
            yield f"the log says that {owner} {said_so}, and the register says otherwise"
        for each in events:
            if each["kind"] in _REQUEST and self._records.row("request", each["body"]["request"]) is None:
                yield f"{each['body']['request']} of {owner} was opened, and isn't in the register"

    def _of_pictures(self) -> Iterator[str]:
        """What is kept of a picture is kept because of a decision, and of a file that was given."""
        for state in KEPT:
            for row in self._records.rows("image", state=state):
                if (said := self._of_picture(row.id)) != "":
                    with self._records.transaction():
                        said = self._of_picture(row.id)
                    if said:
                        yield said

    def _of_picture(self, image: str) -> str:
        row = self._records.row("image", image)
        if row is None or row.state not in KEPT:
            return ""
        states = {each.state for each in self._records.rows("decision", parent=image)}
        if row.state != next((each for each in KEPT if each in states), ""):
            return f"picture {image} is kept as {row.state}, and no decision says so"
        if not self._records.count("file", parent=image):
            return f"picture {image} is there, and no file that it came from is on record"
        return ""

    def _of_things(self) -> Iterator[str]:
        """Datasets, trainings and deliveries that the log tells of are in the register."""
        for kind, (wanted, name) in _ROWS.items():
            for said in self._said(kind):
                if self._records.row(wanted, name(said)) is None:
                    yield f"{wanted} {name(said)} is in the log, and not in the register"

    def _of_certificates(self) -> Iterator[str]:
        """Whoever's erasure was certified has a request and a certificate, and it is one that was logged."""
        logged: dict[str, set[str]] = {}
        for said in self._said("erasure-completed"):
            logged.setdefault(said["request"], set()).add(said["statement_sha256"])
        for request, digests in sorted(logged.items()):
            row = self._records.row("request", request)
            if row is None:
                yield f"{request} was certified, and isn't in the register"
            elif row.state in _CERTIFIED:
                try:
                    certificate = self._records.get("certificate", request)
                except VolentiError:
                    continue  # named where everything is opened
                if certificate is None:
                    yield f"the certificate of {request} is in the log, and not in the register"
                elif sha256(base64.b64decode(certificate.body["payload"])) not in digests:
                    yield f"the certificate of {request} isn't one that the log has"

    def _of_works(self) -> Iterator[str]:
        """Works that were handed out are on record, and what was called back is."""
        there: dict[str, tuple[str, str]] = {}
        for row in self._records.rows("work"):
            with suppress(VolentiError):
                there[row.id] = self._records.opened(row).body["sha256"], row.state
        digests = {digest for digest, _ in there.values()}
        for said in self._said("works-generated"):
            lost = [each for each in said["works"] if each not in digests]
            for digest in lost:
                yield f"a work with SHA-256 {digest[:16]} was handed out, and isn't in the register"
        for said in self._said("works-withdrawn"):
            for work in said["works"]:
                if there.get(work, ("", WITHDRAWN))[1] != WITHDRAWN:
                    yield f"work {work} was called back, and the register says otherwise"
        others = sum(said["works"] for said in self._said("works-registered"))
        others -= sum(said["works"] for said in self._said("works-removed"))
        if others != (known := self._records.count("third-party-work")):
            yield f"{known} works of third parties are registered, and the log says {others}"

    def _said(self, kind: str) -> Iterator[Json]:
        """What events of a kind say, as far as they open; in the order of the log."""
        for row in sorted(self._records.rows(EVENT, state=kind), key=lambda row: row.position):
            with suppress(VolentiError):
                yield self._records.opened(row).body["event"]["body"]

    def _of_decisions(self) -> Iterator[str]:
        """What became of each picture is what was decided last, as far as that is still on record."""
        for row in self._records.rows("decision"):
            if self._is_outdated(row.id):
                # Somebody may have decided anew between one look and the other.
                with self._records.transaction():
                    outdated = self._is_outdated(row.id)
                if outdated:
                    yield f"decision {row.id} isn't what the log says was decided last"

    def _is_outdated(self, name: str) -> bool:
        try:
            record = self._records.get("decision", name)
            if record is None or record.position == UNDECIDED:
                return False
            if self._records.row("policy", record.body["policy"]) is None:
                return True
            rows = [row for row in self._records.rows(EVENT, parent=record.parent) if row.state == "decision"]
            events = self._records.opened_all(sorted(rows, key=lambda row: row.position))
        except VolentiError:
            return False  # what doesn't open is named where everything is opened
        said = [each.body["event"]["body"] for each in events]
        last = next((each for each in reversed(said) if each["purpose"] == record.body["purpose"]), None)
        if last is None or last == {"image": record.parent, **record.body}:
            return False
        # What was said last may have gone with somebody else whom it was about: then the row is newer.
        return bool(last["at"] >= record.body["at"])

    def _of_feed(self) -> Iterator[str]:
        """The deletion feed goes on from what of it was anchored in the log last."""
        anchors = list(self._records.rows(EVENT, state=ANCHORED))
        if not anchors:
            return
        said = self._records.opened(max(anchors, key=lambda row: row.position)).body["event"]["body"]
        size = self._feed.log.size
        if size < said["size"]:
            yield f"the deletion feed has {size} entries, and had {said['size']}: it was put back"
        elif base64.b64encode(self._feed.log.root(said["size"])).decode() != said["root"]:
            yield f"the first {said['size']} entries of the deletion feed aren't those it had"


def _subject_problems(record: Record, events: list[Json]) -> Iterator[str]:
    owner = record.body["id"]
    said = [each["body"]["sha256"] for each in events if each["kind"] in SUBJECT_EVENTS]
    body = {name: value for name, value in record.body.items() if name != CANARY}
    if not said or said[-1] != sha256(canonical(body)):
        yield f"what is on record of {owner} isn't what the log says was recorded last"


def _release_problems(releases: list[Record], events: list[Json]) -> Iterator[str]:
    said = {each["body"]["release"]: each["body"]["sha256"] for each in events if each["kind"] in _RELEASE}
    kept = {each.id: sha256(canonical(each.body)) for each in releases}
    for name in sorted(said.keys() - kept.keys()):
        yield f"release {name} is in the log, and not in the register"
    for name, digest in sorted(kept.items()):
        if said.get(name) != digest:
            yield f"release {name} isn't what the log says was kept last"


def _withdrawal_problems(withdrawals: list[Record], events: list[Json]) -> Iterator[str]:
    said = {each["body"]["id"]: each["body"] for each in events if each["kind"] in _WITHDRAWAL}
    kept = {each.id: each.body for each in withdrawals}
    for name in sorted(said.keys() - kept.keys()):
        yield f"withdrawal {name} is in the log, and not in the register"
    for name, body in sorted(kept.items()):
        if said.get(name) != body:
            yield f"withdrawal {name} isn't as the log has it"


def _state_problems(record: Record, releases: list[Record], withdrawals: list[Record]) -> Iterator[str]:
    """A row may say what its release says and be from before it was superseded or withdrawn."""
    subject = Subject.from_json({name: value for name, value in record.body.items() if name != CANARY})
    taken_back = [Withdrawal.from_json(each.body) for each in withdrawals]
    signed = {each.id: SignedRelease.from_json(each.body["signed"]) for each in releases}
    for each in releases:
        state = state_of(signed[each.id], subject, taken_back, signed.values())
        if State(each.state) is not state:
            yield f"release {each.id} is kept as {each.state}, and by what is on record it is {state}"
