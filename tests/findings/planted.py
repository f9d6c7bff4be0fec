"""A registry of 10,000 records in which nothing is to be found, and 500 findings planted in it."""
import csv
import datetime
import random

NATIONS = """AR:ARG AU:AUS AT:AUT BE:BEL BR:BRA CA:CAN CL:CHL CN:CHN CZ:CZE DK:DNK EG:EGY FI:FIN DE:DEU GR:GRC HU:HUN IN:IND
ID:IDN IE:IRL IL:ISR IT:ITA JP:JPN KE:KEN KR:KOR LU:LUX MY:MYS MX:MEX MA:MAR NL:NLD NZ:NZL NG:NGA NO:NOR PE:PER PH:PHL PL:POL
PT:PRT RO:ROU RW:RWA SA:SAU SN:SEN SG:SGP ZA:ZAF ES:ESP SE:SWE CH:CHE TH:THA TN:TUN TR:TUR UA:UKR AE:ARE GB:GBR US:USA VN:VNM""".split()
IDLE = "UZ:UZB KZ:KAZ AZ:AZE AM:ARM GE:GEO BY:BLR DZ:DZA ET:ETH GH:GHA BO:BOL".split()
AREAS = ["climate", "exploration", "innovation"]
EACH = 40


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
            "code": code, "title": f"Agreement {code}", "kind": "implementing_arrangement", "effective_on": "2001-02",
            "expires_on": "2990-12", "source": "s", "responsible": "organisation-0",
        }
        self.rows["agreements"].append(row | more)

    def review(self, project, day):
        row = {"code": f"{project}-{day}", "project": project, "reviewed_on": day, "rating": "on_track", "source": "s"}
        self.rows["reviews"].append(row)

    def plant(self, rule, resource, code):
        self.planted.add((rule, resource, code))


def plant(world):
    """Plants findings of every rule, each in records of its own."""
    for n in range(EACH):
        def name(what):
            return f"{what}-{n}"

        world.project(name("alone"), "operational", covered=False)
        world.plant("active-without-agreement", "projects", name("alone"))

        world.project(name("over"), "completed")
        world.agreement(name("outlives"), projects=name("over"))
        world.plant("agreement-outlives-projects", "agreements", name("outlives"))

        world.agreement(name("endless"), expires_on="")
        world.plant("end-unknown", "agreements", name("endless"))

        world.project(name("late"), "in_development", launch_date=f"{2001 + n % 20}")
        world.plant("launch-overdue", "projects", name("late"))

        world.project(name("beyond"), "operational", end_date=f"{2001 + n % 20}-0{1 + n % 9}")
        world.plant("operational-after-end", "projects", name("beyond"))

        world.project(name("unseen"), "operational", reviewed=False)
        world.plant("review-missing", "projects", name("unseen"))

        world.project(name("stale"), "in_development", reviewed=False)
        world.review(name("stale"), f"{2005 + n % 15}-0{1 + n % 9}")
        world.plant("review-stale", "projects", name("stale"))

        row = world.project(name("half"), "operational", covered=False)
        world.agreement(name("half-covers"), projects=name("half"), nations=row["nations"].split(":")[0])
        world.plant("partner-not-covered", "projects", name("half"))

        other = {"climate": "exploration", "exploration": "innovation", "innovation": "climate"}
        row = world.project(name("elsewhere"), "proposed")
        world.agreement(name("mismatch"), projects=name("elsewhere"), areas=other[row["areas"]])
        world.plant("area-mismatch", "agreements", name("mismatch"))

        spelled = [f"Laboratory of Planetary Organisation {n}", f"Planetary Organization Laboratory, {n}"]
        for which, spelling in zip("ab", spelled):
            world.organisation(name(f"twin-{which}"), name=spelling, nation="IN")
            world.plant("likely-duplicate", "organisations", name(f"twin-{which}"))

        resource = ["organisation", "project", "agreement"][n % 3]
        getattr(world, resource)(name("bare"), **({"status": "proposed"} if resource == "project" else {}), source="")
        world.plant("no-source", f"{resource}s", name("bare"))
    for pair in IDLE:
        code, alpha3 = pair.split(":")
        world.nation(code, alpha3)
        world.plant("partner-without-project", "nations", code)


def generate(folder, today, columns):
    """Writes the files, with the columns that the service knows; tells what has been planted."""
    world = World(today)
    for n in range(1500):
        world.organisation(f"organisation-{n}")
    plant(world)
    for n in range(3400):
        world.project(f"project-{n}")
    while sum(map(len, world.rows.values())) < 10_000:
        world.agreement(f"agreement-{len(world.rows['agreements'])}")
    for name, rows in world.rows.items():
        header = [field for field in dict.fromkeys(field for row in rows for field in row) if field in columns[name]]
        with open(folder / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, header, restval="", extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
    return world.planted
