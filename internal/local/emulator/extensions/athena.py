"""Athena: workgroups changed, named queries deleted, and neither needs tags."""

from collections.abc import Callable
from typing import Any

from moto.athena.models import NamedQuery, WorkGroup, athena_backends
from werkzeug.wrappers import Response

from calls import Call
from errors import AWSError
from extensions import answers


@answers("athena", "GetWorkGroup")
def get_work_group(call: Call, moto: Callable[[], Response]) -> Response:
    """A workgroup; one that does not exist is an error."""
    _work_group(call)
    return moto()


@answers("athena", "UpdateWorkGroup")
def update_work_group(call: Call, _: Any) -> dict[str, Any]:
    """Change state, description and configuration."""
    group = _work_group(call)
    given = call.parameters
    group.state = given.get("State", group.state)
    group.description = given.get("Description", group.description)
    updates = given.get("ConfigurationUpdates") or {}
    results = updates.pop("ResultConfigurationUpdates", None)
    _update(group.configuration, updates)
    if results is not None:
        _update(group.configuration.setdefault("ResultConfiguration", {}), results)
    return {}


@answers("athena", "DeleteNamedQuery")
def delete_named_query(call: Call, _: Any) -> dict[str, Any]:
    """Delete a saved query."""
    query = _named_query(call)
    athena_backends[call.identity.account][call.region].named_queries.pop(query.id)
    return {}


@answers("athena", "UpdateNamedQuery")
def update_named_query(call: Call, _: Any) -> dict[str, Any]:
    """Change a saved query."""
    query, given = _named_query(call), call.parameters
    query.name, query.query_string = given["Name"], given["QueryString"]
    query.description = given.get("Description", query.description)
    return {}


@answers("athena", "GetNamedQuery")
def get_named_query(call: Call, moto: Callable[[], Response]) -> Response:
    """A saved query; one that does not exist is an error."""
    _named_query(call)
    return moto()


@answers("athena", "ListTagsForResource")
def list_tags_for_resource(call: Call, _: Any) -> dict[str, Any]:
    """The tags, none of an untagged resource."""
    backend = athena_backends[call.identity.account][call.region]
    return {"Tags": backend.tagger.list_tags_for_resource(call.parameters["ResourceARN"])["Tags"]}


def _update(configuration: dict[str, Any], updates: dict[str, Any]) -> None:
    for key, value in updates.items():
        # RemoveOutputLocation and its like take away what they are named for.
        if key.startswith("Remove"):
            if value:
                configuration.pop(key.removeprefix("Remove"), None)
        else:
            configuration[key] = value


def _work_group(call: Call) -> WorkGroup:
    name = call.parameters["WorkGroup"]
    groups = athena_backends[call.identity.account][call.region].work_groups
    if name not in groups:
        raise AWSError("InvalidRequestException", f"WorkGroup {name} is not found.")
    return groups[name]


def _named_query(call: Call) -> NamedQuery:
    query_id = call.parameters["NamedQueryId"]
    queries = athena_backends[call.identity.account][call.region].named_queries
    if query_id not in queries:
        raise AWSError("InvalidRequestException", f"NamedQuery {query_id} was not found")
    return queries[query_id]
