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
    ("POST", "/sign-out"): ALL,
    ("GET", "/welcome/{token}"): None,
    ("POST", "/welcome/{token}"): None,
    # today
    ("GET", "/"): ALL,
    # desk
    ("GET", "/desk"): OFFICERS,
    ("GET", "/desk/{question}"): OFFICERS,
    ("POST", "/desk/{question}"): OFFICERS,
    ("POST", "/desk/undo"): OFFICERS,
    ("POST", "/desk/{question}/people"): OFFICERS,
    ("POST", "/desk/{question}/flag"): OFFICERS,
    ("GET", "/desk/{question}/picture-{number}.jpg"): OFFICERS,
    ("GET", "/desk/{question}/small-{number}.jpg"): OFFICERS,
    ("GET", "/desk/{question}/face-{number}.jpg"): OFFICERS,
    ("GET", "/desk/{question}/reference/{subject}/{number}.jpg"): OFFICERS,
}
