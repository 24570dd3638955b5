"""Training on another machine: parts are packed for its key, trained there, and kept; told as scenarios."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

import volenti
from tests.studio import PURPOSE, Studio
from volenti.consent.purpose import Grant
from volenti.core.age import AgeKey, AgeReader
from volenti.core.errors import ConflictError, IntegrityError, NotFoundError, UsageError, VolentiError
from volenti.core.signing import SigningKey
from volenti.deliveries.checksums import Checksums
from volenti.deliveries.package.note import PackageNote, ResultNote
from volenti.deliveries.package.opened import OpenedPackage
from volenti.deliveries.package.result import PartResult
from volenti.deliveries.package.sealed import Sealed, SealedFile, write_sealed
from volenti.folder import secrets_of
from volenti.training.external_run import ExternalPart
from volenti.transparency.note import SignedNote

PEOPLE = [f"sitter{number:02d}" for number in range(40)]
CAPTION = "a man in a blue top"


class Host:
    """A studio with a run in two parts, and another machine: a key, files that were sent, no workspace."""

    def __init__(self, studio: Studio, there: Path) -> None:
        self.studio = studio
        self.ws = studio.ws
        self.there = there
        self.there.mkdir()
        self.key = self.there / "machine.key"
        self.public = volenti.packages.key(self.key)
        self.package = self.there / "lora.package"
        self.opened = self.there / "lora"
        self.results = self.there / "results"

    def pack(self, **given: object) -> object:
        feed = str(self.ws.path / "feed")
        return self.ws.runs.pack("my-lora", self.package, to=self.public, feed=feed, **given)  # type: ignore[arg-type]

    def open(self) -> OpenedPackage:
        return volenti.packages.open(self.package, self.opened, key=self.key)

    def train(self) -> list[PartResult]:
        """A script that trains: what it makes depends on the pixels, their order and the seed."""
        made = []
        with volenti.packages.begin(self.opened, self.results) as run:
            for part in run.parts():
                learned = hashlib.sha256(str(part.seed).encode())
                for index in part.dataset.epoch(0, part.seed):
                    learned.update(part.dataset.sample(index).pixels.tobytes())
                file = self.there / "weights.bin"
                file.write_bytes(learned.digest())
                made.append(part.keep(file))
        return made

    def keep(self, result: PartResult) -> ExternalPart:
        return self.ws.runs.keep("my-lora", result.shard, result.out)

    def home(self, who: str) -> int:
        """The part that somebody is in."""
        dataset = self.ws.datasets.read("humans")
        return next(shard for shard, each in enumerate(dataset.shards(2)) if who in each.people())

    def leave(self, who: str) -> None:
        self.ws.requests.run(self.ws.requests.open("erasure", who, identity="in-person").id)


def begun_in(folder: Path) -> Studio:
    """A studio with a run in two parts."""
    studio = Studio.open(folder, on_disk=True)
    studio.shoot(*PEOPLE, photos=1)
    studio.clear()
    studio.ws.datasets.cut("humans", PURPOSE)
    studio.ws.runs.begin("my-lora", dataset="humans", shards=2, code=[__file__])
    return studio


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """Such a studio, closed: each test has a copy of it."""
    studio = begun_in(tmp_path_factory.mktemp("begun"))
    studio.ws.close()
    return studio


@pytest.fixture
def host(begun: Studio, tmp_path: Path) -> Iterator[Host]:
    host = Host(begun.copied(tmp_path / "here"), tmp_path / "there")
    yield host
    host.ws.close()


def inside(host: Host) -> dict[str, bytes]:
    """Every member of the package, decrypted."""
    with (
        zipfile.ZipFile(host.package) as outer,
        AgeReader(io.BytesIO(outer.read("sealed.age")), AgeKey.load(host.key)) as reader,
    ):
        sealed = reader.read()
    with tarfile.open(fileobj=io.BytesIO(sealed)) as tar:
        return {each.name: tar.extractfile(each).read() for each in tar}  # type: ignore[union-attr]


def test_parts_are_packed_trained_elsewhere_and_kept(host: Host) -> None:
    packed = host.ws.runs.pack("my-lora", host.package, to=host.public, dry_run=True)
    assert (packed.images, packed.people, packed.delivery) == (40, 40, "")
    assert not host.package.exists()
    assert host.ws.feed.list().notices == ()
    host.pack()
    shown = volenti.packages.show(host.package)
    assert (shown.shards, shown.pictures, shown.people, shown.to) == ((0, 1), 40, 40, host.public)
    opened = host.open()
    assert [(each.shard, each.images) for each in opened.held] == [
        (each.shard, each.images) for each in packed.held
    ]
    kept = [host.keep(each) for each in host.train()]
    assert {name for each in kept for name in each.weights.owners} == set(PEOPLE)
    assert host.ws.runs.show("my-lora").due == ()
    assert [each.recipients for each in host.ws.runs.show("my-lora").kept] == [(host.public,)] * 2
    assert host.train() == [], "every part has its result"
    assert host.ws.audit(deep=True).problems == []
    with pytest.raises(ConflictError, match="Nothing of my-lora"):
        host.ws.runs.pack("my-lora", host.there / "again", to=host.public)


def test_a_part_elsewhere_has_the_pixels_the_seed_and_the_captions_of_the_part_here(host: Host) -> None:
    host.pack()
    host.open()
    with (
        host.ws.runs.begin("my-lora", dataset="humans", shards=2) as here,
        volenti.packages.begin(host.opened, host.results) as there,
    ):
        for one, other in zip(here.parts(), there.parts(), strict=True):
            assert (one.shard, one.seed, len(one.dataset)) == (other.shard, other.seed, len(other.dataset))
            for index in range(len(one.dataset)):
                mine, theirs = one.dataset.sample(index), other.dataset.sample(index)
                assert (mine.position, mine.caption) == (theirs.position, theirs.caption)
                assert (mine.pixels == theirs.pixels).all()  # PNG, so nothing is lost
                assert mine.face == pytest.approx(theirs.face, abs=0.5)
                a, b = one.dataset.to_torch(32)[index], other.dataset.to_torch(32)[index]
                assert a["pixels"].shape == b["pixels"].shape  # type: ignore[index]


def test_what_is_opened_is_an_image_folder_for_its_owner_alone(host: Host) -> None:
    host.pack(contact="me@example.org")
    old = os.umask(0)
    try:
        opened = host.open()
    finally:
        os.umask(old)
    for path in [host.opened, *host.opened.rglob("*")]:
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path
    for each in opened.held:
        lines = (host.opened / each.part.folder / "metadata.jsonl").read_text().splitlines()
        facts = [json.loads(line) for line in lines]
        assert len(facts) == each.images
        assert all((host.opened / each.part.folder / one["file_name"]).is_file() for one in facts)
    sums = Checksums.read(host.opened)
    assert sums is not None
    files = [each for each in host.opened.rglob("*") if each.is_file() and each.name != "SHA256SUMS"]
    assert all(sums.is_as_delivered(each) for each in files)
    assert "me@example.org" in (host.opened / "README.md").read_text()


def test_nothing_of_the_workspace_and_no_name_is_in_a_package(host: Host) -> None:
    host.pack()
    secret, signing = secrets_of(host.ws.path)
    delivery = host.ws.feed.list().notices[0].delivery
    assert delivery.packed is not None
    private = [secret, signing.seed, bytes.fromhex(delivery.key)]
    vault = host.ws.parts.vault
    private += [vault._keys.get(owner) for owner in vault.owners()]
    needles = [each for key in private if key for each in (key, key.hex().encode())]
    needles += [delivery.packed.way_back.encode()]
    needles += [signing.to_bytes().split(b":")[1].strip()]
    for name in PEOPLE:
        needles += [name.encode(), f"Legal {name}".encode(), f"rel_{name}".encode()]
    needles += [entry.image.encode() for entry in host.ws.datasets.read("humans").entries]
    needles += [b"example.org", b"inbox"]
    searched = {**inside(host), "(the file)": host.package.read_bytes()}
    assert len(searched) == 40 + 2 + 6 + 1
    found = [(name, needle) for name, data in searched.items() for needle in needles if needle in data]
    assert found == []
    assert any(CAPTION.encode() in data for name, data in searched.items() if name.endswith(".jsonl"))
    assert b"caption" not in host.package.read_bytes(), "nothing but the note is in the clear"
    assert CAPTION.encode() not in host.package.read_bytes()


def test_nothing_in_the_clear_lies_on_the_disk_while_packing(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports = host.ws.parts.exports
    sample, seen = exports.sample, set[Path]()
    pixels = [next(host.studio.folder.glob("inbox/*.png")).read_bytes()[40:80], CAPTION.encode()]

    def watched(*given: object) -> object:
        for path in host.there.rglob("*"):
            seen.add(path)
            assert not any(each in path.read_bytes() for each in pixels)
        return sample(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(exports, "sample", watched)
    monkeypatch.setattr("tempfile.mkdtemp", None)
    monkeypatch.setattr("tempfile.mkstemp", None)
    host.pack()
    assert len(seen) == 2, "the key, and the package that is being written"
    assert sorted(each.name for each in host.there.iterdir()) == ["lora.package", "machine.key"]


def test_a_large_file_is_sealed_and_opened_in_pieces(tmp_path: Path) -> None:
    key, large, size = AgeKey.new(), tmp_path / "large", 48 << 20
    with large.open("wb") as file:
        file.truncate(size)
    note = SignedNote("a test\n").signed("test", SigningKey.new())
    tracemalloc.start()
    sealed = write_sealed(
        tmp_path / "sealed", key.public, lambda to: to.add_file("large", large), lambda _: note
    )
    with SealedFile.opened(tmp_path / "sealed", "a test") as opened:
        opened.check(sealed)
        for _, member in opened.members(key):
            assert sum(map(len, iter(partial(member.read, 1 << 20), b""))) == size
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8 << 20


def test_who_withdrew_or_restricted_is_left_out_and_nobody_is_asked_about_being_passed_on(
    tmp_path: Path,
) -> None:
    studio = Studio.open(tmp_path, on_disk=True)
    for name in PEOPLE[:24]:
        studio.person(name, Grant.GENERATIVE_TRAINING, Grant.BIOMETRIC_TEMPLATES)
        studio.photo(name)
    studio.clear()
    studio.ws.datasets.cut("humans", PURPOSE)
    studio.ws.runs.begin("my-lora", dataset="humans", code=[__file__])
    studio.ws.releases.withdraw(subject=PEOPLE[0])
    studio.ws.requests.run(studio.ws.requests.open("restriction", PEOPLE[1]).id)
    public = volenti.packages.key(tmp_path / "machine.key")
    packed = studio.ws.runs.pack("my-lora", tmp_path / "package", to=public)
    assert (packed.images, packed.people, packed.left_out) == (22, 22, 2)
    opened = volenti.packages.open(tmp_path / "package", tmp_path / "opened", key=tmp_path / "machine.key")
    assert [each.images for each in opened.held] == [22]
    studio.ws.feed.list()
    assert [each.told for each in studio.ws.feed.list().notices] == [0], "nothing is called back"
    studio.ws.close()


def test_some_of_the_parts_that_are_due_are_packed(host: Host) -> None:
    packed = host.ws.runs.pack("my-lora", host.package, to=host.public, parts=[1])
    assert [each.shard for each in packed.held] == [1]
    [notice] = host.ws.feed.list().notices
    assert notice.delivery.samples == packed.images
    other = next(name for name in PEOPLE if host.home(name) == 0)
    host.leave(other)
    assert host.ws.feed.list().notices[0].told == 0, "who isn't in the package isn't called back from it"


def test_a_run_on_one_split_is_packed_from_that_split_alone(host: Host) -> None:
    cut = host.ws.datasets.cut("divided", PURPOSE, split={"train": 0.7, "test": 0.3})
    host.ws.runs.begin("on-train", dataset="divided", split="train", code=[__file__])
    train = host.ws.datasets.read("divided", split="train")
    gone = min(train.people())
    host.leave(gone)
    packed = host.ws.runs.pack("on-train", host.package, to=host.public)
    assert (packed.dataset, packed.images, packed.left_out) == (cut.id, len(train) - 1, 0)
    [delivery] = [each.delivery for each in host.ws.feed.list().notices]
    assert (delivery.samples, delivery.uncovered) == (len(train) - 1, 1)
    assert len(delivery.left_out) == cut.entries - delivery.samples
    assert [each.images for each in host.open().held] == [len(train) - 1]
    [made] = host.train()
    kept = host.ws.runs.keep("on-train", 0, made.out)
    assert set(kept.weights.owners) == train.people() - {gone}


#: What is refused, and nothing written.
REFUSED: dict[str, tuple[Callable[[Host], object], type[VolentiError]]] = {
    "a run that isn't": (lambda host: host.ws.runs.pack("x", host.package, to=host.public), NotFoundError),
    "no key": (lambda host: host.ws.runs.pack("my-lora", host.package, to="age1xyz"), IntegrityError),
    "a private key": (
        lambda host: host.ws.runs.pack("my-lora", host.package, to=host.key.read_text()),
        IntegrityError,
    ),
    "a part that isn't": (
        lambda host: host.ws.runs.pack("my-lora", host.package, to=host.public, parts=[2]),
        UsageError,
    ),
    "a file that is there": (lambda host: host.ws.runs.pack("my-lora", host.key, to=host.public), UsageError),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_packed_is_refused_with_a_remedy(host: Host, what: str) -> None:
    call, error = REFUSED[what]
    with pytest.raises(error) as refused:
        call(host)
    assert refused.value.remedy
    assert not host.package.exists()
    assert host.ws.feed.list().notices == ()


def test_a_part_of_too_few_people_is_refused_before_it_is_packed(host: Host) -> None:
    host.ws.runs.begin("fine", dataset="humans", shards=20, code=[__file__])
    with pytest.raises(UsageError, match="likeness"):
        host.ws.runs.pack("fine", host.package, to=host.public)
    assert host.ws.feed.list().notices == ()


def test_an_erasure_names_the_package_and_the_feed_takes_them_out_of_it(host: Host) -> None:
    host.pack(recipient="GPU hall")
    host.open()
    results = host.train()
    for each in results:
        host.keep(each)
    gone = PEOPLE[3]
    home = host.home(gone)
    asked = host.ws.requests.open("erasure", gone, identity="in-person")
    plan = host.ws.requests.plan(asked.id)
    assert [(each.recipient, each.samples) for each in plan.notified] == [("GPU hall", 1)]
    assert [each.recipients for each in plan.retrainings] == [("GPU hall",)]
    outcome = host.ws.requests.run(asked.id)
    assert "GPU hall" not in str(outcome.certificate)
    assert host.ws.runs.show("my-lora").due == (home,)
    [notice] = host.ws.feed.list().notices
    assert (notice.told, notice.open, notice.delivery.to) == (1, 1, "GPU hall")

    with pytest.raises(ConflictError, match=f"Part {home} of my-lora.*due again"):
        host.keep(results[home])
    assert host.ws.runs.show("my-lora").due == (home,)
    host.keep(results[1 - home])

    counted = volenti.packages.pull(host.opened, dry_run=True)
    assert (counted.applied.removed, counted.applied.acknowledgement) == (1, "")
    pulled = volenti.packages.pull(host.opened)
    assert (pulled.applied.removed, pulled.applied.left, pulled.shards) == (1, 39, (home,))
    assert host.ws.feed.acknowledge(pulled.applied.acknowledgement).open == 0
    pulled = volenti.packages.pull(host.opened)
    assert (pulled.applied.removed, pulled.shards) == (0, (home,)), "named until it is trained again"
    [again] = host.train()
    assert again.shard == home
    assert volenti.packages.pull(host.opened).shards == ()
    kept = host.keep(again)
    assert gone not in kept.weights.owners
    assert host.ws.runs.show("my-lora").due == ()
    assert host.ws.audit(deep=True).problems == []


def test_a_withdrawal_calls_back_and_keeps_the_result_out(host: Host) -> None:
    host.pack()
    host.open()
    results, home = host.train(), host.home(PEOPLE[5])
    host.ws.releases.withdraw(subject=PEOPLE[5])
    assert host.ws.feed.list().notices[0].open == 1
    with pytest.raises(ConflictError, match="due again"):
        host.keep(results[home])


def test_who_leaves_while_a_part_is_trained_is_in_its_result(host: Host) -> None:
    host.pack()
    host.open()
    gone = PEOPLE[7]
    home = host.home(gone)
    with volenti.packages.begin(host.opened, host.results) as run:
        part = next(each for each in run.parts() if each.shard == home)
        host.leave(gone)
        volenti.packages.pull(host.opened)
        (host.there / "weights.bin").write_bytes(b"weights")
        made = part.keep(host.there / "weights.bin")
    with pytest.raises(ConflictError, match="due again"):
        host.keep(made)
    [again] = [each for each in host.train() if each.shard == home]
    assert host.keep(again).people == made.people - 1


def test_weights_are_bundled_unless_they_are_older_than_what_the_part_holds(host: Host) -> None:
    host.pack()
    host.open()
    gone = PEOPLE[3]
    home = host.home(gone)
    weights = host.there / "lora.safetensors"
    weights.write_bytes(b"weights")
    made = volenti.packages.result(host.opened, home, weights, host.there / "one", seconds=7.5)
    assert (made.note.seconds, made.file) == (7.5, "lora.safetensors")
    host.leave(gone)
    volenti.packages.pull(host.opened)
    listing = host.opened / f"part_{home:02d}" / "metadata.jsonl"
    os.utime(weights, (listing.stat().st_mtime - 60,) * 2)
    with pytest.raises(UsageError, match="older"):
        volenti.packages.result(host.opened, home, weights, host.there / "two")
    weights.write_bytes(b"trained again")
    made = volenti.packages.result(host.opened, home, weights, host.there / "two")
    kept = host.keep(made)
    assert (kept.file, kept.sha256) == ("lora.safetensors", hashlib.sha256(b"trained again").hexdigest())
    run = host.ws.parts.external_runs.run("my-lora")
    assert host.ws.parts.external_runs.open(run, home) == b"trained again"


def test_a_dropped_package_is_waited_for_no_more(host: Host) -> None:
    host.pack()
    host.open()
    (host.opened / "notes.txt").write_text("mine")
    done = volenti.packages.drop(host.opened)
    assert done.images == 40
    assert not host.opened.exists()
    host.ws.feed.acknowledge(done.acknowledgement)
    host.leave(PEOPLE[0])
    [notice] = host.ws.feed.list().notices
    assert (notice.told, notice.open) == (0, 0)
    assert host.ws.audit(deep=True).problems == []
    with pytest.raises(UsageError):
        volenti.packages.drop(host.there)
    assert host.key.exists()


#: What came of a package before it is dropped.
CAME: dict[str, Callable[[Host], object]] = {
    "nothing": lambda host: None,
    "it was opened": lambda host: host.open(),
    "a part was kept": lambda host: (host.open(), host.keep(host.train()[0])),
    "every part was kept": lambda host: (host.open(), [host.keep(each) for each in host.train()]),
    "somebody left, and was pulled": lambda host: (
        host.open(),
        host.leave(PEOPLE[0]),
        host.ws.feed.acknowledge(volenti.packages.pull(host.opened).applied.acknowledgement),
    ),
}


@pytest.mark.parametrize("came", CAME)
def test_a_run_is_removed_once_each_machine_said_that_it_dropped_its_package(host: Host, came: str) -> None:
    host.pack(recipient="GPU hall")
    host.ws.runs.pack("my-lora", host.there / "second", to=host.public, parts=[1])
    CAME[came](host)

    def refused() -> None:
        for dry_run in (True, False):
            with pytest.raises(ConflictError, match="Another machine has a package") as error:
                host.ws.runs.remove("my-lora", dry_run=dry_run)
            assert "package drop" in error.value.remedy
            assert "feed acknowledge" in error.value.remedy
        assert host.ws.runs.show("my-lora").run.name == "my-lora"

    refused()
    if not host.opened.exists():
        host.open()
    said = volenti.packages.drop(host.opened).acknowledgement
    refused()
    host.ws.feed.acknowledge(said)
    refused()  # the second one is still there
    second = volenti.packages.open(host.there / "second", host.opened, key=host.key)
    host.ws.feed.acknowledge(volenti.packages.drop(second.folder).acknowledgement)
    parts = host.ws.runs.remove("my-lora").external_parts
    assert parts == {"a part was kept": 1, "every part was kept": 2}.get(came, 0)
    with pytest.raises(NotFoundError):
        host.ws.runs.show("my-lora")
    assert host.ws.audit(deep=True).problems == []


def test_what_was_handed_out_to_somebody_else_stays_though_the_package_was_dropped(host: Host) -> None:
    host.pack()
    host.open()
    for each in host.train():
        host.keep(each)
    host.ws.feed.acknowledge(volenti.packages.drop(host.opened).acknowledgement)
    host.ws.runs.deliver("my-lora", host.there / "out.bin", "Example Ltd")
    with pytest.raises(ConflictError, match="handed out"):
        host.ws.runs.remove("my-lora")


def test_packages_of_another_run_keep_none(host: Host) -> None:
    host.pack()
    host.ws.runs.begin("other", dataset="humans", shards=2, code=[__file__])
    assert host.ws.runs.remove("other").name == "other"


def test_an_opening_that_broke_off_begins_again_or_is_dropped(host: Host) -> None:
    host.pack()
    host.open()
    (host.opened / "SHA256SUMS").unlink()
    for verb in (
        lambda: volenti.packages.begin(host.opened, host.results),
        lambda: volenti.packages.pull(host.opened),
    ):
        with pytest.raises(UsageError, match="wasn't opened to its end"):
            verb()
    assert sum(each.images for each in host.open().held) == 40
    (host.opened / "SHA256SUMS").unlink()
    assert volenti.packages.drop(host.opened).acknowledgement == ""
    assert not host.opened.exists()


def test_packing_that_broke_off_leaves_no_file_and_says_that_there_may_be_one(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports = host.ws.parts.exports
    sample, seen = exports.sample, []

    def broken(*given: object, **named: object) -> object:
        seen.append(1)
        if len(seen) > 5:
            raise OSError("power")
        return sample(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(exports, "sample", broken)
    with pytest.raises(VolentiError, match="power"):
        host.pack()
    assert sorted(each.name for each in host.there.iterdir()) == ["machine.key"]
    [notice] = host.ws.feed.list().notices
    assert not notice.delivery.complete
    assert host.ws.runs.remove("my-lora").name == "my-lora", "nobody has a package of it"


# -- what was changed, cut off, or put in another's place


def rewritten(path: Path, change: Callable[[dict[str, bytes]], dict[str, bytes]]) -> None:
    """A sealed file with other members."""
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    path.unlink()
    with zipfile.ZipFile(path, "w") as file:
        for name, data in change(members).items():
            file.writestr(name, data)


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def other_package(host: Host) -> dict[str, bytes]:
    """The members of another package for the same machine."""
    path = host.there / "other.package"
    host.ws.runs.pack("my-lora", path, to=host.public, parts=[0])
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


PACKAGE_FAULTS: dict[str, Callable[[Host], object]] = {
    "empty": lambda host: host.package.write_bytes(b""),
    "something else": lambda host: host.package.write_bytes(b"GIF89a" * 1000),
    "cut in the middle": lambda host: host.package.write_bytes(host.package.read_bytes()[:50_000]),
    "cut by one byte": lambda host: host.package.write_bytes(host.package.read_bytes()[:-1]),
    "a byte changed in the middle": lambda host: host.package.write_bytes(
        flipped(host.package.read_bytes(), 60_000)
    ),
    "sealed bytes changed": lambda host: rewritten(
        host.package, lambda of: {**of, "sealed.age": flipped(of["sealed.age"], 60_000)}
    ),
    "sealed bytes cut": lambda host: rewritten(
        host.package, lambda of: {**of, "sealed.age": of["sealed.age"][:-1]}
    ),
    "sealed bytes of another": lambda host: rewritten(
        host.package, lambda of: {**of, "sealed.age": other_package(host)["sealed.age"]}
    ),
    "the note of another": lambda host: rewritten(
        host.package, lambda of: {**of, "note.txt": other_package(host)["note.txt"]}
    ),
    "the note changed": lambda host: rewritten(
        host.package, lambda of: {**of, "note.txt": of["note.txt"].replace(b"pictures 40", b"pictures 41")}
    ),
    "no note": lambda host: rewritten(host.package, lambda of: {"sealed.age": of["sealed.age"]}),
    "one more member": lambda host: rewritten(host.package, lambda of: {**of, "more": b"x"}),
}


@pytest.mark.parametrize("fault", PACKAGE_FAULTS)
def test_a_package_that_was_changed_is_refused_and_nothing_is_unpacked(host: Host, fault: str) -> None:
    host.pack()
    PACKAGE_FAULTS[fault](host)
    for verb in (lambda: volenti.packages.show(host.package), host.open):
        with pytest.raises(IntegrityError) as refused:
            verb()
        assert refused.value.remedy
    assert not host.opened.exists()


def test_a_package_for_another_key_or_of_another_sender_is_refused(host: Host) -> None:
    host.pack()
    volenti.packages.key(host.there / "other.key")
    with pytest.raises(UsageError, match="is for age1"):
        volenti.packages.open(host.package, host.opened, key=host.there / "other.key")
    volenti.packages.show(host.package, sender=host.ws.public_key)
    with pytest.raises(IntegrityError):
        volenti.packages.show(host.package, sender=SigningKey.new().public)
    assert not host.opened.exists()
    host.opened.mkdir()
    (host.opened / "mine").touch()
    with pytest.raises(UsageError, match="isn't empty"):
        host.open()
    assert (host.opened / "mine").exists()


#: What somebody might put into a package of their own, beside or instead of what belongs there.
HOSTILE: dict[str, dict[str, bytes]] = {
    "a name that leads out": {"../out": b"x"},
    "an absolute name": {"/etc/out": b"x"},
    "a name below a part": {"part_00/a/00000000.png": b"x"},
    "a file that nobody knows": {"part_00/run.sh": b"x"},
    "another checksum": {"SHA256SUMS": b"0" * 64 + b"  README.md\n"},
    "nothing": {},
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_a_sender_made_up_is_not_unpacked(host: Host, what: str) -> None:
    host.pack()
    note = volenti.packages.show(host.package)
    members = {**(inside(host) if HOSTILE[what] else {})}
    last = members.pop("SHA256SUMS", b"")
    members |= {name: data for name, data in HOSTILE[what].items() if name != "SHA256SUMS"}
    host.package.unlink()
    key = SigningKey.new()

    def fill(to: object) -> None:
        for name, data in members.items():
            to.add(name, data)  # type: ignore[attr-defined]
        if last:
            to.add("SHA256SUMS", HOSTILE[what].get("SHA256SUMS", last))  # type: ignore[attr-defined]

    def signed(sealed: Sealed) -> object:
        facts = {name: getattr(note, name) for name in note.__slots__}
        changed = {"sealed": sealed.sha256, "bytes": sealed.bytes, "sender": str(key.public)}
        return PackageNote(**{**facts, **changed}).signed(key)

    write_sealed(host.package, note.recipient, fill, signed)  # type: ignore[arg-type]
    volenti.packages.show(host.package)
    with pytest.raises(IntegrityError):
        host.open()
    assert not host.opened.exists()
    assert not (host.there / "out").exists()


RESULT_FAULTS: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "a byte changed": lambda path: path.write_bytes(flipped(path.read_bytes(), 400)),
    "sealed bytes changed": lambda path: rewritten(
        path, lambda of: {**of, "sealed.age": flipped(of["sealed.age"], 400)}
    ),
    "the note changed": lambda path: rewritten(
        path, lambda of: {**of, "note.txt": of["note.txt"].replace(b"seconds", b"Seconds")}
    ),
    "fewer pictures said": lambda path: rewritten(
        path, lambda of: {**of, "note.txt": of["note.txt"].replace(b"\npictures ", b"\npictures 1")}
    ),
    "a package": lambda path: path.write_bytes((path.parents[1] / "lora.package").read_bytes()),
}


@pytest.mark.parametrize("fault", RESULT_FAULTS)
def test_a_result_that_was_changed_is_refused_and_nothing_is_kept(host: Host, fault: str) -> None:
    host.pack()
    host.open()
    first, _ = host.train()
    RESULT_FAULTS[fault](first.out)
    with pytest.raises(IntegrityError) as refused:
        host.keep(first)
    assert refused.value.remedy
    assert host.ws.runs.show("my-lora").kept == ()


def test_a_result_of_another_run_part_or_workspace_is_refused(host: Host, tmp_path: Path) -> None:
    host.pack()
    host.open()
    first, second = host.train()
    host.ws.runs.begin("other", dataset="humans", shards=2, code=[__file__])
    with pytest.raises(ConflictError, match="isn't of a package of other"):
        host.ws.runs.keep("other", 0, first.out)
    with pytest.raises(ConflictError, match="of part 1 of my-lora, not of part 0"):
        host.ws.runs.keep("my-lora", 0, second.out)
    stranger = begun_in(tmp_path / "stranger")
    with pytest.raises(NotFoundError):
        stranger.ws.runs.keep("my-lora", 0, first.out)
    stranger.ws.close()
    assert host.ws.runs.show("my-lora").kept == ()


def test_a_package_and_a_result_are_not_taken_for_one_another(host: Host) -> None:
    host.pack()
    host.open()
    result = host.train()[0].out
    with pytest.raises(IntegrityError) as refused:
        host.ws.runs.keep("my-lora", 0, host.package)
    assert refused.value.message == "This is a package, not a result."
    assert refused.value.remedy == "Give the file that `volenti package result` wrote."
    with pytest.raises(IntegrityError) as refused:
        volenti.packages.show(result)
    assert refused.value.message == "This is a result, not a package."
    assert refused.value.remedy == "Give the file that `volenti run pack` wrote."
    for kind, what in ((PackageNote, "a package"), (ResultNote, "a result")):
        with pytest.raises(IntegrityError, match=f"This isn't {what} of a version that is known here"):
            kind.parse(SignedNote(kind.first_line.replace("v1", "v9") + "\n"))
