"""Naming licences and comparing them with a list."""

import pytest

from volenti.perception.rights.findings import licence_findings
from volenti.perception.rights.licence import is_allowed, licence_name, licences_named
from volenti.perception.rights.statement import Rights


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("https://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
        ("http://creativecommons.org/licenses/by-nc-sa/3.0/deed.de", "CC-BY-NC-SA-3.0"),
        ("creativecommons.org/licenses/by-nd/2.0", "CC-BY-ND-2.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/legalcode", "CC0-1.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "CC-PDM-1.0"),
        ("https://www.example.com/terms/", "example.com/terms"),
        (" CC-BY-4.0 ", "CC-BY-4.0"),
    ],
)
def test_a_licence_has_one_name_in_every_form(text: str, name: str) -> None:
    assert licence_name(text) == name


def test_a_page_counts_as_a_licence_only_where_nothing_else_is_declared() -> None:
    page = "https://example.com/photo/17"
    cc = "https://creativecommons.org/licenses/by/4.0/"
    assert licences_named([], [page], []) == ("example.com/photo/17",)
    assert licences_named([cc], [page], []) == ("CC-BY-4.0",)
    assert licences_named([], [page], [f"Licensed under {cc}."]) == ("CC-BY-4.0",)
    assert licences_named([], [], ["All rights reserved"]) == ()


def test_all_licences_named_must_be_on_the_list() -> None:
    allowed = ["https://creativecommons.org/licenses/by/4.0/", "cc0-1.0"]
    assert is_allowed(["CC-BY-4.0"], allowed)
    assert is_allowed(["CC-BY-4.0", "CC0-1.0"], allowed)
    assert not is_allowed(["CC-BY-4.0", "CC-BY-NC-4.0"], allowed)
    assert not is_allowed(["CC-BY-3.0"], allowed)
    assert not is_allowed([], allowed)


def test_a_list_holds_what_it_does_not_name_and_no_list_asks_for_nothing() -> None:
    other = Rights(licences=("CC-BY-NC-4.0",))
    (found,) = licence_findings(other, ["CC-BY-4.0"])
    assert (found.code, found.verdict) == ("licence", "held")
    assert found.data == {"licences": ["CC-BY-NC-4.0"]}
    assert [each.code for each in licence_findings(Rights(), ["CC-BY-4.0"])] == ["licence"]
    assert licence_findings(Rights(licences=("CC-BY-4.0",)), ["CC-BY-4.0"]) == []
    assert licence_findings(other, []) == []
