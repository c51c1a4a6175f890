"""The flows that the URLs of the site lead to, each with its addresses."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from django.urls import URLPattern, get_resolver
from django.utils.module_loading import import_string

from statecraft.flows.components import Component
from statecraft.names import did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecraft.flows.tree import Place


class MountedFlow(NamedTuple):
    """A flow in the URLconf: its class, its name there, the route before it, and its patterns.

    ``patterns`` has the place of each pattern, ``None`` for the start, in the order in which Django
    tries them.
    """

    flow: Any
    name: str
    route: str
    patterns: list[tuple[Place | None, URLPattern]]


def mounted_flows() -> list[MountedFlow]:
    """Return the flows of the URLconf, in its order; one that is mounted twice is there twice."""
    return list(_mounted(get_resolver().url_patterns, "", ()))


def _mounted(patterns: list[Any], route: str, namespaces: tuple[str, ...]) -> Iterator[MountedFlow]:
    found: dict[Any, list[tuple[Place | None, URLPattern]]] = {}
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            flow = getattr(pattern.callback, "flow", None)
            if flow is not None:
                place: Any = getattr(pattern.callback, "place", None)
                found.setdefault(flow, []).append((place, pattern))
        else:
            inner = (*namespaces, *([pattern.namespace] if pattern.namespace else []))
            yield from _mounted(pattern.url_patterns, f"{route}{pattern.pattern}", inner)
    for flow, pairs in found.items():
        yield MountedFlow(flow, ":".join(namespaces) or flow.__name__, route, pairs)


def flow_called(name: str) -> Any:
    """Return the flow that a name means: of a mount, of its class, or a dotted one.

    Raises ``LookupError`` if there is none, and tells the nearest that is mounted.
    """
    mounts = mounted_flows()
    for mount in mounts:
        if name in {mount.name, mount.flow.__name__, mount.flow.tree.name}:
            return mount.flow
    found: Any = None
    with suppress(ImportError):  # a name without dots is none, either
        found = import_string(name)
    if isinstance(found, type) and issubclass(found, Component):
        return found
    known = [mount.name for mount in mounts]
    message = (
        f"There is no flow {name!r}.{did_you_mean(name, known)} Mounted are:"
        f" {listed(known, none='none')}. Or give a dotted name, 'shop.flows.Purchase'"
    )
    raise LookupError(message)
