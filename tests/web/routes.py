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
    # signing
    ("GET", "/sign/worker.js"): None,
    ("GET", "/sign/{token}"): None,
    ("POST", "/sign/{token}"): None,
    ("GET", "/sign/{token}/summary"): None,
    ("POST", "/sign/{token}/summary"): None,
    ("POST", "/sign/{token}/photo"): None,
    ("POST", "/sign/{token}/send"): None,
    ("GET", "/sign/{token}/receipt/{key}"): None,
    ("GET", "/sign/{token}/receipt/{key}/receipt.pdf"): None,
    ("GET", "/sign/{token}/receipt/{key}/receipt.jsonld"): None,
    # signings
    ("GET", "/signings"): {"officer"},
    ("GET", "/signings/new"): {"officer"},
    ("POST", "/signings/new"): {"officer"},
    ("GET", "/signings/{signing}"): {"officer"},
    ("POST", "/signings/{signing}"): {"officer"},
    ("GET", "/signings/{signing}/code.svg"): {"officer"},
    # today
    ("GET", "/"): ALL,
    # desk
    ("GET", "/desk"): OFFICERS,
    ("GET", "/desk/{question}"): OFFICERS,
    ("POST", "/desk/{question}"): OFFICERS,
    ("GET", "/desk/{question}/sheet.jpg"): OFFICERS,
}
