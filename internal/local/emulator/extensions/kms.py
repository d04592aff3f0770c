"""KMS: rotation periods, deletion answers, and the lock-out check of key policies."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import moto.kms.responses
from moto.core.utils import utcnow
from moto.kms.models import Key, kms_backends
from werkzeug.wrappers import Response

import policy
from calls import Call
from errors import AWSError
from extensions import answers, replaces

DEFAULT_ROTATION = 365
ROTATIONS = range(90, 2561)
WINDOWS = range(7, 31)


@answers("kms", "CreateKey", "PutKeyPolicy")
def keep_policy(call: Call, moto: Callable[[], Response]) -> Response:
    """Refuse a key policy that would lock its maker out."""
    given = call.parameters
    if given.get("Policy"):
        try:
            document = json.loads(given["Policy"])
        except ValueError as error:
            raise AWSError("MalformedPolicyDocumentException", "The policy is not valid JSON.") from error
        if not isinstance(document, dict) or "Statement" not in document:
            raise AWSError("MalformedPolicyDocumentException", "The policy has no statement.")
        if not given.get("BypassPolicyLockoutSafetyCheck") and not _may_change(call, given["Policy"]):
            raise AWSError(
                "MalformedPolicyDocumentException",
                "The new key policy will not allow you to update the key policy in the future.",
            )
    return moto()


@answers("kms", "EnableKeyRotation")
def enable_key_rotation(call: Call, moto: Callable[[], Response]) -> Response:
    """Keep the rotation period."""
    period = call.parameters.get("RotationPeriodInDays")
    if period is not None and period not in ROTATIONS:
        raise AWSError("ValidationException", "RotationPeriodInDays must be between 90 and 2560.")
    response = moto()
    if response.status_code < 300:
        key = _key(call)
        key.rotation_period = period or getattr(key, "rotation_period", DEFAULT_ROTATION)
        key.rotation_enabled = utcnow()
    return response


@answers("kms", "GetKeyRotationStatus")
def get_key_rotation_status(call: Call, moto: Callable[[], Response]) -> Response | dict[str, Any]:
    """The rotation with its period and next date."""
    response = moto()
    if response.status_code >= 300:
        return response
    key = _key(call)
    answer: dict[str, Any] = {"KeyId": key.arn, "KeyRotationEnabled": key.key_rotation_status}
    if key.key_rotation_status:
        period = getattr(key, "rotation_period", DEFAULT_ROTATION)
        answer["RotationPeriodInDays"] = period
        answer["NextRotationDate"] = getattr(key, "rotation_enabled", utcnow()) + timedelta(days=period)
    return answer


@answers("kms", "ScheduleKeyDeletion")
def schedule_key_deletion(call: Call, moto: Callable[[], Response]) -> Response | dict[str, Any]:
    """Answer with state and window, and refuse a window out of range."""
    window = call.parameters.get("PendingWindowInDays") or WINDOWS[-1]
    if window not in WINDOWS:
        raise AWSError("ValidationException", "PendingWindowInDays must be between 7 and 30.")
    response = moto()
    if response.status_code >= 300:
        return response
    key = _key(call)
    return {
        "KeyId": key.arn,
        "DeletionDate": key.deletion_date,
        "KeyState": key.key_state,
        "PendingWindowInDays": window,
    }


@answers("kms", "CancelKeyDeletion")
def cancel_key_deletion(call: Call, moto: Callable[[], Response]) -> Response | dict[str, Any]:
    """Answer with the key's ARN."""
    response = moto()
    return response if response.status_code >= 300 else {"KeyId": _key(call).arn}


@replaces(moto.kms.responses)
def _assert_default_policy(original: Any, policy_name: str | None) -> None:
    """Take a policy without a name for the default one, as AWS does since 2024."""
    original(policy_name or "default")


@replaces(Key)
def to_dict(original: Any, self: Key) -> dict[str, Any]:
    """Say that a key is not multi-Region; moto leaves MultiRegion null, and so absent."""
    self.multi_region = bool(self.multi_region)
    return original(self)


def _may_change(call: Call, document: str) -> bool:
    identity = call.identity
    request = policy.Request(
        "kms:PutKeyPolicy", "*", frozenset(identity.principals), {"aws:PrincipalArn": identity.principal_arn}
    )
    return policy.allows(document, request)


def _key(call: Call) -> Key:
    keys = kms_backends[call.identity.account][call.region]
    return keys.keys[keys.any_id_to_key_id(call.parameters["KeyId"])]
