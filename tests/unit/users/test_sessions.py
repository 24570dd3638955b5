"""Sessions and links: how long they are good, and what they are kept as."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.studio import Studio, reopened
from volenti.core.errors import ConflictError, NotFoundError, RefusedError, UsageError
from volenti.users.password import check_password, fits, hash_of
from volenti.users.service import LINK_GOOD, Users
from volenti.users.session import ABSOLUTE, EXCHANGED, IDLE, OVERLAP, Sessions
from volenti.users.throttle import TRIES, TRIES_FROM, Throttle
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


def test_a_session_ends_when_it_isn_t_used_and_after_some_hours_in_any_case(
    users: Users, clock: Clock
) -> None:
    token = users.sign_in("pat@example.org", PASSWORD)
    clock.wait(IDLE)
    assert users.signed_in(token) is None
    token, began = users.sign_in("pat@example.org", PASSWORD), clock.now
    while clock.now - began < ABSOLUTE:
        found = users.signed_in(token)
        assert found
        token = found[1].token or token
        clock.wait(IDLE / 3)
    assert users.signed_in(token) is None


def test_a_token_is_exchanged_and_the_one_before_is_good_for_a_moment(users: Users, clock: Clock) -> None:
    first = users.sign_in("pat@example.org", PASSWORD)
    clock.wait(EXCHANGED)
    found = users.signed_in(first)
    assert found
    second = found[1].token
    assert second not in ("", first)
    again = users.signed_in(first)
    assert again
    assert again[1].token == "", "it is exchanged once"
    assert again[1].session.form == found[1].session.form, "a form that is open stays good"
    clock.wait(OVERLAP)
    assert users.signed_in(first) is None
    assert users.signed_in(second)


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


def test_the_register_holds_no_token_and_no_password(users: Users) -> None:
    token, link = users.sign_in("pat@example.org", PASSWORD), users.link("pat@example.org")
    records = users.sessions._records
    for kind in ("user", "user-session", "user-link"):
        for record in records.find(kind):
            for secret in (token, link, PASSWORD):
                assert secret not in f"{record.id} {record.body}"


def test_a_link_is_good_for_a_day_and_only_the_latest(users: Users, clock: Clock) -> None:
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
        users.sign_in("kim", PASSWORD)


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


def test_a_throttle_lets_one_try_again_after_a_while(clock: Clock) -> None:
    throttle = Throttle(2, timedelta(minutes=10))
    for _ in range(2):
        throttle.take("a", clock.now)
        throttle.take("b", clock.now)
    with pytest.raises(ConflictError) as refused:
        throttle.take("a", clock.now)
    assert "in 10 minutes." in refused.value.remedy
    throttle.take("c", clock.now)
    throttle.forget("a")
    throttle.take("a", clock.now)
    throttle.give_back("b")
    throttle.take("b", clock.now)
    with pytest.raises(ConflictError):
        throttle.take("b", clock.now)
    clock.wait(timedelta(minutes=10))
    throttle.take("b", clock.now)


def test_failures_are_counted_once_however_often_the_workspace_is_open(tmp_path: Path, clock: Clock) -> None:
    studio = Studio.open(tmp_path, clock=clock, on_disk=True)
    again = reopened(studio.ws.path, clock=clock)
    opened = [studio.ws.users, again.users]
    for number in range(TRIES):
        with pytest.raises(RefusedError):
            opened[number % 2].sign_in("nobody", "wrong")
    for users in opened:
        with pytest.raises(ConflictError):
            users.sign_in("NOBODY", "wrong")
    again.close()


def test_many_who_sign_in_from_one_address_lock_nobody_out(users: Users) -> None:
    for _ in range(TRIES_FROM + 1):
        users.sign_in("pat@example.org", PASSWORD, "192.0.2.1")
    for number in range(TRIES_FROM):
        with pytest.raises(RefusedError):
            users.sign_in(f"guess{number}", "wrong", "192.0.2.1")
    with pytest.raises(ConflictError):
        users.sign_in("pat@example.org", PASSWORD, "192.0.2.1")
    users.sign_in("pat@example.org", PASSWORD, "192.0.2.2")
