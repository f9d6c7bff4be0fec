CREATE INDEX projects_nations_by_nation ON projects_nations (nation);
CREATE INDEX agreements_nations_by_nation ON agreements_nations (value);

CREATE VIEW projects_by_nation AS
SELECT n.code AS nation, n.name_en, n.name_fr, l.role, p.code AS project, p.name, p.status,
       p.launch_date, p.launch_date_from, p.launch_date_to
FROM projects_nations AS l
JOIN projects AS p ON p.code = l.code
JOIN nations AS n ON n.code = l.nation;

CREATE VIEW projects_by_area AS
SELECT a.code AS area, a.name_en, a.name_fr, p.code AS project, p.name, p.status
FROM projects_areas AS l
JOIN projects AS p ON p.code = l.code
JOIN cooperation_areas AS a ON a.code = l.value;

CREATE VIEW agreements_by_nation AS
SELECT n.code AS nation, n.name_en, n.name_fr, a.code AS agreement, a.title, a.kind, a.status,
       a.signed_on, a.expires_on, a.expires_on_from, a.expires_on_to
FROM agreements_nations AS l
JOIN agreements AS a ON a.code = l.code
JOIN nations AS n ON n.code = l.value;

CREATE VIEW partners AS
SELECT n.code AS nation, n.name_en, n.name_fr, n.partner_type,
       (SELECT count(DISTINCT project) FROM projects_by_nation AS p WHERE p.nation = n.code) AS projects,
       (SELECT count(*) FROM agreements_by_nation AS a WHERE a.nation = n.code AND a.status = 'in_force')
           AS agreements_in_force
FROM nations AS n;

CREATE VIEW nations_together AS
SELECT one.nation AS nation, other.nation AS other, count(DISTINCT one.code) AS projects
FROM projects_nations AS one
JOIN projects_nations AS other ON other.code = one.code AND one.nation < other.nation
GROUP BY one.nation, other.nation;
