"""The scenarios that django-fsm-2 tests, said for statecraft: what is the same, and what differs.

One thing differs everywhere: an event stores, so that an object is saved before its first one.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command

from statecraft import (
    NoTransitionAllowed,
    StaleState,
    TransitionHalted,
    UnknownEvent,
    WorkflowDefinitionError,
    WorkflowError,
    acting_as,
    workflow_diagram,
)
from statecraft.django.signals import post_transition, pre_transition
from statecraft.testing import place
from tests.django_store.shop.models import Invoice
from tests.django_store.shop.posts import (
    AnnouncedPost,
    Broken,
    GuardedPost,
    Insect,
    JudgedPost,
    LongPost,
    MixedPost,
    NewsPost,
    NumberedPost,
    OpinionPost,
    Post,
    Stage,
    StickyPost,
    Task,
    Verdict,
)
from tests.django_store.test_django_models import define

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("database")


def arrows(cls: Any) -> set[tuple[str, str]]:
    """Return all transitions of a model."""
    return {(str(one.source), str(one.target)) for one in cls.workflow_spec.transitions}


def state_of(post: Any) -> str:
    """Return the name of the state that the row has."""
    return str(type(post)._base_manager.get(pk=post.pk).current_state.name)


@pytest.fixture
def told() -> Iterator[list[tuple[str, str, str, str]]]:
    """Return what receivers of both signals are told of posts: a moment, and what is when."""
    found: list[tuple[str, str, str, str]] = []

    def before(instance: Any, transition: Any, **_: Any) -> None:
        found.append(("pre", transition.event, transition.target.name, instance.current_state.name))

    def after(instance: Any, transition: Any, **_: Any) -> None:
        found.append(
            ("post", transition.event, transition.target.name, instance.current_state.name)
        )

    senders = (Post, JudgedPost)
    for sender in senders:
        pre_transition.connect(before, sender=sender)
        post_transition.connect(after, sender=sender)
    yield found
    for sender in senders:
        pre_transition.disconnect(before, sender=sender)
        post_transition.disconnect(after, sender=sender)


# -- models and their bases ------------------------------------------------------------------------


@pytest.mark.parametrize("model", [NewsPost, OpinionPost])
def test_abstract_inheritance(model: Any) -> None:
    """Two models share the workflow of an abstract base, and each adds to it."""
    post = model.objects.create()
    assert post.can("publish")
    post.publish()
    assert post.allowed_events() == ("stick",)
    assert post.target_of("stick") == "stuck"
    post.stick()
    assert state_of(post) == "stuck"
    assert arrows(model) == {("new", "published"), ("published", "stuck")}


def test_proxy_inheritance() -> None:
    """A proxy has the workflow of its model, and more; the model knows nothing of that."""
    post: Any = StickyPost.objects.create()
    post.publish()
    post.stick()
    assert post.allowed_events() == ("frame",)
    post.frame()
    assert state_of(post) == "framed"
    assert arrows(StickyPost) - arrows(NewsPost) == {("stuck", "framed")}


def test_a_proxy_may_do_an_event_in_its_own_way() -> None:
    """What it inherits besides is the same transition."""
    assert AnnouncedPost.objects.create().publish() == "announced"
    assert Post.objects.create().publish() is True
    ours, theirs = (one.workflow_spec.events["hide"] for one in (AnnouncedPost, Post))
    assert ours == theirs
    assert AnnouncedPost.workflow_spec.events["publish"] != Post.workflow_spec.events["publish"]


def test_mixin_support() -> None:
    """The workflow can come from a class that is no model."""
    post = MixedPost.objects.create()
    post.sketch()
    post.publish()
    assert state_of(post) == "published"


def test_state_proxies() -> None:
    """The class of an object says nothing of its state, and never changes: events are refused."""
    insect = Insect.objects.create()
    insect.crawl()
    with pytest.raises(NoTransitionAllowed, match="From here: cocoon, crawl"):
        insect.fly()
    insect.cocoon()
    insect.fly()
    assert type(insect) is type(Insect.objects.get()) is Insect
    assert Insect.objects.in_state("butterfly").get() == insect


def test_model_create_with_generic_relation() -> None:
    """A field that is none of the table can be given when an object is made."""
    cause = Post.objects.create()
    task = Task.objects.create(cause=cause)
    task.finish()
    again = Task.objects.get(content_type=ContentType.objects.get_for_model(Post))
    assert again.cause == cause
    assert again.current_state == "done"


# -- transitions -----------------------------------------------------------------------------------


def test_known_transitions_succeed() -> None:
    """From state to state, beginning in the first one."""
    post = Post.objects.create()
    assert post.current_state == "new"
    assert post.can("publish")
    post.publish()
    assert post.can("hide")
    post.hide()
    assert state_of(post) == "hidden"


def test_an_unavailable_transition_fails() -> None:
    """It can be asked for before; the error says what is possible."""
    post = Post.objects.create()
    assert not post.can("hide")
    with pytest.raises(NoTransitionAllowed, match="'hide' leaves 'published'"):
        post.hide()
    assert state_of(post) == "new"


def test_the_state_is_unchanged_when_a_handler_raises() -> None:
    """In the object and in the row."""
    post = Post.objects.create()
    with pytest.raises(Broken):
        post.remove()
    assert post.current_state == state_of(post) == "new"


def test_an_event_may_keep_the_state() -> None:
    """An internal transition runs its handler, if it leaves the present state."""
    post = Post.objects.create()
    with pytest.raises(NoTransitionAllowed):
        post.notify_all()
    assert post.noted == 0
    post.publish()
    post.notify_all()
    assert post.noted == 1
    assert state_of(post) == "published"


@pytest.mark.parametrize("state", ["published", "hidden"])
def test_an_event_has_several_sources(state: str) -> None:
    """Each of them named."""
    post = Post.objects.create(workflow_state=state)
    post.steal()
    assert state_of(post) == "stolen"


def test_an_event_from_every_state_but_its_target() -> None:
    """That is what ANY is; where the target is a source too, it is named."""
    post = Post.objects.create()
    post.block()
    assert not post.can("block")
    with pytest.raises(NoTransitionAllowed):
        post.block()
    assert state_of(post) == "blocked"
    post.moderate()
    post.moderate()
    assert state_of(post) == "moderated"


def test_an_empty_text_is_a_value() -> None:
    """The state that it means has a name."""
    post = Post.objects.create()
    post.blank()
    assert Post.objects.values_list("workflow_state", flat=True).get() == ""
    assert Post.objects.get().current_state == "empty"


@pytest.mark.parametrize(
    ("state", "events"),
    [
        ("new", {"publish", "moderate", "block", "blank", "remove"}),
        ("published", {"hide", "steal", "moderate", "block", "blank", "notify_all"}),
        ("hidden", {"steal", "moderate", "block", "blank"}),
        ("stolen", {"moderate", "block", "blank"}),
        ("blocked", {"moderate", "blank"}),
        ("empty", {"moderate", "block"}),
    ],
)
def test_what_is_available_in_a_state(state: str, events: set[str]) -> None:
    """By name, and each with its target; an object that is not saved can be asked too."""
    post = Post(workflow_state=state)
    assert set(post.allowed_events()) == events
    assert all(post.target_of(event) is not None for event in events)
    with pytest.raises(UnknownEvent, match="xyz"):
        post.target_of("xyz")


def test_all_transitions_are_known() -> None:
    """From the class, with no object; each is hashable, and tells itself from others."""
    spec = Post.workflow_spec
    named = {(str(one.source), str(one.target)) for one in spec.events["steal"].transitions}
    assert named == {("published", "stolen"), ("hidden", "stolen")}
    assert len(set(spec.transitions)) == len(spec.transitions)
    publish = spec.events["publish"].transitions[0]
    assert publish != JudgedPost.workflow_spec.events["publish"].transitions[0]
    assert publish != "publish"
    assert {event.name for event in spec.events.values()} >= {"publish", "notify_all"}


def test_custom_data() -> None:
    """What an event is declared with beside its transitions."""
    assert Post.workflow_spec.events["publish"].meta == {"label": "Publish", "type": "*"}
    assert Post.workflow_spec.events["hide"].meta == {}


def test_conditions() -> None:
    """One that does not hold makes the event impossible, with its name; no caller leaves it out."""
    post = GuardedPost.objects.create(workflow_state="removed")
    assert not post.can("restore")
    with pytest.raises(NoTransitionAllowed, match=r"lambda at posts\.py"):
        post.restore()
    assert state_of(post) == "removed"


def test_multi_resultstate() -> None:
    """Arguments choose among arrows that are declared, so that no event ends where nobody knows."""
    post = JudgedPost.objects.create()
    assert post.target_of("publish", public=True) == "published"
    post.publish()
    assert post.current_state.value is Verdict.FOR_MODERATORS
    post.moderate(allowed=False)
    assert state_of(post) == "rejected"
    again = JudgedPost.objects.create()
    again.publish(public=True)
    assert state_of(again) == "published"


def test_multidecorators(told: list[Any]) -> None:
    """An event with several transitions has one handler, which runs once, and tells once."""
    post = JudgedPost.objects.create()
    post.publish(public=True)
    assert [one[0] for one in told] == ["pre", "post"]


def test_exception_transitions() -> None:
    """What failed is undone; a state for failures is entered by an event of its own."""
    post = JudgedPost.objects.create(verdict="published")
    with pytest.raises(Broken):
        post.reject()
    assert post.current_state == state_of(post) == "crashed"


# -- signals ---------------------------------------------------------------------------------------


def test_signals_fire_on_a_transition(told: list[Any]) -> None:
    """One before and one after it is stored."""
    Post.objects.create().publish()
    assert told == [
        ("pre", "publish", "published", "new"),
        ("post", "publish", "published", "published"),
    ]


def test_signals_do_not_fire_without_a_transition(told: list[Any]) -> None:
    """Neither if it is refused, nor if its handler raises."""
    post = Post.objects.create()
    with pytest.raises(NoTransitionAllowed):
        post.hide()
    with pytest.raises(Broken):
        post.remove()
    assert told == []


def test_a_receiver_names_a_model_that_is_not_loaded_yet() -> None:
    """By its label, as with the signals of Django."""
    events: list[str] = []

    def receive(transition: Any, **_: Any) -> None:
        events.append(transition.event)

    post_transition.connect(receive, sender="shop.Post")
    try:
        Post.objects.create().publish()
        Insect.objects.create().cocoon()
    finally:
        post_transition.disconnect(receive, sender="shop.Post")
    assert events == ["publish"]


# -- the field -------------------------------------------------------------------------------------


def test_access_of_a_deferred_field() -> None:
    """What was not loaded is read."""
    Post.objects.create()
    post = Post.objects.only("id").get()
    assert post.can("block")
    post.block()
    assert state_of(post) == "blocked"
    assert not post.can("block")


def test_integer_field() -> None:
    """Members of IntegerChoices are states, and the column has numbers."""
    post = NumberedPost.objects.create()
    assert post.stage == 0
    with pytest.raises(NoTransitionAllowed):
        post.hide()
    post.publish()
    post.hide()
    assert NumberedPost.objects.values_list("stage", flat=True).get() == 2
    assert NumberedPost.objects.get().current_state.value is Stage.HIDDEN


def test_choices_give_their_labels() -> None:
    """To states, and so to badges, buttons and choices."""
    post: Any = JudgedPost.objects.create()
    assert post.current_state.label == post.get_verdict_display() == "Brand new"


def test_key_field() -> None:
    """A state is no row of another table: the code knows all states, and says what to write."""
    meta = type("Meta", (), {"app_label": "passing", "proxy": True})
    with pytest.raises(WorkflowDefinitionError, match="it is a relation"):
        define("Keyed", Task, Meta=meta, options={"state_field": "content_type"})


def test_string_field_parameter() -> None:
    """A workflow names its field."""
    assert JudgedPost.workflow_spec.state_field == "verdict"
    assert JudgedPost.objects.create().verdict == "n"


def test_protected_field() -> None:
    """Every one is, and there is no other way: nobody assigns it, and creating gives both."""
    post = Post.objects.create()
    with pytest.raises(WorkflowError, match="not assigned"):
        post.workflow_state = "published"
    assert post.current_state == state_of(post) == "new"
    invoice: Any = Invoice.objects.create()
    assert (invoice.workflow_state, invoice.payment_state) == ("draft", "open")


def test_a_protected_field_is_refreshed() -> None:
    """With what somebody else has done."""
    post = Post.objects.create()
    post.refresh_from_db()
    Post.objects.get().publish()
    assert post.current_state == "new"
    post.refresh_from_db()
    assert post.current_state == "published"


# -- writers at the same time ----------------------------------------------------------------------


def test_lock_mixin_creates_saves_and_deletes() -> None:
    """Every model compares; none needs a mixin for it."""
    post = Post.objects.create(title="one")
    post.publish()
    post.title = "two"
    post.save()
    again = Post.objects.get()
    assert (again.title, again.current_state.name) == ("two", "published")
    again.delete()
    assert not Post.objects.exists()


def test_lock_mixin_with_concurrent_modifications() -> None:
    """The second event fails, and not the saving after it: it was not stored before."""
    post = Post.objects.create()
    stale = Post.objects.get()
    post.publish()
    stale.title = "two"
    with pytest.raises(StaleState):
        stale.publish()
    stale.save()
    again = Post.objects.get()
    assert (again.title, again.current_state.name) == ("two", "published")


def test_lock_mixin_with_inheritance() -> None:
    """A child with a second workflow, each in the table that has its field."""
    post = LongPost.objects.create(title="one", notes="reject me")
    post.publish()
    again: Any = LongPost.objects.get()
    again.title = "two"
    again.reviewing.reject()
    again.save()
    last: Any = LongPost.objects.get()
    assert (last.title, last.review_state, last.workflow_state) == ("two", "rejected", "published")


def test_lock_mixin_after_a_refresh() -> None:
    """Who has read what is there may move it."""
    post, stale = Post.objects.create(), Post.objects.get()
    post.publish()
    stale.refresh_from_db()
    stale.hide()
    assert state_of(post) == "hidden"


# -- permissions -----------------------------------------------------------------------------------


@pytest.fixture
def clerk(database: None) -> Iterator[User]:
    """Return a user who may do nothing; no user is left afterwards."""
    yield User.objects.create(username="clerk")
    User.objects.all().delete()


def test_permissions(clerk: User) -> None:
    """They are enforced, and not only shown; allowed is what can be fired as the user."""
    post = GuardedPost.objects.create()
    with acting_as(clerk):
        assert post.allowed_events() == ("moderate",)
        with pytest.raises(TransitionHalted, match="permission"):
            post.publish()
    assert state_of(post) == "new"
    content_type = ContentType.objects.get_for_model(GuardedPost)
    permission = Permission.objects.create(
        codename="publish_guardedpost", name="may publish", content_type=content_type
    )
    try:
        clerk.user_permissions.add(permission)
        with acting_as(User.objects.get()):
            assert post.allowed_events() == ("publish", "moderate")
            post.publish()
    finally:
        permission.delete()
    assert state_of(post) == "published"


def test_a_permission_that_is_a_method(clerk: User) -> None:
    """A guard may be any question to the object, which knows who acts."""
    post = GuardedPost.objects.create()
    with acting_as(clerk):
        assert not post.can("remove")
    assert not post.can("remove")
    with acting_as(User(is_staff=True)):
        post.remove()
    assert state_of(post) == "removed"


def test_object_permissions() -> None:
    """Who may it with this object only may it."""
    post, other = GuardedPost.objects.create(), GuardedPost.objects.create()

    class Owner:
        def has_perm(self, name: str, subject: Any = None) -> bool:
            return name == "shop.publish_guardedpost" and subject == post

    with acting_as(Owner()):
        assert post.can("publish")
        assert not other.can("publish")
        post.publish()
    assert state_of(post) == "published"


# -- diagrams, and the rest ------------------------------------------------------------------------


def test_graph_transitions(capsys: Any) -> None:
    """A command draws one model, and says which there are; compounds, labels and all are in it."""
    call_command("workflow_diagram", "shop.JudgedPost")
    text = capsys.readouterr().out
    assert "Brand new" in text
    assert "Crashed" in text
    assert "blocked" not in text
    call_command("workflow_diagram", "shop.LongPost.reviewing")
    assert "blocked" in capsys.readouterr().out
    for unknown in ("unknown", "shop.Unknown", "shop.Post.unknown", "shop.Post.id"):
        with pytest.raises(CommandError, match="shop"):
            call_command("workflow_diagram", unknown)
    assert "published" in str(workflow_diagram(Post))


def test_importing_needs_no_stubs() -> None:
    """Nor an app that is loaded: the admin and the package are imported with bare settings."""
    code = (
        "from django.conf import settings; settings.configure(USE_I18N=False);"
        " import statecraft.django, statecraft.django.admin, sys; print('django_stubs_ext' in"
        " sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_place_stands_for_a_state_in_tests() -> None:
    """Where others assign the field."""
    post = Post.objects.create()
    place(post, "stolen")
    assert state_of(post) == "stolen"
