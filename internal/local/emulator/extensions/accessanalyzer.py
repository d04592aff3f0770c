"""IAM Access Analyzer, which moto lacks: analyzers and their archive rules.

An analyzer here analyzes nothing, and so has no findings.
"""

from typing import Any

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.utils import utcnow

from calls import Call
from errors import AWSError
from extensions import answers
from extensions.organizations import is_delegated_administrator, organization_of

SERVICE = "access-analyzer.amazonaws.com"
NAME = "access-analyzer"


class AnalyzerBackend(BaseBackend):
    """The analyzers of one account and region."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.analyzers: dict[str, dict[str, Any]] = {}
        self.rules: dict[tuple[str, str], dict[str, Any]] = {}


# A dictionary of moto's kind, so that moto's reset empties it, too.
analyzer_backends = BackendDict(AnalyzerBackend, "accessanalyzer")


@answers(NAME, "CreateAnalyzer")
def create_analyzer(call: Call, _: Any) -> dict[str, Any]:
    """Create an analyzer; one of an organization only by those who may."""
    given, backend = call.parameters, _backend(call)
    name, kind = given["analyzerName"], given["type"]
    if name in backend.analyzers:
        raise AWSError("ConflictException", f"The analyzer {name} exists already.", 409)
    if kind.startswith("ORGANIZATION"):
        _check_organization(call)
    arn = f"arn:aws:access-analyzer:{call.region}:{call.identity.account}:analyzer/{name}"
    backend.analyzers[name] = {
        "arn": arn,
        "name": name,
        "type": kind,
        "createdAt": utcnow(),
        "status": "ACTIVE",
        "tags": given.get("tags") or {},
        **({"configuration": given["configuration"]} if given.get("configuration") else {}),
    }
    for rule in given.get("archiveRules") or []:
        _put_rule(backend, name, rule["ruleName"], rule["filter"])
    return {"arn": arn}


@answers(NAME, "GetAnalyzer")
def get_analyzer(call: Call, _: Any) -> dict[str, Any]:
    """One analyzer."""
    return {"analyzer": _analyzer(call)}


@answers(NAME, "ListAnalyzers")
def list_analyzers(call: Call, _: Any) -> dict[str, Any]:
    """The analyzers, of a type where one is asked for."""
    kind = call.parameters.get("type")
    return {"analyzers": [a for a in _backend(call).analyzers.values() if kind in (None, a["type"])]}


@answers(NAME, "DeleteAnalyzer")
def delete_analyzer(call: Call, _: Any) -> dict[str, Any]:
    """Delete an analyzer with its archive rules."""
    name, backend = _analyzer(call)["name"], _backend(call)
    backend.analyzers.pop(name)
    backend.rules = {key: rule for key, rule in backend.rules.items() if key[0] != name}
    return {}


@answers(NAME, "CreateArchiveRule", "UpdateArchiveRule")
def put_archive_rule(call: Call, _: Any) -> dict[str, Any]:
    """Create an archive rule, or change one."""
    name, rule = _analyzer(call)["name"], call.parameters["ruleName"]
    exists = (name, rule) in _backend(call).rules
    if exists and call.operation == "CreateArchiveRule":
        raise AWSError("ConflictException", f"The archive rule {rule} exists already.", 409)
    if not exists and call.operation == "UpdateArchiveRule":
        raise _not_found(rule)
    _put_rule(_backend(call), name, rule, call.parameters["filter"])
    return {}


@answers(NAME, "GetArchiveRule")
def get_archive_rule(call: Call, _: Any) -> dict[str, Any]:
    """One archive rule."""
    return {"archiveRule": _rule(call)}


@answers(NAME, "ListArchiveRules")
def list_archive_rules(call: Call, _: Any) -> dict[str, Any]:
    """The archive rules of an analyzer."""
    name = _analyzer(call)["name"]
    return {"archiveRules": [rule for key, rule in _backend(call).rules.items() if key[0] == name]}


@answers(NAME, "DeleteArchiveRule")
def delete_archive_rule(call: Call, _: Any) -> dict[str, Any]:
    """Delete an archive rule."""
    rule = _rule(call)["ruleName"]
    _backend(call).rules.pop((call.parameters["analyzerName"], rule))
    return {}


@answers(NAME, "TagResource", "UntagResource", "ListTagsForResource")
def tags(call: Call, _: Any) -> dict[str, Any]:
    """Put, take away or list tags."""
    arn = call.parameters["resourceArn"]
    analyzer = next((a for a in _backend(call).analyzers.values() if a["arn"] == arn), None)
    if analyzer is None:
        raise _not_found(arn)
    if call.operation == "TagResource":
        analyzer["tags"].update(call.parameters["tags"])
    elif call.operation == "UntagResource":
        for key in call.parameters["tagKeys"]:
            analyzer["tags"].pop(key, None)
    else:
        return {"tags": analyzer["tags"]}
    return {}


def _backend(call: Call) -> AnalyzerBackend:
    return analyzer_backends[call.identity.account][call.region]


def _analyzer(call: Call) -> dict[str, Any]:
    name = call.parameters["analyzerName"]
    if name not in _backend(call).analyzers:
        raise _not_found(name)
    return _backend(call).analyzers[name]


def _rule(call: Call) -> dict[str, Any]:
    key = (_analyzer(call)["name"], call.parameters["ruleName"])
    if key not in _backend(call).rules:
        raise _not_found(key[1])
    return _backend(call).rules[key]


def _put_rule(backend: AnalyzerBackend, analyzer: str, name: str, conditions: dict[str, Any]) -> None:
    created = backend.rules.get((analyzer, name), {}).get("createdAt", utcnow())
    backend.rules[analyzer, name] = {
        "ruleName": name,
        "filter": conditions,
        "createdAt": created,
        "updatedAt": utcnow(),
    }


def _check_organization(call: Call) -> None:
    account = call.identity.account
    organization = organization_of(account)
    if organization is None or (
        account != organization.account_id and not is_delegated_administrator(organization, account, SERVICE)
    ):
        raise AWSError(
            "ValidationException",
            "An organization's analyzer takes its management account or a delegated administrator.",
        )


def _not_found(what: str) -> AWSError:
    return AWSError("ResourceNotFoundException", f"{what} does not exist.", 404)
