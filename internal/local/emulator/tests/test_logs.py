"""CloudWatch Logs: keys, filters and saved queries."""

import json
import unittest
from typing import Any

from tests.running import MANAGEMENT, REGION, Case, client

PATTERN = "{ ($.eventName = CreateTrail) || ($.eventName = StopLogging) }"
TRANSFORMATION = [{"metricName": "M", "metricNamespace": "N", "metricValue": "1", "defaultValue": 0.0}]


class Logs(Case):
    """Log groups of the management account."""

    def setUp(self) -> None:
        self.logs = client("logs")

    def group(self, name: str) -> dict[str, Any]:
        """What is told of a log group."""
        [group] = self.logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        return group

    def key_for(self, group: str) -> str:
        """A key that CloudWatch Logs may use for one log group."""
        statements = [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{MANAGEMENT}:root"},
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Effect": "Allow",
                "Principal": {"Service": f"logs.{REGION}.amazonaws.com"},
                "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
                "Resource": "*",
                "Condition": {
                    "ArnEquals": {
                        "kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{REGION}:{MANAGEMENT}:log-group:{group}"
                    }
                },
            },
        ]
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        return client("kms").create_key(Policy=document)["KeyMetadata"]["Arn"]

    def test_a_log_group_has_its_key_and_class(self) -> None:
        key = self.key_for("keyed")
        self.logs.create_log_group(logGroupName="keyed", kmsKeyId=key, logGroupClass="INFREQUENT_ACCESS")
        self.assertEqual(
            (self.group("keyed")["kmsKeyId"], self.group("keyed")["logGroupClass"]), (key, "INFREQUENT_ACCESS")
        )
        self.logs.disassociate_kms_key(logGroupName="keyed")
        self.assertNotIn("kmsKeyId", self.group("keyed"))
        self.logs.associate_kms_key(logGroupName="keyed", kmsKeyId=key)
        self.assertEqual(self.group("keyed")["kmsKeyId"], key)

    def test_a_key_must_be_for_this_log_group(self) -> None:
        key = self.key_for("mine")
        self.refused("AccessDeniedException", self.logs.create_log_group, logGroupName="other", kmsKeyId=key)
        self.refused("InvalidParameterException", self.logs.create_log_group, logGroupName="other", kmsKeyId=key + "x")
        self.logs.create_log_group(logGroupName="other")
        self.refused("AccessDeniedException", self.logs.associate_kms_key, logGroupName="other", kmsKeyId=key)

    def test_retention(self) -> None:
        self.logs.create_log_group(logGroupName="retained")
        self.logs.put_retention_policy(logGroupName="retained", retentionInDays=1096)
        self.assertEqual(self.group("retained")["retentionInDays"], 1096)
        self.refused(
            "InvalidParameterException", self.logs.put_retention_policy, logGroupName="retained", retentionInDays=1000
        )

    def test_a_filter_replaces_the_one_with_its_name(self) -> None:
        self.logs.create_log_group(logGroupName="filtered")
        put = {"logGroupName": "filtered", "filterName": "F", "metricTransformations": TRANSFORMATION}
        for pattern in ("{ $.a = b }", PATTERN):
            self.logs.put_metric_filter(filterPattern=pattern, **put)
        [found] = self.logs.describe_metric_filters(logGroupName="filtered")["metricFilters"]
        self.assertEqual((found["filterPattern"], found["metricTransformations"]), (PATTERN, TRANSFORMATION))
        self.assertIn("creationTime", found)
        self.assertEqual(self.group("filtered")["metricFilterCount"], 1)
        self.logs.delete_log_group(logGroupName="filtered")
        self.logs.create_log_group(logGroupName="filtered")
        self.assertEqual(self.logs.describe_metric_filters(logGroupName="filtered")["metricFilters"], [])
        missing = put | {"logGroupName": "missing-group"}
        self.refused("ResourceNotFoundException", self.logs.put_metric_filter, filterPattern=PATTERN, **missing)

    def test_saved_queries(self) -> None:
        put = self.logs.put_query_definition
        query = put(name="Q/b", queryString="fields @message", logGroupNames=["g"])["queryDefinitionId"]
        put(name="Q/a", queryString="fields @message")
        put(name="Q/b", queryString="fields @timestamp", logGroupNames=["g"], queryDefinitionId=query)
        found = self.logs.describe_query_definitions(queryDefinitionNamePrefix="Q/")["queryDefinitions"]
        self.assertEqual(
            [(q["name"], q["queryString"]) for q in found], [("Q/a", "fields @message"), ("Q/b", "fields @timestamp")]
        )
        self.assertEqual(found[1]["logGroupNames"], ["g"])
        self.assertTrue(self.logs.delete_query_definition(queryDefinitionId=query)["success"])
        self.refused("ResourceNotFoundException", self.logs.delete_query_definition, queryDefinitionId=query)
        self.refused("ResourceNotFoundException", put, name="Q", queryString="x", queryDefinitionId=query)


if __name__ == "__main__":
    unittest.main()
