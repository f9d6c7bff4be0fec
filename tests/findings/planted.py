"""A registry of 10,000 records in which nothing is to be found, and 500 findings planted in it."""
import csv
import datetime
import random

NATIONS = """AR:ARG AU:AUS AT:AUT BE:BEL BR:BRA CA:CAN CL:CHL CN:CHN CZ:CZE DK:DNK EG:EGY FI:FIN DE:DEU GR:GRC HU:HUN IN:IND
ID:IDN IE:IRL IL:ISR IT:ITA JP:JPN KE:KEN KR:KOR LU:LUX MY:MYS MX:MEX MA:MAR NL:NLD NZ:NZL NG:NGA NO:NOR PE:PER PH:PHL PL:POL
PT:PRT RO:ROU RW:RWA SA:SAU SN:SEN SG:SGP ZA:ZAF ES:ESP SE:SWE CH:CHE TH:THA TN:TUN TR:TUR UA:UKR AE:ARE GB:GBR US:USA VN:VNM""".split()
IDLE = """UZ:UZB KZ:KAZ AZ:AZE AM:ARM GE:GEO BY:BLR DZ:DZA ET:ETH GH:GHA BO:BOL BG:BGR HR:HRV SK:SVK SI:SVN LT:LTU LV:LVA EE:EST
IS:ISL MT:MLT CY:CYP""".split()
AREAS = ["climate", "exploration", "innovation"]
# Of thirteen rules so many, twice as many of likely duplicates, and the idle nations: 500.
EACH = 32
RECORDS = 10_000


class World:
    """The rows of each file."""

    def __init__(self, today):
        self.today, self.random = today, random.Random(20261129)
        self.rows = {
            "partner_types": [{"code": "partner", "name_en": "Partner"}],
            "cooperation_areas": [{"code": code, "name_en": code.title()} for code in AREAS],
            "nations": [{"code": "FR", "alpha3": "FRA", "name_en": "France", "source": "s"}],
            "organisations": [], "projects": [], "agreements": [], "reviews": [],
        }
        for pair in NATIONS:
            code, alpha3 = pair.split(":")
            self.nation(code, alpha3)
        self.planted = set()

    def nation(self, code, alpha3):
        row = {"code": code, "alpha3": alpha3, "name_en": f"Nation {alpha3}", "partner_type": "partner", "source": "s"}
        self.rows["nations"].append(row)
        return row

    def organisation(self, code, **more):
        row = {"code": code, "name": f"Organisation {code}", "kind": "university", "sector": "institutional", "source": "s"}
        row["nation"] = self.random.choice(NATIONS).split(":")[0]
        self.rows["organisations"].append(row | more)

    def project(self, code, status=None, reviewed=True, covered=True, **more):
        """A project, and if it is active the agreement and the review that it needs."""
        status = status or self.random.choice(["proposed", "in_development", "operational", "completed", "cancelled"])
        nations = [pair.split(":")[0] for pair in self.random.sample(NATIONS, 2)]
        row = {
            "code": code, "name": f"Project {code}", "status": status, "source": "s", "responsible": "organisation-0",
            "nations": ";".join([*(f"{nation}:partner" for nation in nations), "FR:lead"]), "areas": self.random.choice(AREAS),
        }
        row |= more
        self.rows["projects"].append(row)
        active = status in ("in_development", "operational")
        if active and covered:
            self.agreement(f"for-{code}", projects=code, nations=";".join(nations), areas=row["areas"])
        if active and reviewed:
            day = self.today - datetime.timedelta(days=self.random.randrange(0, 300))
            self.review(code, day.isoformat())
        return row

    def agreement(self, code, **more):
        row = {
            "code": code, "title": f"Agreement {code}", "kind": "implementing_arrangement", "effective_on": "2000-02",
            "expires_on": "2990-12", "source": "s", "responsible": "organisation-0",
        }
        self.rows["agreements"].append(row | more)

    def review(self, project, day, **more):
        row = {"code": f"{project}-{day}", "project": project, "reviewed_on": day, "rating": "on_track", "source": "s"}
        self.rows["reviews"].append(row | more)

    def plant(self, rule, resource, code):
        self.planted.add((rule, resource, code))


def plant(world):
    """Plants findings of every rule, each in records of its own."""
    for n in range(EACH):
        plant_in_projects(world, n)
        plant_in_agreements(world, n)
        plant_decisions(world, n)
        plant_anywhere(world, n)
    for pair in IDLE:
        code, alpha3 = pair.split(":")
        world.nation(code, alpha3)
        world.plant("partner-without-project", "nations", code)


def plant_in_projects(world, n):
    world.project(f"alone-{n}", "operational", covered=False)
    world.plant("active-without-agreement", "projects", f"alone-{n}")

    world.project(f"late-{n}", "in_development", launch_date=f"{2001 + n % 20}")
    world.plant("launch-overdue", "projects", f"late-{n}")

    world.project(f"beyond-{n}", "operational", end_date=f"{2001 + n % 20}-0{1 + n % 9}")
    world.plant("operational-after-end", "projects", f"beyond-{n}")

    world.project(f"unseen-{n}", "operational", reviewed=False)
    world.plant("review-missing", "projects", f"unseen-{n}")

    world.project(f"stale-{n}", "in_development", reviewed=False)
    world.review(f"stale-{n}", f"{2005 + n % 15}-0{1 + n % 9}")
    world.plant("review-stale", "projects", f"stale-{n}")

    row = world.project(f"half-{n}", "operational", covered=False)
    world.agreement(f"half-covers-{n}", projects=f"half-{n}", nations=row["nations"].split(":")[0])
    world.plant("partner-not-covered", "projects", f"half-{n}")


def plant_in_agreements(world, n):
    world.project(f"over-{n}", "completed")
    world.agreement(f"outlives-{n}", projects=f"over-{n}")
    world.plant("agreement-outlives-projects", "agreements", f"outlives-{n}")

    world.agreement(f"endless-{n}", expires_on="")
    world.plant("end-unknown", "agreements", f"endless-{n}")

    other = {"climate": "exploration", "exploration": "innovation", "innovation": "climate"}
    row = world.project(f"elsewhere-{n}", "proposed")
    world.agreement(f"mismatch-{n}", projects=f"elsewhere-{n}", areas=other[row["areas"]])
    world.plant("area-mismatch", "agreements", f"mismatch-{n}")


def plant_decisions(world, n):
    """Decisions that are near or missed, and those that are neither."""
    def day(days):
        return (world.today + datetime.timedelta(days=days)).isoformat()

    every_year = {"expires_on": f"{2001 + n % 20}-0{1 + n % 9}", "renewal": "tacit", "renewal_months": 12}
    near = every_year if n % 2 else {"expires_on": day(200 + 5 * n), "renewal": "express"}
    world.agreement(f"near-{n}", notice_months=n % 7, **near)
    world.plant("decision-due", "agreements", f"near-{n}")

    world.agreement(f"missed-{n}", notice_months=2 + n % 9, expires_on=day(n))
    world.plant("decision-overdue", "agreements", f"missed-{n}")

    world.agreement(f"later-{n}", notice_months=12, expires_on=day(800 + n))
    world.agreement(f"much-later-{n}", notice_months=12, expires_on=day(800 + n), renewal="tacit", renewal_months=1 + n)
    world.agreement(f"no-notice-{n}", **every_year)
    world.agreement(f"expired-{n}", notice_months=n % 7, expires_on=day(-1 - n), renewal="none")
    world.agreement(f"ended-{n}", notice_months=n % 7, ended_on=day(-n), end_reason="terminated", **every_year)


def plant_anywhere(world, n):
    collection, make = [("organisations", world.organisation), ("projects", world.project)][n % 2]
    more = {"nation": "IN"} if collection == "organisations" else {"status": "proposed"}
    for which, spelling in zip("ab", [f"Laboratory of Planetary Organisation {n}", f"Planetary Organization Laboratory, {n}"]):
        make(f"twin-{n}-{which}", name=spelling, **more)
        world.plant("likely-duplicate", collection, f"twin-{n}-{which}")

    kind = n % 4
    if kind == 0:
        world.organisation(f"bare-{n}", source="")
    elif kind == 1:
        world.project(f"bare-{n}", "proposed", source="")
    elif kind == 2:
        world.agreement(f"bare-{n}", source="")
    else:
        world.review(f"over-{n}", "2012-05", code=f"bare-{n}", source="")
    world.plant("no-source", ["organisations", "projects", "agreements", "reviews"][kind], f"bare-{n}")

    if n % 2:
        world.project(f"orphan-{n}", "operational", responsible="")
        world.plant("no-responsible", "projects", f"orphan-{n}")
    else:
        world.agreement(f"orphan-{n}", responsible="")
        world.plant("no-responsible", "agreements", f"orphan-{n}")
    world.agreement(f"only-signed-{n}", effective_on="", responsible="")


def generate(folder, today, columns):
    """Writes the files, with the columns that the service knows; returns what has been planted."""
    world = World(today)
    for n in range(1500):
        world.organisation(f"organisation-{n}")
    plant(world)
    for n in range(3400):
        world.project(f"project-{n}")
    while sum(map(len, world.rows.values())) < RECORDS:
        world.agreement(f"agreement-{len(world.rows['agreements'])}")
    for name, rows in world.rows.items():
        header = [field for field in dict.fromkeys(field for row in rows for field in row) if field in columns[name]]
        with open(folder / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, header, restval="", extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
    return world.planted
