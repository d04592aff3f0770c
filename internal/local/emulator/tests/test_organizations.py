"""The organization, seen from its management account and from members."""

import json
import unittest

from tests.running import AUDIT, MANAGEMENT, ORGANIZATION, SEED, SHOP, SHOP_ROOT, Case, Emulator, audit, client, root

SECURITY_HUB = "securityhub.amazonaws.com"


class Organization(Case):
    """AWS Organizations."""

    def test_it_is_the_same_from_everywhere(self) -> None:
        for api in (client("organizations"), audit("organizations")):
            found = api.describe_organization()["Organization"]
            self.assertEqual(found["Id"], ORGANIZATION)
            self.assertEqual(found["MasterAccountId"], MANAGEMENT)
            self.assertEqual(found["Arn"], f"arn:aws:organizations::{MANAGEMENT}:organization/{ORGANIZATION}")

    def test_accounts_and_units(self) -> None:
        api = client("organizations")
        accounts = {account["Id"]: account for account in api.list_accounts()["Accounts"]}
        self.assertEqual(
            {key: account["Name"] for key, account in accounts.items()},
            {MANAGEMENT: "management", AUDIT: "audit", SHOP: "shop"},
        )
        self.assertEqual(accounts[AUDIT]["Email"], "audit@example.com")
        self.assertTrue(accounts[SHOP]["Arn"].endswith(f":account/{ORGANIZATION}/{SHOP}"))
        [top] = api.list_roots()["Roots"]
        self.assertEqual(top["PolicyTypes"], [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}])
        units = api.list_organizational_units_for_parent(ParentId=top["Id"])["OrganizationalUnits"]
        held = {
            unit["Name"]: [a["Id"] for a in api.list_accounts_for_parent(ParentId=unit["Id"])["Accounts"]]
            for unit in units
        }
        self.assertEqual(held, {"Security": [AUDIT], "Workloads": [SHOP]})

    def test_trusted_access(self) -> None:
        services = client("organizations").list_aws_service_access_for_organization()["EnabledServicePrincipals"]
        self.assertIn("cloudtrail.amazonaws.com", [service["ServicePrincipal"] for service in services])

    def test_members_may_not_ask_for_more(self) -> None:
        api = root("organizations", SHOP_ROOT)
        for operation in (api.list_accounts, api.list_roots, api.list_aws_service_access_for_organization):
            self.refused("AccessDeniedException", operation)

    def test_a_delegated_administrator_may_read(self) -> None:
        management = client("organizations")
        member = root("organizations", SHOP_ROOT)
        management.register_delegated_administrator(AccountId=SHOP, ServicePrincipal=SECURITY_HUB)
        self.addCleanup(management.deregister_delegated_administrator, AccountId=SHOP, ServicePrincipal=SECURITY_HUB)
        found = management.list_delegated_administrators(ServicePrincipal=SECURITY_HUB)["DelegatedAdministrators"]
        self.assertEqual([admin["Id"] for admin in found], [SHOP])
        self.assertEqual(len(member.list_accounts()["Accounts"]), 3)
        self.refused(
            "AccessDeniedException", member.enable_aws_service_access, ServicePrincipal="cloudtrail.amazonaws.com"
        )

    def test_policies_are_read_back(self) -> None:
        api = client("organizations")
        content = json.dumps({"Version": "2012-10-17", "Statement": []})
        created = api.create_policy(Name="guard", Description="d", Type="SERVICE_CONTROL_POLICY", Content=content)
        policy = created["Policy"]["PolicySummary"]["Id"]
        top = api.list_roots()["Roots"][0]["Id"]
        api.attach_policy(PolicyId=policy, TargetId=top)
        self.assertEqual(api.describe_policy(PolicyId=policy)["Policy"]["Content"], content)
        self.assertEqual([t["TargetId"] for t in api.list_targets_for_policy(PolicyId=policy)["Targets"]], [top])
        api.detach_policy(PolicyId=policy, TargetId=top)
        api.delete_policy(PolicyId=policy)

    def test_it_is_not_deleted_with_members_in_it(self) -> None:
        self.refused("OrganizationNotEmptyException", client("organizations").delete_organization)

    def test_it_is_deleted_without_members(self) -> None:
        instance = Emulator({**SEED, "organization": {**SEED["organization"], "units": []}})
        self.addCleanup(instance.close)
        api = client("organizations", at=instance.wait()["endpoint"])
        api.delete_organization()
        self.refused("AWSOrganizationsNotInUseException", api.describe_organization)


if __name__ == "__main__":
    unittest.main()
