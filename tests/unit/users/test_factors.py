"""Second factors: codes of apps, recovery codes, which roles have to have one; each code is good once."""

from __future__ import annotations

import base64
import struct
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from hmac import digest
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.studio import Studio
from volenti.core.errors import ConflictError, NotFoundError, RefusedError, TooOftenError, UsageError
from volenti.users.challenge import GOOD
from volenti.users.factor import FactorKind
from volenti.users.factors import CODES
from volenti.users.passkey import Site, challenge_of
from volenti.users.session import CODE, SET_UP, WAITS
from volenti.users.signing_in import CODES as TRIES_OF_CODES
from volenti.users.totp import DIGITS, STEP, code_at, new_secret, step_of
from volenti.workspace.users import Users

PASSWORD = "four quiet words here"
PAT, KIM = "pat@example.org", "kim@example.org"
SITE = "https://volenti.example.org"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 5, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, time: timedelta) -> None:
        self.now += time

    @property
    def step(self) -> int:
        return int(self.now.timestamp()) // STEP


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def studio(tmp_path: Path, clock: Clock) -> Studio:
    studio = Studio.open(tmp_path, clock=clock)
    for login in (PAT, KIM):
        added = studio.ws.users.add(login, name=login, roles=["admin"])
        studio.ws.users.choose_password(added.token, PASSWORD)
    return studio


@pytest.fixture
def users(studio: Studio) -> Users:
    return studio.ws.users


def with_app(users: Users, clock: Clock, login: str = PAT) -> tuple[str, tuple[str, ...]]:
    """Set up an app; returns its secret and the recovery codes."""
    app = users.offer_app(login)
    codes = users.confirm_app(login, code_at(app.secret, clock.step), name="Phone")
    clock.wait(timedelta(seconds=STEP))
    return app.secret, tuple(codes)


#: RFC 6238, appendix B, for SHA-1, of whose eight digits apps show the last six.
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert code_at(secret, seconds // STEP) == code
    assert step_of(f"{code[:3]} {code[3:]}", secret, seconds, 0) == seconds // STEP


@given(st.binary(min_size=20, max_size=20), st.integers(min_value=0, max_value=2**40))
def test_codes_are_what_the_standard_computes(key: bytes, step: int) -> None:
    # RFC 4226, section 5.3, written down once more.
    made = digest(key, struct.pack(">Q", step), sha1)
    at = made[-1] & 15
    number = struct.unpack(">I", made[at : at + 4])[0] & 0x7FFFFFFF
    assert code_at(base64.b32encode(key).decode(), step) == f"{number % 10**DIGITS:0{DIGITS}}"


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345", "12345\x00", "  "]
)
def test_what_is_no_code_fits_nothing(typed: str) -> None:
    assert step_of(typed, new_secret(), 1_800_000_000, 0) is None


@pytest.mark.parametrize(("off", "is_good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_good_a_step_before_and_after(off: int, is_good: bool) -> None:
    secret = new_secret()
    now = 60_000_000
    assert (step_of(code_at(secret, now + off), secret, now * STEP, 0) is not None) is is_good


def test_a_password_alone_opens_nothing_where_there_is_a_factor(users: Users, clock: Clock) -> None:
    secret, codes = with_app(users, clock)
    assert len(set(codes)) == CODES
    waits = users.sign_in(PAT, PASSWORD)
    assert users.signed_in(waits) is None
    found = users.waiting(waits)
    assert found
    assert found[1].session.lacks == CODE
    for wrong in ("", "000000", codes[0][:-1], PASSWORD):
        with pytest.raises(RefusedError):
            users.give_code(waits, wrong)
    token = users.give_code(waits, code_at(secret, clock.step))
    assert token != waits
    assert users.signed_in(token)
    assert users.waiting(waits) is None, "the session that waited has ended"
    with pytest.raises(RefusedError):
        users.give_code(waits, code_at(secret, clock.step + 1))


def test_no_code_is_good_twice(users: Users, clock: Clock) -> None:
    secret, codes = with_app(users, clock)
    code = code_at(secret, clock.step)
    for each in (code, codes[3]):
        users.give_code(users.sign_in(PAT, PASSWORD), each)
        with pytest.raises(RefusedError):
            users.give_code(users.sign_in(PAT, PASSWORD), each)
    # Nor is one of a step that came before it.
    with pytest.raises(RefusedError):
        users.give_code(users.sign_in(PAT, PASSWORD), code_at(secret, clock.step - 1))


def test_the_code_that_set_an_app_up_lets_nobody_in(users: Users, clock: Clock) -> None:
    app = users.offer_app(PAT)
    code = code_at(app.secret, clock.step)
    users.confirm_app(PAT, code)
    with pytest.raises(RefusedError):
        users.give_code(users.sign_in(PAT, PASSWORD), code)


def test_an_app_that_is_being_set_up_lets_nobody_in(users: Users, clock: Clock) -> None:
    app = users.offer_app(PAT)
    assert users.offered_app(PAT) == app
    with pytest.raises(RefusedError):
        users.confirm_app(PAT, "000000")
    assert users.factors(PAT) == []
    assert users.signed_in(users.sign_in(PAT, PASSWORD))
    assert users.offer_app(PAT).secret != app.secret
    with pytest.raises(RefusedError):
        users.confirm_app(PAT, code_at(app.secret, clock.step))
    with pytest.raises(NotFoundError):
        users.confirm_app(KIM, code_at(app.secret, clock.step))


def test_recovery_codes_are_typed_as_people_type_and_new_ones_take_their_place(
    users: Users, clock: Clock
) -> None:
    _, codes = with_app(users, clock)
    users.give_code(users.sign_in(PAT, PASSWORD), codes[0].upper().replace("-", " "))
    [kept] = [each for each in users.factors(PAT) if each.kind is FactorKind.RECOVERY]
    assert len(kept.codes) == CODES - 1
    new = users.new_codes(PAT)
    assert set(new).isdisjoint(codes)
    with pytest.raises(RefusedError):
        users.give_code(users.sign_in(PAT, PASSWORD), codes[1])
    users.give_code(users.sign_in(PAT, PASSWORD), new[0])
    with pytest.raises(ConflictError):
        users.new_codes(KIM)


def test_another_s_code_lets_nobody_in(users: Users, clock: Clock) -> None:
    with_app(users, clock)
    secret, codes = with_app(users, clock, KIM)
    for each in (code_at(secret, clock.step), codes[0]):
        with pytest.raises(RefusedError):
            users.give_code(users.sign_in(PAT, PASSWORD), each)


def test_whoever_knows_the_password_guesses_few_codes(users: Users, clock: Clock) -> None:
    secret, _ = with_app(users, clock)
    for _ in range(TRIES_OF_CODES):
        with pytest.raises(RefusedError):
            users.give_code(users.sign_in(PAT, PASSWORD), "000000")
    with pytest.raises(TooOftenError):
        users.give_code(users.sign_in(PAT, PASSWORD), code_at(secret, clock.step))


def test_a_session_that_waits_doesn_t_wait_for_long(users: Users, clock: Clock) -> None:
    secret, _ = with_app(users, clock)
    waits = users.sign_in(PAT, PASSWORD)
    clock.wait(WAITS)
    assert users.waiting(waits) is None
    with pytest.raises(RefusedError):
        users.give_code(waits, code_at(secret, clock.step))


def test_a_role_that_has_to_have_a_factor_is_led_to_set_one_up(users: Users, clock: Clock) -> None:
    before = users.sign_in(PAT, PASSWORD)
    assert users.demand(["admin"]) == users.demanded() == ("admin",)
    assert users.signed_in(before) is None, "sessions without one end"
    waits, another = users.sign_in(PAT, PASSWORD), users.sign_in(PAT, PASSWORD)
    found = users.waiting(waits)
    assert found
    assert found[1].session.lacks == SET_UP
    with pytest.raises(ConflictError):
        users.go_on(waits)
    secret, _ = with_app(users, clock)
    assert users.signed_in(users.go_on(waits))
    assert users.waiting(another) is None, "another that waited to set one up has ended"
    kept = users.signed_in(users.give_code(users.sign_in(PAT, PASSWORD), code_at(secret, clock.step)))
    assert kept
    [app, _] = users.factors(PAT)
    with pytest.raises(ConflictError, match="none would be left"):
        users.remove_factor(PAT, app.id)
    users.demand([])
    users.remove_factor(PAT, app.id)
    assert users.factors(PAT) == [], "recovery codes go with the last app"
    with pytest.raises(UsageError):
        users.demand(["king"])


def test_a_session_that_waits_for_a_code_can_t_go_on_without(users: Users, clock: Clock) -> None:
    with_app(users, clock)
    with pytest.raises(RefusedError):
        users.go_on(users.sign_in(PAT, PASSWORD))


def test_another_s_factor_is_neither_renamed_nor_removed(users: Users, clock: Clock) -> None:
    with_app(users, clock)
    [app, _] = users.factors(PAT)
    for act in (
        lambda: users.rename_factor(KIM, app.id, "Mine"),
        lambda: users.remove_factor(KIM, app.id),
    ):
        with pytest.raises(NotFoundError):
            act()
    assert users.rename_factor(PAT, app.id, " Blue   phone ").name == "Blue phone"


def test_whoever_lost_a_factor_gets_a_new_start(users: Users, clock: Clock) -> None:
    secret, _ = with_app(users, clock)
    token = users.give_code(users.sign_in(PAT, PASSWORD), code_at(secret, clock.step))
    users.reset(PAT)
    assert users.signed_in(token) is None
    assert users.signed_in(users.sign_in(PAT, PASSWORD))
    users.remove(PAT)
    assert [each.login for each in users.list()] == [KIM]


def test_the_register_holds_no_code(studio: Studio, clock: Clock) -> None:
    _, codes = with_app(studio.ws.users, clock)
    kept = [f"{each.id} {each.body}" for each in studio.parts.records.find("user-factor")]
    for code in codes:
        assert not any(code in each or code.replace("-", "") in each for each in kept)


@pytest.mark.parametrize(
    "answer",
    [
        *("", "x", "[]", "{}", "null", '{"response": 1}', '{"response": {"clientDataJSON": "%%"}}'),
        *('{"id": "a", "response": {"clientDataJSON": "e30"}}', "9" * (1 << 17), "[" * 5000),
    ],
)
def test_what_is_no_passkey_s_answer_is_refused(users: Users, answer: str) -> None:
    for act in (
        lambda: users.add_passkey(PAT, answer, SITE),
        lambda: users.give_passkey(answer, SITE),
    ):
        with pytest.raises(RefusedError):
            act()


def test_a_challenge_is_answered_once_and_soon_and_by_whom_it_was_asked(studio: Studio, clock: Clock) -> None:
    factors, challenges = studio.parts.users.factors, studio.parts.users.challenges
    asked = studio.ws.users.want_passkey(PAT, SITE)["challenge"]
    assert challenges.answered(asked, "make a passkey").user == studio.parts.users.find(PAT).id
    with pytest.raises(RefusedError, match="sent twice"):
        challenges.answered(asked, "make a passkey")
    late = factors.passkey_asked(Site(SITE))["challenge"]
    with pytest.raises(RefusedError):
        challenges.answered(late, "make a passkey")
    late = factors.passkey_asked(Site(SITE))["challenge"]
    clock.wait(GOOD)
    with pytest.raises(RefusedError):
        challenges.answered(late, "sign with a passkey")
    said = base64.urlsafe_b64encode(f'{{"challenge": "{asked}"}}'.encode()).decode().rstrip("=")
    assert challenge_of(f'{{"response": {{"clientDataJSON": "{said}"}}}}') == asked


def test_a_password_is_changed_by_the_one_before_and_other_sessions_end(users: Users) -> None:
    here, there = users.sign_in(PAT, PASSWORD), users.sign_in(PAT, PASSWORD)
    new = "five other quiet words"
    for wrong in (lambda: users.change_password(PAT, "wrong", new), lambda: users.prove(here, "wrong")):
        with pytest.raises(RefusedError):
            wrong()
    with pytest.raises(UsageError):
        users.change_password(PAT, PASSWORD, "short")
    users.change_password(PAT, PASSWORD, new, session=here)
    assert users.signed_in(here)
    assert users.signed_in(there) is None
    with pytest.raises(RefusedError):
        users.sign_in(PAT, PASSWORD)
    assert len(users.sessions(PAT)) == 1
    users.sign_in(PAT, new)
    with pytest.raises(NotFoundError):
        users.end(KIM, users.sessions(PAT)[0].id)
    assert users.end(PAT, users.sessions(PAT)[0].id) == 1
    assert users.end(PAT) == 1


def test_what_was_proved_counts_for_a_while(users: Users, clock: Clock) -> None:
    token = users.sign_in(PAT, PASSWORD)
    assert users.is_proved(token)
    clock.wait(timedelta(minutes=11))
    assert not users.is_proved(token)
    users.prove(token, PASSWORD)
    assert users.is_proved(token)
    assert not users.is_proved("")
