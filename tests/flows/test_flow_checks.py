"""System checks of flows: what ``manage.py check`` says of settings and of what is mounted."""

from __future__ import annotations

from typing import Any, cast

import pytest
from django import forms
from django.core.checks import run_checks
from django.test import override_settings
from django.urls import include, path

from statecraft.flows import Action, Choice, Linear, Scaffold, flow_urls
from statecraft.flows.checks import TAG
from statecraft.flows.statestore.base import BaseStateStore


class Card(Action): ...


class Bank(Action): ...


class Pay(Scaffold):
    action_set = (Card, Bank)
    transition = Linear

    def completed(self, task: Any) -> Any:
        return "/"


class StateStore(BaseStateStore):
    """A store of a user, which keeps nothing, and promises nothing."""

    shared = False

    def get_state(self, task_id: str) -> dict[str, Any] | None:
        return None

    def put_state(self, task_id: str, state: dict[str, Any]) -> None: ...


class Router:
    """Keeps tasks elsewhere."""

    def db_for_write(self, model: Any, **hints: Any) -> str | None:
        return "sqlite" if model.__name__ == "TaskState" else None


def found(*flows: Any, route: str = "", **settings: Any) -> list[tuple[str, str]]:
    """Return the number and the text of what is found where these flows are mounted."""
    urls = tuple(path(route, include(flow_urls(flow))) for flow in flows)
    with override_settings(**{"ROOT_URLCONF": urls, **settings}):
        return [(str(one.id).partition(".")[2], str(one.msg)) for one in run_checks(tags=[TAG])]


def flow_of(*action_set: Any, **attributes: Any) -> Any:
    """Return a flow of these actions."""
    body = {"action_set": action_set, "transition": Linear, **attributes}
    return type("Flow", (Pay,), body)


def action(name: str, /, **attributes: Any) -> Any:
    """Return an action of that name."""
    return type(name, (Action,), attributes)


def test_a_flow_that_is_right_is_not_mentioned() -> None:
    """Nor are settings that are; the one of the tests is checked here, too."""
    assert found(Pay) == []
    assert found(Pay, route="buy/<slug:sku>/") == []
    assert run_checks(tags=[TAG]) == []


def test_without_urls_there_is_nothing_to_check() -> None:
    """A project may have none, and middleware is needed by flows only."""
    assert found(ROOT_URLCONF=None, MIDDLEWARE=[]) == []
    with override_settings(ROOT_URLCONF=(path("plain/", plain),), MIDDLEWARE=[]):
        assert run_checks(tags=[TAG]) == []


def test_definition_problems_are_errors() -> None:
    """Each of them, though the first request would tell them too."""
    flow = flow_of(action("One", moves_to=["Crad"]), Card)
    assert found(flow) == [
        (
            "E004",
            (
                "One.moves_to: 'Crad' is none of its siblings, nor of those of its ancestors."
                " Did you mean 'Card'? They are: Card"
            ),
        )
    ]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("card/", "card/"),
        ("<slug:kind>/", "card/"),
        ("<slug:kind>/", "<int:number>/"),
        ("<path:rest>", "<str:kind>/x/"),
    ],
)
def test_an_address_that_another_takes_is_an_error(earlier: str, later: str) -> None:
    """The later one is never reached."""
    flow = flow_of(action("One", url=earlier), action("Two", url=later))
    text = f"The address {later!r} of 'two' is never reached: {earlier!r} of 'one' comes first,"
    assert ("E005", f"{text} and takes it.") in found(flow)


def test_addresses_that_only_look_alike_are_none() -> None:
    """A number is no word, and what no sample fits is left alone."""
    apart = flow_of(action("One", url="<int:number>/"), action("Two", url="<slug:kind>/"))
    assert not [one for one in found(apart) if one[0] == "E005"]
    from django.urls import register_converter
    from django.urls.converters import StringConverter

    class Odd(StringConverter):
        regex = "x{40}"

    register_converter(Odd, "odd")
    odd = flow_of(action("One", url="<str:one>/"), action("Two", url="<odd:two>/"))
    assert not [one for one in found(odd) if one[0] == "E005"]


def test_the_start_may_take_the_address_of_an_action() -> None:
    """One without an address of its own."""
    assert found(flow_of(action("One", url=""))) == [
        (
            "E005",
            "The address '' of 'one' is never reached: '' of the start comes first, and takes it.",
        )
    ]


def test_arguments_that_the_start_does_not_have_are_a_warning() -> None:
    """They can come from ``start_url`` only; those of the mount are there anyway."""
    flow = flow_of(action("One", url="<int:number>/<slug:sku>/"))
    assert found(flow, route="buy/<slug:sku>/") == [
        ("W005", "The address of 'one' has 'number', which the start of 'flow' does not.")
    ]


def test_a_flow_has_to_have_an_end() -> None:
    """A method ``completed``, or the ``success_url`` of a single action."""

    class Endless(Scaffold):
        action_set = (Card,)
        transition = Linear

    assert found(Endless) == [
        (
            "E006",
            "Endless is mounted, but has no method completed: what shall its end do?",
        )
    ]
    assert [number for number, _ in found(Card)] == ["E006"]
    assert found(action("One", success_url="/")) == []


def test_the_end_has_to_be_reached() -> None:
    """From the start: an error; from some actions: a warning."""
    one = action("One", moves_to=["Two"], completes=False)
    two = action("Two", moves_to=["One"], completes=False)
    assert found(flow_of(one, two)) == [
        ("E007", "Flow has no way to its end: whatever is answered, it never finishes.")
    ]
    start = action("Start1", links_to=["One"])
    assert found(flow_of(start, one, two, transition=Choice)) == [
        ("W007", "From 'one' there is no way to the end of the flow."),
        ("W007", "From 'two' there is no way to the end of the flow."),
    ]


def test_an_action_that_nothing_leads_to_is_a_warning() -> None:
    """It has an address, but no task ever comes by."""
    assert found(flow_of(Card, Bank, transition=Choice)) == [
        (
            "W006",
            "Nothing leads to 'bank': no action moves or links there, or completes into it.",
        )
    ]


class Secrets(forms.Form):
    word = forms.CharField(widget=forms.PasswordInput)
    card_cvc = forms.CharField()
    pinned = forms.BooleanField()
    password1 = forms.CharField()


def test_a_secret_that_is_kept_is_a_warning() -> None:
    """By its widget or by its name, in a form and in a set of forms; not if it is left out."""
    kept = [
        ("W008", f"One keeps {name!r} in the task, which looks like a secret.")
        for name in ("word", "card_cvc", "password1")
    ]
    assert found(flow_of(action("One", form_class=Secrets))) == kept
    formset = forms.formset_factory(Secrets)
    assert found(flow_of(action("One", form_class=formset))) == kept
    assert found(flow_of(action("One", form_class=Secrets, stores=("word",)))) == kept[:1]
    assert found(flow_of(action("One", form_class=Secrets, stores=("pinned",)))) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FLOWS_TASK_IDLE_TIMEOUT", -1),
        ("FLOWS_TASK_ID_PARAM", "no name"),
        ("FLOWS_TASK_BINDER", 3),
        ("FLOWS_MAX_STATE_BYTES", 0),
        ("FLOWS_STATE_STORE", "nowhere.store"),
    ],
)
def test_a_wrong_setting_is_an_error(name: str, value: object) -> None:
    """Which says what is wrong with it, before the first request does."""
    ((number, text),) = found(**cast("Any", {name: value}))
    assert number == "E001"
    assert text.startswith(name)


def test_a_wrong_binder_does_not_hide_other_errors() -> None:
    """One that cannot be imported is told once."""
    wanted = [number for number, _ in found(Pay, FLOWS_TASK_BINDER="nowhere.binder")]
    assert wanted == ["E001"]


def test_an_unknown_setting_is_a_warning() -> None:
    """With the nearest right name, or all of them."""
    with override_settings(FLOWS_STATE_STORES="x", FLOWS_QQQQ="y"):
        near, far = sorted(run_checks(tags=[TAG]), key=lambda one: one.msg, reverse=True)
    assert (near.id, near.msg) == (
        "statecraft_flows.W001",
        "Flows know no setting FLOWS_STATE_STORES.",
    )
    assert near.hint == "Did you mean 'FLOWS_STATE_STORE'?"
    assert str(far.hint).startswith("There are: FLOWS_STATE_STORE, ")


def test_what_a_store_cannot_promise_is_a_warning() -> None:
    """One of a user has nothing but two methods; ours in memory is not shared."""
    ours: Any = {"FLOWS_STATE_STORE": "statecraft.flows.statestore.memory_store"}
    assert [number for number, _ in found(**ours)] == ["W002"]
    assert found(**ours, DEBUG=True) == []
    assert [number for number, _ in found(FLOWS_STATE_STORE=__name__)] == ["W002", "W003", "W004"]


def test_tasks_in_another_database_are_mentioned() -> None:
    """What ``completed`` writes is then not in one transaction with them."""
    ((number, text),) = found(DATABASE_ROUTERS=[Router()])
    assert number == "I001"
    assert "'sqlite'" in text


@pytest.mark.parametrize("kept", ["session", "csrf", ""])
def test_flows_need_middleware(kept: str) -> None:
    """That of sessions, and that of Django against forged requests; a subclass will do."""
    names = {
        "session": "django.contrib.sessions.middleware.SessionMiddleware",
        "csrf": f"{__name__}.Csrf",
    }
    given = [name for key, name in names.items() if key == kept]
    numbers = [number for number, _ in found(Pay, MIDDLEWARE=[*given, f"{__name__}.plain"])]
    assert numbers == {"session": ["E003"], "csrf": ["E002"], "": ["E003", "E002"]}[kept]


def test_a_binder_of_ones_own_needs_no_session() -> None:
    """It may bind a task to whatever it likes."""
    middleware = [f"{__name__}.Csrf"]
    assert found(Pay, MIDDLEWARE=middleware, FLOWS_TASK_BINDER=lambda request: "ada") == []


from django.middleware.csrf import CsrfViewMiddleware  # noqa: E402 - Django has to be configured


class Csrf(CsrfViewMiddleware): ...


def plain(get_response: Any) -> Any:
    return get_response
