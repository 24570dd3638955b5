"""The demo's story: `tell` plays it in nine chapters, times each, and writes the report.

The chapters are consent, ingest, clearance, dataset, training, synthetic humans, an erasure, its proof
and its cost. Everything goes through the public `Workspace`, and the report shows what it answered. Chapter
six is in `humans`, the last three are in `farewell`. Two runs with one seed give the same figures, apart
from times and signatures, on the same kind of machine.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from rich.console import Console

from volenti.consent.purpose import Grant, Use
from volenti.core.canonical import Json
from volenti.core.errors import FailedCheckError
from volenti.core.files import write_atomically
from volenti.demo import farewell, humans, report, visitors
from volenti.demo.canaries import found_in
from volenti.demo.contactsheet import tiles
from volenti.demo.inbox import catches, third_party_work, write_inbox
from volenti.demo.narration import Narration
from volenti.demo.releases import TERRITORY, write_releases
from volenti.demo.stage import DATASET, PURPOSE, Stage, set_stage
from volenti.demo.summary import Summary, broken, peak_memory_mb
from volenti.generation.bases import shipped_base


def tell(folder: Path, seed: int = 0, console: Console | None = None) -> Summary:
    """Play the whole story in a new or empty folder.

    Writes report/index.html, report/summary.json, certificate.json and public-key there, also
    when a promise was broken; then raises FailedCheckError that names it. Raises UsageError
    where the folder isn't empty, MissingModelError without the face models or the base.
    """
    return play(set_stage(Path(folder), seed, Narration(console or Console())))


def play(stage: Stage) -> Summary:
    """Play all chapters on a stage, write the report, and check whether the promises were kept."""
    began = time.perf_counter()
    narration, folder = stage.narration, stage.folder
    try:
        # A missing model should be noticed now, not after a minute.
        stage.ws.parts.detector.faces(np.zeros((64, 64, 3), np.uint8))
        stage.play("consent", "Consent", import_releases)
        stage.play("ingest", "Ingest", add_inbox)
        stage.play("clearance", "Clearance", clear_pictures)
        stage.play("dataset", "Dataset", cut_dataset)
        stage.play("training", "Training", train_model)
        stage.play("generation", "Synthetic humans", humans.generate_works)
        stage.play("request", "No", farewell.erase_person)
        stage.play("proof", "Proof", farewell.prove_erasure)
        stage.play("bill", "What it cost", farewell.list_costs)
        stage.invited = visitors.invite(stage)
    finally:
        narration.end()
        stage.ws.close()
    summary = stage.summary
    summary.seconds = time.perf_counter() - began
    summary.peak_memory_mb = peak_memory_mb(stage.workers)
    problems = broken(summary.promises())
    problems += _write_report(stage, problems)
    narration.say("")
    narration.say(f"[bold]{summary.seconds:.0f} s[/], at most {summary.peak_memory_mb:,.0f} MB of memory.")
    narration.say(f"The whole story with its pictures: [bold]{folder}/report/index.html[/]")
    _say_invitations(stage)
    if problems:
        raise FailedCheckError(
            f"Of the story's promises {len(problems)} were broken: {'; '.join(problems)}.",
            f"Look at {folder}/report/index.html, and run `volenti doctor`.",
        )
    return summary


def _say_invitations(stage: Stage) -> None:
    """Say how to walk through the workspace in the browser, with a link for each role."""
    narration = stage.narration
    narration.say("")
    narration.say("Walk through it in the browser; the people in it still don't exist:")
    narration.say(f"[bold]volenti -C {stage.ws.path} serve[/]")
    for each in stage.invited:
        narration.say(f"[dim]{each.who}, {each.what}[/]")
        narration.say(each.link)
    narration.say("Links of users are good once, for a day; a new one: volenti user link LOGIN.")


def _write_report(stage: Stage, problems: list[str]) -> list[str]:
    """Write the report, with the promises that were broken; returns what is wrong with the report."""
    summary = stage.summary.to_json()
    page = report.render(summary, stage.tiles, stage.drawn, stage.drawn_again, problems)
    out = stage.folder / "report"
    write_atomically(out / "summary.json", json.dumps(summary, indent=1).encode() + b"\n")
    write_atomically(out / "index.html", page.encode())
    shown = found_in([out], stage.canaries.everything) if stage.canaries else 0
    return [f"the report holds nothing of the person: no, {shown} of their strings"] if shown else []


def import_releases(stage: Stage) -> Json:
    """Import subjects and their signed releases, of which some are wrong on purpose."""
    casting = stage.casting
    listing = write_releases(stage.folder / "releases", casting)
    found = stage.ws.releases.import_(listing)
    use = Use(Grant(PURPOSE), TERRITORY, datetime.now(UTC).date())
    flaws = []
    for flaw, person in casting.flawed.items():
        answer = stage.ws.parts.consent.coverage_for(person.subject_id, use)
        flaws.append({"flaw": flaw.value, "code": answer.code, "message": answer.message})
    figures = {
        "people": len(casting.people),
        "imported": len(found.imported),
        "covered": len(casting.covered),
        "unreleased": len(casting.unreleased),
        "flaws": flaws,
        "territory": TERRITORY,
    }
    stage.narration.say(
        f"{figures['imported']} signed releases imported, each checked against its subject's key."
    )
    stage.narration.show_table(
        ["wrong on purpose", "what consent answers"], [(f["code"], f["message"]) for f in flaws]
    )
    stage.narration.say(f"{figures['unreleased']} of {figures['people']} people signed nothing at all.")
    return figures


def add_inbox(stage: Stage) -> Json:
    """Register an agency's work as a third party's, then add the inbox."""
    works = stage.folder / "works"
    works.mkdir()
    name, data = third_party_work(stage.casting)
    (works / name).write_bytes(data)
    registered = stage.ws.rights.register(works).new
    write_inbox(stage.folder / "inbox", stage.given)
    taken = stage.ws.add([stage.folder / "inbox"], progress=stage.narration)
    figures = {
        "files": taken.given,
        "new": taken.new,
        "duplicate": taken.duplicate,
        "bytes": sum(len(each.data) for each in stage.given),
        "works": registered,
    }
    stage.narration.say(f"{taken.given} files, {figures['bytes'] / 1e6:.1f} MB, sealed in quarantine.")
    return figures


def clear_pictures(stage: Stage) -> Json:
    """Have every picture judged: each gets one decision, with findings and remedies."""
    account = stage.ws.clear(PURPOSE, progress=stage.narration)
    stage.tiles = tiles(stage.given, account, stage.ws.parts.pictures, stage.ws.parts.detector)
    summary = stage.summary
    summary.totals = account.totals
    summary.traps = catches(stage.given, account)
    covered = {person.number for person in stage.casting.covered}
    verdicts = Counter(tile.verdict for tile in stage.tiles if not tile.trap and covered & {*tile.people})
    refused = sum(verdicts.values()) - verdicts["cleared"] - verdicts["held"]
    summary.covered = {
        "given": sum(verdicts.values()),
        "cleared": verdicts["cleared"],
        "held": verdicts["held"],
        "refused": refused,
    }
    codes = Counter(code for tile in stage.tiles for code in set(tile.codes))
    stage.narration.say("  ".join(f"[bold]{count}[/] {name}" for name, count in account.totals.items()))
    stage.narration.show_table(
        ["planted", "expected", "got", ""],
        [
            (each.trap.what, each.trap.expected, each.got, "ok" if each.ok else "[bold red]no[/]")
            for each in summary.traps
        ],
    )
    return {
        "covered": summary.covered,
        "findings": dict(sorted(codes.items())),
        "traps": [
            {"name": each.trap.name, "what": each.trap.what, "files": len(each.files), "ok": each.ok}
            for each in summary.traps
        ],
        "faces": sum(len(tile.boxes) for tile in stage.tiles),
    }


def cut_dataset(stage: Stage) -> Json:
    """Cut a snapshot, a manifest of what is cleared and covered today, and verify it."""
    snapshot = stage.ws.datasets.cut(DATASET, PURPOSE, progress=stage.narration)
    verified = stage.ws.parts.datasets.verify(snapshot, stage.narration)
    captions = Counter(entry.caption for entry in stage.ws.parts.datasets.entries(snapshot))
    figures = {
        "id": snapshot.id,
        "purpose": snapshot.purpose,
        "territory": snapshot.territory,
        "entries": snapshot.entries,
        "subjects": snapshot.subjects,
        "captions": len(captions),
        "verified": verified.ok and not verified.refused,
    }
    stage.narration.say(f"[bold]{snapshot.id}[/]: {snapshot.entries} pictures of {snapshot.subjects} people.")
    stage.narration.say(f"root {snapshot.root}")
    stage.narration.say(f"verified: {verified.entries} digests, {len(verified.problems)} problems")
    return figures


def train_model(stage: Stage) -> Json:
    """Train slices on a base that has seen only people who do not exist, and merge them into constituents."""
    ws = stage.ws
    done = ws.train(DATASET, progress=stage.narration)
    run = ws.parts.training.run(done.run)
    slices, served = (
        ws.parts.training.model_store.slices(run.id),
        ws.parts.training.model_store.constituents(run.id),
    )
    base = ws.settings.base or shipped_base()
    # A slice of one or two pictures has fewer than four steps, and so fewer than four quarters.
    whole = [each for each in slices if len(each.losses) == 4]
    weights = [each.images for each in whole]
    means = np.average([each.losses for each in whole], axis=0, weights=weights) if whole else ()
    stage.summary.full_seconds = run.seconds
    stage.narration.say(
        f"{len(slices)} slices in {len(served)} constituents, {run.seconds:.1f} s of waiting."
    )
    stage.narration.show_table(
        ["constituent", "people ", "pictures ", "sha256"],
        [(each.shard, each.people, each.images, each.sha256[:16]) for each in served],
    )
    return {
        "run": run.id,
        "slices": len(slices),
        "constituents": [
            {
                "shard": each.shard,
                "people": each.people,
                "images": each.images,
                "sha256": each.sha256,
                "bytes": each.weights.location.length,
            }
            for each in served
        ],
        "slice_bytes": sum(each.weights.location.length for each in slices),
        "losses": [[round(loss, 4) for loss in each.losses] for each in slices],
        "mean_losses": [round(float(mean), 4) for mean in means],
        "people_least": run.recipe.min_people,
        "base_bytes": base.stat().st_size if base.exists() else 0,
        "base_sha256": run.recipe.base_sha256,
        "environment": run.environment,
        "seconds": round(run.seconds, 2),
        "core_seconds": round(done.core_seconds, 2),
    }
