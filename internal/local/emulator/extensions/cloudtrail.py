"""CloudTrail: organization trails, the checks before a trail is made, and selectors."""

import re
from typing import Any

from moto.cloudtrail.models import Trail, cloudtrail_backends
from moto.core.utils import utcnow
from moto.organizations.models import OrganizationsBackend

from calls import Call
from errors import AWSError
from extensions import answers, replaces
from extensions.cloudtrail_checks import check_trail, resolve_key
from extensions.cloudtrail_selectors import (
    check_advanced_selectors,
    check_basic_selectors,
    check_insight_selectors,
    default_selectors,
)
from extensions.organizations import is_delegated_administrator, organization_of

SERVICE = "cloudtrail.amazonaws.com"
TRAILS_PER_REGION = 5

# Input of CreateTrail and UpdateTrail, and the attribute of moto's trail that holds it.
_SETTINGS = {
    "S3BucketName": "bucket_name",
    "S3KeyPrefix": "s3_key_prefix",
    "SnsTopicName": "sns_topic_name",
    "IncludeGlobalServiceEvents": "include_global_service_events",
    "IsMultiRegionTrail": "is_multi_region",
    "EnableLogFileValidation": "log_validation",
    "IsOrganizationTrail": "is_org_trail",
    "CloudWatchLogsLogGroupArn": "cw_log_group_arn",
    "CloudWatchLogsRoleArn": "cw_role_arn",
    "KmsKeyId": "kms_key_id",
}


@answers("cloudtrail", "CreateTrail")
def create_trail(call: Call, _: Any) -> dict[str, Any]:
    """Create a trail; that of an organization belongs to its management account."""
    given = call.parameters
    account = call.identity.account
    if given.get("IsOrganizationTrail"):
        account = _organization_to_record(account).account_id
    backend = cloudtrail_backends[account][call.region]
    name = given["Name"]
    if name in backend.trails:
        raise AWSError("TrailAlreadyExistsException", f"Trail {name} already exists in this account: {account}")
    if len(backend.trails) >= TRAILS_PER_REGION:
        raise AWSError(
            "MaximumNumberOfTrailsExceededException",
            f"User: {account} already has {TRAILS_PER_REGION} trails in {call.region}.",
        )
    settings = {"IncludeGlobalServiceEvents": True, **{key: given.get(key) for key in _SETTINGS if key in given}}
    trail = backend.create_trail(
        name,
        given["S3BucketName"],
        None,
        None,
        True,
        False,
        False,
        False,
        None,
        None,
        None,
        given.get("TagsList") or [],
    )
    try:
        _configure(trail, settings)
    except AWSError:
        backend.trails.pop(name)
        raise
    return _describe(trail)


@answers("cloudtrail", "UpdateTrail")
def update_trail(call: Call, _: Any) -> dict[str, Any]:
    """Change what is given; an empty string takes a setting away."""
    given = dict(call.parameters)
    trail = _own_trail(call, given.pop("Name"))
    if given.get("IsOrganizationTrail"):
        _organization_to_record(call.identity.account)
    before = dict(trail.__dict__)
    try:
        _configure(trail, given)
    except AWSError:
        trail.__dict__.update(before)
        raise
    return _describe(trail)


@answers("cloudtrail", "DeleteTrail")
def delete_trail(call: Call, _: Any) -> dict[str, Any]:
    """Delete a trail, by ARN too."""
    trail = _own_trail(call, call.parameters["Name"])
    cloudtrail_backends[trail.account_id][trail.region_name].trails.pop(trail.trail_name)
    return {}


@answers("cloudtrail", "DescribeTrails")
def describe_trails(call: Call, _: Any) -> dict[str, Any]:
    """The trails that record this account in this region, its organization's included."""
    wanted = call.parameters.get("trailNameList") or []
    shadows = call.parameters.get("includeShadowTrails", True)
    trails = _visible(call) if shadows else [t for t in _visible(call) if t.region_name == call.region]
    if wanted:
        trails = [trail for trail in trails if {trail.trail_name, trail.arn} & set(wanted)]
    return {"trailList": [_describe(trail) for trail in trails]}


@answers("cloudtrail", "ListTrails")
def list_trails(call: Call, _: Any) -> dict[str, Any]:
    """Name, ARN and home region of the same trails."""
    return {"Trails": [trail.short() for trail in _visible(call)]}


@answers("cloudtrail", "GetTrail")
def get_trail(call: Call, _: Any) -> dict[str, Any]:
    """One trail, home region and selectors' presence included."""
    return {"Trail": _describe(_find(call, call.parameters["Name"]))}


@answers("cloudtrail", "GetTrailStatus")
def get_trail_status(call: Call, _: Any) -> dict[str, Any]:
    """Whether and since when a trail logs. It tells of no delivery that did not happen."""
    status = _find(call, call.parameters["Name"]).status
    answer: dict[str, Any] = {"IsLogging": status.is_logging, "TimeLoggingStarted": "", "TimeLoggingStopped": ""}
    if status.started:
        answer["StartLoggingTime"] = status.started
        answer["TimeLoggingStarted"] = f"{status.started:%Y-%m-%dT%H:%M:%SZ}"
    if status.stopped:
        answer["StopLoggingTime"] = status.stopped
        answer["TimeLoggingStopped"] = f"{status.stopped:%Y-%m-%dT%H:%M:%SZ}"
    return answer


@answers("cloudtrail", "StartLogging")
def start_logging(call: Call, _: Any) -> dict[str, Any]:
    """Start a trail, by name or ARN."""
    status = _own_trail(call, call.parameters["Name"]).status
    status.is_logging, status.started = True, utcnow()
    return {}


@answers("cloudtrail", "StopLogging")
def stop_logging(call: Call, _: Any) -> dict[str, Any]:
    """Stop a trail, by name or ARN."""
    status = _own_trail(call, call.parameters["Name"]).status
    status.is_logging, status.stopped = False, utcnow()
    return {}


@answers("cloudtrail", "PutEventSelectors")
def put_event_selectors(call: Call, _: Any) -> dict[str, Any]:
    """Replace the selectors of either kind by those given, of one kind."""
    trail = _own_trail(call, call.parameters["TrailName"])
    basic, advanced = call.parameters.get("EventSelectors"), call.parameters.get("AdvancedEventSelectors")
    if bool(basic) == bool(advanced):
        raise AWSError(
            "InvalidParameterCombinationException",
            "You must specify either EventSelectors or AdvancedEventSelectors, and not both.",
        )
    basic, advanced = check_basic_selectors(basic or []), check_advanced_selectors(advanced or [])
    trail.event_selectors, trail.advanced_event_selectors = basic, advanced
    return _selectors(trail)


@answers("cloudtrail", "GetEventSelectors")
def get_event_selectors(call: Call, _: Any) -> dict[str, Any]:
    """The selectors, of the one kind that is set; a new trail has the default ones."""
    return _selectors(_find(call, call.parameters["TrailName"]))


@answers("cloudtrail", "PutInsightSelectors")
def put_insight_selectors(call: Call, _: Any) -> dict[str, Any]:
    """Replace the insight selectors; none switches Insights off."""
    trail = _own_trail(call, call.parameters["TrailName"])
    selectors = call.parameters.get("InsightSelectors") or []
    check_insight_selectors(selectors, trail)
    trail.insight_selectors = selectors
    return {"TrailARN": trail.arn, "InsightSelectors": selectors}


@answers("cloudtrail", "GetInsightSelectors")
def get_insight_selectors(call: Call, _: Any) -> dict[str, Any]:
    """The insight selectors; a trail without any is an error, as on AWS."""
    trail = _find(call, call.parameters["TrailName"])
    if not trail.insight_selectors:
        raise AWSError(
            "InsightNotEnabledException",
            f"Trail {trail.arn} does not have Insights enabled. Edit the trail settings to enable Insights, "
            "and then try the operation again.",
        )
    return {"TrailARN": trail.arn, "InsightSelectors": trail.insight_selectors}


@answers("cloudtrail", "LookupEvents")
def lookup_events(_: Call, __: Any) -> dict[str, Any]:
    """Event History: nothing is recorded yet."""
    return {"Events": []}


@answers("cloudtrail", "ListPublicKeys")
def list_public_keys(_: Call, __: Any) -> dict[str, Any]:
    """The keys of digests: none is signed yet."""
    return {"PublicKeyList": []}


@answers("cloudtrail", "RegisterOrganizationDelegatedAdmin")
def register_delegated_admin(call: Call, _: Any) -> dict[str, Any]:
    """Let a member account administer CloudTrail for the organization."""
    organization, member = _managed_organization(call), call.parameters["MemberAccountId"]
    if member == organization.account_id:
        raise AWSError(
            "CannotDelegateManagementAccountException",
            "The management account of an organization cannot be its delegated administrator.",
        )
    if all(account.id != member for account in organization.accounts):
        raise AWSError("AccountNotFoundException", f"Account {member} is not part of the organization.")
    if is_delegated_administrator(organization, member, SERVICE):
        raise AWSError("AccountRegisteredException", f"Account {member} is already a delegated administrator.")
    organization.register_delegated_administrator(AccountId=member, ServicePrincipal=SERVICE)
    return {}


@answers("cloudtrail", "DeregisterOrganizationDelegatedAdmin")
def deregister_delegated_admin(call: Call, _: Any) -> dict[str, Any]:
    """Take the administration of CloudTrail from a member account."""
    organization, member = _managed_organization(call), call.parameters["DelegatedAdminAccountId"]
    if not is_delegated_administrator(organization, member, SERVICE):
        raise AWSError("AccountNotRegisteredException", f"Account {member} is not a delegated administrator.")
    organization.deregister_delegated_administrator(AccountId=member, ServicePrincipal=SERVICE)
    return {}


@replaces(OrganizationsBackend)
def disable_aws_service_access(original: Any, self: OrganizationsBackend, **given: str) -> None:
    """Without trusted access an organization trail silently records one account only."""
    original(self, **given)
    if given["ServicePrincipal"] == SERVICE:
        for backend in cloudtrail_backends[self.account_id].values():
            for trail in backend.trails.values():
                trail.is_org_trail = False


@replaces(Trail)
def topic_arn(_: Any, self: Trail) -> str | None:
    """The topic's ARN; a topic of another account is named by ARN."""
    if self.sns_topic_name and self.sns_topic_name.startswith("arn:"):
        return self.sns_topic_name
    if self.sns_topic_name:
        return f"arn:{self.partition}:sns:{self.region_name}:{self.account_id}:{self.sns_topic_name}"
    return None


def _configure(trail: Trail, settings: dict[str, Any]) -> None:
    for key, attribute in _SETTINGS.items():
        if settings.get(key) is not None:
            setattr(trail, attribute, settings[key] if settings[key] != "" else None)
    if trail.is_multi_region and not trail.include_global_service_events:
        raise AWSError("InvalidParameterCombinationException", "Multi-Region trail must include global service events.")
    if trail.kms_key_id:
        trail.kms_key_id = resolve_key(trail)
    check_trail(trail)


def _describe(trail: Trail) -> dict[str, Any]:
    description = trail.description(include_region=True)
    description["HasCustomEventSelectors"] = bool(trail.event_selectors or trail.advanced_event_selectors)
    description["HasInsightSelectors"] = bool(trail.insight_selectors)
    return {key: value for key, value in description.items() if value is not None}


def _selectors(trail: Trail) -> dict[str, Any]:
    if trail.advanced_event_selectors:
        return {"TrailARN": trail.arn, "AdvancedEventSelectors": trail.advanced_event_selectors}
    return {"TrailARN": trail.arn, "EventSelectors": trail.event_selectors or default_selectors()}


def _visible(call: Call) -> list[Trail]:
    """Every trail that an account sees in a region: its own and its organization's."""
    account = call.identity.account
    organization = organization_of(account)
    trails = list(cloudtrail_backends[account][call.region].describe_trails(include_shadow_trails=True))
    if organization is not None and organization.account_id != account:
        shared = cloudtrail_backends[organization.account_id][call.region].describe_trails(include_shadow_trails=True)
        trails += [trail for trail in shared if trail.is_org_trail]
    return trails


def _find(call: Call, name: str) -> Trail:
    """The trail with a name in this region, or with an ARN in any."""
    _check_name(name)
    account = call.identity.account
    if name.startswith("arn:"):
        region = name.split(":")[3]
        candidates = [trail for trail in _visible_in(call, region) if trail.arn == name]
    else:
        # A member sees its organization's trail, but only by ARN.
        candidates = [t for t in _visible(call) if t.trail_name == name and t.account_id == account]
    if not candidates:
        arn = name if name.startswith("arn:") else f"arn:aws:cloudtrail:{call.region}:{account}:trail/{name}"
        raise AWSError("TrailNotFoundException", f"Unknown trail: {arn} for the user: {account}")
    return candidates[0]


def _visible_in(call: Call, region: str) -> list[Trail]:
    if region not in cloudtrail_backends[call.identity.account]:
        return []
    account = call.identity.account
    organization = organization_of(account)
    trails = list(cloudtrail_backends[account][region].trails.values())
    if organization is not None and organization.account_id != account:
        shared = cloudtrail_backends[organization.account_id][region].trails.values()
        trails += [trail for trail in shared if trail.is_org_trail]
    return trails


def _own_trail(call: Call, name: str) -> Trail:
    """A trail that this account may change, from here."""
    trail = _find(call, name)
    account = call.identity.account
    if trail.account_id != account:
        organization = organization_of(account)
        if organization is None or not is_delegated_administrator(organization, account, SERVICE):
            raise _not_management()
    if trail.region_name != call.region:
        raise AWSError(
            "InvalidHomeRegionException",
            f"The trail {trail.arn} can be changed in its home region {trail.region_name} only, not in {call.region}.",
        )
    return trail


def _organization_to_record(account: str) -> OrganizationsBackend:
    """The organization for which an account may make a trail."""
    organization = organization_of(account)
    if organization is None:
        raise AWSError("OrganizationsNotInUseException", f"The account {account} is not a member of an organization.")
    if account != organization.account_id and not is_delegated_administrator(organization, account, SERVICE):
        raise _not_management()
    _check_trusted_access(organization)
    return organization


def _managed_organization(call: Call) -> OrganizationsBackend:
    """The organization whose delegated administrators an account may appoint."""
    organization = organization_of(call.identity.account)
    if organization is not None and organization.account_id != call.identity.account:
        raise AWSError(
            "NotOrganizationManagementAccountException",
            f"The account {call.identity.account} is not the management account of its organization.",
        )
    return _organization_to_record(call.identity.account)


def _check_trusted_access(organization: OrganizationsBackend) -> None:
    if all(service["ServicePrincipal"] != SERVICE for service in organization.services):
        raise AWSError(
            "CloudTrailAccessNotEnabledException",
            "Trusted access for CloudTrail is not enabled in the organization. Enable it, and try again.",
        )


def _not_management() -> AWSError:
    return AWSError(
        "NotOrganizationMasterAccountException",
        "The account is neither the management account of its organization nor CloudTrail's delegated administrator.",
    )


def _check_name(name: str) -> None:
    if name.startswith("arn:") and not re.fullmatch(r"arn:[^:]+:cloudtrail:[^:]+:\d{12}:trail/[\w.-]+", name):
        raise AWSError("CloudTrailARNInvalidException", f"The ARN {name} is not that of a trail.")
