"""What the emulator adds to moto: one file for each AWS service.

A module declares its additions with the decorators below when it is imported: whole API
operations with answers, and methods of moto's own classes with replaces.
"""

import functools
import importlib
import pkgutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from calls import Call

# A handler gets the call and moto's own answer to it as a function, and returns a
# response, or the output of the operation as botocore's model names its members.
Handler = Callable[["Call", Callable[[], "Response"]], "Response | dict[str, Any]"]

# The API operations that extensions answer, by signing name and operation.
OPERATIONS: dict[tuple[str, str], Handler] = {}

_Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class WrongMotoError(Exception):
    """moto is not shaped as an extension expects."""


def answers(service: str, *operations: str) -> _Decorator:
    """Let a handler answer API operations, in front of moto."""

    def decorate(handler: Handler) -> Handler:
        for operation in operations:
            OPERATIONS[service, operation] = handler
        return handler

    return decorate


def replaces(owner: Any) -> _Decorator:
    """Put a function in the place of one of a class or module of moto's.

    It gets moto's own as its first argument. Another moto that lacks it stops the
    emulator at its start, and not somebody in the middle of their work.
    """

    def decorate(method: Callable[..., Any]) -> Callable[..., Any]:
        name = method.__name__
        original = owner.__dict__.get(name)
        if isinstance(original, property):
            setattr(owner, name, property(functools.partial(method, original.fget)))
            return method
        if not callable(original):
            raise WrongMotoError(f"moto's {owner} has no {name}")

        # A plain function: moto finds actions with inspect.isfunction.
        @functools.wraps(method)
        def replacement(*args: Any, **kwargs: Any) -> Any:
            return method(original, *args, **kwargs)

        setattr(owner, name, replacement)
        return method

    return decorate


def install() -> None:
    """Import every extension."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
