"""Forms of all kinds in a flow: shown again as they were typed, compared, and validated again."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from django import forms
from django.contrib.auth.models import Group, User
from django.http import HttpResponse
from django.urls import include, path
from django.utils.timezone import get_current_timezone

from statecraft.flows import Action, Linear, Scaffold, flow_urls
from statecraft.flows.models import TaskState
from statecraft.flows.testing import FlowForm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecraft.flows.testing import FlowClient

pytestmark = pytest.mark.usefixtures("database", "own_urls")


class LineForm(forms.Form):
    """One line of a list."""

    item = forms.CharField()
    quantity = forms.IntegerField(min_value=1)


LineFormSet = forms.formset_factory(LineForm, extra=2, max_num=5)


class UserForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form of a model."""

    class Meta:
        """What it is of."""

        model = User
        fields = ("username", "email")


class RowsForm(forms.Form):
    """Rows of a table."""

    group = forms.ModelChoiceField(Group.objects.order_by("pk"))
    others = forms.ModelMultipleChoiceField(Group.objects.order_by("pk"), required=False)


class WhenForm(forms.Form):
    """Widgets of several fields, and boxes."""

    when = forms.SplitDateTimeField()
    colours = forms.MultipleChoiceField(
        choices=[("r", "Red"), ("g", "Green")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    sure = forms.BooleanField(required=False)
    price = forms.DecimalField(localize=True, required=False)


class PrefixedForm(forms.Form):
    """A form whose fields have a prefix."""

    prefix = "left"
    text = forms.CharField()
    sure = forms.BooleanField(required=False)


class DisabledForm(forms.Form):
    """A field that nobody can change."""

    fixed = forms.CharField(disabled=True, initial="as it is")
    text = forms.CharField(required=False)


class Lines(Action):
    """A formset."""

    form_class = LineFormSet


class Owner(Action):
    """A form of a model: what it makes is made at the end."""

    form_class = UserForm


class Rows(Action):
    """Rows."""

    form_class = RowsForm


class When(Action):
    """When."""

    form_class = WhenForm


class Prefixed(Action):
    """With a prefix."""

    form_class = PrefixedForm


class Disabled(Action):
    """With a field that is disabled."""

    form_class = DisabledForm


class Last(Action):
    """Nothing but a button."""


class Forms(Scaffold):
    """All kinds of forms."""

    transition = Linear
    action_set = (Lines, Owner, Rows, When, Prefixed, Disabled, Last)
    ends: ClassVar[list[dict[str, Any]]] = []

    def completed(self, task: Any) -> Any:
        """Note down what was answered."""
        self.ends.append(dict(task.answers))
        return "/end/"


urlpatterns = [
    path("forms/", include(flow_urls(Forms))),
    path("end/", lambda _request: HttpResponse("the end")),
]


@pytest.fixture
def groups(database: None) -> Iterator[list[Group]]:
    """Return three rows to choose from."""
    yield [Group.objects.create(name=name) for name in "abc"]
    Group.objects.all().delete()
    Forms.ends.clear()


def data_of(groups: list[Group]) -> dict[str, dict[str, Any]]:
    """Return what is typed into each form."""
    return {
        "lines": {
            "form-TOTAL_FORMS": "2",
            "form-INITIAL_FORMS": "0",
            "form-0-item": "bread",
            "form-0-quantity": "2",
            "form-1-item": "salt",
            "form-1-quantity": "1",
        },
        "owner": {"username": "grace", "email": "grace@example.com"},
        "rows": {"group": str(groups[0].pk), "others": [str(one.pk) for one in groups[1:]]},
        "when": {
            "when_0": "2031-05-04",
            "when_1": "13:30",
            "colours": ["r", "g"],
            "sure": "on",
            "price": "12.50",
        },
        "prefixed": {"left-text": "prefixed", "left-sure": "on"},
        "disabled": {"text": "free"},
    }


def walked(browser: FlowClient, groups: list[Group]) -> Any:
    """Return the last page, after all forms were answered."""
    page = browser.get("/forms/")
    for name, data in data_of(groups).items():
        assert page.context["flow"].place.path == name
        page = browser.arrive(browser.answer(page, data))
    assert page.resolver_match.url_name == "last"
    return page


def stored() -> list[Any]:
    """Return what is kept of tasks."""
    return list(TaskState.objects.values_list("state", "revision"))


def sent_by_browser(page: Any) -> dict[str, list[str]]:
    """Return what a browser sends if nothing is changed on a page."""
    fields: dict[str, list[str]] = {}
    text = page.content.decode()
    for tag in re.findall(r"<input [^>]*>", text):
        given = dict(re.findall(r'([a-z]+)="([^"]*)"', tag))
        is_box = given.get("type") in {"checkbox", "radio"}
        if "name" in given and (not is_box or " checked" in tag):
            fields.setdefault(given["name"], []).append(given.get("value", "on" if is_box else ""))
    for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', text, re.DOTALL):
        chosen = re.findall(r'<option value="([^"]*)" selected', options)
        fields.setdefault(name, []).extend(chosen)
    return fields


def back_to(browser: FlowClient, page: Any, name: str) -> Any:
    """Return the page of an action before, reached by the way back alone."""
    while page.resolver_match.url_name != name:
        page = browser.get(page.context["flow"].back_url)
    return page


def test_each_kind_of_form_gives_its_values(browser: FlowClient, groups: list[Group]) -> None:
    """As the form cleaned them; of rows, their primary keys."""
    response = browser.answer(walked(browser, groups))
    assert response.headers["Location"] == "/end/"
    (answers,) = Forms.ends
    assert answers == {
        "lines": [{"item": "bread", "quantity": 2}, {"item": "salt", "quantity": 1}],
        "owner": {"username": "grace", "email": "grace@example.com"},
        "rows": {"group": groups[0].pk, "others": [one.pk for one in groups[1:]]},
        "when": {
            "when": datetime(2031, 5, 4, 13, 30, tzinfo=get_current_timezone()),
            "colours": ["r", "g"],
            "sure": True,
            "price": pytest.approx(12.5),
        },
        "prefixed": {"text": "prefixed", "sure": True},
        "disabled": {"fixed": "as it is", "text": "free"},
        "last": {},
    }
    assert not User.objects.filter(username="grace").exists()


@pytest.mark.parametrize("name", ["lines", "owner", "rows", "when", "prefixed", "disabled"])
def test_scenario_13_on_the_way_back_nothing_is_typed_twice(
    browser: FlowClient, groups: list[Group], name: str
) -> None:
    """What a browser sends of the page as it is shown is what was typed, and nothing moves."""
    last = walked(browser, groups)
    page = back_to(browser, last, name)
    shown, typed = sent_by_browser(page), data_of(groups)[name]
    for key, value in typed.items():
        expected = [value] if isinstance(value, str) else list(value)
        if not key.endswith("_FORMS"):  # there are empty lines besides
            assert [one.removesuffix(":00") for one in shown[key]] == expected, key
    before = stored()
    form = FlowForm(page)
    response = browser.post(form.action, shown)
    assert response.status_code == 302
    assert response.headers["Location"] == last.context["flow"].address
    assert stored() == before


def test_a_box_that_is_unchecked_is_a_change(browser: FlowClient, groups: list[Group]) -> None:
    """The answers after it are not asked again, for they are still valid."""
    page = back_to(browser, walked(browser, groups), "when")
    data = sent_by_browser(page)
    del data["sure"]
    data["colours"] = ["g"]
    page = browser.arrive(browser.post(FlowForm(page).action, data))
    assert page.resolver_match.url_name == "last"
    browser.answer(page)
    assert Forms.ends[0]["when"]["sure"] is False
    assert Forms.ends[0]["when"]["colours"] == ["g"]
    assert Forms.ends[0]["prefixed"] == {"text": "prefixed", "sure": True}


def test_a_line_more_is_a_change(browser: FlowClient, groups: list[Group]) -> None:
    """And it is in the answer at the end."""
    page = back_to(browser, walked(browser, groups), "lines")
    data = sent_by_browser(page)
    data |= {"form-TOTAL_FORMS": ["3"], "form-2-item": ["milk"], "form-2-quantity": ["4"]}
    browser.answer(browser.arrive(browser.post(FlowForm(page).action, data)))
    assert [one["item"] for one in Forms.ends[0]["lines"]] == ["bread", "salt", "milk"]


def test_lines_that_are_left_empty_are_not_asked_for_on_the_way_back(
    browser: FlowClient, groups: list[Group]
) -> None:
    """The first page has two lines, and one is filled in; it may be changed later as well."""
    page = browser.get("/forms/")
    data = sent_by_browser(page)
    data |= {"form-1-item": ["bread"], "form-1-quantity": ["2"]}
    page = browser.arrive(browser.post(FlowForm(page).action, data))
    for quantity in ("3", "4"):
        page = browser.get(page.context["flow"].back_url)
        data = sent_by_browser(page)
        assert data["form-INITIAL_FORMS"] == ["1"]
        data["form-0-quantity"] = [quantity]
        page = browser.arrive(browser.post(FlowForm(page).action, data))
    assert page.context["flow"].task.answers["lines"] == [{"item": "bread", "quantity": 4}]


def test_scenario_15_a_row_that_is_gone_is_found_before_the_end(
    browser: FlowClient, groups: list[Group]
) -> None:
    """The user is sent to the form, which says what is wrong; nothing has ended."""
    page = walked(browser, groups)
    groups[0].delete()
    response = browser.answer(page)
    page = browser.arrive(response)
    assert page.resolver_match.url_name == "rows"
    assert "group" in page.context["form"].errors
    assert Forms.ends == []
    data = {"group": str(groups[1].pk), "others": [str(groups[2].pk)]}
    page = browser.arrive(browser.answer(page, data))
    assert page.resolver_match.url_name == "last"
    browser.answer(page)
    assert Forms.ends[0]["rows"] == {"group": groups[1].pk, "others": [groups[2].pk]}


def test_scenario_15_a_name_that_is_taken_meanwhile_is_found_before_the_end(
    browser: FlowClient, groups: list[Group]
) -> None:
    """A form of a model is judged by the table as it is at the end."""
    page = walked(browser, groups)
    User.objects.create_user("grace")
    page = browser.arrive(browser.answer(page))
    assert page.resolver_match.url_name == "owner"
    assert "username" in page.context["form"].errors
    assert Forms.ends == []


def test_an_invalid_form_says_what_is_wrong(browser: FlowClient, groups: list[Group]) -> None:
    """And shows what was typed; nothing is kept."""
    page = browser.get("/forms/")
    data = {**data_of(groups)["lines"], "form-0-quantity": "-1", "form-1-item": ""}
    response = browser.answer(page, data)
    assert response.status_code == 200
    assert response.context["form"].errors[0] == {
        "quantity": ["Ensure this value is greater than or equal to 1."]
    }
    assert 'value="bread"' in response.content.decode()
    assert stored() == []
