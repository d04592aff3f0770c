"""CloudTrail: an organization trail, the checks before it, and its selectors."""

import json
import unittest
import unittest.mock
from typing import Any

from tests.running import (
    AUDIT,
    MANAGEMENT,
    ORGANIZATION,
    REGION,
    SHOP,
    SHOP_ROOT,
    Case,
    audit,
    bucket,
    client,
    root,
)

SERVICE = {"Service": "cloudtrail.amazonaws.com"}
MANAGEMENT_EVENTS = {"Name": "m", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}


def document(*statements: dict[str, Any]) -> str:
    """A policy of statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: Any, **condition: dict[str, Any]) -> dict[str, Any]:
    """A statement for CloudTrail."""
    statement = {"Effect": "Allow", "Principal": SERVICE, "Action": action, "Resource": resource}
    return statement | ({"Condition": condition} if condition else {})


def arn_of(trail: str) -> str:
    """The ARN of a trail of the management account."""
    return f"arn:aws:cloudtrail:{REGION}:{MANAGEMENT}:trail/{trail}"


def bucket_policy(name: str, trail: str, owners: tuple[str, ...] = (MANAGEMENT, ORGANIZATION)) -> str:
    """A bucket policy for a trail: the two that CloudTrail needs, and denials around them."""
    arn = f"arn:aws:s3:::{name}"
    source = {"aws:SourceArn": arn_of(trail)}
    outside = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [arn, f"{arn}/*"]}
    return document(
        allow("s3:GetBucketAcl", arn, StringEquals=source),
        *(
            allow(
                "s3:PutObject",
                f"{arn}/AWSLogs/{owner}/*",
                StringEquals={**source, "s3:x-amz-acl": "bucket-owner-full-control"},
            )
            for owner in owners
        ),
        outside | {"Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        outside | {"Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}},
        outside
        | {
            "Condition": {
                "StringNotEquals": {"aws:PrincipalOrgID": ORGANIZATION},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            }
        },
        outside
        | {
            "Action": "s3:PutObject",
            "Condition": {
                "Null": {"aws:SourceOrgID": "false"},
                "StringNotEquals": {"aws:SourceOrgID": ORGANIZATION},
            },
        },
    )


def archive(name: str, trail: str) -> str:
    """A bucket of the audit account that a trail may write to."""
    bucket(name)
    audit("s3").put_bucket_policy(Bucket=name, Policy=bucket_policy(name, trail))
    return name


class CloudTrail(Case):
    """Trails of the management account; each test has one of its own."""

    def setUp(self) -> None:
        self.cloudtrail = client("cloudtrail")
        self.name = self.id().rsplit(".", 1)[-1].removeprefix("test_").replace("_", "-")
        self.arn = arn_of(self.name)

    def trail(self, **given: Any) -> dict[str, Any]:
        """A new trail, taken away after the test."""
        if "S3BucketName" not in given:
            given["S3BucketName"] = archive(f"{self.name[:40]}-logs", self.name)
        created = self.cloudtrail.create_trail(Name=self.name, **given)
        self.addCleanup(self.cloudtrail.delete_trail, Name=self.arn)
        return created

    def described(self, api: Any = None) -> dict[str, Any]:
        """What DescribeTrails tells of the trail."""
        [found] = (api or self.cloudtrail).describe_trails(trailNameList=[self.arn])["trailList"]
        return found


class Trails(CloudTrail):
    """Making, changing and deleting."""

    def test_an_organization_trail(self) -> None:
        created = self.trail(
            IsOrganizationTrail=True,
            IsMultiRegionTrail=True,
            EnableLogFileValidation=True,
            TagsList=[{"Key": "a", "Value": "b"}],
        )
        self.assertEqual(created["TrailARN"], self.arn)
        found = self.described()
        for key in (
            "IsOrganizationTrail",
            "IsMultiRegionTrail",
            "LogFileValidationEnabled",
            "IncludeGlobalServiceEvents",
        ):
            self.assertIs(found[key], True, key)
        self.assertEqual(found["HomeRegion"], REGION)
        self.assertFalse(found.keys() & {"KmsKeyId", "CloudWatchLogsLogGroupArn", "SnsTopicARN", "S3KeyPrefix"})
        [tags] = self.cloudtrail.list_tags(ResourceIdList=[self.arn])["ResourceTagList"]
        self.assertEqual(tags["TagsList"], [{"Key": "a", "Value": "b"}])
        self.assertEqual(self.cloudtrail.get_trail(Name=self.name)["Trail"], found)

    def test_members_see_it(self) -> None:
        self.trail(IsOrganizationTrail=True, IsMultiRegionTrail=True)
        member = root("cloudtrail", SHOP_ROOT)
        self.assertEqual(self.described(member), self.described())
        self.assertEqual(self.described(client("cloudtrail", region="us-east-1")), self.described())
        self.assertEqual(member.get_trail(Name=self.arn)["Trail"]["Name"], self.name)
        self.assertIn(self.arn, [trail["TrailARN"] for trail in member.list_trails()["Trails"]])
        self.assertFalse(member.get_trail_status(Name=self.arn)["IsLogging"])
        self.assertEqual(member.get_event_selectors(TrailName=self.arn)["TrailARN"], self.arn)
        for change in (member.stop_logging, member.delete_trail, member.update_trail):
            self.refused("NotOrganizationMasterAccountException", change, Name=self.arn)
        self.refused("TrailNotFoundException", member.get_trail, Name=self.name)

    def test_members_see_no_other(self) -> None:
        self.trail(IsMultiRegionTrail=True)
        member = root("cloudtrail", SHOP_ROOT)
        self.refused("TrailNotFoundException", member.get_trail_status, Name=self.arn)
        self.assertNotIn(self.arn, [trail["TrailARN"] for trail in member.list_trails()["Trails"]])

    def test_it_is_started_and_stopped_by_name_and_arn(self) -> None:
        self.trail()
        for name in (self.arn, self.name):
            self.cloudtrail.start_logging(Name=name)
            status = self.cloudtrail.get_trail_status(Name=name)
            self.assertTrue(status["IsLogging"])
            self.assertIn("StartLoggingTime", status)
            self.assertNotIn("LatestDeliveryTime", status)
            self.cloudtrail.stop_logging(Name=name)
            status = self.cloudtrail.get_trail_status(Name=name)
            self.assertFalse(status["IsLogging"])
            self.assertIn("StopLoggingTime", status)
        elsewhere = client("cloudtrail", region="us-east-1")
        self.refused("InvalidHomeRegionException", elsewhere.stop_logging, Name=self.arn)

    def test_it_exists_once(self) -> None:
        created = self.trail()
        again = {"Name": self.name, "S3BucketName": created["S3BucketName"]}
        self.refused("TrailAlreadyExistsException", self.cloudtrail.create_trail, **again)
        self.refused("InvalidTrailNameException", self.cloudtrail.create_trail, Name="-x-", S3BucketName="none")
        self.refused("CloudTrailARNInvalidException", self.cloudtrail.get_trail, Name="arn:aws:s3:::x")

    def test_five_in_a_region(self) -> None:
        names = [f"one-of-five-{number}" for number in range(6)]
        refused = ""
        for name in names:
            given = {"Name": name, "S3BucketName": archive(f"{name}-logs", name)}
            try:
                self.cloudtrail.create_trail(**given)
                self.addCleanup(self.cloudtrail.delete_trail, Name=name)
            except self.cloudtrail.exceptions.MaximumNumberOfTrailsExceededException:
                refused = name
        self.assertEqual(refused, names[-1])

    def test_an_update_keeps_the_rest(self) -> None:
        self.trail(IsMultiRegionTrail=True, EnableLogFileValidation=True)
        self.cloudtrail.put_insight_selectors(
            TrailName=self.arn, InsightSelectors=[{"InsightType": "ApiErrorRateInsight"}]
        )
        before = self.described()
        self.cloudtrail.update_trail(Name=self.arn, EnableLogFileValidation=False)
        self.assertEqual(self.described(), before | {"LogFileValidationEnabled": False})
        # A refused update changes nothing.
        self.refused(
            "InsufficientS3BucketPolicyException",
            self.cloudtrail.update_trail,
            Name=self.arn,
            S3KeyPrefix="elsewhere",
            EnableLogFileValidation=True,
        )
        self.assertEqual(self.described(), before | {"LogFileValidationEnabled": False})
        self.refused(
            "InvalidParameterCombinationException",
            self.cloudtrail.update_trail,
            Name=self.arn,
            IncludeGlobalServiceEvents=False,
        )

    def test_it_is_deleted_by_arn(self) -> None:
        self.cloudtrail.create_trail(Name=self.name, S3BucketName=archive(f"{self.name}-logs", self.name))
        self.cloudtrail.delete_trail(Name=self.arn)
        self.refused("TrailNotFoundException", self.cloudtrail.delete_trail, Name=self.arn)

    def test_nothing_is_recorded_yet(self) -> None:
        self.assertEqual(self.cloudtrail.lookup_events()["Events"], [])
        self.assertEqual(self.cloudtrail.list_public_keys()["PublicKeyList"], [])


class Checks(CloudTrail):
    """What a trail needs before it is made."""

    def refuse(self, code: str, name: str, **given: Any) -> None:
        """CreateTrail must be refused."""
        self.refused(code, self.cloudtrail.create_trail, Name=self.name, S3BucketName=name, **given)

    def test_bucket(self) -> None:
        self.refuse("S3BucketDoesNotExistException", "no-such-bucket")
        name, s3 = bucket("bare-logs"), audit("s3")
        insufficient = "InsufficientS3BucketPolicyException"
        self.refuse(insufficient, name)
        for policy, given in (
            (bucket_policy(name, "another"), {}),
            (bucket_policy(name, self.name, (ORGANIZATION,)), {}),
            (bucket_policy(name, self.name, (MANAGEMENT,)), {"IsOrganizationTrail": True}),
            (bucket_policy(name, self.name).replace("s3:GetBucketAcl", "s3:GetBucketTagging"), {}),
            (bucket_policy(name, self.name), {"S3KeyPrefix": "prefix"}),
        ):
            s3.put_bucket_policy(Bucket=name, Policy=policy)
            self.refuse(insufficient, name, **given)
        s3.put_bucket_policy(Bucket=name, Policy=bucket_policy(name, self.name))
        self.trail(S3BucketName=name, IsOrganizationTrail=True)

    def test_key(self) -> None:
        name = archive("keyed-logs", self.name)
        admin = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{AUDIT}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
        kms = audit("kms")
        key = kms.create_key(Policy=document(admin))["KeyMetadata"]["Arn"]
        self.refuse("KmsKeyNotFoundException", name, KmsKeyId=key[:-4] + "0000")
        self.refuse("InsufficientEncryptionPolicyException", name, KmsKeyId=key)
        source = {"aws:SourceArn": self.arn}
        context = {"kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{MANAGEMENT}:trail/*"}
        encrypt = allow("kms:GenerateDataKey*", "*", StringEquals=source, StringLike=context)
        describe = allow("kms:DescribeKey", "*", StringEquals=source)
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document(admin, encrypt))
        self.refuse("InsufficientEncryptionPolicyException", name, KmsKeyId=key)
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document(admin, encrypt, describe))
        kms.disable_key(KeyId=key.split("/")[-1])
        self.refuse("KmsKeyDisabledException", name, KmsKeyId=key)
        kms.enable_key(KeyId=key.split("/")[-1])
        elsewhere = audit("kms", "us-west-2").create_key(Policy=document(admin, encrypt, describe))
        self.refuse("KmsKeyNotFoundException", name, KmsKeyId=elsewhere["KeyMetadata"]["Arn"])
        kms.create_alias(AliasName="alias/trail", TargetKeyId=key)
        alias = f"arn:aws:kms:{REGION}:{AUDIT}:alias/trail"
        self.assertEqual(self.trail(S3BucketName=name, KmsKeyId=alias)["KmsKeyId"], key)
        self.cloudtrail.update_trail(Name=self.arn, KmsKeyId="")
        self.assertNotIn("KmsKeyId", self.described())

    def test_log_group(self) -> None:
        name, logs, iam = archive("grouped-logs", self.name), client("logs"), client("iam")
        logs.create_log_group(logGroupName="trail-events")
        group = f"arn:aws:logs:{REGION}:{MANAGEMENT}:log-group:trail-events"
        trust = allow("sts:AssumeRole", None, StringEquals={"aws:SourceArn": self.arn})
        trust.pop("Resource")
        role = iam.create_role(RoleName="trail-logs", AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
        given = {"CloudWatchLogsLogGroupArn": f"{group}:*", "CloudWatchLogsRoleArn": role}
        self.refuse("InvalidCloudWatchLogsRoleArnException", name, **given)
        permission = {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": f"{group}:log-stream:{MANAGEMENT}_CloudTrail_{REGION}*",
        }
        iam.put_role_policy(RoleName="trail-logs", PolicyName="write", PolicyDocument=document(permission))
        for missing in (group, f"{group}s:*"):
            wrong = given | {"CloudWatchLogsLogGroupArn": missing}
            self.refuse("InvalidCloudWatchLogsLogGroupArnException", name, **wrong)
        self.refuse("InvalidCloudWatchLogsRoleArnException", name, **given | {"CloudWatchLogsRoleArn": f"{role}s"})
        self.refuse("InvalidParameterCombinationException", name, CloudWatchLogsRoleArn=role)
        found = self.trail(S3BucketName=name, **given)
        self.assertEqual({key: found[key] for key in given}, given)

    def test_topic(self) -> None:
        name, sns = archive("told-logs", self.name), client("sns")
        self.refuse("InsufficientSnsTopicPolicyException", name, SnsTopicName="deliveries")
        topic = sns.create_topic(Name="deliveries")["TopicArn"]
        self.refuse("InsufficientSnsTopicPolicyException", name, SnsTopicName="deliveries")
        policy = document(allow("SNS:Publish", topic, StringEquals={"aws:SourceArn": self.arn}))
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
        self.assertEqual(self.trail(S3BucketName=name, SnsTopicName=topic)["SnsTopicARN"], topic)
        self.cloudtrail.update_trail(Name=self.name, SnsTopicName="deliveries")
        self.assertEqual(self.described()["SnsTopicARN"], topic)

    def test_organization(self) -> None:
        name = archive("org-wide-logs", self.name)
        member = root("cloudtrail", SHOP_ROOT)
        given = {"Name": self.name, "S3BucketName": name, "IsOrganizationTrail": True}
        self.refused("NotOrganizationMasterAccountException", member.create_trail, **given)
        organizations = client("organizations")
        service = {"ServicePrincipal": "cloudtrail.amazonaws.com"}
        self.trail(S3BucketName=name, IsOrganizationTrail=True)
        organizations.disable_aws_service_access(**service)
        self.addCleanup(organizations.enable_aws_service_access, **service)
        # Silently a trail of one account.
        self.assertFalse(self.described()["IsOrganizationTrail"])
        self.refused(
            "CloudTrailAccessNotEnabledException",
            self.cloudtrail.create_trail,
            Name="another",
            S3BucketName=name,
            IsOrganizationTrail=True,
        )

    def test_service_linked_role(self) -> None:
        name, iam = archive("linked-logs", self.name), client("iam")
        iam.delete_service_linked_role(RoleName="AWSServiceRoleForCloudTrail")
        self.addCleanup(iam.create_service_linked_role, AWSServiceName="cloudtrail.amazonaws.com")
        refusal = "InsufficientDependencyServiceAccessPermissionException"
        self.refuse(refusal, name, IsOrganizationTrail=True)


class DelegatedAdministrator(CloudTrail):
    """A member account that administers CloudTrail."""

    def test_it_makes_the_trail_in_the_management_account(self) -> None:
        register, organizations = self.cloudtrail.register_organization_delegated_admin, client("organizations")
        member = root("cloudtrail", SHOP_ROOT)
        self.refused(
            "NotOrganizationManagementAccountException",
            member.register_organization_delegated_admin,
            MemberAccountId=SHOP,
        )
        self.refused("AccountNotFoundException", register, MemberAccountId="999999999999")
        self.refused("CannotDelegateManagementAccountException", register, MemberAccountId=MANAGEMENT)
        register(MemberAccountId=SHOP)
        self.refused("AccountRegisteredException", register, MemberAccountId=SHOP)
        found = organizations.list_delegated_administrators(ServicePrincipal="cloudtrail.amazonaws.com")
        self.assertEqual([admin["Id"] for admin in found["DelegatedAdministrators"]], [SHOP])
        name = archive("delegated-logs", self.name)
        created = member.create_trail(Name=self.name, S3BucketName=name, IsOrganizationTrail=True)
        self.assertEqual(created["TrailARN"], self.arn)
        member.start_logging(Name=self.arn)
        self.assertTrue(self.cloudtrail.get_trail_status(Name=self.name)["IsLogging"])
        member.delete_trail(Name=self.arn)
        deregister = self.cloudtrail.deregister_organization_delegated_admin
        deregister(DelegatedAdminAccountId=SHOP)
        self.refused("AccountNotRegisteredException", deregister, DelegatedAdminAccountId=SHOP)
        self.assertEqual(organizations.list_delegated_administrators()["DelegatedAdministrators"], [])


class Selectors(CloudTrail):
    """Event and insight selectors."""

    def test_a_new_trail_has_the_default(self) -> None:
        self.trail()
        found = self.cloudtrail.get_event_selectors(TrailName=self.name)
        default = {
            "ReadWriteType": "All",
            "IncludeManagementEvents": True,
            "DataResources": [],
            "ExcludeManagementEventSources": [],
        }
        self.assertEqual(found["EventSelectors"], [default])
        self.assertNotIn("AdvancedEventSelectors", found)
        self.assertFalse(self.described()["HasCustomEventSelectors"])

    def test_the_two_kinds_exclude_each_other(self) -> None:
        self.trail()
        put, get = self.cloudtrail.put_event_selectors, self.cloudtrail.get_event_selectors
        data = {
            "Name": "d",
            "FieldSelectors": [
                {"Field": "eventCategory", "Equals": ["Data"]},
                {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
                {"Field": "resources.ARN", "NotStartsWith": ["arn:aws:s3:::logs/"]},
            ],
        }
        advanced = [MANAGEMENT_EVENTS, data]
        basic = [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]
        put(TrailName=self.arn, AdvancedEventSelectors=advanced)
        found = get(TrailName=self.name)
        self.assertEqual(found["AdvancedEventSelectors"], advanced)
        self.assertNotIn("EventSelectors", found)
        self.assertTrue(self.described()["HasCustomEventSelectors"])
        put(TrailName=self.name, EventSelectors=basic)
        found = get(TrailName=self.name)
        self.assertEqual(found["EventSelectors"][0]["ReadWriteType"], "WriteOnly")
        self.assertNotIn("AdvancedEventSelectors", found)
        both = {"TrailName": self.name, "EventSelectors": basic, "AdvancedEventSelectors": advanced}
        self.refused("InvalidParameterCombinationException", put, **both)
        for fields in (
            [{"Field": "resources.type", "Equals": ["AWS::S3::Object"]}],
            [{"Field": "eventCategory", "Equals": ["Data"]}],
            [{"Field": "eventCategory", "Equals": ["Other"]}],
            [{"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "colour", "Equals": ["red"]}],
            [{"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "readOnly"}],
        ):
            wrong = [{"Name": "wrong", "FieldSelectors": fields}]
            self.refused("InvalidEventSelectorsException", put, TrailName=self.name, AdvancedEventSelectors=wrong)
        for wrong in (basic * 6, [{"DataResources": [{"Type": "AWS::Kinesis::Stream", "Values": []}]}]):
            self.refused("InvalidEventSelectorsException", put, TrailName=self.name, EventSelectors=wrong)
        self.assertEqual(get(TrailName=self.name), get(TrailName=self.arn) | {"ResponseMetadata": unittest.mock.ANY})

    def test_insights_are_replaced(self) -> None:
        self.trail()
        put, get = self.cloudtrail.put_insight_selectors, self.cloudtrail.get_insight_selectors
        rate, errors = {"InsightType": "ApiCallRateInsight"}, {"InsightType": "ApiErrorRateInsight"}
        self.refused("InsightNotEnabledException", get, TrailName=self.name)
        put(TrailName=self.name, InsightSelectors=[rate])
        put(TrailName=self.arn, InsightSelectors=[errors])
        self.assertEqual(get(TrailName=self.name)["InsightSelectors"], [errors])
        self.assertTrue(self.described()["HasInsightSelectors"])
        wrong = [{"InsightType": "Other"}]
        self.refused("InvalidInsightSelectorsException", put, TrailName=self.name, InsightSelectors=wrong)
        reads = [MANAGEMENT_EVENTS["FieldSelectors"][0], {"Field": "readOnly", "Equals": ["true"]}]
        self.cloudtrail.put_event_selectors(
            TrailName=self.name, AdvancedEventSelectors=[{"Name": "r", "FieldSelectors": reads}]
        )
        self.refused("InvalidInsightSelectorsException", put, TrailName=self.name, InsightSelectors=[rate])
        put(TrailName=self.name, InsightSelectors=[])
        self.refused("InsightNotEnabledException", get, TrailName=self.name)
        self.assertFalse(self.described()["HasInsightSelectors"])


if __name__ == "__main__":
    unittest.main()
