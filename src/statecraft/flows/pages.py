"""The pages that answer where an action cannot: what happened, and what is possible now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.forms import FileInput, HiddenInput, PasswordInput
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from statecraft.flows import config
from statecraft.flows.answering import is_formset
from statecraft.flows.finding import RECEIPT_PARAM

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.http import HttpRequest

    from statecraft.flows.visits import Visit

_NEVER_SHOWN = (PasswordInput, HiddenInput, FileInput)


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx sent the request, and will put the answer into the page."""
    return request.headers.get("HX-Request") == "true"


def sent_on(request: HttpRequest, url: str) -> HttpResponse:
    """Return the answer that sends a browser to ``url``, from htmx too."""
    if is_htmx(request):
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def page(request: HttpRequest, name: str, status: int, **context: Any) -> TemplateResponse:
    """Return one of the pages ``flows/<name>.html``."""
    return TemplateResponse(request, f"flows/{name}.html", context, status=status)


def expired(
    request: HttpRequest, start_url: str, typed: Sequence[tuple[str, str]] = ()
) -> TemplateResponse:
    """Return the page for the owner of a task that the store has forgotten: 410."""
    return page(request, "expired", 410, start_url=start_url, typed=typed)


def conflict(visit: Visit, form: Any, changes: Sequence[str]) -> TemplateResponse:
    """Return the page for a form that was shown on another path than the task is on: 409."""
    standing = visit.task.trace.place
    continue_url = visit.url_of(standing) if standing in visit.tree.actions else visit.start_url
    typed = list(typed_pairs(form))
    return page(
        visit.request, "conflict", 409, changes=changes, typed=typed, continue_url=continue_url
    )


def stale(visit: Visit, action: Any, form: Any) -> TemplateResponse:
    """Return the page for a form whose CSRF token is from before a login: 403, to be sent again."""
    action.given = None
    kwargs: dict[str, Any] = action.get_form_kwargs()
    if is_formset(form):
        lines = [_typed(one) for one in form.forms]
        kwargs["initial"] = [line for line in lines if any(line.values())]
    else:
        kwargs["initial"] = {**(kwargs.get("initial") or {}), **_typed(form)}
    again = form.__class__(**kwargs)
    return page(visit.request, "stale", 403, form=again, flow=action.flow, view=action)


def _typed(form: Any) -> dict[str, Any]:
    """Return what was typed into each field that was sent."""
    typed = {name: _raw(form, name) for name in form.fields}
    return {name: value for name, value in typed.items() if value is not None}


def _raw(form: Any, name: str) -> Any:
    return form.fields[name].widget.value_from_datadict(form.data, {}, form.add_prefix(name))


def typed_pairs(form: Any) -> Iterator[tuple[str, str]]:
    """Yield what was typed, each with its label; never a password."""
    if is_formset(form):
        for one in form.forms:
            yield from typed_pairs(one)
        return
    for name, field in form.fields.items():
        if not isinstance(field.widget, _NEVER_SHOWN):
            value = _raw(form, name)
            if value not in (None, "", [], False):
                yield str(form[name].label), _text(value)


def _text(value: Any) -> str:
    if not isinstance(value, list | tuple):
        return _("yes") if value is True else str(value)
    items = cast("Sequence[Any]", value)
    return ", ".join(str(one) for one in items if one)


def sent_pairs(request: HttpRequest) -> list[tuple[str, str]]:
    """Return what was sent, where no form can say what of it is hidden: nothing of flows itself."""
    hidden = {"csrfmiddlewaretoken", RECEIPT_PARAM, config.task_id_param()}
    return [
        (key, value)
        for key, values in request.POST.lists()
        if key not in hidden and "pass" not in key.lower()
        for value in map(str, values)
    ]


def changes_between(visit: Visit, before: list[list[Any]], now: list[list[Any]]) -> list[str]:
    """Return, as sentences, what is different on two paths."""
    labels = {path: place.label for path, place in visit.tree.actions.items()}
    known = dict.fromkeys(target for target, _revision in now)
    changed = [
        _("“%s” was answered anew.") % labels.get(source, source)
        for (source, _r1), (same, _r2), (_t1, old), (_t2, new) in zip(
            before, now, before[1:], now[1:], strict=False
        )
        if source == same and old != new
    ]
    gone = [
        _("“%s” is no longer on the way.") % labels.get(target, target)
        for target, _revision in before
        if target not in known
    ]
    return list(dict.fromkeys(changed + gone))
