"""Named: whatever the program calls something by a code has a name on pages, in every language."""

from __future__ import annotations

import pytest

from volenti.clearance.account import STATES
from volenti.consent.onrecord import Standing
from volenti.consent.purpose import Grant
from volenti.consent.wording import LANGUAGES
from volenti.jobs.job import JobState
from volenti.letters.letter import LetterKind, LetterState
from volenti.requests.course import COURSES, KINDS
from volenti.requests.history import Delay, Ground
from volenti.requests.identity import Identified
from volenti.users.apitoken import Scope
from volenti.users.user import UserRole
from volenti.web.imports import _groups
from volenti.web.releases import FILTERS
from volenti.web.visit import pages
from volenti.workspace.job_verbs import VERBS

#: Codes by the template and macro that name them.
NAMED: dict[tuple[str, str], tuple[object, ...]] = {
    ("consent-parts.html", "state_word"): STATES,
    ("consent-parts.html", "standing_word"): (*Standing, *FILTERS),
    ("consent-parts.html", "standing"): (*Standing, *FILTERS),
    ("consent-parts.html", "letter_word"): tuple(LetterKind),
    ("consent-parts.html", "letter_state"): tuple(LetterState),
    ("field-words.html", "grant_name"): tuple(Grant),
    ("field-words.html", "field_name"): tuple(each.name for group in _groups().values() for each in group),
    ("signing-parts.html", "grant_meaning"): tuple(Grant),
    ("request-words.html", "kind_name"): KINDS,
    ("request-words.html", "kind_hint"): KINDS,
    ("request-words.html", "way_name"): tuple(Identified),
    ("request-words.html", "delay_name"): tuple(Delay),
    ("request-words.html", "ground_name"): tuple(Ground),
    ("me-parts.html", "kind"): KINDS,
    ("me-parts.html", "became"): STATES,
    ("me-parts.html", "standing"): tuple(Standing),
    ("users-parts.html", "role_name"): tuple(UserRole),
    ("users-parts.html", "role_about"): tuple(UserRole),
    ("systems-parts.html", "scope_text"): tuple(Scope),
    ("jobs-parts.html", "job_name"): tuple(VERBS),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("template", "macro"), NAMED)
def test_every_code_has_a_name(template: str, macro: str, language: str) -> None:
    names = pages(language).get_template(template).module
    for code in NAMED[template, macro]:
        said = str(getattr(names, macro)(code)).strip()
        assert said, code
        # Words may be their own name in English; what isn't made of words may not.
        assert said != str(code) or (language == "en" and str(code).replace(" ", "").isalpha()), code
        assert "-" not in str(code) or str(code) not in said, (code, said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_of_a_request_and_of_a_job_has_a_name(language: str) -> None:
    requests = pages(language).get_template("request-words.html").module
    for kind, course in COURSES.items():
        for state in course:
            assert requests.state_name(kind, state).strip() != state or state.isalpha()  # type: ignore[attr-defined]
    template = pages(language).from_string(
        '{% from "jobs-parts.html" import job_state %}{{ job_state(job) }}'
    )
    for each in JobState:
        job = {"is_stopping": False, "state": each}
        assert template.render(job=job).strip()
