"""The records and filters of the registry. Made by generate.py from the OpenAPI document; do not edit."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal, NotRequired, TypedDict


class Nation(TypedDict):
    """The record of a nation, as it is read."""

    code: str
    alpha3: str
    name_en: str
    name_fr: str | None
    region: str | None
    subregion: str | None
    partner_type: str | None
    agency: str | None
    cooperation_since: str | None
    other_names: list[str]
    ended_on: str | None
    successors: list[str]
    notes: str | None
    source: str | None
    version: int
    created_at: str
    updated_at: str


class NationFilters(TypedDict):
    """What /nations can be asked."""

    q: NotRequired[str]
    sort: NotRequired[Literal["code", "-code", "name_en", "-name_en", "name_fr", "-name_fr", "cooperation_since", "-cooperation_since", "updated_at", "-updated_at"] | Sequence[Literal["code", "-code", "name_en", "-name_en", "name_fr", "-name_fr", "cooperation_since", "-cooperation_since", "updated_at", "-updated_at"]]]
    fields: NotRequired[Literal["code", "alpha3", "name_en", "name_fr", "region", "subregion", "partner_type", "agency", "cooperation_since", "other_names", "ended_on", "successors", "notes", "source", "version", "created_at", "updated_at"] | Sequence[Literal["code", "alpha3", "name_en", "name_fr", "region", "subregion", "partner_type", "agency", "cooperation_since", "other_names", "ended_on", "successors", "notes", "source", "version", "created_at", "updated_at"]]]
    expand: NotRequired[Literal["successors", "partner_type"] | Sequence[Literal["successors", "partner_type"]]]
    as_of: NotRequired[str | date]
    code: NotRequired[str | Sequence[str]]
    partner_type: NotRequired[str | Sequence[str]]
    region: NotRequired[str | Sequence[str]]
    subregion: NotRequired[str | Sequence[str]]
    area: NotRequired[str | Sequence[str]]
    area__all: NotRequired[str | Sequence[str]]
    cooperation_since__gte: NotRequired[str | date]
    cooperation_since__lte: NotRequired[str | date]


class PartnerType(TypedDict):
    """The record of a partner type, as it is read."""

    code: str
    name_en: str
    name_fr: str | None
    description: str | None
    position: int | None
    version: int
    created_at: str
    updated_at: str


class PartnerTypeFilters(TypedDict):
    """What /partner-types can be asked."""

    q: NotRequired[str]
    sort: NotRequired[Literal["code", "-code", "name_en", "-name_en", "name_fr", "-name_fr", "position", "-position", "updated_at", "-updated_at"] | Sequence[Literal["code", "-code", "name_en", "-name_en", "name_fr", "-name_fr", "position", "-position", "updated_at", "-updated_at"]]]
    fields: NotRequired[Literal["code", "name_en", "name_fr", "description", "position", "version", "created_at", "updated_at"] | Sequence[Literal["code", "name_en", "name_fr", "description", "position", "version", "created_at", "updated_at"]]]
    as_of: NotRequired[str | date]
    code: NotRequired[str | Sequence[str]]


class CooperationArea(TypedDict):
    """The record of a cooperation area, as it is read."""

    code: str
    name_en: str
    name_fr: str | None
    description: str | None
    position: int | None
    version: int
    created_at: str
    updated_at: str


class CooperationAreaFilters(TypedDict):
    """What /cooperation-areas can be asked."""

    q: NotRequired[str]
    sort: NotRequired[Literal["code", "-code", "name_en", "-name_en", "name_fr", "-name_fr", "position", "-position", "updated_at", "-updated_at"] | Sequence[Literal["code", "-code", "name_en", "-name_en", "name_fr", "-name_fr", "position", "-position", "updated_at", "-updated_at"]]]
    fields: NotRequired[Literal["code", "name_en", "name_fr", "description", "position", "version", "created_at", "updated_at"] | Sequence[Literal["code", "name_en", "name_fr", "description", "position", "version", "created_at", "updated_at"]]]
    as_of: NotRequired[str | date]
    code: NotRequired[str | Sequence[str]]


OrganisationKind = Literal["space_agency", "directorate", "research_laboratory", "competitiveness_cluster", "manufacturer", "government_body", "international_organisation", "university", "company"]


Sector = Literal["institutional", "commercial"]


class Organisation(TypedDict):
    """The record of an organisation, as it is read."""

    code: str
    name: str
    short_name: str | None
    other_names: list[str]
    kind: OrganisationKind
    sector: Sector
    nation: str | None
    url: str | None
    source: str | None
    version: int
    created_at: str
    updated_at: str


class OrganisationFilters(TypedDict):
    """What /organisations can be asked."""

    q: NotRequired[str]
    sort: NotRequired[Literal["code", "-code", "name", "-name", "updated_at", "-updated_at"] | Sequence[Literal["code", "-code", "name", "-name", "updated_at", "-updated_at"]]]
    fields: NotRequired[Literal["code", "name", "short_name", "other_names", "kind", "sector", "nation", "url", "source", "version", "created_at", "updated_at"] | Sequence[Literal["code", "name", "short_name", "other_names", "kind", "sector", "nation", "url", "source", "version", "created_at", "updated_at"]]]
    expand: NotRequired[Literal["nation"] | Sequence[Literal["nation"]]]
    as_of: NotRequired[str | date]
    code: NotRequired[str | Sequence[str]]
    kind: NotRequired[Literal["space_agency", "directorate", "research_laboratory", "competitiveness_cluster", "manufacturer", "government_body", "international_organisation", "university", "company"] | Sequence[Literal["space_agency", "directorate", "research_laboratory", "competitiveness_cluster", "manufacturer", "government_body", "international_organisation", "university", "company"]]]
    sector: NotRequired[Literal["institutional", "commercial"] | Sequence[Literal["institutional", "commercial"]]]
    nation: NotRequired[str | Sequence[str]]
    area: NotRequired[str | Sequence[str]]
    area__all: NotRequired[str | Sequence[str]]
    project: NotRequired[str | Sequence[str]]
    project__all: NotRequired[str | Sequence[str]]


ProjectStatus = Literal["proposed", "in_development", "operational", "completed", "cancelled"]


class ProjectNation(TypedDict):
    """ProjectNation"""

    nation: str
    role: NotRequired[Literal["lead", "partner", "contributor"] | None]


class ProjectOrganisation(TypedDict):
    """ProjectOrganisation"""

    organisation: str
    role: NotRequired[Literal["lead", "partner", "contributor", "prime_contractor", "principal_investigator", "operator"] | None]


class Project(TypedDict):
    """The record of a project, as it is read."""

    code: str
    name: str
    acronym: str | None
    summary: str | None
    status: ProjectStatus
    start_date: str | None
    launch_date: str | None
    end_date: str | None
    responsible: str | None
    url: str | None
    source: str | None
    nations: list[ProjectNation]
    areas: list[str]
    organisations: list[ProjectOrganisation]
    version: int
    created_at: str
    updated_at: str


class ProjectFilters(TypedDict):
    """What /projects can be asked."""

    q: NotRequired[str]
    sort: NotRequired[Literal["code", "-code", "name", "-name", "status", "-status", "start_date", "-start_date", "launch_date", "-launch_date", "end_date", "-end_date", "updated_at", "-updated_at"] | Sequence[Literal["code", "-code", "name", "-name", "status", "-status", "start_date", "-start_date", "launch_date", "-launch_date", "end_date", "-end_date", "updated_at", "-updated_at"]]]
    fields: NotRequired[Literal["code", "name", "acronym", "summary", "status", "start_date", "launch_date", "end_date", "responsible", "url", "source", "nations", "areas", "organisations", "version", "created_at", "updated_at"] | Sequence[Literal["code", "name", "acronym", "summary", "status", "start_date", "launch_date", "end_date", "responsible", "url", "source", "nations", "areas", "organisations", "version", "created_at", "updated_at"]]]
    expand: NotRequired[Literal["nations", "areas", "organisations", "responsible", "agreements", "documents", "latest_review"] | Sequence[Literal["nations", "areas", "organisations", "responsible", "agreements", "documents", "latest_review"]]]
    as_of: NotRequired[str | date]
    code: NotRequired[str | Sequence[str]]
    status: NotRequired[Literal["proposed", "in_development", "operational", "completed", "cancelled"] | Sequence[Literal["proposed", "in_development", "operational", "completed", "cancelled"]]]
    nation: NotRequired[str | Sequence[str]]
    nation__all: NotRequired[str | Sequence[str]]
    nation_role: NotRequired[Literal["lead", "partner", "contributor"] | Sequence[Literal["lead", "partner", "contributor"]]]
    count_as: NotRequired[Literal["successor"]]
    responsible: NotRequired[str | Sequence[str]]
    active_on: NotRequired[str | date]
    partner_type: NotRequired[str | Sequence[str]]
    partner_type__all: NotRequired[str | Sequence[str]]
    region: NotRequired[str | Sequence[str]]
    region__all: NotRequired[str | Sequence[str]]
    area: NotRequired[str | Sequence[str]]
    area__all: NotRequired[str | Sequence[str]]
    organisation: NotRequired[str | Sequence[str]]
    organisation__all: NotRequired[str | Sequence[str]]
    organisation_kind: NotRequired[Literal["space_agency", "directorate", "research_laboratory", "competitiveness_cluster", "manufacturer", "government_body", "international_organisation", "university", "company", ""] | Sequence[Literal["space_agency", "directorate", "research_laboratory", "competitiveness_cluster", "manufacturer", "government_body", "international_organisation", "university", "company", ""]]]
    organisation_kind__all: NotRequired[Literal["space_agency", "directorate", "research_laboratory", "competitiveness_cluster", "manufacturer", "government_body", "international_organisation", "university", "company", ""] | Sequence[Literal["space_agency", "directorate", "research_laboratory", "competitiveness_cluster", "manufacturer", "government_body", "international_organisation", "university", "company", ""]]]
    sector: NotRequired[Literal["institutional", "commercial", ""] | Sequence[Literal["institutional", "commercial", ""]]]
    sector__all: NotRequired[Literal["institutional", "commercial", ""] | Sequence[Literal["institutional", "commercial", ""]]]
    rating: NotRequired[Literal["on_track", "at_risk", "off_track", ""] | Sequence[Literal["on_track", "at_risk", "off_track", ""]]]
    rating__all: NotRequired[Literal["on_track", "at_risk", "off_track", ""] | Sequence[Literal["on_track", "at_risk", "off_track", ""]]]
    start_date__gte: NotRequired[str | date]
    start_date__lte: NotRequired[str | date]
    launch_date__gte: NotRequired[str | date]
    launch_date__lte: NotRequired[str | date]
    end_date__gte: NotRequired[str | date]
    end_date__lte: NotRequired[str | date]


AgreementKind = Literal["framework_agreement", "memorandum_of_understanding", "implementing_arrangement", "letter_of_intent", "joint_statement"]


AgreementStatus = Literal["signed", "in_force", "expired", "terminated", "superseded"]


class Agreement(TypedDict):
    """The record of an agreement, as it is read."""

    code: str
    title: str
    kind: AgreementKind
    nations: list[str]
    organisations: list[str]
    areas: list[str]
    projects: list[str]
    signed_on: str | None
    effective_on: str | None
    expires_on: str | None
    term: Literal["fixed", "open_ended", "life_of_projects"] | None
    renewal: Literal["none", "express", "tacit"] | None
    renewal_months: int | None
    notice_months: int | None
    ended_on: str | None
    end_reason: Literal["expired", "terminated", "superseded"] | None
    supersedes: str | None
    responsible: str | None
    summary: str | None
    url: str | None
    source: str | None
    status: AgreementStatus
    runs_until: str | None
    decide_by: str | None
    version: int
    created_at: str
    updated_at: str


class AgreementFilters(TypedDict):
    """What /agreements can be asked."""

    q: NotRequired[str]
    sort: NotRequired[Literal["code", "-code", "title", "-title", "signed_on", "-signed_on", "expires_on", "-expires_on", "decide_by", "-decide_by", "updated_at", "-updated_at"] | Sequence[Literal["code", "-code", "title", "-title", "signed_on", "-signed_on", "expires_on", "-expires_on", "decide_by", "-decide_by", "updated_at", "-updated_at"]]]
    fields: NotRequired[Literal["code", "title", "kind", "nations", "organisations", "areas", "projects", "signed_on", "effective_on", "expires_on", "term", "renewal", "renewal_months", "notice_months", "ended_on", "end_reason", "supersedes", "responsible", "summary", "url", "source", "status", "runs_until", "decide_by", "version", "created_at", "updated_at"] | Sequence[Literal["code", "title", "kind", "nations", "organisations", "areas", "projects", "signed_on", "effective_on", "expires_on", "term", "renewal", "renewal_months", "notice_months", "ended_on", "end_reason", "supersedes", "responsible", "summary", "url", "source", "status", "runs_until", "decide_by", "version", "created_at", "updated_at"]]]
    expand: NotRequired[Literal["nations", "organisations", "areas", "projects", "responsible", "documents"] | Sequence[Literal["nations", "organisations", "areas", "projects", "responsible", "documents"]]]
    as_of: NotRequired[str | date]
    code: NotRequired[str | Sequence[str]]
    kind: NotRequired[Literal["framework_agreement", "memorandum_of_understanding", "implementing_arrangement", "letter_of_intent", "joint_statement"] | Sequence[Literal["framework_agreement", "memorandum_of_understanding", "implementing_arrangement", "letter_of_intent", "joint_statement"]]]
    status: NotRequired[Literal["signed", "in_force", "expired", "terminated", "superseded"] | Sequence[Literal["signed", "in_force", "expired", "terminated", "superseded"]]]
    in_force_on: NotRequired[str | date]
    term: NotRequired[Literal["fixed", "open_ended", "life_of_projects", ""] | Sequence[Literal["fixed", "open_ended", "life_of_projects", ""]]]
    renewal: NotRequired[Literal["none", "express", "tacit", ""] | Sequence[Literal["none", "express", "tacit", ""]]]
    responsible: NotRequired[str | Sequence[str]]
    decide_by__gte: NotRequired[str | date]
    decide_by__lte: NotRequired[str | date]
    count_as: NotRequired[Literal["successor"]]
    nation: NotRequired[str | Sequence[str]]
    nation__all: NotRequired[str | Sequence[str]]
    partner_type: NotRequired[str | Sequence[str]]
    partner_type__all: NotRequired[str | Sequence[str]]
    region: NotRequired[str | Sequence[str]]
    region__all: NotRequired[str | Sequence[str]]
    organisation: NotRequired[str | Sequence[str]]
    organisation__all: NotRequired[str | Sequence[str]]
    area: NotRequired[str | Sequence[str]]
    area__all: NotRequired[str | Sequence[str]]
    project: NotRequired[str | Sequence[str]]
    project__all: NotRequired[str | Sequence[str]]
    signed_on__gte: NotRequired[str | date]
    signed_on__lte: NotRequired[str | date]
    expires_on__gte: NotRequired[str | date]
    expires_on__lte: NotRequired[str | date]


DocumentKind = Literal["signed_text", "translation", "amendment", "annex", "minutes", "other"]


class Document(TypedDict):
    """The record of a document, as it is read."""

    code: str
    agreement: str | None
    project: str | None
    title: str
    kind: DocumentKind
    language: str | None
    dated_on: str | None
    url: str | None
    sha256: str | None
    notes: str | None
    version: int
    created_at: str
    updated_at: str


class DocumentFilters(TypedDict):
    """What /documents can be asked."""

    q: NotRequired[str]
    sort: NotRequired[Literal["code", "-code", "dated_on", "-dated_on", "updated_at", "-updated_at"] | Sequence[Literal["code", "-code", "dated_on", "-dated_on", "updated_at", "-updated_at"]]]
    fields: NotRequired[Literal["code", "agreement", "project", "title", "kind", "language", "dated_on", "url", "sha256", "notes", "version", "created_at", "updated_at"] | Sequence[Literal["code", "agreement", "project", "title", "kind", "language", "dated_on", "url", "sha256", "notes", "version", "created_at", "updated_at"]]]
    as_of: NotRequired[str | date]
    code: NotRequired[str | Sequence[str]]
    agreement: NotRequired[str | Sequence[str]]
    project: NotRequired[str | Sequence[str]]
    kind: NotRequired[Literal["signed_text", "translation", "amendment", "annex", "minutes", "other"] | Sequence[Literal["signed_text", "translation", "amendment", "annex", "minutes", "other"]]]
    language: NotRequired[str | Sequence[str]]


Rating = Literal["on_track", "at_risk", "off_track"]


class Review(TypedDict):
    """The record of a review, as it is read."""

    code: str
    project: str
    reviewed_on: str
    rating: Rating
    summary: str | None
    reviewer: str | None
    source: str | None
    version: int
    created_at: str
    updated_at: str


class ReviewFilters(TypedDict):
    """What /reviews can be asked."""

    q: NotRequired[str]
    sort: NotRequired[Literal["reviewed_on", "-reviewed_on", "project", "-project", "updated_at", "-updated_at"] | Sequence[Literal["reviewed_on", "-reviewed_on", "project", "-project", "updated_at", "-updated_at"]]]
    fields: NotRequired[Literal["code", "project", "reviewed_on", "rating", "summary", "reviewer", "source", "version", "created_at", "updated_at"] | Sequence[Literal["code", "project", "reviewed_on", "rating", "summary", "reviewer", "source", "version", "created_at", "updated_at"]]]
    expand: NotRequired[Literal["project"] | Sequence[Literal["project"]]]
    as_of: NotRequired[str | date]
    project: NotRequired[str | Sequence[str]]
    rating: NotRequired[Literal["on_track", "at_risk", "off_track"] | Sequence[Literal["on_track", "at_risk", "off_track"]]]
    nation: NotRequired[str | Sequence[str]]
    nation__all: NotRequired[str | Sequence[str]]
    reviewed_on__gte: NotRequired[str | date]
    reviewed_on__lte: NotRequired[str | date]


FindingRule = Literal["active-without-agreement", "agreement-outlives-projects", "end-unknown", "decision-due", "decision-overdue", "launch-overdue", "operational-after-end", "review-missing", "review-stale", "partner-without-project", "partner-not-covered", "area-mismatch", "likely-duplicate", "no-source", "no-responsible"]


Collection = Literal["partner-types", "cooperation-areas", "nations", "organisations", "projects", "agreements", "documents", "reviews", "dismissals"]


class Dismissal(TypedDict):
    """The record of a dismissal, as it is read."""

    code: str
    rule: FindingRule
    resource: Collection
    key: str
    reason: str
    version: int
    created_at: str
    updated_at: str


class DismissalFilters(TypedDict):
    """What /dismissals can be asked."""

    q: NotRequired[str]
    sort: NotRequired[Literal["code", "-code", "updated_at", "-updated_at"] | Sequence[Literal["code", "-code", "updated_at", "-updated_at"]]]
    fields: NotRequired[Literal["code", "rule", "resource", "key", "reason", "version", "created_at", "updated_at"] | Sequence[Literal["code", "rule", "resource", "key", "reason", "version", "created_at", "updated_at"]]]
    as_of: NotRequired[str | date]
    rule: NotRequired[Literal["active-without-agreement", "agreement-outlives-projects", "end-unknown", "decision-due", "decision-overdue", "launch-overdue", "operational-after-end", "review-missing", "review-stale", "partner-without-project", "partner-not-covered", "area-mismatch", "likely-duplicate", "no-source", "no-responsible"] | Sequence[Literal["active-without-agreement", "agreement-outlives-projects", "end-unknown", "decision-due", "decision-overdue", "launch-overdue", "operational-after-end", "review-missing", "review-stale", "partner-without-project", "partner-not-covered", "area-mismatch", "likely-duplicate", "no-source", "no-responsible"]]]
    resource: NotRequired[Literal["partner-types", "cooperation-areas", "nations", "organisations", "projects", "agreements", "documents", "reviews", "dismissals"] | Sequence[Literal["partner-types", "cooperation-areas", "nations", "organisations", "projects", "agreements", "documents", "reviews", "dismissals"]]]
    key: NotRequired[str | Sequence[str]]


class PartnershipRatings(TypedDict):
    """Its projects by their latest review."""

    on_track: int
    at_risk: int
    off_track: int


class PartnershipArea(TypedDict):
    """The cooperation with the nation in one area."""

    area: str
    projects: int
    active_projects: int
    agreements_in_force: int


class Partnership(TypedDict):
    """The cooperation with a nation."""

    nation: str
    name_en: str
    name_fr: str | None
    partner_type: str | None
    cooperation_since: str | None
    projects: int
    active_projects: int
    agreements_in_force: int
    next_expiry: str | None
    decide_by: str | None
    findings: int
    ratings: PartnershipRatings
    areas: list[PartnershipArea]


class PartnershipFilters(TypedDict):
    """What /partnerships can be asked."""

    as_of: NotRequired[str | date]
    status: NotRequired[Literal["proposed", "in_development", "operational", "completed", "cancelled"] | Sequence[Literal["proposed", "in_development", "operational", "completed", "cancelled"]]]
    nation: NotRequired[str | Sequence[str]]
    count_as: NotRequired[Literal["successor"]]
    active_on: NotRequired[str | date]
    partner_type: NotRequired[str | Sequence[str]]
    region: NotRequired[str | Sequence[str]]
    area: NotRequired[str | Sequence[str]]
    organisation: NotRequired[str | Sequence[str]]
    home: NotRequired[bool]


class Finding(TypedDict):
    """A record that a rule finds."""

    rule: Literal["active-without-agreement", "agreement-outlives-projects", "end-unknown", "decision-due", "decision-overdue", "launch-overdue", "operational-after-end", "review-missing", "review-stale", "partner-without-project", "partner-not-covered", "area-mismatch", "likely-duplicate", "no-source", "no-responsible"]
    resource: Literal["partner-types", "cooperation-areas", "nations", "organisations", "projects", "agreements", "documents", "reviews", "dismissals"]
    code: str
    title: str
    detail: str
    href: str


class FindingFilters(TypedDict):
    """What /findings can be asked."""

    as_of: NotRequired[str | date]
    rule: NotRequired[Literal["active-without-agreement", "agreement-outlives-projects", "end-unknown", "decision-due", "decision-overdue", "launch-overdue", "operational-after-end", "review-missing", "review-stale", "partner-without-project", "partner-not-covered", "area-mismatch", "likely-duplicate", "no-source", "no-responsible"] | Sequence[Literal["active-without-agreement", "agreement-outlives-projects", "end-unknown", "decision-due", "decision-overdue", "launch-overdue", "operational-after-end", "review-missing", "review-stale", "partner-without-project", "partner-not-covered", "area-mismatch", "likely-duplicate", "no-source", "no-responsible"]]]
    resource: NotRequired[Literal["partner-types", "cooperation-areas", "nations", "organisations", "projects", "agreements", "documents", "reviews", "dismissals"] | Sequence[Literal["partner-types", "cooperation-areas", "nations", "organisations", "projects", "agreements", "documents", "reviews", "dismissals"]]]
    nation: NotRequired[str | Sequence[str]]
    responsible: NotRequired[str | Sequence[str]]
    partner_type: NotRequired[str | Sequence[str]]
    region: NotRequired[str | Sequence[str]]
    area: NotRequired[str | Sequence[str]]
    within: NotRequired[int]


class SearchResult(TypedDict):
    """A record that was found."""

    resource: Literal["partner-types", "cooperation-areas", "nations", "organisations", "projects", "agreements", "documents", "reviews", "dismissals"]
    code: str
    title: str
    snippet: str
    href: str


class SearchFilters(TypedDict):
    """What /search can be asked."""

    q: NotRequired[str]
    as_of: NotRequired[str | date]
    in_: NotRequired[Literal["partner-types", "cooperation-areas", "nations", "organisations", "projects", "agreements", "documents", "reviews", "dismissals"] | Sequence[Literal["partner-types", "cooperation-areas", "nations", "organisations", "projects", "agreements", "documents", "reviews", "dismissals"]]]


class ProjectGroupKey(TypedDict):
    """The value of each dimension of `group_by`, as its filter takes it."""

    nation: NotRequired[str | None]
    partner_type: NotRequired[str | None]
    region: NotRequired[str | None]
    area: NotRequired[str | None]
    status: NotRequired[str | None]
    organisation: NotRequired[str | None]
    organisation_kind: NotRequired[str | None]
    sector: NotRequired[str | None]
    responsible: NotRequired[str | None]
    start_year: NotRequired[str | None]
    launch_year: NotRequired[str | None]
    rating: NotRequired[str | None]


class Label(TypedDict):
    """A name in both languages; where only one is known it is used for both."""

    en: str
    fr: str


class ProjectGroupLabel(TypedDict):
    """The names of those values."""

    nation: NotRequired[Label]
    partner_type: NotRequired[Label]
    region: NotRequired[Label]
    area: NotRequired[Label]
    status: NotRequired[Label]
    organisation: NotRequired[Label]
    organisation_kind: NotRequired[Label]
    sector: NotRequired[Label]
    responsible: NotRequired[Label]
    start_year: NotRequired[Label]
    launch_year: NotRequired[Label]
    rating: NotRequired[Label]


class ProjectGroup(TypedDict):
    """Records that have the same values."""

    key: ProjectGroupKey
    label: ProjectGroupLabel
    count: int
    href: str


class ProjectSummaryFilters(TypedDict):
    """What /summaries/projects can be asked."""

    q: NotRequired[str]
    as_of: NotRequired[str | date]
    code: NotRequired[str | Sequence[str]]
    status: NotRequired[Literal["proposed", "in_development", "operational", "completed", "cancelled"] | Sequence[Literal["proposed", "in_development", "operational", "completed", "cancelled"]]]
    nation: NotRequired[str | Sequence[str]]
    nation__all: NotRequired[str | Sequence[str]]
    nation_role: NotRequired[Literal["lead", "partner", "contributor"] | Sequence[Literal["lead", "partner", "contributor"]]]
    count_as: NotRequired[Literal["successor"]]
    responsible: NotRequired[str | Sequence[str]]
    active_on: NotRequired[str | date]
    partner_type: NotRequired[str | Sequence[str]]
    partner_type__all: NotRequired[str | Sequence[str]]
    region: NotRequired[str | Sequence[str]]
    region__all: NotRequired[str | Sequence[str]]
    area: NotRequired[str | Sequence[str]]
    area__all: NotRequired[str | Sequence[str]]
    organisation: NotRequired[str | Sequence[str]]
    organisation__all: NotRequired[str | Sequence[str]]
    organisation_kind: NotRequired[Literal["space_agency", "directorate", "research_laboratory", "competitiveness_cluster", "manufacturer", "government_body", "international_organisation", "university", "company", ""] | Sequence[Literal["space_agency", "directorate", "research_laboratory", "competitiveness_cluster", "manufacturer", "government_body", "international_organisation", "university", "company", ""]]]
    organisation_kind__all: NotRequired[Literal["space_agency", "directorate", "research_laboratory", "competitiveness_cluster", "manufacturer", "government_body", "international_organisation", "university", "company", ""] | Sequence[Literal["space_agency", "directorate", "research_laboratory", "competitiveness_cluster", "manufacturer", "government_body", "international_organisation", "university", "company", ""]]]
    sector: NotRequired[Literal["institutional", "commercial", ""] | Sequence[Literal["institutional", "commercial", ""]]]
    sector__all: NotRequired[Literal["institutional", "commercial", ""] | Sequence[Literal["institutional", "commercial", ""]]]
    rating: NotRequired[Literal["on_track", "at_risk", "off_track", ""] | Sequence[Literal["on_track", "at_risk", "off_track", ""]]]
    rating__all: NotRequired[Literal["on_track", "at_risk", "off_track", ""] | Sequence[Literal["on_track", "at_risk", "off_track", ""]]]
    start_date__gte: NotRequired[str | date]
    start_date__lte: NotRequired[str | date]
    launch_date__gte: NotRequired[str | date]
    launch_date__lte: NotRequired[str | date]
    end_date__gte: NotRequired[str | date]
    end_date__lte: NotRequired[str | date]
    home: NotRequired[bool]


class AgreementGroupKey(TypedDict):
    """The value of each dimension of `group_by`, as its filter takes it."""

    nation: NotRequired[str | None]
    partner_type: NotRequired[str | None]
    region: NotRequired[str | None]
    area: NotRequired[str | None]
    kind: NotRequired[str | None]
    status: NotRequired[str | None]
    term: NotRequired[str | None]
    responsible: NotRequired[str | None]
    signed_year: NotRequired[str | None]


class AgreementGroupLabel(TypedDict):
    """The names of those values."""

    nation: NotRequired[Label]
    partner_type: NotRequired[Label]
    region: NotRequired[Label]
    area: NotRequired[Label]
    kind: NotRequired[Label]
    status: NotRequired[Label]
    term: NotRequired[Label]
    responsible: NotRequired[Label]
    signed_year: NotRequired[Label]


class AgreementGroup(TypedDict):
    """Records that have the same values."""

    key: AgreementGroupKey
    label: AgreementGroupLabel
    count: int
    href: str


class AgreementSummaryFilters(TypedDict):
    """What /summaries/agreements can be asked."""

    q: NotRequired[str]
    as_of: NotRequired[str | date]
    code: NotRequired[str | Sequence[str]]
    kind: NotRequired[Literal["framework_agreement", "memorandum_of_understanding", "implementing_arrangement", "letter_of_intent", "joint_statement"] | Sequence[Literal["framework_agreement", "memorandum_of_understanding", "implementing_arrangement", "letter_of_intent", "joint_statement"]]]
    status: NotRequired[Literal["signed", "in_force", "expired", "terminated", "superseded"] | Sequence[Literal["signed", "in_force", "expired", "terminated", "superseded"]]]
    in_force_on: NotRequired[str | date]
    term: NotRequired[Literal["fixed", "open_ended", "life_of_projects", ""] | Sequence[Literal["fixed", "open_ended", "life_of_projects", ""]]]
    renewal: NotRequired[Literal["none", "express", "tacit", ""] | Sequence[Literal["none", "express", "tacit", ""]]]
    responsible: NotRequired[str | Sequence[str]]
    decide_by__gte: NotRequired[str | date]
    decide_by__lte: NotRequired[str | date]
    count_as: NotRequired[Literal["successor"]]
    nation: NotRequired[str | Sequence[str]]
    nation__all: NotRequired[str | Sequence[str]]
    partner_type: NotRequired[str | Sequence[str]]
    partner_type__all: NotRequired[str | Sequence[str]]
    region: NotRequired[str | Sequence[str]]
    region__all: NotRequired[str | Sequence[str]]
    organisation: NotRequired[str | Sequence[str]]
    organisation__all: NotRequired[str | Sequence[str]]
    area: NotRequired[str | Sequence[str]]
    area__all: NotRequired[str | Sequence[str]]
    project: NotRequired[str | Sequence[str]]
    project__all: NotRequired[str | Sequence[str]]
    signed_on__gte: NotRequired[str | date]
    signed_on__lte: NotRequired[str | date]
    expires_on__gte: NotRequired[str | date]
    expires_on__lte: NotRequired[str | date]
    home: NotRequired[bool]


class NetworkNode(TypedDict):
    """One that takes part in projects."""

    code: str
    label: str
    projects: int


class NetworkEdge(TypedDict):
    """Two that take part in the same projects, `a` before `b`."""

    a: str
    b: str
    projects: int


class Network(TypedDict):
    """An undirected graph."""

    nodes: list[NetworkNode]
    edges: list[NetworkEdge]
    without_home: NotRequired[str]


class NetworkFilters(TypedDict):
    """What /network can be asked."""

    q: NotRequired[str]
    as_of: NotRequired[str | date]
    of: NotRequired[Literal["nations", "organisations"]]
    code: NotRequired[str | Sequence[str]]
    status: NotRequired[Literal["proposed", "in_development", "operational", "completed", "cancelled"] | Sequence[Literal["proposed", "in_development", "operational", "completed", "cancelled"]]]
    nation: NotRequired[str | Sequence[str]]
    nation__all: NotRequired[str | Sequence[str]]
    nation_role: NotRequired[Literal["lead", "partner", "contributor"] | Sequence[Literal["lead", "partner", "contributor"]]]
    count_as: NotRequired[Literal["successor"]]
    responsible: NotRequired[str | Sequence[str]]
    active_on: NotRequired[str | date]
    partner_type: NotRequired[str | Sequence[str]]
    partner_type__all: NotRequired[str | Sequence[str]]
    region: NotRequired[str | Sequence[str]]
    region__all: NotRequired[str | Sequence[str]]
    area: NotRequired[str | Sequence[str]]
    area__all: NotRequired[str | Sequence[str]]
    organisation: NotRequired[str | Sequence[str]]
    organisation__all: NotRequired[str | Sequence[str]]
    organisation_kind: NotRequired[Literal["space_agency", "directorate", "research_laboratory", "competitiveness_cluster", "manufacturer", "government_body", "international_organisation", "university", "company", ""] | Sequence[Literal["space_agency", "directorate", "research_laboratory", "competitiveness_cluster", "manufacturer", "government_body", "international_organisation", "university", "company", ""]]]
    organisation_kind__all: NotRequired[Literal["space_agency", "directorate", "research_laboratory", "competitiveness_cluster", "manufacturer", "government_body", "international_organisation", "university", "company", ""] | Sequence[Literal["space_agency", "directorate", "research_laboratory", "competitiveness_cluster", "manufacturer", "government_body", "international_organisation", "university", "company", ""]]]
    sector: NotRequired[Literal["institutional", "commercial", ""] | Sequence[Literal["institutional", "commercial", ""]]]
    sector__all: NotRequired[Literal["institutional", "commercial", ""] | Sequence[Literal["institutional", "commercial", ""]]]
    rating: NotRequired[Literal["on_track", "at_risk", "off_track", ""] | Sequence[Literal["on_track", "at_risk", "off_track", ""]]]
    rating__all: NotRequired[Literal["on_track", "at_risk", "off_track", ""] | Sequence[Literal["on_track", "at_risk", "off_track", ""]]]
    start_date__gte: NotRequired[str | date]
    start_date__lte: NotRequired[str | date]
    launch_date__gte: NotRequired[str | date]
    launch_date__lte: NotRequired[str | date]
    end_date__gte: NotRequired[str | date]
    end_date__lte: NotRequired[str | date]
    home: NotRequired[bool]


class FieldChange(TypedDict):
    """The effect of a change on a field."""

    field: str
    before: Any
    after: Any


class Change(TypedDict):
    """One change of a record, as the log has it."""

    revision: int
    at: str
    actor: str
    action: Literal["created", "updated", "deleted"]
    resource: str
    key: str
    batch: str | None
    document: dict[str, Any]
    changed: list[FieldChange]
    restored_from: int | None
    hash: str


class ChangeFilters(TypedDict):
    """What /changes can be asked."""

    resource: NotRequired[Literal["partner-types", "cooperation-areas", "nations", "organisations", "projects", "agreements", "documents", "reviews", "dismissals"]]
    key: NotRequired[str]
    actor: NotRequired[str]
    batch: NotRequired[str]
    action: NotRequired[Literal["created", "updated", "deleted"]]


class ChangeMoment(TypedDict):
    """A moment in the log."""

    revision: int
    at: str | None
    day: str


class DifferenceCount(TypedDict):
    """The number of records of a collection that are different."""

    resource: str
    created: int
    changed: int
    deleted: int


class NationDifferenceCount(TypedDict):
    """The number of different records that concern a nation."""

    nation: str
    created: int
    changed: int
    deleted: int


class AreaDifferenceCount(TypedDict):
    """The number of different records that concern an area."""

    area: str
    created: int
    changed: int
    deleted: int


class Difference(TypedDict):
    """The differences of a record."""

    resource: str
    code: str
    title: str
    action: Literal["created", "updated", "deleted"]
    changed: list[FieldChange]
    actors: list[str]
    last_revision: int


class StatusMoved(TypedDict):
    """An agreement whose status another day has moved."""

    code: str
    title: str
    before: Literal["signed", "in_force", "expired", "terminated", "superseded"]
    after: Literal["signed", "in_force", "expired", "terminated", "superseded"]


Differences = TypedDict(
    "Differences",
    {
        "from": ChangeMoment,
        "to": ChangeMoment,
        "counts": list[DifferenceCount],
        "by_nation": list[NationDifferenceCount],
        "by_area": list[AreaDifferenceCount],
        "items": list[Difference],
        "by_calendar": list[StatusMoved],
    },
)


class DifferenceFilters(TypedDict):
    """What /changes/summary can be asked."""

    resource: NotRequired[Literal["partner-types", "cooperation-areas", "nations", "organisations", "projects", "agreements", "documents", "reviews", "dismissals"]]
    nation: NotRequired[str]
    area: NotRequired[str]


class Release(TypedDict):
    """A revision that has a name."""

    name: str
    revision: int
    hash: str
    revised_at: str
    note: str | None
    created_at: str
    created_by: str


class ReleaseFilters(TypedDict):
    """What /releases can be asked."""

    pass
