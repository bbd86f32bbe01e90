"""Labels that name a person are told from places, bodies and things that bear a name (all fictitious)."""

from __future__ import annotations

import pytest

from ckanext.budget.annexes.persons import CHECKED_FIELDS, LONGEST, looks_like_person, why
from ckanext.budget.annexes.words import FIRST_NAMES

PERSONS = [
    "Rente à Mme Lenoir",
    "Litige avec M. Roussel (fictif)",
    "M. DUPONT",
    "m. dupont",
    "Vente M.DUPONT",
    "M.&#32;Dupont",
    "indemnité M et Mme MARTIN",
    "Mme dupont",
    "Monsieur d'Ormessac",
    "M. LE GOFFIC",
    "Travaux - remboursement Mr Durand",
    "INDEMNITÉ VEUVE ANDRÉOLI",
    "ACQUISITION PARCELLE CONSORTS MARTIN",
    "12 CTS MARTIN",
    "SUCCESSION DURAND",
    "Succession de Mme Durand",
    "INDIVISION LE GOFFIC",
    "HÉRITIERS DUPONT",
    "TERRAIN EX FAMILLE DUPONT",
    "Me Durand, notaire",
    "ACQUISITION MAITRE DURAND",
    "Dr Durand",
    "Née MARTIN",
    "DUPRÉ Camille",
    "Camille DUPRÉ",
    "MARTIN Jean-Pierre",
    "Réfection, Jean-Pierre de MARTIN",
    "Logement prêté à MARÉCHAL Dominique",
    "Sophie Martin",
    "MARTIN SOPHIE",
    "DUPONT, Jean",
    "MARTIN ANNE CECILE",
    "SUZANNE PETIT, bailleuse (fictif)",
    "le maire, Camille Dupré (fictif)",
    "ACQUISITION TERRAIN DUPONT JEAN",
    "ACQ PARCELLE AB 123 DUPONT PIERRE",
    "INDEMNITE THOMAS VINCENT",
    "Aide au permis de LENOIR Claude",
    "ECOLE - ACQUISITION DUPONT JEAN",
]
OTHERS = [
    "",
    "Rue Jean Moulin",
    "ECOLE JEAN JAURES",
    "JEAN MOULIN",
    "18 PAUL DURAND",
    "GS M. DURAND",
    "MAD DE GYMNASE(S) : M. DURAND",
    "GYMNASES : CAMILLE DURAND, PIERRE MARTIN",
    "Place du Docteur Martin",
    "Docteur Martin 12/14",
    "RUE MADAME DURAND",
    "Gymnase Pierre DURAND",
    "Résidence Suzanne Petit",
    "Association Camille Dupré",
    "Amicale Camille DUPRÉ",
    "SARL Dupont Jean",
    "EURL MARTIN SOPHIE",
    "INSTALLATIONS - CAMILLE DURAND - CLOTURE",
    "Monsieur le Maire",
    "M. LE MAIRE",
    "Madame la Directrice",
    "20 M. CLOTURE",
    "12 m Clôture",
    "MAITRE D'OEUVRE",
    "Maître d’ouvrage délégué",
    "PORTAIL FAMILLE RESTAURANT",
    "ESPACE FAMILLE",
    "FAMILLES RURALES",
    "DROITS DE SUCCESSION",
    "Saint Pierre",
    "CARRE SAINTE ANNE",
    "BAC BAIN MARIE",
    "Mur en pierre et bois",
    "P.M.E LOCALES",
    "A.M. SERVICES",
    "ŒUVRES MUNICIPALES",
    "Réfection des sols",
    "Occulté",
]


@pytest.mark.parametrize("text", PERSONS)
def test_a_person_is_recognised(text: str) -> None:
    assert looks_like_person(text), text


@pytest.mark.parametrize("text", OTHERS)
def test_places_bodies_and_things_are_left(text: str) -> None:
    assert why(text) is None


def test_the_clue_is_told() -> None:
    assert why("M. Dupont") == "civility"
    assert why("Travaux DUPONT Jean") == "written_name"
    assert why("DUPONT JEAN") == "bare_name"


def test_a_text_too_long_for_a_label_is_not_trusted() -> None:
    assert why("a" * LONGEST) is None
    assert why("a" * (LONGEST + 1)) == "too_long"


def test_accents_written_apart_and_odd_spaces_change_nothing() -> None:
    assert looks_like_person("He\u0301ritiers\u00a0DUPONT")
    assert looks_like_person("Dupre\u0301  Camille")


def test_the_lists_stay_small_and_without_accents() -> None:
    assert len(FIRST_NAMES) <= 300
    assert all(name.isascii() and name.islower() for name in FIRST_NAMES)


def test_the_fields_of_the_issue_are_checked() -> None:
    assert {"LibCpte", "CaracSup.progautolib"} <= CHECKED_FIELDS["LigneBudget"]
    assert "LibAutori" in CHECKED_FIELDS["APCP"]
    assert "LibBien" in CHECKED_FIELDS["PATRIMOINE"]
