"""The shop of the examples in headless Chromium, served by a process of its own."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from storefront.flows import Purchase
from storefront.samples import CUSTOMER, PASSWORD
from tests.services import do_without, require_module

if TYPE_CHECKING:
    from collections.abc import Iterator

SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop" / "manage.py"
IBAN = "DE89 3704 0044 0532 0130 00"
ADDRESS = {"street": "St James's Square 12", "postal_code": "SW1", "town": "London"}
HOSTILE = "\"'><img src=x onerror='window.hacked=1'><script>window.hacked=1</script>"


class Server:
    """The shop, running, and its database."""

    def __init__(self, address: str, database: Path) -> None:
        self.address = address
        self.database = database

    def rows(self, statement: str) -> list[Any]:
        """Return what a statement finds."""
        with closing(sqlite3.connect(self.database, timeout=30)) as connection:
            return connection.execute(statement).fetchall()

    def orders(self) -> int:
        """Return how many orders there are."""
        ((number,),) = self.rows("SELECT count(*) FROM storefront_order")
        return int(number)

    def tasks(self) -> list[Any]:
        """Return all that is stored of tasks, except for when they were used."""
        return self.rows("SELECT key, state, revision FROM statecraft_flows_taskstate ORDER BY key")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start the shop as a user does."""
    files = tmp_path_factory.mktemp("shop")
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(SHOP), "demo", "--port", str(port)]
    variables = {"SHOP_FILES": str(files), "DATABASE_URL": ""}
    with (
        (files / "log").open("w") as log,
        subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | variables) as process,
    ):
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(address, process)
            yield Server(address, files / "shop.sqlite3")
        finally:
            process.terminate()
    assert '" 500 ' not in (files / "log").read_text()


def _wait_for(address: str, process: subprocess.Popen[Any]) -> None:
    for _ in range(300):
        assert process.poll() is None, "the shop does not start"
        try:
            urlopen(address).close()  # noqa: S310 - our own
        except URLError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the shop does not answer")


class Customer:
    """Somebody who sits before a browser."""

    def __init__(self, driver: Any, server: Server) -> None:
        self.driver = driver
        self.server = server

    def go(self, url: str) -> None:
        """Open a page."""
        self.driver.get(url if url.startswith("http") else f"{self.server.address}{url}")

    @property
    def heading(self) -> str:
        """The heading of the page."""
        return str(self.driver.find_element("css selector", "h1").text)

    @property
    def path(self) -> str:
        """The address of the page, without what names the task."""
        return str(self.driver.current_url).removeprefix(self.server.address).partition("?")[0]

    def fill(self, **values: str) -> None:
        """Fill in fields; of radio buttons and boxes, choose one."""
        for name, value in values.items():
            fields = self.driver.find_elements("name", name)
            if fields[0].get_attribute("type") in {"radio", "checkbox"}:
                next(one for one in fields if one.get_attribute("value") == value).click()
            else:
                fields[0].clear()
                fields[0].send_keys(value)

    def send(self, **values: str) -> None:
        """Fill in the form of the page, and send it."""
        self.fill(**values)
        page = self.driver.find_element("tag name", "html")
        self.driver.find_element("css selector", ".flow-form > button").click()
        self.await_another(page)

    def await_another(self, page: Any) -> None:
        """Wait until there is another page than this one."""
        support = import_module("selenium.webdriver.support.ui")
        conditions = import_module("selenium.webdriver.support.expected_conditions")
        errors = import_module("selenium.common.exceptions")
        ignored = [errors.WebDriverException]  # of an element that is going right now
        waiting = support.WebDriverWait(self.driver, 20, 0.05, ignored_exceptions=ignored)
        waiting.until(conditions.staleness_of(page))

    def follow(self, text: str) -> None:
        """Follow a link."""
        self.driver.find_element("link text", text).click()

    def value(self, name: str) -> str:
        """Return what is filled in."""
        for field in self.driver.find_elements("name", name):
            if field.get_attribute("type") != "radio" or field.is_selected():
                return str(field.get_attribute("value"))
        return ""

    def script(self, text: str, *arguments: Any) -> Any:
        """Run a script, and return what its promise brings."""
        return self.driver.execute_async_script(
            f"const done = arguments[arguments.length - 1]; ({text})(...arguments).then(done)",
            *arguments,
        )

    def buy(self, sku: str, quantity: int = 1) -> None:
        """Go as far as the choice of how to pay, and log in on the way."""
        self.go(f"/buy/{sku}/")
        self.send(quantity=str(quantity))
        if self.heading == "Log in":
            self.send(username=CUSTOMER, password=PASSWORD)
        assert self.heading == "How you pay"

    def choose_bank(self, **address: str) -> None:
        """Go on to the confirmation, with a bank account."""
        self.follow("Pay in another way")
        self.send(kind="bank")
        self.send(iban=IBAN)
        self.send(**{**ADDRESS, **address})
        assert self.heading == "Confirm and pay"


def opened(server: Server, *, width: int = 1280, height: int = 900) -> Customer:
    """Return a customer with a browser of some width, in which nothing has happened yet."""
    webdriver: Any = import_module(f"{require_module('selenium')}.webdriver")
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        do_without("needs the programs chromium and chromedriver: install both")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for one in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(one)
    made = webdriver.Chrome(
        options=options, service=webdriver.ChromeService(executable_path=driver)
    )
    made.implicitly_wait(20)  # the page after a click may not be there yet
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    made.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    return Customer(made, server)


@pytest.fixture
def customer(server: Server) -> Iterator[Customer]:
    """Return a customer at a desk."""
    made = opened(server)
    yield made
    made.driver.quit()


@pytest.fixture
def on_the_phone(server: Server) -> Iterator[Customer]:
    """Return a customer with a phone."""
    made = opened(server, width=390, height=844)
    yield made
    made.driver.quit()


SENT_TWICE = """async () => {
    const form = document.querySelector(".flow-form");
    const body = new URLSearchParams(new FormData(form));
    const send = () => fetch(form.action, {method: "POST", body: new URLSearchParams(body)});
    const answers = await Promise.all([send(), send(), send()]);
    return answers.map(one => [one.status, one.url]);
}"""


def test_a_confirmation_that_is_sent_three_times_at_once_makes_one_order(
    customer: Customer, server: Server
) -> None:
    """And all three get the same answer: the page of that order."""
    customer.buy("tea")
    customer.choose_bank()
    before = server.orders()
    customer.fill(agreed="on")
    answers = customer.script(SENT_TWICE)
    assert server.orders() == before + 1
    (answer,) = {tuple(one) for one in answers}
    assert answer[0] == 200
    assert re.fullmatch(rf"{server.address}/orders/\d+/", answer[1])


def test_a_double_click_makes_one_order(customer: Customer, server: Server) -> None:
    """Though a browser may send both."""
    customer.buy("tea")
    customer.choose_bank()
    before = server.orders()
    customer.fill(agreed="on")
    button = customer.driver.find_element("css selector", ".flow-form > button")
    chains: Any = import_module("selenium.webdriver.common.action_chains")
    chains.ActionChains(customer.driver).double_click(button).perform()
    customer.await_another(button)
    assert customer.heading.startswith("Order ")
    assert server.orders() == before + 1


def test_two_tabs_are_two_tasks(customer: Customer, server: Server) -> None:
    """What is answered in one is not seen in the other; each has its order in the end."""
    before = server.orders()
    customer.buy("tea", 3)
    first = customer.driver.current_window_handle
    customer.driver.switch_to.new_window("tab")
    customer.buy("pot", 2)
    second = customer.driver.current_window_handle
    customer.choose_bank(town="Paris")
    customer.driver.switch_to.window(first)
    customer.choose_bank(town="Rome")
    for tab, bought in ((second, "2 of Teapot"), (first, "3 of Assam, second flush")):
        customer.driver.switch_to.window(tab)
        assert bought in customer.driver.find_element("css selector", ".summary").text
        customer.send(agreed="on")
    assert server.orders() == before + 2
    last = server.rows("SELECT quantity FROM storefront_order ORDER BY id DESC LIMIT 2")
    assert last == [(3,), (2,)]


def test_the_back_button_loses_nothing(customer: Customer, server: Server) -> None:
    """Three times back and forward, and back again to change one answer: the others stay."""
    customer.buy("tea", 2)
    customer.choose_bank()
    seen: list[str] = []
    for name in ("town", "iban", "kind"):
        customer.driver.back()
        seen.append(customer.value(name))
    assert seen == ["London", IBAN, "bank"]
    for _ in range(3):
        customer.driver.forward()
    assert customer.heading == "Confirm and pay"
    for _ in range(3):
        customer.driver.back()
    customer.send()  # what is the same as before is not asked again
    assert customer.heading == "Confirm and pay"
    customer.follow("Back")
    customer.send(town="Paris")
    assert customer.heading == "Confirm and pay"
    before = server.orders()
    customer.send(agreed="on")
    assert server.orders() == before + 1
    customer.driver.back()
    assert customer.heading.startswith("Order ")
    assert server.orders() == before + 1


def is_unharmed(customer: Customer) -> bool:
    """Whether no script that somebody typed has run."""
    return customer.driver.execute_script("return window.hacked === undefined") is True


def test_what_was_typed_is_shown_as_text(customer: Customer) -> None:
    """On a page with errors, when it is shown again, in a conflict, and in an address."""
    customer.go("/buy/tea/")
    customer.driver.execute_script("document.querySelector('[name=quantity]').type = 'text'")
    customer.send(quantity=HOSTILE)
    typed = customer.driver.find_element("name", "quantity")
    assert typed.get_dom_attribute("value") == HOSTILE
    assert is_unharmed(customer)
    customer.send(quantity="1")
    customer.follow("Forgot your password?")
    customer.send(email='"<img/src=x/onerror=window.hacked=1>"@example.com')
    assert "<img/src=x" in customer.driver.find_element("css selector", "main").text
    assert is_unharmed(customer)
    customer.buy("tea")
    customer.choose_bank(street=HOSTILE[:80])
    customer.follow("Back")
    assert customer.value("street") == HOSTILE[:80]
    assert is_unharmed(customer)
    first = customer.driver.current_window_handle
    url = customer.driver.current_url
    customer.driver.switch_to.new_window("tab")
    customer.go(url.replace("/bank/address/", "/"))
    customer.send(kind="card")
    customer.driver.switch_to.window(first)
    customer.send(street=HOSTILE[:80])
    assert customer.heading == "Changed in the meantime"
    assert HOSTILE[:80] in customer.driver.find_element("css selector", ".flow-typed").text
    assert is_unharmed(customer)
    customer.go(
        url.replace("/bank/address/", "/paypal/")
        + "&result=%22%3E%3Cscript%3Ewindow.hacked=1%3C/script%3E"
    )
    assert is_unharmed(customer)


def test_nobody_is_led_away(customer: Customer, server: Server) -> None:
    """Neither the login nor the flow takes an address of somebody else's from the URL."""
    customer.go("/login/?next=//evil.example/")
    customer.send(username=CUSTOMER, password=PASSWORD)
    assert customer.driver.current_url == f"{server.address}/"
    customer.go("/buy/tea/?next=//evil.example/&_on_complete=//evil.example/")
    customer.send(quantity="1")
    customer.choose_bank()
    customer.send(agreed="on")
    assert customer.driver.current_url.startswith(f"{server.address}/orders/")


UNSIGNED = """async () => {
    const form = document.querySelector(".flow-form");
    const body = new URLSearchParams(new FormData(form));
    body.delete("csrfmiddlewaretoken");
    const answer = await fetch(form.action, {method: "POST", body});
    return [answer.status, await answer.text()];
}"""


def test_a_form_without_its_token_is_refused(customer: Customer, server: Server) -> None:
    """By Django's own page, which knows nothing of what was typed; nothing has moved."""
    customer.buy("tea")
    customer.choose_bank()
    customer.fill(agreed="on")
    before = (server.tasks(), server.orders())
    status, text = customer.script(UNSIGNED)
    assert status == 403
    assert "CSRF" in text
    assert (server.tasks(), server.orders()) == before
    customer.driver.refresh()
    assert customer.heading == "Confirm and pay"


FETCHED = """async (urls) => {
    for (const url of urls)
        for (const method of ["GET", "HEAD"]) await fetch(url, {method});
}"""


def test_fetching_every_page_ahead_changes_nothing(customer: Customer, server: Server) -> None:
    """With the task and without it: the task stands where it stood, and there is no other."""
    customer.buy("tea")
    customer.choose_bank()
    query = customer.driver.current_url.partition("?")[2]
    routes = [
        "".join(level.component.url for level in place.line)
        for place in Purchase.tree.actions.values()
    ]
    before = (server.tasks(), server.orders())
    urls = [f"/buy/tea/{route}{end}" for route in ("", *routes) for end in (f"?{query}", "")]
    customer.script(FETCHED, [*urls, "/", "/login/", "/logout/", "/orders/1/", "/paypal/"])
    assert (server.tasks(), server.orders()) == before
    customer.driver.refresh()
    customer.send(agreed="on")
    assert customer.heading.startswith("Order ")


FITS = """
const parts = document.querySelectorAll(
    "main button, main .button, .elsewhere a, main label:has(input), " +
    "main input:not([type=hidden], [type=radio], [type=checkbox])");
const page = document.documentElement;
return page.scrollWidth <= page.clientWidth &&
    [...parts].every(one => one.getBoundingClientRect().height >= 24);
"""


def fits(customer: Customer) -> bool:
    """Whether nothing stands out of the page, and a finger hits every field and button."""
    return customer.driver.execute_script(FITS) is True


def test_a_phone_is_wide_enough(on_the_phone: Customer) -> None:
    """For every page of a purchase; an error is where the cursor is."""
    on_the_phone.go("/")
    assert fits(on_the_phone)
    on_the_phone.go("/buy/tea/")
    on_the_phone.send(quantity="0")
    focus = on_the_phone.driver.switch_to.active_element
    assert focus.get_attribute("name") == "quantity"
    assert (
        "greater than or equal to 1"
        in on_the_phone.driver.find_element("id", focus.get_attribute("aria-describedby")).text
    )
    assert fits(on_the_phone)
    on_the_phone.send(quantity="1")
    for name in ("Create an account", "Log in"):
        on_the_phone.follow(name)
        assert fits(on_the_phone)
    on_the_phone.send(username=CUSTOMER, password=PASSWORD)
    for values in ({"kind": "bank"}, {"iban": IBAN}, ADDRESS, {"agreed": "on"}):
        if "kind" in values:
            on_the_phone.follow("Pay in another way")
        assert fits(on_the_phone)
        on_the_phone.send(**values)
    assert on_the_phone.heading.startswith("Order ")
    assert fits(on_the_phone)


def test_a_purchase_needs_no_script(on_the_phone: Customer, server: Server) -> None:
    """Everything is links and forms, also the way over to the provider and back."""
    on_the_phone.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    before = server.orders()
    on_the_phone.buy("tea")
    on_the_phone.follow("Pay in another way")
    on_the_phone.send(kind="pay_pal")
    on_the_phone.send()
    on_the_phone.driver.find_element("css selector", "[value=pay]").click()
    assert on_the_phone.driver.find_element("css selector", ".good").text.startswith("Paid.")
    on_the_phone.send()
    on_the_phone.send(agreed="on")
    assert on_the_phone.heading.startswith("Order ")
    assert server.orders() == before + 1
