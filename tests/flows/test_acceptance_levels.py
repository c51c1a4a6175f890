"""The levels of a flow: arguments, preconditions and preparation at each, mounts, and the start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse, HttpResponseForbidden
from django.test import override_settings
from django.urls import include, path, reverse

from statecraft.flows import (
    COMPLETE,
    Action,
    Linear,
    LoginRequired,
    Precondition,
    RequiredState,
    Scaffold,
    Transition,
    flow_urls,
    start_url,
)
from statecraft.flows.models import TaskState
from statecraft.flows.testing import FlowForm
from tests.flows.shopping import TextForm, signed_in

if TYPE_CHECKING:
    from statecraft.flows.testing import FlowClient

pytestmark = pytest.mark.usefixtures("database", "own_urls", "nothing_noted")
NOTED: list[Any] = []


class Allowed(Precondition):
    """Holds unless the state has a word for it."""

    def __init__(self, word: str) -> None:
        self.word = word

    def holds(self, task: Any) -> bool:
        NOTED.append(f"{self.word}?")
        return self.word not in task.state.get("forbidden", ())

    def respond(self, action: Any) -> Any:
        return HttpResponseForbidden(f"{self.word} is missing")


class Noting:
    """Notes down what is prepared, and answers where the state says so."""

    def prepare(self: Any) -> Any:
        """Note down who is prepared, and for which request."""
        name = type(self).__name__
        NOTED.append((name, self.request.method, dict(self.kwargs), self.task.kwargs))
        if self.task.state.get("stopped") == name:
            return HttpResponse(f"stopped by {name}", status=451)
        return None


class Room(Noting, Action):
    """A room."""

    url, form_class = "room-<int:room>/", TextForm
    preconditions = (Allowed("room"),)


class Hall(Noting, Action):
    """A hall, without an argument."""

    form_class = TextForm


class Floor(Noting, Scaffold):
    """A floor."""

    url, transition = "floor-<int:floor>/", Linear
    action_set = (Room, Hall)
    preconditions = (Allowed("floor"),)


class House(Noting, Scaffold):
    """A house; its own argument is one of the mount."""

    url, transition = "in/", Linear
    action_set = (Floor,)
    preconditions = (Allowed("house"),)

    def completed(self, task: Any) -> Any:
        NOTED.append(("completed", self.kwargs, task.kwargs, dict(task.state)))
        return "/end/"


class Alone(Action):
    """An action that is a flow by itself."""

    form_class, success_url = TextForm, "/end/alone/"


class One(Action):
    """One."""

    form_class = TextForm


class Two(Action):
    """Two."""

    form_class = TextForm


class Three(Action):
    """Three."""

    form_class = TextForm


class ByText(Transition):
    """Leads where the text says."""

    targets: ClassVar[Any] = (Two, "Three", COMPLETE)

    def choose_next(self, scaffold: Any) -> Any:
        NOTED.append((type(scaffold).__name__, scaffold.child.__name__))
        text = scaffold.task.answers[scaffold.child]["text"]
        return {"two": Two, "three": "Three"}.get(text, COMPLETE)


class Chosen(Scaffold):
    """The texts say where it goes."""

    action_set, transition = (One, Two, Three), ByText

    def completed(self, task: Any) -> Any:
        NOTED.append(list(task.answers))
        return "/end/"


class Known(Scaffold):
    """Everything is skipped for those who are logged in."""

    action_set, transition = (One, Two), Linear
    skip_if = signed_in

    def completed(self, task: Any) -> Any:
        NOTED.append("completed")
        return "/end/"


class Skipping(Scaffold):
    """A flow whose only part may be skipped."""

    action_set, transition = (Known,), Linear

    def completed(self, task: Any) -> Any:
        NOTED.append("completed")
        return "/end/"


class Needs(Action):
    """Needs something of the state."""

    form_class, preconditions = TextForm, (RequiredState("colour", "size"),)
    success_url = "/end/"


class Members(Scaffold):
    """For those who are logged in."""

    action_set, transition = (One, Two), Linear
    preconditions = (LoginRequired(),)

    def completed(self, task: Any) -> Any:
        return "/end/"


class Elsewhere(Action):
    """For those who are logged in by a page of one's own."""

    form_class, success_url = TextForm, "/end/"
    preconditions = (LoginRequired("sign-in"),)


inner = ([path("house/<int:house>/", include(flow_urls(House), namespace="house"))], "inner")
urlpatterns = [
    path("<slug:town>/", include((inner[0], "outer"), namespace="outer")),
    path("at/<int:house>/", include(flow_urls(House))),
    path("alone/", include(flow_urls(Alone))),
    path("alone-again/", include(flow_urls(Alone), namespace="again")),
    path("chosen/", include(flow_urls(Chosen))),
    path("skipping/", include(flow_urls(Skipping))),
    path("needs/", include(flow_urls(Needs))),
    path("members/", include(flow_urls(Members))),
    path("elsewhere/", include(flow_urls(Elsewhere))),
    path("sign-in/", lambda _request: HttpResponse("who?"), name="sign-in"),
]


@pytest.fixture
def nothing_noted() -> None:
    """Forget what tests before have noted."""
    NOTED.clear()


def prepared() -> list[str]:
    """Return whom the last request has prepared, in order."""
    return [one[0] for one in NOTED if isinstance(one, tuple)]


def test_arguments_of_each_level_are_given_to_each_level(browser: FlowClient) -> None:
    """The start carries those of deeper levels; each address has its own, and all have a task."""
    url = start_url(House, house=1, floor=2, room=3)
    page = browser.get(url)
    assert page.context["flow"].place.path == "floor.room"
    given = {"house": 1, "floor": 2, "room": 3}
    assert [one[3] for one in NOTED if isinstance(one, tuple)] == [given] * 3
    form = FlowForm(page)
    assert form.action.partition("?")[0] == "/at/1/in/floor-2/room-3/"
    page = browser.arrive(browser.answer(page, {"text": "a"}))
    assert page.request["PATH_INFO"] == "/at/1/in/floor-2/hall/"
    assert page.resolver_match.kwargs == {"house": 1, "floor": 2}
    back = page.context["flow"].back_url
    assert back.startswith("/at/1/in/floor-2/room-3/?")
    assert browser.get(back).status_code == 200
    assert browser.get(back.replace("room-3", "room-4")).status_code == 404
    response = browser.answer(page, {"text": "b"})
    assert response.headers["Location"] == "/end/"
    assert NOTED[-1] == ("completed", {"house": 1, "floor": 2}, given, {})


def test_every_level_is_prepared_from_the_root_down(browser: FlowClient) -> None:
    """Once for each request, before the preconditions of any level are asked."""
    browser.get(start_url(House, house=1, floor=2, room=3))
    assert prepared() == ["House", "Floor", "Room"]
    names = [one if isinstance(one, str) else one[0] for one in NOTED]
    assert names == ["House", "Floor", "Room", "house?", "floor?", "room?"]


@pytest.mark.parametrize("name", ["House", "Floor", "Room"])
def test_a_level_may_answer_the_request_itself(browser: FlowClient, name: str) -> None:
    """On GET and on POST: nothing is taken then, and nothing below it is prepared."""
    url = start_url(House, house=1, floor=2, room=3, state={"stopped": name})
    stopped = browser.get(url)
    assert (stopped.status_code, stopped.content.decode()) == (451, f"stopped by {name}")
    levels = ["House", "Floor", "Room"]
    assert prepared() == levels[: levels.index(name) + 1]


@pytest.mark.parametrize("word", ["house", "floor", "room"])
def test_preconditions_of_every_level_are_asked(browser: FlowClient, word: str) -> None:
    """The first one that does not hold answers, on GET and on POST; nothing moves."""
    allowed = browser.get(start_url(House, house=1, floor=2, room=3))
    url = start_url(House, house=1, floor=2, room=3, state={"forbidden": [word]})
    refused = browser.get(url)
    assert (refused.status_code, refused.content.decode()) == (403, f"{word} is missing")
    room = Room.preconditions[0]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Allowed, "holds", lambda self, task: self.word != word)
        sent = browser.answer(allowed, {"text": "a"})
    assert (sent.status_code, sent.content.decode()) == (403, f"{word} is missing")
    assert not TaskState.objects.exists()
    assert room.holds(allowed.context["flow"].task)


def test_two_mounts_of_one_flow_are_apart(browser: FlowClient) -> None:
    """Each leads on under its own address; the task of one is not found under other arguments."""
    url = start_url(House, namespace="outer:house", town="rome", house=1, floor=2, room=3)
    page = browser.get(url)
    assert FlowForm(page).action.partition("?")[0] == "/rome/house/1/in/floor-2/room-3/"
    response = browser.answer(page, {"text": "a"})
    assert response.headers["Location"].startswith("/rome/house/1/in/floor-2/hall/?")
    page = browser.arrive(response)
    assert page.context["flow"].back_url.startswith("/rome/house/1/in/floor-2/room-3/?")
    query = response.headers["Location"].partition("?")[2]
    assert browser.get(f"/rome/house/2/in/floor-2/hall/?{query}").status_code == 404
    assert browser.get(f"/paris/house/1/in/floor-2/hall/?{query}").status_code == 404


def test_names_of_addresses_are_those_of_places(database: None) -> None:
    """They can be reversed, with their arguments."""
    given = {"house": 1, "floor": 2, "room": 3}
    assert reverse("house:floor.room", kwargs=given) == "/at/1/in/floor-2/room-3/"
    assert reverse("house:start", kwargs={"house": 1}) == "/at/1/in/"
    assert reverse("again:alone") == "/alone-again/alone/"


def test_a_start_with_state_is_a_task_each_time(browser: FlowClient) -> None:
    """Two clicks are two tasks; the state is there, and nobody can change it in the address."""
    url = start_url(House, house=1, floor=2, room=3, state={"colour": "red"})
    for _ in range(2):
        page = browser.get(url)
        assert page.context["flow"].task.state == {"colour": "red"}
        page = browser.arrive(browser.answer(page, {"text": "a"}))
        browser.answer(page, {"text": "b"})
    assert [one[3] for one in NOTED if one[0] == "completed"] == [{"colour": "red"}] * 2
    assert TaskState.objects.count() == 2
    assert browser.get(url[:-3] + "xyz").status_code == 404


def test_a_link_to_start_with_stays_good(browser: FlowClient) -> None:
    """It stands in a page or a letter for longer than a task may be idle."""
    url = start_url(House, house=1, floor=2, room=3, state={"colour": "red"})
    with override_settings(FLOWS_TASK_IDLE_TIMEOUT=0):
        assert browser.get(url).status_code == 200


def test_the_address_of_a_step_alone_starts_afresh(browser: FlowClient) -> None:
    """Without an id, the first step is shown where it is; any other leads to the start."""
    assert browser.get("/chosen/one/").status_code == 200
    response = browser.get("/chosen/two/")
    assert (response.status_code, response.headers["Location"]) == (302, "/chosen/")


def test_an_action_alone_is_a_flow(browser: FlowClient) -> None:
    """It ends at its success_url, and has no progress but itself."""
    for start in ("/alone/", "/alone-again/"):
        page = browser.get(start)
        assert [one.state for one in page.context["flow"].progress] == ["current"]
        assert page.context["flow"].back_url is None
        response = browser.answer(page, {"text": "a"})
        assert response.headers["Location"] == "/end/alone/"


@pytest.mark.parametrize(
    ("texts", "answered"),
    [
        (["end"], ["one"]),
        (["two", "end"], ["one", "two"]),
        (["two", "three", "end"], ["one", "two", "three"]),
        (["three", "two", "three", "end"], ["one", "two", "three"]),
    ],
)
def test_a_transition_of_ones_own_chooses(
    browser: FlowClient, texts: list[str], answered: list[str]
) -> None:
    """By what was answered; it may lead back to a step that was taken, which is asked again."""
    page = browser.get("/chosen/")
    for text in texts[:-1]:
        page = browser.arrive(browser.answer(page, {"text": text}))
    response = browser.answer(page, {"text": texts[-1]})
    assert response.headers["Location"] == "/end/"
    assert sorted(NOTED[-1]) == sorted(answered)
    assert ("Chosen", "One") in NOTED


def test_a_flow_in_which_everything_is_skipped_is_a_page(browser: FlowClient) -> None:
    """A GET never ends it: there is nothing to do, and nothing is kept."""
    before = browser.get("/skipping/")
    assert before.context["flow"].place.path == "known.one"
    browser.force_login(User.objects.create_user("ada"))
    for address in ("/skipping/", "/skipping/one/"):
        page = browser.get(address)
        assert page.status_code == 200
        assert "nothing to do" in page.content.decode()
    refused = browser.answer(before, {"text": "typed"})
    assert refused.status_code == 409
    assert "typed" in refused.content.decode()
    assert NOTED == []
    assert not TaskState.objects.exists()


def test_what_is_missing_in_the_state_is_told(browser: FlowClient) -> None:
    """422, with names; with all of it, the step is shown and can be answered."""
    response = browser.get(start_url(Needs, state={"size": 0}))
    assert response.status_code == 422
    assert response.context["missing"] == ["colour"]
    assert "<li>colour</li>" in response.content.decode()
    page = browser.get(start_url(Needs, state={"size": 0, "colour": ""}))
    assert browser.answer(page, {"text": "a"}).headers["Location"] == "/end/"


def test_a_login_that_is_required_leads_back(browser: FlowClient, ada: User) -> None:
    """To the same step of the same task; its page is that of the site, or one's own."""
    response = browser.get("/members/")
    login, _, back = response.headers["Location"].partition("?next=")
    assert (response.status_code, login) == (302, "/accounts/login/")
    assert back.startswith("/members/one/")
    browser.force_login(ada)
    page = browser.get("/members/")
    assert page.status_code == 200
    page = browser.arrive(browser.answer(page, {"text": "a"}))
    browser.logout()
    assert browser.get(page.context["flow"].address).status_code == 404
    response = browser.get("/elsewhere/")
    assert response.headers["Location"].startswith("/sign-in/?next=/elsewhere/")
