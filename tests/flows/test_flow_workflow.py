"""A flow as a workflow: its tree, the arrows between its actions, and what is wrong with it."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from statecraft import NoTransitionAllowed, TransitionHalted, WorkflowDefinitionError, WorkflowError
from statecraft.flows.components import Component, Scaffold, snake_case
from statecraft.flows.outcomes import COMPLETE, Choice, Linear, Transition
from statecraft.flows.tree import tree_of
from statecraft.flows.workflows import FlowWorkflow
from statecraft.spec import WorkflowSpec


class Action(Component):
    """What a form is for the tests here: nothing but its place."""


def signed_in(task: Any) -> Any:
    return task.user


class Offer(Action):
    label = "What you buy"


class Login(Action):
    links_to = ("Register", "ForgotPassword")


class Register(Action): ...


class AskEmail(Action): ...


class ResetPassword(Action): ...


class ForgotPassword(Scaffold):
    action_set = (AskEmail, ResetPassword)
    transition = Linear
    on_complete = "Login"


class GetUserAccount(Scaffold):
    action_set = (Login, Register, ForgotPassword)
    transition = Choice
    skip_if = signed_in


class Kind(Action):
    moves_to = ("Card", "Bank")
    completes = False


class Card(Action): ...


class Bank(Action): ...


class Pay(Scaffold):
    action_set = (Kind, Card, Bank)
    transition = Choice


class Confirm(Action): ...


class Purchase(Scaffold):
    action_set: ClassVar[Any] = (Offer, GetUserAccount, Pay, Confirm)
    transition = Linear


class Always:
    """A precondition that notes down when it is asked."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return f"{self.name} is missing"

    def holds(self, task: Any) -> bool:
        task.asked.append(self.name)
        return self.name not in task.missing


def task_with(**values: Any) -> Any:
    """Return a task: whatever conditions look at."""
    return SimpleNamespace(**{"user": None, "asked": [], "missing": (), **values})


def action(name: str, /, **attributes: Any) -> Any:
    """Return an action of that name."""
    return type(name, (Action,), attributes)


def scaffold(name: str, /, *action_set: Any, transition: Any = Linear, **attributes: Any) -> Any:
    """Return a scaffold of that name."""
    body = {"action_set": action_set, "transition": transition, **attributes}
    return type(name, (Scaffold,), body)


def skipped(name: str) -> Any:
    """Return a ``skip_if`` that looks whether a name is among those that the task skips."""

    def skip(task: Any) -> bool:
        return name in task.skips

    return staticmethod(skip)


def arrows_of(flow: Any) -> dict[str, list[str]]:
    """Return the targets of each event from each action, in their order."""
    found: dict[str, list[str]] = {}
    for event in flow.workflow.workflow_spec.events.values():
        for one in event.transitions:
            found.setdefault(f"{one.source.name} {event.name}", []).append(one.target.name)
    return found


def moved(flow: Any, place: str, event: str, **values: Any) -> str:
    """Return where an event leads."""
    workflow = flow.workflow(task_with(**values), place)
    assert workflow.fire(event) is True
    return str(workflow.current_state)


def problems_of(flow: Any) -> list[str]:
    """Return what is wrong with a flow."""
    with pytest.raises(WorkflowDefinitionError) as caught:
        _ = flow.workflow
    return [str(problem) for problem in caught.value.problems]


def test_a_place_is_called_by_its_path() -> None:
    """Each level below the root adds its name; the root of a tree adds nothing."""
    tree = Purchase.tree
    assert list(tree.actions) == [
        "offer",
        "get_user_account.login",
        "get_user_account.register",
        "get_user_account.forgot_password.ask_email",
        "get_user_account.forgot_password.reset_password",
        "pay.kind",
        "pay.card",
        "pay.bank",
        "confirm",
    ]
    login = tree.places["get_user_account.login"]
    assert [place.name for place in login.line] == ["purchase", "get_user_account", "login"]
    assert login.identifier == "get_user_account_login"
    assert (tree.root.path, tree.root.identifier, repr(tree.root)) == (
        "",
        "purchase",
        "<Place purchase>",
    )
    assert repr(login) == "<Place get_user_account.login>"
    assert tree.name == f"{__name__}.Purchase"


def test_a_label_is_given_or_made_of_the_name() -> None:
    """It is what the picture of the workflow shows."""
    assert Purchase.tree.places["offer"].label == "What you buy"
    assert Purchase.tree.places["get_user_account"].label == "Get user account"
    assert Purchase.workflow.workflow_spec.states["pay.kind"].label == "Kind"


def test_an_action_alone_is_a_flow() -> None:
    """It has one state, which is called as it is."""
    assert arrows_of(Card) == {"start begin": ["card"], "card complete": ["finished"]}
    assert Card.tree.root.path == "card"


def test_each_part_of_a_flow_is_a_flow_of_its_own() -> None:
    """A subclass, too: what was made for the class that it extends is not taken over."""

    class Shorter(Purchase):
        action_set: ClassVar[Any] = (Offer,)

    assert Purchase.workflow is Purchase.workflow
    assert list(Pay.tree.actions) == ["kind", "card", "bank"]
    assert list(Shorter.tree.actions) == ["offer"]
    assert len(Purchase.tree.actions) == 9


def test_one_class_may_stand_in_two_places() -> None:
    """Under two scaffolds; the nearest is meant by its class or name."""
    left = scaffold("Left", action("Begins", links_to=["Card"]), Card)
    right = scaffold("Right", action("Begins", links_to=[Card]), Card)
    assert arrows_of(scaffold("Both", left, right)) == {
        "start begin": ["left.begins"],
        "left.begins complete": ["left.card"],
        "left.begins link_to_card": ["left.card"],
        "left.card complete": ["right.begins"],
        "right.begins complete": ["right.card"],
        "right.begins link_to_card": ["right.card"],
        "right.card complete": ["finished"],
    }


@pytest.mark.parametrize("wanted", ["Card", "card", "pay.card", f"{__name__}.Card", Card], ids=repr)
def test_a_place_is_named_in_several_ways(wanted: Any) -> None:
    """By the name of the class, by its own, by its path, by the dotted name, or as a class."""
    one = action("One", moves_to=[wanted], completes=False)
    assert arrows_of(scaffold("Root", scaffold("Pay", one, Card)))["pay.one move_to_card"] == [
        "pay.card"
    ]


def test_an_action_set_may_name_what_is_in_another_module() -> None:
    """By its dotted name."""
    assert list(scaffold("Root", f"{__name__}.Card").tree.actions) == ["card"]


def test_the_arrows_of_the_shop() -> None:
    """Entering leads to the first action inside, completing to what comes after the scaffold."""
    arrows = arrows_of(Purchase)
    assert arrows["offer complete"] == ["get_user_account.login", "pay.kind"]
    assert arrows["get_user_account.login complete"] == ["pay.kind"]
    assert arrows["get_user_account.login link_to_register"] == ["get_user_account.register"]
    assert arrows["get_user_account.login link_to_forgot_password"] == [
        "get_user_account.forgot_password.ask_email"
    ]
    forgot = "get_user_account.forgot_password"
    assert arrows[f"{forgot}.ask_email complete"] == [f"{forgot}.reset_password"]
    assert arrows[f"{forgot}.reset_password complete"] == ["get_user_account.login"]
    assert "pay.kind complete" not in arrows
    assert arrows["pay.kind move_to_bank"] == ["pay.bank"]
    assert arrows["pay.bank complete"] == ["confirm"]
    assert arrows["confirm complete"] == ["finished"]


def test_a_condition_looks_at_the_task() -> None:
    """The same event leads elsewhere for a user who is known."""
    assert moved(Purchase, "offer", "complete") == "get_user_account.login"
    assert moved(Purchase, "offer", "complete", user="ada") == "pay.kind"


def test_an_arrow_may_lead_to_a_sibling_of_an_ancestor() -> None:
    """Also to a whole scaffold, whose first action is then shown."""
    deep = scaffold("Deep", scaffold("Deeper", action("Inner", links_to=["Pay", "Offer"])))
    arrows = arrows_of(scaffold("Root", Offer, deep, Pay))
    assert arrows["deep.deeper.inner link_to_pay"] == ["pay.kind"]
    assert arrows["deep.deeper.inner link_to_offer"] == ["offer"]


def test_completing_may_complete_the_scaffold() -> None:
    """``on_complete = COMPLETE`` does, whatever the transition says."""
    inside = scaffold("Inside", action("One", on_complete=COMPLETE), action("Two"))
    arrows = arrows_of(scaffold("Root", inside, Confirm))
    assert arrows["inside.one complete"] == ["confirm"]
    assert arrows["inside.two complete"] == ["confirm"]


def test_without_a_transition_each_action_says_where_it_leads() -> None:
    """By ``on_complete`` or by ``moves_to``."""
    one = action("One", on_complete="Two")
    two = action("Two", moves_to=["Three"], completes=False)
    three = action("Three", on_complete=COMPLETE)
    assert arrows_of(scaffold("Root", one, two, three, transition=None)) == {
        "start begin": ["one"],
        "one complete": ["two"],
        "two move_to_three": ["three"],
        "three complete": ["finished"],
    }


def test_what_is_named_twice_is_one_arrow() -> None:
    """As a class and by name."""
    one = action("One", moves_to=[Card, "Card"], links_to=[Card], completes=False)
    arrows = arrows_of(scaffold("Root", one, Card))
    assert arrows["one move_to_card"] == arrows["one link_to_card"] == ["card"]


class Wheel(Transition):
    """Asks the task, and notes down that it has been asked."""

    targets = ("A", "B", COMPLETE)

    def choose_next(self, scaffold: Any) -> Any:
        scaffold.task.asked.append(scaffold.child.__name__)
        return scaffold.task.turn


@pytest.mark.parametrize("wheel", [Wheel, Wheel()], ids=["class", "object"])
@pytest.mark.parametrize(
    ("turn", "target"),
    [("A", "wheel.a"), ("b", "wheel.b"), (COMPLETE, "confirm")],
)
def test_a_transition_of_ones_own_chooses_among_its_targets(
    wheel: Any, turn: Any, target: str
) -> None:
    """It is asked once for a move, though each target is a condition."""
    flow = scaffold("Root", scaffold("Wheel", action("A"), action("B"), transition=wheel), Confirm)
    task = task_with(turn=turn)
    workflow = flow.workflow(task, "wheel.b")
    assert workflow.can("complete")
    assert workflow.fire("complete")
    assert workflow.current_state == target
    assert task.asked == ["B"]


@pytest.mark.parametrize("turn", ["C", None, "Nowhere"])
def test_a_choice_outside_of_the_targets_is_an_error(turn: Any) -> None:
    """A child that is none of them, too; the task stays where it is."""
    children = action("A"), action("B"), action("C")
    workflow = scaffold("Root", *children, transition=Wheel).workflow(task_with(turn=turn), "a")
    with pytest.raises(WorkflowError, match=r"Wheel of Root chose .* not one of its targets"):
        workflow.fire("complete")
    assert workflow.current_state == "a"


def test_skipping_leads_to_the_next_at_every_level() -> None:
    """An action, a scaffold, the last of a scaffold, and all of them."""
    inside = scaffold(
        "Inside",
        action("One", skip_if=skipped("one")),
        action("Two", skip_if=skipped("two")),
        skip_if=skipped("inside"),
    )
    flow = scaffold("Root", inside, action("Last", skip_if=skipped("last")))

    def begun(*skips: str) -> str:
        return moved(flow, "start", "begin", skips=skips)

    assert begun() == "inside.one"
    assert begun("one") == "inside.two"
    assert begun("one", "two") == "last"
    assert begun("inside") == "last"
    assert begun("inside", "one") == "last"
    assert begun("one", "two", "last") == "finished"
    assert moved(flow, "inside.one", "complete", skips=["two"]) == "last"
    assert moved(flow, "inside.one", "complete", skips=["inside"]) == "inside.two"


def test_a_flow_may_be_skipped_as_a_whole() -> None:
    """Then beginning is the end."""
    flow = scaffold("Root", Card, skip_if=skipped("root"))
    assert moved(flow, "start", "begin", skips=["root"]) == "finished"
    assert moved(flow, "start", "begin", skips=[]) == "card"


def test_whether_a_place_is_skipped_is_asked_once_for_a_move() -> None:
    """However many arrows depend on it: their answers have to fit together."""
    asked: list[str] = []

    def skip(task: Any) -> bool:
        asked.append("inside")
        return len(asked) > 1

    inside = scaffold(
        "Inside",
        action("One", skip_if=skipped("one")),
        action("Two", skip_if=skipped("two")),
        skip_if=staticmethod(skip),
    )
    assert moved(scaffold("Root", inside, Card), "start", "begin", skips=["one"]) == "inside.two"
    assert asked == ["inside"]


def test_a_circle_of_skipping_leads_nowhere() -> None:
    """The event is refused; it is not taken for one that skips what holds the circle."""
    first = scaffold(
        "First",
        action("One", skip_if=skipped("one")),
        on_complete="Second",
        skip_if=skipped("first"),
    )
    second = scaffold("Second", action("Two", skip_if=skipped("two")), on_complete="First")
    flow = scaffold("Root", second, first, Confirm)
    assert moved(flow, "start", "begin", skips=["two"]) == "first.one"
    assert moved(flow, "start", "begin", skips=["two", "one", "first"]) == "confirm"
    assert moved(flow, "second.two", "complete", skips=["two", "first"]) == "confirm"
    workflow = flow.workflow(task_with(skips=["one", "two"]))
    with pytest.raises(NoTransitionAllowed):
        workflow.fire("begin")
    assert workflow.current_state == "start"


def test_preconditions_guard_whatever_leaves_an_action() -> None:
    """Those of all levels, from the root inward; the first that does not hold gives the reason."""
    inner = action("Inner", preconditions=[Always("c")], links_to=["Other"])
    inside = scaffold("Inside", inner, action("Other"), preconditions=[Always("b")])
    flow = scaffold("Root", inside, preconditions=[Always("a")])
    for event in ("complete", "link_to_other"):
        task = task_with(missing=["b"])
        workflow = flow.workflow(task, "inside.inner")
        with pytest.raises(TransitionHalted) as caught:
            workflow.fire(event)
        assert caught.value.halted_because == "b is missing"
        assert workflow.current_state == "inside.inner"
        assert task.asked[:2] == ["a", "b"]
        task = task_with()
        assert flow.workflow(task, "inside.inner").fire(event)
        assert task.asked == ["a", "b", "c"]


def test_nothing_guards_the_beginning() -> None:
    """What has to hold before an action is shown, the page asks."""
    task = task_with(missing=["a"])
    assert scaffold("Root", Card, preconditions=[Always("a")]).workflow(task).fire("begin")
    assert task.asked == []


def test_the_workflow_of_a_flow_has_a_json_form() -> None:
    """Read back, and given the methods of the flow, it is the same workflow."""
    workflow = Purchase.workflow
    described = json.loads(json.dumps(workflow.workflow_spec.to_dict()))
    spec = WorkflowSpec.from_dict(described)
    assert spec == workflow.workflow_spec
    again = FlowWorkflow.from_spec(spec, name="Again", base=workflow)
    assert again(task_with(user="ada"), "offer").fire("complete")
    assert workflow.tree is Purchase.tree


def test_an_arrow_that_is_taken_out_is_refused() -> None:
    """What is legal comes from the spec, and from nowhere else."""
    workflow = Purchase.workflow
    described = workflow.workflow_spec.to_dict()
    (complete,) = [one for one in described["events"] if one["name"] == "complete"]
    complete["transitions"] = [one for one in complete["transitions"] if one["from"] != "pay.card"]
    spec = WorkflowSpec.from_dict(described)
    base: Any = type("Base", (FlowWorkflow,), {**vars(workflow.__mro__[1])})
    shorter = FlowWorkflow.from_spec(spec, name="Shorter", base=base)
    task = task_with()
    assert shorter(task, "pay.bank").fire("complete")
    refused: Any = shorter(task, "pay.card")
    with pytest.raises(NoTransitionAllowed):
        refused.fire("complete")
    assert refused.current_state == "pay.card"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("GetUserAccount", "get_user_account"), ("HTTPLogin", "http_login"), ("Step2Of", "step2_of")],
)
def test_names_are_those_of_classes(name: str, expected: str) -> None:
    """In lower case, with underscores between the words."""
    assert snake_case(name) == expected


Looped: Any = scaffold("Looped", scaffold("Inner", Card))
Looped.action_set[0].action_set = [Looped]


@pytest.mark.parametrize(
    ("flow", "problems"),
    [
        (
            scaffold("Empty"),
            ["Empty.action_set: it is empty. Name the actions and scaffolds that it groups"],
        ),
        (
            scaffold("Root", "Card"),
            [
                (
                    "Root.action_set: 'Card' cannot be imported (Empty module name): a dotted"
                    " name is wanted, 'shop.flows.Login'"
                ),
            ],
        ),
        (
            scaffold("Root", "nowhere.Card", f"{__name__}.Nothing"),
            [
                (
                    "Root.action_set: 'nowhere.Card' cannot be imported (No module named"
                    " 'nowhere'): a dotted name is wanted, 'shop.flows.Login'"
                ),
                (
                    f"Root.action_set: '{__name__}.Nothing' cannot be imported (module"
                    f" '{__name__}' has no attribute 'Nothing'): a dotted name is wanted,"
                    " 'shop.flows.Login'"
                ),
            ],
        ),
        (
            scaffold("Root", int, Card, 3),
            [
                "Root.action_set: <class 'int'> is neither an Action nor a Scaffold",
                "Root.action_set: 3 is neither an Action nor a Scaffold",
            ],
        ),
        (Looped, ["Inner.action_set: Looped would stand inside of itself"]),
        (
            scaffold("Root", Card, Card),
            [
                (
                    "Root.action_set: Card and Card are both called 'card' here. Give one of them"
                    " a name (and a url) of its own; the same class twice: subclass it"
                ),
            ],
        ),
        (
            scaffold("Root", action("One", moves_to=["Crad"], links_to=["Two"]), Card),
            [
                (
                    "One.moves_to: 'Crad' is none of its siblings, nor of those of its ancestors."
                    " Did you mean 'Card'? They are: Card"
                ),
                (
                    "One.links_to: 'Two' is none of its siblings, nor of those of its ancestors."
                    " They are: Card"
                ),
            ],
        ),
        (
            scaffold("Root", action("One", on_complete=Offer), Card),
            [
                (
                    "One.on_complete: 'Offer' is none of its siblings, nor of those of its"
                    " ancestors. They are: Card"
                ),
            ],
        ),
        (
            scaffold(
                "Root", scaffold("Two", action("A"), Card, transition=Choice, on_complete="X")
            ),
            [
                (
                    "Two.on_complete: 'X' is none of its siblings, nor of those of its ancestors."
                    " They are: none"
                )
            ],
        ),
        (
            action("One", links_to=[3]),
            [
                (
                    "One.links_to: '3' is none of its siblings, nor of those of its ancestors."
                    " They are: none"
                )
            ],
        ),
        (
            scaffold("Root", action("One"), transition=None),
            [
                (
                    "One.completes: it may complete, but Root has no transition that says where"
                    " this leads. Give the scaffold a transition (Linear, Choice), or this an"
                    " on_complete, or set completes = False and name moves_to"
                ),
            ],
        ),
        (
            scaffold("Root", action("One", completes=False)),
            [
                (
                    "One.completes: it is False, and moves_to names nothing either: nothing could"
                    " leave this action"
                ),
            ],
        ),
        (
            scaffold("Root", action("A"), transition=Wheel),
            ["Root.transition: 'B' is none of its children. They are: A"],
        ),
        (
            scaffold("Root", Card, transition="Linear"),
            [
                (
                    "Root.transition: 'Linear' is none. Give Linear, Choice, a subclass of"
                    " Transition, or None"
                ),
            ],
        ),
        (
            scaffold("Root", Card, transition=Transition),
            [
                (
                    "Root.transition: Transition has no targets: name the children that"
                    " choose_next may return"
                ),
            ],
        ),
        (
            scaffold("Root", scaffold("Inside", Card, links_to=["Offer"], completes=False), Offer),
            [
                (
                    "Inside.links_to: a scaffold is not shown, and leads nowhere itself. Say this"
                    " of the actions in it"
                ),
                (
                    "Inside.completes: a scaffold is not shown, and leads nowhere itself. Say"
                    " this of the actions in it"
                ),
            ],
        ),
        (
            scaffold(
                "Root",
                scaffold("Inside", action("One", links_to=["C", "U"]), action("C")),
                action("U", name="c"),
            ),
            ["One.links_to: two of them are called 'c'. Give one of them another name"],
        ),
        (
            scaffold("Root", action("Start"), action("Return"), action("Odd", name="a.b")),
            [
                "Start.name: every workflow of a flow has 'start'. Set another: name = '…'",
                "Return.name: 'return' is no name in Python. Set another: name = '…'",
                "Odd.name: 'a.b' is no name in Python. Set another: name = '…'",
            ],
        ),
        (
            action("One", preconditions=[Always]),
            ["One.preconditions: Always is a class. Make an object of it: Always()"],
        ),
    ],
)
def test_what_is_wrong_is_told_at_once(flow: Any, problems: list[str]) -> None:
    """All of it, when the workflow is first asked for."""
    assert problems_of(flow) == problems
    assert problems_of(flow) == problems


def test_a_name_of_workflows_is_free_below_the_first_level() -> None:
    """There it is only a part of the name of a state."""
    assert arrows_of(scaffold("Root", scaffold("Inside", action("Start"))))["start begin"] == [
        "inside.start"
    ]


def test_names_that_become_one_are_refused() -> None:
    """``a.b_c`` and ``a_b.c`` would share their conditions."""
    flow = scaffold("Root", scaffold("A", action("B_c")), scaffold("A_b", action("C")))
    with pytest.raises(WorkflowDefinitionError, match="is_a_b_c"):
        _ = flow.workflow


def test_what_has_no_rule_says_so_when_it_is_asked() -> None:
    """A transition without ``choose_next``, and a flow without ``completed``."""
    with pytest.raises(NotImplementedError, match="Transition has no choose_next"):
        Transition().choose_next(Pay())
    with pytest.raises(NotImplementedError, match="Pay has no method completed"):
        Pay().completed(task_with())
    assert Pay().prepare() is None
    assert repr(COMPLETE) == "COMPLETE"


def test_a_tree_needs_no_workflow() -> None:
    """It is there although arrows are wrong."""
    flow = scaffold("Root", action("One", moves_to=["Nowhere"]))
    assert list(tree_of(flow).actions) == ["one"]


def test_each_path_takes_an_arrow_once() -> None:
    """And together they take every arrow."""
    paths = Purchase.paths()
    taken = {move for path in paths for move in path}
    arrows = {
        (event.name, one.source.name, one.target.name)
        for event in Purchase.workflow.workflow_spec.events.values()
        for one in event.transitions
    }
    assert {tuple(move) for move in taken} == arrows
    assert len(set(paths)) == len(paths)
    for path in paths:
        assert len(set(path)) == len(path)
        assert (path[0].source, path[-1].target) == ("start", "finished")
        assert all(one.target == two.source for one, two in pairwise(path))


def test_an_arrow_that_only_leads_back_has_a_path_too() -> None:
    """The way on from there is then gone a second time; one that leads nowhere has none."""
    back = action("Two", links_to=["One"])
    paths = [
        " ".join(move.target for move in path)
        for path in scaffold("Root", action("One"), back).paths()
    ]
    assert paths == ["one two finished", "one two one two finished"]
    dead = action("Dead", moves_to=["Dead2"], completes=False)
    dead2 = action("Dead2", moves_to=["Dead"], completes=False)
    flow = scaffold("Root", action("One", links_to=["Dead"]), dead, dead2, transition=Choice)
    assert [" ".join(map(str, path)) for path in flow.paths()] == [
        "start -begin-> one one -complete-> finished"
    ]


def test_a_link_needs_no_answer() -> None:
    """Which a move says of itself."""
    links = {move.target for path in Purchase.paths() for move in path if move.is_link}
    forgot = "get_user_account.forgot_password.ask_email"
    assert links == {"get_user_account.register", forgot}


def test_what_describes_a_flow_loads_no_django() -> None:
    """So that a flow can be drawn and judged without it."""
    modules = ("components", "faults", "flattening", "outcomes", "paths", "tree", "workflows")
    imports = "; ".join(f"import statecraft.flows.{name}" for name in modules)
    code = f"import sys; {imports}; print('django' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
