"""A client for tests of flows: it fills in forms as a browser does, and walks a whole path."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from django.test import Client

from statecraft.flows import config
from statecraft.flows.finding import RECEIPT_PARAM
from statecraft.flows.flattening import FINISHED
from statecraft.flows.mounts import Mount
from statecraft.flows.urls import start_url

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from statecraft.flows.paths import Move


class FlowForm(HTMLParser):
    """The form of a flow on a page: where it is sent, its hidden fields, and what is filled in.

    Raises ``AssertionError`` if there is none, with the beginning of what is there.
    """

    def __init__(self, response: Any) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        text = response.content.decode()
        self.feed(text)
        if RECEIPT_PARAM not in self.fields:
            where = f"{response.status_code} {response.headers.get('Location', '')}"
            message = f"there is no form of a flow on this page ({where}): {text[:500]}"
            raise AssertionError(message)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note down the address of a form, and the fields that it has."""
        given = dict(attrs)
        if tag == "form" and RECEIPT_PARAM not in self.fields:
            self.action = given.get("action") or ""
            self.fields = {}
        elif tag == "input" and given.get("name"):
            is_chosen = given.get("type") not in {"checkbox", "radio"} or "checked" in given
            if is_chosen and given.get("type") not in {"file", "submit"}:
                self.fields[str(given["name"])] = given.get("value") or ""


class FlowClient(Client):
    """Django's test client, which knows the forms of flows."""

    def answer(self, page: Any, data: Mapping[str, Any] | None = None, **extra: Any) -> Any:
        """Send the form of a page, with ``data`` filled in, and return the response."""
        form = FlowForm(page)
        return self.post(form.action, {**form.fields, **(data or {})}, **extra)

    def arrive(self, response: Any) -> Any:
        """Return the page to which a response leads; an answer that was refused fails the test."""
        if response.status_code != 302:  # noqa: PLR2004 - what an answer is followed by
            message = f"a redirect was expected: {response.status_code} {response.content[:2000]!r}"
            raise AssertionError(message)
        return self.get(response.headers["Location"])

    def follow(self, page: Any, wanted: Any) -> Any:
        """Return the page of another action of this task: its class, its name or its place.

        Raises ``AssertionError`` if the flow has no such action.
        """
        tree = page.resolver_match.func.flow.tree
        places = [path for path, place in tree.actions.items() if place.is_called(wanted)]
        if not places:
            message = f"{tree.name} has no action {wanted!r}: {', '.join(tree.actions)}"
            raise AssertionError(message)
        shown = FlowForm(page).fields[config.task_id_param()]
        mount = Mount(tree, page.wsgi_request)
        return self.get(mount.url_of(places[0], page.resolver_match.kwargs, shown))

    def walk(
        self,
        flow: Any,
        path: Sequence[Move],
        *,
        data: Mapping[Any, Any] | None = None,
        namespace: str | None = None,
        **kwargs: Any,
    ) -> Any:
        """Walk a path of ``flow.paths()`` and return the last response: it leads out of the flow.

        ``data`` has, for an action (its class, its name or its place), what is filled in there: a
        dictionary, or a function that takes the move and returns one. ``kwargs`` are those of the
        URL. Raises ``AssertionError`` where the flow goes another way than the path.
        """
        page = self.get(start_url(flow, namespace=namespace, **kwargs))
        for move in path[1:]:
            if move.is_link:
                page = self.follow(page, move.target)
            else:
                response = self.answer(page, _data_for(flow, move, data or {}))
                if move.target == FINISHED:
                    return response
                page = self.arrive(response)
            arrived = page.resolver_match.url_name
            if arrived != move.target:
                message = f"{move} was to be walked, but it led to {arrived}"
                raise AssertionError(message)
        return page


def _data_for(flow: Any, move: Move, data: Mapping[Any, Any]) -> Any:
    place = flow.tree.actions[move.source]
    for wanted, filled in data.items():
        if place.is_called(wanted):
            return filled(move) if callable(filled) else filled
    return {}
