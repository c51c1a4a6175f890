"""Names that two things have: found in each direction, with a way out, before anything is fired."""

from __future__ import annotations

from types import new_class
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.db import models

from statecraft import Event, State, Workflow, WorkflowDefinitionError
from statecraft.django import WorkflowManager, WorkflowModel
from statecraft.django.names import CLASH, check_names

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("tables")
FLAG: Any = models.BooleanField
FOREIGN_KEY: Any = models.ForeignKey


class Paying(Workflow):
    """A workflow that is attached."""

    due = State()
    paid = State()
    pay = Event(due.to(paid))


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Forget the models that a test has defined."""
    known = {*apps.all_models["shop"]}
    yield
    for name in {*apps.all_models["shop"]} - known:
        del apps.all_models["shop"][name]
    apps.clear_cache()


def define(*bases: type, name: str = "Named", **body: Any) -> Any:
    """Return a model of the app."""
    body = {"__module__": "tests.django_store.shop.models", **body}
    return new_class(name, bases, None, lambda namespace: namespace.update(body))


def with_workflow(**more: Any) -> Any:
    """Return a model with the states waiting and done, and the event finish."""
    waiting, done = State(), State()
    body: dict[str, Any] = {
        "waiting": waiting,
        "done": done,
        "finish": Event(waiting.to(done)),
        **more,
    }
    return define(WorkflowModel, **body)


def point_to(model: Any, related_name: str | None = None) -> None:
    """Let another model have a relation to it."""
    key = FOREIGN_KEY(model, models.CASCADE, related_name=related_name)
    define(models.Model, name="Pointing", key=key)


def errors_of(model: Any) -> list[tuple[Any, str, str]]:
    """Return what the system check finds of a model."""
    found: Any = [one for one in check_names() if one.obj is model]
    return [(one.id, one.msg, one.hint) for one in found]


IN_THE_WAY = {
    "done": "the state 'done'",
    "is_done": "is_done() of the state 'done'",
    "with_done_state": "with_done_state() of the state 'done'",
    "without_done_state": "without_done_state() of the state 'done'",
    "finish": "the event 'finish'",
    "can_finish": "can_finish() of the event 'finish'",
    "fire": "'fire' of every workflow",
    "current_state": "'current_state' of every workflow",
    "transition_log": "'transition_log' of every workflow",
    "save": "'save' of every workflow",
}


@pytest.mark.parametrize("name", [*IN_THE_WAY, "workflow_spec"])
def test_a_relation_of_another_app_hides_nothing(name: str) -> None:
    """The system check says who has it, and that it can be called something else."""
    model = with_workflow()
    point_to(model, name)
    owner = IN_THE_WAY.get(name, "'workflow_spec' of every workflow")
    [(identifier, message, hint)] = errors_of(model)
    assert identifier == CLASH
    assert message == f"the relation '{name}' from shop.Pointing.key and {owner} hide one another."
    assert hint.startswith("Give that field another related_name. Or keep the workflow apart")


def test_a_relation_without_a_name_has_one() -> None:
    """The one that Django gives it."""
    waiting = State()
    model = define(WorkflowModel, waiting=waiting, pointing_set=Event(waiting.internal()))
    point_to(model)
    [(_, message, _)] = errors_of(model)
    assert "the relation 'pointing_set'" in message


@pytest.mark.parametrize("name", [one for one in IN_THE_WAY if one not in {"done", "finish"}])
def test_a_field_hides_nothing(name: str) -> None:
    """Of the same model."""
    [(_, message, hint)] = errors_of(with_workflow(**{name: FLAG(default=False)}))
    assert message == f"the field '{name}' and {IN_THE_WAY[name]} hide one another."
    assert hint.startswith("Rename one of them.")


@pytest.mark.parametrize("name", ["with_done_state", "fire", "is_done", "can_finish"])
def test_a_field_of_an_abstract_base_hides_nothing(name: str) -> None:
    """Where the class statement can know, it is a definition error."""
    meta = type("Meta", (), {"abstract": True})
    base = define(models.Model, name="Base", Meta=meta, **{name: FLAG(default=False)})
    waiting, done = State(), State()
    body: dict[str, Any] = {"waiting": waiting, "done": done, "finish": Event(waiting.to(done))}
    if name in {"is_done", "can_finish"}:
        with pytest.raises(WorkflowDefinitionError, match=rf"Base\.{name} and {name}\(\) of"):
            define(base, WorkflowModel, **body)
    else:
        [(_, message, _)] = errors_of(define(base, WorkflowModel, **body))
        assert message == f"the field '{name}' and {IN_THE_WAY[name]} hide one another."


def test_a_primary_key_is_a_field_too() -> None:
    """One that comes by itself."""
    [(_, message, _)] = errors_of(with_workflow(id=State()))
    assert message == "the field 'id' and the state 'id' hide one another."


def test_the_column_of_a_relation_has_a_name() -> None:
    """That with _id at its end."""
    waiting, done = State(), State()
    key = FOREIGN_KEY("shop.Line", models.CASCADE, related_name="+")
    model = define(WorkflowModel, waiting=waiting, line_id=Event(waiting.to(done)), done=done)
    key.contribute_to_class(model, "line")
    assert "the field 'line_id' and the event 'line_id'" in errors_of(model)[0][1]


def test_a_manager_hides_nothing() -> None:
    """But the one that every workflow has may be another."""
    [(_, message, hint)] = errors_of(with_workflow(is_done=models.Manager()))
    assert message == "the manager 'is_done' and is_done() of the state 'done' hide one another."
    assert hint.startswith("Rename one of them.")
    assert errors_of(with_workflow(name="Managed", objects=WorkflowManager())) == []


@pytest.mark.parametrize("base", [models.Model, WorkflowModel])
def test_an_attached_workflow_is_not_hidden(base: type) -> None:
    """Neither by a relation nor by a field, on a model of any kind."""
    model = define(
        base,
        paying=Paying.attached("pay_state"),
        pay_state=models.CharField(max_length=20, null=True),
    )
    point_to(model, "paying")
    [(_, message, hint)] = errors_of(model)
    owner = "the attached workflow 'paying'"
    assert message == f"the relation 'paying' from shop.Pointing.key and {owner} hide one another."
    assert hint == "Give that field another related_name."


def test_a_model_without_a_workflow_may_have_every_name() -> None:
    """Also one that inherits from WorkflowModel, and has no states."""
    for base in (models.Model, WorkflowModel):
        model = define(base, name=f"Bare{base.__name__}", fire=FLAG(default=False))
        assert errors_of(model) == []


def test_a_state_hides_no_field_of_the_same_body() -> None:
    """Python keeps the one that is written last; the event says that its state is gone."""
    with pytest.raises(WorkflowDefinitionError, match="no name of the class body holds"):
        with_workflow(done=FLAG(default=False))


@pytest.mark.parametrize("name", ["delete", "clean", "full_clean", "check", "pk", "objects"])
def test_a_state_hides_nothing_of_a_model(name: str) -> None:
    """It is a definition error, with a way out."""
    with pytest.raises(WorkflowDefinitionError, match="keep the workflow apart"):
        with_workflow(**{name: State()})


@pytest.mark.parametrize("name", ["is_done", "can_finish", "with_done_state", "without_done_state"])
def test_a_method_hides_nothing(name: str) -> None:
    """Neither one of the model, nor one of a base."""
    with pytest.raises(WorkflowDefinitionError, match=rf"{name}\(\) of .*keep the workflow apart"):
        with_workflow(**{name: lambda _: True})
    base = type("Base", (), {name: property(lambda _: True)})
    waiting, done = State(), State()
    body: dict[str, Any] = {"waiting": waiting, "done": done, "finish": Event(waiting.to(done))}
    with pytest.raises(WorkflowDefinitionError, match=rf"{name}\(\) of .*keep the workflow apart"):
        define(WorkflowModel, base, **body)


def test_a_field_is_no_spec() -> None:
    """Without which nothing would work, so that the class cannot be made."""
    with pytest.raises(WorkflowDefinitionError, match="in the place of the spec"):
        with_workflow(workflow_spec=FLAG(default=False))
