-- What `active_on` looks at, without reading whole projects.
CREATE INDEX projects_by_begins_on ON projects (begins_on_asc, end_date_last, code);
