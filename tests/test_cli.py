"""The command line: what it prints, what it writes, and what it refuses."""

from __future__ import annotations

import importlib
import os
import runpy
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from statecraft.cli import main
from tests.services import require_program

if TYPE_CHECKING:
    from pathlib import Path

SHOP = '''
"""A module with a workflow."""
print("what a module prints is not the diagram")
from statecraft import Event, State, Workflow

class Order(Workflow):
    received = State(label="reçue")
    shipped = State(final=True)
    ship = Event(received.to(shipped))

class Abstract(Workflow):
    """It has no states."""

class Outer:
    class Inner(Workflow):
        red = State()
        green = State()
        go = Event(red.to(green))

order = Order()
'''
DIAGRAM = (
    "stateDiagram-v2\n"
    "    direction LR\n"
    "    received : reçue\n"
    "    shipped\n"
    "    [*] --> received\n"
    "    received --> shipped : ship\n"
    "    shipped --> [*]\n"
)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a package ``cli_shop`` that can be imported, and go where it is."""
    package = tmp_path / "cli_shop"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "orders.py").write_text(SHOP, encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.chdir(tmp_path)
    for name in list(sys.modules):
        if name.partition(".")[0] == "cli_shop":
            monkeypatch.delitem(sys.modules, name)
    return tmp_path


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that must not succeed; return what it says, which is not on stdout."""
    assert main(arguments) == 2
    out, error = capsys.readouterr()
    assert not out
    return error.removeprefix("what a module prints is not the diagram\n")


def test_the_command_runs_in_the_current_directory(shop: Path) -> None:
    """As ``python -m`` does; the text on stdout is UTF-8, whatever the terminal takes."""
    done = subprocess.run(
        [sys.executable, "-m", "statecraft", "diagram", "cli_shop.orders:Order"],
        capture_output=True,
        cwd=shop,
        check=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert done.stdout.decode() == DIAGRAM
    assert done.stderr.decode().strip() == "what a module prints is not the diagram"


def test_importing_the_main_module_runs_nothing() -> None:
    """Tools that import every module of a package do so."""
    assert importlib.import_module("statecraft.__main__").main is main


def test_the_exit_code_is_that_of_the_command(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """0 if all went well, 2 for what cannot be done."""
    for target, code in (("cli_shop.orders:Order", 0), ("cli_shop.orders:Odrer", 2)):
        monkeypatch.setattr(sys, "argv", ["statecraft", "diagram", target])
        monkeypatch.delitem(sys.modules, "statecraft.__main__", raising=False)
        with pytest.raises(SystemExit) as caught:
            runpy.run_module("statecraft", run_name="__main__")
        assert caught.value.code == code
    assert "Did you mean 'Order'?" in capsys.readouterr().err
    assert [path.name for path in shop.iterdir()] == ["cli_shop"]


@pytest.mark.parametrize(
    ("target", "arrow"),
    [
        ("cli_shop.orders:Order", "received --> shipped : ship"),
        ("cli_shop.orders:Outer.Inner", "red --> green : go"),
        ("cli_shop.orders:order", "class received current"),
        ("cli_shop.orders:Order.workflow_spec", "received --> shipped : ship"),
    ],
)
@pytest.mark.usefixtures("shop")
def test_what_can_be_drawn(target: str, arrow: str, capsysbinary: Any) -> None:
    """Classes, also inner ones, objects, whose state is marked, and specs."""
    assert main(["diagram", target]) == 0
    assert f"    {arrow}\n" in capsysbinary.readouterr().out.decode()


def test_options_are_passed_on(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """To the text on stdout and to a file, of which nothing is said."""
    options = ["--orientation", "portrait", "--name", "The order", "--font", "Noto Sans"]
    assert main(["diagram", "cli_shop.orders:Order", *options]) == 0
    out = capsys.readouterr().out
    assert out.startswith('---\ntitle: "The order"\n---\nstateDiagram-v2\n    direction TB\n')
    assert main(["diagram", "cli_shop.orders:Order", "-o", "an order.dot", *options]) == 0
    assert capsys.readouterr().out == ""
    written = (shop / "an order.dot").read_text("utf-8")
    assert "rankdir=TB" in written
    assert 'fontname="Noto Sans"' in written
    assert 'label="The order"' in written


def test_a_picture_is_written(shop: Path) -> None:
    """By the program dot."""
    require_program("dot", package="graphviz")
    assert main(["diagram", "cli_shop.orders:Order", "--output", "order.svg"]) == 0
    assert "reçue" in (shop / "order.svg").read_text("utf-8")


NO_TARGET = "is not of the form module:Class, for example shop.orders:Order."
WORKFLOWS = "Workflows of cli_shop.orders: Order, order."


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("cli_shop.orders", f"Which class of cli_shop.orders? {WORKFLOWS}"),
        ("cli_shop:", "Which class of cli_shop? Workflows of cli_shop: none."),
        (
            "cli_shop.orders:Odrer",
            f"cli_shop.orders has no 'Odrer'. Did you mean 'Order'? {WORKFLOWS}",
        ),
        (
            "cli_shop.orders:Outer.Iner",
            f"cli_shop.orders.Outer has no 'Iner'. Did you mean 'Inner'? {WORKFLOWS}",
        ),
        (
            "cli_shop.orders:Abstract",
            f"cli_shop.orders:Abstract is no workflow with states. {WORKFLOWS}",
        ),
        (
            "cli_shop.orders:Order.received",
            f"cli_shop.orders:Order.received is no workflow with states. {WORKFLOWS}",
        ),
        (
            "cli_shop.odrers:Order",
            "There is no module 'cli_shop.odrers'. Did you mean 'cli_shop.orders'?",
        ),
        ("cli_shpo.orders:Order", "There is no module 'cli_shpo'. Did you mean 'cli_shop'?"),
        ("cli_shop.orders.x:Order", "There is no module 'cli_shop.orders.x'."),
        (
            "cli_shop/orders.py:Order",
            f"'cli_shop/orders.py:Order' {NO_TARGET}",
        ),
        (
            ".orders:Order",
            f"'.orders:Order' {NO_TARGET}",
        ),
    ],
)
def test_what_does_not_exist_is_refused_in_one_line(
    target: str, message: str, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the nearest right name; nothing is written."""
    assert refused(capsys, "diagram", target, "-o", "a.mmd") == f"{message}\n"
    assert not (shop / "a.mmd").exists()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import nonsense", "ModuleNotFoundError: No module named 'nonsense' ({file}:1)"),
        ("\n1 / 0", "ZeroDivisionError: division by zero ({file}:2)"),
        ("raise ModuleNotFoundError('me')", "ModuleNotFoundError: me ({file}:1)"),
        ("a b", "SyntaxError: invalid syntax (broken.py, line 1)"),
    ],
)
def test_a_module_that_fails_is_refused_in_one_line(
    source: str, message: str, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the place of the failure, and without a traceback; nothing is written."""
    file = shop / "cli_shop" / "broken.py"
    file.write_text(source)
    said = refused(capsys, "diagram", "cli_shop.broken:Order", "-o", "a.mmd")
    assert said == f"cli_shop.broken cannot be imported: {message.format(file=file)}\n"
    assert not (shop / "a.mmd").exists()


def test_definition_errors_are_printed(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All of them, as the import would raise them; nothing is written."""
    (shop / "cli_shop" / "wrong.py").write_text(
        "from statecraft import Event, State, Workflow\n"
        "class Order(Workflow):\n"
        "    received = State()\n"
        "    shipped = State()\n"
        "    ship = Event(received.to('shiped'))\n"
        "    lose = Event(received.to('lost'))\n"
    )
    said = refused(capsys, "diagram", "cli_shop.wrong:Order", "-o", "a.mmd")
    assert said.startswith(
        "Order has 2 problems:\n  - Order.ship (wrong.py:5): 'shiped' is no state"
    )
    assert "Did you mean 'shipped'?" in said
    assert not (shop / "a.mmd").exists()


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("a.sgv", "'.sgv' is no format of a diagram. Did you mean 'svg'? Possible: .svg, .png"),
        ("nowhere/a.mmd", "No such file or directory: 'nowhere/a.mmd'"),
    ],
)
def test_what_cannot_be_written_is_refused_in_one_line(
    output: str, message: str, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And nothing is written."""
    said = refused(capsys, "diagram", "cli_shop.orders:Order", "-o", output)
    assert message in said
    assert said.count("\n") == 1
    assert [path.name for path in shop.iterdir()] == ["cli_shop"]


@pytest.mark.parametrize("arguments", [[], ["daigram"], ["diagram"]])
def test_wrong_options_are_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """As argparse does it: with the usage, and the same exit code."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("usage: python -m statecraft")
