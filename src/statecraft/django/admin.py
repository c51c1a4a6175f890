"""The admin of models with a workflow: badges, buttons for events, and actions on many objects.

Every event is fired from a page that asks for its arguments, by a POST, as the user of the
request. What its object says then is a message: it may have moved since the page was made.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from statecraft.actors import acting_as
from statecraft.django.badges import badge
from statecraft.django.event_forms import form_for
from statecraft.django.outcomes import Outcome, fired_as, why_not
from statecraft.django.panels import panels_of
from statecraft.django.querysets import in_states
from statecraft.django.targets import Target, paths_of, workflows_of
from statecraft.errors import WorkflowError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from django.http import HttpRequest, HttpResponse

    from statecraft.django.event_forms import EventForm

    ModelAdmin: TypeAlias = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin

CONFIRMED = "event-confirmed"
_logger = logging.getLogger("statecraft")


class StateFilter(admin.SimpleListFilter):
    """``list_filter = [StateFilter]``: the objects in a state; a compound has all inside of it."""

    title = gettext_lazy("state")
    parameter_name = "in_state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:  # noqa: ARG002 - Django's
        """Return the states of the workflow of the model."""
        states = model_admin.model.workflow_spec.states.values()
        return [(state.name, str(state.label)) for state in states]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:  # noqa: ARG002 - Django's
        """Return the objects in the state that is chosen; all of them, for what is no state."""
        spec, chosen = queryset.model.workflow_spec, str(self.value())
        return queryset.filter(in_states(spec, chosen)) if chosen in spec.states else queryset


class WorkflowAdmin(ModelAdmin):
    """A ``ModelAdmin`` for a ``WorkflowModel``, or for a model with attached workflows.

    ``state_badge`` is for ``list_display``; ``paying_badge`` is that of an attached ``paying``.
    """

    list_display: Any = ("__str__", "state_badge")
    change_form_template = "statecraft/admin/change_form.html"
    event_template = "statecraft/admin/event.html"

    class Media:
        """How badges and buttons look."""

        css: ClassVar[Any] = {"all": ["statecraft/admin.css"]}

    def __init__(self, model: Any, admin_site: Any) -> None:
        self.workflows = workflows_of(model)
        for attribute, workflow in self.workflows.items():
            setattr(self, f"{attribute or 'state'}_badge", _badge_column(attribute, workflow))
        super().__init__(model, admin_site)

    # -- the pages of Django ---------------------------------------------------------------------

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return those of the class and those of the workflows, which events alone move."""
        given = super().get_readonly_fields(request, obj)
        columns = getattr(self.model, "_workflow_columns", {}).values()
        ours = [field.name for one in columns for field in one.fields]
        return [*given, *(name for name in ours if name not in given)]

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Put the badge, the buttons and the log of each workflow on the page."""
        instance = kwargs.get("obj")
        if instance is not None:
            may_fire = self.has_change_permission(request, instance)
            link = partial(self._url, "event", quote(instance.pk)) if may_fire else None
            context["workflow_panels"] = panels_of(self.workflows, instance, request.user, link)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> Any:
        """Add the page that fires an event."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_event"
        view = self.admin_site.admin_view(self.event_view)
        return [path("<path:object_id>/event/<str:event>/", view, name=name), *super().get_urls()]

    def get_actions(self, request: HttpRequest, action_location: Any = None) -> Any:
        """Add an action for each event; from Django 6.1 on, it is told where they are shown."""
        place = {} if action_location is None else {"action_location": action_location}
        actions: Any = super().get_actions(request, **place)
        hidden = self.actions is None or IS_POPUP_VAR in request.GET
        if hidden or not self.has_change_permission(request):
            return actions
        for one in paths_of(self.model):
            target = Target(self.model, one)
            label = target.label.replace("%", "%%")
            name = f"fire-{one}"
            text = _("{event} selected %(verbose_name_plural)s").format(event=label)
            actions[name] = (_action(target), name, text)
        return actions

    # -- one object ------------------------------------------------------------------------------

    def event_view(self, request: HttpRequest, object_id: str, event: str) -> HttpResponse:
        """Ask for the arguments of an event, and fire it."""
        instance = self.get_object(request, unquote(object_id))
        if instance is None:
            missing = _("There is no {model} {key!r}: it was deleted?")
            text = missing.format(model=self.opts.verbose_name, key=unquote(object_id))
            self.message_user(request, text, messages.WARNING)
            return HttpResponseRedirect(self._url("changelist"))
        if not self.has_change_permission(request, instance):
            raise PermissionDenied
        back = self._url("change", quote(instance.pk))
        try:
            return self._event_answer(request, Target(self.model, event), instance, back)
        except WorkflowError as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(back)

    def _event_answer(
        self, request: HttpRequest, target: Target, instance: Any, back: str
    ) -> HttpResponse:
        form = self._event_form(request, target)
        refused = _refused(request, target, instance)
        if refused is None:
            if not (form.is_bound and form.is_valid()):
                return self._event_page(request, target, form, back=back, instance=instance)
            outcome = self._fire(request, target, instance, form)
            if not outcome.happened and _refused(request, target, instance) is None:
                form.add_error(None, outcome.text)  # other arguments may do
                return self._event_page(request, target, form, back=back, instance=instance)
        else:
            outcome = Outcome(happened=False, text=refused)
        level = messages.SUCCESS if outcome.happened else messages.ERROR
        self.message_user(request, outcome.text, level)
        return HttpResponseRedirect(back)

    def _event_form(self, request: HttpRequest, target: Target) -> EventForm:
        made = form_for(target.workflow, target.event)
        confirmed = request.method == "POST" and CONFIRMED in request.POST
        return (
            made(request.POST, request.FILES, prefix="event") if confirmed else made(prefix="event")
        )

    def _fire(
        self, request: HttpRequest, target: Target, instance: Any, form: EventForm
    ) -> Outcome:
        outcome = fired_as(request.user, target.of(instance), target.event, form.arguments())
        if outcome.happened:
            self.log_change(request, instance, outcome.text)
        return outcome

    def _event_page(
        self, request: HttpRequest, target: Target, form: EventForm, **context: Any
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": target.label,
            "opts": self.opts,
            "media": self.media + form.media,
            "form": form,
            "target": target,
            "confirmed": CONFIRMED,
            **context,
        }
        asked: Any = request
        asked.current_app = self.admin_site.name  # for the links of the page, as Django does
        return TemplateResponse(request, self.event_template, context)

    def _url(self, page: str, *arguments: Any) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}"
        return reverse(name, args=arguments, current_app=self.admin_site.name)

    # -- many objects ----------------------------------------------------------------------------

    def fire_selected(
        self, request: HttpRequest, queryset: Any, target: Target
    ) -> HttpResponse | None:
        """Ask for the arguments of an event, and fire it for each object: a line for each."""
        try:
            form = self._event_form(request, target)
        except WorkflowError as error:
            self.message_user(request, str(error), messages.ERROR)
            return None
        if not (form.is_bound and form.is_valid()):
            return self._event_page(
                request,
                target,
                form,
                back=request.get_full_path(),
                selected=list(queryset),
                checkbox=ACTION_CHECKBOX_NAME,
                action=f"fire-{target.path}",
                across=request.POST.get("select_across", "0"),
            )
        outcomes = [(one, self._fire_one(request, target, one, form)) for one in queryset]
        self._tell(request, messages.SUCCESS, [one for one in outcomes if one[1].happened])
        self._tell(request, messages.ERROR, [one for one in outcomes if not one[1].happened])
        return None

    def _fire_one(
        self, request: HttpRequest, target: Target, instance: Any, form: EventForm
    ) -> Outcome:
        if not self.has_change_permission(request, instance):
            text = _("{event}: you may not change it.").format(event=target.label)
            return Outcome(happened=False, text=text)
        try:
            return self._fire(request, target, instance, form)
        except Exception as error:
            _logger.exception("%s of %r failed in the admin", target.path, instance)
            failed = _("{event} failed, and nothing was stored: {error}.")
            text = failed.format(event=target.label, error=type(error).__name__)
            return Outcome(happened=False, text=text)  # the other objects are fired

    def _tell(self, request: HttpRequest, level: int, outcomes: list[tuple[Any, Outcome]]) -> None:
        if outcomes:
            rows = ((str(instance), outcome.text) for instance, outcome in outcomes)
            # no list: Django shows each item inside of its messages as a message of its own
            lines = format_html_join(
                "", '<div class="statecraft-outcome"><b>{}</b>: {}</div>', rows
            )
            self.message_user(request, lines, level)


def _refused(request: HttpRequest, target: Target, instance: Any) -> str | None:
    """Return why an event cannot be fired now, whatever its arguments, or ``None``."""
    workflow = target.of(instance)
    with acting_as(request.user):
        refusal = workflow.refusal(target.event)
    return None if refusal is None else why_not(workflow.workflow_spec, refusal)


def _action(target: Target) -> Callable[..., HttpResponse | None]:
    def fire_selected(modeladmin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        answer: HttpResponse | None = modeladmin.fire_selected(request, queryset, target)
        return answer

    return fire_selected


def _badge_column(attribute: str, workflow: Any) -> Any:
    """Return what shows the state of a workflow in a list of objects."""

    @admin.display(
        description=attribute.replace("_", " ") or gettext_lazy("state"),
        ordering=workflow.workflow_spec.state_field,
    )
    def column(instance: Any) -> Any:
        return badge(getattr(instance, attribute) if attribute else instance)

    return column
