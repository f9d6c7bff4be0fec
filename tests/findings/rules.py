"""The rules of /findings once more, over the rows of the exported CSV files: what the service must find, and nothing else.

Written from the definitions in words (GET /openapi.json, api.md), not from the SQL.
"""
import calendar
import collections
import datetime
import re
import unicodedata

LEFT_OUT = set(
    "a an and at de des du en et for la le les of on the to und ag bv co corp corporation gmbh inc limited llc ltd plc pte "
    "pty sa sarl sas spa srl".split()
)


def items(cell):
    """The entries of a list: codes, without what follows a colon."""
    return [entry.split(":")[0] for entry in cell.split(";") if entry]


def first_day(date):
    return (date + "-01-01")[:10]


def last_day(date):
    if len(date) == 4:
        return date + "-12-31"
    if len(date) == 7:
        return f"{date}-{calendar.monthrange(int(date[:4]), int(date[5:]))[1]:02}"
    return date


def add_months(day, months):
    """The same day of another month, or that month's last."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        return None
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def likeness(name):
    """What two names have in common that are equal or nearly so."""
    folded = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("æ", "ae").replace("µ", "u"))
    folded = "".join(c for c in folded if not unicodedata.combining(c)).lower()
    folded = re.sub(r"\b(l|d|j|m|t|s|n|c|qu|jusqu|lorsqu|puisqu|quoiqu|presqu)['’](?=\w)", "", folded)
    words = re.findall(r"[^\W_]+", folded.replace("'", "").replace("’", ""))
    kept = [word for word in words if word not in LEFT_OUT] or words
    if not kept:
        return None
    sounds = [consonants(word) for word in kept]
    if sum(c.isascii() and c.islower() for word in sounds for c in word) >= 8:
        return " ".join(sorted(word for word in sounds if word))
    return " ".join(sorted(kept))


def consonants(word):
    word = re.sub(r"c(?=[eiy])", "s", word.replace("ph", "f"))
    word = re.sub(r"[aeiouyh]", "", word).translate(str.maketrans("zcqw", "skkv"))
    return re.sub(r"(\D)\1+", r"\1", word)


class Oracle:
    """The registry on a day, as its CSV files have it."""

    def __init__(self, tables, day, within=12):
        self.tables, self.day, self.within = tables, day, within
        self.today = day.isoformat()
        self.by_project = collections.defaultdict(list)
        for agreement in tables["agreements"]:
            for project in items(agreement["projects"]):
                self.by_project[project].append(agreement)
        self.projects = {row["code"]: row for row in tables["projects"]}
        self.active = [row for row in tables["projects"] if row["status"] in ("in_development", "operational")]
        self.open = [row for row in tables["agreements"] if row["status"] in ("signed", "in_force")]

    def found(self):
        """Every finding as (rule, resource, code), those that are dismissed too."""
        found = set()
        for name in dir(self):
            if name.startswith("rule_"):
                rule = name.removeprefix("rule_").replace("_", "-")
                found |= {(rule, resource, row["code"]) for resource, row in getattr(self, name)()}
        return found

    def reviews(self, project):
        rows = [row for row in self.tables["reviews"] if row["project"] == project["code"]]
        return [row for row in rows if first_day(row["reviewed_on"]) <= self.today]

    def rule_active_without_agreement(self):
        for project in self.active:
            if not any(agreement["status"] in ("signed", "in_force") for agreement in self.by_project[project["code"]]):
                yield "projects", project

    def rule_agreement_outlives_projects(self):
        for agreement in self.open:
            over = [self.projects[code]["status"] in ("completed", "cancelled") for code in items(agreement["projects"])]
            if over and all(over):
                yield "agreements", agreement

    def rule_end_unknown(self):
        for agreement in self.open:
            if not agreement["expires_on"] and not agreement.get("term"):
                yield "agreements", agreement

    def rule_launch_overdue(self):
        for project in self.tables["projects"]:
            date = project["launch_date"]
            if project["status"] in ("proposed", "in_development") and date and last_day(date) < self.today:
                yield "projects", project

    def rule_operational_after_end(self):
        for project in self.tables["projects"]:
            date = project["end_date"]
            if project["status"] not in ("completed", "cancelled") and date and last_day(date) < self.today:
                yield "projects", project

    def rule_review_missing(self):
        return (("projects", project) for project in self.active if not self.reviews(project))

    def rule_review_stale(self):
        limit = add_months(self.day, -12).isoformat()
        for project in self.active:
            days = [first_day(review["reviewed_on"]) for review in self.reviews(project)]
            if days and max(days) < limit:
                yield "projects", project

    def rule_partner_without_project(self):
        busy = {code for project in self.tables["projects"] for code in items(project["nations"])}
        for nation in self.tables["nations"]:
            if nation["partner_type"] and nation["code"] not in busy:
                yield "nations", nation

    def rule_partner_not_covered(self):
        partners = {nation["code"] for nation in self.tables["nations"] if nation["partner_type"]}
        for project in self.active:
            agreements = self.by_project[project["code"]]
            named = {code for agreement in agreements for code in items(agreement["nations"])}
            if agreements and (set(items(project["nations"])) & partners) - named:
                yield "projects", project

    def rule_area_mismatch(self):
        for agreement in self.tables["agreements"]:
            areas = set(items(agreement["areas"]))
            projects = [self.projects[code] for code in items(agreement["projects"])]
            if areas and any(not areas & set(items(project["areas"])) for project in projects):
                yield "agreements", agreement

    def rule_likely_duplicate(self):
        for resource in ("organisations", "projects"):
            alike = collections.defaultdict(list)
            for row in self.tables[resource]:
                text = likeness(row["name"])
                if text is not None:
                    alike[row.get("nation", "") if resource == "organisations" else "", text].append(row)
            yield from ((resource, row) for rows in alike.values() if len(rows) > 1 for row in rows)

    def rule_no_source(self):
        for resource in ("nations", "organisations", "projects", "agreements", "reviews"):
            yield from ((resource, row) for row in self.tables[resource] if not row["source"])

    def rule_no_responsible(self):
        yield from (("projects", row) for row in self.active if not row["responsible"])
        in_force = (row for row in self.tables["agreements"] if row["status"] == "in_force")
        yield from (("agreements", row) for row in in_force if not row["responsible"])

    def rule_decision_due(self):
        last = add_months(self.day, self.within).isoformat()
        for agreement in self.open:
            if agreement["decide_by"] and self.today <= agreement["decide_by"] <= last:
                yield "agreements", agreement

    def rule_decision_overdue(self):
        for agreement in self.open:
            if agreement["decide_by"] and agreement["decide_by"] < self.today:
                yield "agreements", agreement
