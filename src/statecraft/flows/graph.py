"""The picture of a flow, as the view behind ``.flowgraph`` shows it while one develops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse

from statecraft.diagrams import workflow_diagram

if TYPE_CHECKING:
    from django.http import HttpRequest


def flow_graph(request: HttpRequest, flow: Any, **_kwargs: Any) -> HttpResponse:  # noqa: ARG001 - a view
    """Return the diagram of a flow."""
    picture: Any = workflow_diagram(flow.workflow)
    return HttpResponse(picture.pipe(format="svg"), content_type="image/svg+xml")
