"""Recognizes AWS API calls: service, operation, account, region and caller of a request.

An AWS client says its service in the signature's scope, and its operation in a
header, a form field or, for REST services, only by method, path and query.
"""

import functools
import io
import json
import re
import sys
import threading
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import islice
from pathlib import Path
from typing import Any

from botocore.parsers import ResponseParserError, create_parser
from flask import Flask
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from werkzeug.wrappers import Request, Response

import errors
import operations
from identity import Identity, identify

# Services whose calls belong to one region, whatever region the client is in.
GLOBAL_REGIONS = dict.fromkeys(("iam", "sts", "organizations", "route53", "cloudfront"), "us-east-1")

_SCOPE = re.compile(r"Credential=([^/,\s]+)/\d{8}/([^/,\s]*)/([^/,\s]+)/aws4_request")
_SIGV2 = re.compile(r"^AWS ([^:]+):")
NO_KEY = "-"
S3_CONTROL = "s3-control"


@dataclass(frozen=True)
class Call:
    """One AWS API call, as far as its request tells."""

    time: datetime
    service: str  # the name it was signed for, such as s3, kms or monitoring; or s3-control
    model: str  # botocore's name of the service, such as s3control or cloudwatch
    operation: str  # such as PutBucketPolicy, or Unknown
    region: str
    protocol: str  # botocore's name: json, query, ec2, rest-json, rest-xml, smithy-rpc-v2-cbor
    access_key_id: str
    identity: Identity
    request: Request
    body: bytes
    path_parameters: dict[str, str]  # of a REST operation
    application: Flask | None  # moto's, where it has the service

    @functools.cached_property
    def parameters(self) -> dict[str, Any]:
        """The input of the operation, as botocore's model names its members."""
        return operations.parse(self.model, self.operation, self.protocol, self.request, self.path_parameters)

    def respond(self, answer: Response | dict[str, Any]) -> Response:
        """The output of the operation as a response in the caller's protocol."""
        if isinstance(answer, Response):
            return answer
        return operations.serialize(self.model, self.operation, self.protocol, answer)

    def record(self, response: Response) -> dict[str, Any]:
        """The line of the call log."""
        return {
            "time": self.time.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "service": self.service,
            "operation": self.operation,
            "account": self.identity.account,
            "region": self.region,
            "principal": self.identity.arn,
            "userAgent": self.request.headers.get("User-Agent", ""),
            "status": response.status_code,
            "error": self._error_code(response),
        }

    def _error_code(self, response: Response) -> str | None:
        if response.status_code < 400:
            return None
        answer = {
            "status_code": response.status_code,
            "headers": dict(response.headers),
            "body": response.get_data(),
        }
        try:
            parsed = create_parser(self.protocol).parse(answer, None)
        except (ResponseParserError, ValueError):
            return str(response.status_code)
        return parsed.get("Error", {}).get("Code") or str(response.status_code)


def recognize(environ: dict[str, Any], body: bytes, moto: DomainDispatcherApplication) -> Call:
    """Tell what a request calls, and who makes the call."""
    # A stream of its own: moto reads the one in environ.
    request = Request({**environ, "wsgi.input": io.BytesIO(body)})
    access_key_id, region, service = _credential(request)
    application = _application(environ, moto)
    model_name = operations.model_name(service, application.service if application else None, request, body)
    # S3 Control is signed for s3, and names some operations like S3's own.
    service = S3_CONTROL if model_name == "s3control" else service or operations.signing_name(model_name)
    found = operations.find(model_name, request, body)
    return Call(
        time=datetime.now(timezone.utc),
        service=service,
        model=model_name,
        operation=found.name,
        region=GLOBAL_REGIONS.get(service, region or "us-east-1"),
        protocol=found.protocol,
        access_key_id=access_key_id,
        identity=identify(access_key_id),
        request=request,
        body=body,
        path_parameters=found.path_parameters,
        application=application,
    )


def failure(call: Call, error: errors.AWSError) -> Response:
    """An error response in the protocol that the caller speaks."""
    return errors.render(error, call.protocol, call.service)


def _credential(request: Request) -> tuple[str, str, str]:
    """Access key, region and service of the signature; empty where it has none."""
    authorization = request.headers.get("Authorization", "")
    presigned = f"Credential={request.args.get('X-Amz-Credential', '')}"
    scope = _SCOPE.search(authorization) or _SCOPE.search(presigned)
    if scope:
        return scope.group(1), scope.group(2), scope.group(3).lower()
    old = _SIGV2.match(authorization)
    if old:
        return old.group(1), "", "s3"
    return request.args.get("AWSAccessKeyId", NO_KEY), "", ""


def _application(environ: dict[str, Any], moto: DomainDispatcherApplication) -> Flask | None:
    try:
        return moto.get_application(environ)
    except (AttributeError, ImportError, KeyError, TypeError, ValueError):
        return None  # moto does not have the service


class CallLog:
    """The file of all calls since the start, one JSON object a line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._file = path.open("w", encoding="utf-8")
        self.total = 0

    def __enter__(self) -> "CallLog":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def append(self, record: dict[str, Any]) -> None:
        """Write one call, so that it can be read at once."""
        line = json.dumps(record, separators=(",", ":")) + "\n"
        with self._lock:
            try:
                self._file.write(line)
                self._file.flush()
            except OSError as error:  # a full disk: the call was answered all the same
                print(f"emulator: {self._path}: {error.strerror}; a call is missing there", file=sys.stderr)
                return
            self.total += 1

    def since(self, number: int) -> list[dict[str, Any]]:
        """The calls after the first so many."""
        with self._lock:
            total = self.total
        with self._path.open(encoding="utf-8") as lines:
            return [json.loads(line) for line in islice(lines, number, total)]
