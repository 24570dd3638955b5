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
    ("GET", "/desk/{question}/sheet.jpg"): OFFICERS,
    # pictures
    ("GET", "/pictures"): OFFICERS,
    ("GET", "/pictures/window"): OFFICERS,
    ("GET", "/pictures/{image}"): OFFICERS,
    ("GET", "/pictures/{image}/small.jpg"): OFFICERS,
    ("GET", "/pictures/{image}/large.jpg"): OFFICERS,
    # picture_changes
    ("GET", "/pictures/add"): {"officer"},
    ("POST", "/pictures/add"): {"officer"},
    ("POST", "/pictures/correct"): {"officer"},
    ("POST", "/pictures/remove"): {"officer"},
    ("POST", "/pictures/{image}/hold"): {"officer"},
}
