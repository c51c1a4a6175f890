"""Where a flow is mounted, as one request finds it: the addresses of its places."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.urls import reverse

from statecraft.flows import config

if TYPE_CHECKING:
    from django.http import HttpRequest

    from statecraft.flows.tree import Place, Tree

START_NAME = "start"
ARGUMENT = re.compile(r"<(?:[^>:]+:)?([^>]+)>")


def route_of(place: Place) -> str:
    """Return the address of a place below its mount, as a route of Django."""
    return "".join(level.component.url for level in place.line)


def start_route(tree: Tree) -> str:
    """Return the address below its mount at which a flow starts."""
    return str(tree.root.component.url) if not tree.root.is_action else ""


def arguments_of(route: str) -> set[str]:
    """Return the names of the arguments in a route."""
    return set(ARGUMENT.findall(route))


def with_task(address: str, shown: str) -> str:
    """Return an address that names a task: by its id, or by the token that it starts with."""
    return f"{address}?{urlencode({config.task_id_param(): shown})}"


class Mount:
    """One mount of a flow: the flow may be mounted more than once, each with its own namespace."""

    def __init__(self, tree: Tree, request: HttpRequest) -> None:
        match: Any = request.resolver_match
        self.tree = tree
        self.namespaces = list(match.namespaces)
        own = arguments_of(str(match.route))
        inner = arguments_of(self._route(match.url_name))
        self.outer = own - inner

    def _route(self, name: str) -> str:
        place = self.tree.actions.get(name)
        return route_of(place) if place else start_route(self.tree)

    def url_of(self, name: str, kwargs: dict[str, Any], shown: str | None) -> str:
        """Return the address of a place (or of the start), with what names the task.

        Raises ``NoReverseMatch`` if an argument of the address is not among ``kwargs``.
        """
        wanted = self.outer | arguments_of(self._route(name))
        given = {key: value for key, value in kwargs.items() if key in wanted}
        address = reverse(":".join([*self.namespaces, name]), kwargs=given)
        return address if shown is None else with_task(address, shown)
