# Ce que disent les pages, en français. en.ftl a les mêmes clés dans le même ordre. Zéro est singulier.
site = Registre des partenariats
language-name = Français
skip = Aller au contenu

nav-pages = Pages
nav-panorama = Panorama
nav-nations = Pays
nav-projects = Projets
nav-agreements = Accords
nav-organisations = Organismes
nav-reviews = Revues
nav-review = Séance de revue
nav-findings = Constats
nav-changes = Changements
nav-search = Rechercher
nav-sessions = Connexions
nav-about = À propos des chiffres, accessibilité

sign-in = Se connecter
sign-in-name = Nom d’utilisateur
sign-in-password = Mot de passe
sign-in-wrong = Le nom d’utilisateur ou le mot de passe est erroné.
sign-in-expired = Votre session est terminée. Reconnectez-vous pour continuer.
sign-in-out = Vous êtes déconnecté.
sign-in-link = Ce lien a déjà servi ou est trop ancien. Connectez-vous avec votre mot de passe.
sign-in-provider = Se connecter avec { $x }
sign-in-or-password = Ou avec un mot de passe de ce registre
sign-in-provider-wrong = La connexion là-bas n’a pas abouti, ou sa réponse ne prouve rien. Réessayez.
sign-in-provider-role = Vous êtes connecté là-bas, mais n’avez aucun rôle dans ce registre. Son administrateur peut vous en donner un.
sign-out = Se déconnecter
sessions-own = Là où vous êtes connecté. Terminez ce que vous ne reconnaissez pas, et changez de mot de passe.
sessions-all = Là où chacun est connecté.
sessions-more = { $n ->
    [one] Et une autre, que l’API énumère.
   *[other] Et { $shown } autres, que l’API énumère.
}
session-kind = Client
session-browser = Navigateur
session-application = Programme
session-since = Connecté
session-until = Prend fin
session-current = celle-ci
session-end = Terminer
session-ended = La session est terminée.

as-of = État au
as-of-day = État au { $x }
as-of-revision = révision { $shown }
as-of-hash = Premiers caractères de l’empreinte du journal
past = Vous voyez un état passé, tel qu’il était connu alors : { $x }.
past-revision = révision { $x }
past-leave = Revenir au présent
view-as = Cette vue en
call = Comme appel :
as-table = En tableau
unknown = non connu
nothing = rien
order = Ordre :
order-projects = par projets
order-name = par nom
year = Année
compared = Comparé au

error-home = Aller au panorama
error-id = Requête { $x }
error-400 = Cette adresse est illisible
error-400-about = L’un de ses paramètres n’est pas tel qu’il devrait être.
error-401 = Connectez-vous d’abord
error-401-about = Votre session est terminée, ou vous n’êtes pas connecté.
error-403 = Vous ne pouvez pas faire cela
error-403-about = Votre rôle ne le permet pas. Un administrateur peut changer votre rôle.
error-404 = Cette page n’existe pas
error-404-about = L’adresse ne mène nulle part, ou la fiche a été supprimée. Recherchez-la, ou partez du panorama.
error-405 = Ce n’est pas possible ici
error-405-about = La page ne s’utilise pas ainsi.
error-413 = C’est trop long
error-413-about = L’adresse ou le formulaire dépasse ce qui est lu ici.
error-429 = Trop de tentatives
error-429-about = { $n ->
    [one] Attendez une minute, puis réessayez.
   *[other] Attendez { $shown } minutes, puis réessayez.
}
error-500 = Le service a échoué
error-500-about = Ce n’est pas votre faute. Le journal du service en donne la raison sous le numéro de cette requête.
error-503 = Le service est occupé
error-503-about = Réessayez dans un instant. Si vous venez d’enregistrer, regardez d’abord si c’est fait.
error-foreign = Ce formulaire ne vient pas d’ici
error-foreign-about = Il vient d’un autre site, ou votre navigateur n’a pas dit d’où. Rien n’a été modifié.
error-stale = Ce formulaire est périmé
error-stale-about = Il appartient à une session terminée. Rien n’a été modifié. Rouvrez la page et renvoyez le formulaire.

collection-partner-types = Types de partenaires
collection-cooperation-areas = Domaines
collection-nations = Pays
collection-organisations = Organismes
collection-projects = Projets
collection-agreements = Accords
collection-reviews = Revues
collection-documents = Documents
collection-dismissals = Constats écartés
one-partner-types = Type de partenaire
one-cooperation-areas = Domaine
one-nations = Pays
one-organisations = Organisme
one-projects = Projet
one-agreements = Accord
one-reviews = Revue
one-documents = Document
one-dismissals = Constat écarté
none-nations = Aucun pays n’est enregistré ici.
none-organisations = Aucun organisme n’est enregistré ici.
none-projects = Aucun projet n’est enregistré ici.
none-agreements = Aucun accord n’est enregistré ici. Un accord qui cite cette fiche serait listé.
none-reviews = Aucune revue. Une revue de ce projet serait listée.
none-documents = Aucun document n’est enregistré ici. Le texte signé ou sa traduction serait listé.

count-projects = { $n ->
    [one] { $shown } projet
   *[other] { $shown } projets
}
count-partners = { $n ->
    [one] { $shown } pays partenaire
   *[other] { $shown } pays partenaires
}
count-agreements = { $n ->
    [one] { $shown } accord
   *[other] { $shown } accords
}

list-total = { $n ->
    [one] { $shown } fiche
   *[other] { $shown } fiches
}
list-range = { $from }–{ $to } sur { $total }
list-empty = Rien ne correspond. Choisissez moins, ou effacez les filtres.
list-pages = Pages de la liste
list-previous = Précédent
list-next = Suivant
filter-all = tous
filter-apply = Afficher
filter-clear = Effacer
hint-date = 2026-11-28

search-for = Rechercher dans les noms, titres, sigles, résumés
search-total = { $n ->
    [one] { $shown } résultat
   *[other] { $shown } résultats
}
search-empty = Rien n’a été trouvé. Accents et majuscules ne comptent pas ; le dernier mot peut être inachevé.

record-facts = Données
record-history = Historique
panel-all = Afficher toute la liste
history-created = Créé par { $actor }
history-updated = Modifié par { $actor }
history-deleted = Supprimé par { $actor }
history-restored = Rétabli par { $actor }
history-fields = Champs qui diffèrent
history-field = Champ
history-before = Avant
history-after = Après
history-older = Les changements plus anciens sont dans le journal.

edit = Modifier
edit-title = Modifier : { $name }
edit-new = Nouveau : { $x }
edit-save = Enregistrer
edit-back = Revenir sans enregistrer
edit-required = (obligatoire)
edit-none = aucun
edit-entry = { $field } { $n_shown }
edit-wrong = { $n ->
    [one] Rien n’a été enregistré. Un point est erroné ; il est indiqué à côté de son champ.
   *[other] Rien n’a été enregistré. { $shown } points sont erronés ; ils sont indiqués à côté de leurs champs.
}
edit-hint-code = Laissé vide, il est tiré du nom.
edit-hint-date = Autant qu’on le sait : 2026, 2026-11 ou 2026-11-28.
edit-hint-list = Les lignes vides sont ignorées ; d’autres apparaissent après l’enregistrement.
conflict-about = Quelqu’un d’autre a enregistré cette fiche depuis que vous l’avez ouverte. Rien de vous n’a été enregistré, et rien n’est perdu : le formulaire ci-dessous contient vos changements, et les siens ailleurs. Vérifiez, puis enregistrez.
conflict-caption = Ce qui a changé entre-temps
conflict-was = C’était
conflict-now = C’est maintenant
conflict-yours = Le vôtre
conflict-both = changé par les deux
delete = Supprimer
delete-title = Supprimer { $x } ?
delete-about = La fiche quitte le registre ; son historique demeure, et un rédacteur peut la rétablir.
delete-changed = La fiche a changé depuis que vous avez ouvert cette page. Regardez-la avant de la supprimer.
delete-used = Elle ne peut pas être supprimée tant que d’autres fiches y renvoient. Modifiez ou supprimez d’abord celles-ci :
new = Nouveau

review-choose = En choisir d’autres
review-minutes = Compte rendu à imprimer
review-of = Revue de { $x }
review-saved = Enregistré.
review-changed = La fiche a changé depuis, le { $x }.
review-age = { $n ->
    [0] ce mois-ci
    [one] il y a un mois
   *[other] il y a { $shown } mois
}
minutes-title = Revue du { $x }
minutes-on = Jour
minutes-empty = Aucun projet n’a été passé en revue ce jour-là.

findings-sentence = { $n ->
    [0] Tout concorde : aucune règle ne relève quoi que ce soit.
    [one] Un point mérite attention.
   *[other] { $shown } points méritent attention.
}
findings-about = Ce qui ne concorde pas, manque ou arrive à échéance. Ce qui est voulu est écarté, avec un motif, et compté à part.
findings-by-rule = Par règle
findings-count = Ouverts
findings-dismissed = Voulus
findings-dismissals = Tout ce qui est voulu, avec les motifs
findings-empty = Aucune règle ne relève quoi que ce soit ici. Effacez les filtres pour tout voir.
findings-all = Tous les constats
findings-title = Ce qui mérite attention
findings-none = Aucune règle ne relève quoi que ce soit ici. Dates manquantes, décisions en retard et projets sans accord y figureraient.
finding-intended = Voulu
finding-reason = Pourquoi c’est voulu
finding-reason-wrong = Dites pourquoi : une phrase suffit. Ce qui ne peut être ni vu ni imprimé n’est pas accepté.
finding-dismissed = C’est écarté, et votre motif est au journal.
finding-dismissed-see = Le voir, ou revenir dessus
finding-dismissed-already = Quelqu’un d’autre l’a déjà écarté.

rule-active-without-agreement = Projets en développement ou opérationnels qu’aucun accord signé ou en vigueur ne nomme.
rule-agreement-outlives-projects = Accords non échus dont tous les projets sont achevés ou annulés.
rule-end-unknown = Accords non échus, sans date d’expiration ni durée.
rule-decision-due = Accords sur lesquels une partie doit se prononcer dans les douze mois.
rule-decision-overdue = Accords non échus alors que le jour où une partie devait se prononcer est passé.
rule-launch-overdue = Projets proposés ou en développement dont la date de lancement est passée.
rule-operational-after-end = Projets dont la date de fin est passée, ni achevés ni annulés.
rule-review-missing = Projets en développement ou opérationnels jamais passés en revue.
rule-review-stale = Projets en développement ou opérationnels dont la dernière revue a plus de douze mois.
rule-partner-without-project = Partenaires qui ne participent à aucun projet.
rule-partner-not-covered = Projets en cours avec un partenaire qu’aucun de leurs accords ne nomme.
rule-area-mismatch = Accords de certains domaines dont l’un des projets ne relève d’aucun des domaines.
rule-likely-duplicate = Organismes d’un même pays, ou projets, aux noms identiques ou presque.
rule-no-source = Fiches qui ne disent pas d’où viennent leurs faits.
rule-no-responsible = Projets en cours et accords en vigueur dont aucun organisme de l’agence ne répond.
found-agreements-ended = Ses accords ont pris fin : { $x }
found-no-agreement = Aucun accord ne le nomme.
found-projects-over = Tous ses projets sont terminés : { $x }
found-areas = Aucun de ses domaines n’est un domaine de { $x }
found-due = Une partie doit se prononcer avant le { $x }
found-overdue = Une partie devait se prononcer avant le { $x }
found-end-unknown = Signé : { $x }
found-end-and-day-unknown = Le jour de la signature n’est pas connu non plus.
found-launch = Lancement prévu : { $x }
found-alike = Presque le même nom que { $x }
found-no-responsible = Aucun organisme de l’agence n’en répond.
found-no-source = Aucune source n’est nommée.
found-after-end = Fin prévue : { $x }
found-not-covered = Aucun de ses accords ne nomme { $x }
found-no-review = Jamais passé en revue.
found-stale = Dernière revue : { $x }

changes-sentence = Ce qui a changé : { $x }.
changes-nothing = Rien n’a changé.
changes-see = Ce qui a changé depuis
changes-span = Du { $from } au { $to }.
changes-created = { $n ->
    [one] une fiche nouvelle
   *[other] { $shown } fiches nouvelles
}
changes-changed = { $n ->
    [one] une modifiée
   *[other] { $shown } modifiées
}
changes-deleted = { $n ->
    [one] une supprimée
   *[other] { $shown } supprimées
}
changes-by-calendar-count = { $n ->
    [one] un accord dont le calendrier a changé l’état
   *[other] { $shown } accords dont le calendrier a changé l’état
}
changes-empty = Entre ces jours rien n’a été écrit, et aucun accord n’a commencé ni pris fin. Choisissez d’autres jours, ou effacez les filtres.
changes-by-collection = Par type de fiche
changes-by-nation = Par pays
changes-by-area = Par domaine
changes-new = Nouveau
changes-other = Modifié
changes-gone = Supprimé
changes-rest = Les autres
changes-calendar = Du fait du calendrier
changes-calendar-about = Accords qui ont commencé ou pris fin par leurs dates, sans que personne ne l’écrive.
changes-by = par { $x }
changes-more = { $n ->
    [one] Une autre se trouve dans les fichiers ci-dessous.
   *[other] { $shown } autres se trouvent dans les fichiers ci-dessous.
}

network-title = Qui travaille avec qui
network-sentence = { $a } et { $b } partagent le plus de projets : { $n_shown }.
network-empty = Aucun projet n’est partagé par deux partenaires ici.
network-subtitle = Projets que deux partenaires partagent. { $n ->
    [one] { $n_shown } trait
   *[other] { $n_shown } traits
} pour { $all_shown } paires : plus il est large, plus il y a de projets.
network-describes = Le plus de projets en commun : { $x }.
network-pairs = Paires selon les projets partagés
network-shared = En commun
network-none = Aucun projet n’est partagé par deux partenaires ici. Effacez les filtres pour les voir tous.
network-see = Qui travaille avec qui

timeline-title = Projets au fil des années
timeline-subtitle = Du début (début, sinon lancement) à la fin ; ce qui n’est pas terminé va jusqu’à aujourd’hui.
timeline-describes = { $n ->
    [one] { $shown } projet au début connu. Le tableau des projets en donne les dates.
   *[other] { $shown } projets au début connu. Le tableau des projets en donne les dates.
}
history-title = Appréciations au fil du temps
history-subtitle = Un point par revue, la dernière à droite.
others-title = Qui d’autre participe
others-subtitle = Autres partenaires des mêmes projets, avec leur nombre.

role-lead = pilote
role-partner = partenaire
role-contributor = contributeur
role-prime-contractor = maître d’œuvre
role-principal-investigator = responsable scientifique
role-operator = opérateur

panorama-nothing = Aucun projet n’est encore enregistré.
panorama-sentence = { $n ->
    [one] { $n_shown } projet avec { $partners } est en cours.
   *[other] { $n_shown } projets avec { $partners } sont en cours.
}
panorama-sentence-agreements = { $n ->
    [0] La fin de chacun de { $all } est connue.
    [one] Sur { $all }, { $n_shown } est sans fin connue.
   *[other] Sur { $all }, { $n_shown } sont sans fin connue.
}
panorama-no-earlier = Rien n’est comparé : le registre ne savait encore rien au { $x }.
panorama-without-home = { $x } n’y figure pas : ce pays participe à tout.
figure-partners = partenaires historiques et émergents avec des projets
figure-active = projets en cours, sur { $shown }
figure-agreements = accords signés ou en vigueur
figure-ratings = en bonne voie, à risque, en difficulté à la dernière revue
figure-unreviewed = en cours et jamais passés en revue
figure-same = comme au { $day }
figure-change = { $change } depuis le { $day }
matrix-title = Qui travaille sur quoi
matrix-subtitle = Projets par partenaire et par domaine.
matrix-empty = Aucun partenaire n’a de projet ici. Effacez les filtres pour les voir tous.
matrix-partner = Partenaire
matrix-total = Projets
map-title = Où sont les partenaires
map-subtitle = Un cercle par partenaire, son aire est le nombre de projets ; la carte montre les terres, sans frontières.
map-describes = Les projets les plus nombreux sont avec { $x }.
map-table = Les nombres sont dans le tableau « Qui travaille sur quoi ».
years-title = En cours, par année
years-subtitle = Projets commencés et non terminés chaque année ; un projet de deux domaines compte dans les deux.
years-describes = { $begun_shown } en { $first }, { $peak_shown } au plus, { $now_shown } en { $last }.
ratings-title = Comment vont les projets
ratings-subtitle = { $n ->
    [one] Dernière revue de { $shown } projet en cours.
   *[other] Dernière revue de chacun des { $shown } projets en cours.
}
ratings-none = jamais passés en revue
ratings-empty = Aucun projet n’est en cours.
decisions-title = Décisions à venir
decisions-subtitle = Accords selon le jour où une partie doit se prononcer : l’expiration, ou le dernier jour du préavis.
decisions-empty = D’aucun accord on ne connaît le jour où une partie doit se prononcer.
decisions-unknown = Fin inconnue
decisions-overdue = en retard
decisions-all = Tous les accords selon leur décision
reviews-title = Dernières revues
reviews-subtitle = De tous les projets, les plus récentes d’abord.
reviews-empty = Aucun projet n’a encore été passé en revue.
reviews-all = Toutes les revues
files-title = À emporter
files-subtitle = Ce que montre cette page, en fichiers.

about-intro = Le registre consigne les partenariats internationaux d’une agence spatiale : avec qui elle travaille, sur quoi, selon quels accords, et comment cela se passe. Chaque page montre ce que sait le registre, compté comme il est dit ici. Chaque nombre mène à la liste qu’il compte.
about-counted = Ce qui est compté, et comment
about-active = En cours
about-active-text = Un projet en développement ou opérationnel. Si un jour est demandé, comptent ceux qui avaient commencé et n’étaient pas terminés.
about-joint = Partenaire
about-joint-text = Un pays doté d’un type de partenaire, qui participe à un projet dans un rôle quelconque.
about-home = Pays de l’agence
about-home-text = Le pays sans type de partenaire. Il participe à tout, et ne figure ni dans le tableau ni sur la carte.
about-area = Domaine
about-area-text = Un projet de deux domaines compte dans les deux ; les totaux le comptent une fois.
about-rating = Appréciation
about-rating-text = Celle de la dernière revue d’un projet. Un projet jamais passé en revue n’en a pas, et est compté comme tel.
about-agreement = Signé, en vigueur
about-agreement-text = Découle des dates d’un accord et du jour demandé.
about-decision = À décider avant
about-decision-text = Le jour avant lequel une partie doit se prononcer : l’expiration d’un accord, ou le dernier jour du préavis. Un accord qui se renouvelle en a un par période.
about-finding = Constat
about-finding-text = Ce qu’une règle relève et qui ne concorde pas, manque ou arrive à échéance. Ce qui est voulu n’est pas compté, et figure dans une liste avec son motif.
about-change = Évolution depuis un jour
about-change-text = Le même chiffre, tel que le registre le connaissait ce jour-là. Le journal conserve chaque état antérieur.
about-year = Par année
about-year-text = Un projet compte dans chaque année de son début à sa fin, autant qu’ils sont connus. Un projet sans début ne compte dans aucune année.
about-unknown = Non connu
about-unknown-text = Ce qui n’est pas connu est dit, et compté. Les dates sont aussi précises que leurs sources.
about-sources = Sources et licence
about-sources-text = Chaque fiche cite sa source ; chaque changement nomme son auteur et est scellé au précédent par une empreinte. Le registre et ses pages sont des logiciels libres (MIT ou Apache 2.0). La feuille de style est Pico CSS (MIT).
about-map = La carte
about-map-text = Les terres sont celles de Natural Earth, dans le domaine public, en projection Equal Earth. Aucune frontière n’est tracée : certaines sont disputées, et les petits États disparaîtraient. Un cercle est au point de la plus grande partie d’un pays qui est le plus loin de ses bords.
about-accessible = Accessibilité
about-accessible-text = Ces pages visent la conformité à WCAG 2.2 AA et au RGAA 4. Elles se passent de script, s’utilisent au clavier seul, sur de petits écrans, en clair et en sombre, et sur papier ; chaque image a ses nombres dans un tableau. Elles sont contrôlées par axe-core et html-validate dans les deux langues. Si quelque chose vous empêche de les utiliser, dites-le aux exploitants de ce service.
about-privacy = Cookies
about-privacy-text = Un cookie vous garde connecté pendant douze heures, un autre retient la langue ; pendant la connexion, un ou deux autres y servent. Il n’y en a pas d’autres, et rien n’est demandé à un autre site.

month-1 = janv.
month-2 = févr.
month-3 = mars
month-4 = avr.
month-5 = mai
month-6 = juin
month-7 = juil.
month-8 = août
month-9 = sept.
month-10 = oct.
month-11 = nov.
month-12 = déc.

field-code = Code
field-name = Nom
field-name-en = Nom en anglais
field-name-fr = Nom en français
field-description = Description
field-position = Position
field-alpha3 = ISO alpha-3
field-region = Région
field-subregion = Sous-région
field-partner-type = Type de partenaire
field-agency = Agence
field-cooperation-since = Coopération depuis
field-other-names = Autres noms
field-ended-on = Fin le
field-successors = Successeurs
field-notes = Notes
field-source = Source
field-short-name = Nom court
field-kind = Nature
field-sector = Secteur
field-nation = Pays
field-url = Adresse
field-acronym = Sigle
field-summary = Résumé
field-status = Statut
field-start-date = Début
field-launch-date = Lancement
field-end-date = Fin
field-responsible = Responsable
field-nations = Pays
field-areas = Domaines
field-organisations = Organismes
field-projects = Projets
field-title = Titre
field-signed-on = Signature
field-effective-on = En vigueur depuis
field-expires-on = Expiration
field-term = Durée
field-renewal = Reconduction
field-renewal-months = Reconduit de (mois)
field-notice-months = Préavis (mois)
field-end-reason = Motif de la fin
field-supersedes = Remplace
field-runs-until = Court jusqu’au
field-decide-by = À décider avant le
field-project = Projet
field-reviewed-on = Revue du
field-rating = Appréciation
field-reviewer = Auteur de la revue
field-agreement = Accord
field-language = Langue
field-dated-on = Daté du
field-sha256 = SHA-256
field-rule = Règle
field-resource = Collection
field-key = Clé
field-reason = Motif
field-version = Version
field-created-at = Enregistré
field-updated-at = Dernier changement
field-q = Recherche
field-area = Domaine
field-from = Du
field-to = Au
field-active-on = Actif le
field-in-force-on = En vigueur le
field-reviewed-on--gte = Revue depuis
field-reviewed-on--lte = Revue jusqu’à
