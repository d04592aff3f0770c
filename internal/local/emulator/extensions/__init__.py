"""What the emulator adds to moto: one file for each AWS service.

A module changes moto's classes with the decorators below when it is imported. Both look at
moto first, so that another moto, which may have gained the action or lost the
method, stops the emulator at its start and not a user in the middle.
"""

import functools
import importlib
import pkgutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from calls import Call
    from werkzeug.wrappers import Response

# Services that moto lacks altogether, by the name that requests are signed for.
SERVICES: "dict[str, Callable[[Call], Response]]" = {}


class WrongMotoError(Exception):
    """moto is not shaped as an extension expects."""


def adds(*classes: type) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give moto's classes a method that they lack."""

    def decorate(method: Callable[..., Any]) -> Callable[..., Any]:
        for cls in classes:
            if hasattr(cls, method.__name__):
                raise WrongMotoError(f"{_name(cls, method)} exists already")
            setattr(cls, method.__name__, method)
        return method

    return decorate


def replaces(*classes: type) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Put a method in the place of moto's, which it receives as its first argument."""

    def decorate(method: Callable[..., Any]) -> Callable[..., Any]:
        for cls in classes:
            original = cls.__dict__.get(method.__name__)
            if original is None:
                raise WrongMotoError(f"{_name(cls, method)} does not exist")
            if isinstance(original, property):
                setattr(cls, method.__name__, property(functools.partial(method, original.fget)))
            else:
                setattr(cls, method.__name__, _bound(method, original))
        return method

    return decorate


def install() -> None:
    """Import every extension."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")


def _bound(method: Callable[..., Any], original: Any) -> Any:
    if isinstance(original, (staticmethod, classmethod)):
        original = original.__func__

    # A plain function: moto finds actions with inspect.isfunction.
    @functools.wraps(method)
    def replacement(*args: Any, **kwargs: Any) -> Any:
        return method(original, *args, **kwargs)

    return replacement


def _name(cls: type, method: Callable[..., Any]) -> str:
    return f"moto's {cls.__module__}.{cls.__name__}.{method.__name__}"
