"""KMS: what is put is read back, and nobody locks themselves out."""

import json
import unittest
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.running import AUDIT, DEPLOY, Case, audit


def policy(*principals: str, **condition: Any) -> str:
    """A key policy under which these principals may do everything."""
    statement = {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": "kms:*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | condition]})


class Keys(Case):
    """Keys of the audit account."""

    def setUp(self) -> None:
        self.kms = audit("kms")

    def key(self, **given: Any) -> str:
        """A new key's id."""
        return self.kms.create_key(**given)["KeyMetadata"]["KeyId"]

    def test_a_key_says_that_it_is_not_multi_region(self) -> None:
        created = self.kms.create_key(Tags=[{"TagKey": "a", "TagValue": "b"}])["KeyMetadata"]
        self.assertIs(created["MultiRegion"], False)
        self.assertIs(self.kms.describe_key(KeyId=created["Arn"])["KeyMetadata"]["MultiRegion"], False)
        tags = self.kms.list_resource_tags(KeyId=created["KeyId"])["Tags"]
        self.assertEqual(tags, [{"TagKey": "a", "TagValue": "b"}])

    def test_a_policy_without_a_name_is_the_default_one(self) -> None:
        key, document = self.key(), policy(f"arn:aws:iam::{AUDIT}:root")
        self.kms.put_key_policy(KeyId=key, Policy=document)
        self.assertEqual(self.kms.get_key_policy(KeyId=key)["Policy"], document)

    def test_a_policy_that_locks_its_maker_out(self) -> None:
        strangers = policy("arn:aws:iam::333333333333:root")
        refusal = "MalformedPolicyDocumentException"
        self.refused(refusal, self.kms.create_key, Policy=strangers)
        key = self.key()
        self.refused(refusal, self.kms.put_key_policy, KeyId=key, Policy=strangers)
        self.refused(refusal, self.kms.put_key_policy, KeyId=key, Policy="no policy")
        others = {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{AUDIT}:role/other"}}
        account = f"arn:aws:iam::{AUDIT}:root"
        self.refused(refusal, self.kms.put_key_policy, KeyId=key, Policy=policy(account, Condition=others))
        itself = {"ArnEquals": {"aws:PrincipalArn": DEPLOY}}
        self.kms.put_key_policy(KeyId=key, Policy=policy(account, Condition=itself))
        self.kms.put_key_policy(KeyId=key, Policy=strangers, BypassPolicyLockoutSafetyCheck=True)

    def test_rotation_keeps_its_period(self) -> None:
        key = self.key()
        self.assertNotIn("RotationPeriodInDays", self.kms.get_key_rotation_status(KeyId=key))
        self.kms.enable_key_rotation(KeyId=key)
        self.assertEqual(self.kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"], 365)
        self.kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
        status = self.kms.get_key_rotation_status(KeyId=key)
        self.assertEqual((status["KeyRotationEnabled"], status["RotationPeriodInDays"]), (True, 180))
        ahead = status["NextRotationDate"] - datetime.now(timezone.utc)
        self.assertAlmostEqual(ahead / timedelta(days=1), 180, delta=1)
        self.refused("ValidationException", self.kms.enable_key_rotation, KeyId=key, RotationPeriodInDays=3000)

    def test_deletion_tells_window_and_state(self) -> None:
        key = self.key()
        answer = self.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=30)
        self.assertEqual((answer["KeyState"], answer["PendingWindowInDays"]), ("PendingDeletion", 30))
        self.assertTrue(answer["KeyId"].startswith("arn:"))
        self.assertTrue(self.kms.cancel_key_deletion(KeyId=key)["KeyId"].startswith("arn:"))
        self.refused("ValidationException", self.kms.schedule_key_deletion, KeyId=key, PendingWindowInDays=5)


if __name__ == "__main__":
    unittest.main()
