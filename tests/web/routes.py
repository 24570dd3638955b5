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
    # today
    ("GET", "/"): ALL,
    # desk
    ("GET", "/desk"): OFFICERS,
    ("GET", "/desk/{question}"): OFFICERS,
    ("POST", "/desk/{question}"): OFFICERS,
    ("GET", "/desk/{question}/sheet.jpg"): OFFICERS,
    # people
    ("GET", "/people"): OFFICERS,
    ("POST", "/people"): OFFICERS,
    ("GET", "/people/{subject}"): OFFICERS,
    ("GET", "/people/{subject}/amend"): OFFICERS,
    ("POST", "/people/{subject}/amend"): OFFICERS,
    ("POST", "/people/{subject}/distinguish"): OFFICERS,
    ("GET", "/people/{subject}/references/{digest}.jpg"): OFFICERS,
    ("GET", "/people/{subject}/pictures/{image}.jpg"): OFFICERS,
    # contact
    ("POST", "/people/{subject}/link"): OFFICERS,
    ("POST", "/people/{subject}/code"): OFFICERS,
    ("POST", "/releases/{release}/letter"): OFFICERS,
    # releases
    ("GET", "/releases"): OFFICERS,
    ("POST", "/releases"): OFFICERS,
    ("GET", "/releases/{release}"): OFFICERS,
    ("GET", "/releases/{release}/receipt.pdf"): OFFICERS,
    ("GET", "/releases/{release}/receipt.json"): OFFICERS,
    ("GET", "/releases/{release}/withdraw"): OFFICERS,
    ("POST", "/releases/{release}/withdraw"): OFFICERS,
    ("GET", "/releases/{release}/attest"): OFFICERS,
    ("POST", "/releases/{release}/attest"): OFFICERS,
    ("GET", "/releases/{release}/amend"): OFFICERS,
    ("POST", "/releases/{release}/amend"): OFFICERS,
    # imports
    ("GET", "/imports"): OFFICERS,
    ("POST", "/imports"): OFFICERS,
    # policies
    ("GET", "/policies"): OFFICERS,
    ("GET", "/policies/{policy}"): OFFICERS,
    ("POST", "/policies/{policy}"): OFFICERS,
    ("GET", "/policies/pictures/{image}.jpg"): OFFICERS,
    # shoots
    ("GET", "/shoots"): OFFICERS,
    ("GET", "/shoots/{shoot}"): OFFICERS,
    ("GET", "/shoots/{shoot}/pictures/{image}.jpg"): OFFICERS,
    # jobs
    ("GET", "/jobs"): STAFF,
    ("GET", "/jobs/{job}"): STAFF,
    ("GET", "/jobs/{job}/events"): STAFF,
    ("POST", "/jobs/{job}/stop"): STAFF,
}
