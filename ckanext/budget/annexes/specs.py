"""The tables, as data: their columns and where each comes from. Words of codes are those of the XSD (V95)."""

from __future__ import annotations

from collections.abc import Mapping

from ckanext.budget.annexes import rules
from ckanext.budget.annexes.cells import Column
from ckanext.budget.annexes.model import Spec
from ckanext.budget.messages.model import N_

_NATURE = {
    "P1": "Association", "P2": "Entreprise", "P4": "Autre personne de droit privé", "U1": "Région",
    "U2": "Département", "U3": "Commune", "U4": "Établissement de droit public", "U5": "État",
    "U6": "Autre personne de droit public",
}  # fmt: skip
_SECTION = {"I": "investissement", "F": "fonctionnement"}
_PROFILE = {"C": "Constant", "P": "Progressif", "F": "In fine", "S": "Semestriel", "M": "Mensuel", "X": "Autre"}
_PERIOD = {
    "M": "Mensuelle", "B": "Bimestrielle", "I": "Trimestrielle", "S": "Semestrielle", "A": "Annuelle", "X": "Autre",
}  # fmt: skip
_RATE = {"F": "Fixe", "V": "Variable simple", "R": "Préfixé", "C": "Complexe"}
_LENDER = {"01": "Organisme de droit privé", "02": "Organisme de droit public", "03": "Émission obligataire"}
_ACQUIRED = {
    "01": "Acquisition à titre onéreux", "02": "Acquisition à titre gratuit", "03": "Affectation",
    "04": "Mise à disposition", "05": "Mise en concession ou affermage", "99": "Divers",
}  # fmt: skip
_LEFT = {
    "01": "Cession à titre onéreux", "02": "Cession à titre gratuit", "03": "Affectation", "04": "Mise à disposition",
    "05": "Mise en concession ou affermage", "06": "Mise à la réforme", "99": "Divers",
}  # fmt: skip

#: the last columns of every table: which budget it is from
ORIGIN = (
    Column("exercice", N_("Year"), check="year"),
    Column("etape", N_("Stage"), check="computed"),
    Column("siret", N_("SIRET of the budget"), check="siret"),
    Column("budget", N_("Budget"), check="computed"),
)

GRANTS = Spec(
    "subventions", "CONCOURS", N_("Grants"), rules.GRANTS,
    (
        # columns of the SCDL subventions schema 2.1.1, in its order: those that the annexe does not tell stay empty
        Column("nomAttribuant", N_("Granting body"), check="computed"),
        Column("idAttribuant", N_("SIRET of the granting body"), check="computed"),
        Column("dateConvention", N_("Date of the agreement"), check="absent"),
        Column("referenceDecision", N_("Reference of the decision"), check="absent"),
        Column("nomBeneficiaire", N_("Beneficiary"), "LibOrgaBenef"),
        Column("idBeneficiaire", N_("SIRET of the beneficiary"), "Siret", "siret"),
        Column("rnaBeneficiaire", N_("RNA number of the beneficiary"), check="absent"),
        Column("objet", N_("Purpose"), "ObjSubv"),
        Column("montant", N_("Amount (euros)"), "MtSubv", "amount"),
        Column("nature", N_("Kind of aid"), check="computed"),
        Column("conditionsVersement", N_("Terms of payment"), check="absent"),
        Column("datesPeriodeVersement", N_("Dates of payment"), check="absent"),
        Column("idRAE", N_("Number in the directory of aids"), check="absent"),
        Column("notificationUE", N_("Notified to the European Union"), check="absent"),
        Column("pourcentageSubvention", N_("Share of the grant"), check="absent"),
        Column("dispositifAide", N_("Aid scheme"), check="absent"),
        Column("nature_juridique", N_("Legal nature of the beneficiary"), "CodNatJurBenefCA", "word", _NATURE),
        Column("article", N_("Account"), "CodArticle", "code"),
        Column("section", N_("Section"), "CodInvFonc", "word", _SECTION),
        Column("prestation_en_nature", N_("Benefit in kind"), "LibPrestaNat"),
        Column("denomination_ou_numero", N_("Name or number of the grant"), "DenomOuNumSubv"),
        *ORIGIN,
    ),
    rules.grant, {"nature": rules.kind_of_aid}, "MtSubv", few_hidden=True,
)  # fmt: skip

_OUTSTANDING = (
    Column(
        "capital_restant_du_01_01", N_("Outstanding capital on 1 January (euros)"), "MtCapitalRestDu_01_01", "amount"
    ),
    Column(
        "capital_restant_du_31_12",
        N_("Outstanding capital on 31 December (euros)"),
        "MtCapitalRestDu_31_12",
        "amount",
    ),
)
_PAID = (
    Column("interets_exercice", N_("Interest of the year (euros)"), "MtIntExer", "amount"),
    Column("capital_exercice", N_("Capital repaid in the year (euros)"), "MtCapitalExer", "amount"),
    Column("icne", N_("Accrued interest (euros)"), "MtICNE", "amount"),
)
_LOAN = (
    Column("article", N_("Account"), "CodArticle", "code"),
    Column("annee_encaissement", N_("Year received"), "AnEncaisse", "year"),
    Column("objet", N_("Purpose"), "ObjEmpr"),
    Column("preteur", N_("Lender"), "LibOrgaPreteur"),
    Column("type_preteur", N_("Kind of lender"), "CodTypPreteur", "word", _LENDER),
    Column("contrat", N_("Contract number"), "NumContrat", "code"),
    Column("date_signature", N_("Date of signature"), "DtSignInit", "date"),
    Column("date_premier_remboursement", N_("Date of the first repayment"), "Dt1RembInit", "date"),
    Column("montant_origine", N_("Amount borrowed (euros)"), "MtEmprOrig", "amount"),
    Column("duree_contrat", N_("Duration of the contract"), "DureeContratInit", "amount"),
    Column("duree_residuelle", N_("Remaining duration (years)"), "DureeRest", "amount"),
    Column("profil_amortissement", N_("Repayment profile"), "CodProfilAmort", "word", _PROFILE),
    Column("periodicite", N_("Frequency of repayment"), "CodPeriodRemb", "word", _PERIOD),
    Column("type_taux", N_("Kind of rate at signature"), "CodTyptxInit", "word", _RATE),
    Column("type_taux_vote", N_("Kind of rate at the date of vote"), "CodTyptxDtVote", "word", _RATE),
    Column("index_taux", N_("Index of the rate at signature"), "IndexTxVariInit"),
    Column("taux_actuariel_initial", N_("Actuarial rate at signature (%)"), "TxActuaInit", "amount"),
    Column("taux_actuariel", N_("Actuarial rate at the date of vote (%)"), "TxActua", "amount"),
    Column("structure_risque", N_("Structure (risk charter, A to F)"), "StructureDtVote", "code"),
    Column("indice_risque", N_("Underlying index (risk charter, 1 to 6)"), "IndSousJacentDtVote", "code"),
    *_PAID,
    *_OUTSTANDING,
)  # fmt: skip
_OPERATION = {
    "01": "Emprunt d’une collectivité ou d’un établissement public (hors logement social)",
    "02": "Emprunt d’un autre organisme (hors logement social)",
    "03": "Opération de logement aidé par l’État", "04": "Autre emprunt garanti", "05": "Opération de logement social",
    "99": "Autre emprunt",
}  # fmt: skip

LOANS = Spec(
    "emprunts", "EMPRUNT", N_("Debt: loans"), rules.LOANS, (*_LOAN, *ORIGIN), rules.own_loan,
    amount="MtCapitalRestDu_31_12",
)  # fmt: skip
GUARANTEED = Spec(
    "emprunts_garantis", "EMPRUNT", N_("Guaranteed loans"), rules.GUARANTEED,
    (
        Column("type_emprunt_garanti", N_("Kind of guaranteed loan"), "CodTypEmprGaranti", "word", _OPERATION),
        *_LOAN, *ORIGIN,
    ),
    rules.guaranteed_loan, amount="MtCapitalRestDu_31_12",
)  # fmt: skip
ASSETS = Spec(
    "patrimoine", "PATRIMOINE", N_("Changes in assets"), rules.ASSETS,
    (
        Column("variation", N_("Kind of statement (code)"), "CodVariPatrim", "code"),
        Column("mouvement", N_("Entry or exit"), "CodEntreeSorti", "word", {"E": "Entrée", "S": "Sortie"}),
        Column("modalite_acquisition", N_("How it was acquired"), "CodModalAcqui", "word", _ACQUIRED),
        Column("modalite_sortie", N_("How it left"), "CodModalSorti", "word", _LEFT),
        Column("bien", N_("Asset"), "LibBien"),
        Column("inventaire", N_("Inventory number"), "NumInventaire", "code"),
        Column("date_acquisition", N_("Date of acquisition"), "DtAcquiBien", "date"),
        Column("valeur_acquisition", N_("Acquisition value (euros)"), "MtValAcquiBien", "amount"),
        Column("duree_amortissement", N_("Depreciation period (years)"), "DureeAmortBien", "whole"),
        Column("amortissements_cumules", N_("Accumulated depreciation (euros)"), "MtCumulAmortBien", "amount"),
        Column("valeur_nette_31_12", N_("Net book value on 31 December (euros)"), "MtVNCBien3112", "amount"),
        Column("date_cession", N_("Date of sale"), "DtCessBienSorti", "date"),
        Column("valeur_nette_sortie", N_("Net book value on exit (euros)"), "MtVNCBienSorti", "amount"),
        Column("prix_cession", N_("Sale price (euros)"), "MtPrixCessBienSorti", "amount"),
        Column("plus_ou_moins_value", N_("Capital gain or loss (euros)"), "MtPlusMoinsValueBien", "amount"),
        *ORIGIN,
    ),
    rules.every,
)  # fmt: skip
LENT = Spec(
    "prets", "PRET", N_("Loans granted"), rules.LENT,
    (
        Column("type_pret", N_("Kind of loan"), "CodTypPret", "word", {"A": "Avec intérêts", "N": "Sans intérêts"}),
        Column("date_deliberation", N_("Date of the decision"), "DtDelib", "date"),
        *_OUTSTANDING, *_PAID,
        *ORIGIN,
    ),
    rules.every,
)  # fmt: skip
PROGRAMMES = Spec(
    "apcp",
    "APCP",
    N_("Multi-year authorisations (AP/CP)"),
    rules.PROGRAMMES,
    (
        Column(
            "type_autorisation",
            N_("Kind of authorisation"),
            "CodTypAutori",
            "word",
            {"P": "Autorisation de programme", "E": "Autorisation d’engagement"},
        ),
        Column("numero", N_("Reference number"), "NumAutori", "code"),
        Column("libelle", N_("Label"), "LibAutori"),
        Column("chapitre", N_("Chapter"), "Chapitre", "code"),
        Column("autorisation_precedente", N_("Earlier authorisation (euros)"), "MtAutoriPrec", "amount"),
        Column("autorisation_proposee", N_("Authorisation proposed (euros)"), "MtAutoriPropose", "amount"),
        Column("autorisation_votee", N_("Authorisation voted (euros)"), "MtAutoriVote", "amount"),
        Column(
            "autorisation_disponible",
            N_("Authorisation still to be allocated (euros)"),
            "MtAutoriDispoAffectation",
            "amount",
        ),
        Column(
            "autorisation_non_couverte_01_01",
            N_("Allocated, not covered by payments on 1 January (euros)"),
            "MtAutoriNonCouvParCP_01_01_N",
            "amount",
        ),
        Column(
            "autorisation_affectee", N_("Authorisation allocated in the year (euros)"), "MtAutoriAffectee", "amount"
        ),
        Column(
            "autorisation_annulee",
            N_("Allocated authorisation cancelled (euros)"),
            "MtAutoriAffecteeAnnulee",
            "amount",
        ),
        Column("cp_anterieurs", N_("Payment credits of earlier years (euros)"), "MtCPAnt", "amount"),
        Column("cp_ouverts", N_("Payment credits opened in the year (euros)"), "MtCPOuv", "amount"),
        Column("cp_realises", N_("Payment credits spent in the year (euros)"), "MtCPReal", "amount"),
        Column("reste_a_financer_n1", N_("To be financed the year after (euros)"), "MtCredAFinanc_NPlus1", "amount"),
        Column(
            "reste_a_financer_apres_n", N_("To be financed after the year (euros)"), "MtCredAFinanc_Sup_N", "amount"
        ),
        Column("reste_a_financer_apres_n1", N_("To be financed later (euros)"), "MtCredAFinanc_Sup_NPlus1", "amount"),
        *ORIGIN,
    ),
    rules.programme,
)
STAFF = Spec(
    "personnel", "PERSONNEL", N_("Staff (aggregates)"), rules.STAFF,
    (
        Column("statut", N_("Status"), check="computed"),
        Column("categorie", N_("Category (A, B, C)"), check="computed"),
        Column("filiere", N_("Field of work"), check="computed"),
        Column("etp_pourvus", N_("Full-time equivalents in post"), check="amount"),
        Column("postes_budgetes", N_("Budgeted posts"), check="amount"),
        *ORIGIN,
    ),
    rules.every,
)  # fmt: skip

#: every table, by name, in the order in which they are shown
SPECS: Mapping[str, Spec] = {spec.name: spec for spec in (GRANTS, LOANS, GUARANTEED, ASSETS, LENT, PROGRAMMES, STAFF)}
