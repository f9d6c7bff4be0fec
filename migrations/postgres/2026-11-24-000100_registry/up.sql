-- The seven collections. Dates keep the precision they are known to (`1992`, `1992-08`, `1992-08-10`); beside each stand
-- generated columns with its first day, never null, so that empty dates sort last both ways:
-- `_asc` puts an empty date above every day, `_desc` below; `_last` is the last day that the date may mean.
CREATE TABLE partner_types (
    code        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name_en     TEXT COLLATE "C" NOT NULL,
    name_fr     TEXT COLLATE "C",
    description TEXT COLLATE "C",
    position    BIGINT,
    version     BIGINT NOT NULL,
    created_at  TEXT COLLATE "C" NOT NULL,
    updated_at  TEXT COLLATE "C" NOT NULL
);

CREATE TABLE cooperation_areas (
    code        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name_en     TEXT COLLATE "C" NOT NULL,
    name_fr     TEXT COLLATE "C",
    description TEXT COLLATE "C",
    position    BIGINT,
    version     BIGINT NOT NULL,
    created_at  TEXT COLLATE "C" NOT NULL,
    updated_at  TEXT COLLATE "C" NOT NULL
);

CREATE TABLE nations (
    code              TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(code) = 2),
    alpha3            TEXT COLLATE "C" NOT NULL UNIQUE CHECK (length(alpha3) = 3),
    name_en           TEXT COLLATE "C" NOT NULL,
    name_fr           TEXT COLLATE "C",
    region            TEXT COLLATE "C",
    subregion         TEXT COLLATE "C",
    partner_type      TEXT COLLATE "C" REFERENCES partner_types (code),
    agency            TEXT COLLATE "C",
    cooperation_since TEXT COLLATE "C",
    notes             TEXT COLLATE "C",
    source            TEXT COLLATE "C",
    version           BIGINT NOT NULL,
    created_at        TEXT COLLATE "C" NOT NULL,
    updated_at        TEXT COLLATE "C" NOT NULL,
    cooperation_since_asc  TEXT COLLATE "C" NOT NULL GENERATED ALWAYS AS (coalesce(substr(cooperation_since || '-01-01', 1, 10), '~')) STORED,
    cooperation_since_desc TEXT COLLATE "C" NOT NULL GENERATED ALWAYS AS (coalesce(substr(cooperation_since || '-01-01', 1, 10), '')) STORED
);
CREATE INDEX nations_by_partner_type ON nations (partner_type);

CREATE TABLE organisations (
    code       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL,
    short_name TEXT COLLATE "C",
    kind       TEXT COLLATE "C" NOT NULL CHECK (kind IN ('space_agency', 'directorate', 'research_laboratory', 'competitiveness_cluster',
                   'manufacturer', 'government_body', 'international_organisation', 'university', 'company')),
    sector     TEXT COLLATE "C" NOT NULL CHECK (sector IN ('institutional', 'commercial')),
    nation     TEXT COLLATE "C" REFERENCES nations (code),
    url        TEXT COLLATE "C",
    source     TEXT COLLATE "C",
    version    BIGINT NOT NULL,
    created_at TEXT COLLATE "C" NOT NULL,
    updated_at TEXT COLLATE "C" NOT NULL
);
CREATE INDEX organisations_by_nation ON organisations (nation, code);
CREATE INDEX organisations_by_kind ON organisations (kind, code);
CREATE INDEX organisations_by_name ON organisations (name, code);
CREATE INDEX organisations_by_updated_at ON organisations (updated_at, code);

CREATE TABLE projects (
    code        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name        TEXT COLLATE "C" NOT NULL,
    acronym     TEXT COLLATE "C",
    summary     TEXT COLLATE "C",
    status      TEXT COLLATE "C" NOT NULL CHECK (status IN ('proposed', 'in_development', 'operational', 'completed', 'cancelled')),
    start_date  TEXT COLLATE "C",
    launch_date TEXT COLLATE "C",
    end_date    TEXT COLLATE "C",
    url         TEXT COLLATE "C",
    source      TEXT COLLATE "C",
    version     BIGINT NOT NULL,
    created_at  TEXT COLLATE "C" NOT NULL,
    updated_at  TEXT COLLATE "C" NOT NULL,
    start_date_asc   TEXT COLLATE "C" NOT NULL GENERATED ALWAYS AS (coalesce(substr(start_date || '-01-01', 1, 10), '~')) STORED,
    start_date_desc  TEXT COLLATE "C" NOT NULL GENERATED ALWAYS AS (coalesce(substr(start_date || '-01-01', 1, 10), '')) STORED,
    launch_date_asc  TEXT COLLATE "C" NOT NULL GENERATED ALWAYS AS (coalesce(substr(launch_date || '-01-01', 1, 10), '~')) STORED,
    launch_date_desc TEXT COLLATE "C" NOT NULL GENERATED ALWAYS AS (coalesce(substr(launch_date || '-01-01', 1, 10), '')) STORED,
    end_date_asc     TEXT COLLATE "C" NOT NULL GENERATED ALWAYS AS (coalesce(substr(end_date || '-01-01', 1, 10), '~')) STORED,
    end_date_desc    TEXT COLLATE "C" NOT NULL GENERATED ALWAYS AS (coalesce(substr(end_date || '-01-01', 1, 10), '')) STORED,
    end_date_last    TEXT COLLATE "C" NOT NULL GENERATED ALWAYS AS
        (coalesce(end_date || substr('-12-31', length(end_date) - 3), '~')) STORED,
    begins_on_asc    TEXT COLLATE "C" NOT NULL GENERATED ALWAYS AS
        (coalesce(substr(coalesce(start_date, launch_date) || '-01-01', 1, 10), '~')) STORED
);
CREATE INDEX projects_by_name ON projects (name, code);
CREATE INDEX projects_by_status ON projects (status, code);
CREATE INDEX projects_by_start_date_asc ON projects (start_date_asc, code);
CREATE INDEX projects_by_start_date_desc ON projects (start_date_desc DESC, code);
CREATE INDEX projects_by_launch_date_asc ON projects (launch_date_asc, code);
CREATE INDEX projects_by_launch_date_desc ON projects (launch_date_desc DESC, code);
CREATE INDEX projects_by_end_date_asc ON projects (end_date_asc, code);
CREATE INDEX projects_by_end_date_desc ON projects (end_date_desc DESC, code);
CREATE INDEX projects_by_updated_at ON projects (updated_at, code);

CREATE TABLE project_nations (
    project  TEXT COLLATE "C" NOT NULL REFERENCES projects (code) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    nation   TEXT COLLATE "C" NOT NULL REFERENCES nations (code),
    role     TEXT COLLATE "C" CHECK (role IN ('lead', 'partner', 'contributor')),
    PRIMARY KEY (project, position),
    UNIQUE (project, nation)
);
CREATE INDEX project_nations_by_nation ON project_nations (nation, project, role);

CREATE TABLE project_areas (
    project  TEXT COLLATE "C" NOT NULL REFERENCES projects (code) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    area     TEXT COLLATE "C" NOT NULL REFERENCES cooperation_areas (code),
    PRIMARY KEY (project, position),
    UNIQUE (project, area)
);
CREATE INDEX project_areas_by_area ON project_areas (area, project);

CREATE TABLE project_organisations (
    project      TEXT COLLATE "C" NOT NULL REFERENCES projects (code) ON DELETE CASCADE,
    position     BIGINT NOT NULL,
    organisation TEXT COLLATE "C" NOT NULL REFERENCES organisations (code),
    role         TEXT COLLATE "C" CHECK (role IN ('lead', 'partner', 'contributor', 'prime_contractor', 'principal_investigator', 'operator')),
    PRIMARY KEY (project, position),
    UNIQUE (project, organisation, role)
);
CREATE INDEX project_organisations_by_organisation ON project_organisations (organisation, project);

CREATE TABLE agreements (
    code         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    title        TEXT COLLATE "C" NOT NULL,
    kind         TEXT COLLATE "C" NOT NULL CHECK (kind IN ('framework_agreement', 'memorandum_of_understanding', 'implementing_arrangement',
                     'letter_of_intent', 'joint_statement')),
    signed_on    TEXT COLLATE "C",
    effective_on TEXT COLLATE "C",
    expires_on   TEXT COLLATE "C",
    ended_on     TEXT COLLATE "C",
    end_reason   TEXT COLLATE "C" CHECK (end_reason IN ('expired', 'terminated', 'superseded')),
    supersedes   TEXT COLLATE "C" REFERENCES agreements (code) DEFERRABLE INITIALLY DEFERRED,
    summary      TEXT COLLATE "C",
    url          TEXT COLLATE "C",
    source       TEXT COLLATE "C",
    version      BIGINT NOT NULL,
    created_at   TEXT COLLATE "C" NOT NULL,
    updated_at   TEXT COLLATE "C" NOT NULL,
    signed_on_asc    TEXT COLLATE "C" NOT NULL GENERATED ALWAYS AS (coalesce(substr(signed_on || '-01-01', 1, 10), '~')) STORED,
    signed_on_desc   TEXT COLLATE "C" NOT NULL GENERATED ALWAYS AS (coalesce(substr(signed_on || '-01-01', 1, 10), '')) STORED,
    expires_on_asc   TEXT COLLATE "C" NOT NULL GENERATED ALWAYS AS (coalesce(substr(expires_on || '-01-01', 1, 10), '~')) STORED,
    expires_on_desc  TEXT COLLATE "C" NOT NULL GENERATED ALWAYS AS (coalesce(substr(expires_on || '-01-01', 1, 10), '')) STORED,
    effective_on_asc TEXT COLLATE "C" NOT NULL GENERATED ALWAYS AS (coalesce(substr(effective_on || '-01-01', 1, 10), '~')) STORED,
    ended_on_desc    TEXT COLLATE "C" NOT NULL GENERATED ALWAYS AS (coalesce(substr(ended_on || '-01-01', 1, 10), '')) STORED
);
CREATE INDEX agreements_by_title ON agreements (title, code);
CREATE INDEX agreements_by_signed_on_asc ON agreements (signed_on_asc, code);
CREATE INDEX agreements_by_signed_on_desc ON agreements (signed_on_desc DESC, code);
CREATE INDEX agreements_by_expires_on_asc ON agreements (expires_on_asc, code);
CREATE INDEX agreements_by_expires_on_desc ON agreements (expires_on_desc DESC, code);
CREATE INDEX agreements_by_supersedes ON agreements (supersedes);
CREATE INDEX agreements_by_updated_at ON agreements (updated_at, code);

CREATE TABLE agreement_nations (
    agreement TEXT COLLATE "C" NOT NULL REFERENCES agreements (code) ON DELETE CASCADE,
    position  BIGINT NOT NULL,
    nation    TEXT COLLATE "C" NOT NULL REFERENCES nations (code),
    PRIMARY KEY (agreement, position),
    UNIQUE (agreement, nation)
);
CREATE INDEX agreement_nations_by_nation ON agreement_nations (nation, agreement);

CREATE TABLE agreement_organisations (
    agreement    TEXT COLLATE "C" NOT NULL REFERENCES agreements (code) ON DELETE CASCADE,
    position     BIGINT NOT NULL,
    organisation TEXT COLLATE "C" NOT NULL REFERENCES organisations (code),
    PRIMARY KEY (agreement, position),
    UNIQUE (agreement, organisation)
);
CREATE INDEX agreement_organisations_by_organisation ON agreement_organisations (organisation, agreement);

CREATE TABLE agreement_areas (
    agreement TEXT COLLATE "C" NOT NULL REFERENCES agreements (code) ON DELETE CASCADE,
    position  BIGINT NOT NULL,
    area      TEXT COLLATE "C" NOT NULL REFERENCES cooperation_areas (code),
    PRIMARY KEY (agreement, position),
    UNIQUE (agreement, area)
);
CREATE INDEX agreement_areas_by_area ON agreement_areas (area, agreement);

CREATE TABLE agreement_projects (
    agreement TEXT COLLATE "C" NOT NULL REFERENCES agreements (code) ON DELETE CASCADE,
    position  BIGINT NOT NULL,
    project   TEXT COLLATE "C" NOT NULL REFERENCES projects (code),
    PRIMARY KEY (agreement, position),
    UNIQUE (agreement, project)
);
CREATE INDEX agreement_projects_by_project ON agreement_projects (project, agreement);

CREATE TABLE reviews (
    code        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    project     TEXT COLLATE "C" NOT NULL REFERENCES projects (code),
    reviewed_on TEXT COLLATE "C" NOT NULL,
    rating      TEXT COLLATE "C" NOT NULL CHECK (rating IN ('on_track', 'at_risk', 'off_track')),
    summary     TEXT COLLATE "C",
    reviewer    TEXT COLLATE "C",
    version     BIGINT NOT NULL,
    created_at  TEXT COLLATE "C" NOT NULL,
    updated_at  TEXT COLLATE "C" NOT NULL,
    reviewed_on_first TEXT COLLATE "C" NOT NULL GENERATED ALWAYS AS (substr(reviewed_on || '-01-01', 1, 10)) STORED
);
CREATE INDEX reviews_by_project ON reviews (project, reviewed_on_first, code);
CREATE INDEX reviews_by_reviewed_on ON reviews (reviewed_on_first, code);
CREATE INDEX reviews_by_updated_at ON reviews (updated_at, code);
