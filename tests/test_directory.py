import shutil

import pytest

from feedback.errors import BadData
from feedback.settings import DATA
from feedback.tag.cells import Cells
from feedback.tag.directory import Directory
from feedback.taxonomy import load_taxonomy


@pytest.fixture(scope="module")
def directory():
    return Directory(load_taxonomy())


@pytest.mark.parametrize(
    ("cell", "id"),
    [
        ("Athelon", "ward-athelon"),
        ("CAMHS - Herefordshire (North)", "camhs-herefordshire"),
        ("Talking Therapies (IAPT)", "talking-therapies"),
        ("talking-therapies", "talking-therapies"),
        ("OACMHT Kidderminster", "oacmht-wyre-forest"),
        ("MIU - Evesham", "miu-evesham"),
        ("Podiatery", "podiatry"),
        ("Crisis Team (Worcs)", "crisis-team-worcestershire"),
        ("Eating Disorders (CAMHS)", "camhs-eating-disorders"),
        ("SLT - Children", "childrens-speech-language"),
        ("PTS\xa0- Patient Transport", "ext-patient-transport"),
        ("District nursing, Leominster", "ext-wvt"),
    ],
)
def test_a_cell_of_an_upload_is_resolved_to_the_directory(directory, cell, id):
    assert Cells(directory).resolve(cell)[0][0] == id


@pytest.mark.parametrize("cell", ["", "Forensic", "See and Convey", "Ward 3", "Unknown", "Specialist services"])
def test_a_cell_that_names_nothing_of_ours_is_left_for_a_person(directory, cell):
    assert Cells(directory).resolve(cell) == ()


def test_a_cell_that_two_services_share_is_an_open_question(directory):
    (_, first), (_, second) = Cells(directory).resolve("SALT")
    assert first == second


@pytest.mark.parametrize(
    ("id", "town", "placed"),
    [
        ("minor-injury-units", "Malvern", "miu-malvern"),
        ("nmht", "Ledbury", "nmht-south-herefordshire"),
        ("camhs", "Leominster", "camhs-herefordshire"),
        ("neighbourhood-teams", "Wyre Forest", "neighbourhood-teams"),  # three teams serve it
        ("podiatry", "Hereford", "ext-wvt"),
        ("umbrella-pathway", "Hereford", "neurodevelopmental-cyp"),
        ("osborne-court", "Ledbury", "osborne-court"),  # a house stays where it is
    ],
)
def test_a_place_narrows_a_service_to_the_team_that_serves_it(directory, id, town, placed):
    assert directory.in_place(id, (town,)) == placed


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("  podiatree:\n    names: [foot lady]\n", "podiatree"),
        ("  catu:\n    names: [<foodie> lady]\n", "<foodie>"),
    ],
)
def test_cues_that_name_what_there_is_not_are_refused_by_name(tmp_path, line, complaint):
    shutil.copy(DATA / "service_cues.yml", tmp_path)
    path = tmp_path / "service_cues.yml"
    path.write_text(path.read_text("utf-8").replace("\nservices:\n", f"\nservices:\n{line}", 1), "utf-8")
    with pytest.raises(BadData, match=complaint):
        Directory(load_taxonomy(), tmp_path)
