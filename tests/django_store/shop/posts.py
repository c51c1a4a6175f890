"""Models for scenarios that users of other libraries know: posts of a blog, in every variety."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models

from statecraft import (
    ANY,
    Event,
    Guard,
    State,
    States,
    Workflow,
    WorkflowMixin,
    current_actor,
)
from statecraft.django import WorkflowModel

if TYPE_CHECKING:
    from typing import TypeAlias

    Number: TypeAlias = models.Field[int, int]
    Text: TypeAlias = models.Field[str, str]

_ForeignKey: Any = models.ForeignKey


class Broken(Exception):
    """What a handler raises."""


class Post(WorkflowModel):
    """A post with events of every kind."""

    title: Text = models.CharField(max_length=50, blank=True)
    noted: Number = models.IntegerField(default=0)

    new = State()
    published = State()
    hidden = State()
    removed = State()
    stolen = State()
    moderated = State()
    blocked = State()
    empty = State("")

    publish = Event(new.to(published), meta={"label": "Publish", "type": "*"})
    hide = Event(published.to(hidden))
    steal = Event((published | hidden).to(stolen))
    moderate = Event(ANY.to(moderated), moderated.to(moderated))
    block = Event(ANY.to(blocked))
    blank = Event(ANY.to(empty))

    @Event(published.internal())
    def notify_all(self) -> None:
        """Count, and stay."""
        self.noted += 1

    @Event(new.to(removed))
    def remove(self) -> None:
        """Fail."""
        raise Broken


class AnnouncedPost(Post):
    """One whose publishing is another: with a handler of its own."""

    @Event(Post.new.to(Post.published))
    def publish(self) -> str:  # type: ignore[override] # pyright: ignore[reportIncompatibleVariableOverride]
        """Announce it."""
        return "announced"

    class Meta:
        proxy = True


class AbstractPost(WorkflowModel):
    """What two models have in common."""

    new = State()
    published = State()
    publish = Event(new.to(published))

    class Meta:
        abstract = True


class NewsPost(AbstractPost):
    """One of two, each with a state more than their base."""

    stuck = State()
    stick = Event(AbstractPost.published.to(stuck))


class OpinionPost(AbstractPost):
    """The other one."""

    stuck = State()
    stick = Event(AbstractPost.published.to(stuck))


class StickyPost(NewsPost):
    """A proxy with a state more than its model."""

    framed = State()
    frame = Event(NewsPost.stuck.to(framed))

    class Meta:  # pyright: ignore[reportIncompatibleVariableOverride]
        proxy = True


class Verdict(models.TextChoices):
    """What becomes of a post that is judged."""

    NEW = "n", "Brand new"
    FOR_MODERATORS = "m", "For moderators"
    PUBLISHED = "p", "Published"
    REJECTED = "r", "Rejected"
    CRASHED = "c", "Crashed"


class JudgedPost(WorkflowModel, state_field="verdict"):
    """One whose arguments decide where it goes, and which has a state for failures."""

    if TYPE_CHECKING:
        verdict: Any

    states = States.from_enum(Verdict)

    crash = Event(ANY.to(states.CRASHED))

    @Event(
        states.NEW.to(states.PUBLISHED, if_=lambda _, public: public),
        states.NEW.to(states.FOR_MODERATORS),
    )
    def publish(self, *, public: bool = False) -> None:
        """Go where ``public`` says."""

    @Event(
        states.FOR_MODERATORS.to(states.PUBLISHED, if_=lambda _, allowed: allowed),
        states.FOR_MODERATORS.to(states.REJECTED),
    )
    def moderate(self, *, allowed: bool) -> None:
        """Go where ``allowed`` says."""

    @Event(states.PUBLISHED.to(states.REJECTED))
    def reject(self) -> None:
        """Fail."""
        raise Broken

    def on_error(self, error: Exception, transition: Any) -> None:
        """Go where failures go; the event that has failed is undone by then."""
        self.crash()
        raise error


class Stage(models.IntegerChoices):
    """Numbers for states."""

    NEW = 0, "New"
    PUBLISHED = 1, "Published"
    HIDDEN = 2, "Hidden"


class NumberedPost(WorkflowModel, state_field="stage"):
    """One whose states are numbers."""

    if TYPE_CHECKING:
        stage: Any

    states = States.from_enum(Stage)
    publish = Event(states.NEW.to(states.PUBLISHED))
    hide = Event(states.PUBLISHED.to(states.HIDDEN))


class Publishing(WorkflowMixin):
    """A workflow that is no model."""

    new = State()
    draft = State()
    published = State()
    sketch = Event(ANY.to(draft))
    publish = Event(draft.to(published))


class MixedPost(WorkflowModel, Publishing):
    """A model that has its workflow from a class that is none."""


class GuardedPost(WorkflowModel):
    """One whose events ask who acts."""

    new = State()
    published = State()
    moderated = State()
    removed = State()

    publish = Event(new.to(published), guard=Guard.permission("shop.publish_guardedpost"))
    moderate = Event(new.to(moderated))
    remove = Event((new | published).to(removed), guard="acts_for_staff")
    restore = Event(removed.to(new, if_=lambda post: post.is_worth_it()))

    def acts_for_staff(self) -> bool:
        """Whether who acts is one of us."""
        actor: Any = current_actor()
        return actor is not None and bool(actor.is_staff)

    def is_worth_it(self) -> bool:
        """Whether it is to be restored."""
        return False


class Reviewing(Workflow):
    """A second workflow."""

    blocked = State()
    rejected = State()
    reject = Event(blocked.to(rejected))


class LongPost(Post):
    """One with a table of its own, and with a second workflow there."""

    notes: Text = models.CharField(max_length=50, blank=True)
    reviewing = Reviewing.attached("review_state")


class Task(WorkflowModel):
    """One that belongs to any other object."""

    content_type: Any = _ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id: Number = models.PositiveIntegerField()
    cause: Any = GenericForeignKey("content_type", "object_id")

    new = State()
    done = State()
    finish = Event(new.to(done))


class Insect(WorkflowModel):
    """One that does other things in other states."""

    caterpillar = State()
    butterfly = State()
    cocoon = Event(caterpillar.to(butterfly))
    crawl = Event(caterpillar.internal())
    fly = Event(butterfly.internal())
