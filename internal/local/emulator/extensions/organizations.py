"""AWS Organizations: given identifiers, and what member accounts may see."""

from typing import Any
from unittest.mock import patch

from moto.iam.models import iam_backends
from moto.organizations import utils
from moto.organizations.exceptions import OrganizationsClientError
from moto.organizations.models import (
    FakeDelegatedAdministrator,
    OrganizationsBackend,
    organizations_backends,
)
from moto.organizations.responses import OrganizationsResponse

from extensions import replaces

# Services a member account may administer, beyond the six that moto knows:
# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_services_list.html
FakeDelegatedAdministrator.SUPPORTED_SERVICES += [
    "account.amazonaws.com",
    "auditmanager.amazonaws.com",
    "backup.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "config.amazonaws.com",
    "detective.amazonaws.com",
    "fms.amazonaws.com",
    "health.amazonaws.com",
    "inspector2.amazonaws.com",
    "ipam.amazonaws.com",
    "member.org.stacksets.cloudformation.amazonaws.com",
    "securityhub.amazonaws.com",
    "securitylake.amazonaws.com",
    "sso.amazonaws.com",
    "storage-lens.s3.amazonaws.com",
]

_MANAGEMENT_NAME = "management"
# Every member may ask for these; a delegated administrator may also read the rest.
_FOR_MEMBERS = {"DescribeOrganization", "LeaveOrganization", "ListHandshakesForAccount", "CreateOrganization"}
_READS = ("Describe", "List")


def create_organization(backend: OrganizationsBackend, organization_id: str, region: str) -> str:
    """Create an organization with the given id, and return its root's id."""
    with (
        patch.object(utils, "make_random_org_id", return_value=organization_id),
        patch.object(utils, "make_random_account_id", return_value=backend.account_id),
    ):
        backend.create_organization(region, FeatureSet="ALL")
    backend.accounts[0].name = _MANAGEMENT_NAME
    backend.org.master_account_email = backend.accounts[0].email = f"{_MANAGEMENT_NAME}@example.com"
    # Only accounts that an organization creates come with this role.
    iam_backends[backend.account_id][backend.partition].delete_role("OrganizationAccountAccessRole")
    return backend.org.root_id


def create_member(backend: OrganizationsBackend, account: str, name: str, email: str) -> None:
    """Create a member account with the given id, below the root."""
    with patch.object(utils, "make_random_account_id", return_value=account):
        backend.create_account(AccountName=name, Email=email)


def organization_of(account: str) -> OrganizationsBackend | None:
    """The management account's backend of the organization that an account belongs to."""
    owner, partition = organizations_backends.master_accounts.get(account, (account, "aws"))
    backend = organizations_backends[owner][partition]
    return backend if backend.org is not None else None


def is_delegated_administrator(organization: OrganizationsBackend, account: str, service: str) -> bool:
    """Whether an account administers a service for the organization."""
    return any(admin.account.id == account and service in admin.services for admin in organization.admins)


def describe_accounts(management_account: str) -> list[dict[str, str]]:
    """Every account with the name of the unit that it is in."""
    organization = organization_of(management_account)
    if organization is None:
        return [{"id": management_account, "name": "", "email": "", "unit": ""}]
    units = {unit.id: unit.name for unit in organization.ou}
    return [
        {"id": account.id, "name": account.name, "email": account.email, "unit": units.get(account.parent_id, "")}
        for account in organization.accounts
    ]


@replaces(OrganizationsResponse)
def organizations_backend(original: Any, self: OrganizationsResponse) -> OrganizationsBackend:
    """Answer members from their organization, and refuse what is not theirs to ask."""
    action = self._get_action()
    organization = organization_of(self.current_account)
    if organization is None or organization.account_id == self.current_account or action in _FOR_MEMBERS:
        return original(self)
    delegated = any(admin.account.id == self.current_account for admin in organization.admins)
    if delegated and action.startswith(_READS):
        return organization
    raise OrganizationsClientError("AccessDeniedException", "You don't have permissions to access this resource.")


@replaces(OrganizationsBackend)
def delete_organization(original: Any, self: OrganizationsBackend) -> None:
    """Delete an organization that has no member left."""
    for account in self.accounts:
        if account.id == self.account_id:
            account.name = "master"  # by this name moto knows whom not to count
    original(self)
