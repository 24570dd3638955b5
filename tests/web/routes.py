"""Routes: every route of the pages, and the roles that are let in."""

from __future__ import annotations

from volenti.users.user import UserRole

OFFICERS = {"officer", "second-officer"}
STAFF = OFFICERS | {"engineer", "admin"}
ALL = {str(each) for each in UserRole}
#: Whoever was photographed, in a session of their own.
PERSON = {"person"}
#: None: everybody, signed in or not.
ROUTES: dict[tuple[str, str], set[str] | None] = {
    # sign_in
    ("GET", "/sign-in"): None,
    ("POST", "/sign-in"): None,
    ("POST", "/sign-out"): ALL,
    ("GET", "/welcome/{token}"): None,
    ("POST", "/welcome/{token}"): None,
    # portal
    ("GET", "/me/link"): None,
    ("GET", "/me/enter/{token}"): None,
    ("POST", "/me/enter/{token}"): None,
    ("POST", "/me/enter/{token}/code"): None,
    ("POST", "/me/leave"): PERSON,
    ("GET", "/me"): PERSON,
    ("GET", "/me/releases/{release}"): PERSON,
    ("POST", "/me/withdraw"): PERSON,
    ("GET", "/me/pictures"): PERSON,
    ("GET", "/me/pictures/{image}"): PERSON,
    ("GET", "/me/pictures/{image}/small.jpg"): PERSON,
    ("GET", "/me/pictures/{image}/large.jpg"): PERSON,
    ("GET", "/me/uses"): PERSON,
    ("GET", "/me/looks"): PERSON,
    ("GET", "/me/requests"): PERSON,
    ("GET", "/me/ask/{kind}"): PERSON,
    ("POST", "/me/ask/{kind}"): PERSON,
    ("GET", "/me/requests/{request}"): PERSON,
    ("POST", "/me/requests/{request}/answer"): PERSON,
    ("GET", "/follow/{token}"): None,
    ("GET", "/follow/{token}/certificate.json"): None,
    # verifying
    ("GET", "/verify"): None,
    ("GET", "/verify/worker.js"): None,
    ("GET", "/verify/page.html"): None,
    # inquiring
    ("GET", "/am-i-in-there"): None,
    ("POST", "/am-i-in-there"): None,
    ("GET", "/am-i-in-there/{token}"): None,
    ("GET", "/inquiries"): OFFICERS,
    ("GET", "/inquiries/{inquiry}"): OFFICERS,
    ("GET", "/inquiries/{inquiry}/sheet.jpg"): OFFICERS,
    ("POST", "/inquiries/{inquiry}"): OFFICERS,
    # today
    ("GET", "/"): ALL,
    # desk
    ("GET", "/desk"): OFFICERS,
    ("GET", "/desk/{question}"): OFFICERS,
    ("POST", "/desk/{question}"): OFFICERS,
    ("GET", "/desk/{question}/sheet.jpg"): OFFICERS,
    # jobs
    ("GET", "/jobs"): STAFF,
    ("GET", "/jobs/{job}"): STAFF,
    ("GET", "/jobs/{job}/events"): STAFF,
    ("POST", "/jobs/{job}/stop"): STAFF,
}
