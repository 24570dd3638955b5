"""The register of third parties' works."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from volenti.adapters.jobs.inline import InlineJobRunner
from volenti.adapters.keypoints.opencv import OpencvKeypoints
from volenti.adapters.keys.memory import MemoryKeyStore
from volenti.adapters.log.memory import MemoryLogStore
from volenti.adapters.register.memory import MemoryRegister
from volenti.clearance.third_party_works import ThirdPartyWorks
from volenti.core.clock import system_clock
from volenti.core.codec import encoded
from volenti.core.errors import NotFoundError, UsageError
from volenti.core.signing import SigningKey
from volenti.kinds import KINDS
from volenti.perception.copies.fingerprint import Fingerprint, fingerprint
from volenti.perception.copies.keypoints import KeypointFinder
from volenti.transparency.log import Log
from volenti.vault.event_log import EventLog
from volenti.vault.holder import Holders
from volenti.vault.records import Records

FINDER = OpencvKeypoints()


class Office:
    """A register in memory, opened as often as wanted."""

    def __init__(self) -> None:
        self.register = MemoryRegister()
        self.records = Records(self.register, MemoryKeyStore(), b"secret", KINDS, Holders())
        self.log = Log(MemoryLogStore(), "test.example/log", SigningKey.new())

    def works(self, finder: KeypointFinder | None = FINDER) -> ThirdPartyWorks:
        events = EventLog(self.log, self.records, system_clock)
        return ThirdPartyWorks(self.records, events, lambda: finder, InlineJobRunner(), system_clock)


@pytest.fixture
def office() -> Office:
    return Office()


def scene(seed: int) -> Image.Image:
    noise = np.random.default_rng(seed).integers(0, 256, (24, 32, 3)).astype(np.uint8)
    image = Image.fromarray(noise).resize((320, 240), Image.Resampling.BICUBIC)
    return image.filter(ImageFilter.GaussianBlur(3))


def prints(image: Image.Image, finder: KeypointFinder | None = FINDER) -> Fingerprint:
    return fingerprint(np.asarray(image.convert("RGB")), finder)


def named(*seeds: int, finder: KeypointFinder | None = FINDER) -> list[tuple[str, Fingerprint]]:
    return [(f"{seed}.jpg", prints(scene(seed), finder)) for seed in seeds]


def codes(works: ThirdPartyWorks, image: Image.Image, finder: KeypointFinder | None = FINDER) -> list[str]:
    return [each.code for each in works.findings([prints(image, finder)])]


def cropped(seed: int) -> Image.Image:
    return scene(seed).crop((90, 60, 310, 230))


def test_copies_are_rejected_and_other_pictures_let_through(office: Office) -> None:
    works = office.works()
    works.register(named(*range(12)))
    assert codes(works, scene(5)) == ["third-party-copy"]
    assert codes(works, cropped(5).transpose(Image.Transpose.FLIP_LEFT_RIGHT)) == ["third-party-copy"]
    assert [codes(works, scene(seed)) for seed in range(100, 108)] == [[]] * 8


def test_what_is_only_near_is_held(office: Office) -> None:
    works = office.works()
    works.register(named(2))
    retouched = scene(2)
    retouched.paste(scene(3).crop((0, 0, 152, 240)), (0, 0))
    (found,) = works.findings([prints(retouched)])
    assert (found.code, found.verdict) == ("possible-copy", "held")
    assert found.data["works"] == [each.id for each in works.all()]


def test_a_finding_names_the_works_and_not_their_files(office: Office) -> None:
    works = office.works()
    works.register([("secret-client.jpg", prints(scene(1)))])
    (found,) = works.findings([prints(scene(1))])
    assert found.data == {"works": [each.id for each in works.all()]}
    assert "secret" not in str(encoded(found))


def test_nothing_is_found_while_nothing_is_registered(office: Office) -> None:
    assert office.works().findings([prints(scene(1))]) == []
    assert office.works().count() == 0


def test_registering_a_work_twice_keeps_one(office: Office) -> None:
    works = office.works()
    assert works.register(named(1, 1, 2)) == 2
    assert works.register(named(2, 3)) == 1
    assert works.count() == 3
    assert codes(works, scene(3)) == ["third-party-copy"]


def test_works_are_known_when_the_register_is_opened_again(office: Office) -> None:
    office.works().register(named(1, 2))
    again = office.works()
    assert codes(again, cropped(2)) == ["third-party-copy"]
    assert {each.file for each in again.all()} == {"1.jpg", "2.jpg"}


def test_a_work_registered_without_detail_gets_it_when_registered_again(office: Office) -> None:
    works = office.works()
    works.register(named(1, finder=None))
    assert [each.edits for each in works.all()] == [False]
    assert codes(works, scene(1)) == ["third-party-copy"]
    assert codes(works, cropped(1)) == []
    assert works.register(named(1)) == 0
    assert [each.edits for each in works.all()] == [True]
    assert codes(works, cropped(1)) == ["third-party-copy"]


def test_without_keypoints_re_saved_copies_are_still_found(office: Office) -> None:
    works = office.works()
    works.register(named(1))
    assert codes(works, scene(1), finder=None) == ["third-party-copy"]
    assert codes(works, cropped(1), finder=None) == []


def test_a_removed_work_leaves_nothing_and_its_copies_come_in_again(office: Office) -> None:
    works = office.works()
    works.register(named(1, 2))
    (mine,) = [each.id for each in works.all() if each.file == "1.jpg"]
    assert works.remove([mine, mine, "twk_unknown"]) == 1
    assert codes(works, cropped(1)) == []
    assert codes(works, cropped(2)) == ["third-party-copy"]
    assert works.count() == 1
    kinds = ("third-party-work", "third-party-detail")
    assert [office.records.row(kind, mine) for kind in kinds] == [None, None]
    assert works.remove([mine]) == 0


def test_a_work_can_be_named_by_the_beginning_of_its_identifier(office: Office) -> None:
    works = office.works()
    works.register(named(1, 2))
    first, _ = works.all()
    assert works.named(first.id[:12]) == first
    with pytest.raises(NotFoundError):
        works.named("twk_zzz")
    with pytest.raises(UsageError):
        works.named("twk_")


def test_files_are_read_and_what_is_no_picture_is_named(office: Office, tmp_path: Path) -> None:
    for seed in range(20):
        scene(seed).save(tmp_path / f"{seed:02d}.jpg")
    (tmp_path / "list.csv").write_text("no picture")
    works = office.works()
    read = works.read([tmp_path])
    assert (read.new, read.unreadable) == (20, ("list.csv",))
    assert works.read([tmp_path]).new == 0
    assert codes(works, cropped(13)) == ["third-party-copy"]


def test_what_is_kept_of_a_work_is_sealed(office: Office) -> None:
    office.works().register([("secret-client.jpg", prints(scene(1)))])
    for kind in ("third-party-work", "third-party-detail"):
        (row,) = office.records.rows(kind)
        assert row.owners == ("controller",)
        assert b"secret-client" not in row.body
        assert b"greys" not in row.body
