"""Routes: every route of the pages, and the roles that are let in."""

from __future__ import annotations

from volenti.users.user import UserRole

OFFICERS = {"officer", "second-officer"}
STAFF = OFFICERS | {"engineer", "admin"}
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
    ("GET", "/desk/{question}/sheet.jpg"): OFFICERS,
    # audit
    ("GET", "/audit"): STAFF,
    ("POST", "/audit"): STAFF,
    # jobs
    ("GET", "/jobs"): STAFF,
    ("GET", "/jobs/{job}"): STAFF,
    ("GET", "/jobs/{job}/events"): STAFF,
    ("POST", "/jobs/{job}/stop"): STAFF,
}
