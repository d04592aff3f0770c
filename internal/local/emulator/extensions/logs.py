"""CloudWatch Logs: keys of log groups, metric filters replaced, saved queries."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from moto.core.utils import unix_time_millis
from moto.kms.models import Key, kms_backends
from moto.logs.metric_filters import MetricFilters
from moto.logs.models import LogGroup, LogsBackend, logs_backends
from werkzeug.wrappers import Response

import policy
from calls import Call
from errors import AWSError
from extensions import answers, replaces

# What CloudWatch Logs does with a log group's key:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
KEY_ACTIONS = ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey")
RETENTION_DAYS = {
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
}
FILTERS_PER_GROUP = 100


@answers("logs", "CreateLogGroup")
def create_log_group(call: Call, moto: Callable[[], Response]) -> Response:
    """Create a log group with its key and class."""
    given = call.parameters
    name = given["logGroupName"]
    if given.get("kmsKeyId"):
        _check_key(call, given["kmsKeyId"], name)
    response = moto()
    if response.status_code < 300:
        group = _backend(call).groups[name]
        group.log_group_class = given.get("logGroupClass", "STANDARD")
    return response


@answers("logs", "AssociateKmsKey")
def associate_kms_key(call: Call, _: Any) -> dict[str, Any]:
    """Give a log group a key."""
    group = _group(call)
    _check_key(call, call.parameters["kmsKeyId"], group.name)
    group.kms_key_id = call.parameters["kmsKeyId"]
    return {}


@answers("logs", "DisassociateKmsKey")
def disassociate_kms_key(call: Call, _: Any) -> dict[str, Any]:
    """Take a log group's key away."""
    _group(call).kms_key_id = None
    return {}


@answers("logs", "PutRetentionPolicy")
def put_retention_policy(call: Call, moto: Callable[[], Response]) -> Response:
    """Refuse a number of days that is not among the service's."""
    days = call.parameters["retentionInDays"]
    if days not in RETENTION_DAYS:
        raise _invalid(f"retentionInDays must be one of {sorted(RETENTION_DAYS)}, not {days}.")
    return moto()


@replaces(LogGroup)
def to_describe_dict(original: Any, self: LogGroup) -> dict[str, Any]:
    """Tell the class and the true number of metric filters."""
    filters = logs_backends[self.account_id][self.region].filters.metric_filters
    return {
        **original(self),
        "logGroupClass": getattr(self, "log_group_class", "STANDARD"),
        "metricFilterCount": sum(entry["logGroupName"] == self.name for entry in filters),
    }


@replaces(LogsBackend)
def delete_log_group(original: Any, self: LogsBackend, log_group_name: str) -> None:
    """Delete a log group with its metric filters and tags."""
    arn = self.groups[log_group_name].arn if log_group_name in self.groups else ""
    original(self, log_group_name)
    self.tagger.delete_all_tags_for_resource(arn)
    self.filters.metric_filters = [f for f in self.filters.metric_filters if f["logGroupName"] != log_group_name]


@answers("logs", "PutMetricFilter")
def put_metric_filter(call: Call, moto: Callable[[], Response]) -> Response:
    """Refuse a filter of no log group, or one too many."""
    name = _group(call).name
    filters = [f for f in _backend(call).filters.metric_filters if f["logGroupName"] == name]
    new = all(f["filterName"] != call.parameters["filterName"] for f in filters)
    if new and len(filters) >= FILTERS_PER_GROUP:
        raise AWSError("LimitExceededException", "Resource limit exceeded.")
    return moto()


@replaces(MetricFilters)
def add_filter(
    original: Any, self: MetricFilters, filter_name: str, filter_pattern: str, log_group_name: str, transformations: Any
) -> None:
    """Put a filter in the place of the one with its name; moto appends a second one."""
    self.metric_filters = [
        f for f in self.metric_filters if (f["filterName"], f["logGroupName"]) != (filter_name, log_group_name)
    ]
    original(self, filter_name, filter_pattern, log_group_name, transformations)
    self.metric_filters[-1]["creationTime"] = int(unix_time_millis())


@answers("logs", "PutQueryDefinition")
def put_query_definition(call: Call, _: Any) -> dict[str, Any]:
    """Save a query, or change the one with the id."""
    given = dict(call.parameters)
    queries = _queries(call)
    query_id = given.get("queryDefinitionId") or str(uuid4())
    if given.get("queryDefinitionId") and query_id not in queries:
        raise AWSError("ResourceNotFoundException", "The specified query definition does not exist.")
    given.pop("clientToken", None)
    queries[query_id] = {
        "queryLanguage": "CWLI",
        "logGroupNames": [],
        **given,
        "queryDefinitionId": query_id,
        "lastModified": int(unix_time_millis()),
    }
    return {"queryDefinitionId": query_id}


@answers("logs", "DescribeQueryDefinitions")
def describe_query_definitions(call: Call, _: Any) -> dict[str, Any]:
    """The saved queries whose names begin so, in order of name."""
    prefix = call.parameters.get("queryDefinitionNamePrefix") or ""
    found = [query for query in _queries(call).values() if query["name"].startswith(prefix)]
    start, limit = int(call.parameters.get("nextToken") or 0), call.parameters.get("maxResults") or 1000
    page = sorted(found, key=lambda query: query["name"])[start : start + limit]
    more = {"nextToken": str(start + limit)} if start + limit < len(found) else {}
    return {"queryDefinitions": page, **more}


@answers("logs", "DeleteQueryDefinition")
def delete_query_definition(call: Call, _: Any) -> dict[str, Any]:
    """Delete a saved query."""
    if _queries(call).pop(call.parameters["queryDefinitionId"], None) is None:
        raise AWSError("ResourceNotFoundException", "The specified query definition does not exist.")
    return {"success": True}


def _backend(call: Call) -> LogsBackend:
    return logs_backends[call.identity.account][call.region]


def _group(call: Call) -> LogGroup:
    given = call.parameters
    name = given.get("logGroupName") or (given.get("resourceIdentifier") or "").split(":log-group:")[-1]
    groups = _backend(call).groups
    if name not in groups:
        raise AWSError("ResourceNotFoundException", "The specified log group does not exist.")
    return groups[name]


def _queries(call: Call) -> dict[str, dict[str, Any]]:
    return _backend(call).__dict__.setdefault("query_definitions", {})


def _check_key(call: Call, arn: str, group: str) -> None:
    """Refuse a key that CloudWatch Logs could not use for this log group."""
    key = _key(arn)
    if key is None or key.key_state != "Enabled" or key.region != call.region:
        raise _invalid(f"The KMS key {arn} does not exist in {call.region}, or is not enabled.")
    group_arn = f"arn:aws:logs:{call.region}:{call.identity.account}:log-group:{group}"
    context = {"kms:EncryptionContext:aws:logs:arn": group_arn, "aws:SourceAccount": call.identity.account}
    service = f"logs.{call.region}.amazonaws.com"
    for action in KEY_ACTIONS:
        if not policy.allows(key.policy, policy.service_request(service, action, arn, context)):
            raise AWSError(
                "AccessDeniedException",
                f"The specified KMS key does not exist or is not allowed to be used with LogGroup '{group_arn}'",
            )


def _key(arn: str) -> Key | None:
    parts = arn.split(":")
    if len(parts) != 6 or not parts[5].startswith("key/"):
        return None
    region, account = parts[3:5]
    if region not in kms_backends[account]:
        return None
    return kms_backends[account][region].keys.get(parts[5].removeprefix("key/"))


def _invalid(message: str) -> AWSError:
    return AWSError("InvalidParameterException", message)
