"""The last chapters of the story: one person is erased, the erasure is proved, and its cost is listed."""

from __future__ import annotations

import json
import shutil

from volenti.core.canonical import Json
from volenti.core.errors import IntegrityError
from volenti.core.files import write_atomically
from volenti.core.signing import PublicKey
from volenti.demo.canaries import canaries_of, found_in
from volenti.demo.stage import Stage
from volenti.erasure.certificate import verify

#: How many of the grid's pictures are drawn again once the person was erased.
AGAIN = 4


def erase_person(stage: Stage) -> Json:
    """Plan the erasure of the person who withdraws, run it, and keep its certificate."""
    leaver, ws, narration = stage.casting.leaver, stage.ws, stage.narration
    stage.canaries = canaries_of(leaver, stage.given, ws.parts.gallery.templates(leaver.subject_id))
    opened = ws.requests.open("erasure", leaver.subject_id, identity="in-person")
    plan = ws.requests.plan(opened.id)
    narration.say(f"{leaver.subject_id} withdraws. This is what would be erased:")
    narration.show_table(
        ["where", "what", "items ", "bytes ", "how"],
        [(held.holder, held.what, held.items, f"{held.bytes:,}", held.action) for held in plan.holdings],
    )
    narration.say(
        f"Planned: {plan.seconds:.1f} s of waiting; training everything takes {plan.full_seconds:.1f} s."
    )
    done = ws.requests.run(opened.id, progress=stage.narration)
    stage.copy = done.copy
    stage.tiles = [tile.without(leaver.number) for tile in stage.tiles]
    notes = done.request.facts()["notes"]
    stage.summary.erasure_seconds = float(notes["seconds"])
    write_atomically(
        stage.folder / "certificate.json", json.dumps(done.certificate, indent=1).encode() + b"\n"
    )
    shutil.copyfile(ws.path / "public-key", stage.folder / "public-key")
    narration.say(
        f"Out of service after {notes['erased']['model']['at']:.3f} s, erased after "
        f"{notes['erase_seconds']:.2f} s, trained again without them after "
        f"{notes['replay_seconds']:.1f} s more."
    )
    works = notes["works"]
    narration.say(
        f"{works['drawn']} pictures on record were drawn by what had learned from them: compared with them "
        f"before anything went, {works['withdrawn']} called back."
    )
    _draw_again(stage, sorted(notes["constituents_after"]))
    figures = plan.to_json()
    return {
        "holdings": figures["holders"],
        "constituents": figures["constituents"],
        "slices": figures["slices"],
        "items": figures["items"],
        "bytes": figures["bytes"],
        "planned_seconds": figures["seconds"],
        "planned_full_seconds": figures["full_seconds"],
        "dropped_after": notes["erased"]["model"]["at"],
        "erase_seconds": notes["erase_seconds"],
        "replay_seconds": notes["replay_seconds"],
        "seconds": notes["seconds"],
        "attested": notes["attested"],
        "works": works,
        "erased": {
            name: {"items": each["items"], "bytes": each["bytes"], "rewritten": each["rewritten"]}
            for name, each in notes["erased"].items()
        },
        "again": [index for index, _ in stage.drawn_again],
    }


def _draw_again(stage: Stage, affected: list[str]) -> None:
    """Draw some pictures of the constituents that were trained again once more, from the same seeds."""
    shards = {int(name.rpartition("/")[2]) for name in affected}
    chosen = [index for index, each in enumerate(stage.drawn) if each.work.constituent in shards][:AGAIN]
    for index in chosen:
        before = stage.drawn[index].work
        after = stage.ws.generate([before.prompt], seed=before.seed, guidance=before.guidance, tries=1)
        # A picture that is refused now isn't shown beside the earlier one.
        stage.drawn_again += [(index, each) for each in after.drawn]


def prove_erasure(stage: Stage) -> Json:
    """Check log and certificate, search every byte, and train the same model from nothing."""
    narration, canaries = stage.narration, stage.canaries
    if canaries is None:
        raise AssertionError("nobody was erased yet")
    verified = _verify_certificate(stage)
    # New processes train from here on: nothing in their memory can come from the first training.
    stage.reopen()
    audit = stage.ws.audit(canaries.everything, progress=narration)
    outside = found_in([stage.folder / "inbox", stage.folder / "releases"], canaries.planted)
    proofs = stage.ws.prove_forgetting(progress=narration, copy=stage.copy)
    stage.summary.audit = audit
    # Every constituent is trained again; the report shows the one that had learned from the erased person.
    learned = set(stage.summary.chapters["request"]["constituents"])
    found = next((each for each in proofs if each.constituent in learned), None)
    stage.summary.exactness = found
    narration.say(
        f"{audit.files_scanned} files, {audit.bytes_scanned / 1e6:.1f} MB searched for "
        f"{len(canaries.everything)} strings of theirs: {audit.residue} found. "
        f"Of everybody else {audit.lost} things are lost."
    )
    equal = sum(each.ok for each in proofs)
    narration.say(
        f"{len(proofs)} constituents trained again from nothing, in new processes: {equal} the same bits."
    )
    if found is not None:
        same, other = ("green", "dim") if found.ok else ("bold red", "bold red")
        narration.say(f"constituent {found.constituent.rpartition('/')[2]}")
        for what, digest, style in (
            ("served, after forgetting", found.sha256_after, same),
            ("from scratch, without them", found.sha256_scratch, same),
            ("control: with them", found.sha256_control, other),
            ("control: one more left out", found.sha256_one_less, other),
        ):
            narration.say(f"  {what}\n  [{style}]{digest}[/]")
    return {
        **verified,
        "log_entries": stage.ws.parts.log.size,
        "canaries": len(canaries.planted),
        "canaries_computed": len(canaries.computed),
        "canaries_outside": outside,
        "pictures_opened": audit.pictures,
        "files_scanned": audit.files_scanned,
        "bytes_scanned": audit.bytes_scanned,
        "constituent": found.constituent.rpartition("/")[2] if found else "",
        "comparable": bool(found and found.comparable),
        "constituents_proved": equal,
        "constituents_trained_again": len(proofs),
        "sha256_one_less": found.sha256_one_less if found else "",
        "environment": found.environment if found else {},
    }


def _verify_certificate(stage: Stage) -> Json:
    """Verify the certificate as an outsider would: two files and nothing else."""
    data = (stage.folder / "certificate.json").read_bytes()
    key = PublicKey.parse((stage.folder / "public-key").read_text())
    try:
        verified = verify(data, key)
    except IntegrityError as error:
        stage.narration.say(f"[bold red]{error.message}[/]")
        return {"certificate": False}
    stage.narration.say(f"Certificate holds: entry {verified.log_index} of a log of {verified.log_size}.")
    return {
        "certificate": True,
        "log_index": verified.log_index,
        "log_size": verified.log_size,
    }


def list_costs(stage: Stage) -> Json:
    """List what the complaint cost, beside what it would have cost with one model and one archive."""
    ws, chapters = stage.ws, stage.summary.chapters
    run = ws.parts.training.run()
    asked, trained = chapters["request"], chapters["training"]
    slices = {
        f"{run.id}/{each.place}": each.weights.location.length
        for each in ws.parts.training.model_store.slices(run.id)
    }
    replayed = sum(size for name, size in slices.items() if name in asked["slices"])
    merged = sum(
        each.weights.location.length
        for each in ws.parts.training.model_store.constituents(run.id)
        if f"{run.id}/{each.shard:02d}" in asked["constituents"]
    )
    archive = sum(ws.parts.vault.size(subject.id) for subject in ws.parts.consent.subjects())
    weights = trained["slice_bytes"] + sum(each["bytes"] for each in trained["constituents"])
    rewritten = sum(each["rewritten"] for each in asked["erased"].values())
    summary = stage.summary
    rows = [
        {
            "what": "seconds, end to end",
            "cost": round(summary.erasure_seconds, 1),
            "otherwise": round(summary.full_seconds, 1),
        },
        {
            "what": "constituents retrained",
            "cost": len(asked["constituents"]),
            "otherwise": len(trained["constituents"]),
        },
        {"what": "slices retrained", "cost": len(asked["slices"]), "otherwise": trained["slices"]},
        {"what": "bytes of weights written", "cost": replayed + merged, "otherwise": weights},
        {"what": "bytes of other people's pictures rewritten", "cost": rewritten, "otherwise": archive},
    ]
    stage.narration.show_table(
        ["", "the complaint cost ", "it would have cost "],
        [(row["what"], f"{row['cost']:,}", f"{row['otherwise']:,}") for row in rows],
    )
    stage.narration.say(f"[bold]{summary.cost_ratio:.1%}[/] of a full training.")
    return {"rows": rows}
