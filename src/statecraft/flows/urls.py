"""The addresses of a flow: a pattern for its start and for each action, and links to begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import URLPattern, path, reverse

from statecraft.flows.mounts import (
    START_NAME,
    arguments_of,
    route_of,
    start_route,
    with_task,
)
from statecraft.flows.signing import StartToken
from statecraft.flows.views import view_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def flow_urls(flow: Any) -> tuple[list[URLPattern], str]:
    """Return the patterns of a flow and their namespace, for ``include``.

    The namespace is the name of the class, ``purchase`` for ``Purchase``; ``include(flow_urls(...),
    namespace="gift")`` mounts the flow a second time. The start is called ``start``, an action by
    its place, ``account.login``.
    """
    tree = flow.tree
    patterns: list[URLPattern] = [path(start_route(tree), view_of(tree, None), name=START_NAME)]
    patterns += [
        path(route_of(place), view_of(tree, place), name=name)
        for name, place in tree.actions.items()
    ]
    if settings.DEBUG:
        from statecraft.flows.graph import flow_graph  # noqa: PLC0415 - only while one develops

        patterns.append(path(".flowgraph", flow_graph, {"flow": flow}, name="flowgraph"))
    return patterns, tree.root.name


def start_url(
    flow: Any,
    *,
    namespace: str | None = None,
    state: Mapping[str, Any] | None = None,
    **kwargs: Any,
) -> str:
    """Return the address at which a flow starts.

    ``kwargs`` are the arguments of its URLs. ``state`` is what the state of the task begins with:
    it stands in the address, signed but readable. Every time that the address is followed is a task
    of its own. ``namespace`` is that of the mount, if it is another one than the flow's.
    """
    tree = flow.tree
    inner = set[str]().union(*(arguments_of(route_of(place)) for place in tree.actions.values()))
    deeper = inner - arguments_of(start_route(tree))
    given = {key: value for key, value in kwargs.items() if key not in deeper}
    address = reverse(f"{namespace or tree.root.name}:{START_NAME}", kwargs=given)
    if not state and given == kwargs:
        return address
    return with_task(address, StartToken("", kwargs, dict(state or {})).signed(tree.name))
