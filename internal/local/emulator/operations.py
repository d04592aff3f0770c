"""Finds the API operation of a request in botocore's models of the services."""

import functools
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit
from uuid import uuid4

from botocore.exceptions import UnknownServiceError
from moto.core.errors import get_error_model
from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.wrappers import Request, Response

UNKNOWN = "Unknown"

# moto's names of services that botocore calls otherwise.
_MOTO_NAMES = {
    "acmpca": "acm-pca",
    "applicationautoscaling": "application-autoscaling",
    "awslambda": "lambda",
    "awslambda_simple": "lambda",
    "batch_simple": "batch",
    "bedrockagent": "bedrock-agent",
    "bedrockagentcorecontrol": "bedrock-agentcore-control",
    "bedrockruntime": "bedrock-runtime",
    "cognitoidentity": "cognito-identity",
    "cognitoidp": "cognito-idp",
    "dynamodb_v20111205": "dynamodb",
    "ec2instanceconnect": "ec2-instance-connect",
    "emrcontainers": "emr-containers",
    "emrserverless": "emr-serverless",
    "iotdata": "iot-data",
    "kinesisvideoarchivedmedia": "kinesis-video-archived-media",
    "lexv2models": "lexv2-models",
    "mediastoredata": "mediastore-data",
    "networkfirewall": "network-firewall",
    "rdsdata": "rds-data",
    "redshiftdata": "redshift-data",
    "resourcegroups": "resource-groups",
    "s3bucket_path": "s3",
    "sagemakermetrics": "sagemaker-metrics",
    "sagemakerruntime": "sagemaker-runtime",
    "servicecatalogappregistry": "servicecatalog-appregistry",
    "servicequotas": "service-quotas",
    "ssoadmin": "sso-admin",
    "timestreaminfluxdb": "timestream-influxdb",
    "timestreamquery": "timestream-query",
    "timestreamwrite": "timestream-write",
    "vpclattice": "vpc-lattice",
    "workspacesweb": "workspaces-web",
}
# Services that moto lacks, by the name they are signed for.
_SIGNING_NAMES = {"access-analyzer": "accessanalyzer"}

_ELBV2_VERSION = "Version=2015-12-01"
_FORM = "application/x-www-form-urlencoded"
_CBOR = "smithy-rpc-v2-cbor"


@dataclass(frozen=True)
class Found:
    """The operation that a request calls."""

    name: str
    protocol: str
    path_parameters: dict[str, str] = field(default_factory=dict)


def model_name(signed_for: str, moto_name: str | None, request: Request, body: bytes) -> str:
    """The name of the botocore model that describes the service of a request."""
    if moto_name in ("elb", "elbv2"):
        return "elbv2" if _ELBV2_VERSION.encode() in body else "elb"
    if moto_name in ("apigateway", "apigatewayv2"):
        return "apigatewayv2" if request.path.startswith("/v2/") else "apigateway"
    if moto_name is not None:
        return _MOTO_NAMES.get(moto_name, moto_name)
    return _SIGNING_NAMES.get(signed_for, signed_for)


def signing_name(model: str) -> str:
    """The name that calls to a service are signed for."""
    service = _service(model)
    return service.signing_name if service else model


def find(model: str, request: Request, body: bytes) -> Found:
    """Find the operation of a request."""
    service = _service(model)
    target = request.headers.get("X-Amz-Target")
    if target:
        return Found(target.rsplit(".", 1)[-1], "json")
    if "rpc-v2-cbor" in request.headers.get("smithy-protocol", ""):
        return Found(request.path.rstrip("/").rsplit("/", 1)[-1], _CBOR)
    if service is None:
        return Found(UNKNOWN, "rest-json")
    protocol = service.metadata["protocol"]
    if protocol in ("query", "ec2") or request.headers.get("Content-Type", "").startswith(_FORM):
        action = request.args.get("Action") or parse_qs(body.decode("latin-1")).get("Action", [""])[0]
        if action:
            return Found(action, "ec2" if protocol == "ec2" else "query")
    return _find_rest(model, protocol, request)


def parse(
    model: str, operation: str, protocol: str, request: Request, path_parameters: dict[str, str]
) -> dict[str, Any]:
    """The input of an operation, as the model names its members."""
    parser = PROTOCOL_PARSERS[protocol](get_service_model(model).operation_model(operation))
    return parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.get_data(),
            "url_path": request.path,
            "url_params": path_parameters,
        }
    )


def serialize(model: str, operation: str, protocol: str, output: dict[str, Any]) -> Response:
    """The output of an operation as a response."""
    serializer = get_serializer_class(model, protocol)(get_service_model(model).operation_model(operation))
    parts = serializer.serialize(output)
    headers = {**parts["headers"], "x-amzn-RequestId": str(uuid4())}
    return Response(parts["body"], parts["status_code"], headers)


def error_status(model: str, error: Exception) -> int:
    """The HTTP status of an exception of moto's."""
    metadata = get_error_model(error, get_service_model(model)).metadata
    return metadata.get("error", {}).get("httpStatusCode", 400)


def _find_rest(model: str, protocol: str, request: Request) -> Found:
    path, query = _path_and_query(model, request)
    best: tuple[tuple[int, ...], Found] | None = None
    for route in _routes(model):
        score, parameters = route.match(request, path, query)
        if score is not None and (best is None or score > best[0]):
            best = score, Found(route.operation, protocol, parameters)
    return best[1] if best else Found(UNKNOWN, protocol)


def _path_and_query(model: str, request: Request) -> tuple[str, dict[str, str]]:
    # The raw path: an ARN in a path has its slashes escaped.
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.full_path
    parts = urlsplit(raw)
    path = parts.path or "/"
    if model == "s3":
        bucket = _bucket_in_host(request.host)
        path = f"/{bucket}{path}" if bucket else path
    return path, dict(parse_qsl(parts.query, keep_blank_values=True))


def _bucket_in_host(host: str) -> str:
    # As moto does it: any label before "localhost" or "s3." is a bucket.
    match = re.match(r"^(.+?)\.(?:s3[.-]|localhost)", host)
    return match.group(1) if match else ""


@dataclass(frozen=True)
class _Route:
    operation: str
    method: str
    path: re.Pattern[str]
    literal_length: int
    literals: dict[str, str]  # query keys (and values) that the address itself has
    required_query: frozenset[str]
    required_headers: frozenset[str]
    known_query: frozenset[str]
    deprecated: bool

    def match(
        self, request: Request, path: str, query: dict[str, str]
    ) -> tuple[tuple[int, ...] | None, dict[str, str]]:
        """How well this operation fits (None: not at all), and its path parameters."""
        if self.method != request.method:
            return None, {}
        found = self.path.match(path)
        if (
            not found
            or any(key not in query or (value and query[key] != value) for key, value in self.literals.items())
            or not self.required_query <= query.keys()
            or any(header not in request.headers for header in self.required_headers)
        ):
            return None, {}
        score = (
            int(query.get("x-id") == self.operation),
            self.literal_length,
            len(self.literals),
            len(self.required_query) + len(self.required_headers),
            len(self.known_query & query.keys()),
            int(not self.deprecated),
        )
        return score, {name: unquote(value) for name, value in found.groupdict().items()}


@functools.cache
def _service(model: str) -> ServiceModel | None:
    try:
        return get_service_model(model)
    except (UnknownServiceError, ValueError):
        return None


@functools.cache
def _routes(model: str) -> list[_Route]:
    service = _service(model)
    assert service is not None
    return [_route(service.operation_model(name)) for name in service.operation_names]


def _route(operation: OperationModel) -> _Route:
    path, _, query = operation.http["requestUri"].partition("?")
    pattern, literal_length = "", 0
    for literal, label in re.findall(r"([^{]*)(?:\{([^}]+)\})?", path):
        pattern += re.escape(literal)
        literal_length += len(literal)
        if label:
            name = re.sub(r"\W", "_", label.rstrip("+"))
            pattern += f"(?P<{name}>{'.+' if label.endswith('+') else '[^/]+'})"
    members = operation.input_shape.members if operation.input_shape else {}
    required = operation.input_shape.required_members if operation.input_shape else []

    def names(location: str, only: "list[str] | None" = None) -> frozenset[str]:
        return frozenset(
            shape.serialization.get("name", member)
            for member, shape in members.items()
            if shape.serialization.get("location") == location and (only is None or member in only)
        )

    return _Route(
        operation.name,
        operation.http["method"],
        re.compile(f"^{pattern.rstrip('/') or ''}/?$"),
        literal_length,
        dict(parse_qsl(query, keep_blank_values=True)),
        names("querystring", required),
        names("header", required),
        names("querystring"),
        operation.deprecated,
    )
