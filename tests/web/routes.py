"""Routes: every route of the pages, and the roles that are let in."""

from __future__ import annotations

from volenti.users.user import UserRole

OFFICERS = {"officer", "second-officer"}
ALL = {str(each) for each in UserRole}
#: None: everybody, signed in or not.
ROUTES: dict[tuple[str, str], set[str] | None] = {
    # sign_in
    ("GET", "/sign-in"): None,
    ("POST", "/sign-in"): None,
    ("GET", "/sign-in/second"): ALL,
    ("POST", "/sign-in/second"): ALL,
    ("POST", "/sign-in/passkey/ask"): None,
    ("POST", "/sign-in/passkey"): None,
    ("GET", "/sign-in/provider"): None,
    ("GET", "/sign-in/back"): None,
    ("POST", "/sign-out"): ALL,
    ("GET", "/welcome/{token}"): None,
    ("POST", "/welcome/{token}"): None,
    # account
    ("GET", "/account"): ALL,
    ("POST", "/account/name"): ALL,
    ("POST", "/account/password"): ALL,
    ("GET", "/account/prove/{onward}"): ALL,
    ("POST", "/account/prove/{onward}"): ALL,
    ("POST", "/account/app"): ALL,
    ("GET", "/account/app"): ALL,
    ("POST", "/account/app/confirm"): ALL,
    ("POST", "/account/passkeys/ask"): ALL,
    ("POST", "/account/passkeys"): ALL,
    ("GET", "/account/factors/{factor}"): ALL,
    ("POST", "/account/factors/{factor}"): ALL,
    ("POST", "/account/codes"): ALL,
    ("POST", "/account/sessions"): ALL,
    # today
    ("GET", "/"): ALL,
    # desk
    ("GET", "/desk"): OFFICERS,
    ("GET", "/desk/{question}"): OFFICERS,
    ("POST", "/desk/{question}"): OFFICERS,
    ("GET", "/desk/{question}/sheet.jpg"): OFFICERS,
    # users
    ("GET", "/users"): {"admin"},
    ("POST", "/users"): {"admin"},
    ("POST", "/users/demand"): {"admin"},
    ("GET", "/users/{user}"): {"admin"},
    ("POST", "/users/{user}"): {"admin"},
    ("GET", "/users/{user}/remove"): {"admin"},
    ("POST", "/users/{user}/remove"): {"admin"},
}
