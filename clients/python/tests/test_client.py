"""The client against a demo: `python -m unittest`, with REGISTRY_ADDRESS, REGISTRY_PASSWORD and REGISTRY_SAMPLE in the environment."""

import csv
import os
import pathlib
import threading
import unittest
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any, cast

from partnership_registry import Registry, RegistryError

ADDRESS, PASSWORD = os.environ["REGISTRY_ADDRESS"], os.environ["REGISTRY_PASSWORD"]
SAMPLE = pathlib.Path(os.environ["REGISTRY_SAMPLE"])


def sample(name: str) -> list[dict[str, str]]:
    with open(SAMPLE / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class ClientTest(unittest.TestCase):
    def setUp(self) -> None:
        self.registry = Registry(ADDRESS, "admin", PASSWORD)

    def test_lists_come_whole_whatever_a_page_holds(self) -> None:
        # Some are dismissed or derived: the sample's own files say how many records there are.
        self.assertEqual({one["code"] for one in self.registry.projects()}, {row["code"] for row in sample("projects")})
        reviews = self.registry.reviews().all()
        self.assertEqual(len(reviews), len(sample("reviews")))
        self.assertEqual(len({one["code"] for one in reviews}), len(reviews))
        changes = list(self.registry.changes())
        self.assertEqual([one["revision"] for one in changes], list(range(1, self.registry.head() + 1)))
        self.assertGreater(len(changes), 400, "more than two pages")

    def test_a_data_frame_is_what_the_filter_finds(self) -> None:
        frame = self.registry.projects(nation="IN").df()
        with_india = [row for row in sample("projects") if "IN:" in row["nations"]]
        self.assertEqual(sorted(frame.code), sorted(row["code"] for row in with_india))
        both = self.registry.projects(nation__all=["US", "JP"], sort="launch_date").df()
        self.assertEqual(len(both), sum("US:" in row["nations"] and "JP:" in row["nations"] for row in sample("projects")))
        self.assertEqual(self.registry.projects(nation=["US", "JP"], status="operational").count(),
                         len(self.registry.projects(nation=["US", "JP"], status="operational").all()))
        dated = self.registry.projects(launch_date__gte="2015").df(dates=True)
        self.assertTrue(str(dated.launch_date.dtype).startswith("datetime64"), dated.dtypes)
        self.assertGreaterEqual(int(dated.launch_date.min().year), 2015)
        self.assertEqual(len(self.registry.projects(q="no-such-word-anywhere").df()), 0)
        self.assertIsNone(self.registry.projects(q="no-such-word-anywhere").first())

    def test_questions(self) -> None:
        groups = self.registry.summary("projects", by=["nation", "area"], nation="IN").df()
        partner = self.registry.partnerships(nation="IN").all()[0]
        counted = {area["area"]: area["projects"] for area in partner["areas"]}
        self.assertEqual({row.area: row["count"] for _, row in groups[groups.nation == "IN"].iterrows()}, counted)
        self.assertIn("nation_en", groups.columns)
        found = {one["code"] for one in self.registry.search("etats unis", in_=["nations"])}
        self.assertIn("US", found, "États-Unis, without accents")
        self.assertGreater(len(self.registry.network(area="exploration")["edges"]), 10)
        rules = Counter(one["rule"] for one in self.registry.findings(rule=["end-unknown", "partner-without-project"]))
        self.assertEqual(rules["partner-without-project"], 7)
        created = self.registry.difference("r0", "r5")
        self.assertEqual(created["to"]["revision"], 5)
        self.assertEqual(self.registry.at("r5").nations().count(), 0)
        self.assertGreater(self.registry.nations().count(), 30)

    def test_mistakes_are_said(self) -> None:
        with self.assertRaises(RegistryError) as wrong:
            self.registry.projects(**cast(Any, {"statuss": "operational"})).count()
        self.assertEqual(wrong.exception.status, 400)
        self.assertIn("statuss", str(wrong.exception))
        with self.assertRaises(RegistryError) as denied:
            Registry(ADDRESS, "admin", "not the password of the demo").head()
        self.assertIn(denied.exception.status, {400, 401})
        with self.assertRaises(RegistryError) as nobody:
            Registry("http://127.0.0.1:9", token="x").head()
        self.assertEqual(nobody.exception.status, 0)
        with self.assertRaises(ValueError):
            Registry(ADDRESS, "admin")

    def test_a_session_that_has_ended_is_begun_again(self) -> None:
        connection = self.registry._connection
        self.registry.head()
        connection._token = "not.a.token"
        self.assertGreater(self.registry.head(), 0)
        connection._token, connection._refresh = "not.a.token", "used-up"
        self.assertGreater(self.registry.head(), 0)

    def test_records_are_written_and_followed(self) -> None:
        begin = self.registry.head()
        following: Iterator[Any] = self.registry.follow(since=begin, resource="projects")
        heard: list[Any] = []
        listener = threading.Thread(target=lambda: heard.extend(islice(following, 3)))
        listener.start()
        made = self.registry.create("projects", {"name": "Python Client", "status": "proposed", "nations": [{"nation": "IN"}]})
        changed = self.registry.update("projects", made, launch_date="2031-05")
        with self.assertRaises(RegistryError) as stale:
            self.registry.update("projects", made, launch_date="2032")
        self.assertEqual(stale.exception.status, 412)
        self.assertEqual(self.registry.get("projects", "python-client")["launch_date"], "2031-05")
        self.registry.delete("projects", changed)
        listener.join(timeout=60)
        self.assertEqual([one["action"] for one in heard], ["created", "updated", "deleted"])
        self.assertEqual([one["revision"] for one in heard], [begin + 1, begin + 2, begin + 3])


if __name__ == "__main__":
    unittest.main()
