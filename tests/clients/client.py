#!/usr/bin/env python3
"""Works with a running demo through the generated Python client: signs in, lists, counts, creates, patches, deletes.

usage: tests/clients/client.py http://ADDRESS PASSWORD      (of the demo's user `admin`; the client is on PYTHONPATH)
"""
import sys
from http import HTTPStatus

import httpx
from registry_client import AuthenticatedClient, Client
from registry_client.api.analytics import list_partnerships, read_network, summarise_projects
from registry_client.api.auth import create_token, get_me
from registry_client.api.projects import create_project, delete_project, list_projects, patch_project, read_project
from registry_client.models import (
    GrantType,
    Problem,
    Project,
    ProjectInput,
    ProjectNation,
    ProjectPatch,
    ProjectStatus,
    TokenAnswer,
    TokenRequest,
)
from registry_client.models import SummariseProjectsGroupByItem as By


def join_lists(request: httpx.Request) -> None:
    """The generator repeats a parameter for each value, whatever the document says (`explode: false`): commas instead."""
    values: dict[str, list[str]] = {}
    for name, value in request.url.params.multi_items():
        values.setdefault(name, []).append(value)
    request.url = request.url.copy_with(params={name: ",".join(all_) for name, all_ in values.items()} or None)


address, password = sys.argv[1:]
credentials = TokenRequest(grant_type=GrantType.PASSWORD, username="admin", password=password)
tokens = create_token.sync(client=Client(base_url=address), body=credentials)
assert isinstance(tokens, TokenAnswer), tokens
client = AuthenticatedClient(
    base_url=address,
    token=tokens.access_token,
    raise_on_unexpected_status=True,
    httpx_args={"event_hooks": {"request": [join_lists]}},
)
assert get_me.sync(client=client).username == "admin"

page = list_projects.sync(client=client, nation=["US", "IN"], area=["climate"], limit=3)
assert len(page.items) == 3 and page.total > 3 and page.next_cursor, page
following = list_projects.sync(client=client, nation=["US", "IN"], area=["climate"], limit=3, cursor=page.next_cursor)
assert not {item.code for item in page.items} & {item.code for item in following.items}

india = list_partnerships.sync(client=client, nation=["IN"]).items[0]
summary = summarise_projects.sync(client=client, group_by=[By.NATION, By.AREA], nation=["IN"])
climate = next(group for group in summary.groups if (group.key.nation, group.key.area) == ("IN", "climate"))
assert climate.count == next(area.projects for area in india.areas if area.area == "climate"), (climate, india)
network = read_network.sync(client=client, nation=["IN"])
assert india.projects == summary.total == next(node.projects for node in network.nodes if node.code == "IN")

made = create_project.sync(
    client=client,
    body=ProjectInput(
        name="Client Check",
        status=ProjectStatus.PROPOSED,
        nations=[ProjectNation(nation="IN")],
        areas=["climate"],
    ),
)
assert isinstance(made, Project) and made.code == "client-check", made
try:
    tag = f'"v{made.version}"'
    changed = patch_project.sync(client=client, code=made.code, body=ProjectPatch(launch_date="2031"), if_match=tag)
    assert isinstance(changed, Project) and changed.launch_date == "2031" and changed.version > made.version, changed
    stale = patch_project.sync(client=client, code=made.code, body=ProjectPatch(launch_date="2032"), if_match=tag)
    assert isinstance(stale, Problem) and stale.status == HTTPStatus.PRECONDITION_FAILED, stale
finally:
    deleted = delete_project.sync_detailed(client=client, code=made.code)
assert deleted.status_code == HTTPStatus.NO_CONTENT, deleted
gone = read_project.sync(client=client, code=made.code)
assert isinstance(gone, Problem) and gone.type_ == "/problems/not-found", gone
print("the Python client signed in, listed, counted, created, patched and deleted")
