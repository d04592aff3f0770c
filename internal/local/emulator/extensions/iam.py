"""IAM: service-linked role names, and AWS's managed policies without loading them all."""

import functools
import json
from typing import Any

import moto.iam.models
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend, ManagedPolicy

from extensions import replaces

moto.iam.models.SERVICE_NAME_CONVERSION["cloudtrail"] = "CloudTrail"


def attach_managed_policy(backend: IAMBackend, role_name: str, policy: str) -> None:
    """Attach a managed policy, given by ARN or by the name of one of AWS's own."""
    arn = policy if policy.startswith("arn:") else _arn_of(policy)
    backend.attach_role_policy(arn, role_name)


@replaces(IAMBackend)
def attach_role_policy(original: Any, self: IAMBackend, policy_arn: str, role_name: str) -> None:
    """Attach a policy, AWS's own ones included."""
    _provide(self, policy_arn)
    original(self, policy_arn, role_name)


@replaces(IAMBackend)
def attach_user_policy(original: Any, self: IAMBackend, policy_arn: str, user_name: str) -> None:
    """Attach a policy, AWS's own ones included."""
    _provide(self, policy_arn)
    original(self, policy_arn, user_name)


@replaces(IAMBackend)
def attach_group_policy(original: Any, self: IAMBackend, policy_arn: str, group_name: str) -> None:
    """Attach a policy, AWS's own ones included."""
    _provide(self, policy_arn)
    original(self, policy_arn, group_name)


@replaces(IAMBackend)
def get_policy(original: Any, self: IAMBackend, policy_arn: str) -> ManagedPolicy:
    """Find a policy, AWS's own ones included."""
    _provide(self, policy_arn)
    return original(self, policy_arn)


@functools.cache
def _aws_policies() -> dict[str, tuple[str, dict[str, Any]]]:
    return {
        f"arn:aws:iam::aws:policy{policy['Path']}{name}": (name, policy)
        for name, policy in json.loads(aws_managed_policies_data).items()
    }


def _arn_of(policy_name: str) -> str:
    for arn, (name, _) in _aws_policies().items():
        if name == policy_name:
            return arn
    return f"arn:aws:iam::aws:policy/{policy_name}"  # IAM then says that it does not exist


def _provide(backend: IAMBackend, arn: str) -> None:
    # moto loads all 1,400 of them for every account and partition, or none.
    if arn in backend.managed_policies or not arn.startswith("arn:aws:iam::aws:"):
        return
    if arn in _aws_policies():
        name, policy = _aws_policies()[arn]
        backend.managed_policies[arn] = AWSManagedPolicy.from_data(
            name, backend.account_id, backend.region_name, policy
        )
