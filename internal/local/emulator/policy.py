"""Judges requests by resource policies, for the checks that AWS makes when it is configured.

Before CloudTrail takes a bucket, KMS a key policy or CloudWatch Logs a key, AWS tries
whether the policy allows what is coming. No other call is judged by a policy here.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """What a principal asks for. Context keys that it lacks are absent, as on AWS."""

    action: str
    resource: str
    principals: frozenset[str]  # every form in which a statement may name the principal
    context: dict[str, str] = field(default_factory=dict)


def service_request(service: str, action: str, resource: str, context: dict[str, str]) -> Request:
    """A request that an AWS service makes, over TLS and as itself."""
    own = {
        "aws:PrincipalIsAWSService": "true",
        "aws:PrincipalServiceName": service,
        "aws:SecureTransport": "true",
        "s3:TlsVersion": "1.3",
    }
    return Request(action, resource, frozenset({service, "*"}), own | context)


def allows(policy: str | bytes | None, request: Request) -> bool:
    """Whether a policy allows a request: some statement does, and none denies it."""
    if not policy:
        return False
    effects = {
        statement.get("Effect")
        for statement in _list(json.loads(policy).get("Statement", []))
        if _applies(statement, request)
    }
    return effects == {"Allow"}


def _applies(statement: dict[str, Any], request: Request) -> bool:
    return (
        _names_principal(statement, request.principals)
        and _matches(statement, "Action", request.action, ignore_case=True)
        and _matches(statement, "Resource", request.resource)
        and all(
            _condition(operator, key, _list(values), request.context)
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def _names_principal(statement: dict[str, Any], principals: frozenset[str]) -> bool:
    if "NotPrincipal" in statement:
        return principals.isdisjoint(_flat(statement["NotPrincipal"]))
    if "Principal" not in statement:
        return True  # a policy of a role: the role is the principal
    return not principals.isdisjoint(_flat(statement["Principal"]))


def _flat(principal: Any) -> set[str]:
    if isinstance(principal, str):
        return {principal}
    return {name for names in principal.values() for name in _list(names)}


def _matches(statement: dict[str, Any], key: str, value: str, ignore_case: bool = False) -> bool:
    if f"Not{key}" in statement:
        return not any(_like(pattern, value, ignore_case) for pattern in _list(statement[f"Not{key}"]))
    # A key policy's or trust policy's resource may be left out: it is the one that carries it.
    patterns = _list(statement.get(key, "*"))
    return any(_like(pattern, value, ignore_case) for pattern in patterns)


def _like(pattern: str, value: str, ignore_case: bool = False) -> bool:
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, value, re.IGNORECASE | re.DOTALL if ignore_case else re.DOTALL) is not None


_Test = Callable[[str, str], bool]
_TESTS: dict[str, _Test] = {
    "StringEquals": lambda wanted, value: wanted == value,
    "StringEqualsIgnoreCase": lambda wanted, value: wanted.lower() == value.lower(),
    "StringLike": _like,
    "ArnEquals": _like,  # AWS lets both take wildcards
    "ArnLike": _like,
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
    "NumericEquals": lambda wanted, value: float(value) == float(wanted),
    "NumericLessThan": lambda wanted, value: float(value) < float(wanted),
    "NumericLessThanEquals": lambda wanted, value: float(value) <= float(wanted),
    "NumericGreaterThan": lambda wanted, value: float(value) > float(wanted),
    "NumericGreaterThanEquals": lambda wanted, value: float(value) >= float(wanted),
}


def _condition(operator: str, key: str, wanted: list[Any], context: dict[str, str]) -> bool:
    names = {name.lower(): value for name, value in context.items()}
    value = names.get(key.lower())
    if operator == "Null":
        return any((str(want).lower() == "true") == (value is None) for want in wanted)
    name = operator.removeprefix("ForAnyValue:").removeprefix("ForAllValues:")
    if_exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    negated = "Not" in name
    test = _TESTS.get(name.replace("Not", "", 1))
    if test is None:
        return False  # an operator that is not known here is never met
    if value is None:
        return if_exists or negated
    return any(test(str(want), value) for want in wanted) != negated


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
