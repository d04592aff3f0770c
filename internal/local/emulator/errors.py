"""AWS's errors, written in the protocol of whoever made the call."""

import json
from uuid import uuid4
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

XML = "text/xml"


class AWSError(Exception):
    """A call is refused with a code of AWS's own and an HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def not_implemented(message: str) -> AWSError:
    """The emulator lacks something. Clients retry a 500 for minutes, but not a 501."""
    return AWSError("NotImplemented", message, 501)


def render(error: AWSError, protocol: str, service: str) -> Response:
    """The error as a response."""
    request_id = str(uuid4())
    headers = {"x-amzn-RequestId": request_id, "x-amz-request-id": request_id}
    if protocol in ("json", "rest-json"):
        headers["x-amzn-ErrorType"] = error.code
        body: str | bytes = json.dumps({"__type": error.code, "message": error.message})
        content_type = "application/x-amz-json-1.1"
    elif protocol == "smithy-rpc-v2-cbor":
        headers["smithy-protocol"] = "rpc-v2-cbor"
        body = _cbor({"__type": error.code, "message": error.message})
        content_type = "application/cbor"
    else:
        body, content_type = _xml(error, protocol, service, request_id), XML
    return Response(body, error.status, headers, content_type=content_type)


def _xml(error: AWSError, protocol: str, service: str, request_id: str) -> str:
    inner = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
    if protocol == "ec2":
        errors = f"<Errors><Error>{inner}</Error></Errors>"
        return f"{declaration}<Response>{errors}<RequestID>{request_id}</RequestID></Response>"
    if protocol == "rest-xml" and service == "s3":
        return f"{declaration}<Error>{inner}<RequestId>{request_id}</RequestId></Error>"
    return (
        f"{declaration}<ErrorResponse><Error><Type>Sender</Type>{inner}</Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    )


def _cbor(strings: dict[str, str]) -> bytes:
    # RFC 8949: a map of fewer than 24 pairs, and text strings with a 4-byte length.
    encoded = bytes([0xA0 | len(strings)])
    for pair in strings.items():
        for text in pair:
            raw = text.encode()
            encoded += b"\x7a" + len(raw).to_bytes(4, "big") + raw
    return encoded
