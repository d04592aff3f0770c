"""The seed: what exists before the first call. Read and checked here, without moto."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class SeedError(Exception):
    """A seed that cannot be planted; the message names the place."""


@dataclass(frozen=True)
class Account:
    """A member account and the organizational unit that holds it."""

    id: str
    name: str
    email: str
    unit: str


@dataclass(frozen=True)
class Organization:
    """The emulated organization."""

    id: str
    management_account: str
    trusted_access: list[str]
    policy_types: list[str]
    units: list[str]
    accounts: list[Account]


@dataclass(frozen=True)
class Role:
    """An IAM role; trust holds the ARNs that may assume it."""

    account: str
    name: str
    path: str
    trust: list[str]
    description: str
    managed_policies: list[str]


@dataclass(frozen=True)
class User:
    """An IAM user with one access key; without a name, the account's root user."""

    account: str
    name: str | None
    access_key_id: str
    secret_access_key: str


@dataclass(frozen=True)
class Seed:
    """Everything that is planted. Without an organization there is one lone account."""

    account: str  # whose calls are those of an unknown access key
    organization: Organization | None
    roles: list[Role] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    service_linked_roles: list[tuple[str, str]] = field(default_factory=list)  # account, service


def read(path: Path) -> Seed:
    """Read a seed file, refusing whatever it cannot be."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SeedError(error.strerror or str(error)) from error
    except ValueError as error:
        raise SeedError(f"not JSON: {error}") from error
    top = _Object(document, "seed")
    given = top.get("organization", dict, None)
    organization = _organization(_Object(given, "organization")) if given is not None else None
    account = organization.management_account if organization else top.account("account")
    return Seed(
        account,
        organization,
        [_role(entry) for entry in top.objects("roles")],
        [_user(entry, entry.get("name", str)) for entry in top.objects("users")]
        + [_user(entry, None) for entry in top.objects("rootAccessKeys")],
        [(entry.account("account"), entry.get("service", str)) for entry in top.objects("serviceLinkedRoles")],
    )


def _organization(given: "_Object") -> Organization:
    units, accounts = [], []
    for unit in given.objects("units"):
        name = unit.get("name", str)
        units.append(name)
        accounts += [
            Account(entry.account("id"), entry.get("name", str), entry.get("email", str), name)
            for entry in unit.objects("accounts")
        ]
    return Organization(
        given.get("id", str),
        given.account("managementAccount"),
        given.strings("trustedAccess"),
        given.strings("policyTypes"),
        units,
        accounts,
    )


def _role(given: "_Object") -> Role:
    return Role(
        given.account("account"),
        given.get("name", str),
        given.get("path", str, "") or "/",
        given.strings("trust"),
        given.get("description", str, ""),
        given.strings("managedPolicies"),
    )


def _user(given: "_Object", name: str | None) -> User:
    return User(given.account("account"), name, given.get("accessKeyId", str), given.get("secretAccessKey", str))


_REQUIRED = object()


class _Object:
    """A JSON object that knows where it stands."""

    def __init__(self, value: Any, place: str) -> None:
        if not isinstance(value, dict):
            raise SeedError(f"{place} must be an object")
        self._value, self._place = value, place

    def get(self, key: str, kind: type, default: Any = _REQUIRED) -> Any:
        value = self._value.get(key)
        if value is None:
            if default is _REQUIRED:
                raise SeedError(f"{self._place}.{key} is missing")
            return default
        if not isinstance(value, kind):
            raise SeedError(f"{self._place}.{key} must be of type {kind.__name__}")
        return value

    def account(self, key: str) -> str:
        value = self.get(key, str)
        if not re.fullmatch(r"\d{12}", value):
            raise SeedError(f"{self._place}.{key} must be twelve digits, found {value!r}")
        return value

    def strings(self, key: str) -> list[str]:
        values = self.get(key, list, [])
        if not all(isinstance(value, str) for value in values):
            raise SeedError(f"{self._place}.{key} must hold strings")
        return values

    def objects(self, key: str) -> "list[_Object]":
        return [_Object(value, f"{self._place}.{key}[{i}]") for i, value in enumerate(self.get(key, list, []))]
