"""Sessions and links: how long they are good, and what they are kept as."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import PIPE, Popen

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.studio import Studio, reopened
from volenti.core.digest import sha256
from volenti.core.errors import ConflictError, NotFoundError, RefusedError, TooOftenError, UsageError
from volenti.users.limit import TRIES, TRIES_FROM, network_of
from volenti.users.password import check_password, fits, hash_of
from volenti.users.service import LINK_GOOD, Users
from volenti.users.session import ABSOLUTE, EXCHANGED, IDLE, OVERLAP, Sessions
from volenti.users.signing_in import SignIn
from volenti.users.user import UserRole, login_of

PASSWORD = "four quiet words here"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 5, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, time: timedelta) -> None:
        self.now += time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def users(tmp_path: Path, clock: Clock) -> Users:
    users = Studio.open(tmp_path, clock=clock).parts.users
    users.choose_password(users.add("Pat@Example.org", "Pat  P.", ["admin"])[1], PASSWORD)
    return users


@pytest.fixture
def signing_in(users: Users) -> SignIn:
    return SignIn(users)


def test_a_session_ends_when_it_isn_t_used_and_after_some_hours_in_any_case(
    signing_in: SignIn, clock: Clock
) -> None:
    token = signing_in.by_password("pat@example.org", PASSWORD)
    clock.wait(IDLE)
    assert signing_in.signed_in(token) is None
    token, began = signing_in.by_password("pat@example.org", PASSWORD), clock.now
    while clock.now - began < ABSOLUTE:
        found = signing_in.signed_in(token)
        assert found
        token = found[1].token or token
        clock.wait(IDLE / 3)
    assert signing_in.signed_in(token) is None


def test_a_token_is_exchanged_and_the_one_before_is_good_for_a_moment(
    signing_in: SignIn, clock: Clock
) -> None:
    first = signing_in.by_password("pat@example.org", PASSWORD)
    clock.wait(EXCHANGED)
    found = signing_in.signed_in(first)
    assert found
    second = found[1].token
    assert second not in ("", first)
    again = signing_in.signed_in(first)
    assert again
    assert again[1].token == "", "it is exchanged once"
    assert again[1].session.form == found[1].session.form, "a form that is open stays good"
    clock.wait(OVERLAP)
    assert signing_in.signed_in(first) is None
    assert signing_in.signed_in(second)


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(st.sampled_from([1, 59, 60, 300, 899, 900, 1799, 1800, 7200]), max_size=40))
def test_whatever_is_done_no_token_is_good_longer_than_it_may_be(steps: list[int]) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        clock = Clock()
        sessions = Sessions(Studio.open(Path(folder), clock=clock).parts.records, clock)
        tokens, began, used = [sessions.begin("usr_a")], clock.now, clock.now
        for step in steps:
            clock.wait(timedelta(seconds=step))
            found = sessions.find(tokens[-1])
            expected = clock.now - used < IDLE and clock.now - began < ABSOLUTE
            # A use is noted to the minute.
            if clock.now - used < IDLE - timedelta(minutes=1) and clock.now - began < ABSOLUTE:
                assert found
            if found is None:
                break
            assert expected or clock.now - used < IDLE + timedelta(minutes=1)
            used = clock.now
            if found.token:
                tokens.append(found.token)
        clock.wait(ABSOLUTE)
        assert [each for each in tokens if sessions.find(each)] == []


def test_the_register_holds_no_token_and_no_password(users: Users, signing_in: SignIn) -> None:
    token, link = signing_in.by_password("pat@example.org", PASSWORD), users.link("pat@example.org")
    records = users.sessions._records
    for kind in ("user", "user-session", "user-link"):
        for record in records.find(kind):
            for secret in (token, link, PASSWORD):
                assert secret not in f"{record.id} {record.body}"


def test_a_link_is_good_for_a_day_and_only_the_latest(users: Users, signing_in: SignIn, clock: Clock) -> None:
    user, first = users.add("kim", "Kim", ["officer"])
    second = users.link("KIM")
    with pytest.raises(RefusedError):
        users.choose_password(first, PASSWORD)
    clock.wait(LINK_GOOD)
    for token in (second, "", "x"):
        with pytest.raises(RefusedError):
            users.choose_password(token, PASSWORD)
    assert not users.find(user.id).has_password
    with pytest.raises(RefusedError):
        signing_in.by_password("kim", PASSWORD)


def test_somebody_is_left_who_may_manage_users(users: Users) -> None:
    for change in ({"locked": True}, {"roles": ["officer"]}):
        with pytest.raises(ConflictError, match="Nobody would be left"):
            users.change("pat@example.org", **change)
    with pytest.raises(ConflictError, match="Nobody would be left"):
        users.remove("pat@example.org")
    users.add("kim", "Kim", ["admin"])
    users.remove("pat@example.org")
    with pytest.raises(NotFoundError):
        users.find("pat@example.org")


@pytest.mark.parametrize(
    ("login", "name", "roles"),
    [
        ("", "A", ["admin"]),
        ("a b", "A", ["admin"]),
        ("x" * 121, "A", ["admin"]),
        ("a\x00b", "A", ["admin"]),
        ("a", "", ["admin"]),
        ("a", "\x1b[31m", ["admin"]),
        ("a", "A", []),
        ("a", "A", ["king"]),
    ],
)
def test_who_can_t_be_a_user_isn_t_added(users: Users, login: str, name: str, roles: list[str]) -> None:
    with pytest.raises(UsageError):
        users.add(login, name, roles)
    assert len(users.all()) == 1


def test_one_login_is_one_user_however_it_is_written(users: Users) -> None:
    assert login_of(" ＰＡＴ@example.ORG ") == "pat@example.org"
    with pytest.raises(ConflictError, match="already"):
        users.add("PAT@example.org", "Another", ["officer"])
    assert users.all()[0].name == "Pat P."
    assert users.all()[0].roles == (UserRole.ADMIN,)


@pytest.mark.parametrize(
    "password", ["short", "x" * 257, "aaaaaaaaaaaaaaa", "pat@example.org", "PAT@EXAMPLE.ORG"]
)
def test_a_password_that_is_easily_guessed_isn_t_taken(password: str) -> None:
    with pytest.raises(UsageError):
        check_password(password, "pat@example.org")


def test_a_password_is_kept_as_a_salted_hash() -> None:
    one, two = hash_of(PASSWORD), hash_of(PASSWORD)
    assert one != two
    assert one.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert fits(PASSWORD, one)
    assert not fits(PASSWORD + "x", one)
    assert not fits(PASSWORD, "")


def test_a_limit_lets_one_try_again_after_a_while(users: Users, clock: Clock) -> None:
    limits, within = users.limits, timedelta(minutes=10)
    for _ in range(2):
        limits.take("a", "x", 2, within)
        limits.take("b", "x", 2, within)
    with pytest.raises(TooOftenError) as refused:
        limits.take("a", "x", 2, within)
    assert "in 10 minutes." in refused.value.remedy
    limits.take("a", "y", 2, within)
    limits.forget("a", "x")
    limits.take("a", "x", 2, within)
    limits.give_back("b", "x", within)
    limits.take("b", "x", 2, within)
    with pytest.raises(TooOftenError):
        limits.take("b", "x", 2, within)
    clock.wait(within)
    limits.take("b", "x", 2, within)


def test_who_tried_is_kept_under_a_keyed_name_and_not_for_long(users: Users, clock: Clock) -> None:
    users.limits.take("a", "192.0.2.7", 2, timedelta(minutes=10))
    records = users.sessions._records
    [kept] = [each for each in records.find("attempts") if len(each.body["at"]) == 1]
    assert "192.0.2.7" not in f"{kept.id} {kept.body}"
    assert kept.id not in (sha256(b"a\x00192.0.2.7"), sha256(b"192.0.2.7"))
    clock.wait(timedelta(minutes=11))
    users.limits.take("b", "z", 2, timedelta(minutes=10))
    assert records.row("attempts", kept.id) is None


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::9%eth0", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("no address", "no address"),
        ("", ""),
    ],
)
def test_an_address_is_counted_by_the_network_that_its_owner_has(address: str, counted: str) -> None:
    assert network_of(address) == counted


def test_failures_are_counted_once_however_often_the_workspace_is_open(tmp_path: Path, clock: Clock) -> None:
    studio = Studio.open(tmp_path, clock=clock, on_disk=True)
    again = reopened(studio.ws.path, clock=clock)
    opened = [studio.ws.users, again.users]
    for number in range(TRIES):
        with pytest.raises(RefusedError):
            opened[number % 2].sign_in("nobody", "wrong")
    for users in opened:
        with pytest.raises(TooOftenError):
            users.sign_in("NOBODY", "wrong")
    studio.ws.close(), again.close()
    # Also after a restart.
    with reopened(studio.ws.path, clock=clock) as ws, pytest.raises(TooOftenError):
        ws.users.sign_in("NOBODY", "wrong")


def test_many_tries_at_once_are_no_more_than_one_after_the_other(tmp_path: Path) -> None:
    path = Studio.open(tmp_path, on_disk=True).ws.path
    workers = [Popen([sys.executable, "-c", _TRIES, str(path)], stdout=PIPE, text=True) for _ in range(3)]
    taken = sum(int(each.communicate(timeout=120)[0]) for each in workers)
    assert taken == 10


#: Tries ten times; prints how often it was let.
_TRIES = """
import sys, volenti
from volenti.core.errors import TooOftenError
taken = 0
with volenti.open(sys.argv[1]) as ws:
    for _ in range(10):
        try:
            ws.users.limit("a", "x", times=10, per="day")
            taken += 1
        except TooOftenError:
            pass
print(taken)
"""


def test_many_who_sign_in_from_one_address_lock_nobody_out(signing_in: SignIn) -> None:
    for _ in range(TRIES_FROM + 1):
        signing_in.by_password("pat@example.org", PASSWORD, "192.0.2.1")
    for number in range(TRIES_FROM):
        with pytest.raises(RefusedError):
            signing_in.by_password(f"guess{number}", "wrong", "192.0.2.1")
    with pytest.raises(TooOftenError):
        signing_in.by_password("pat@example.org", PASSWORD, "192.0.2.1")
    signing_in.by_password("pat@example.org", PASSWORD, "192.0.2.2")
