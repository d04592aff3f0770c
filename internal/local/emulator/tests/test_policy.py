"""The evaluator of resource policies, without a server."""

import json
import unittest
from typing import Any

from policy import Request, allows, service_request

SERVICE = "cloudtrail.amazonaws.com"
ARN = "arn:aws:s3:::logs/AWSLogs/111111111111/x"


def judged(*statements: dict[str, Any], action: str = "s3:PutObject", **context: str) -> bool:
    """Whether statements let CloudTrail put an object."""
    keys = {key.replace("_", ":"): value for key, value in context.items()}
    return allows(json.dumps({"Statement": list(statements)}), service_request(SERVICE, action, ARN, keys))


def statement(effect: str = "Allow", condition: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A statement that concerns the request, but for changes."""
    base = {"Effect": effect, "Principal": {"Service": SERVICE}, "Action": "s3:PutObject", "Resource": "*"}
    return {key: value for key, value in (base | {"Condition": condition or {}} | changes).items() if value is not None}


class Policies(unittest.TestCase):
    """What applies, and what follows."""

    def test_effects(self) -> None:
        self.assertTrue(judged(statement()))
        self.assertFalse(judged())
        self.assertFalse(allows(None, Request("a", "b", frozenset())))
        self.assertFalse(judged(statement(), statement("Deny")))
        self.assertFalse(judged(statement("Deny")))

    def test_what_a_statement_concerns(self) -> None:
        for changes, wanted in (
            ({"Action": ["s3:Get*", "S3:put*"]}, True),
            ({"Action": "s3:Get*"}, False),
            ({"Action": None, "NotAction": "s3:GetObject"}, True),
            ({"Action": None, "NotAction": "s3:*"}, False),
            ({"Resource": "arn:aws:s3:::logs/AWSLogs/????????????/*"}, True),
            ({"Resource": "arn:aws:s3:::logs"}, False),
            ({"Resource": None, "NotResource": "arn:aws:s3:::logs/*"}, False),
            ({"Principal": "*"}, True),
            ({"Principal": {"AWS": "*"}}, True),
            ({"Principal": {"Service": ["a.amazonaws.com", SERVICE]}}, True),
            ({"Principal": {"AWS": "arn:aws:iam::111111111111:root"}}, False),
            ({"Principal": None, "NotPrincipal": {"Service": SERVICE}}, False),
        ):
            with self.subTest(changes):
                self.assertEqual(judged(statement(**changes)), wanted)

    def test_conditions(self) -> None:
        for condition, wanted in (
            ({"StringEquals": {"aws:SourceArn": ["x", "trail"]}}, True),
            ({"StringEquals": {"AWS:sourcearn": "trail"}}, True),
            ({"StringEquals": {"aws:SourceArn": "x"}}, False),
            ({"StringNotEquals": {"aws:SourceArn": ["x", "trail"]}}, False),
            ({"StringNotEquals": {"aws:Missing": "x"}}, True),
            ({"StringEquals": {"aws:Missing": "x"}}, False),
            ({"StringEqualsIfExists": {"aws:Missing": "x"}}, True),
            ({"StringLike": {"aws:SourceArn": "t*l"}}, True),
            ({"ArnNotLike": {"aws:SourceArn": "t*l"}}, False),
            ({"Bool": {"aws:PrincipalIsAWSService": True}}, True),
            ({"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}, False),
            ({"Null": {"aws:Missing": "true"}}, True),
            ({"Null": {"aws:SourceArn": "true"}}, False),
            ({"NumericLessThan": {"s3:TlsVersion": "1.2"}}, False),
            ({"NumericGreaterThanEquals": {"s3:TlsVersion": "1.2"}}, True),
            ({"StringEquals": {"aws:SourceArn": "trail", "aws:Missing": "x"}}, False),
            ({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}, False),
        ):
            with self.subTest(condition):
                self.assertEqual(judged(statement(condition=condition), aws_SourceArn="trail"), wanted)


if __name__ == "__main__":
    unittest.main()
