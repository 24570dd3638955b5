"""What strangers write is read in time that grows as its length does, and to a bounded depth and size."""

from __future__ import annotations

import gc
import io
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError

import pytest
from PIL import Image, PngImagePlugin
from typer.testing import CliRunner

from tests.studio import PURPOSE, Studio
from volenti.adapters.fetching import fetch, safe, same_host
from volenti.adapters.log.files import FileLogStore
from volenti.adapters.log.http import HttpLogFiles
from volenti.clearance import beside
from volenti.cli.main import app
from volenti.core.canonical import DEPTH_MAX, check_depth, parse, parse_given
from volenti.core.errors import StorageError
from volenti.perception.files.metadata import Metadata, read_metadata
from volenti.perception.files.xmp import Xmp, packets_in
from volenti.perception.rights.downloadrecord import download_record
from volenti.perception.rights.findings import rights_findings
from volenti.perception.rights.headers import damaged_headers, header_lines, is_headers, statements_in
from volenti.perception.rights.manifeststore import from_cbor, store_credentials
from volenti.perception.rights.properties import asked_as
from volenti.perception.rights.reservation import data_mining_in
from volenti.perception.rights.sidecar import sidecars_of
from volenti.perception.rights.statement import rights_of
from volenti.perception.rights.tdmrep import rules_in, said_of
from volenti.perception.rights.usageterms import (
    forbids_machines,
    is_field_of_machines,
    speaks_of_machines,
)


def _xmp(packet: bytes) -> object:
    return Xmp([packet], asked_as).broken


def _store(data: bytes) -> object:
    with suppress(ValueError):
        store_credentials(data)
    return None


def _cbor(data: bytes) -> object:
    with suppress(ValueError):
        from_cbor(data)
    return None


def _profile(text: str) -> Callable[[], object]:
    info = PngImagePlugin.PngInfo()
    info.add_text("Raw profile type iptc", text)
    out = io.BytesIO()
    Image.new("RGB", (1, 1)).save(out, "PNG", pnginfo=info)
    image = Image.open(io.BytesIO(out.getvalue()))
    image.load()
    return lambda: read_metadata(image, b"")


def _url(n: int) -> Callable[[], object]:
    rules = rules_in(json.dumps([{"location": "/" + "*a" * 20, "tdm-reservation": 1}] * 200))
    path = "/" + "a" * n
    return lambda: said_of(path + "b", rules)


#: What takes time as the square of its length where it is read carelessly; by length, ready to be read.
READINGS: dict[str, Callable[[int], Callable[[], object]]] = {
    "beginnings of packets": lambda n: lambda: _xmp(b"<x:xmpmeta " * n),
    "beginnings of RDF": lambda n: lambda: _xmp(b"<rdf:RDF>" * n),
    "ends of packets": lambda n: lambda: _xmp(b"<RDF " + b"</RDF" * n),
    "beginnings beside a picture": lambda n: lambda: packets_in(b"<x:xmpmeta>" * n),
    "ends beside a picture": lambda n: lambda: packets_in(b"<x:xmpmeta>" + b"</x:xmpmeta " * n),
    "prefixes": lambda n: lambda: packets_in(b"<" + b"a." * n + b"<"),
    "blanks before an end": lambda n: lambda: _xmp(b"<RDF></RDF" + b" " * n),
    "a long value": lambda n: lambda: _xmp(b"<RDF a='" + b"x" * 20 * n + b"'/>"),
    "an open value": lambda n: lambda: _xmp(b"<RDF a='" + b"x" * 20 * n),
    "damaged packets": lambda n: lambda: rights_of(Metadata(xmp=(b"<x:xmpmeta DMI-PROHIBITED " * n,))),
    "blanks in a header": lambda n: lambda: header_lines("x-robots-tag: a" + " " * n + "b"),
    "blanks before a colon": lambda n: lambda: header_lines("x-robots-tag" + " " * n + "b"),
    "headers": lambda n: lambda: header_lines("a: b\n" * n),
    "a damaged record": lambda n: lambda: download_record('{"headers": "' + "noai tdm-reservation " * n),
    "damaged headers": lambda n: lambda: damaged_headers("noai tdm-reservation " * n),
    "folded headers": lambda n: lambda: header_lines("a: b\n" + " c\n" * n),
    "directives": lambda n: lambda: statements_in([("x-robots-tag", "max-snippet " * n + "noai: " * n)]),
    "unknown directives": lambda n: lambda: statements_in([("x-robots-tag", ":a" * n)]),
    "preferences": lambda n: lambda: statements_in([("content-usage", "train-ai=n;" * n + ",=" * n)]),
    "a copyright notice": lambda n: lambda: speaks_of_machines("train no not opt-out " * n),
    "a description": lambda n: lambda: forbids_machines("train no not opt out. " * n),
    "other words of rights": lambda n: lambda: speaks_of_machines(("обучение модели not IA " * n)[: 2**16]),
    "a long word": lambda n: lambda: forbids_machines("x" * 20 * n + " no"),
    "the name of a field": lambda n: lambda: is_field_of_machines("noTrain-no-for-" * n),
    "fields of XMP": lambda n: (
        lambda: rights_of(Metadata(xmp=(b"<RDF>" + b"<a b='no AI'>c</a>" * n + b"</RDF>",)))
    ),
    "texts of XMP": lambda n: (
        lambda: rights_of(
            Metadata(
                xmp=(b"<RDF>" + b"".join(b"<a>text %d</a>" % each for each in range(n // 4)) + b"</RDF>",)
            )
        )
    ),
    "damaged tags": lambda n: lambda: rights_of(Metadata(xmp=(b"<a b:c ='" * n + b"a:b " * n + b'"=' * n,))),
    "a record of fields": lambda n: lambda: download_record(json.dumps([{"a": {"b": "no"}}] * n)),
    "a record of one name": lambda n: lambda: download_record("{" + '"a": [1],' * n + '"a": 1}'),
    "a record of texts": lambda n: (
        lambda: download_record(json.dumps({"a": "[{" * n, "b": json.dumps([{}] * n)}))
    ),
    "lines that are no headers": lambda n: lambda: is_headers("x-robots-tag " * n + "\n<" * n),
    "a site's names": lambda n: lambda: rules_in("[" + '{"tdm-reservation": 1, "a": 1, "a": 1},' * n + "1]"),
    "a Data Mining field": lambda n: lambda: data_mining_in("DMI PROHIBITED " * n + "DMI " * n),
    "a manifest store": lambda n: lambda: _store(b"\0\0\0\x08jumb" * n),
    "a damaged assertion": lambda n: lambda: _cbor(b"\x9f" + b"\x01" * n),
    "a damaged site's file": lambda n: lambda: rules_in("[" + "tdm-reservation " * n),
    "patterns": _url,
    "a profile of blanks": lambda n: _profile("iptc 1" + " " * n + "f" * n + "z"),
    "a profile of digits": lambda n: _profile("1 1 " + "1 " * n + "z"),
}


def _seconds(read: Callable[[], object]) -> float:
    took = []
    # What else the process has gathered isn't looked through for garbage in between.
    gc.disable()
    try:
        for _ in range(3):
            begun = time.process_time()
            read()
            took.append(time.process_time() - begun)
    finally:
        gc.enable()
    return min(took)


def _grows_as_it_should(small: Callable[[], object], large: Callable[[], object]) -> bool:
    """Whether what is eight times as much takes about eight times as long; 64 times is a square."""
    return _seconds(large) < max(24 * _seconds(small), 0.05)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("what", READINGS)
def test_eight_times_as_much_takes_no_square_of_that(what: str) -> None:
    # As much as shows in a clock; where it is quadratic the longest of these takes minutes.
    small, large = READINGS[what](5_000), READINGS[what](40_000)
    small()
    # A machine that is busy for a moment may show a square; where there is one, it shows every time.
    assert any(_grows_as_it_should(small, large) for _ in range(4))


def test_what_is_cut_instead_of_matched_says_what_it_said() -> None:
    packet = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><a/></x:xmpmeta>"
    assert packets_in(b"junk" + packet + b"\n" + packet + b"<x:xmpmeta>")[:2] == [packet, packet]
    assert packets_in(b"text alone") == [b"text alone"]
    assert packets_in(b" \n") == []
    assert _xmp(b"\xef\xbb\xbf<?xpacket begin=''?>" + packet + b"<?xpacket end='w'?>   ") == []
    assert _xmp(b"<a/><RDF>") != []
    assert header_lines(" X-Robots-Tag :  noai, index \r\nnothing\n: b\n9: c\nTDM-Reservation:1") == [
        ("x-robots-tag", "noai, index"),
        ("tdm-reservation", "1"),
    ]
    held = bytes.fromhex("1c0250000379 6f75".replace(" ", ""))
    for text in (f"\niptc\n      {len(held)}\n{held.hex()}\n", f"iptc 8 {held.hex()[:6]}\n {held.hex()[6:]}"):
        metadata = _profile(text)()
        assert isinstance(metadata, Metadata)
        assert metadata.iptc == {(2, 80): [b"you"]}


NESTED = [
    b"<a>" * 100_000,
    b"<RDF>" + b"<a>" * 70 + b"</a>" * 70 + b"</RDF>",
    b"<RDF>" + b"<a/>" * 200_000 + b"</RDF>",
]


@pytest.mark.parametrize("packet", NESTED, ids=["open", "deep", "wide"])
def test_xmp_that_is_made_to_exhaust_a_parser_counts_as_damaged(packet: bytes) -> None:
    rights = rights_of(Metadata(xmp=(packet + b"plus:DataMining DMI-PROHIBITED-AIMLTRAINING",)))
    assert rights.malformed
    # And damage removes no reservation.
    assert [each.code for each in rights_findings(rights, PURPOSE)][:1] == ["opt-out"]


# -- JSON


def _deep(depth: int, kind: str = "[") -> str:
    return "[" * depth + "]" * depth if kind == "[" else '{"a":' * depth + "1" + "}" * depth


@pytest.mark.parametrize("kind", "[{")
@pytest.mark.parametrize("depth", [DEPTH_MAX + 1, 900, 1_000, 5_000, 100_000])
def test_depth_is_a_value_error_and_no_other(kind: str, depth: int) -> None:
    with pytest.raises(ValueError, match="nested"):
        parse_given(_deep(depth, kind))
    check_depth(parse(_deep(DEPTH_MAX, kind)))


@pytest.mark.parametrize("depth", [DEPTH_MAX + 1, 980, 100_000])
def test_deep_json_beside_a_picture_forbids_what_it_forbids(tmp_path: Path, depth: int) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"")
    text = f'{{"headers": {{"X-Robots-Tag": {"[" * depth}"noai"{"]" * depth}}}}}'
    picture.with_suffix(".json").write_text(text)
    assert sidecars_of(picture, tmp_path).reservations == ("noai (x-robots-tag)", "unread (.json)")
    (tmp_path / "tdmrep.json").write_text("[" * depth + '{"tdm-reservation": 1}' + "]" * depth)
    assert "tdm-reservation (tdmrep.json)" in sidecars_of(picture, tmp_path).reservations


COMMANDS = [
    ["release", "import", "FILE"],
    ["certificate", "verify", "FILE", "--key", "KEY"],
]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
@pytest.mark.parametrize("depth", [DEPTH_MAX + 1, 950, 100_000])
def test_deep_json_is_told_as_what_it_is(tmp_path: Path, words: list[str], depth: int) -> None:
    (tmp_path / "deep.json").write_text(_deep(depth))
    studio = Studio.open(tmp_path / "a", on_disk=True)
    places = {"FILE": str(tmp_path / "deep.json"), "KEY": str(studio.ws.path / "public-key")}
    done = CliRunner().invoke(app, ["-C", str(studio.ws.path), *(places.get(each, each) for each in words)])
    assert done.exit_code in (1, 2, 8), done.output
    assert "fault in Volenti" not in done.output


def test_more_digits_than_a_number_has_stop_nobody(tmp_path: Path) -> None:
    age = "{http://ns.useplus.org/ldf/xmp/1.0/}MinorModelAgeDisclosure"
    namespace, _, name = age[1:].partition("}")
    packet = f"<RDF xmlns:p='{namespace}'><p:{name}>AG-A{'9' * 5_000}</p:{name}></RDF>".encode()
    assert [each.code for each in rights_findings(rights_of(Metadata(xmp=(packet,))), PURPOSE)] == []


# -- sizes


def test_copies_with_ever_more_beside_them_are_held_and_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "XMP_MAX", 3_000)
    studio = Studio.open(tmp_path / "a")
    studio.shoot("ann", photos=1)
    picture = next((studio.folder / "inbox").glob("*.png"))
    for number in range(20):
        copy = picture.with_name(f"copy-{number}.png")
        copy.write_bytes(picture.read_bytes())
        packet = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{number:04d}{'x' * 470}</x:xmpmeta>"
        copy.with_suffix(".xmp").write_text(packet)
    studio.ws.add([studio.folder / "inbox"])
    rows = [row for kind in ("image", "file") for row in studio.parts.records.rows(kind)]
    kept = [record.body.get("sidecar", "") for record in studio.parts.records.opened_all(rows)]
    assert 2_000 < sum(map(len, kept)) <= 3_000
    assert studio.ws.clear(PURPOSE).totals["held"] == 1


def test_a_picture_costs_no_more_for_a_site_with_ever_more_rules(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"")
    rules = [{"location": f"/{number}/*", "tdm-reservation": 0} for number in range(200_000)]
    (tmp_path / "tdmrep.json").write_text(json.dumps([*rules, {"location": "/", "tdm-reservation": 0}]))
    sidecars_of(picture, tmp_path)
    begun = time.process_time()
    for _ in range(100):
        sidecars_of(picture, tmp_path)
    assert time.process_time() - begun < 1.0


# -- servers


@contextmanager
def _server(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """Whatever asks is handed to `answer`."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=_ignoring(answer), args=(connection,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


def _ignoring(answer: Callable[[socket.socket], None]) -> Callable[[socket.socket], None]:
    def run(connection: socket.socket) -> None:
        try:
            answer(connection)
        except OSError:
            pass
        finally:
            connection.close()

    return run


def _dripping(before: bytes, drop: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(before)
        while True:
            connection.sendall(drop)
            time.sleep(0.05)

    return answer


SLOW = {
    "nothing": _dripping(b"", b""),
    "status": _dripping(b"", b"H"),
    "headers": _dripping(b"HTTP/1.1 200 OK\r\n", b"a: b\r\n"),
    "one header": _dripping(b"HTTP/1.1 200 OK\r\na: ", b"b"),
    "body": _dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
    "a body of a length": _dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"x"),
    "chunks": _dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "what comes before": _dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("what", SLOW)
def test_a_server_that_drips_is_left_when_the_time_is_over(what: str) -> None:
    with _server(SLOW[what]) as address:
        begun = time.monotonic()
        with pytest.raises(StorageError) as caught:
            HttpLogFiles(address, seconds=0.4).read("checkpoint")
        assert time.monotonic() - begun < 5
    assert caught.value.remedy


def _answering(text: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(text)

    return answer


def _sent_to(place: str) -> Callable[[socket.socket], None]:
    return _answering(f"HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n".encode())


def test_a_redirect_to_another_host_is_not_followed() -> None:
    asked = threading.Event()

    def inner(connection: socket.socket) -> None:
        asked.set()
        _answering(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret")(connection)

    with _server(inner) as inside:
        for place in (
            f"{inside}/checkpoint",
            inside.replace("http:", "") + "/x",
            "file:///etc/passwd",
            "ftp://127.0.0.1/x",
            "http://localhost/x",
            "//169.254.169.254/latest",
        ):
            with _server(_sent_to(place)) as address, pytest.raises(StorageError):
                HttpLogFiles(address, seconds=5).read("checkpoint")
    assert not asked.is_set()


@pytest.mark.timeout(30)
def test_a_redirect_on_the_same_host_is_followed_a_few_times() -> None:
    def answer(connection: socket.socket) -> None:
        line = connection.recv(65536).partition(b"\r\n")[0]
        if b"/moved/" in line:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere")
        else:
            connection.sendall(
                b"HTTP/1.1 301 Moved\r\nLocation: /moved/checkpoint\r\nContent-Length: 0\r\n\r\n"
            )

    with _server(answer) as address:
        assert HttpLogFiles(address).read("checkpoint") == b"here"
    with _server(_sent_to("/again")) as address, pytest.raises(StorageError):
        HttpLogFiles(address, seconds=20).read("checkpoint")


HOSTS = [
    ("https://a.org/x", "https://a.org/y", True),
    ("http://a.org/x", "https://a.org/x", True),
    ("https://a.org/x", "http://a.org/x", False),
    ("https://a.org/x", "https://b.org/x", False),
    ("https://a.org/x", "https://a.org:8443/x", False),
    ("https://a.org/x", "https://a.org@b.org/x", False),
    ("https://a.org/x", "https://a.org.b.org/x", False),
    ("http://a.org:80/x", "https://a.org:22/x", False),
]


@pytest.mark.parametrize(("before", "after", "follows"), HOSTS)
def test_which_redirects_stay_on_one_host(before: str, after: str, follows: bool) -> None:
    assert same_host(before, after) is follows
    assert safe(before, after) is after.startswith("https:")


def test_an_answer_without_end_is_cut() -> None:
    def endless(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    with _server(endless) as address:
        assert len(fetch(address, bytes_max=100, seconds=20)) == 101


JUNK = [
    b"",
    b"\0" * 100,
    b"HTTP/1.1 abc\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: http://[\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 1000 + b"\r\n",
    b"HTTP/1.1 200 OK\r\na: " + b"x" * 100_000,
    b"HTTP/1.1 500 No\r\n\r\n",
]


@pytest.mark.parametrize("junk", JUNK)
def test_what_is_no_answer_is_an_error_with_a_reason(junk: bytes) -> None:
    with _server(_answering(junk)) as address, pytest.raises(StorageError) as caught:
        HttpLogFiles(address, seconds=10).read("checkpoint")
    assert caught.value.remedy


@pytest.mark.timeout(20)
def test_a_log_in_a_folder_of_others_is_read_to_a_bounded_size(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "checkpoint")
    with (tmp_path / "endless").open("wb") as file:
        file.truncate(2**40)
    (tmp_path / "zero").symlink_to("/dev/zero")
    for name in ("checkpoint", "endless", "zero"):
        with pytest.raises(StorageError) as caught:
            FileLogStore(tmp_path).read(name)
        assert caught.value.remedy


def test_only_the_web_is_fetched_from() -> None:
    for address in ("file:///etc/passwd", "ftp://127.0.0.1/x", "data:,x"):
        with pytest.raises(URLError):
            fetch(address, bytes_max=10, seconds=1)
