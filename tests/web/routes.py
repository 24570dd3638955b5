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
    ("GET", "/sign-in/second"): ALL,
    ("POST", "/sign-in/second"): ALL,
    ("POST", "/sign-in/passkey/ask"): None,
    ("POST", "/sign-in/passkey"): None,
    ("GET", "/sign-in/provider"): None,
    ("GET", "/sign-in/back"): None,
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
    ("POST", "/me/requests/{request}/lift"): PERSON,
    ("GET", "/follow/{token}"): None,
    ("GET", "/follow/{token}/certificate.json"): None,
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
    ("POST", "/inquiries/{inquiry}"): {"officer"},
    # today
    ("GET", "/"): ALL,
    # desk
    ("GET", "/desk"): OFFICERS,
    ("GET", "/desk/{question}"): OFFICERS,
    ("POST", "/desk/{question}"): OFFICERS,
    # requests
    ("GET", "/requests"): OFFICERS,
    ("GET", "/requests/new"): {"officer"},
    ("POST", "/requests/new"): {"officer"},
    ("POST", "/requests/look-for"): {"officer"},
    ("POST", "/requests/faces"): {"officer"},
    ("GET", "/requests/{request}"): OFFICERS,
    ("POST", "/requests/{request}/identify"): {"officer"},
    ("POST", "/requests/{request}/extend"): {"officer"},
    ("POST", "/requests/{request}/refuse"): {"officer"},
    ("POST", "/requests/{request}/keep"): {"officer"},
    ("POST", "/requests/{request}/lift"): {"officer"},
    ("POST", "/requests/{request}/answer"): {"officer"},
    ("POST", "/requests/{request}/link"): {"officer"},
    ("GET", "/requests/{request}/certificate.json"): OFFICERS,
    ("GET", "/requests/{request}/certificate.pdf"): OFFICERS,
    ("GET", "/requests/{request}/plan"): OFFICERS,
    ("GET", "/requests/{request}/run"): OFFICERS,
    ("POST", "/requests/{request}/run"): {"officer"},
    # recipients
    ("GET", "/recipients"): OFFICERS | {"engineer"},
    ("POST", "/recipients/acknowledge"): {"officer"},
    # record
    ("GET", "/record"): OFFICERS | {"admin"},
    # log
    ("GET", "/log"): OFFICERS | {"admin", "engineer"},
    ("GET", "/log/checkpoint"): OFFICERS | {"admin", "engineer"},
    ("GET", "/log/{entry}/proof"): OFFICERS | {"admin", "engineer"},
    ("POST", "/log/verify"): OFFICERS | {"admin", "engineer"},
    # people
    ("GET", "/people"): OFFICERS,
    ("POST", "/people"): OFFICERS,
    ("GET", "/people/{subject}"): OFFICERS,
    ("GET", "/people/{subject}/amend"): {"officer"},
    ("POST", "/people/{subject}/amend"): {"officer"},
    ("POST", "/people/{subject}/distinguish"): {"officer"},
    ("GET", "/people/{subject}/references/{digest}.jpg"): OFFICERS,
    # contact
    ("POST", "/people/{subject}/link"): {"officer"},
    ("POST", "/people/{subject}/code"): {"officer"},
    ("POST", "/releases/{release}/letter"): {"officer"},
    ("POST", "/releases/letters"): {"officer"},
    # releases
    ("GET", "/releases"): OFFICERS,
    ("POST", "/releases"): OFFICERS,
    ("GET", "/releases/{release}"): OFFICERS,
    ("GET", "/releases/{release}/receipt.pdf"): OFFICERS,
    ("GET", "/releases/{release}/receipt.json"): OFFICERS,
    ("GET", "/releases/{release}/withdraw"): {"officer"},
    ("POST", "/releases/{release}/withdraw"): {"officer"},
    ("GET", "/releases/{release}/attest"): {"officer"},
    ("POST", "/releases/{release}/attest"): {"officer"},
    ("GET", "/releases/{release}/amend"): {"officer"},
    ("POST", "/releases/{release}/amend"): {"officer"},
    # imports
    ("GET", "/imports"): {"officer"},
    ("POST", "/imports"): {"officer"},
    # policies
    ("GET", "/policies"): OFFICERS,
    ("GET", "/policies/{policy}"): OFFICERS,
    ("POST", "/policies/{policy}"): OFFICERS,
    # shoots
    ("GET", "/shoots"): OFFICERS,
    ("POST", "/shoots"): OFFICERS,
    ("GET", "/shoots/{shoot}"): OFFICERS,
    # audit
    ("GET", "/audit"): STAFF,
    ("POST", "/audit"): STAFF,
    # jobs
    ("GET", "/jobs"): STAFF,
    ("GET", "/jobs/{job}"): STAFF,
    ("GET", "/jobs/{job}/events"): STAFF,
    ("POST", "/jobs/{job}/stop"): STAFF,
    # tokens
    ("GET", "/tokens"): {"admin"},
    ("POST", "/tokens"): {"admin"},
    ("POST", "/tokens/{token}/remove"): {"admin"},
    # webhooks
    ("GET", "/webhooks"): {"admin"},
    ("POST", "/webhooks"): {"admin"},
    ("POST", "/webhooks/{webhook}/test"): {"admin"},
    ("POST", "/webhooks/{webhook}/remove"): {"admin"},
    # page (of the API; what the API itself opens to whom: test_api.py)
    ("GET", "/api"): None,
    # users
    ("GET", "/users"): {"admin"},
    ("POST", "/users"): {"admin"},
    ("POST", "/users/demand"): {"admin"},
    ("GET", "/users/{user}"): {"admin"},
    ("POST", "/users/{user}"): {"admin"},
    ("GET", "/users/{user}/remove"): {"admin"},
    ("POST", "/users/{user}/remove"): {"admin"},
    ("POST", "/desk/undo"): OFFICERS,
    ("POST", "/desk/{question}/people"): OFFICERS,
    ("POST", "/desk/{question}/flag"): OFFICERS,
    ("GET", "/desk/{question}/picture-{number}.jpg"): OFFICERS,
    ("GET", "/desk/{question}/small-{number}.jpg"): OFFICERS,
    ("GET", "/desk/{question}/face-{number}.jpg"): OFFICERS,
    ("GET", "/desk/{question}/reference/{subject}/{number}.jpg"): OFFICERS,
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
    # judging
    ("POST", "/pictures/judge"): {"officer"},
}
