"""Everything that remains in a world once X is gone, decrypted and in canonical order.

Rows of whatever kind, packs with their sizes, keys, log, feed, certificates, what serves, accounts, answers
to those who are here, and what the acts answered. A kind of row or a field that isn't named in `MAY_DIFFER`
is compared as it is: nothing is left out by not being thought of.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from tests.worlds.story import ERASURE_OF_X, World, named
from volenti.core.canonical import Json
from volenti.core.digest import sha256
from volenti.vault.event import ERASED
from volenti.vault.owner import CONTROLLER, QUARANTINE
from volenti.vault.records import Record

#: What may differ between two worlds in which X was erased, and why. The name is a kind of row (an event's
#: is `event:KIND`), or a part of `remains`, then come fields; without any, all of that kind.
MAY_DIFFER: dict[str, str] = {
    # Counts of what there was, X's among it.
    "event.id": "a count: X's leaves stay in the log, where nobody can open them",
    "event.position": "the same count",
    "entry.id": "a count: X's entries are tombstones, which keep place and number",
    "entry.position": "the same count",
    "snapshot.entries": "a count of pictures when it was cut",
    "snapshot.subjects": "a count of people when it was cut",
    "event:snapshot-cut.entries": "a count of pictures when it was cut",
    "event:snapshot-cut.subjects": "a count of people when it was cut",
    "snapshot.passed_over": "counts of pictures when it was cut",
    "event:snapshot-cut.passed_over": "the same",
    "snapshot.subject": "of how many people pictures were chosen when it was cut",
    "event:snapshot-cut.subject": "the same",
    "event:dataset-exported.written": "a count of pictures when it was exported",
    "event:dataset-exported.left_out": "a count of pictures when it was exported",
    "delivery.left_out": "places of tombstones when it was exported",
    "delivery.learned_from": "places of entries, which X's stand among, when weights were handed out",
    "delivery.shards": "which parts of models had others in them when handed out, by a picture with X too",
    "event:dataset-exported.shards": "the same",
    "delivery.succeeded": "which of these had learned from others who left",
    "delivery.samples": "a count of pictures when it was exported",
    "delivery.not_in_split": "the same",
    "delivery.not_passed_on": "a count of pictures when it was exported",
    "event:dataset-exported.not_passed_on": "a count of pictures when it was exported",
    "recall.revision": "the random text of a change of anybody's consent",
    "gallery.position": "how often anybody was enrolled, described anew or taken out",
    "image.gallery": "the same count, where a picture is held",
    "image.offset": "where in their owner's pack pictures lie: in which order they came",
    "deletion": "which places of deliveries were called back, and when",
    "event:feed-grew": "how large the deletion feed was, and its root",
    "run.seconds": "a time",
    "keys.quarantine": "days on which something was taken in",
    "keys.controller": "whether there ever was anything of nobody's, such as a stranger's picture",
    # Random outside of this test, or kept under a key that went with X.
    "event.key": "the key of a leaf is random, and X's went",
    "consent.revision": "random at every change of anybody's consent",
    "manifest": "commitments to entries, X's among them; the nonces of X's went",
    "snapshot.root": "the root of those commitments",
    "event:snapshot-cut.root": "the root of those commitments",
    "event:erasure-completed.statement_sha256": "of a certificate, which holds counts, sizes and times",
    # What is said of an erasure, and names nobody.
    "erased-person": "a keyed digest of X's name and birth date: it tells who has the key, and asks for a "
    "name and a birth date, that somebody of these was erased; without it a table brings X back in silence",
    "request.X": "X's own request: counts, sizes, times, and what X had been in; it names nobody",
    "certificate.X": "the same, signed",
    "request(done)": "of others' requests that are over: counts, sizes, times, commitments whose keys went",
    "request(done).constituents_after": "which parts of models had others in them at that time",
    "request(done).constituents_before": "in which parts of models they were, by a picture with X too",
    "request(done).slices": "the same",
    "request(done).environments": "of the slices of those parts, none where nobody is left in them",
    "request(done).bases": "what those parts had started from",
    "request(done).suspended": "which parts of models had learned from them then, with others in them",
    "request(done).dropped": "the same",
    "event:withdrawal-completed.constituents": "how many those were",
    "request(done).holdings": "whether there were pictures of several people, counted",
    "certificate": "of others' certificates, the same",
    "certificate.constituents_after": "the same",
    "certificate.constituents_before": "in which parts of models they were, by a picture with X too",
    "certificate.slices": "the same",
    "certificate.environments": "of the slices of those parts, none where nobody is left in them",
    "certificate.bases": "what those parts had started from",
    "certificate.holdings": "the same",
    # What was drawn before.
    "work": "which pictures a model drew that had learned from X: they are listed by `work list --knew`",
    "knew": "the list of those",
    "portrait": "what those pictures look like",
    "drawer": "which version of a constituent drew them: random",
    "learned": "the same, by person",
    "event:guest-part-kept": "parts of one's own models that had learned from X are trained anew by a script",
    "event:guest-training-ended": "the same",
    "guest-part.created": "the same, when",
    "event:decision(held)": "how often, and when, a picture that is held was judged: anew with each gallery",
    "event:works-generated": "which pictures were drawn",
    "event:works-withdrawn": "the same",
    "event:work-refused": "the same",
}

#: Rows of which only numbers and digests are blanked.
_BLURRED = {"request(done)", "certificate"}
_DIGEST = re.compile(r"(hmac-sha256:)?([0-9a-f]{16,}|[A-Za-z0-9+/]{43,}=*)")


def remains(world: World) -> Json:
    """Of a story that was told to its end, by part."""
    ws = world.studio.ws
    records = [
        ws.parts.records.opened(row)
        for kind in ws.parts.records.kinds()
        for row in ws.parts.records.rows(kind)
    ]
    rows: dict[str, list[str]] = {}
    for record in sorted(records, key=lambda each: (each.kind, each.parent, each.position, each.id)):
        kind = _kind(record)
        if record.id == named("req", ERASURE_OF_X):
            continue  # X's own request and certificate
        if (kind == "entry" and not record.owners) or (kind == "event" and record.state == ERASED):
            continue  # a tombstone says that there was something, and nothing else
        if kind not in MAY_DIFFER or kind in _BLURRED:
            rows.setdefault(kind, []).append(json.dumps(_row(kind, record), sort_keys=True))
    return {
        # Events and entries in their order, all else as it may have come in either world.
        "rows": {kind: some if kind in ("event", "entry") else sorted(some) for kind, some in rows.items()},
        "packs": {
            f"{prefix}/{pack}": size
            for prefix in ws.parts.vault.prefixes()
            for pack, size in _packs(world, prefix).items()
        },
        "keys": [
            each for each in ws.parts.vault.owners() if not each.startswith(QUARANTINE) and each != CONTROLLER
        ],
        "openings": sorted(
            {
                ws.parts.events.opens(each.position)
                for each in records
                if each.kind == "event" and each.state != ERASED
            }
        ),
        "serves": {
            run.id: {
                each.shard: sha256(ws.parts.training.model_store.weights(each))
                for each in ws.parts.training.model_store.constituents(run.id)
            }
            for run in ws.parts.training.runs()
        },
        "suspended": [each.to_json() for each in ws.suspensions()],
        "account": ws.status().to_json(),
        "questions": [
            [
                each.purpose,
                [image.file for image in each.images],
                list(each.findings),
                [[one.subject, one.score] for one in each.candidates],
            ]
            for each in ws.parts.review.questions()
        ],
        "people": [each.to_json() for each in ws.parts.consent.subjects()],
        "answers": {
            each.id: _answer(ws.parts.answers.make(each.id).record) for each in ws.parts.consent.subjects()
        },
        "audit": ws.audit(deep=True).problems,
        "said": [[list(act), answer] for act, answer in world.said],
        "names": _naming(world, records),
    }


def kinds_of(world: World) -> set[str]:
    """Kinds of rows that there are."""
    return set(world.studio.parts.records.kinds())


def differences(one: Json, other: Json, path: str = "") -> list[str]:
    """Where two of them differ, in words."""
    if isinstance(one, dict) and isinstance(other, dict):
        names = sorted(set(one) | set(other), key=str)
        return [
            found
            for name in names
            for found in differences(
                one.get(name, "(nothing)"), other.get(name, "(nothing)"), f"{path}/{name}"
            )
        ]
    if isinstance(one, list) and isinstance(other, list) and one != other:
        only = [f"{path}: here alone: {each}" for each in one if each not in other]
        only += [f"{path}: there alone: {each}" for each in other if each not in one]
        return only or [f"{path}: in another order, or another number of times"]
    return [] if one == other else [f"{path}: {one} / {other}"]


def _kind(record: Record) -> str:
    if record.kind == "request" and record.state in ("done", "refused"):
        return "request(done)"
    if record.state == "decision" and any(each.startswith(QUARANTINE) for each in record.owners):
        return "event:decision(held)"
    if record.kind == "event" and f"event:{record.state}" in MAY_DIFFER:
        return f"event:{record.state}"
    return record.kind


def _row(kind: str, record: Record) -> Json:
    """A row as it is compared."""
    row: Json = {
        "id": record.id,
        "state": record.state,
        "parent": record.parent,
        "owners": list(record.owners),
        "position": record.position,
        "body": record.body,
    }
    if kind == "certificate":
        row["body"] = json.loads(base64.b64decode(record.body["payload"]))
    row = json.loads(json.dumps(row))
    blank = {name.partition(".")[2] for name in MAY_DIFFER if name.partition(".")[0] in (kind, record.kind)}
    blank |= {name.partition(".")[2] for name in MAY_DIFFER if name.startswith(f"event:{record.state}.")}
    row = _without(row, blank - {""})
    return _blurred(row) if kind in _BLURRED else row


def _without(value: Any, names: set[str]) -> Any:
    if isinstance(value, dict):
        return {
            name: "" if name in names or name.endswith("seconds") else _without(each, names)
            for name, each in value.items()
        }
    return [_without(each, names) for each in value] if isinstance(value, list) else value


def _blurred(value: Any) -> Any:
    """Without numbers and digests."""
    if isinstance(value, dict):
        return {name: _blurred(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_blurred(each) for each in value]
    if isinstance(value, str):
        return re.sub(r"\d[\d.,:TZ-]*", "#", _DIGEST.sub("#", value))
    return "#" if isinstance(value, int | float) and not isinstance(value, bool) else value


def _answer(record: Json) -> Json:
    """What somebody is told, with the same fields blanked as in the rows it tells of."""
    held = {
        kind: sorted(
            json.dumps(
                _without(
                    json.loads(json.dumps(each)), _fields_of(kind) | _fields_of(f"{kind}:{each['state']}")
                ),
                sort_keys=True,
            )
            for each in rows
            if f"{kind}:{each['state']}" not in MAY_DIFFER
            # Of a decision that is others' too, such as of a picture that is held, nothing is told.
            and (each["contents"] or each["state"] != "decision")
        )
        for kind, rows in record["held"].items()
        if kind not in MAY_DIFFER and kind not in ("slice", "constituent", "guest-part")
    }
    return {**record, "held": held}


def _fields_of(kind: str) -> set[str]:
    return {name.partition(".")[2] for name in MAY_DIFFER if name.partition(".")[0] == kind} - {""}


def _packs(world: World, prefix: str) -> dict[str, int]:
    packs = world.studio.parts.vault._packs
    return {
        pack: packs.pack_size(prefix, pack) if hasattr(packs, "pack_size") else packs.size(prefix)
        for pack in packs.packs(prefix)
    }


def _naming(world: World, records: list[Record]) -> list[str]:
    """Where X is still named, by name or identifier."""
    x = world.story.x
    needles = (world.life.legal_name, f"rel_{x}", f'"{x}"', f"{x}-")
    found = []
    for record in records:
        text = json.dumps([record.id, record.parent, record.body, list(record.owners)])
        found += [f"{record.kind} {record.id}: {needle}" for needle in needles if needle in text]
    return found
