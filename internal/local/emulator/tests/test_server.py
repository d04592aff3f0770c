"""The server: how it starts, says where it is, and ends."""

import json
import os
import signal
import socket
import time
import unittest
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests.running import MANAGEMENT, ORGANIZATION, SEED, Case, Emulator, client, emulator, endpoint, own


class Server(Case):
    """One process, from start to end."""

    def test_it_announces_itself_and_ends_cleanly(self) -> None:
        instance = Emulator()
        self.addCleanup(instance.close)
        announced = instance.wait()
        self.assertEqual(announced["pid"], instance.process.pid)
        self.assertEqual(announced["endpoint"], f"http://127.0.0.1:{announced['port']}")
        self.assertEqual(announced["organizationId"], ORGANIZATION)
        self.assertEqual(announced["managementAccount"], MANAGEMENT)
        self.assertRegex(announced["started"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        os.kill(instance.process.pid, signal.SIGHUP)  # a closed terminal
        time.sleep(0.2)
        self.assertIsNone(instance.process.poll())
        self.assertEqual(instance.stop(), 0)
        self.assertFalse((instance.state / "emulator.json").exists())

    def test_a_busy_port_is_named(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            instance = Emulator(port=port)
            self.addCleanup(instance.close)
            self.assertEqual(instance.process.wait(timeout=20), 3)
            message = instance.process.stderr.read()
        self.assertIn(str(port), message)
        self.assertEqual(message.count("\n"), 1)

    def test_a_bad_seed_is_named(self) -> None:
        seed = json.loads(json.dumps(SEED))
        seed["organization"]["units"][0]["accounts"][0]["id"] = "22"
        instance = Emulator(seed)
        self.addCleanup(instance.close)
        self.assertEqual(instance.process.wait(timeout=20), 2)
        self.assertIn("organization.units[0].accounts[0].id must be twelve digits", instance.process.stderr.read())

    def test_a_lone_account(self) -> None:
        instance = Emulator({"organization": None, "account": "444444444444", "users": [], "roles": []})
        self.addCleanup(instance.close)
        at = instance.wait()["endpoint"]
        self.assertEqual(client("sts", at=at).get_caller_identity()["Account"], "444444444444")
        self.refused("AWSOrganizationsNotInUseException", client("organizations", at=at).describe_organization)
        self.refused(
            "OrganizationsNotInUseException",
            client("cloudtrail", at=at).create_trail,
            Name="org",
            S3BucketName="none",
            IsOrganizationTrail=True,
        )


class OwnAddresses(Case):
    """What the emulator tells of itself."""

    def test_status(self) -> None:
        status = own("status")
        self.assertEqual(
            {key: status[key] for key in ("name", "version", "moto", "organizationId", "managementAccount")},
            {
                "name": "trailkeep-emulator",
                "version": 1,
                "moto": "5.2.1",
                "organizationId": ORGANIZATION,
                "managementAccount": MANAGEMENT,
            },
        )
        self.assertEqual(status["pid"], emulator().process.pid)
        self.assertIn(
            {"id": "222222222222", "name": "audit", "email": "audit@example.com", "unit": "Security"},
            status["accounts"],
        )

    def test_an_unknown_address(self) -> None:
        with self.assertRaises(HTTPError) as caught:
            own("nothing")
        self.assertEqual(caught.exception.code, 404)
        caught.exception.close()

    def test_a_reset_plants_the_seed_again(self) -> None:
        instance = Emulator()
        self.addCleanup(instance.close)
        at = instance.wait()["endpoint"]
        client("sns", at=at).create_topic(Name="gone")
        urlopen(Request(f"{at}/moto-api/reset", method="POST")).close()
        self.assertEqual(client("sns", at=at).list_topics()["Topics"], [])
        self.assertEqual(client("organizations", at=at).describe_organization()["Organization"]["Id"], ORGANIZATION)


class Authorization(Case):
    """moto's own, which is off until it is asked for."""

    def test_it_judges_the_calls_that_extensions_answer(self) -> None:
        instance = Emulator()
        self.addCleanup(instance.close)
        at = instance.wait()["endpoint"]
        trails = client("cloudtrail", at=at).describe_trails
        trails()
        urlopen(Request(f"{at}/moto-api/reset-auth", b"0", {"Content-Type": "text/plain"})).close()
        message = self.refused("AccessDenied", trails, status=403)
        self.assertIn("cloudtrail:DescribeTrails", message)
        wrong = client("cloudtrail", secret="wrong", at=at)
        self.refused("SignatureDoesNotMatch", wrong.describe_trails, status=403)


class NotImplementedHere(Case):
    """What the emulator lacks is refused at once, and not retried as a fault would be."""

    def test_in_the_protocol_of_the_caller(self) -> None:
        for service, operation, arguments in (
            ("logs", "test_metric_filter", {"filterPattern": "", "logEventMessages": ["x"]}),  # JSON
            ("iam", "generate_service_last_accessed_details", {"Arn": "arn:aws:iam::aws:user/nobody"}),  # query
            ("ec2", "describe_address_transfers", {}),  # EC2's query
            ("s3", "get_object_torrent", {"Bucket": "none", "Key": "x"}),  # REST with XML
            ("account", "get_contact_information", {}),  # REST with JSON
            ("wisdom", "list_assistants", {}),  # a service that moto lacks
            ("cloudwatch", "get_metric_widget_image", {"MetricWidget": "{}"}),  # CBOR
        ):
            with self.subTest(service):
                self.refused("NotImplemented", getattr(client(service), operation), status=501, **arguments)

    def test_a_handler_that_falls_over(self) -> None:
        request = Request(f"{endpoint()}/", data=b"not json", headers={"X-Amz-Target": "TrentService.CreateKey"})
        request.add_header(
            "Authorization",
            "AWS4-HMAC-SHA256 Credential=AKIAADAEXAMPLE000001/20240101/eu-central-1/kms/aws4_request, "
            "SignedHeaders=host, Signature=0",
        )
        with self.assertRaises(HTTPError) as caught:
            urlopen(request)
        self.assertLess(caught.exception.code, 502)
        self.assertNotEqual(caught.exception.code, 500)
        caught.exception.close()


if __name__ == "__main__":
    unittest.main()
