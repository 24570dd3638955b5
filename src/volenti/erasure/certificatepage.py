"""The certificate as a page: what it states, in words, for somebody who reads no JSON. No layout.

The page says nothing that isn't in the certificate, which is attached to it. Only a verified certificate
becomes a page; a reader can check the attachment, not the paper.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from volenti.consent.receiptpage import Line, Section
from volenti.core.canonical import Json, canonical
from volenti.core.clock import moment
from volenti.core.digest import sha256
from volenti.core.signing import PublicKey
from volenti.erasure.certificate import Verified
from volenti.erasure.statement import key_id
from volenti.requests.attackwords import HONEST, conclusions, lines
from volenti.requests.identity import worded
from volenti.training.base import KNOWN, People

_SHOWN = (
    "This is what the software did in its workspace and measured, signed, and recorded in a log that can "
    "only grow. What it means that a model forgot is this, and it is shown by training once more and "
    "comparing (volenti prove-forgetting):"
)
#: The same words as in README.md, ARCHITECTURE.md and docs/formats/certificate.md.
_EQUAL = (
    "After an erasure every constituent that is served has, bit for bit, the weights of a training "
    "from scratch, in new processes, on everybody else's pictures in its snapshot that may be learned "
    "from today, with the same recipe, base and partition key, read and trained in the same "
    "environment. Everybody else's records are taken as they are: they hold nothing that depends on "
    "the erased person but counts and times. What others agreed to or took back since the last training "
    "counts from the next training on. This says nothing about copies outside of the workspace, nor about "
    "works that were drawn before: those are counted and listed."
)
_NOT_SHOWN = (
    "It can't show that nobody made a copy outside of the workspace before. Whoever was handed an export is "
    "told to take the person out of it; that they did is their own word."
)


@dataclass(frozen=True, slots=True)
class CertificatePage:
    """Everything on the page, from top to bottom."""

    created: datetime
    title: str
    for_whom: str
    about: str
    sections: tuple[Section, ...]
    made: str


def certificate_page(verified: Verified, key: PublicKey) -> CertificatePage:
    """The page of a verified certificate; TypeError or a similar error where it states no erasure."""
    said: Json = verified.statement["predicate"]
    sections = [
        Section("What was asked for", lines=tuple(_asked(said))),
        Section("What was held, and what is left", lines=tuple(_held(said))),
        Section("What the law demands to keep", _kept_words(said), tuple(_kept(said))),
        Section("Models", (_learned(said),), digests=tuple(_models(said))),
        Section("Pictures drawn by models", _drawn(said)),
        Section("Attacks on the models", _attack_words(said), tuple(_attacks(said))),
        Section("Beyond the workspace", tuple(_beyond(said))),
        Section("What this shows", (_SHOWN, _EQUAL)),
        Section("What it doesn't show", (_NOT_SHOWN,)),
        Section(
            "How to check it",
            (
                "The certificate itself is attached to this file. Save it, take the public key from whoever "
                "publishes it, and run: volenti certificate verify certificate.json --key public-key",
            ),
            digests=(
                ("log", f"{said['log']}, entry {verified.log_index} of {verified.log_size}"),
                ("statement, SHA-256", sha256(canonical(verified.statement))),
                ("public key", str(key)),
                ("key id", key_id(key)),
                ("commitment to whom it is about", verified.statement["subject"][0]["digest"]["sha256"]),
            ),
        ),
    ]
    if not all(isinstance(each, str) for section in sections for each in _texts(section)):
        raise TypeError("a text isn't one")
    about = "It names nobody. Who it is about can show it with the opening that they were given."
    if verified.about is not None:
        about = f"About {verified.about}: the opening in this copy fits the commitment."
    software = said.get("software", {})
    return CertificatePage(
        created=moment(said["completed"]),
        title="Certificate of erasure",
        for_whom=f"Request {said['request']}, completed {said['completed']}",
        about=about,
        sections=tuple(each for each in sections if each.lines or each.paragraphs or each.digests),
        made=f"Set from a verified certificate by {software.get('name', '')} {software.get('version', '')}.",
    )


def _texts(section: Section) -> Iterator[object]:
    """Everything of a section that is set as text; junk in a certificate may be of any other type."""
    yield from section.paragraphs
    for line in (*section.lines, *section.digests):
        yield from line


def _asked(said: Json) -> Iterator[Line]:
    yield "Kind", said["kind"]
    yield "Opened", said["opened"]
    if "identified" in said:
        yield "Identified", f"{worded(said['identified']['how'])}, {said['identified']['at']}"
    if "extended" in said:
        yield "Put off", f"because of {said['extended']['reason']}, {said['extended']['at']}"
    if "frozen_at" in said:
        yield "Not read since", said["frozen_at"]
    yield "Completed", said["completed"]


def _held(said: Json) -> Iterator[Line]:
    for each in said.get("holdings", []):
        size = f" ({each['bytes']:,} bytes)" if each["bytes"] else ""
        yield each["holder"], f"{each['what']}: {each['items']:,}{size}. {each['action'].capitalize()}."
    left = sum(said.get("attested", {}).values())
    yield "Left of them", f"{left} items, asked of {len(said.get('attested', {}))} holders afterwards"


def _kept_words(said: Json) -> tuple[str, ...]:
    if "kept" not in said:
        return ()
    kept = said["kept"]
    ground = kept["ground"].replace("-", " ")
    return (
        f"On the ground of {ground} ({kept['article']} GDPR), until {kept['until']}, "
        "under the controller's own key; no picture, and nothing that learned from them.",
    )


def _kept(said: Json) -> Iterator[Line]:
    for what, items in said.get("kept", {}).get("kept", {}).items():
        yield what.capitalize(), f"{items:,}"


def _learned(said: Json) -> str:
    before = said.get("constituents_before", {})
    if not before:
        return "No model had learned from them."
    slices = len(said.get("slices", []))
    return (
        f"{len(before)} parts of models had learned from them. These parts left service, their weights were "
        f"destroyed, and {slices} slices were trained again without the person's pictures. Below, what was "
        "served before, as a commitment that only the person's own copy opens, and what is served now."
    )


def _drawn(said: Json) -> tuple[str, ...]:
    if "works" not in said:
        return ()
    works = said["works"]
    rule = "" if works["rule"] == "near" else " The controller calls back all that was drawn by those parts."
    return (
        f"{works['drawn']:,} pictures on record were drawn by parts of models that had learned from them. "
        f"Before anything of theirs went, {works['compared']:,} were compared with them, by face and as "
        f"copies; {works['withdrawn']:,} were called back, because they are too near to the person or "
        f"can't be compared.{rule}",
    )


def _models(said: Json) -> Iterator[Line]:
    after = said.get("constituents_after", {})
    for name, digest in sorted(said.get("constituents_before", {}).items()):
        yield f"{name}, before", digest
        yield f"{name}, now", after.get(name, "nothing: nobody is left whom it could learn from")


def _attack_words(said: Json) -> tuple[str, ...]:
    if "attacks" not in said:
        return ()
    return (
        "Each line says how many people the model never saw look more learned from than the person, and "
        "at which levels the attack takes the person for somebody learned from; then, of other people it did "
        f"learn from, how many it takes for such. {HONEST}",
        *conclusions(said["attacks"]["after"]),
    )


def _attacks(said: Json) -> Iterator[Line]:
    if "attacks" not in said:
        return
    for each in lines(said["attacks"]["before"], said["attacks"]["after"]):
        where = ", ".join(part for part in (each.when.capitalize(), each.constituent, each.what) if part)
        told = f"; told: {each.told}; others told: {each.power}" if each.told else ""
        yield where, each.place + told


def _beyond(said: Json) -> Iterator[str]:
    for each in said.get("holdings", []):
        if each["holder"] == "deliveries":
            yield f"{each['items']} {each['what']} were called back through the deletion feed."
    for each in said.get("bases", []):
        yield (
            f"What was learned here is forgotten exactly. What the base {each['name']} (SHA-256 "
            f"{each['sha256'][:16]}...) had learned before isn't touched. {KNOWN[People(each['people'])]}"
        )
    backups = said.get("backups", 0)
    if backups:
        yield f"Backups known: {backups}. They hold no keys, so what is the person's in them opens no more."
    for each in said.get("retrainings", []):
        whole = "whole" if each["whole"] else "in one part"
        yield f"A model trained by a script of the controller's own has to be trained again, {whole}."
