"""Who makes a call: the account and the principal behind an access key."""

from dataclasses import dataclass

from moto.iam.models import AccessKey, get_account_id_from, iam_backends
from moto.sts.models import sts_backends

PARTITION = "aws"


@dataclass(frozen=True)
class Identity:
    """A principal. kind is root, user, or role, as in an ARN's own words."""

    account: str
    arn: str
    user_id: str  # as GetCallerIdentity tells it
    kind: str
    name: str = ""  # of the user or role
    mfa: bool | None = None  # of a session: whether it was begun with a code

    @property
    def principals(self) -> set[str]:
        """Every form in which a policy may name this principal."""
        return {self.arn, self.principal_arn, self.account, root_arn(self.account), "*"}

    @property
    def principal_arn(self) -> str:
        """The value of aws:PrincipalArn: of a session, its role's ARN."""
        for role in iam_backends[self.account][PARTITION].roles.values() if self.kind == "role" else ():
            if role.name == self.name:
                return role.arn
        return self.arn


def root_arn(account: str) -> str:
    """The ARN of an account's root user."""
    return f"arn:{PARTITION}:iam::{account}:root"


def identify(access_key_id: str) -> Identity:
    """Find the principal of an access key.

    An unknown key counts as root of the management account, as moto sends its
    calls there. AWS would refuse it.
    """
    account = get_account_id_from(access_key_id)
    iam = iam_backends[account][PARTITION]
    key = iam.access_keys.get(access_key_id)
    if key is not None and key.role_arn:
        session = sts_backends[account][PARTITION].get_assumed_role_from_access_key(access_key_id)
        if session is not None:
            name = session.role_arn.split("/")[-1]
            return Identity(account, session.arn, session.user_id, "role", name, False)
    if key is not None and key.user_name and key.user_name in iam.users:
        user = iam.users[key.user_name]
        return Identity(account, user.arn, user.id, "user", user.name, getattr(key, "mfa", None))
    return Identity(account, root_arn(account), account, "root")


def add_access_key(account: str, access_key_id: str, secret: str, user_name: str | None) -> None:
    """Give a user (or, without a name, the account's root) a known access key."""
    iam = iam_backends[account][PARTITION]
    key = AccessKey(user_name, prefix="AKIA", account_id=account)
    key.access_key_id, key.secret_access_key = access_key_id, secret
    iam.access_keys[access_key_id] = key
    if user_name is not None:
        iam.users[user_name].access_keys.append(key)
