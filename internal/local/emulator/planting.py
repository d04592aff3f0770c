"""Plants a seed: makes moto hold the organization, roles and users it names."""

import json

from moto.iam.models import iam_backends
from moto.organizations.models import organizations_backends

import identity
from extensions.iam import attach_managed_policy
from extensions.organizations import create_member, create_organization
from seed import Organization, Seed

REGION = "us-east-1"  # where AWS Organizations and IAM live


def plant(seed: Seed) -> None:
    """Make everything in the seed exist."""
    if seed.organization is not None:
        _organization(seed.organization)
    for role in seed.roles:
        iam = iam_backends[role.account][identity.PARTITION]
        trust = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"AWS": role.trust}, "Action": "sts:AssumeRole"}],
        }
        iam.create_role(
            role_name=role.name,
            assume_role_policy_document=json.dumps(trust),
            path=role.path,
            permissions_boundary=None,
            description=role.description,
            tags=[],
            max_session_duration="3600",
        )
        for policy in role.managed_policies:
            attach_managed_policy(iam, role.name, policy)
    for user in seed.users:
        iam = iam_backends[user.account][identity.PARTITION]
        if user.name is not None and user.name not in iam.users:
            iam.create_user(REGION, user.name)
        identity.add_access_key(user.account, user.access_key_id, user.secret_access_key, user.name)
    for account, service in seed.service_linked_roles:
        iam_backends[account][identity.PARTITION].create_service_linked_role(service, "", "")


def _organization(organization: Organization) -> None:
    backend = organizations_backends[organization.management_account][identity.PARTITION]
    root = create_organization(backend, organization.id, REGION)
    for kind in organization.policy_types:
        backend.enable_policy_type(RootId=root, PolicyType=kind)
    for service in organization.trusted_access:
        backend.enable_aws_service_access(ServicePrincipal=service)
    units = {
        name: backend.create_organizational_unit(ParentId=root, Name=name)["OrganizationalUnit"]["Id"]
        for name in organization.units
    }
    for account in organization.accounts:
        create_member(backend, account.id, account.name, account.email)
        backend.move_account(AccountId=account.id, SourceParentId=root, DestinationParentId=units[account.unit])
