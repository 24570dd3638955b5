"""Killed in the middle of a signing: there is the whole release or none, and sent again it is there once."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import volenti
from tests.signings import OPENED, Phone, photo, statement

KILLS = 8
SENDS = """
import sys, volenti
from pathlib import Path
with volenti.open(sys.argv[1]) as ws:
    print("open", flush=True)
    ws.signings.receive(sys.argv[2], Path(sys.argv[3]).read_bytes())
    print("done", flush=True)
"""


def test_a_signing_that_is_killed_leaves_all_or_nothing_and_is_taken_once(
    tmp_path: Path, models: Path
) -> None:
    at, rng = volenti.init(tmp_path / "studio", seed=1), random.Random(7)
    with volenti.open(at) as ws:
        session = ws.signings.open("march", **OPENED)
        phone = Phone(ws, Ed25519PrivateKey.generate())
        said = [statement(session, (photo(n),), name=f"Ada {'abcdefgh'[n]}") for n in range(KILLS)]
        sealed = [phone.sealed(each, (photo(n),)) for n, each in enumerate(said)]
    took = float("inf")
    killed_before_the_end = 0
    for number, each in enumerate(sealed):
        (file := tmp_path / "sealed").write_bytes(each)
        process = subprocess.Popen(
            [sys.executable, "-c", SENDS, str(at), session.token, str(file)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        assert process.stdout.readline() == "open\n"
        began = time.monotonic()
        if number < 2:
            # Twice to its end: the first may have had to read models from a cold disk.
            process.wait(60)
            took = min(took, time.monotonic() - began)
        else:
            time.sleep(rng.uniform(0.1, 0.9) * took)
            process.kill()
            process.wait()
        killed_before_the_end += process.returncode != 0
        with volenti.open(at) as ws:
            found = ws.signings.show(session.id).signed
            assert len(found) == len(ws.subjects.list()) == len(ws.releases.list())
            assert all(release.is_in_force for _, release in found)
            ws.signings.receive(session.token, each)
            ws.signings.receive(session.token, each)
            assert len(ws.signings.show(session.id).signed) == number + 1
    assert killed_before_the_end > 0
    with volenti.open(at) as ws:
        assert ws.audit(deep=True).problems == []


@pytest.mark.parametrize("again", ["audited", "sent again"])
def test_what_was_sealed_before_the_register_kept_it_is_removed(
    tmp_path: Path, models: Path, again: str
) -> None:
    at = volenti.init(tmp_path / "studio", seed=1)
    with volenti.open(at) as ws:
        session = ws.signings.open("march", **OPENED)
        phone = Phone(ws, Ed25519PrivateKey.generate())
        sealed = phone.sealed(statement(session, (photo(0),)), (photo(0),))
    (file := tmp_path / "sealed").write_bytes(sealed)
    # The events are the last that is written before the register keeps all of it.
    dies = "import os, volenti.vault.event_log as log; log.EventLog.record_all = lambda *_: os._exit(9)"
    killed = subprocess.run(
        [sys.executable, "-c", f"{dies}\n{SENDS}", str(at), session.token, str(file)], check=False
    )
    assert killed.returncode == 9
    assert list((at / "keys").rglob("sub_*.key"))
    assert list((at / "packs").rglob("sub_*/*.vpk"))
    with volenti.open(at) as ws:
        if again == "sent again":
            ws.signings.receive(session.token, sealed)
        assert ws.audit(deep=True).problems == []
        there = {each.id for each in ws.subjects.list()}
    assert len(there) == (again == "sent again")
    assert {path.stem for path in (at / "keys").rglob("sub_*")} == there
    assert {path.name for path in (at / "packs").glob("??/sub_*")} == there
