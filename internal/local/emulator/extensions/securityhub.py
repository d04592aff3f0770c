"""Security Hub: the hub's configuration, and who administers it."""

from collections.abc import Callable
from typing import Any

from moto.securityhub.models import SecurityHubBackend, securityhub_backends
from werkzeug.wrappers import Response

from calls import Call
from errors import AWSError
from extensions import answers, replaces


@answers("securityhub", "EnableSecurityHub")
def enable_security_hub(call: Call, moto: Callable[[], Response]) -> Response:
    """Keep how findings of controls are generated."""
    response = moto()
    if response.status_code < 300:
        _configuration(call)["ControlFindingGenerator"] = call.parameters.get(
            "ControlFindingGenerator", "SECURITY_CONTROL"
        )
        _configuration(call)["AutoEnableControls"] = True
    return response


@answers("securityhub", "UpdateSecurityHubConfiguration")
def update_security_hub_configuration(call: Call, _: Any) -> dict[str, Any]:
    """Change whether new controls are enabled, and how findings are generated."""
    if not _backend(call).enabled:
        raise AWSError("InvalidAccessException", "Account is not subscribed to AWS Security Hub", 401)
    for member in ("AutoEnableControls", "ControlFindingGenerator"):
        if member in call.parameters:
            _configuration(call)[member] = call.parameters[member]
    return {}


@replaces(SecurityHubBackend)
def describe_hub(original: Any, self: SecurityHubBackend, *given: Any, **named: Any) -> dict[str, Any]:
    """The hub with its configuration as it was put."""
    return {**original(self, *given, **named), **self.__dict__.get("configuration", {})}


@answers("securityhub", "ListOrganizationAdminAccounts")
def list_organization_admin_accounts(call: Call, _: Any) -> dict[str, Any]:
    """The account that administers Security Hub for the organization."""
    admin = _backend(call)._get_org_config()["admin_account_id"]
    return {"AdminAccounts": [{"AccountId": admin, "Status": "ENABLED"}] if admin else []}


@answers("securityhub", "DisableOrganizationAdminAccount")
def disable_organization_admin_account(call: Call, _: Any) -> dict[str, Any]:
    """Take the administration from an account."""
    configuration = _backend(call)._get_org_config()
    if configuration["admin_account_id"] != call.parameters["AdminAccountId"]:
        raise AWSError("ResourceNotFoundException", "The account does not administer Security Hub.", 404)
    configuration["admin_account_id"] = None
    return {}


def _backend(call: Call) -> SecurityHubBackend:
    return securityhub_backends[call.identity.account][call.region]


def _configuration(call: Call) -> dict[str, Any]:
    return _backend(call).__dict__.setdefault("configuration", {})
