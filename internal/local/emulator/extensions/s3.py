"""S3: settings read back as they were put, AWS's defaults, MFA delete, and locks."""

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from moto.s3.models import FakeBucket, FakeKey, PublicAccessBlock, S3Backend, s3_backends
from werkzeug.wrappers import Response

import policy
from calls import Call
from errors import AWSError, not_implemented
from extensions import answers, replaces
from identity import PARTITION

LOGGING = "logging.s3.amazonaws.com"
POLICY_BYTES = 20 * 1024
_OWNER_ENFORCED = "BucketOwnerEnforced"
_DEFAULT_ENCRYPTION = {
    "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]
}

# What moto drops parts of, or does not have: the setting, its member in the input, and
# whether the output has that member (or, flat, its members).
_SETTINGS = {
    "BucketEncryption": ("ServerSideEncryptionConfiguration", False),
    "BucketLifecycleConfiguration": ("LifecycleConfiguration", True),
    "BucketLogging": ("BucketLoggingStatus", True),
    "BucketNotificationConfiguration": ("NotificationConfiguration", True),
    "BucketOwnershipControls": ("OwnershipControls", False),
    "BucketReplication": ("ReplicationConfiguration", False),
    "ObjectLockConfiguration": ("ObjectLockConfiguration", False),
    "BucketRequestPayment": ("RequestPaymentConfiguration", True),
}
_DELETES = {"DeleteBucketLifecycle": "BucketLifecycleConfiguration"} | {
    f"Delete{name}": name for name in ("BucketEncryption", "BucketOwnershipControls", "BucketReplication")
}
# Settings of which a bucket has several, each with an id.
_NUMEROUS = {
    "Analytics": "AnalyticsConfiguration",
    "IntelligentTiering": "IntelligentTieringConfiguration",
    "Inventory": "InventoryConfiguration",
    "Metrics": "MetricsConfiguration",
}
# moto does not know these, and takes them for another operation on the same bucket or key.
_MISTAKEN = (
    "CreateBucketMetadataConfiguration",
    "CreateBucketMetadataTableConfiguration",
    "CreateSession",
    "DeleteBucketMetadataConfiguration",
    "DeleteBucketMetadataTableConfiguration",
    "GetBucketAbac",
    "GetBucketMetadataConfiguration",
    "GetBucketMetadataTableConfiguration",
    "GetObjectTorrent",
    "ListDirectoryBuckets",
    "PutBucketAbac",
    "RenameObject",
    "UpdateBucketMetadataInventoryTableConfiguration",
    "UpdateBucketMetadataJournalTableConfiguration",
    "UpdateObjectEncryption",
    "WriteGetObjectResponse",
)


@answers("s3", *_MISTAKEN)
def refuse(call: Call, _: Any) -> dict[str, Any]:
    """Say that an operation is missing, where moto would do another one."""
    raise not_implemented(f"The emulator does not have s3:{call.operation}.")


@answers("s3", *(f"Put{name}" for name in _SETTINGS if name != "BucketRequestPayment"))
def put_setting(call: Call, moto: Callable[[], Response]) -> Response:
    """Let moto act on a setting, and keep all of it."""
    name = call.operation.removeprefix("Put")
    bucket = _bucket(call)
    setting = call.parameters[_SETTINGS[name][0]]
    if name == "BucketLifecycleConfiguration" and _mfa_delete(bucket) == "Enabled":
        raise _mfa_and_lifecycle()
    if name == "BucketReplication" and bucket.versioning_status != "Enabled":
        raise AWSError(
            "InvalidRequest", "Versioning must be 'Enabled' on the bucket to apply a replication configuration"
        )
    response = moto()
    if response.status_code < 300:
        _complete(name, setting)
        _settings(bucket)[name] = setting
        if name == "BucketLifecycleConfiguration":
            size = call.parameters.get("TransitionDefaultMinimumObjectSize", "all_storage_classes_128K")
            setting["TransitionDefaultMinimumObjectSize"] = size
            response.headers["x-amz-transition-default-minimum-object-size"] = size
    return response


@answers("s3", *(f"Get{name}" for name in _SETTINGS))
def get_setting(call: Call, moto: Callable[[], Response]) -> Response | dict[str, Any]:
    """Read a setting as it was put; without one AWS's default or moto's error."""
    name = call.operation.removeprefix("Get")
    setting = _settings(_bucket(call)).get(name)
    if setting is None:
        return {"Payer": "BucketOwner"} if name == "BucketRequestPayment" else moto()
    member, flat = _SETTINGS[name]
    return setting if flat else {member: setting}


@answers("s3", *_DELETES)
def delete_setting(call: Call, moto: Callable[[], Response]) -> Response:
    """Forget a setting; without encryption of its own a bucket has AWS's default."""
    response = moto()
    if response.status_code < 300:
        bucket = _bucket(call)
        _settings(bucket).pop(_DELETES[call.operation], None)
        if call.operation == "DeleteBucketEncryption":
            _settings(bucket)["BucketEncryption"] = _DEFAULT_ENCRYPTION
    return response


@answers("s3", "PutBucketRequestPayment")
def put_request_payment(call: Call, _: Any) -> dict[str, Any]:
    """Keep who pays; moto takes this call for CreateBucket."""
    _settings(_bucket(call))["BucketRequestPayment"] = call.parameters["RequestPaymentConfiguration"]
    return {}


@answers("s3", *(f"PutBucket{name}Configuration" for name in _NUMEROUS))
def put_numbered(call: Call, _: Any) -> dict[str, Any]:
    """Keep one of several configurations of a kind."""
    kind = _kind(call)
    _settings(_bucket(call)).setdefault(kind, {})[call.parameters["Id"]] = call.parameters[_NUMEROUS[kind]]
    return {}


@answers("s3", *(f"GetBucket{name}Configuration" for name in _NUMEROUS))
def get_numbered(call: Call, _: Any) -> dict[str, Any]:
    """Read one configuration as it was put."""
    return {_NUMEROUS[_kind(call)]: _numbered(call)[call.parameters["Id"]]}


@answers("s3", *(f"ListBucket{name}Configurations" for name in _NUMEROUS))
def list_numbered(call: Call, _: Any) -> dict[str, Any]:
    """Read all configurations of a kind."""
    kind = _kind(call)
    found = _settings(_bucket(call)).get(kind, {})
    return {f"{_NUMEROUS[kind]}List": list(found.values()), "IsTruncated": False}


@answers("s3", *(f"DeleteBucket{name}Configuration" for name in _NUMEROUS))
def delete_numbered(call: Call, _: Any) -> dict[str, Any]:
    """Forget one configuration."""
    _numbered(call).pop(call.parameters["Id"])
    return {}


@answers("s3", "PutBucketVersioning")
def put_versioning(call: Call, moto: Callable[[], Response]) -> Response:
    """Keep MFA delete, which only root with a code can change."""
    bucket = _bucket(call)
    wanted = call.parameters["VersioningConfiguration"]
    state = wanted.get("MFADelete")
    if state == "Enabled" or _mfa_delete(bucket) == "Enabled":
        _require_mfa(call)
    if state == "Enabled" and bucket.rules:
        raise _mfa_and_lifecycle()
    if wanted.get("Status") == "Suspended":
        for name, words in (("BucketReplication", "A replication"), ("ObjectLockConfiguration", "An Object Lock")):
            if name in _settings(bucket) or (bucket.object_lock_enabled and name == "ObjectLockConfiguration"):
                raise AWSError(
                    "InvalidBucketState",
                    f"{words} configuration is present on this bucket, so the versioning state cannot be changed.",
                    409,
                )
    response = moto()
    if response.status_code < 300 and state:
        _settings(bucket)["MFADelete"] = state
    return response


@answers("s3", "GetBucketVersioning")
def get_versioning(call: Call, _: Any) -> dict[str, Any]:
    """The versioning status, MFA delete included."""
    bucket = _bucket(call)
    state = {"Status": bucket.versioning_status, "MFADelete": _mfa_delete(bucket)}
    return {key: value for key, value in state.items() if value}


@answers("s3", "DeleteObject", "DeleteObjects")
def delete_object(call: Call, moto: Callable[[], Response]) -> Response:
    """Where MFA delete is on, a version goes only by root and with a code."""
    versions = [call.parameters, *(call.parameters.get("Delete") or {}).get("Objects", [])]
    if _mfa_delete(_bucket(call)) == "Enabled" and any(version.get("VersionId") for version in versions):
        _require_mfa(call)
    return moto()


@answers("s3", "GetObjectRetention")
def get_object_retention(call: Call, _: Any) -> dict[str, Any]:
    """The retention of a version."""
    key = _key(call)
    if not key.lock_mode:
        raise AWSError(
            "NoSuchObjectLockConfiguration", "The specified object does not have a ObjectLock configuration", 404
        )
    return {"Retention": {"Mode": key.lock_mode, "RetainUntilDate": key.lock_until}}


@answers("s3", "PutObjectRetention")
def put_object_retention(call: Call, moto: Callable[[], Response]) -> Response:
    """Refuse to shorten a retention, in COMPLIANCE to everybody."""
    key = _key(call)
    wanted = call.parameters.get("Retention") or {}
    bypass = bool(call.parameters.get("BypassGovernanceRetention")) and key.lock_mode == "GOVERNANCE"
    if key.lock_mode and not bypass:
        until = wanted.get("RetainUntilDate")
        shorter = until is None or f"{until:%Y-%m-%dT%H:%M:%S}" < key.lock_until[:19]
        if shorter or (key.lock_mode == "COMPLIANCE" and wanted.get("Mode") != "COMPLIANCE"):
            raise AWSError("AccessDenied", "Access Denied because object protected by object lock.", 403)
    return moto()


@answers("s3", "PutBucketPolicy")
def put_bucket_policy(call: Call, moto: Callable[[], Response]) -> Response:
    """Refuse what is no policy of this bucket."""
    bucket = _bucket(call)
    try:
        document = json.loads(call.body)
        statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
        resources = [r for s in statements for r in _listed(s.get("Resource", s.get("NotResource", [])))]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AWSError("MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'") from error
    if len(call.body) > POLICY_BYTES:
        raise AWSError("MalformedPolicy", "Policy exceeds the maximum allowed document size.")
    if not all(resource == bucket.arn or resource.startswith(f"{bucket.arn}/") for resource in resources):
        raise AWSError("MalformedPolicy", "Policy has invalid resource")
    return moto()


@answers("s3", "GetBucketPolicyStatus")
def get_bucket_policy_status(call: Call, _: Any) -> dict[str, Any]:
    """Whether the policy lets everybody in without a condition."""
    bucket = _bucket(call)
    if not bucket.policy:
        raise AWSError("NoSuchBucketPolicy", "The bucket policy does not exist", 404)
    statements = json.loads(bucket.policy)["Statement"]
    public = any(
        statement["Effect"] == "Allow"
        and statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        and not statement.get("Condition")
        for statement in (statements if isinstance(statements, list) else [statements])
    )
    return {"PolicyStatus": {"IsPublic": public}}


@answers("s3", "PutBucketAcl")
def put_bucket_acl(call: Call, moto: Callable[[], Response]) -> Response:
    """Refuse ACLs where ownership disables them, as on every new bucket."""
    controls = _settings(_bucket(call)).get("BucketOwnershipControls", {"Rules": []})["Rules"]
    enforced = any(rule["ObjectOwnership"] == _OWNER_ENFORCED for rule in controls)
    if enforced and call.parameters.get("ACL") not in ("private", "bucket-owner-full-control"):
        raise AWSError("AccessControlListNotSupported", "The bucket does not allow ACLs")
    return moto()


@replaces(S3Backend)
def create_bucket(original: Any, self: S3Backend, *given: Any, **named: Any) -> FakeBucket:
    """A new bucket has AWS's defaults since 2023: encrypted, private, without ACLs."""
    bucket = original(self, *given, **named)
    bucket.public_access_block = PublicAccessBlock("True", "True", "True", "True")
    bucket.ownership_rule = _OWNER_ENFORCED
    bucket.encryption = {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}}
    _settings(bucket).update(
        BucketEncryption=_DEFAULT_ENCRYPTION,
        BucketOwnershipControls={"Rules": [{"ObjectOwnership": _OWNER_ENFORCED}]},
    )
    return bucket


@answers("s3", "CreateBucket")
def create_bucket_with_ownership(call: Call, moto: Callable[[], Response]) -> Response:
    """Keep the ownership that a bucket is created with."""
    response = moto()
    ownership = call.parameters.get("ObjectOwnership")
    if response.status_code < 300 and ownership:
        _settings(_bucket(call))["BucketOwnershipControls"] = {"Rules": [{"ObjectOwnership": ownership}]}
    return response


@replaces(S3Backend)
def put_object_lock_configuration(
    _: Any,
    self: S3Backend,
    bucket_name: str,
    lock_enabled: bool,
    mode: str | None = None,
    days: int | None = None,
    years: int | None = None,
) -> None:
    """Change the lock of a bucket that holds objects, too, as S3 allows since 2023."""
    bucket = self.get_bucket(bucket_name)
    if bucket.versioning_status != "Enabled":
        raise AWSError(
            "InvalidBucketState", "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration", 409
        )
    bucket.object_lock_enabled = bucket.object_lock_enabled or lock_enabled
    bucket.default_lock_mode, bucket.default_lock_days, bucket.default_lock_years = mode, days or 0, years or 0


@replaces(FakeBucket)
def set_logging(original: Any, self: FakeBucket, logging: dict[str, Any] | None, backend: S3Backend) -> None:
    """Judge the target's policy by meaning; moto stumbles over other statements in it."""
    target = backend.buckets.get(logging["TargetBucket"]) if logging else None
    if target is None or not target.policy:
        original(self, logging, backend)
        return
    request = policy.service_request(
        LOGGING,
        "s3:PutObject",
        f"{target.arn}/{logging.get('TargetPrefix') or ''}probe",
        {"aws:SourceArn": self.arn, "aws:SourceAccount": self.account_id},
    )
    if not policy.allows(target.policy, request):
        raise AWSError(
            "InvalidTargetBucketForLogging",
            f"The policy of the target bucket {target.name} does not let {LOGGING} write the logs of {self.name}.",
        )
    if target.object_lock_enabled:
        raise AWSError(
            "InvalidTargetBucketForLogging", "A bucket with Object Lock cannot be the target of server access logs."
        )
    if target.region_name != self.region_name:
        raise AWSError("CrossLocationLoggingProhibited", "Cross S3 location logging not allowed.", 403)
    self.logging = logging


@replaces(FakeBucket)
def is_versioned(_: Any, self: FakeBucket) -> bool:
    """Whether versions are kept: under suspension, too, where moto would drop them all."""
    return self.versioning_status is not None


@replaces(FakeBucket)
def get_permission(_: Any, __: FakeBucket, ___: str, ____: str) -> Any:
    """Judge no request by a bucket policy: moto would, but without the conditions."""
    from moto.iam.access_control import PermissionResult

    return PermissionResult.NEUTRAL


def _bucket(call: Call) -> FakeBucket:
    return s3_backends[call.identity.account][PARTITION].get_bucket(call.parameters["Bucket"])


def _key(call: Call) -> FakeKey:
    given = call.parameters
    backend = s3_backends[call.identity.account][PARTITION]
    key = backend.get_object(given["Bucket"], given["Key"], version_id=given.get("VersionId"))
    if key is None:
        raise AWSError("NoSuchKey", "The specified key does not exist.", 404)
    return key


def _settings(bucket: FakeBucket) -> dict[str, Any]:
    return bucket.__dict__.setdefault("settings", {})


def _complete(name: str, setting: dict[str, Any]) -> None:
    """Give parts of a setting the values that S3 gives them when they lack one."""
    for rule in setting.get("Rules") or []:
        if name in ("BucketLifecycleConfiguration", "BucketReplication"):
            rule.setdefault("ID", uuid4().hex)
        if name == "BucketEncryption":
            rule.setdefault("BucketKeyEnabled", False)
    if name == "BucketNotificationConfiguration":
        for targets in setting.values():
            for target in targets if isinstance(targets, list) else []:
                target.setdefault("Id", uuid4().hex)


def _mfa_delete(bucket: FakeBucket) -> str | None:
    return _settings(bucket).get("MFADelete")


def _kind(call: Call) -> str:
    return re.sub(r"^(Put|Get|List|Delete)Bucket|Configurations?$", "", call.operation)


def _numbered(call: Call) -> dict[str, Any]:
    found = _settings(_bucket(call)).get(_kind(call), {})
    if call.parameters["Id"] not in found:
        raise AWSError("NoSuchConfiguration", "The specified configuration does not exist.", 404)
    return found


def _require_mfa(call: Call) -> None:
    code = call.request.headers.get("x-amz-mfa", "")
    if not re.fullmatch(r"\S+ \d{6}", code):
        raise AWSError("AccessDenied", "Mfa Authentication must be used for this request", 403)
    if call.access_key_id.startswith("ASIA"):
        raise AWSError("NotDevPayRequest", "DevPay and Mfa are mutually exclusive authorization methods.", 403)
    if call.identity.kind != "root" or call.identity.account != _bucket(call).account_id:
        raise AWSError("AccessDenied", "Access Denied", 403)


def _mfa_and_lifecycle() -> AWSError:
    return AWSError(
        "InvalidBucketState", "Mfa Authentication is not supported on a bucket with lifecycle configuration", 409
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
