"""Cells of upload columns, as they are written, and what should come of each: an entry, an open question, or nothing."""

import pytest

from feedback.tag.cells import Cells
from feedback.tag.directory import Directory
from feedback.taxonomy import load_taxonomy

CELLS = Cells(Directory(load_taxonomy()))
SURE = 0.6  # from here on a column names a service (tag/service.py)

NAMED = {
    "Children's Physio": "childrens-physio",
    "Cantilupe": "ward-cantilupe",
    "Cantilupe Ward - Stonebow": "ward-cantilupe",
    "Princess of Wales - Cottage Ward": "ward-cottage",
    "Holt Ward, Elgar Unit": "ward-holt",
    "Holt Wd": "ward-holt",
    "Hadley PICU": "picu-hadley",
    "CAMHS - Worcs (South)": "camhs-worcestershire",
    "CAMHS Eating Disorders": "camhs-eating-disorders",
    "CAMHS-SPA": "camhs-spa",
    "CAMHS LD": "camhs-learning-disability",
    "Talking Therapies (IAPT)": "talking-therapies",
    "IAPT Worcestershire": "talking-therapies",
    "1042 - Podiatry": "podiatry",
    "POD01: Podiatry Services": "podiatry",
    "PODIATRY ARROW TEAM": "podiatry-arrow",
    "Podiatery - Malvern": "podiatry",
    "Crisis (H'ford)": "crisis-team-herefordshire",
    "Crisis (Worcs)": "crisis-team-worcestershire",
    "CRHT Hereford": "crisis-team-herefordshire",
    "Home Treatment Team (Worcester)": "crisis-team-worcestershire",
    "Comm Hosp - Tenbury": "ch-tenbury",
    "Evesham Hosp": "ch-evesham",
    "Malvern CH (ward)": "ch-malvern",
    "MIU - Evesham": "miu-evesham",
    "Minor Injury Unit (Tenbury)": "miu-tenbury",
    "Podiatry - Evesham Community Hospital": "podiatry",
    "MIU, Evesham CH": "miu-evesham",
    "Stonebow Unit: CRHT": "crisis-team",
    "Evesham Community Hospital - Izod Ward": "ward-izod",
    "DN Team - Pershore": "community-nursing",
    "District Nurses (Leominster)": "ext-wvt",  # physical community services there are another trust's
    "Neighbourhood Team - Malvern": "nt-malvern",
    "Neighbourhood MH Team (B'grove)": "nmht-bromsgrove",
    "CMHT - Kidderminster": "nmht-wyre-forest",
    "NMHT Leominster": "nmht-north-herefordshire",
    "Older Adult CMHT Redditch": "oacmht-redditch-bromsgrove",
    "OPMH - Wyre Forest": "oacmht-wyre-forest",
    "Memory Clinic - Hereford": "memory-service-herefordshire",
    "LD Team Herefordshire": "cldt-herefordshire",
    "Perinatal Mental Health Team": "perinatal-mental-health",
    "Perinatal MH": "perinatal-mental-health",
    "SALT (Adult)": "adult-speech-language",
    "SLT - Paeds": "childrens-speech-language",
    "Paediatric SLT": "childrens-speech-language",
    "SALT - stroke": "adult-speech-language",
    "Physio MSK": "physiotherapy-msk",
    "HV Redditch & Bromsgrove": "health-visiting",
    "Sch Nurse - Wyre Forest": "school-nursing",
    "Stroke - ESD": "community-stroke",
    "H@H": "hospital-at-home",
    "Wheelchair Services": "wheelchair-service",
    "Mental Health Liaison (WRH)": "mh-liaison",
    "West Mercia Police": "ext-police",
    "PTS - Patient Transport": "ext-patient-transport",
}
OPEN = {
    "SALT": {"adult-speech-language", "childrens-speech-language"},
    "Speech therapy": {"adult-speech-language", "childrens-speech-language"},
    "Podiatry & Wheelchair Service": {"podiatry", "wheelchair-service"},
}
# Of these a wrong team would be worse than none.
NOTHING = [
    "", "N/A", "Not known", "Other", "Ward", "Ward 3", "Team 3", "Community", "Acute", "Forensic", "Adult MH", "Mental Health",
    "OT", "ADHD", "Paediatric admiral nurses", "Dental", "EI Worcs", "Pershore", "Worcestershire Acute", "Specialist services", "See and Convey", "RWQ12", "Trustwide",
]  # fmt: skip


@pytest.mark.parametrize(("cell", "id"), NAMED.items())
def test_a_cell_names_the_entry_that_a_person_would_read_in_it(cell, id):
    found = CELLS.resolve(cell)
    assert found[0][0] == id
    assert found[0][1] >= SURE
    assert len(found) == 1 or found[1][1] < found[0][1]


@pytest.mark.parametrize(("cell", "ids"), OPEN.items())
def test_a_cell_that_several_entries_share_equally_is_left_open(cell, ids):
    found = CELLS.resolve(cell)
    best = max(score for _, score in found)
    assert {id for id, score in found if score == best} == ids


@pytest.mark.parametrize("cell", NOTHING)
def test_a_cell_that_does_not_tell_is_not_forced(cell):
    assert all(score < SURE for _, score in CELLS.resolve(cell))


@pytest.mark.parametrize("cell", NAMED)
def test_capitals_and_spacing_do_not_matter(cell):
    assert CELLS.resolve(f"  {cell.upper()} ")[0][0] == CELLS.resolve(cell)[0][0]


def test_what_a_cell_is_like_is_a_guess_that_is_never_sure():
    guesses = CELLS.like("Dental", 3)
    assert "dental-community" in {id for id, _ in guesses}
    assert all(0 < score < SURE for _, score in guesses)
    assert CELLS.like("zzzz", 3) == ()
