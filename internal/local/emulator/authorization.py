"""moto's own authorization, for the calls that extensions answer in its place.

It judges by identity policies alone, and is off until /moto-api/reset-auth switches it on.
"""

from moto import settings
from moto.core.authorization import ActionAuthenticatorMixin
from moto.iam.access_control import IAMRequest

from calls import Call


def authorize(call: Call) -> None:
    """Refuse a call that the policies of its principal do not allow."""
    if ActionAuthenticatorMixin.request_count < settings.INITIAL_NO_AUTH_ACTION_COUNT:
        return
    request = call.request
    judged = IAMRequest(
        account_id=call.identity.account,
        method=request.method,
        path=request.full_path if request.query_string else request.path,
        data=dict(request.args),
        body=call.body,
        headers=request.headers,
        action=call.operation,
    )
    judged.check_signature()
    judged.check_action_permitted("*")
