"""The call log: every call, by whom, and with what result."""

import json
import threading
import unittest
from datetime import datetime
from io import BytesIO
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import boto3
from botocore.config import Config

from tests.running import (
    ADA,
    AUDIT,
    MANAGEMENT,
    REGION,
    Case,
    audit,
    bucket,
    client,
    emulator,
    endpoint,
    own,
    root,
)


class Log(Case):
    """Lines of the log."""

    def logged(self, act: Any) -> list[dict[str, Any]]:
        """The calls that were logged while something was done."""
        before = own("status")["calls"]
        act()
        found = own(f"calls?since={before}")
        self.assertEqual(found["next"], before + len(found["calls"]))
        return found["calls"]

    def test_a_line_has_everything(self) -> None:
        [call] = self.logged(lambda: client("kms").list_keys())
        datetime.strptime(call.pop("time"), "%Y-%m-%dT%H:%M:%S.%fZ")
        self.assertIn("Boto3/", call.pop("userAgent"))
        self.assertEqual(
            call,
            {
                "service": "kms",
                "operation": "ListKeys",
                "account": MANAGEMENT,
                "region": "eu-central-1",
                "principal": f"arn:aws:iam::{MANAGEMENT}:user/ada",
                "status": 200,
                "error": None,
            },
        )
        lines = (emulator().state / "calls.jsonl").read_text(encoding="utf-8").splitlines()
        self.assertEqual(json.loads(lines[-1])["operation"], "ListKeys")

    def test_principals(self) -> None:
        for make, account, principal in (
            (client, MANAGEMENT, f"arn:aws:iam::{MANAGEMENT}:user/ada"),
            (audit, AUDIT, f"arn:aws:sts::{AUDIT}:assumed-role/deploy/session"),
            (root, AUDIT, f"arn:aws:iam::{AUDIT}:root"),
        ):
            with self.subTest(principal):
                calls = self.logged(lambda make=make: make("sns").list_topics())
                self.assertEqual([(call["account"], call["principal"]) for call in calls[-1:]], [(account, principal)])

    def test_errors_and_refusals(self) -> None:
        name = "log-of-errors"

        def act() -> None:
            self.refused("NoSuchBucket", client("s3").get_bucket_policy, Bucket=name)
            self.refused("NoSuchEntity", client("iam").get_role, RoleName=name)
            self.refused("TrailNotFoundException", client("cloudtrail").get_trail, Name=name)
            self.refused("NotImplemented", client("wisdom").list_assistants)
            self.refused("404", client("s3").head_bucket, Bucket=name)

        self.assertEqual(
            [(call["service"], call["operation"], call["status"], call["error"]) for call in self.logged(act)],
            [
                ("s3", "GetBucketPolicy", 404, "NoSuchBucket"),
                ("iam", "GetRole", 404, "NoSuchEntity"),
                ("cloudtrail", "GetTrail", 400, "TrailNotFoundException"),
                ("wisdom", "ListAssistants", 501, "NotImplemented"),
                ("s3", "HeadBucket", 404, "404"),
            ],
        )

    def test_global_services_belong_to_one_region(self) -> None:
        for service, operation in (
            ("iam", "list_users"),
            ("sts", "get_caller_identity"),
            ("organizations", "list_roots"),
        ):
            [call] = self.logged(getattr(client(service), operation))
            self.assertEqual((call["service"], call["region"]), (service, "us-east-1"))

    def test_s3_operations(self) -> None:
        s3, name = audit("s3"), bucket("recognized")
        upload = {}

        def act() -> None:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
            s3.get_bucket_versioning(Bucket=name)
            s3.list_objects(Bucket=name)
            s3.list_objects_v2(Bucket=name)
            s3.list_object_versions(Bucket=name)
            s3.put_object(Bucket=name, Key="a/b c+d", Body=b"x")
            s3.copy_object(Bucket=name, Key="copy", CopySource={"Bucket": name, "Key": "a/b c+d"})
            s3.get_object_tagging(Bucket=name, Key="copy")
            s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "copy"}]})
            s3.upload_fileobj(BytesIO(b"x"), name, "file")
            upload.update(s3.create_multipart_upload(Bucket=name, Key="big"))
            s3.upload_part(Bucket=name, Key="big", PartNumber=1, UploadId=upload["UploadId"], Body=b"x")
            s3.list_parts(Bucket=name, Key="big", UploadId=upload["UploadId"])
            s3.abort_multipart_upload(Bucket=name, Key="big", UploadId=upload["UploadId"])
            s3.head_object(Bucket=name, Key="file")
            s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": []})
            s3.list_buckets()

        self.assertEqual(
            [call["operation"] for call in self.logged(act)],
            [
                "PutBucketVersioning",
                "GetBucketVersioning",
                "ListObjects",
                "ListObjectsV2",
                "ListObjectVersions",
                "PutObject",
                "CopyObject",
                "GetObjectTagging",
                "DeleteObjects",
                "PutObject",
                "CreateMultipartUpload",
                "UploadPart",
                "ListParts",
                "AbortMultipartUpload",
                "HeadObject",
                "PutBucketTagging",
                "ListBuckets",
            ],
        )

    def test_a_presigned_address(self) -> None:
        name = bucket("presigned")
        audit("s3").put_object(Bucket=name, Key="k", Body=b"content")
        address = audit("s3").generate_presigned_url("get_object", Params={"Bucket": name, "Key": "k"})
        answers = []
        [call] = self.logged(lambda: answers.append(urlopen(address)))
        with answers[0] as answer:
            self.assertEqual(answer.read(), b"content")
        self.assertEqual((call["operation"], call["account"]), ("GetObject", AUDIT))

    def test_s3_control_through_a_proxy(self) -> None:
        # Its clients put the account in front of the host, which only a proxy can serve.
        control = boto3.client(
            "s3control",
            region_name=REGION,
            endpoint_url=f"http://s3-control.{REGION}.amazonaws.com",
            aws_access_key_id=ADA,
            aws_secret_access_key="ada-secret",
            config=Config(proxies={"http": endpoint()}, retries={"total_max_attempts": 1}),
        )
        block = {
            "BlockPublicAcls": True,
            "IgnorePublicAcls": False,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": False,
        }

        def act() -> None:
            control.put_public_access_block(AccountId=MANAGEMENT, PublicAccessBlockConfiguration=block)
            found = control.get_public_access_block(AccountId=MANAGEMENT)
            self.assertEqual(found["PublicAccessBlockConfiguration"], block)

        self.assertEqual(
            [(call["service"], call["operation"], call["account"]) for call in self.logged(act)],
            [
                ("s3-control", "PutPublicAccessBlock", MANAGEMENT),
                ("s3-control", "GetPublicAccessBlock", MANAGEMENT),
            ],
        )

    def test_services_that_share_a_signing_name(self) -> None:
        for service, operation, name in (
            ("elb", "describe_load_balancers", "elasticloadbalancing"),
            ("elbv2", "describe_target_groups", "elasticloadbalancing"),
            ("apigatewayv2", "get_apis", "apigateway"),
            ("apigateway", "get_rest_apis", "apigateway"),
            ("cloudwatch", "describe_alarms", "monitoring"),
            ("lambda", "list_functions", "lambda"),
        ):
            with self.subTest(service):
                api = client(service)
                [call] = self.logged(getattr(api, operation))
                wanted = api.meta.method_to_api_mapping[operation]
                self.assertEqual((call["service"], call["operation"], call["status"]), (name, wanted, 200))

    def test_a_waiting_call_stops_no_other(self) -> None:
        sqs = client("sqs")
        queue = sqs.create_queue(QueueName="empty")["QueueUrl"]
        waiting = threading.Thread(target=sqs.receive_message, kwargs={"QueueUrl": queue, "WaitTimeSeconds": 5})
        waiting.start()
        client("kms").list_keys()
        self.assertTrue(waiting.is_alive())
        waiting.join()

    def test_what_is_no_call(self) -> None:
        with self.assertRaises(HTTPError) as caught:
            urlopen(f"{endpoint()}/?Action=A", data=b"\xff=\xff")
        self.assertLess(caught.exception.code, 500)
        caught.exception.close()

    def test_threads_lose_no_call(self) -> None:
        kms = client("kms", ADA)

        def act() -> None:
            threads = [threading.Thread(target=lambda: [kms.create_key() for _ in range(10)]) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        calls = self.logged(act)
        self.assertEqual([(call["operation"], call["status"]) for call in calls], [("CreateKey", 200)] * 80)


if __name__ == "__main__":
    unittest.main()
