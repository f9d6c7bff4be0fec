# What pages say, in English. fr.ftl has the same keys in the same order.
site = Partnership registry
language-name = English
skip = Skip to the content

nav-pages = Pages
nav-panorama = Panorama
nav-nations = Nations
nav-projects = Projects
nav-agreements = Agreements
nav-organisations = Organisations
nav-reviews = Reviews
nav-review = Review
nav-findings = Findings
nav-changes = Changes
nav-search = Search
nav-sessions = Sign-ins
nav-about = About the figures, accessibility

sign-in = Sign in
sign-in-name = User name
sign-in-password = Password
sign-in-wrong = The user name or the password is wrong.
sign-in-expired = Your session is over. Sign in again to go on.
sign-in-out = You are signed out.
sign-in-link = This link has been used or is too old. Sign in with your password.
sign-in-provider = Sign in with { $x }
sign-in-or-password = Or with a password of this registry
sign-in-provider-wrong = The sign-in there was not finished, or its answer proves nothing. Try again.
sign-in-provider-role = You are signed in there, but have no role in this registry. Its administrator can give you one.
sign-out = Sign out
sessions-own = Where you are signed in. End what you do not know, and change your password.
sessions-all = The sign-ins of all users.
sessions-more = { $n ->
    [one] And one more, which the API lists.
   *[other] And { $shown } more, which the API lists.
}
session-kind = Client
session-browser = Browser
session-application = Program
session-since = Signed in
session-until = Ends by itself
session-current = this one
session-end = End
session-ended = The session is over.

as-of = As of
as-of-day = As of { $x }
as-of-revision = revision { $shown }
as-of-hash = The first characters of the hash of the change log
past = You see a past state, as it was known then: { $x }.
past-revision = revision { $x }
past-leave = Go to the present
view-as = This view as
call = As a call:
as-table = As a table
unknown = not known
nothing = nothing
order = Order:
order-projects = by projects
order-name = by name
year = Year
compared = Compared with

error-home = Go to the panorama
error-id = Request { $x }
error-400 = This address cannot be read
error-400-about = One of its parameters is not as it should be.
error-401 = Sign in first
error-401-about = Your session is over, or you are not signed in.
error-403 = You may not do this
error-403-about = Your role does not allow it. An administrator can change your role.
error-404 = There is no such page
error-404-about = There is no page at this address, or the record has been deleted. Search for it, or begin at the panorama.
error-405 = This is not possible here
error-405-about = The page cannot be used in this way.
error-413 = This is too long
error-413-about = The address or the form is longer than what is read here.
error-429 = Too many attempts
error-429-about = { $n ->
    [one] Wait a minute, then try again.
   *[other] Wait { $shown } minutes, then try again.
}
error-500 = The service failed
error-500-about = It is not your fault. The log of the service has the reason under the number of this request.
error-503 = The service is busy
error-503-about = Try again in a moment. If you have just saved something, look first whether it is there.
error-foreign = This form was not sent from here
error-foreign-about = It came from another site, or your browser did not say from where. Nothing was changed.
error-stale = This form is out of date
error-stale-about = It belongs to a session that is over. Nothing was changed. Open the page again and send the form once more.

collection-partner-types = Partner types
collection-cooperation-areas = Areas
collection-nations = Nations
collection-organisations = Organisations
collection-projects = Projects
collection-agreements = Agreements
collection-reviews = Reviews
collection-documents = Documents
collection-dismissals = Dismissed findings
one-partner-types = Partner type
one-cooperation-areas = Area
one-nations = Nation
one-organisations = Organisation
one-projects = Project
one-agreements = Agreement
one-reviews = Review
one-documents = Document
one-dismissals = Dismissed finding
none-nations = No nation is recorded here.
none-organisations = No organisation is recorded here.
none-projects = No project is recorded here.
none-agreements = No agreement is recorded here. One that names this record would be listed.
none-reviews = It was never reviewed. A review of it would be listed.
none-documents = No document is recorded here. The signed text or its translation would be listed.

count-projects = { $n ->
    [one] { $shown } project
   *[other] { $shown } projects
}
count-partners = { $n ->
    [one] { $shown } partner nation
   *[other] { $shown } partner nations
}
count-agreements = { $n ->
    [one] { $shown } agreement
   *[other] { $shown } agreements
}

list-total = { $n ->
    [one] { $shown } record
   *[other] { $shown } records
}
list-range = { $from }–{ $to } of { $total }
list-empty = Nothing matches. Choose less, or clear the filters.
list-pages = Pages of the list
list-previous = Previous
list-next = Next
filter-all = all
filter-apply = Show
filter-clear = Clear
hint-date = 2026-11-28

search-for = Search for names, titles, acronyms, summaries
search-total = { $n ->
    [one] { $shown } result
   *[other] { $shown } results
}
search-empty = Nothing was found. Accents and capitals do not matter; the last word may be unfinished.

record-facts = Facts
record-history = History
panel-all = Show all as a list
history-created = Created by { $actor }
history-updated = Changed by { $actor }
history-deleted = Deleted by { $actor }
history-restored = Restored by { $actor }
history-fields = Fields that differ
history-field = Field
history-before = Before
history-after = After
history-older = Older changes are in the change log.

edit = Edit
edit-title = Edit: { $name }
edit-new = New: { $x }
edit-save = Save
edit-back = Back without saving
edit-required = (required)
edit-none = none
edit-entry = { $field } { $n_shown }
edit-wrong = { $n ->
    [one] Nothing was saved. One thing is wrong, and is said beside its field.
   *[other] Nothing was saved. { $shown } things are wrong, and are said beside their fields.
}
edit-hint-code = Left empty, it is made from the name.
edit-hint-date = As far as it is known: 2026, 2026-11 or 2026-11-28.
edit-hint-list = Empty rows are left out; more appear once these are saved.
conflict-about = Another user has saved this record since you opened it. Nothing of yours was saved, and nothing is lost: the form below has what you changed, and what they changed elsewhere. Look at it, then save.
conflict-caption = What was changed meanwhile
conflict-was = It was
conflict-now = It is now
conflict-yours = Yours
conflict-both = changed by both
delete = Delete
delete-title = Delete { $x }?
delete-about = The record leaves the registry; its history stays, and an editor can restore it from there.
delete-changed = The record has been changed since you opened this page. Look at it again before you delete it.
delete-used = It cannot be deleted while other records refer to it. Change or delete these first:
new = New

review-choose = Choose others
review-minutes = Minutes to print
review-of = Review of { $x }
review-saved = Saved.
review-changed = The record has been changed since, on { $x }.
review-age = { $n ->
    [0] this month
    [one] a month ago
   *[other] { $shown } months ago
}
minutes-title = Review of { $x }
minutes-on = Day
minutes-empty = No project was reviewed on this day.

findings-sentence = { $n ->
    [0] Everything fits together: no rule finds anything.
    [one] One thing needs a look.
   *[other] { $shown } things need a look.
}
findings-about = What does not fit together, is missing, or is due. What is meant to be so is dismissed, with a reason, and counted apart.
findings-by-rule = By rule
findings-count = Open
findings-dismissed = Intended
findings-dismissals = All that are intended, with their reasons
findings-empty = No rule finds anything here. Clear the filters to see everything.
findings-all = All findings
findings-title = What needs a look
findings-none = No rule finds anything here. Missing dates, overdue decisions and projects without agreement would be listed.
finding-intended = Intended
finding-reason = Why it is meant to be so
finding-reason-wrong = Say why: a sentence is enough. What cannot be seen or printed is not taken.
finding-dismissed = It is dismissed, and your reason is in the log.
finding-dismissed-see = See it, or take it back
finding-dismissed-already = Another user has dismissed it already.

rule-active-without-agreement = Projects in development or operational that no agreement names which is signed or in force.
rule-agreement-outlives-projects = Agreements that have not ended, all of whose projects are completed or cancelled.
rule-end-unknown = Agreements that have not ended, with neither an expiry date nor a term.
rule-decision-due = Agreements of which a party must speak within twelve months.
rule-decision-overdue = Agreements that have not ended, although the day by which a party had to speak is over.
rule-launch-overdue = Projects proposed or in development whose launch date is over.
rule-operational-after-end = Projects whose end date is over, neither completed nor cancelled.
rule-review-missing = Projects in development or operational that were never reviewed.
rule-review-stale = Projects in development or operational whose last review is more than twelve months old.
rule-partner-without-project = Partners that take part in no project.
rule-partner-not-covered = Projects under way with a partner that none of their agreements names.
rule-area-mismatch = Agreements with areas, one of whose projects has none of them.
rule-likely-duplicate = Organisations of one nation, or projects, whose names are equal or nearly so.
rule-no-source = Records that do not say where their facts come from.
rule-no-responsible = Projects under way and agreements in force for which no organisation of the agency answers.
found-agreements-ended = Its agreements have ended: { $x }
found-no-agreement = No agreement names it.
found-projects-over = All its projects are over: { $x }
found-areas = None of its areas is one of { $x }
found-due = A party must speak by { $x }
found-overdue = A party had to speak by { $x }
found-end-unknown = Signed on { $x }
found-end-and-day-unknown = The day of signature is not known either.
found-launch = Its launch was planned for { $x }
found-alike = Nearly the same name as { $x }
found-no-responsible = No organisation of the agency answers for it.
found-no-source = It names no source.
found-after-end = It was to end on { $x }
found-not-covered = None of its agreements names { $x }
found-no-review = It has never been reviewed.
found-stale = Its last review was on { $x }

changes-sentence = What changed: { $x }.
changes-nothing = Nothing changed.
changes-see = What changed since
changes-span = From { $from } to { $to }.
changes-created = { $n ->
    [one] one record new
   *[other] { $shown } records new
}
changes-changed = { $n ->
    [one] one changed
   *[other] { $shown } changed
}
changes-deleted = { $n ->
    [one] one deleted
   *[other] { $shown } deleted
}
changes-by-calendar-count = { $n ->
    [one] one agreement moved by the calendar
   *[other] { $shown } agreements moved by the calendar
}
changes-empty = Between these days nothing was written, and no agreement began or ended. Choose other days, or clear the filters.
changes-by-collection = By kind of record
changes-by-nation = By nation
changes-by-area = By area
changes-new = New
changes-other = Changed
changes-gone = Deleted
changes-rest = The others
changes-calendar = Moved by the calendar
changes-calendar-about = Agreements that began or ended by their dates, without anybody writing it.
changes-by = by { $x }
changes-more = { $n ->
    [one] One more is in the files below.
   *[other] { $shown } more are in the files below.
}

network-title = Who works with whom
network-sentence = { $a } and { $b } share the most projects: { $n_shown }.
network-empty = No two partners share a project here.
network-subtitle = Projects that two partners share. { $n ->
    [one] One line
   *[other] { $n_shown } lines
} of { $all_shown } pairs: the wider, the more projects.
network-describes = The most projects in common: { $x }.
network-pairs = Pairs by the projects that they share
network-shared = In common
network-none = No two partners share a project here. Clear the filters to see all of them.
network-see = Who works with whom

timeline-title = Projects over the years
timeline-subtitle = From the beginning (start, else launch) to the end; what has not ended goes on until today.
timeline-describes = { $n ->
    [one] One project with a known beginning. The table of the projects has its dates.
   *[other] { $shown } projects with a known beginning. The table of the projects has their dates.
}
history-title = Ratings over time
history-subtitle = A point a review, the latest on the right.
others-title = Who else takes part
others-subtitle = Other partners of the same projects, with the number of these.

role-lead = lead
role-partner = partner
role-contributor = contributor
role-prime-contractor = prime contractor
role-principal-investigator = principal investigator
role-operator = operator

panorama-nothing = No project is recorded yet.
panorama-sentence = { $n ->
    [one] { $n_shown } project with { $partners } is under way.
   *[other] { $n_shown } projects with { $partners } are under way.
}
panorama-sentence-agreements = { $n ->
    [0] The end of each of { $all } is known.
    [one] Of { $all }, { $n_shown } has no known end.
   *[other] Of { $all }, { $n_shown } have no known end.
}
panorama-no-earlier = Nothing is compared: the registry knew nothing yet on { $x }.
panorama-without-home = { $x } is left out: it takes part in everything.
figure-partners = established and emerging partners with projects
figure-active = projects under way, of { $shown }
figure-agreements = agreements signed or in force
figure-ratings = on track, at risk, off track at the last review
figure-unreviewed = under way and never reviewed
figure-same = as on { $day }
figure-change = { $change } since { $day }
matrix-title = Who works on what
matrix-subtitle = Projects by partner and area.
matrix-empty = No partner has a project here. Clear the filters to see all of them.
matrix-partner = Partner
matrix-total = Projects
map-title = Where the partners are
map-subtitle = A circle a partner, its area the number of projects; the map shows land, no borders.
map-describes = The most projects are with { $x }.
map-table = The numbers are in the table “Who works on what”.
years-title = Under way, by year
years-subtitle = Projects begun and not ended in each year; a project of two areas counts in both.
years-describes = { $begun_shown } in { $first }, { $peak_shown } at most, { $now_shown } in { $last }.
ratings-title = How the projects do
ratings-subtitle = { $n ->
    [one] Last review of the one project under way.
   *[other] Last review of each of the { $shown } projects under way.
}
ratings-none = never reviewed
ratings-empty = No project is under way.
decisions-title = Decisions ahead
decisions-subtitle = Agreements by the day by which a party must speak: the expiry, or the last day of notice.
decisions-empty = Of no agreement a day is known by which a party must speak.
decisions-unknown = End unknown
decisions-overdue = overdue
decisions-all = All agreements by their decision
reviews-title = Latest reviews
reviews-subtitle = Of all projects, the newest first.
reviews-empty = No project has been reviewed yet.
reviews-all = All reviews
files-title = To take along
files-subtitle = What this page shows, as files.

about-intro = The registry records a space agency’s international partnerships: with whom it works, on what, under which agreements, and how that goes. Every page shows what the registry knows, counted in the way that is said here. Every number leads to the list that it counts.
about-counted = What is counted how
about-active = Under way
about-active-text = A project in development or operational. A day that is asked about counts instead those that had begun and had not ended.
about-joint = Partner
about-joint-text = A nation with a partner type that takes part in a project, in whatever role.
about-home = Home nation
about-home-text = The nation without a partner type. It takes part in everything, and is left out of the matrix and the map.
about-area = Area
about-area-text = A project of two areas counts in both; totals count it once.
about-rating = Rating
about-rating-text = That of the latest review of a project. A project that was never reviewed has none, and is counted as such.
about-agreement = Signed, in force
about-agreement-text = Follows from the dates of an agreement and the day that is asked about.
about-decision = Decide by
about-decision-text = The day by which a party must speak: the expiry of an agreement, or the last day of notice before it. One that renews itself has such a day in each period.
about-finding = Finding
about-finding-text = What a rule finds that does not fit together, is missing or is due. What is intended is left out of the number, and listed with its reason.
about-change = Change since a day
about-change-text = The same figure, as it was known to the registry on that day. The change log keeps every earlier state.
about-year = By year
about-year-text = A project counts in each year from its beginning to its end, as far as those are known. One without a beginning counts in no year.
about-unknown = Not known
about-unknown-text = What is not known is said, and counted. Dates are as precise as their sources.
about-sources = Sources and licence
about-sources-text = Each record names its source; each change names its author, and is sealed by a hash to the one before. The registry and its pages are free software (MIT or Apache 2.0). The style sheet is Pico CSS (MIT).
about-map = The map
about-map-text = The land is that of Natural Earth, in the public domain, in the Equal Earth projection. No borders are drawn: some are disputed, and small states would vanish. A circle is at the point of the largest part of a country that is farthest from its edges.
about-accessible = Accessibility
about-accessible-text = These pages are made to meet WCAG 2.2 AA and RGAA 4. They need no script, work with the keyboard alone, on small screens, in light and dark and on paper; each picture has its numbers in a table. They are checked by axe-core and html-validate in both languages. If something keeps you from using them, tell those who run this service.
about-privacy = Cookies
about-privacy-text = One cookie keeps you signed in for twelve hours, one remembers the language; while you sign in, one or two more belong to that. There are no others, and nothing is asked of any other site.

month-1 = Jan
month-2 = Feb
month-3 = Mar
month-4 = Apr
month-5 = May
month-6 = Jun
month-7 = Jul
month-8 = Aug
month-9 = Sep
month-10 = Oct
month-11 = Nov
month-12 = Dec

field-code = Code
field-name = Name
field-name-en = Name in English
field-name-fr = Name in French
field-description = Description
field-position = Position
field-alpha3 = ISO alpha-3
field-region = Region
field-subregion = Subregion
field-partner-type = Partner type
field-agency = Agency
field-cooperation-since = Cooperation since
field-other-names = Other names
field-ended-on = Ended on
field-successors = Successors
field-notes = Notes
field-source = Source
field-short-name = Short name
field-kind = Kind
field-sector = Sector
field-nation = Nation
field-url = Address
field-acronym = Acronym
field-summary = Summary
field-status = Status
field-start-date = Start
field-launch-date = Launch
field-end-date = End
field-responsible = Responsible
field-nations = Nations
field-areas = Areas
field-organisations = Organisations
field-projects = Projects
field-title = Title
field-signed-on = Signed
field-effective-on = In force from
field-expires-on = Expires
field-term = Term
field-renewal = Renewal
field-renewal-months = Renewed by (months)
field-notice-months = Notice (months)
field-end-reason = Reason of the end
field-supersedes = Supersedes
field-runs-until = Runs until
field-decide-by = Decide by
field-project = Project
field-reviewed-on = Reviewed
field-rating = Rating
field-reviewer = Reviewer
field-agreement = Agreement
field-language = Language
field-dated-on = Dated
field-sha256 = SHA-256
field-rule = Rule
field-resource = Collection
field-key = Key
field-reason = Reason
field-version = Version
field-created-at = Recorded
field-updated-at = Last changed
field-q = Search
field-area = Area
field-from = From
field-to = To
field-active-on = Active on
field-in-force-on = In force on
field-reviewed-on--gte = Reviewed from
field-reviewed-on--lte = Reviewed until
