"""The picture of a flow on a page, while one develops: drawn from its workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import Http404, HttpResponse

from statecraft.diagrams import diagram_content
from statecraft.errors import WorkflowError

if TYPE_CHECKING:
    from django.http import HttpRequest


def flow_graph(_request: HttpRequest, flow: Any, **_: Any) -> HttpResponse:
    """Answer with the picture as SVG, or as Mermaid text where the program dot is missing.

    Raises ``Http404`` unless ``DEBUG`` is on: a picture tells what an application is made of.
    """
    if not settings.DEBUG:
        raise Http404
    spec = flow.workflow.workflow_spec
    try:
        return HttpResponse(diagram_content(spec, "svg"), content_type="image/svg+xml")
    except WorkflowError:
        text = diagram_content(spec, "mmd")
        return HttpResponse(text, content_type="text/plain; charset=utf-8")
