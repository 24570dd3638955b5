"""Which photographs a folder holds, and of whom, in every layout; nothing bad in it stops the rest."""

import json
from pathlib import Path

import pytest


def files(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"a picture")
    return folder


def people(folder: Path) -> dict[str, str]:
    from common.photographs import listed

    return {each.file: each.person for each in listed(folder).photographs}


def unusable(folder: Path) -> dict[str, str]:
    from common.photographs import listed

    return dict(listed(folder).unusable)


def test_a_list_names_the_pictures_wherever_they_lie_and_the_rest_are_groups(tmp_path: Path) -> None:
    from common.photographs import listed

    files(tmp_path, "images/1.jpg", "2.jpg", "unlisted.jpg")
    (tmp_path / "index.csv").write_text("\ufeffperson_id,file,gender\nada,1.jpg,F\nben,2.jpg,\n")
    assert people(tmp_path) == {"1.jpg": "ada", "2.jpg": "ben"}
    assert [dict(each.groups) for each in listed(tmp_path).photographs] == [{"gender": "F"}, {}]


def test_entries_that_can_not_be_used_are_named_with_the_reason(tmp_path: Path) -> None:
    files(tmp_path, "1.jpg", "2.jpg")
    rows = ["1.jpg,ada", "1.jpg,ada", "2.jpg,", "gone.jpg,ben", ",ben", "", "1.jpg"]
    (tmp_path / "index.csv").write_text("\n".join(["file,person_id", *rows, "2.jpg,cleo,more,than,columns"]))
    assert people(tmp_path) == {"1.jpg": "ada", "2.jpg": "cleo"}
    assert unusable(tmp_path) == {
        "1.jpg": "listed twice",
        "2.jpg": "names no person",
        "gone.jpg": "is missing",
        "index.csv, entry 5": "names no file",
    }


def test_records_may_hold_anything(tmp_path: Path) -> None:
    files(tmp_path, "images/1.jpg")
    entries = [{"file": "1.jpg", "subject": "s1", "age": 3, "odd": [1]}, "text", None, {"subject": "s2"}]
    (tmp_path / "records.json").write_text(json.dumps(entries))
    assert people(tmp_path) == {"1.jpg": "s1"}
    assert set(unusable(tmp_path).values()) == {"names no file"}


def test_a_sub_folder_a_person(tmp_path: Path) -> None:
    files(tmp_path, "Ada L/1.JPG", "Ada L/old/2.png", "ben/1.jpg", "loose.jpg", "ben/notes.txt", ".git/3.jpg")
    assert people(tmp_path) == {"Ada L/1.JPG": "Ada L", "Ada L/old/2.png": "Ada L", "ben/1.jpg": "ben"}
    assert unusable(tmp_path) == {"loose.jpg": "lies beside the people's folders"}


@pytest.mark.parametrize("within", ["", "images/"])
def test_side_by_side_a_persons_pictures_share_their_name_up_to_a_number(within: str, tmp_path: Path) -> None:
    names = ["ada_0.jpg", "ada_1_older.jpg", "ben_smith-0007.jpg", "A000014_0_us_2015.jpg", "cleo.jpg"]
    files(tmp_path, *(within + name for name in names))
    found = people(tmp_path)
    assert [found[within + name] for name in names] == ["ada", "ada", "ben_smith", "A000014", "cleo"]


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(SystemExit, match=str(tmp_path)):
            people(folder)
    (tmp_path / "records.json").write_text("{")
    with pytest.raises(SystemExit, match="isn't JSON"):
        people(tmp_path)


def test_groups_are_what_a_list_says_the_same_of_all_pictures_of_a_person() -> None:
    from common.groups import groups_of
    from common.photographs import Photograph

    def photograph(person: str, **groups: str) -> Photograph:
        return Photograph(person, Path(person), person, groups)

    found = groups_of(
        [
            photograph("ada", gender="F", birth_year="1938", skin_tone="0.9", smile="yes"),
            photograph("ada", gender="F", birth_year="1938", skin_tone="0.9", smile="no"),
            photograph("ben", birth_year="1941"),
        ]
    )
    assert found == {
        "ada": {"gender": "F", "birth year": "1930s", "skin tone": "dark"},
        "ben": {"gender": "not stated", "birth year": "1940s", "skin tone": "not stated"},
    }
