"""What is compared, row by row, and how many times hand-written code statecraft may take."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """``key`` is the name of a contestant's function; ``limit`` binds statecraft alone."""

    key: str
    title: str
    limit: float | None = None
    limit_from_3_13: float | None = None


ROWS = (
    Row("transition", "transition without hooks", 1.25),
    Row("handler", "transition with a handler"),
    Row("hooks", "every hook, a handler and a condition", 1.25),
    Row("informed_hooks", "the same, the hooks told event, source and target"),
    Row("choice", "the third of three conditional transitions", 1.25),
    Row("leaf", "transition of a leaf three levels deep", 1.25),
    Row("attached", "transition of an attached workflow", 1.25),
    Row("can", "asking whether an event is possible", 1.25),
    Row("refusal", "refused, the message not read", 1.4),
    Row("refusal_read", "refused, and the message read"),
    Row("async_transition", "async transition of an idle object", 2),
    Row("async_handler", "async transition with an async handler"),
    Row("creation", "creating an object", 1.1, limit_from_3_13=1.5),
    Row("mixin_creation", "creating an object of a WorkflowMixin", 1.1),
    Row("first_event", "creating an object, and its first event"),
)

RING = "one event out of each of {} states, against {} states"
RING_LIMIT = 1.1  # "the same time": what the noise of a machine amounts to
RING_SIZES = (5, 500)
FIRST_DEFINITION = "the first class of a program, of {} states and as many events"
FIRST_DEFINITION_SIZE = 5
DEFINITION = "one more class, of {} states and as many events"
DEFINITION_LIMITS = {5: 1.0, 50: None, 500: 40.0}  # milliseconds
MEMORY = "memory of an object, beyond that of the hand-written one"
MEMORY_LIMIT = 0
IMPORT = "import"
IMPORT_LIMIT = 1.0  # times the import that stands beside BY_HAND below

BY_HAND = "by hand"
STATECRAFT = "statecraft"
PEERS = {  # the name in the table: the module here, and what is imported to use it
    BY_HAND: ("by_hand", "import dataclasses, inspect, enum, typing"),
    STATECRAFT: ("with_statecraft", "import statecraft"),
    "automat": ("with_automat", "import automat"),
    "viewflow.fsm": ("with_viewflow", None),
    "django-fsm-2": ("with_django_fsm", None),
    "transitions": ("with_transitions", "import transitions"),
    "python-statemachine": ("with_statemachine", "import statemachine"),
    "sismic": ("with_sismic", "import sismic.interpreter, sismic.io"),
}
ON_DJANGO = {"with_viewflow", "with_django_fsm"}  # they want its settings before anything else
DISTRIBUTIONS = {
    STATECRAFT: "statecraft-fsm",
    "viewflow.fsm": "django-viewflow",
}
