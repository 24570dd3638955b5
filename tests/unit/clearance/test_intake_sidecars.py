"""What lies beside a picture goes with it from intake to the decision."""

from pathlib import Path

import pytest

from tests.studio import PURPOSE, Studio
from volenti.clearance.policy import Licences, Policy
from volenti.vault.records import Record


def test_a_header_saved_beside_a_download_keeps_a_covered_picture_out(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    studio.person("ada")
    plain, reserved, other = (studio.photo("ada") for _ in range(3))
    reserved.with_suffix(".headers").write_text(
        "HTTP/1.1 200 OK\nX-Robots-Tag: noai\nSet-Cookie: canary=4711\n"
    )
    other.with_suffix(".json").write_text('{"headers": {"TDM-Reservation": "1"}}')
    studio.clear()
    states = {}
    for record in studio.parts.records.find("file"):
        findings = [each["code"] for each in record.body.get("findings", [])]
        states[record.body["file"]] = (record.state, "opt-out" in findings)
    assert states[plain.name] == ("cleared", False)
    assert states[reserved.name] == ("rejected", True)
    assert states[other.name] == ("rejected", True)


def test_of_headers_only_what_reserves_rights_is_kept(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    photo = studio.photo()
    photo.with_suffix(".headers").write_text("X-Robots-Tag: noai\nSet-Cookie: canary=4711\n")
    studio.ws.add([studio.folder / "inbox"])
    (image,) = studio.parts.records.find("image")
    assert image.body["reservations"] == ["noai (x-robots-tag)"]
    assert "4711" not in repr(image.body)


def test_a_header_beside_a_second_copy_of_the_same_bytes_counts(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    studio.person("ada")
    photo = studio.photo("ada")
    for number, text in enumerate(("X-Robots-Tag: noai\n", "TDM-Reservation: 1\n")):
        copy = photo.with_name(f"copy{number}.png")
        copy.write_bytes(photo.read_bytes())
        copy.with_suffix(".headers").write_text(text)
    totals = studio.clear()
    assert (totals["rejected"], totals["duplicate"]) == (1, 2)


def test_a_sidecar_that_comes_later_counts_as_long_as_nobody_judged_the_picture(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    photo = studio.photo()
    for statement in ("noai", "noimageai", "noai"):
        photo.with_suffix(".headers").write_text(f"X-Robots-Tag: {statement}\n")
        studio.ws.add([studio.folder / "inbox"])
    (image,) = studio.parts.records.find("image")
    assert image.body["reservations"] == ["noai (x-robots-tag)", "noimageai (x-robots-tag)"]


#: What lies beside a picture of somebody whose release covers the use, and what isn't understood of it.
NOT_UNDERSTOOD = [
    (".json", '{"SourceFile": "x", "XMP": {"DataMining": "Prohibited"}}'),
    (".json", '[{"XMP-xmpRights": {"UsageTerms": "No AI training"}}]'),
    (".json", '{"headers": 5}'),
    (".json", "5"),
    (".headers", "TDM-Reservation:\n"),
    (".headers", "Content-Usage:\n"),
    (".xmp", "<RDF xmlns:plus='http://ns.useplus.org/ldf/xmp/1.0/'><plus:DataMining/></RDF>"),
    (".xmp", "<html/>"),
    (".caption", "Do not use for AI training"),
    ("/tdmrep.json", "5"),
    ("/metadata.jsonl", '{"file_name": "NAME", "text": "Запрещено для нейросетей"}'),
    ("/metadata.csv", "file_name,text\nNAME,Not for AI training\n"),
]


@pytest.mark.parametrize(("name", "text"), NOT_UNDERSTOOD)
def test_what_is_not_understood_beside_a_covered_picture_holds_it(
    tmp_path: Path, name: str, text: str
) -> None:
    studio = Studio.open(tmp_path)
    studio.person("ada")
    photo = studio.photo("ada")
    path = photo.parent / name[1:] if name.startswith("/") else photo.with_suffix(name)
    path.write_text(text.replace("NAME", photo.name))
    totals = studio.clear()
    assert (totals["cleared"], totals["held"]) == (0, 1)
    [held] = studio.parts.records.rows("decision", state="held")
    assert [each["code"] for each in studio.parts.records.opened(held).body["findings"]] == [
        "opt-out-unclear"
    ]


def test_a_caption_that_comes_later_and_forbids_holds_what_was_cleared(tmp_path: Path) -> None:
    studio = Studio.open(tmp_path)
    studio.person("ada")
    photo = studio.photo("ada", caption="a robot in training")
    assert studio.clear()["cleared"] == 1
    photo.with_suffix(".txt").write_text("a robot. Not for AI training.")
    report = studio.ws.add([studio.folder / "inbox"])
    assert (report.to_judge_again, report.sidecars) == (1, 0)
    assert studio.ws.clear(PURPOSE).totals["held"] == 1


def in_two_folders(tmp_path: Path, suffix: str, text: str) -> Studio:
    """A picture of bob in his folder, and in ada's, where something lies beside it; and one of ada there."""
    studio = Studio.open(tmp_path)
    inbox = studio.folder / "inbox"
    for name in ("ada", "bob"):
        studio.person(name)
        (inbox / name).mkdir()
        photo = studio.photo(name)
        photo.rename(inbox / name / "own.png")
        photo.with_suffix(".txt").unlink()
    (inbox / "ada" / "copy.png").write_bytes((inbox / "bob" / "own.png").read_bytes())
    (inbox / "ada" / "copy").with_suffix(suffix).write_text(text)
    return studio


def everything(studio: Studio) -> list[Record]:
    records = studio.parts.records
    return records.opened_all(row for kind in records.kinds() for row in records.rows(kind))


def test_what_holds_a_picture_in_a_copys_folder_goes_with_whose_folder_it_is(tmp_path: Path) -> None:
    packet = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
        ' xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/"><plus:PropertyReleaseStatus>PR-NON'
        "</plus:PropertyReleaseStatus></rdf:Description></rdf:RDF>"
    )
    studio = in_two_folders(tmp_path, ".xmp", packet)
    assert studio.clear()["held"] == 1
    [held] = studio.parts.records.rows("decision", state="held")
    [finding] = studio.parts.records.opened(held).body["findings"]
    assert finding["code"] == "property-release"
    studio.ws.requests.run(studio.ws.requests.open("erasure", "ada", identity="in-person").id)
    assert studio.ws.audit(deep=True).problems == []
    # What was decided stands until it is decided anew; what was said with it, and beside the copy, is gone.
    assert {each.kind for each in everything(studio) if "PR-NON" in repr(each)} == {"decision", "file"}
    assert studio.ws.clear(PURPOSE).totals["cleared"] == 1
    assert [each for each in everything(studio) if "PR-NON" in repr(each)] == []
    assert studio.ws.audit(deep=True).problems == []


def test_what_lies_beside_a_copy_allows_nothing(tmp_path: Path) -> None:
    """A licence named in one folder is none for the file in the other."""
    licence = "https://creativecommons.org/publicdomain/zero/1.0/"
    packet = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
        f' xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/" xmpRights:WebStatement="{licence}"/>'
        "</rdf:RDF>"
    )
    asks = Policy(purpose=PURPOSE, licences=Licences(allowed=[licence]))
    studio = in_two_folders(tmp_path, ".xmp", packet)
    studio.ws.add([studio.folder / "inbox"])
    assert studio.ws.clear(policy=asks).totals["cleared"] == 0
    (studio.folder / "inbox" / "bob" / "own.xmp").write_text(packet)
    again = in_two_folders(tmp_path / "again", ".xmp", packet)
    (again.folder / "inbox" / "bob" / "own.xmp").write_text(packet)
    again.ws.add([again.folder / "inbox"])
    assert again.ws.clear(policy=asks).totals["cleared"] == 1


def test_of_copies_of_what_was_rejected_as_little_is_kept_as_of_the_first(tmp_path: Path) -> None:
    studio = in_two_folders(tmp_path, ".headers", "X-Robots-Tag: noai\n")
    (studio.folder / "inbox" / "ada" / "copy.txt").write_text("a caption")
    assert studio.clear()["rejected"] == 1
    rows = studio.parts.records.opened_all(studio.parts.records.rows("file"))
    [copy] = [each for each in rows if each.state == "duplicate"]
    [first] = [each for each in rows if each.state == "rejected"]
    assert set(copy.body) == set(first.body) == {"file", "findings", "folder", "given"}
