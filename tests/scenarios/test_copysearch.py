"""Works registered late, told as scenarios: copies are found among what was judged before."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.studio import PURPOSE, Studio
from volenti.clearance.policyfile import parsed


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """Ann's two pictures, cleared for two purposes. The clock stands still."""
    now = datetime(2026, 6, 1, 12, tzinfo=UTC)
    studio = Studio.open(tmp_path, clock=lambda: now)
    studio.person("ann")
    studio.photo("ann")
    studio.photo("ann")
    studio.clear()
    studio.ws.clear("redistribution")
    return studio


def register(studio: Studio, path: Path) -> None:
    assert studio.ws.rights.register(path).new == 1


def state(studio: Studio, path: Path) -> str:
    """What became of a file of the inbox."""
    return next(each.verdict for each in studio.ws.status().files if each.file == path.name)


def test_a_copy_is_rejected_for_every_purpose_and_nothing_of_it_is_kept(studio: Studio) -> None:
    theirs = studio.folder / "inbox" / "001.png"
    register(studio, theirs)
    assert studio.parts.copies.due() == 2
    (found,) = studio.ws.rights.search().found
    assert (found.file, found.finding.code) == (theirs.name, "third-party-copy")
    assert found.before == {PURPOSE: "cleared", "redistribution": "cleared"}
    assert found.after == {PURPOSE: "rejected", "redistribution": "rejected"}
    assert studio.ws.status().totals["rejected"] == 1
    assert studio.ws.datasets.cut("humans", PURPOSE).entries == 1
    assert studio.ws.audit().ok


def test_a_snapshot_cut_before_no_longer_gives_the_copy(studio: Studio) -> None:
    entries = list(studio.parts.datasets.entries(studio.ws.datasets.cut("humans", PURPOSE)))
    register(studio, studio.folder / "inbox" / "001.png")
    (found,) = studio.ws.rights.search().found
    refused = {
        each.image: studio.parts.training._access.refusal(each.image, PURPOSE, "DE") for each in entries
    }
    assert {image for image, reason in refused.items() if reason} == {found.image}


def test_a_dry_run_says_the_same_and_changes_nothing(studio: Studio) -> None:
    register(studio, studio.folder / "inbox" / "001.png")
    before = {row.id: row for kind in ("image", "decision") for row in studio.parts.records.rows(kind)}
    foretold = studio.ws.rights.search(dry_run=True)
    assert {
        row.id: row for kind in ("image", "decision") for row in studio.parts.records.rows(kind)
    } == before
    assert studio.ws.rights.search() == foretold


def test_a_picture_is_compared_with_the_same_works_once(studio: Studio) -> None:
    register(studio, studio.folder / "inbox" / "001.png")
    studio.ws.rights.search()
    assert studio.parts.copies.due() == 0
    # The clock hasn't moved, and yet the next work is a later one.
    register(studio, studio.folder / "inbox" / "002.png")
    assert studio.parts.copies.due() == 1
    assert [each.file for each in studio.ws.rights.search().found] == ["002.png"]


def test_what_was_compared_when_it_was_judged_is_not_searched(studio: Studio) -> None:
    other = studio.photo("a stranger")
    register(studio, other)
    other.unlink()
    studio.ws.rights.search()
    studio.photo("ann")
    assert studio.clear()["cleared"] == 3
    assert studio.parts.copies.due() == 0


def test_a_reviewers_yes_is_asked_again_where_the_policy_holds_copies(studio: Studio) -> None:
    policy = parsed({"purpose": PURPOSE, "findings": {"third-party-copy": "held"}}, "the test's policy")
    held = studio.photo("ann", "a stranger")
    studio.ws.add([studio.folder / "inbox"])
    studio.ws.clear(policy=policy)
    studio.person("dora")
    (question,) = studio.parts.review.questions()
    for name in ("desk", "otto"):
        studio.ws.review.decide(question.id, clear=True, subjects=["dora"], reviewer=name)
    assert state(studio, held) == "cleared"
    register(studio, held)
    (found,) = studio.ws.rights.search().found
    assert (found.before[PURPOSE], found.after[PURPOSE]) == ("cleared", "held")
    assert state(studio, held) == "held"


def test_a_stopped_search_goes_on(studio: Studio) -> None:
    register(studio, studio.folder / "inbox" / "001.png")
    register(studio, studio.folder / "inbox" / "002.png")
    search = studio.parts.copies.run()
    first = next(search).file
    search.close()
    assert {first, *(each.file for each in studio.ws.rights.search().found)} == {"001.png", "002.png"}
    assert studio.parts.copies.due() == 0


def test_a_removed_work_is_not_looked_for(studio: Studio) -> None:
    register(studio, studio.folder / "inbox" / "001.png")
    studio.parts.third_party_works.remove([each.id for each in studio.parts.third_party_works.all()])
    assert studio.parts.copies.due() == 0
    assert studio.ws.rights.search().found == ()


def test_who_leaves_while_the_search_goes_on_is_passed_over(studio: Studio) -> None:
    studio.person("bob")
    for _ in range(20):
        studio.photo("bob")
    studio.clear()
    register(studio, studio.folder / "inbox" / "001.png")
    search = studio.parts.copies.run()
    next(search)
    studio.ws.requests.open("erasure", "bob", identity="in-person")
    studio.ws.requests.run()
    assert list(search) == []
    assert studio.parts.copies.due() == 0
    assert studio.ws.audit().ok
