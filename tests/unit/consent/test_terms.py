"""The parts of a release: what they refuse to say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from volenti.consent.document import DocumentError, Fields
from volenti.consent.terms import Evidence, Shoot, Terms

SHOOT = Shoot("Pat", date(2026, 11, 1), date(2026, 11, 2), "a" * 64)
TERMS = Terms(("DE",), date(2026, 1, 1), "DE", date(2027, 1, 1))
EVIDENCE = Evidence("b" * 64, "en", "1", "electronic", datetime(2026, 11, 22, tzinfo=UTC), "Wil")


#: Parts in the versions of the document that can hold them.
PARTS = [
    (SHOOT, (1,)),
    (replace(SHOOT, name="spring"), (2,)),
    (TERMS, ()),
    (EVIDENCE, (1,)),
    (replace(EVIDENCE, notice_sha256="c" * 64), (2,)),
]
IDS = ["shoot 1", "shoot 2", "terms", "evidence 1", "evidence 2"]


@pytest.mark.parametrize(("part", "version"), PARTS, ids=IDS)
def test_a_part_survives_json(part, version):
    assert type(part).read(Fields(part.to_json(*version)), *version) == part


@pytest.mark.parametrize(("part", "version"), PARTS, ids=IDS)
def test_a_part_has_no_field_that_may_be_left_out_unseen(part, version):
    for name in part.to_json(*version):
        shortened = {key: value for key, value in part.to_json(*version).items() if key != name}
        if name in ("valid_until", "signed_at"):  # absent and null say the same here: there is none
            assert getattr(type(part).read(Fields(shortened), *version), name) is None
        else:
            with pytest.raises(DocumentError, match=f"{name}: is missing"):
                type(part).read(Fields(shortened), *version)


def test_the_first_version_has_no_place_for_a_shoots_name_or_a_notices_digest():
    assert "name" not in SHOOT.to_json(1)
    assert "notice_sha256" not in EVIDENCE.to_json(1)
    with pytest.raises(DocumentError, match="name: isn't a field"):
        Shoot.read(Fields(SHOOT.to_json(2)), 1)


@pytest.mark.parametrize(
    ("part", "change", "field"),
    [
        (SHOOT, {"photographer": " "}, "photographer"),
        (SHOOT, {"last_day": date(2026, 10, 31)}, "last_day"),
        (SHOOT, {"reference": "A" * 64}, "reference"),
        (SHOOT, {"reference": "a" * 63}, "reference"),
        (SHOOT, {"name": " spring"}, "name"),
        (SHOOT, {"name": "a\x00b"}, "name"),
        (TERMS, {"territory": ()}, "territory"),
        (TERMS, {"territory": ("DE", "WORLD")}, "territory"),
        (TERMS, {"valid_until": date(2025, 12, 31)}, "valid_until"),
        (TERMS, {"governing_law": ""}, "governing_law"),
        (TERMS, {"compensation": ""}, "compensation"),
        (TERMS, {"withdrawal_method": ""}, "withdrawal_method"),
        (TERMS, {"withdrawal_effect": "\x07"}, "withdrawal_effect"),
        (EVIDENCE, {"text_sha256": "b"}, "text_sha256"),
        (EVIDENCE, {"language": "English"}, "language"),
        (EVIDENCE, {"notice_version": ""}, "notice_version"),
        (EVIDENCE, {"notice_sha256": "c"}, "notice_sha256"),
        (EVIDENCE, {"method": ""}, "method"),
        (EVIDENCE, {"signed_at": datetime(2026, 11, 22)}, "signed_at"),
        (EVIDENCE, {"signed_at": datetime(2026, 11, 22, microsecond=1, tzinfo=UTC)}, "signed_at"),
    ],
)
def test_a_part_cant_say_what_makes_no_sense(part, change, field):
    with pytest.raises(DocumentError, match=f"^{field}: "):
        replace(part, **change)


def test_one_day_is_a_term_and_a_shoot():
    day = date(2026, 11, 22)
    assert Terms(("DE",), day, "DE", day).valid_until == day
    assert Shoot("Pat", day, day).last_day == day


@pytest.mark.parametrize("language", ["en", "de-CH", "zh-Hant-TW", "yue"])
def test_language_tags_are_languages(language):
    assert replace(EVIDENCE, language=language).language == language
