"""A running emulator for tests: one for all of them, started when first asked for."""

import atexit
import functools
import json
import subprocess
import sys
import tempfile
import time
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

SERVER = Path(__file__).resolve().parent.parent / "server.py"
ORGANIZATION = "o-exampleorg1"
MANAGEMENT, AUDIT, SHOP = "111111111111", "222222222222", "333333333333"
REGION = "eu-central-1"
DEPLOY = f"arn:aws:iam::{AUDIT}:role/deploy"
ADA, EVE = "AKIAADAEXAMPLE000001", "AKIAEVEEXAMPLE000003"
AUDIT_ROOT, SHOP_ROOT = "AKIAAUDITROOT0000002", "AKIASHOPROOT00000004"
MFA = f"arn:aws:iam::{AUDIT}:mfa/root-account-mfa-device 123456"

SEED: dict[str, Any] = {
    "organization": {
        "id": ORGANIZATION,
        "managementAccount": MANAGEMENT,
        "trustedAccess": ["cloudtrail.amazonaws.com"],
        "policyTypes": ["SERVICE_CONTROL_POLICY"],
        "units": [
            {"name": "Security", "accounts": [{"id": AUDIT, "name": "audit", "email": "audit@example.com"}]},
            {"name": "Workloads", "accounts": [{"id": SHOP, "name": "shop", "email": "shop@example.com"}]},
        ],
    },
    "roles": [
        {
            "account": AUDIT,
            "name": "deploy",
            "path": "/",
            "trust": [f"arn:aws:iam::{MANAGEMENT}:user/ada"],
            "description": "brings the archive up",
            "managedPolicies": ["AdministratorAccess"],
        }
    ],
    "users": [
        {"account": MANAGEMENT, "name": "ada", "accessKeyId": ADA, "secretAccessKey": "ada-secret"},
        {"account": MANAGEMENT, "name": "eve", "accessKeyId": EVE, "secretAccessKey": "eve-secret"},
    ],
    "rootAccessKeys": [
        {"account": AUDIT, "accessKeyId": AUDIT_ROOT, "secretAccessKey": "root-secret"},
        {"account": SHOP, "accessKeyId": SHOP_ROOT, "secretAccessKey": "root-secret"},
    ],
    "serviceLinkedRoles": [{"account": MANAGEMENT, "service": "cloudtrail.amazonaws.com"}],
}

ClientMaker = Callable[..., Any]


class Emulator:
    """A server process with a state directory of its own."""

    def __init__(self, seed: dict[str, Any] = SEED, port: int = 0) -> None:
        self.directory = tempfile.TemporaryDirectory()
        self.state = Path(self.directory.name, "state")
        seed_file = Path(self.directory.name, "seed.json")
        seed_file.write_text(json.dumps(seed), encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, SERVER, "--port", str(port), "--seed", seed_file, "--state-dir", self.state],
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait(self) -> dict[str, Any]:
        """Wait until it serves, and return what it announced."""
        announcement = self.state / "emulator.json"
        deadline = time.monotonic() + 60
        while not announcement.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AssertionError(f"the emulator did not start: {self.process.stderr.read()}")
            time.sleep(0.05)
        return json.loads(announcement.read_text(encoding="utf-8"))

    def stop(self) -> int:
        """End it with SIGTERM, and return its exit code."""
        self.process.terminate()
        return self.process.wait(timeout=20)

    def close(self) -> None:
        """End it and take its files away."""
        self.stop()
        self.process.stderr.close()
        self.directory.cleanup()


@functools.cache
def emulator() -> Emulator:
    """The emulator that tests share; each uses names of its own."""
    shared = Emulator()
    atexit.register(shared.close)
    shared.wait()
    return shared


def endpoint() -> str:
    """Where the shared emulator listens."""
    return emulator().wait()["endpoint"]


def own(path: str) -> dict[str, Any]:
    """What one of the emulator's own addresses answers."""
    with urlopen(f"{endpoint()}/_trailkeep/{path}") as answer:
        return json.load(answer)


def client(
    service: str,
    key: str = ADA,
    secret: str = "ada-secret",
    token: str | None = None,
    region: str = REGION,
    at: str = "",
) -> Any:
    """A boto3 client that does not retry."""
    return boto3.client(
        service,
        endpoint_url=at or endpoint(),
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(retries={"total_max_attempts": 1}),
    )


@functools.cache
def _deploy_credentials() -> dict[str, str]:
    return client("sts").assume_role(RoleArn=DEPLOY, RoleSessionName="session")["Credentials"]


def audit(service: str, region: str = REGION) -> Any:
    """A client of the deploy role in the audit account."""
    session = _deploy_credentials()
    return client(service, session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"], region)


def root(service: str, key: str = AUDIT_ROOT) -> Any:
    """A client of a member account's root user."""
    return client(service, key, "root-secret")


def bucket(name: str, make: ClientMaker = audit, region: str = REGION, **options: Any) -> str:
    """A new bucket in the audit account."""
    make("s3", region=region).create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": region}, **options
    )
    return name


class Case(unittest.TestCase):
    """A test that reads AWS's answers."""

    maxDiff = None

    def refused(self, code: str, call: Callable[..., Any], *, status: int = 0, **arguments: Any) -> str:
        """A call must be refused with this code (and status); returns the message."""
        with self.assertRaises(ClientError) as caught:
            call(**arguments)
        error = caught.exception.response
        self.assertEqual(error["Error"]["Code"], code, error["Error"]["Message"])
        if status:
            self.assertEqual(error["ResponseMetadata"]["HTTPStatusCode"], status)
        return error["Error"]["Message"]
