"""Wizards for Django: flows of small actions, with branches, loops and a login in the middle."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from statecraft.flows.actions import Action
    from statecraft.flows.components import Scaffold
    from statecraft.flows.outcomes import COMPLETE, Choice, Linear, Transition
    from statecraft.flows.preconditions import LoginRequired, Precondition, RequiredState
    from statecraft.flows.urls import flow_urls, start_url

__all__ = [
    "COMPLETE",
    "Action",
    "Choice",
    "Linear",
    "LoginRequired",
    "Precondition",
    "RequiredState",
    "Scaffold",
    "Transition",
    "flow_urls",
    "start_url",
]

# fetched when they are first used: the part that describes a flow needs no Django
_MODULES = {
    "Action": "actions",
    "Scaffold": "components",
    "COMPLETE": "outcomes",
    "Choice": "outcomes",
    "Linear": "outcomes",
    "Transition": "outcomes",
    "LoginRequired": "preconditions",
    "Precondition": "preconditions",
    "RequiredState": "preconditions",
    "flow_urls": "urls",
    "start_url": "urls",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        message = f"module 'statecraft.flows' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"statecraft.flows.{_MODULES[name]}"), name)
