"""CloudFormation: how a stack set deploys itself to an organization's accounts."""

from collections.abc import Callable
from typing import Any

from moto.cloudformation.models import StackSet, cloudformation_backends
from werkzeug.wrappers import Response

from calls import Call
from extensions import answers, replaces


@answers("cloudformation", "CreateStackSet", "UpdateStackSet")
def keep_deployment(call: Call, moto: Callable[[], Response]) -> Response:
    """Keep automatic deployment, managed execution and capabilities."""
    response = moto()
    if response.status_code < 300:
        given = call.parameters
        backend = cloudformation_backends[call.identity.account][call.region]
        stack_set = backend.describe_stack_set(given["StackSetName"])
        for member, attribute in (
            ("AutoDeployment", "auto_deployment"),
            ("ManagedExecution", "execution"),
            ("Capabilities", "capabilities"),
        ):
            if given.get(member) is not None:
                setattr(stack_set, attribute, given[member])
    return response


@replaces(StackSet)
def managed_execution(_: Any, self: StackSet) -> dict[str, Any]:
    """Whether operations queue, as it was given."""
    return getattr(self, "execution", {"Active": False})
