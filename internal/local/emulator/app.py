"""The WSGI application: Trailkeep's own addresses, services moto lacks, then moto."""

import io
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterable
from contextlib import nullcontext, redirect_stdout
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from moto import __version__ as moto_version
from moto.core.base_backend import backend_lock
from moto.core.exceptions import ServiceException
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler
from werkzeug.wrappers import Response

import extensions
import operations
from authorization import authorize
from calls import Call, CallLog, failure, recognize
from errors import AWSError, not_implemented
from extensions.organizations import describe_accounts
from planting import plant
from seed import Seed

NAME = "trailkeep-emulator"
VERSION = 1
OWN = "/_trailkeep/"  # no bucket name starts with an underscore

# moto's services that wait while they answer, or send requests to this very server.
UNLOCKED = {"apigateway", "awslambda", "batch", "cloudformation", "sqs", "stepfunctions", "swf"}

NO_ROUTE = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}
FLASK_PAGE = b"<!doctype html>"

StartResponse = Callable[..., Any]


class Application:
    """Answers every request: records AWS calls, and never lets an exception out."""

    def __init__(self, seed: Seed, log: CallLog) -> None:
        self._seed = seed
        self._log = log
        self._moto = Moto(create_backend_app)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request, as WSGI wants it."""
        path = environ.get("PATH_INFO", "")
        if path.startswith(OWN):
            return self._own(path[len(OWN) :], environ)(environ, start_response)
        if path.startswith("/moto-api"):
            response = Response.from_app(self._moto, environ)
            if path == "/moto-api/reset":
                plant(self._seed)
            return response(environ, start_response)
        try:
            call = recognize(environ, _body(environ), self._moto)
        except Exception:
            traceback.print_exc(file=sys.stderr)
            return Response("This is no request that an AWS client makes.\n", 400)(environ, start_response)
        response = self._answer(call, environ)
        self._log.append(call.record(response))
        return response(environ, start_response)

    def _own(self, name: str, environ: dict[str, Any]) -> Response:
        if name == "status":
            return _json(self._status())
        if name == "calls":
            query = parse_qs(environ.get("QUERY_STRING", ""))
            try:
                since = max(int(query.get("since", ["0"])[0]), 0)
            except ValueError:
                return _json({"error": "since must be a number of calls"}, 400)
            calls = self._log.since(since)
            return _json({"calls": calls, "next": since + len(calls)})
        return _json({"error": f"{OWN}{name} is unknown; there are status and calls"}, 404)

    def _status(self) -> dict[str, Any]:
        return {
            "name": NAME,
            "version": VERSION,
            "moto": moto_version,
            "pid": os.getpid(),
            "organizationId": self._seed.organization.id if self._seed.organization else "",
            "managementAccount": self._seed.account,
            "accounts": describe_accounts(self._seed.account),
            "calls": self._log.total,
        }

    def _answer(self, call: Call, environ: dict[str, Any]) -> Response:
        try:
            return self._dispatch(call, environ)
        except AWSError as error:
            return failure(call, error)
        except ServiceException as error:  # moto's two kinds, raised by its models
            return failure(call, AWSError(error.code, error.message, operations.error_status(call.model, error)))
        except HTTPException as error:
            code = getattr(error, "error_type", "") or type(error).__name__
            return failure(call, AWSError(code, getattr(error, "message", "") or str(error), error.code or 400))
        except NotImplementedError as error:
            return failure(call, not_implemented(str(error)) if str(error) else _lacks(call))
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            reason = f"{type(error).__name__}: {error}"
            return failure(call, not_implemented(f"The emulator failed in {call.service}:{call.operation}: {reason}"))

    def _dispatch(self, call: Call, environ: dict[str, Any]) -> Response:
        def moto_answers() -> Response:
            if call.application is None:
                raise _lacks(call)
            response = Response.from_app(call.application, environ)
            if response.status_code in NO_ROUTE and response.get_data().startswith(FLASK_PAGE):
                raise _lacks(call)  # no route in moto
            return response

        handler = extensions.OPERATIONS.get((call.service, call.operation))
        # moto iterates over shared dictionaries while other threads change them.
        unlocked = call.application is not None and call.application.service in UNLOCKED
        with nullcontext() if unlocked else backend_lock:
            if handler is None:
                return moto_answers()
            authorize(call)
            return call.respond(handler(call, moto_answers))


class Moto(DomainDispatcherApplication):
    """moto's own dispatcher, which prints a line for each call to a service it lacks."""

    def get_backend_for_host(self, host: str | None) -> Any:
        """Find the service of a host name, without a word where there is none."""
        with redirect_stdout(io.StringIO()):
            return super().get_backend_for_host(host)


class QuietHandler(WSGIRequestHandler):
    """Writes no line a request: calls.jsonl has them."""

    def log_request(self, *_: Any) -> None:
        """Leave a request unlogged."""


def _body(environ: dict[str, Any]) -> bytes:
    """Read the request's body, and leave it to be read again."""
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):  # chunked: there is no length
        body = stream.read()
        environ["CONTENT_LENGTH"] = str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ.pop("wsgi.input_terminated")
    else:
        body = stream.read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _lacks(call: Call) -> AWSError:
    return not_implemented(f"The emulator does not have {call.service}:{call.operation}.")


def _json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value) + "\n", status, content_type="application/json")
