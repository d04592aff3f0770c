"""Services of which the emulator mends a little: one class each."""

import json
import unittest

from tests.running import AUDIT, MANAGEMENT, REGION, SHOP_ROOT, Case, client, root


class CloudWatch(Case):
    """Alarms."""

    def test_a_new_alarm_has_insufficient_data(self) -> None:
        cloudwatch = client("cloudwatch")
        alarm = {
            "AlarmName": "A",
            "MetricName": "M",
            "Namespace": "N",
            "Statistic": "Sum",
            "Period": 300,
            "EvaluationPeriods": 1,
            "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": ["arn:aws:sns:eu-central-1:111111111111:t"],
        }
        cloudwatch.put_metric_alarm(**alarm)
        [found] = cloudwatch.describe_alarms(AlarmNames=["A"])["MetricAlarms"]
        self.assertEqual(found["StateValue"], "INSUFFICIENT_DATA")
        self.assertEqual({key: found[key] for key in alarm}, alarm)
        cloudwatch.set_alarm_state(AlarmName="A", StateValue="ALARM", StateReason="trial")
        cloudwatch.put_metric_alarm(**alarm | {"Threshold": 2.0})
        [found] = cloudwatch.describe_alarms(AlarmNames=["A"])["MetricAlarms"]
        self.assertEqual((found["StateValue"], found["StateReason"], found["Threshold"]), ("ALARM", "trial", 2.0))


class CloudFormation(Case):
    """Stack sets."""

    def test_a_stack_set_keeps_how_it_deploys_itself(self) -> None:
        cloudformation = client("cloudformation")
        template = json.dumps({"Resources": {"T": {"Type": "AWS::SNS::Topic"}}})
        deployment = {"Enabled": True, "RetainStacksOnAccountRemoval": False}
        cloudformation.create_stack_set(
            StackSetName="baseline",
            TemplateBody=template,
            PermissionModel="SERVICE_MANAGED",
            AutoDeployment=deployment,
            ManagedExecution={"Active": True},
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        found = cloudformation.describe_stack_set(StackSetName="baseline")["StackSet"]
        self.assertEqual(found["AutoDeployment"], deployment)
        self.assertEqual(found["ManagedExecution"], {"Active": True})
        self.assertEqual(found["Capabilities"], ["CAPABILITY_NAMED_IAM"])
        off = {"Enabled": False}
        cloudformation.update_stack_set(StackSetName="baseline", TemplateBody=template, AutoDeployment=off)
        self.assertEqual(cloudformation.describe_stack_set(StackSetName="baseline")["StackSet"]["AutoDeployment"], off)


class Athena(Case):
    """Workgroups and named queries."""

    def test_a_workgroup_without_tags_is_changed(self) -> None:
        athena = client("athena")
        athena.create_work_group(
            Name="trail", Configuration={"ResultConfiguration": {"OutputLocation": "s3://results/a/"}}
        )
        arn = f"arn:aws:athena:{REGION}:{MANAGEMENT}:workgroup/trail"
        self.assertEqual(athena.list_tags_for_resource(ResourceARN=arn)["Tags"], [])
        athena.update_work_group(
            WorkGroup="trail",
            State="DISABLED",
            Description="d",
            ConfigurationUpdates={
                "BytesScannedCutoffPerQuery": 10_000_000,
                "ResultConfigurationUpdates": {
                    "RemoveOutputLocation": True,
                    "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"},
                },
            },
        )
        found = athena.get_work_group(WorkGroup="trail")["WorkGroup"]
        self.assertEqual((found["State"], found["Description"]), ("DISABLED", "d"))
        self.assertEqual(found["Configuration"]["BytesScannedCutoffPerQuery"], 10_000_000)
        self.assertEqual(
            found["Configuration"]["ResultConfiguration"], {"EncryptionConfiguration": {"EncryptionOption": "SSE_S3"}}
        )
        athena.create_work_group(Name="bare")
        self.refused("InvalidRequestException", athena.get_work_group, WorkGroup="none")

    def test_named_queries(self) -> None:
        athena = client("athena")
        query = athena.create_named_query(Name="q", Database="d", QueryString="SELECT 1", WorkGroup="primary")[
            "NamedQueryId"
        ]
        athena.update_named_query(NamedQueryId=query, Name="q2", QueryString="SELECT 2")
        found = athena.get_named_query(NamedQueryId=query)["NamedQuery"]
        self.assertEqual((found["Name"], found["QueryString"]), ("q2", "SELECT 2"))
        athena.delete_named_query(NamedQueryId=query)
        self.refused("InvalidRequestException", athena.get_named_query, NamedQueryId=query)
        self.refused("InvalidRequestException", athena.delete_named_query, NamedQueryId=query)


class SecurityHub(Case):
    """The hub."""

    def test_its_configuration_is_changed(self) -> None:
        hub = client("securityhub")
        self.refused("InvalidAccessException", hub.update_security_hub_configuration, AutoEnableControls=False)
        hub.enable_security_hub(ControlFindingGenerator="STANDARD_CONTROL")
        self.assertEqual(hub.describe_hub()["ControlFindingGenerator"], "STANDARD_CONTROL")
        hub.update_security_hub_configuration(AutoEnableControls=False, ControlFindingGenerator="SECURITY_CONTROL")
        found = hub.describe_hub()
        self.assertEqual((found["AutoEnableControls"], found["ControlFindingGenerator"]), (False, "SECURITY_CONTROL"))

    def test_its_administrator(self) -> None:
        hub = client("securityhub", region="eu-west-1")
        hub.enable_organization_admin_account(AdminAccountId=AUDIT)
        self.assertEqual(
            hub.list_organization_admin_accounts()["AdminAccounts"], [{"AccountId": AUDIT, "Status": "ENABLED"}]
        )
        hub.disable_organization_admin_account(AdminAccountId=AUDIT)
        self.assertEqual(hub.list_organization_admin_accounts()["AdminAccounts"], [])


class AccessAnalyzer(Case):
    """Analyzers."""

    def test_an_analyzer_lives(self) -> None:
        api = client("accessanalyzer")
        arn = api.create_analyzer(analyzerName="outside", type="ORGANIZATION", tags={"a": "b"})["arn"]
        self.refused("ConflictException", api.create_analyzer, analyzerName="outside", type="ACCOUNT")
        found = api.get_analyzer(analyzerName="outside")["analyzer"]
        self.assertEqual((found["arn"], found["status"], found["tags"]), (arn, "ACTIVE", {"a": "b"}))
        self.assertEqual(api.list_analyzers(type="ACCOUNT")["analyzers"], [])
        self.assertEqual([a["name"] for a in api.list_analyzers()["analyzers"]], ["outside"])
        api.tag_resource(resourceArn=arn, tags={"c": "d"})
        api.untag_resource(resourceArn=arn, tagKeys=["a"])
        self.assertEqual(api.list_tags_for_resource(resourceArn=arn)["tags"], {"c": "d"})
        rule = {"analyzerName": "outside", "ruleName": "r"}
        api.create_archive_rule(**rule, filter={"resourceType": {"eq": ["AWS::S3::Bucket"]}})
        api.update_archive_rule(**rule, filter={"resourceType": {"eq": ["AWS::KMS::Key"]}})
        self.assertEqual(
            api.get_archive_rule(**rule)["archiveRule"]["filter"], {"resourceType": {"eq": ["AWS::KMS::Key"]}}
        )
        self.assertEqual(len(api.list_archive_rules(analyzerName="outside")["archiveRules"]), 1)
        api.delete_archive_rule(**rule)
        self.refused("ResourceNotFoundException", api.get_archive_rule, **rule)
        api.delete_analyzer(analyzerName="outside")
        self.refused("ResourceNotFoundException", api.get_analyzer, analyzerName="outside", status=404)

    def test_a_member_makes_none_for_the_organization(self) -> None:
        api = root("accessanalyzer", SHOP_ROOT)
        self.refused("ValidationException", api.create_analyzer, analyzerName="mine", type="ORGANIZATION")


if __name__ == "__main__":
    unittest.main()
