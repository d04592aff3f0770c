"""S3: settings read back as put, AWS's defaults, MFA delete, locks."""

import json
import unittest
from datetime import datetime, timezone
from typing import Any

from tests.running import AUDIT, MFA, REGION, Case, audit, bucket, client, root

MFA_ON = {"Status": "Enabled", "MFADelete": "Enabled"}
LIFECYCLE: dict[str, Any] = {
    "Rules": [
        {
            "ID": "expire",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "Expiration": {"Days": 1200},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 3, "NewerNoncurrentVersions": 2},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        },
        {
            "ID": "markers",
            "Status": "Enabled",
            "Filter": {"And": {"Prefix": "x", "ObjectSizeGreaterThan": 5, "Tags": [{"Key": "k", "Value": "v"}]}},
            "Expiration": {"ExpiredObjectDeleteMarker": True},
        },
    ]
}


def replication(destination: str) -> dict[str, Any]:
    """A replication of objects that are encrypted with a key."""
    return {
        "Role": f"arn:aws:iam::{AUDIT}:role/replicate",
        "Rules": [
            {
                "ID": "all",
                "Priority": 0,
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
                "DeleteMarkerReplication": {"Status": "Disabled"},
                "Destination": {
                    "Bucket": f"arn:aws:s3:::{destination}",
                    "Account": AUDIT,
                    "AccessControlTranslation": {"Owner": "Destination"},
                    "EncryptionConfiguration": {"ReplicaKmsKeyID": f"arn:aws:kms:us-west-2:{AUDIT}:key/a"},
                    "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}},
                    "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}},
                },
            }
        ],
    }


class Settings(Case):
    """What is put is read back equal."""

    def setUp(self) -> None:
        self.s3 = audit("s3")

    def test_a_new_bucket_has_defaults(self) -> None:
        name = bucket("defaults")
        [rule] = self.s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
        self.assertEqual(
            rule, {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
        )
        controls = self.s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]
        self.assertEqual(controls, {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})
        block = self.s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
        self.assertEqual(set(block.values()), {True})
        self.assertEqual(self.s3.get_bucket_request_payment(Bucket=name)["Payer"], "BucketOwner")
        self.refused("AccessControlListNotSupported", self.s3.put_bucket_acl, Bucket=name, ACL="public-read")

    def test_ownership(self) -> None:
        name = bucket("owned", ObjectOwnership="ObjectWriter")
        get = self.s3.get_bucket_ownership_controls
        self.assertEqual(get(Bucket=name)["OwnershipControls"], {"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
        self.s3.put_bucket_acl(Bucket=name, ACL="public-read")
        preferred = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
        self.s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=preferred)
        self.assertEqual(get(Bucket=name)["OwnershipControls"], preferred)
        self.s3.delete_bucket_ownership_controls(Bucket=name)
        self.refused("OwnershipControlsNotFoundError", get, Bucket=name)

    def test_encryption(self) -> None:
        name = bucket("encrypted")
        key = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": f"arn:aws:kms:{REGION}:{AUDIT}:key/a"}
        for keys in (False, True):
            put = {"Rules": [{"ApplyServerSideEncryptionByDefault": key, "BucketKeyEnabled": keys}]}
            self.s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=put)
            self.assertEqual(self.s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"], put)
        self.s3.delete_bucket_encryption(Bucket=name)
        [rule] = self.s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
        self.assertEqual(rule["ApplyServerSideEncryptionByDefault"], {"SSEAlgorithm": "AES256"})

    def test_lifecycle(self) -> None:
        name = bucket("lifecycle")
        self.s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration=LIFECYCLE)
        found = self.s3.get_bucket_lifecycle_configuration(Bucket=name)
        self.assertEqual(found["Rules"], LIFECYCLE["Rules"])
        self.assertEqual(found["TransitionDefaultMinimumObjectSize"], "all_storage_classes_128K")
        self.s3.delete_bucket_lifecycle(Bucket=name)
        self.refused("NoSuchLifecycleConfiguration", self.s3.get_bucket_lifecycle_configuration, Bucket=name)

    def test_replication(self) -> None:
        name = bucket("replicated")
        put = replication("somewhere")
        refused = {"Bucket": name, "ReplicationConfiguration": put}
        self.refused("InvalidRequest", self.s3.put_bucket_replication, **refused)
        self.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        self.s3.put_bucket_replication(Bucket=name, ReplicationConfiguration=put)
        self.assertEqual(self.s3.get_bucket_replication(Bucket=name)["ReplicationConfiguration"], put)
        suspended = {"Bucket": name, "VersioningConfiguration": {"Status": "Suspended"}}
        self.refused("InvalidBucketState", self.s3.put_bucket_versioning, **suspended)
        self.s3.delete_bucket_replication(Bucket=name)
        self.refused("ReplicationConfigurationNotFoundError", self.s3.get_bucket_replication, Bucket=name)
        self.s3.put_bucket_versioning(**suspended)

    def test_notifications_and_request_payment(self) -> None:
        name = bucket("notified")
        self.s3.put_bucket_notification_configuration(
            Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
        self.assertIn("EventBridgeConfiguration", self.s3.get_bucket_notification_configuration(Bucket=name))
        self.s3.put_bucket_request_payment(Bucket=name, RequestPaymentConfiguration={"Payer": "Requester"})
        self.assertEqual(self.s3.get_bucket_request_payment(Bucket=name)["Payer"], "Requester")

    def test_metrics_and_inventories(self) -> None:
        name = bucket("measured")
        metrics = {"Id": "all", "Filter": {"Prefix": "AWSLogs/"}}
        self.s3.put_bucket_metrics_configuration(Bucket=name, Id="all", MetricsConfiguration=metrics)
        self.assertEqual(
            self.s3.get_bucket_metrics_configuration(Bucket=name, Id="all")["MetricsConfiguration"], metrics
        )
        self.assertEqual(self.s3.list_bucket_metrics_configurations(Bucket=name)["MetricsConfigurationList"], [metrics])
        self.s3.delete_bucket_metrics_configuration(Bucket=name, Id="all")
        self.refused("NoSuchConfiguration", self.s3.get_bucket_metrics_configuration, Bucket=name, Id="all", status=404)
        inventory = {
            "Id": "i",
            "IsEnabled": True,
            "IncludedObjectVersions": "Current",
            "OptionalFields": ["Size", "EncryptionStatus"],
            "Schedule": {"Frequency": "Weekly"},
            "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::inventories", "Format": "CSV"}},
        }
        self.s3.put_bucket_inventory_configuration(Bucket=name, Id="i", InventoryConfiguration=inventory)
        self.assertEqual(
            self.s3.get_bucket_inventory_configuration(Bucket=name, Id="i")["InventoryConfiguration"], inventory
        )

    def test_policies(self) -> None:
        name = bucket("governed")
        put, get = self.s3.put_bucket_policy, self.s3.get_bucket_policy
        deny = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
        put(Bucket=name, Policy=document)
        self.assertEqual(get(Bucket=name)["Policy"], document)
        self.assertFalse(self.s3.get_bucket_policy_status(Bucket=name)["PolicyStatus"]["IsPublic"])
        # moto would take the statement for one without a condition.
        self.s3.put_object(Bucket=name, Key="k", Body=b"x")
        self.assertEqual(self.s3.get_object(Bucket=name, Key="k")["Body"].read(), b"x")
        everybody = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{name}/*",
        }
        put(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": everybody}))
        self.assertTrue(self.s3.get_bucket_policy_status(Bucket=name)["PolicyStatus"]["IsPublic"])
        for bad in ("{", document.replace(name, "another"), document + " " * 21000):
            self.refused("MalformedPolicy", put, Bucket=name, Policy=bad)

    def test_what_moto_takes_for_something_else(self) -> None:
        name = bucket("mistaken")
        self.refused("NotImplemented", self.s3.get_object_torrent, Bucket=name, Key="k", status=501)
        self.refused("NotImplemented", self.s3.put_bucket_abac, Bucket=name, AbacStatus={"Status": "Enabled"})


class MfaDelete(Case):
    """Only root switches it on, with a code, and not beside a lifecycle."""

    def setUp(self) -> None:
        self.s3, self.root = audit("s3"), root("s3")

    def test_who_may_switch_it_on(self) -> None:
        name = bucket("ceremony")
        put = {"Bucket": name, "VersioningConfiguration": MFA_ON}
        self.refused("AccessDenied", self.root.put_bucket_versioning, status=403, **put)
        self.refused("NotDevPayRequest", self.s3.put_bucket_versioning, MFA=MFA, **put)
        self.refused("AccessDenied", client("s3").put_bucket_versioning, MFA=MFA, **put)
        self.assertNotIn("MFADelete", self.s3.get_bucket_versioning(Bucket=name))
        self.root.put_bucket_versioning(MFA=MFA, **put)
        found = self.s3.get_bucket_versioning(Bucket=name)
        self.assertEqual((found["Status"], found["MFADelete"]), ("Enabled", "Enabled"))
        enabled = {"Bucket": name, "VersioningConfiguration": {"Status": "Enabled"}}
        self.refused("AccessDenied", self.s3.put_bucket_versioning, **enabled)

    def test_it_is_off_without_a_code_where_it_is_off(self) -> None:
        name = bucket("still-off")
        off = {"Status": "Enabled", "MFADelete": "Disabled"}
        self.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=off)
        self.assertEqual(self.s3.get_bucket_versioning(Bucket=name)["MFADelete"], "Disabled")

    def test_it_and_a_lifecycle_exclude_each_other(self) -> None:
        name = bucket("exclusive")
        lifecycle = {"Bucket": name, "LifecycleConfiguration": LIFECYCLE}
        on = {"Bucket": name, "VersioningConfiguration": MFA_ON, "MFA": MFA}
        self.s3.put_bucket_lifecycle_configuration(**lifecycle)
        message = self.refused("InvalidBucketState", self.root.put_bucket_versioning, status=409, **on)
        self.assertEqual(message, "Mfa Authentication is not supported on a bucket with lifecycle configuration")
        self.s3.delete_bucket_lifecycle(Bucket=name)
        self.root.put_bucket_versioning(**on)
        self.refused("InvalidBucketState", self.s3.put_bucket_lifecycle_configuration, status=409, **lifecycle)

    def test_a_version_goes_by_root_and_code_alone(self) -> None:
        name = bucket("kept")
        self.root.put_bucket_versioning(Bucket=name, VersioningConfiguration=MFA_ON, MFA=MFA)
        version = self.s3.put_object(Bucket=name, Key="k", Body=b"x")["VersionId"]
        this = {"Bucket": name, "Key": "k", "VersionId": version}
        self.refused("AccessDenied", self.s3.delete_object, **this)
        listed = {"Objects": [{"Key": "k", "VersionId": version}]}
        self.refused("AccessDenied", self.s3.delete_objects, Bucket=name, Delete=listed)
        self.s3.delete_object(Bucket=name, Key="k")  # a marker hides it, on AWS as well
        self.root.delete_object(MFA=MFA, **this)


class Suspended(Case):
    """Versioning suspended."""

    def test_earlier_versions_stay(self) -> None:
        s3, name = audit("s3"), bucket("suspended")
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        first = s3.put_object(Bucket=name, Key="k", Body=b"first")["VersionId"]
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})
        s3.put_object(Bucket=name, Key="k", Body=b"second")
        s3.delete_object(Bucket=name, Key="k")
        self.refused("NoSuchKey", s3.get_object, Bucket=name, Key="k")
        self.assertEqual(s3.get_object(Bucket=name, Key="k", VersionId=first)["Body"].read(), b"first")
        put = {"Bucket": name, "ReplicationConfiguration": replication("somewhere")}
        self.refused("InvalidRequest", s3.put_bucket_replication, **put)


class Locks(Case):
    """Object Lock."""

    def test_default_retention(self) -> None:
        s3, name = audit("s3"), bucket("locked", ObjectLockEnabledForBucket=True)
        for mode, period in (("GOVERNANCE", {"Years": 3}), ("COMPLIANCE", {"Days": 9})):
            put = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": mode, **period}}}
            s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=put)
            self.assertEqual(s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"], put)
            s3.put_object(Bucket=name, Key=mode, Body=b"x")
            self.assertEqual(s3.get_object_retention(Bucket=name, Key=mode)["Retention"]["Mode"], mode)
        s3.delete_object(Bucket=name, Key="COMPLIANCE")
        suspended = {"Bucket": name, "VersioningConfiguration": {"Status": "Suspended"}}
        self.refused("InvalidBucketState", s3.put_bucket_versioning, **suspended)

    def test_a_lock_needs_versioning(self) -> None:
        s3, name = audit("s3"), bucket("unversioned")
        put = {"Bucket": name, "ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}
        self.refused("InvalidBucketState", s3.put_object_lock_configuration, status=409, **put)

    def test_retention_is_not_shortened(self) -> None:
        s3, name = audit("s3"), bucket("retained", ObjectLockEnabledForBucket=True)
        early, late = datetime(2040, 1, 1, tzinfo=timezone.utc), datetime(2041, 1, 1, tzinfo=timezone.utc)
        self.assertEqual(s3.put_object(Bucket=name, Key="bare", Body=b"x")["ResponseMetadata"]["HTTPStatusCode"], 200)
        self.refused("NoSuchObjectLockConfiguration", s3.get_object_retention, Bucket=name, Key="bare", status=404)
        for mode, bypassed in (("GOVERNANCE", True), ("COMPLIANCE", False)):
            key = {"Bucket": name, "Key": mode}
            version = s3.put_object(Body=b"x", ObjectLockMode=mode, ObjectLockRetainUntilDate=late, **key)["VersionId"]
            self.refused("AccessDenied", s3.delete_object, VersionId=version, **key)
            shorter = {"Retention": {"Mode": mode, "RetainUntilDate": early}, **key}
            self.refused("AccessDenied", s3.put_object_retention, **shorter)
            if bypassed:
                s3.put_object_retention(BypassGovernanceRetention=True, **shorter)
                self.assertEqual(s3.get_object_retention(**key)["Retention"]["RetainUntilDate"], early)
            else:
                self.refused("AccessDenied", s3.put_object_retention, BypassGovernanceRetention=True, **shorter)


class ServerAccessLogs(Case):
    """The target's policy must let S3 write."""

    def test_the_target_is_judged_by_its_policy(self) -> None:
        s3, source, target = audit("s3"), bucket("source"), bucket("access-logs")
        logging = {
            "TargetBucket": target,
            "TargetPrefix": "s3/",
            "TargetObjectKeyFormat": {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}},
        }
        put = {"Bucket": source, "BucketLoggingStatus": {"LoggingEnabled": logging}}
        self.refused("InvalidTargetBucketForLogging", s3.put_bucket_logging, **put)

        def policy(of: str) -> str:
            deny = {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": f"arn:aws:s3:::{target}/*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
            write = {
                "Effect": "Allow",
                "Principal": {"Service": "logging.s3.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": f"arn:aws:s3:::{target}/s3/*",
                "Condition": {
                    "ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{of}"},
                    "StringEquals": {"aws:SourceAccount": AUDIT},
                },
            }
            return json.dumps({"Version": "2012-10-17", "Statement": [deny, write]})

        s3.put_bucket_policy(Bucket=target, Policy=policy("another"))
        self.refused("InvalidTargetBucketForLogging", s3.put_bucket_logging, **put)
        s3.put_bucket_policy(Bucket=target, Policy=policy(source))
        s3.put_bucket_logging(**put)
        self.assertEqual(s3.get_bucket_logging(Bucket=source)["LoggingEnabled"], logging)
        s3.put_bucket_logging(Bucket=source, BucketLoggingStatus={})
        self.assertNotIn("LoggingEnabled", s3.get_bucket_logging(Bucket=source))


if __name__ == "__main__":
    unittest.main()
