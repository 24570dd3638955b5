"""Accounts and users in a real browser: passkeys by a virtual authenticator, apps without scripts."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import BrowserContext, CDPSession, Page

import volenti
from tests.browser.house import House, assert_open_to_everybody, sign_in, type_password
from volenti.users.totp import STEP, code_at

Make = Callable[..., BrowserContext]


def authenticator(page: Page, *, verifies: bool = True) -> tuple[CDPSession, str]:
    """Give the browser a device that keeps passkeys, and whose owner touches it at once."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verifies,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, made["authenticatorId"]


def test_a_passkey_is_made_and_lets_one_in_with_and_without_the_password(house: House, context: Make) -> None:
    page = context().new_page()
    device, key = authenticator(page)
    sign_in(page, "officer")
    page.goto("/account")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("heading", name="Your second factor is set up").wait_for()
    assert page.locator(".codes li").count() == 10
    assert_open_to_everybody(page)
    page.get_by_role("link", name="Go on").click()
    page.get_by_role("button", name="Sign out").click()
    # As the second step after the password.
    type_password(page, "officer@example.org")
    page.get_by_role("heading", name="One more step").wait_for()
    assert_open_to_everybody(page)
    page.goto("/desk")
    assert page.url.endswith("/sign-in/second"), "nothing else is open before that"
    page.get_by_role("button", name="Use your passkey").click()
    page.get_by_role("heading", name="Today").wait_for()
    page.get_by_role("button", name="Sign out").click()
    # And by itself.
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("heading", name="Today").wait_for()
    # A device that signed more often than this one says is a copy.
    with volenti.open(house.folder) as ws:
        [kept] = [each for each in ws.users.factors("officer@example.org") if each.kind.value == "passkey"]
    assert kept.count >= 2
    [held] = device.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]
    device.send("WebAuthn.clearCredentials", {"authenticatorId": key})
    device.send("WebAuthn.addCredential", {"authenticatorId": key, "credential": {**held, "signCount": 0}})
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_text("This passkey wasn't accepted.").wait_for()


def test_a_device_that_doesn_t_ask_who_one_is_isn_t_enough(context: Make) -> None:
    page = context().new_page()
    authenticator(page, verifies=False)
    sign_in(page, "officer")
    page.goto("/account")
    page.get_by_role("button", name="Add a passkey").click()
    page.wait_for_timeout(300)
    assert page.url.endswith("/account")
    assert page.get_by_text("Your password alone opens this account.").is_visible()


def test_an_app_is_set_up_without_scripts_where_the_role_has_to_have_one(house: House, context: Make) -> None:
    with volenti.open(house.folder) as ws:
        ws.users.demand(["officer"])
    page = context("phone", scripts=False).new_page()
    type_password(page, "officer@example.org")
    page.get_by_role("heading", name="Make your account safe").wait_for()
    # It would do nothing.
    page.get_by_role("button", name="Add a passkey").wait_for(state="hidden")
    page.goto("/desk")
    assert page.url.endswith("/account")
    page.get_by_role("button", name="Add an app").click()
    page.get_by_text("Type it instead").click()
    secret = page.locator(".secret").inner_text()
    page.get_by_label("Code that the app shows now").fill(code_at(secret, int(time.time()) // STEP))
    page.get_by_role("button", name="Add it").click()
    recovery = page.locator(".codes li").first.inner_text()
    page.get_by_role("link", name="Go on").click()
    page.get_by_role("heading", name="Today").wait_for()
    page.get_by_role("button", name="Sign out").click()
    type_password(page, "officer@example.org")
    page.get_by_label("Code of your app, or a recovery code").fill(recovery)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("heading", name="Today").wait_for()


def test_a_user_is_added_and_removed_in_two_steps(house: House, context: Make) -> None:
    page = context("phone").new_page()
    sign_in(page, "admin")
    page.get_by_role("link", name="Users").click()
    page.get_by_label("Name").fill("Pat P.")
    page.get_by_label("Login").fill("pat@example.org")
    page.get_by_role("checkbox", name="Engineer").first.check()
    page.get_by_role("button", name="Add, and show the link").click()
    link = page.locator(".address").inner_text()
    assert link.startswith(f"{house.address}/welcome/")
    assert_open_to_everybody(page)
    page.get_by_role("link", name="Back to the users").click()
    page.get_by_role("link", name="Change Pat P.").click()
    page.get_by_role("link", name="Remove this user").click()
    assert_open_to_everybody(page)
    page.get_by_label("I am sure.").check()
    page.get_by_role("button", name="Remove for good").click()
    page.wait_for_url("**/users")
    assert page.get_by_text("Pat P.").count() == 0
