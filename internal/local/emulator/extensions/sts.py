"""STS: roles must exist and trust their caller; sessions know whose they are."""

import json
from typing import Any

from moto.core.responses import ActionResult
from moto.iam.models import iam_backends
from moto.sts.models import STSBackend
from moto.sts.responses import TokenResponse

from errors import AWSError
from extensions import replaces
from identity import PARTITION, Identity, identify


@replaces(TokenResponse)
def assume_role(original: Any, self: TokenResponse) -> ActionResult:
    """Refuse a role that does not exist, or that does not trust the caller."""
    arn = self._get_param("RoleArn")
    caller = identify(self.access_key)
    if not _trusts(arn, caller, True if _has_code(self) else caller.mfa):
        message = f"User: {caller.arn} is not authorized to perform: sts:AssumeRole on resource: {arn}"
        raise AWSError("AccessDenied", message, 403)
    return original(self)


@replaces(TokenResponse)
def get_session_token(original: Any, self: TokenResponse) -> ActionResult:
    """Give a user a session of their own; moto gives everybody one and the same key."""
    caller = identify(self.access_key)
    if caller.kind == "role":
        raise AWSError("AccessDenied", "Cannot call GetSessionToken with session credentials", 403)
    key = iam_backends[caller.account][PARTITION].create_temp_access_key()
    key.user_name = caller.name or None
    key.mfa = _has_code(self)
    credentials = original(self).result["Credentials"]
    credentials["AccessKeyId"], credentials["SecretAccessKey"] = key.access_key_id, key.secret_access_key
    return ActionResult({"Credentials": credentials})


@replaces(STSBackend)
def get_caller_identity(original: Any, self: STSBackend, access_key_id: str, region: str) -> tuple[str, str, str]:
    """Name the principal; moto makes up a user for a key that it does not know."""
    identity = identify(access_key_id)
    return identity.user_id, identity.arn, identity.account


def _has_code(request: TokenResponse) -> bool:
    return bool(request._get_param("SerialNumber") and request._get_param("TokenCode"))


def _trusts(role_arn: str, caller: Identity, mfa: bool | None) -> bool:
    account, resource = (role_arn.split(":", 5) + [""] * 6)[4:6]
    if not resource.startswith("role/") or account not in iam_backends:
        return False
    role = next((r for r in iam_backends[account][PARTITION].roles.values() if r.arn == role_arn), None)
    if role is None:
        return False
    statements = json.loads(role.assume_role_policy_document)["Statement"]
    if isinstance(statements, dict):
        statements = [statements]
    matching = [statement for statement in statements if _concerns(statement, caller, mfa)]
    return bool(matching) and all(statement["Effect"] == "Allow" for statement in matching)


def _concerns(statement: dict[str, Any], caller: Identity, mfa: bool | None) -> bool:
    principal = statement.get("Principal", {})
    named = principal if isinstance(principal, str) else principal.get("AWS", [])
    if caller.principals.isdisjoint([named] if isinstance(named, str) else named):
        return False
    # The one condition that is judged, since a code can be given here. The key is
    # absent from calls with a user's own access key. Any other condition counts as met.
    for operator, absent in (("Bool", False), ("BoolIfExists", True)):
        wanted = statement.get("Condition", {}).get(operator, {}).get("aws:MultiFactorAuthPresent")
        if wanted is not None and not (absent if mfa is None else str(mfa).lower() == str(wanted).lower()):
            return False
    return True
