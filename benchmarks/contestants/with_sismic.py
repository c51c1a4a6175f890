"""The same machines with sismic: an interpreter of a statechart, whose code stands in its text."""

# The rows of the table say what each of these is for, once for all contestants.
# ruff: noqa: D103

# Not every peer has types, and their dynamic classes show checkers little.
# mypy: ignore-errors
# pyright: basic, reportAttributeAccessIssue=false, reportArgumentType=false, reportCallIssue=false

from __future__ import annotations

from typing import Any

from sismic.interpreter import Interpreter
from sismic.io import import_from_yaml

from benchmarks.work import ON_OFF, Step, Work, cycle

STATE = "subject.configuration[-1]"
CREATE = """\
context = {'title': 'T', 'author': 'A', 'words': 800}
made = Interpreter(subject, initial_context=context)"""
FIRE = "subject.queue('{}').execute()"

SWITCH = """\
statechart:
  name: Switch
  root state:
    name: root
    initial: "off"
    states:
      - name: "off"
        transitions: [{event: turn_on, target: "on"}]
      - name: "on"
        transitions: [{event: turn_off, target: "off"}]
"""

HANDLED_SWITCH = """\
statechart:
  name: Switch
  preamble: turned = 0
  root state:
    name: root
    initial: "off"
    states:
      - name: "off"
        transitions: [{event: turn_on, target: "on", action: turned += 1}]
      - name: "on"
        transitions: [{event: turn_off, target: "off", action: turned += 1}]
"""

LAMP = """\
statechart:
  name: Lamp
  preamble: charge = 10
  root state:
    name: root
    initial: "off"
    states:
      - name: "off"
        transitions:
          - {event: turn_on, target: bright, guard: charge > 90}
          - {event: turn_on, target: dimmed, guard: 50 < charge <= 90}
          - {event: turn_on, target: glowing, guard: 0 < charge <= 50}
      - {name: bright, transitions: [{event: turn_off, target: "off"}]}
      - {name: dimmed, transitions: [{event: turn_off, target: "off"}]}
      - {name: glowing, transitions: [{event: turn_off, target: "off"}]}
"""

ARTICLE = """\
statechart:
  name: Article
  root state:
    name: root
    initial: new
    states:
      - name: new
        transitions: [{event: submit, target: submitted}]
      - name: submitted
"""


def _started(text: str) -> Any:
    interpreter = Interpreter(import_from_yaml(text))
    interpreter.execute()
    return interpreter


def transition() -> Work:
    return Work(_started(SWITCH), cycle(ON_OFF, STATE, FIRE))


def handler() -> Work:
    return Work(_started(HANDLED_SWITCH), cycle(ON_OFF, STATE, FIRE))


def choice() -> Work:
    return Work(_started(LAMP), cycle({"turn_on": "glowing", "turn_off": "off"}, STATE, FIRE))


def creation() -> Work:
    code = f"{CREATE}\nmade.execute()"
    names = {"Interpreter": Interpreter}
    return Work(import_from_yaml(ARTICLE), [Step(code, "made.configuration[-1]", "new")], names)


def first_event() -> Work:
    code = f"{CREATE}\nmade.queue('submit').execute()"
    names = {"Interpreter": Interpreter}
    return Work(
        import_from_yaml(ARTICLE), [Step(code, "made.configuration[-1]", "submitted")], names
    )


def _ring_text(size: int, event: str) -> str:
    lines = [
        "statechart:",
        "  name: Ring",
        "  root state:",
        "    name: root",
        "    initial: s0",
        "    states:",
    ]
    for number in range(size):
        fired, target = event.format(number), f"s{(number + 1) % size}"
        transitions = f"[{{event: {fired}, target: {target}}}]"
        lines.append(f"      - {{name: s{number}, transitions: {transitions}}}")
    return "\n".join(lines)


def ring(size: int) -> Work:
    targets = [f"s{(number + 1) % size}" for number in range(size)]
    steps = [Step(FIRE.format("advance"), STATE, name) for name in targets]
    return Work(_started(_ring_text(size, "advance")), steps)


def definition(size: int) -> Work:
    text = _ring_text(size, "go_{}")
    fire = "(ring.queue('go_0').execute(), ring.configuration[-1])[1]"
    check = f"(lambda ring: {fire})(Interpreter(chart))"
    names = {"text": text, "import_from_yaml": import_from_yaml, "Interpreter": Interpreter}
    return Work(None, [Step("chart = import_from_yaml(text)", check, "s1")], names)
