"""Who a caller is, and which roles they may assume."""

import json
import unittest

from tests.running import (
    ADA,
    AUDIT,
    DEPLOY,
    EVE,
    MANAGEMENT,
    Case,
    audit,
    client,
    root,
)


class Callers(Case):
    """GetCallerIdentity."""

    def test_users_roots_and_roles(self) -> None:
        for api, account, arn in (
            (client("sts", ADA), MANAGEMENT, f"arn:aws:iam::{MANAGEMENT}:user/ada"),
            (client("sts", EVE, "eve-secret"), MANAGEMENT, f"arn:aws:iam::{MANAGEMENT}:user/eve"),
            (root("sts"), AUDIT, f"arn:aws:iam::{AUDIT}:root"),
            (audit("sts"), AUDIT, f"arn:aws:sts::{AUDIT}:assumed-role/deploy/session"),
            (client("sts", "AKIAUNKNOWN000000009"), MANAGEMENT, f"arn:aws:iam::{MANAGEMENT}:root"),
        ):
            with self.subTest(arn):
                identity = api.get_caller_identity()
                self.assertEqual((identity["Account"], identity["Arn"]), (account, arn))

    def test_calls_of_a_session_land_in_its_account(self) -> None:
        arn = audit("sns").create_topic(Name="lands")["TopicArn"]
        self.assertEqual(arn.split(":")[4], AUDIT)
        self.assertNotIn(arn, [topic["TopicArn"] for topic in client("sns").list_topics()["Topics"]])

    def test_a_user_session_is_the_user(self) -> None:
        session = client("sts").get_session_token()["Credentials"]
        again = client("sts").get_session_token()["Credentials"]
        self.assertNotEqual(session["AccessKeyId"], again["AccessKeyId"])
        api = client("sts", session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
        self.assertEqual(api.get_caller_identity()["Arn"], f"arn:aws:iam::{MANAGEMENT}:user/ada")
        self.refused("AccessDenied", audit("sts").get_session_token, status=403)

    def test_the_seeded_role(self) -> None:
        role = audit("iam").get_role(RoleName="deploy")["Role"]
        self.assertEqual((role["Arn"], role["Description"]), (DEPLOY, "brings the archive up"))
        attached = audit("iam").list_attached_role_policies(RoleName="deploy")["AttachedPolicies"]
        self.assertEqual([policy["PolicyName"] for policy in attached], ["AdministratorAccess"])


class AssumeRole(Case):
    """Trust policies."""

    def test_a_role_that_does_not_exist(self) -> None:
        message = self.refused(
            "AccessDenied", client("sts").assume_role, status=403, RoleArn=DEPLOY + "er", RoleSessionName="session"
        )
        self.assertEqual(
            message,
            f"User: arn:aws:iam::{MANAGEMENT}:user/ada is not authorized to perform: "
            f"sts:AssumeRole on resource: {DEPLOY}er",
        )

    def test_an_account_that_does_not_exist(self) -> None:
        arn = "arn:aws:iam::999999999999:role/deploy"
        self.refused("AccessDenied", client("sts").assume_role, RoleArn=arn, RoleSessionName="session")

    def test_a_caller_who_is_not_trusted(self) -> None:
        eve = client("sts", EVE, "eve-secret")
        self.refused("AccessDenied", eve.assume_role, RoleArn=DEPLOY, RoleSessionName="session")
        self.refused("AccessDenied", root("sts").assume_role, RoleArn=DEPLOY, RoleSessionName="session")

    def test_a_code_where_the_trust_policy_asks_for_one(self) -> None:
        trust = {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{MANAGEMENT}:root"},
                "Action": "sts:AssumeRole",
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            },
        }
        role = audit("iam").create_role(RoleName="reader", Path="/x/", AssumeRolePolicyDocument=json.dumps(trust))
        given = {"RoleArn": role["Role"]["Arn"], "RoleSessionName": "session"}
        code = {"SerialNumber": f"arn:aws:iam::{MANAGEMENT}:mfa/ada", "TokenCode": "123456"}
        self.refused("AccessDenied", client("sts").assume_role, **given)
        session = client("sts").assume_role(**given, **code)["AssumedRoleUser"]
        self.assertEqual(session["Arn"], f"arn:aws:sts::{AUDIT}:assumed-role/reader/session")
        for extra, allowed in (({}, False), (code, True)):
            token = client("sts").get_session_token(**extra)["Credentials"]
            api = client("sts", token["AccessKeyId"], token["SecretAccessKey"], token["SessionToken"])
            if allowed:
                api.assume_role(**given)
            else:
                self.refused("AccessDenied", api.assume_role, **given)


class Iam(Case):
    """IAM's additions."""

    def test_managed_policies_of_aws(self) -> None:
        iam = client("iam")
        trust = {"Version": "2012-10-17", "Statement": []}
        iam.create_role(RoleName="attached", AssumeRolePolicyDocument=json.dumps(trust))
        iam.create_group(GroupName="attached")
        arn = "arn:aws:iam::aws:policy/SecurityAudit"
        self.assertEqual(iam.get_policy(PolicyArn=arn)["Policy"]["PolicyName"], "SecurityAudit")
        iam.attach_role_policy(RoleName="attached", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
        iam.attach_user_policy(UserName="eve", PolicyArn="arn:aws:iam::aws:policy/AWSSupportAccess")
        iam.attach_group_policy(GroupName="attached", PolicyArn="arn:aws:iam::aws:policy/job-function/Billing")
        self.refused(
            "NoSuchEntity", iam.attach_role_policy, RoleName="attached", PolicyArn="arn:aws:iam::aws:policy/None"
        )

    def test_the_service_linked_role_of_cloudtrail(self) -> None:
        name = "AWSServiceRoleForCloudTrail"
        arn = f"arn:aws:iam::{MANAGEMENT}:role/aws-service-role/cloudtrail.amazonaws.com/{name}"
        self.assertEqual(client("iam").get_role(RoleName=name)["Role"]["Arn"], arn)
        created = root("iam").create_service_linked_role(AWSServiceName="cloudtrail.amazonaws.com")
        self.assertEqual(created["Role"]["Arn"], arn.replace(MANAGEMENT, AUDIT))


if __name__ == "__main__":
    unittest.main()
