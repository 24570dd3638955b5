"""A day with every verb in it: logs name nobody, and what is returned is shown briefly.

Whatever people say or are called by is made recognisable, every verb of the front door is called, and what
was logged and returned is read.
"""

from __future__ import annotations

import inspect
import io
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.signings import Phone, statement
from tests.studio import PURPOSE, RECIPE, Studio
from tests.unit.test_front_door import noun_of
from tests.webhooks import receiver
from volenti.adapters.webhooks.https import HttpsSender
from volenti.cli.python_reference import methods
from volenti.core.canonical import Json
from volenti.core.errors import VolentiError
from volenti.core.logs import REFUSED, Logger, listen
from volenti.core.signing import SigningKey
from volenti.generation.bases import shipped_base
from volenti.users.repetition import Answer
from volenti.users.totp import STEP, code_at
from volenti.workspace.naming import NOUNS
from volenti.workspace.workspace import Workspace

#: In every name, text, caption, path and identifier that is given.
CANARY = "k3tzq9"
#: Where browsers would reach the application.
SITE = "https://volenti.example.org"
#: Of people, pictures, releases, files, works, withdrawals: whatever stands for somebody.
IDENTIFIER = re.compile(r"\b(sub|img|rel|wdr|wrk|unk|own|twk|ver)_")
#: Verbs that a workspace in memory can't carry out, and where they are called instead.
ELSEWHERE = {
    "ws.models.fetch": "fetches from the network; tests/unit/adapters",
    "ws.close": "the fixture closes it, once it is no longer watched",
}
PERSON, OTHER, THIRD = f"ann-{CANARY}", f"bob-{CANARY}", f"cid-{CANARY}"


@dataclass
class Day:
    """What a day with every verb in it logged, and what the verbs returned."""

    entries: list[Json]
    returned: dict[str, list[Any]]
    ws: Workspace


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    tmp_path = tmp_path_factory.mktemp("day")
    returned: dict[str, list[Any]] = {}

    def noted(patch: pytest.MonkeyPatch, of: type, name: str, verb: str) -> None:
        static = isinstance(inspect.getattr_static(of, name), staticmethod)
        function = getattr(of, name)

        def call(*given: Any, **named: Any) -> Any:
            results = returned.setdefault(verb, [])
            results.append(function(*given, **named))
            return results[-1]

        patch.setattr(of, name, staticmethod(call) if static else call)

    with pytest.MonkeyPatch.context() as patch:
        for of, verb in every_verb():
            noted(patch, of, verb.rpartition(".")[2], verb)
        stop = listen(tmp_path / "operations.log")
        studio = Studio.open(tmp_path / CANARY, on_disk=True)
        try:
            everything(studio, tmp_path / f"out-{CANARY}")
        finally:
            stop()
    lines = (tmp_path / "operations.log").read_text().splitlines()
    yield Day([json.loads(line) for line in lines], returned, studio.ws)
    studio.ws.close()


def every_verb() -> list[tuple[type, str]]:
    found: list[tuple[type, str]] = [(Workspace, f"ws.{name}") for name, _ in methods(Workspace)]
    for attribute in NOUNS.values():
        noun = noun_of(attribute)
        found += [(noun, f"ws.{attribute}.{name}") for name, _ in methods(noun)]
    return found


def test_every_verb_was_called(day: Day) -> None:
    assert {verb for _, verb in every_verb()} - set(day.returned) == set(ELSEWHERE)


def test_no_verb_logs_anything_of_anybody(day: Day) -> None:
    packages = {each["module"].split(".")[1] for each in day.entries}
    assert packages >= {
        *("clearance", "consent", "datasets", "deliveries", "erasure", "requests", "training", "catalogue"),
    }
    for entry in day.entries:
        said = json.dumps(entry)
        assert CANARY not in said, entry
        assert REFUSED not in said, entry
        assert not IDENTIFIER.search(said), entry


def test_whatever_a_verb_returns_is_printed_in_two_lines(day: Day) -> None:
    shown = [
        (verb, type(each).__name__, repr(each))
        for verb, results in day.returned.items()
        for result in results
        for each in _one_by_one(result)
    ]
    assert len(shown) > len(day.returned)
    assert {(verb, kind) for verb, kind, text in shown if len(text) > 2 * 80} == set()


def _one_by_one(result: Any) -> list[Any]:
    """What a list or a dict holds; texts, bytes and JSON are printed as they are."""
    if isinstance(result, str | bytes | int | None | Path):
        return []
    if isinstance(result, dict):
        return [each for value in result.values() for each in _one_by_one(value)]
    if isinstance(result, list | tuple):
        return [each for value in result for each in _one_by_one(value)]
    held = [getattr(result, each.name) for each in fields(result)] if is_dataclass(result) else []
    return [result, *(each for value in held if isinstance(value, tuple) for each in _one_by_one(value))]


def test_a_notebook_is_shown_nobody(day: Day) -> None:
    shown = [day.ws._repr_html_(), *(getattr(day.ws, noun)._repr_html_() for noun in NOUNS.values())]
    shown += [
        each._repr_html_()
        for results in day.returned.values()
        for result in results
        for each in _one_by_one(result)
        if hasattr(each, "_repr_html_")
    ]
    assert len(shown) > len(NOUNS) + 3
    for text in shown:
        assert text.startswith("<p><b>")
        named = text.replace(str(day.ws.path), "")  # the folder is the reader's own
        assert f"-{CANARY}" not in named.replace(f"humans-{CANARY}", ""), named


def test_a_fact_that_may_be_about_somebody_is_refused() -> None:
    log, told = Logger("volenti.test"), io.StringIO()
    stop = listen(told)
    log.info("fine", request="req_abc", state="done", count=3, seconds=0.5)
    assert "fine (request req_abc, state done, count 3, seconds 0.5)" in told.getvalue()
    for fact in ("Ada", "Ada Example", "img_1.jpg", "sub_ada", "/home/ada", "a@example.org", "Ünal"):
        log.info("not fine", fact=fact)
    stop()
    assert told.getvalue().count(f"not fine (fact {REFUSED})") == 7
    assert "da" not in told.getvalue().partition("not fine")[2]


def test_several_who_listen_into_one_file_get_each_entry_once(tmp_path: Path) -> None:
    log, file = Logger("volenti.test"), tmp_path / "log"
    first, second = listen(file), listen(file)
    log.info("one")
    first()
    log.info("two")
    second()
    log.info("three")
    assert [json.loads(line)["event"] for line in file.read_text().splitlines()] == ["one", "two"]


def test_what_fails_is_logged_by_its_class_and_nothing_more() -> None:
    log, told = Logger("volenti.test"), io.StringIO()
    stop = listen(told)
    with pytest.raises(ZeroDivisionError), log.timed("step"):
        raise ZeroDivisionError(CANARY)
    stop()
    log.info("after the end")
    assert re.fullmatch(r"\d\d:\d\d:\d\d test: failed: step \(error ZeroDivisionError\)\n", told.getvalue())


def everything(studio: Studio, out: Path) -> None:
    """Every verb of the front door, with canaries wherever there is room for one."""
    out.mkdir()
    _people(studio, out)
    _users(studio)
    _jobs(studio)
    _other_systems(studio)
    _signings(studio)
    _pictures(studio, out)
    _models(studio, out)
    _requests(studio, out)
    _evidence(studio, out)


def _people(studio: Studio, out: Path) -> None:
    ws = studio.ws
    ws.subjects.template(), ws.releases.template(), ws.releases.example(), ws.releases.texts()
    added = ws.subjects.add(
        f"Zoe {CANARY}",
        date(1990, 5, 17),
        contact=f"{CANARY}@example.org",
        notes=CANARY,
        new_key=out / f"{CANARY}.key",
        identifier=f"zoe-{CANARY}",
    )
    ws.subjects.amend(added.id, pseudonym=CANARY)
    like = ws.subjects.add(f"Mia {CANARY}", date(1991, 5, 17), identifier=f"mia-{CANARY}")
    ws.subjects.distinguish(added.id, like.id)
    key = SigningKey.load(out / f"{CANARY}.key")
    photo = studio._picture([added.id], scale=2)
    draft = ws.releases.issue(
        added.id,
        controller=CANARY,
        photographer=CANARY,
        first_day=date(2026, 1, 5),
        law="DE",
        shoot=CANARY,
        grant=["generative-training", "biometric-templates", "redistribution"],
        reference=photo,
        witness=CANARY,
    )
    ws.releases.sign(draft.id, key, reference=photo)
    ws.releases.sign(ws.releases.amend(draft.id, grant=["commercial"]).id, key)
    for name in (PERSON, OTHER, THIRD, f"dee-{CANARY}", f"eve-{CANARY}"):
        studio.person(name)
    people = out / f"{CANARY}.csv"
    people.write_text(ws.subjects.template())
    for verb in (ws.subjects.import_, ws.releases.import_):
        verb(people, columns={f"heading {CANARY}": "legal_name"}, dates="dd.mm.yyyy")
    _papers(studio, out, added.id), _letters(studio, added.id)
    ws.subjects.show(PERSON), ws.subjects.show_references(PERSON), ws.subjects.list()
    ws.releases.receipt(f"rel_{PERSON}", recipient=[CANARY])
    ws.releases.receipt_text(f"rel_{PERSON}", language="de")
    ws.releases.verify(), ws.releases.due(60), ws.releases.show(f"rel_{PERSON}"), ws.releases.list()
    ws.releases.withdraw(subject=added.id, grant="commercial")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ws.parts.receipts, "pdf", lambda *given, **named: b"%PDF")
        ws.releases.receipt_page(f"rel_{PERSON}", recipient=[CANARY])


def _users(studio: Studio) -> None:
    users = studio.ws.users
    for name in (f"pat-{CANARY}@example.org", f"kim-{CANARY}@example.org"):
        added = users.add(name, name=f"Pat {CANARY}", roles=["admin", "officer"])
        assert users.linked(added.token).login == name
        users.choose_password(users.link(name), f"four words of {CANARY}")
    session = users.sign_in(name, f"four words of {CANARY}", address=CANARY)
    users.signed_in(session), users.sign_out(session), users.list()
    with pytest.raises(VolentiError):
        users.sign_in(name, CANARY, address=CANARY)
    users.demand(["admin"]), users.demanded(), users.has_provider()
    waits = users.sign_in(name, f"four words of {CANARY}")
    users.waiting(waits)
    app = users.offer_app(name)
    assert users.offered_app(name) == app
    now = int(studio.parts.clock().timestamp()) // STEP
    first, *_ = users.confirm_app(name, code_at(app.secret, now), name=CANARY)
    session = users.go_on(waits)
    users.prove(session, f"four words of {CANARY}"), users.is_proved(session)
    users.change_password(name, f"four words of {CANARY}", f"five words of {CANARY}", session=session)
    assert users.signed_in(users.give_code(users.sign_in(name, f"five words of {CANARY}"), first))
    users.new_codes(name), users.want_passkey(name, SITE), users.ask_passkey(SITE, address=CANARY)
    for wrong in (
        lambda: users.add_passkey(name, CANARY, SITE, name=CANARY),
        lambda: users.give_passkey(CANARY, SITE),
        lambda: users.ask_provider(f"{SITE}/{CANARY}"),
        lambda: users.give_provider(CANARY, CANARY, CANARY),
        lambda: users.remove_factor(name, users.factors(name)[0].id),
    ):
        with pytest.raises(VolentiError):
            wrong()
    users.rename_factor(name, users.factors(name)[0].id, f"Key {CANARY}"), users.demand([])
    users.remove_factor(name, users.factors(name)[0].id), users.reset(name)
    users.sessions(name), users.end(name), users.limit(CANARY, CANARY, times=1, per="hour")
    users.change(name, name=f"Kim {CANARY}", locked=True), users.remove(name)


def _jobs(studio: Studio) -> None:
    jobs = studio.ws.jobs
    jobs.stop(jobs.start("clear", {"purpose": PURPOSE}, by=CANARY).id)
    jobs.start("add", {"paths": [str(studio.folder / f"none-{CANARY}")], "shoot": CANARY})
    jobs.start("clear", {"purpose": PURPOSE})
    assert jobs.work(once=True) == 2
    assert {each.state for each in jobs.list()} == {"stopped", "failed", "done"}
    jobs.show(jobs.list()[0].id)


def _other_systems(studio: Studio) -> None:
    ws = studio.ws
    added = ws.tokens.add(f"booking {CANARY}", scopes=["subjects:read"])
    ws.tokens.known(added.secret), ws.tokens.list()
    ws.tokens.once(added.token.id, CANARY, CANARY.encode(), lambda: Answer(200, {"name": CANARY}))
    with receiver() as taking, pytest.MonkeyPatch.context() as patch:
        patch.setattr(ws.parts.webhooks, "_sender", HttpsSender(to_private=True))
        hook = ws.webhooks.add(f"{taking.address}/{CANARY}")
        ws.webhooks.test(hook.id), ws.webhooks.deliver(), ws.webhooks.list()
    ws.webhooks.remove(hook.id), ws.tokens.remove(added.token.id)
    ws.subjects.page(), ws.subjects.on_record(PERSON), ws.releases.page()
    ws.releases.take(ws.releases.show(f"rel_{PERSON}").signed.to_json())


def _letters(studio: Studio, subject: str) -> None:
    letters = studio.ws.letters
    link = f"https://example.org/{CANARY}"
    letters.send("portal-link", subject, link=link)
    letters.send("code", subject, code=CANARY, to=f"other-{CANARY}@example.org")
    assert letters.deliver() == 1
    [failed] = [each for each in letters.list() if each.state == "failed"]
    letters.retry(failed.id), letters.remind(36_000), letters.list(subject), letters.reach(subject)


def _signings(studio: Studio) -> None:
    signings = studio.ws.signings
    session = signings.open(CANARY, controller=CANARY, photographer=CANARY, law="DE", ask=["commercial"])
    token, key = session.token, "k" * 43
    signings.linked(token), signings.texts(token, language="de"), signings.sealing_key()
    signings.look(token, CANARY.encode())
    signings.keep_draft(token, key, {"name": CANARY}, [CANARY.encode()]), signings.draft(token, key)
    said = statement(session, name=f"Ida {CANARY}", contact=CANARY)
    signings.sign(token, json.dumps(said).encode())
    sealed = Phone(studio.ws, Ed25519PrivateKey.generate()).sealed(statement(session, name=f"Ivo {CANARY}"))
    signings.receive(token, sealed), signings.signed(token, said["key"])
    signings.show(session.id), signings.list(), signings.close(session.id)


def _papers(studio: Studio, out: Path, subject: str) -> None:
    ws = studio.ws
    paper = ws.releases.issue(
        subject, controller=CANARY, photographer=CANARY, first_day=date(2026, 1, 5), law="DE"
    )
    (out / f"{CANARY}.pdf").write_bytes(b"%PDF-1.7 " + CANARY.encode())
    ws.keys.new(out / f"officer-{CANARY}.key")
    officer = out / f"officer-{CANARY}.key"
    ws.releases.attest(
        paper.id, scan=out / f"{CANARY}.pdf", key=officer, signed_on=date(2026, 1, 5), dry_run=True
    )
    ws.releases.attest(paper.id, scan=out / f"{CANARY}.pdf", key=officer, signed_on=date(2026, 1, 5))
    ws.subjects.amend(subject, new_key=out / f"{CANARY}-2.key", reason=CANARY, officer_key=officer)


def _pictures(studio: Studio, out: Path) -> None:
    ws = studio.ws
    for name in (PERSON, OTHER, THIRD, f"dee-{CANARY}", f"eve-{CANARY}"):
        for _ in range(2):
            studio.photo(name, caption=f"a man called {CANARY}")
    studio.photo(PERSON, f"stranger-{CANARY}")
    inbox = studio.folder / "inbox"
    ws.given([inbox])
    ws.add([inbox], shoot=CANARY)
    ws.pictures.add(f"{CANARY}/{CANARY}.png", b"no picture", caption=CANARY, shoot=CANARY)
    ws.policies.list(), ws.policies.find("strict"), ws.policies.show("strict"), ws.policies.check("strict")
    ws.policies.read(ws.policies.show("strict"))
    ws.clear(PURPOSE)
    ws.changes(policy="strict"), ws.status(), ws.suspensions(), ws.refused_references()
    answers = out / f"answers-{CANARY}.csv"
    answers.write_text(ws.review.answer_sheet(ws.review.list(), "reject"), "utf-8")
    ws.review.answer(answers, reviewer=CANARY, dry_run=True)
    answers.with_suffix(".xlsx").write_bytes(ws.review.answer_workbook(ws.review.list(), "reject"))
    ws.review.answer(answers.with_suffix(".xlsx"), reviewer=CANARY, dry_run=True)
    agency = out / f"agency-{CANARY}"
    agency.mkdir()
    (agency / f"{CANARY}.png").write_bytes(studio._picture([f"somebody-{CANARY}"]))
    ws.rights.register(agency)
    ws.rights.search(), ws.rights.remove([each.id for each in ws.rights.list()])
    ws.clear(PURPOSE)
    [held, *_] = ws.review.list(subject=OTHER)
    ws.review.show(held.id), ws.review.picture(held.id), ws.review.question(held.id)
    ws.review.people(held.id, also=[THIRD]), ws.review.decisions(held.images[0].id)
    ws.review.next(held.id, count=3), ws.review.choices(held.id, reviewer=CANARY)
    ws.review.decide(held.id, clear=True, subjects=[OTHER], reviewer=CANARY)
    image = held.images[0].id
    ws.review.undo(image, reviewer=CANARY)
    ws.review.flag(image, "property-release", reviewer=CANARY)
    name = f"humans-{CANARY}"
    ws.pictures.add(f"{CANARY}.png", studio._picture([PERSON]), caption=CANARY, shoot=CANARY)
    ws.pictures.page(), ws.pictures.counts(), ws.requests.page()
    ws.datasets.cut(name, PURPOSE), ws.datasets.cut(name, PURPOSE)
    ws.pictures.find(CANARY, shoot=CANARY), ws.pictures.list(), ws.pictures.window(shoot=CANARY)
    ws.shoots.list(), ws.shoots.browse(), ws.subjects.find(CANARY)
    ws.subjects.browse(CANARY), ws.releases.browse(CANARY)
    ws.subjects.headings(f"Name,Note\n{CANARY},{CANARY}\n".encode())
    ws.subjects.show_reference(PERSON, ws.subjects.show(PERSON).references[0].digest)
    ws.pictures.show(image), ws.pictures.preview(image)
    seer = ws.users.add(f"eye-{CANARY}", name=f"Eye {CANARY}", roles=["officer"]).user.id
    ws.pictures.look([image], by=seer, why="review"), ws.subjects.looks(OTHER)
    ws.subjects.look(PERSON, by=seer)
    _portal(studio)
    ws.pictures.amend([image], caption=f"a woman called {CANARY}", shoot=f"shoot {CANARY}")
    studio.photo(f"by-mistake-{CANARY}", PERSON)
    ws.add([inbox])
    ws.pictures.remove([each.id for each in ws.pictures.list(state="waiting").pictures])
    chosen = f"humans-{CANARY}-chosen"
    ws.datasets.cut(
        chosen,
        PURPOSE,
        shoot=[CANARY],
        subject=[PERSON, OTHER],
        without=[THIRD],
        word=[CANARY],
        min_side=10,
        min_face=10,
        count=3,
        seed=1,
        split={"train": 1.0},
    )
    ws.datasets.show(chosen), ws.datasets.read(chosen, split="train")
    ws.datasets.export(chosen, out / "chosen", recipient=CANARY, split="train", contact=CANARY, feed=CANARY)
    ws.datasets.list(), ws.datasets.show(name), ws.datasets.diff(f"{name}@1", f"{name}@2")
    ws.datasets.verify(), ws.datasets.read(name)[0]
    ws.datasets.export(name, out / "export", recipient=CANARY)


def _portal(studio: Studio) -> None:
    subjects = studio.ws.subjects
    link = subjects.link(OTHER)
    subjects.linked(link), subjects.send_code(link)
    session = subjects.enter(link, subjects.code(OTHER))
    subjects.visiting(session), subjects.leave(session), subjects.uses(OTHER)
    theirs = next(each for each in subjects.pictures(OTHER).pictures if each.state == "cleared")
    subjects.picture(OTHER, theirs.id, preview=True)


def _models(studio: Studio, out: Path) -> None:
    ws, name = studio.ws, f"humans-{CANARY}"
    ws.plan_training(name, RECIPE), ws.forecast_training(name, RECIPE), ws.train(name, RECIPE)
    with ws.runs.begin(f"own-{CANARY}", dataset=name, code=[Path(__file__)], min_people=1) as run:
        weights = out / f"{CANARY}.bin"
        weights.write_text(CANARY)
        run.keep(weights)
    _elsewhere(studio, out)
    (base := out / f"{CANARY}.safetensors").write_bytes(shipped_base().read_bytes())
    ws.bases.add(base, made_by=CANARY, people="none"), ws.bases.list(), ws.bases.show(base)
    ws.runs.list(), ws.runs.show(f"own-{CANARY}")
    ws.runs.deliver(f"own-{CANARY}", out / "handed.bin", CANARY)
    ws.runs.export(name, to=out / f"weights-{CANARY}", recipient=CANARY, contact=CANARY)
    made = ws.generate([f"a man called {CANARY}", "a woman"], seed=7)
    ws.works.list(), ws.works.show([*made.drawn, *made.refused][0].work.id)
    other = ws.train(name, replace(RECIPE, slices=3)).run
    ws.runs.remove(other, dry_run=True), ws.runs.remove(other)


def _elsewhere(studio: Studio, out: Path) -> None:
    ws, run, packages = studio.ws, f"there-{CANARY}", studio.ws.packages
    ws.runs.begin(run, dataset=f"humans-{CANARY}", code=[Path(__file__)], min_people=1)
    public = packages.key(out / f"machine-{CANARY}.key")
    file, opened = out / f"{CANARY}.package", out / f"opened-{CANARY}"
    about = {"recipient": CANARY, "contact": CANARY, "feed": str(ws.path / "feed")}
    ws.runs.pack(run, file, to=public, **about)
    packages.show(file), packages.open(file, opened, key=out / f"machine-{CANARY}.key")
    with packages.begin(opened, out / "results") as there:
        for part in there.parts():
            part.keep(out / f"{CANARY}.bin")
    os.utime(out / f"{CANARY}.bin")
    packages.result(opened, 0, out / f"{CANARY}.bin", out / f"{CANARY}.result")
    ws.runs.keep(run, 0, out / f"{CANARY}.result")
    packages.pull(opened), packages.drop(opened)


def _requests(studio: Studio, out: Path) -> None:
    ws = studio.ws
    found = ws.requests.look_for(studio._picture([PERSON]))
    ws.requests.compare(studio._picture([PERSON]), found)
    asking = ws.requests.inquire(studio._picture([PERSON]), address=CANARY)
    [inquiry] = ws.requests.inquiries(waiting=True)
    ws.requests.inquiry(inquiry.id), ws.requests.reply(inquiry.id, "found"), ws.requests.inquired(asking)
    access = ws.requests.open("access", OTHER, identity="in-person")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ws.parts.answers, "pdf", lambda *given, **named: b"%PDF")
        ws.requests.answer(access.id, folder=out / "answer")
    ws.requests.lift(ws.requests.run(ws.requests.open("restriction", OTHER).id).request.id)
    ws.requests.uphold(ws.requests.run(ws.requests.open("objection", f"eve-{CANARY}").id).request.id)
    ws.requests.refuse(
        ws.requests.open("erasure", OTHER, identity="in-person").id, ground="unfounded-or-excessive"
    )
    asked = ws.requests.open("erasure", PERSON, identity="in-person")
    ws.requests.identify(asked.id, how="document"), ws.requests.extend(asked.id, reason="complexity")
    ws.requests.keep(asked.id, ground="legal-claims", until=date(2099, 1, 1))
    (
        ws.requests.plan(asked.id),
        ws.requests.due(),
        ws.due(36_000),
        ws.requests.show(asked.id),
        ws.requests.list(),
    )
    ws.requests.named(asked.id), ws.requests.opening(asked.id)
    ws.requests.followed(ws.requests.follow_link(asked.id))
    ws.requests.run(asked.id, copy=True, audit=True)
    ws.requests.kept(asked.id), ws.requests.attacks(ws.requests.list()), ws.requests.names(ws.requests.list())
    ws.requests.open("erasure", THIRD, identity="in-person")
    ws.requests.run_all()
    ws.prove_forgetting()
    written = out / "certificate.json"
    written.write_text(json.dumps(ws.certificates.show(asked.id)))
    ws.certificates.verify(written, ws.public_key), ws.certificates.page(written, ws.public_key)
    ws.feed.list()
    done = ws.feed.apply(out / "export", str(ws.path / "feed"))
    ws.feed.acknowledge(done.acknowledgement)


def _evidence(studio: Studio, out: Path) -> None:
    ws = studio.ws
    ws.audit(deep=True), ws.register(), ws.notices(), ws.today()
    shown = ws.log.show()
    ws.log.prove(0), ws.log.verify([shown.checkpoint])
    with pytest.raises(VolentiError):
        ws.log.account()  # done when the workspace was made
    ws.log.witness(
        str(ws.path / "log"),
        str(shown.verifier),
        name="witness.example",
        key=out / "witness.key",
        state=out / "state",
        first=True,
    )
    ws.backups.create(out / "backup")
    ws.backups.verify(out / "backup", ws.public_key)
    ws.backups.mirror(ws.path, out / "mirror")
    ws.keys.rotate()
    ws.models.list()
    ws.backups.restore(out / "backup", out / "back", keys=out / "mirror", secret=ws.path / "secret")
