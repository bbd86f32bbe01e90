"""Words that help to tell a person's name from a place, a body or a thing: small lists of our own making.

All without accents, in lower case.
"""

from __future__ import annotations

#: frequent first names (those that are also common nouns or places are left out: Rose, France, Noël, Ange…)
FIRST_NAMES: frozenset[str] = frozenset(
    """
  abdel abdelkader abdou adele adeline adrien agathe agnes ahmed aicha alain albert alexandra alexandre alexis
  alfred ali alice aline alix amandine amelie amina anais andre andrea andree angelique anna anne annick annie
  antoine antoinette antonio arlette armand arnaud arthur audrey aurelie aurelien aziz baptiste beatrice
  benjamin benoit bernadette bernard bertrand boris brigitte bruno camille carine carlos carole caroline catherine
  cecile cedric celine chantal charles charlotte chloe christelle christian christiane christine christophe claire
  clara claude claudette claudine clement clementine colette corinne damien daniel daniele danielle david
  delphine denis denise didier dimitri dominique edith edouard elisabeth elise elodie emilie emma emmanuel
  emmanuelle enzo eric estelle esther etienne eugene evelyne fabien fabienne fabrice farid fatima fatou fernand
  florent florian francis franck francois francoise frederic frederique gabriel gabrielle gaelle genevieve georges
  gerald gerard germaine gilbert gilles ginette gisele gregory guillaume guy hakim hamid hassan helene
  henri henriette herve hugo ibrahim ines irene isabelle jacqueline jacques jean jeanne jeannine jennifer jeremy
  jerome joel joelle jonathan jose joseph josette josiane julie julien juliette justine karim karine kevin khadija
  lea leila leo liliane lionel loic louis louise luc lucas lucie lucien lucienne ludovic lydie madeleine magali
  malika mamadou marc marcel marcelle margot marguerite maria marie marina marine marion marthe martine mathieu
  mathilde matthieu maurice max maxence maxime melanie michel michele micheline michelle mireille mohamed mohammed
  moussa muriel mustapha myriam nadege nadia nadine natacha nathalie nicolas nicole odette odile olivier omar
  pascal pascale patrice patricia patrick paul paulette pauline philippe pierre pierrette quentin rachel rachid
  raymond raymonde regine regis remi remy renaud rene renee robert roger roland romain sabine sacha said samir
  samuel sandra sandrine sarah sebastien serge severine simon simone sonia sophie stephane stephanie
  suzanne sylvain sylvie theo therese thierry thomas valentin valerie vanessa veronique vincent virginie
  viviane xavier yaelle yann yannick yasmina yves yvette yvonne
  """.split()  # noqa: SIM905  (three hundred strings read better as text)
)

#: surnames of people whose first and last names are those of streets and schools all over the country
EPONYMS: frozenset[str] = frozenset(
    """
    allende arago aragon arc ashe aubrac balzac barbusse baudelaire beauvoir berthelot blum bonaparte braille
    brassens brel breton briand brossolette cachin camus cassin cerdan cezanne clemenceau coeur colas cousteau curie
    daudet debussy delacroix desnos diderot dolto doumer dreyfus dumas duras duruy eiffel eluard fabre ferrat ferry
    flaubert france freinet gagarine gaulle giono giraudoux guesde halimi herriot hugo jaures joliot kergomard
    lafargue lagrange lamartine langevin leclerc lurcat mace malraux mandela matisse maupassant melies mendes mermoz
    michel michelet mitterrand moliere monet monnet monod montaigne moquet moulin musset pagnol pasteur paty peguy
    perec perri philipe piaf picasso poincare pompidou prevert proudhon proust rabelais ravel renan renoir rimbaud
    rivet robespierre rolland ronsard rostand rousseau sand sarraute sartre schoelcher schuman semard signoret stael
    stendhal tati thorez trenet triolet truffaut vailland vaillant valery valles varlin veil verlaine verne vian
    vigny vilar voltaire wallon wilson zay zola
    """.split()  # noqa: SIM905
)

#: public places, bodies and things that bear people's names; abbreviations as labels have them
PLACES: frozenset[str] = frozenset(
    """
    abbe aire allee allees amphitheatre aqueduc aren arena arret ateliers auditorium av ave avenue avq base bassin
    bat batiment bd bibliotheque bld blvd boul boulevard bourse caserne cathedrale cave cdl cdn cdq cdv centre
    chapelle chateau chaussee chemin cimetiere cinema cite clae clsh college complexe conservatoire copro cours
    creche creches cuisine db dojo eaje ecole ecoles egl eglise ehpad elem elementaire elementaires ephad escalier
    espace esplanade etang ferme fontaine forum foyer galerie gare gd giratoire gite groupe gs gym gymn gymnase
    gymnases hall halle halles halte hm hopital hotel ime immeuble imp impasse institut itep jardin jardins kiosque
    local locaux lot lotissement lycee mairie maison manoir marche mater maternelle maternelles mausolee mediatheque
    mediatheques micro monument moulin mpt multiaccueil musee opera palais parc parcs parking parvis passage
    passerelle patinoire pavillon piscine pk pl place placette plaine plateau pole pont port porte pre promenade quai
    quartier r rd refectoire residence restaurant rn rond route rte rue ruelle rues salle salles sanctuaire scol
    scolaire sentier skatepark sq square squares st stade stades station statue ste stele tennis terrain terrains
    theatre tour tunnel universite vc venelle viaduc villa villas voie zac zae zone
    """.split()  # noqa: SIM905
)

#: words of organisations, which may bear a person's name
BODIES: frozenset[str] = frozenset(
    """
    academie acca ag agence amicale amis amitie ape apel as asa asbl asl asptt ass asso assoc association
    associations assos atelier ateliers ballet banque bureau cabinet caisse cercle chambre chorale cie cinq club
    coiffure collectif college comite communaute commune compagnie confrerie conseil cooperative departement duo earl
    editions ei eirl ensemble entente entreprise esat esc etablissement etablissements ets etude eurl federation
    festival films fils fond fondation fonds foyer freres friends gaec gfa gie gip groupe groupement hlm immobiliere
    industrie institut jeunesse juniors laboratoire les ligue loisirs magasin maison menuiserie mission mouvement
    musique office ogec oph orchestre organisation orphelinat paroisse patronage plomberie production productions
    quatuor quintet radio regie region reseau restaurant sa sarl sas sasu sccv scea sci scic scop secours section sel
    sem semaine service services sivom snc societe solidarite spl sport sportif sportifs sports stagiaires ste studio
    syndic syndicat taxi theatre trio troupe union us usep ville volley
    """.split()  # noqa: SIM905
)

#: after these words a name is a person's: «acquisition DUPONT Jean», «bourse de …»
DEALINGS: frozenset[str] = frozenset(
    """
    achat acq acquisition acquisitions adjudication aide allocataire allocation avance bail beneficiaire bornage
    bourse bourses cession cessions concession contentieux convention creance deces dedommagement dette dommages don
    dossier droit echange expropriation expulsion heritage honoraires indemnisation indemnite indemnites legs litige
    location logement loyer mandat permis preemption pret prime proprietaire recours reglement reliquat remboursement
    rente salaire secours servitude solde vente ventes versement viager
    """.split()  # noqa: SIM905
)

#: what follows a civility without being a name: functions and things
FUNCTIONS: frozenset[str] = frozenset(
    """
    adjoint adjointe chef comptable conseiller conseillere curateur cure delegue deleguee depute deputee directeur
    directrice gerant gouverneur huissier inspecteur intendant juge maire ministre notaire ordonnateur percepteur
    prefet prefete president presidente principal procureur proviseur receveur recteur regisseur secretaire senateur
    sous tresorier tresoriere
    """.split()  # noqa: SIM905
)

#: what follows «maître», «famille», «succession»… in labels that name nobody
NOT_NAMES: frozenset[str] = frozenset(
    """
    accompagnement accueil aide ancienne animateur autel aux avec bain centre chien chiens composteur composteurs
    cylindre dans defavorisees desherence development developpement donation en enfance enfants espace et evolution
    gouvernante habitat handicap information informatique inscription jeunesse jour lieu logement logiciel
    monoparentale monoparentales nageur nageurs nombreuse nombreuses oeuvre oeuvres ou ouverte ouvrage par parc
    parentalite pastoral petite point pole portail pour projet restaurant restauration rurale rurales saint sainte
    scolaire service services solidaire solidarite sur travaux un une usagers ux vacante verrier web
    """.split()  # noqa: SIM905
)

#: what stands before «famille» or «succession» in such labels
NOT_KIN: frozenset[str] = frozenset(
    """
    acces aides allocation allocations carte centre compte de droits ecran espace fete guichet jardin kiosque la
    livret logiciel maison mediation nouvelle pension point pole portail portaille quotient relais restaurant sainte
    semaine service tarif une vie
    """.split()  # noqa: SIM905
)

#: what is bought or let, between a word of dealing and a name
ESTATE: frozenset[str] = frozenset(
    "appartement cadastre local maison parcelle parcelles propriete ref section terrain terrains".split()  # noqa: SIM905
)
