"""Actions, the leaves of a flow: a form, shown on GET and answered on POST."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.views.generic.edit import FormView

from statecraft.flows.answering import keeps_all
from statecraft.flows.components import Component, snake_case
from statecraft.flows.outcomes import COMPLETE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse
    from django.views.generic.base import ContextMixin, TemplateResponseMixin
    from django.views.generic.edit import ProcessFormView

    from statecraft.flows.task import Answer

    class _FreeFormView(TemplateResponseMixin, ContextMixin, ProcessFormView):
        """A ``FormView`` whose ``form_valid`` may return anything, and be ``async def``."""

        initial: dict[str, Any]
        prefix: str | None
        success_url: Any

        def get_initial(self) -> Any: ...
        def get_prefix(self) -> str | None: ...
        def get_form_class(self) -> Any: ...
        def get_form(self, form_class: Any = ...) -> Any: ...
        def get_form_kwargs(self) -> dict[str, Any]: ...
        def get_success_url(self) -> str: ...
        def form_invalid(self, form: Any) -> HttpResponse: ...
else:
    _FreeFormView = FormView


class NothingToFillIn(forms.Form):
    """The form of an action that only wants to be read."""


class Action(Component, _FreeFormView):
    """One page of a flow: a ``FormView``, of a form, a ``ModelForm``, a formset or no form.

    ``form_valid`` returns ``COMPLETE``, one of ``moves_to``, or a response of its own: 200 means
    that it is not answered yet, a redirect leaves the flow. It may be ``async def``. The inherited
    one returns ``COMPLETE``.

    ``stores`` names the fields that the task keeps (``None``: all; never a password). ``pure`` says
    that answering has no effect beyond the task, so that it may be repeated; an action is pure that
    keeps all its fields and has no ``form_valid`` of its own. ``skip_on_back`` says that nobody
    comes back to it; so it is where only a part of the answer is kept.
    """

    url: ClassVar[str]
    form_class: Any = NothingToFillIn
    template_name: Any = "flows/action.html"
    stores: ClassVar[Sequence[str] | None] = None
    pure: ClassVar[bool | None] = None
    skip_on_back: ClassVar[bool | None] = None

    _has_url: ClassVar[bool] = False
    place: Any = None  # where it stands in the tree of its flow
    given: Any = None  # what its form is bound to: data and files, or nothing
    stored: Answer | None = None  # what was answered here before
    take: Any = None  # what takes the form that was sent
    response: Any = None  # what ``prepare`` of a level wants to be sent instead
    flow: Any = None  # what templates know of the flow

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._has_url = cls._has_url or "url" in cls.__dict__
        if not cls._has_url:
            cls.url = f"{snake_case(cls.__name__).replace('_', '-')}/"

    @property
    def state(self) -> dict[str, Any]:
        """What actions of this task share."""
        state: dict[str, Any] = self.task.state
        return state

    @classmethod
    def is_pure(cls) -> bool:
        """Whether answering it again changes nothing beyond the task."""
        if cls.pure is not None:
            return cls.pure
        return keeps_all(cls) and cls.form_valid is Action.form_valid

    @classmethod
    def is_skipped_on_back(cls) -> bool:
        """Whether nobody comes back to it."""
        return not keeps_all(cls) if cls.skip_on_back is None else cls.skip_on_back

    def get_initial(self) -> Any:
        """Return the initial values: what was answered here before goes first."""
        initial: Any = super().get_initial()
        if self.stored is None:
            return initial
        shown: Any = self.stored.cleaned
        return {**initial, **shown} if hasattr(shown, "keys") else shown  # a list is of a formset

    def get_form_kwargs(self) -> dict[str, Any]:
        """Return what the form is made with."""
        kwargs = super().get_form_kwargs()
        kwargs.pop("data", None)
        kwargs.pop("files", None)
        if self.given is not None:
            kwargs["data"], kwargs["files"] = self.given
        return kwargs

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the context: ``form``, ``view`` and ``flow``."""
        return super().get_context_data(**{"flow": self.flow, **kwargs})

    def post(self, request: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG002 - as a view
        """Answer a POST: ``dispatch`` comes by here, and so do the mixins of a site."""
        return self.take()

    def form_valid(self, form: Any) -> Any:  # noqa: ARG002 - that is what it is given
        """Do what this action is there for; return where the user goes."""
        return COMPLETE

    def completed(self, task: Any) -> Any:
        """Return ``success_url``, if this action alone is a flow."""
        return self.success_url or super().completed(task)
