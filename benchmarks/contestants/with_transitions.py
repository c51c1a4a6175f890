"""The same machines with transitions: one machine for all objects, which is its fastest way."""

# The rows of the table say what each of these is for, once for all contestants.
# ruff: noqa: D101, D102, D103

# Not every peer has types, and their dynamic classes show checkers little.
# mypy: ignore-errors
# pyright: basic, reportAttributeAccessIssue=false, reportArgumentType=false, reportCallIssue=false

from __future__ import annotations

from transitions import Machine, MachineError
from transitions.extensions.asyncio import AsyncMachine

from benchmarks.work import ON_OFF, Step, Work, cycle, refused

SWITCH = [
    {"trigger": "turn_on", "source": "off", "dest": "on"},
    {"trigger": "turn_off", "source": "on", "dest": "off"},
]
CAN = "answer = subject.may_{}()"
# The machine forgets its models at once, or it would keep them all.
CREATE = """\
made = subject('T', 'A', 800)
machine.add_model(made)
machine.models.clear()"""


class Switch:
    """A model: the machine gives it its state and its triggers."""


class HookedSwitch:
    def __init__(self) -> None:
        self.turned = 0

    def has_power(self) -> bool:
        return True

    def handle(self) -> None:
        self.turned += 1

    def before_transition(self) -> None: ...
    def on_transition(self) -> None: ...
    def after_transition(self) -> None: ...
    def on_exit_off(self) -> None: ...
    def on_enter_off(self) -> None: ...
    def on_exit_on(self) -> None: ...
    def on_enter_on(self) -> None: ...


class AsyncHandledSwitch:
    def __init__(self) -> None:
        self.turned = 0

    async def handle(self) -> None:
        self.turned += 1


class Lamp:
    charge = 10

    def is_full(self) -> bool:
        return self.charge > 90

    def is_half_full(self) -> bool:
        return self.charge > 50

    def is_not_empty(self) -> bool:
        return self.charge > 0


class Article:
    def __init__(self, title: str, author: str, words: int) -> None:
        self.title = title
        self.author = author
        self.words = words


def _modelled(model: object, transitions: list[dict[str, object]], **options: object) -> object:
    machine = options.pop("machine", Machine)
    states = list(dict.fromkeys(str(one["dest"]) for one in transitions))
    machine(
        model,
        states=states,
        transitions=transitions,
        initial="off",
        auto_transitions=False,
        **options,
    )
    return model


def transition() -> Work:
    return Work(_modelled(Switch(), SWITCH), cycle(ON_OFF, "subject.state"))


def handler() -> Work:
    transitions = [{**one, "before": "handle"} for one in SWITCH]
    return Work(_modelled(HookedSwitch(), transitions), cycle(ON_OFF, "subject.state"))


def hooks() -> Work:
    transitions = [
        {**one, "conditions": "has_power", "before": ["handle", "on_transition"]} for one in SWITCH
    ]
    model = _modelled(
        HookedSwitch(),
        transitions,
        before_state_change="before_transition",
        after_state_change="after_transition",
    )
    return Work(model, cycle(ON_OFF, "subject.state"))


def choice() -> Work:
    transitions = [
        {"trigger": "turn_on", "source": "off", "dest": "bright", "conditions": "is_full"},
        {"trigger": "turn_on", "source": "off", "dest": "dimmed", "conditions": "is_half_full"},
        {"trigger": "turn_on", "source": "off", "dest": "glowing", "conditions": "is_not_empty"},
        {"trigger": "turn_off", "source": ["bright", "dimmed", "glowing"], "dest": "off"},
    ]
    steps = cycle({"turn_on": "glowing", "turn_off": "off"}, "subject.state")
    return Work(_modelled(Lamp(), transitions), steps)


def can() -> Work:
    steps = [
        Step(CAN.format("turn_on"), "answer", expected=True),
        Step(CAN.format("turn_off"), "answer", expected=False),
    ]
    return Work(_modelled(Switch(), SWITCH), steps)


def refusal() -> Work:
    step = refused("subject.turn_off()", read=False)
    return Work(_modelled(Switch(), SWITCH), [step], {"Refused": MachineError})


def refusal_read() -> Work:
    step = refused("subject.turn_off()", read=True)
    return Work(_modelled(Switch(), SWITCH), [step], {"Refused": MachineError})


def async_transition() -> Work:
    model = _modelled(Switch(), SWITCH, machine=AsyncMachine)
    return Work(model, cycle(ON_OFF, "subject.state", "await subject.{}()"), is_async=True)


def async_handler() -> Work:
    transitions = [{**one, "before": "handle"} for one in SWITCH]
    model = _modelled(AsyncHandledSwitch(), transitions, machine=AsyncMachine)
    return Work(model, cycle(ON_OFF, "subject.state", "await subject.{}()"), is_async=True)


def _articles() -> Machine:
    transitions = [{"trigger": "submit", "source": "new", "dest": "submitted"}]
    return Machine(
        None,
        states=["new", "submitted"],
        transitions=transitions,
        initial="new",
        auto_transitions=False,
    )


def creation() -> Work:
    return Work(Article, [Step(CREATE, "made.state", "new")], {"machine": _articles()})


def first_event() -> Work:
    code = f"{CREATE}\nmade.submit()"
    return Work(Article, [Step(code, "made.state", "submitted")], {"machine": _articles()})


def ring(size: int) -> Work:
    names = [f"s{number}" for number in range(size)]
    following = {name: names[(number + 1) % size] for number, name in enumerate(names)}
    transitions = [["advance", source, target] for source, target in following.items()]
    model = Switch()
    Machine(model, states=names, transitions=transitions, initial="s0", auto_transitions=False)
    return Work(
        model, [Step("subject.advance()", "subject.state", name) for name in following.values()]
    )


def definition(size: int) -> Work:
    states = [f"s{number}" for number in range(size)]
    transitions = [
        [f"go_{number}", f"s{number}", f"s{(number + 1) % size}"] for number in range(size)
    ]
    code = f"""\
class Ring:
    pass
machine = Machine(
    None, states={states}, transitions={transitions}, initial="s0", auto_transitions=False
)
"""
    check = "(lambda ring: (machine.add_model(ring), ring.go_0(), ring.state)[2])(Ring())"
    return Work(None, [Step(code, check, "s1")], {"Machine": Machine})
