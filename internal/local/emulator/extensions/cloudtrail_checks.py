"""What CloudTrail tries out before it takes a trail: bucket, key, log group, topic.

The requests are those that CloudTrail's documentation says it makes. They lack the
optional headers and keys, as the real check does: a policy that demands encryption headers is
refused on AWS as well.
"""

from moto.cloudtrail.models import Trail
from moto.iam.models import Role, iam_backends
from moto.kms.models import Key, kms_backends
from moto.logs.models import logs_backends
from moto.s3.models import s3_backends
from moto.sns.models import sns_backends

import policy
from errors import AWSError
from extensions.organizations import organization_of

SERVICE = "cloudtrail.amazonaws.com"
ROLE = "AWSServiceRoleForCloudTrail"


def check_trail(trail: Trail) -> None:
    """Refuse a trail as CloudTrail does, with its own error codes."""
    _check_bucket(trail)
    if trail.kms_key_id:
        _check_key(trail)
    if trail.topic_arn:
        _check_topic(trail)
    _check_log_group(trail)
    if trail.is_org_trail:
        _check_service_linked_role(trail)


def resolve_key(trail: Trail) -> str:
    """The ARN of a trail's key, which may be given by id, alias or either's ARN."""
    key = _key(trail)
    if key is None:
        raise AWSError("KmsKeyNotFoundException", f"KMS key {trail.kms_key_id} does not exist.")
    return key.arn


def _check_bucket(trail: Trail) -> None:
    buckets = s3_backends[trail.account_id][trail.partition]
    if trail.bucket_name not in s3_backends.bucket_accounts:
        raise AWSError("S3BucketDoesNotExistException", f"S3 bucket {trail.bucket_name} does not exist!")
    bucket = buckets.get_bucket(trail.bucket_name)
    prefix = f"{trail.s3_key_prefix}/" if trail.s3_key_prefix else ""
    owners = [trail.account_id]
    organization = organization_of(trail.account_id)
    if trail.is_org_trail and organization is not None:
        owners.append(organization.org.id)
    context = {"aws:SourceArn": trail.arn, "aws:SourceAccount": trail.account_id}
    requests = [policy.service_request(SERVICE, "s3:GetBucketAcl", bucket.arn, context)] + [
        policy.service_request(
            SERVICE,
            "s3:PutObject",
            f"{bucket.arn}/{prefix}AWSLogs/{owner}/CloudTrail/{trail.region_name}/probe",
            {**context, "s3:x-amz-acl": "bucket-owner-full-control"},
        )
        for owner in owners
    ]
    for request in requests:
        if not policy.allows(bucket.policy, request):
            raise AWSError(
                "InsufficientS3BucketPolicyException",
                f"Incorrect S3 bucket policy is detected for bucket: {trail.bucket_name}",
            )


def _key(trail: Trail) -> Key | None:
    given = trail.kms_key_id
    account, region = trail.account_id, trail.region_name
    if given.startswith("arn:"):
        region, account = given.split(":")[3:5]
    if region not in kms_backends[account]:
        return None
    keys = kms_backends[account][region]
    key_id = keys.any_id_to_key_id(given)
    return keys.keys.get(key_id)


def _check_key(trail: Trail) -> None:
    key = _key(trail)
    assert key is not None
    bucket = s3_backends[trail.account_id][trail.partition].get_bucket(trail.bucket_name)
    if key.region != bucket.region_name:
        raise AWSError(
            "KmsKeyNotFoundException", f"The KMS key and the S3 bucket {bucket.name} must be in the same region."
        )
    if key.key_state != "Enabled":
        raise AWSError("KmsKeyDisabledException", f"The KMS key {key.arn} is not enabled.")
    context = {"aws:SourceArn": trail.arn, "aws:SourceAccount": trail.account_id}
    encryption = {**context, "kms:EncryptionContext:aws:cloudtrail:arn": trail.arn}
    for action, keys in (("kms:GenerateDataKey", encryption), ("kms:DescribeKey", context)):
        if not policy.allows(key.policy, policy.service_request(SERVICE, action, key.arn, keys)):
            raise AWSError(
                "InsufficientEncryptionPolicyException",
                f"Insufficient permissions to access S3 bucket {bucket.name} or KMS key {key.arn}.",
            )


def _check_topic(trail: Trail) -> None:
    arn = trail.topic_arn
    region, account = arn.split(":")[3:5]
    topic = sns_backends[account][region].topics.get(arn)
    request = policy.service_request(
        SERVICE, "SNS:Publish", arn, {"aws:SourceArn": trail.arn, "aws:SourceAccount": trail.account_id}
    )
    if topic is None or not policy.allows(topic.policy, request):
        raise AWSError(
            "InsufficientSnsTopicPolicyException", "SNS Topic does not exist or the topic policy is incorrect!"
        )


def _check_log_group(trail: Trail) -> None:
    group, role_arn = trail.cw_log_group_arn, trail.cw_role_arn
    if not group and not role_arn:
        return
    if not group or not role_arn:
        raise AWSError(
            "InvalidParameterCombinationException",
            "A trail needs both CloudWatchLogsLogGroupArn and CloudWatchLogsRoleArn, or neither.",
        )
    home = f"arn:{trail.partition}:logs:{trail.region_name}:{trail.account_id}:log-group:"
    name = group.removeprefix(home).removesuffix(":*")
    groups = logs_backends[trail.account_id][trail.region_name].groups
    if not group.startswith(home) or not group.endswith(":*") or name not in groups:
        raise AWSError(
            "InvalidCloudWatchLogsLogGroupArnException", "CloudTrail cannot validate the specified log group ARN."
        )
    role = next((r for r in iam_backends[trail.account_id][trail.partition].roles.values() if r.arn == role_arn), None)
    stream = f"{home}{name}:log-stream:{trail.account_id}_CloudTrail_{trail.region_name}"
    context = {"aws:SourceArn": trail.arn, "aws:SourceAccount": trail.account_id}
    trust = policy.service_request(SERVICE, "sts:AssumeRole", role_arn, context)
    documents = _documents(role) if role else []
    permitted = all(
        any(policy.allows(document, policy.service_request(SERVICE, action, stream, {})) for document in documents)
        for action in ("logs:CreateLogStream", "logs:PutLogEvents")
    )
    if role is None or not policy.allows(role.assume_role_policy_document, trust) or not permitted:
        raise AWSError("InvalidCloudWatchLogsRoleArnException", "Access denied. Check the permissions for your role.")


def _documents(role: Role) -> list[str]:
    managed = [v.document for p in role.managed_policies.values() for v in p.versions if v.is_default]
    return [*role.policies.values(), *managed]


def _check_service_linked_role(trail: Trail) -> None:
    roles = iam_backends[trail.account_id][trail.partition].roles.values()
    if all(role.name != ROLE for role in roles):
        raise AWSError(
            "InsufficientDependencyServiceAccessPermissionException",
            f"The service-linked role {ROLE} does not exist in the account {trail.account_id}.",
        )
