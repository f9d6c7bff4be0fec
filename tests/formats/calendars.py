"""Reads the agreements as a calendar with three parsers that know nothing of this program: icalendar, vobject, ics.

usage: calendars.py http://host:port PASSWORD
"""

import datetime
import json
import sys
import urllib.parse
import urllib.request

import ics
import icalendar
import vobject

base, password = sys.argv[1:3]
api = base + "/api/v1"


def call(method, path, body=None, headers=None, form=None):
    data = None
    headers = dict(headers or {})
    if form is not None:
        data = urllib.parse.urlencode(form).encode()
    elif body is not None:
        data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
    request = urllib.request.Request(api + path, data=data, method=method, headers=headers)
    with urllib.request.urlopen(request) as answer:
        return answer.read()


token = json.loads(
    call("POST", "/auth/token", form={"grant_type": "password", "username": "admin", "password": password})
)["access_token"]
auth = {"Authorization": f"Bearer {token}"}

# Every date that a record can hold, and what a parser might stumble over.
hard = {
    "calendar-first": {"signed_on": "0001-01-01", "expires_on": "0001-01-01", "notice_months": 1},
    "calendar-last": {"signed_on": "9999", "expires_on": "9999-12-31", "notice_months": 0},
    "calendar-leap": {"signed_on": "2024-02-29", "expires_on": "2032-02", "notice_months": 6},
    "calendar-tacit": {"expires_on": "2020-01-31", "renewal": "tacit", "renewal_months": 1, "notice_months": 1},
}
title = "A; title, with \\ and “quotes” " + "é" * 120
for code, more in hard.items():
    call("PUT", f"/agreements/{code}", {"title": title, "kind": "joint_statement", **more}, auth)
try:
    text = call("GET", "/agreements?format=ics", headers=auth).decode()
    listed = json.loads(call("GET", "/agreements?limit=200", headers=auth))
finally:
    for code in hard:
        call("DELETE", f"/agreements/{code}", headers=auth)

assert listed["next_cursor"] is None
decisions = {f"decide_by.{item['code']}": item["decide_by"] for item in listed["items"] if item["decide_by"]}
signed = {f"signed_on.{item['code']}": item["signed_on"] for item in listed["items"] if item["signed_on"]}
assert len(decisions) >= 3 and len(signed) > 50


def check(parser, events):
    """`events`: by uid, the day and the title."""
    found = {uid.rsplit(".agreements@", 1)[0]: (day, summary) for uid, (day, summary) in events.items()}
    for uid, day in decisions.items():
        assert found[uid][0].isoformat() == day, (parser, uid, found[uid], day)
    for uid, day in signed.items():
        first = (day + "-01-01")[:10]
        assert found[uid][0].isoformat() == first, (parser, uid, found[uid], first)
    assert found["signed_on.calendar-first"][0] == datetime.date(1, 1, 1), parser
    assert found["expires_on.calendar-last"][0] == datetime.date(9999, 12, 31), parser
    assert found["expires_on.calendar-leap"][0] == datetime.date(2032, 2, 29), parser
    assert found["signed_on.calendar-leap"][1] == f"Signed: {title}", (parser, found["signed_on.calendar-leap"])
    print(f"{parser}: {len(found)} events")
    return len(found)


calendar = icalendar.Calendar.from_ical(text)
assert not calendar.errors
events = [event for event in calendar.walk("VEVENT")]
assert not any(event.errors for event in events), [event.errors for event in events if event.errors]
alarms = [alarm for event in events for alarm in event.walk("VALARM")]
assert len(alarms) == len(decisions)
assert all(alarm["TRIGGER"].dt == datetime.timedelta(days=-30) for alarm in alarms)
counts = {check("icalendar", {str(event["UID"]): (event["DTSTART"].dt, str(event["SUMMARY"])) for event in events})}

calendar = vobject.readOne(text)
counts.add(
    check("vobject", {event.uid.value: (event.dtstart.value, event.summary.value) for event in calendar.vevent_list})
)

calendar = ics.Calendar(text)
counts.add(check("ics", {event.uid: (event.begin.date(), event.name) for event in calendar.events}))
assert len(counts) == 1, counts
