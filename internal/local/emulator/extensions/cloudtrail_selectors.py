"""Which event and insight selectors CloudTrail takes."""

from typing import Any

from moto.cloudtrail.models import Trail

from errors import AWSError

BASIC_SELECTORS = 5
ADVANCED_CONDITIONS = 500
INSIGHTS = {"ApiCallRateInsight", "ApiErrorRateInsight"}
CATEGORIES = {"Management", "Data", "NetworkActivity"}
OPERATORS = {"Equals", "StartsWith", "EndsWith", "NotEquals", "NotStartsWith", "NotEndsWith"}
FIELDS = {
    "readOnly",
    "eventSource",
    "eventName",
    "eventCategory",
    "eventType",
    "errorCode",
    "resources.type",
    "resources.ARN",
    "sessionCredentialFromConsole",
    "userIdentity.arn",
    "vpcEndpointId",
}
BASIC_TYPES = {"AWS::S3::Object", "AWS::Lambda::Function", "AWS::DynamoDB::Table"}


def default_selectors() -> list[dict[str, Any]]:
    """What a new trail records: every management event."""
    return [_complete({})]


def check_basic_selectors(selectors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Basic event selectors with their defaults filled in."""
    if len(selectors) > BASIC_SELECTORS:
        raise _invalid_event(f"A trail may have up to {BASIC_SELECTORS} event selectors, not {len(selectors)}.")
    for selector in selectors:
        for resource in selector.get("DataResources") or []:
            if resource.get("Type") not in BASIC_TYPES:
                raise _invalid_event(f"{resource.get('Type')} is not a resource type of basic event selectors.")
    return [_complete(selector) for selector in selectors]


def check_advanced_selectors(selectors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Advanced event selectors as they are, if CloudTrail takes them."""
    conditions = 0
    for selector in selectors:
        fields = {field["Field"]: field for field in selector["FieldSelectors"]}
        for name, field in fields.items():
            operators = {key: values for key, values in field.items() if key in OPERATORS and values}
            if name not in FIELDS:
                raise _invalid_event(f"{name} is not a field of advanced event selectors.")
            if not operators:
                raise _invalid_event(f"The field {name} has no condition.")
            conditions += sum(len(values) for values in operators.values())
        category = fields.get("eventCategory", {}).get("Equals") or []
        if len(category) != 1 or category[0] not in CATEGORIES:
            raise _invalid_event("Each advanced event selector needs one eventCategory, by Equals.")
        if category == ["Data"] and len(fields.get("resources.type", {}).get("Equals") or []) != 1:
            raise _invalid_event("A selector of data events needs one resources.type, by Equals.")
    if conditions > ADVANCED_CONDITIONS:
        raise _invalid_event(f"A trail may have up to {ADVANCED_CONDITIONS} conditions, not {conditions}.")
    return selectors


def check_insight_selectors(selectors: list[dict[str, Any]], trail: Trail) -> None:
    """Refuse unknown insights, and those of events that the trail does not record."""
    for selector in selectors:
        kind = selector.get("InsightType")
        if kind not in INSIGHTS:
            raise AWSError("InvalidInsightSelectorsException", f"{kind} is not an insight type.")
    kinds = {selector["InsightType"] for selector in selectors}
    recorded = _management_events(trail)
    if ("ApiCallRateInsight" in kinds and "write" not in recorded) or (kinds and not recorded):
        raise AWSError(
            "InvalidInsightSelectorsException",
            "Insights on the API call rate need write management events, those on the error rate any, "
            f"and the trail {trail.trail_name} does not record them.",
        )


def _management_events(trail: Trail) -> set[str]:
    """Which management events a trail records: read, write, both or none."""
    recorded: set[str] = set()
    for selector in trail.advanced_event_selectors:
        fields = {field["Field"]: field for field in selector["FieldSelectors"]}
        if fields["eventCategory"]["Equals"] == ["Management"]:
            only = fields.get("readOnly", {}).get("Equals")
            recorded |= {"read", "write"} if not only else {"read" if only == ["true"] else "write"}
    if trail.advanced_event_selectors:
        return recorded
    for selector in trail.event_selectors or default_selectors():
        if selector["IncludeManagementEvents"]:
            recorded |= {"All": {"read", "write"}, "ReadOnly": {"read"}, "WriteOnly": {"write"}}[
                selector["ReadWriteType"]
            ]
    return recorded


def _complete(selector: dict[str, Any]) -> dict[str, Any]:
    return {
        "ReadWriteType": selector.get("ReadWriteType", "All"),
        "IncludeManagementEvents": selector.get("IncludeManagementEvents", True),
        "DataResources": selector.get("DataResources") or [],
        "ExcludeManagementEventSources": selector.get("ExcludeManagementEventSources") or [],
    }


def _invalid_event(message: str) -> AWSError:
    return AWSError("InvalidEventSelectorsException", message)
