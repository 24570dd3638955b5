"""What lies beside a picture goes with it from intake to the decision."""

from pathlib import Path

from tests.studio import Studio


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
    for record in studio.ws.records.find("file"):
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
    (image,) = studio.ws.records.find("image")
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
    (image,) = studio.ws.records.find("image")
    assert image.body["reservations"] == ["noai (x-robots-tag)", "noimageai (x-robots-tag)"]
