"""Ways: a command in a sentence is a link to the page that does the same, and nothing else is one."""

from __future__ import annotations

import re

import pytest

from tests.web.texts import sentences
from volenti.consent.wording import LANGUAGES
from volenti.web.application import doors
from volenti.web.ways import PAGES, linked
from volenti.web.words import catalog


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("List them: volenti request list.", 'List them: <a href="/requests">Requests</a>.'),
        ("Run `volenti audit --deep` to see.", 'Run <a href="/audit">Audit</a> to see.'),
        ("Nothing to do: volenti audit uses it.", 'Nothing to do: <a href="/audit">Audit</a> uses it.'),
        ("See: volenti release list --subject ann", 'See: <a href="/people/ann">Releases</a>'),
        ("See: volenti release list --subject ID.", 'See: <a href="/releases">Releases</a>.'),
        ("End it: volenti request run req_1", 'End it: <a href="/requests/req_1">Requests</a>'),
        (
            "Run volenti request run req_1 --overtake; or not.",
            'Run <a href="/requests/req_1">Requests</a>; or not.',
        ),
        ("Judge: volenti clear --purpose no-people", 'Judge: <a href="/pictures?state=waiting">Pictures</a>'),
        ("volenti review flag img_1 third-party-copy", '<a href="/pictures/img_1">Pictures</a>'),
        ('volenti subject amend SUBJECT --contact "A B"', '<a href="/people">People</a>'),
        ("Say: volenti backup mirror DIR", "Say: <code>volenti backup mirror DIR</code>"),
        ("volenti request show ../x", '<a href="/requests">Requests</a> ../x'),
        ("<b>volenti</b> & “volenti”", "&lt;b&gt;volenti&lt;/b&gt; &amp; “volenti”"),
        ("Write to volenti@example.org.", "Write to volenti@example.org."),
        ("", ""),
    ],
)
def test_a_command_leads_to_its_page(sentence: str, shown: str) -> None:
    assert linked(sentence, str) == shown


def test_every_page_and_command_is_there_and_pages_are_named_in_every_language() -> None:
    paths = {door.path for door in doors() if door.method == "GET"}
    for command, (path, name, has_pages) in PAGES.items():
        assert path.partition("?")[0] in paths, command
        assert not has_pages or any(re.fullmatch(rf"{path}/{{\w+}}", each) for each in paths), command
        assert all(name in catalog(language) for language in LANGUAGES[1:]), command


def test_a_remedy_that_names_what_a_page_does_leads_there() -> None:
    named = {
        found[1]
        for each in sentences()
        for found in re.finditer(r"\bvolenti ((?:request|release|subject|review|user) [a-z]+)", each.text)
    }
    # The columns of a table stand on the page that imports one.
    assert named - set(PAGES) == {"release template"}
