"""``shop.orders:Order``, as it is typed on a command line, becomes the class."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from importlib import import_module
from pkgutil import iter_modules
from traceback import extract_tb
from typing import TYPE_CHECKING, Any

from statecraft.errors import WorkflowDefinitionError, WorkflowError
from statecraft.names import did_you_mean, listed
from statecraft.spec import WorkflowSpec

if TYPE_CHECKING:
    from types import ModuleType


def load(target: str) -> object:
    """Import the module of ``module:Class`` and return the class, which may be ``Outer.Inner``.

    Raises ``WorkflowError`` that says what is possible instead.
    """
    module_name, _, path = target.partition(":")
    if not all(part.isidentifier() for part in module_name.split(".")):
        message = f"{target!r} is not of the form module:Class, for example shop.orders:Order."
        raise WorkflowError(message)
    module = _imported(module_name)
    if not path:
        message = f"Which class of {module_name}? {_workflows_in(module)}"
        raise WorkflowError(message)
    found: Any = module
    owner = module_name
    for name in path.split("."):
        if not hasattr(found, name):
            hint = did_you_mean(name, dir(found))
            message = f"{owner} has no {name!r}.{hint} {_workflows_in(module)}"
            raise WorkflowError(message)
        found = getattr(found, name)
        owner = f"{owner}.{name}"
    if not isinstance(getattr(found, "workflow_spec", found), WorkflowSpec):
        message = f"{target} is no workflow with states. {_workflows_in(module)}"
        raise WorkflowError(message)
    return found


def _imported(name: str) -> ModuleType:
    try:
        # What a module prints is not what the command prints.
        with redirect_stdout(sys.stderr):
            return import_module(name)
    except WorkflowDefinitionError:
        raise
    except ModuleNotFoundError as error:
        missing = str(error.name)
        if not f"{name}.".startswith(f"{missing}."):
            raise _broken(name, error) from error
        message = f"There is no module {missing!r}.{did_you_mean(missing, _siblings(missing))}"
        raise WorkflowError(message) from error
    except Exception as error:
        raise _broken(name, error) from error


def _siblings(missing: str) -> list[str]:
    """Return the modules beside one that does not exist, by their full names."""
    parent, dot, _ = missing.rpartition(".")
    path = getattr(sys.modules[parent], "__path__", ()) if parent else None
    return [f"{parent}{dot}{module.name}" for module in iter_modules(path)]


def _broken(name: str, error: Exception) -> WorkflowError:
    last = extract_tb(error.__traceback__)[-1]
    # The text of a SyntaxError says where it is; the last frame is the import machinery's.
    place = "" if isinstance(error, SyntaxError) else f" ({last.filename}:{last.lineno})"
    return WorkflowError(f"{name} cannot be imported: {type(error).__name__}: {error}{place}")


def _workflows_in(module: ModuleType) -> str:
    names = [
        name
        for name, value in vars(module).items()
        if isinstance(getattr(value, "workflow_spec", None), WorkflowSpec)
    ]
    return f"Workflows of {module.__name__}: {listed(names, none='none')}."
