"""The admin in headless Chromium, on a desk and on a phone."""

from __future__ import annotations

import shutil
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test import Client
from django.test.testcases import LiveServerThread

from tests.django_store.shop.models import Invoice
from tests.django_store.shop.ticket import Ticket
from tests.services import do_without, require_module

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def address(database: None) -> Iterator[str]:
    """Return the address of a server that runs."""
    thread: Any = LiveServerThread("127.0.0.1", StaticFilesHandler)
    thread.start()
    thread.is_ready.wait()
    assert thread.error is None
    yield f"http://127.0.0.1:{thread.port}"
    thread.terminate()
    thread.join()
    LogEntry.objects.all().delete()
    User.objects.all().delete()


@pytest.fixture(params=[(1280, 900), (390, 844)], ids=["desk", "phone"])
def browser(request: pytest.FixtureRequest, address: str) -> Iterator[Any]:
    """Return a browser of some width, in which the boss is logged in."""
    webdriver: Any = import_module(f"{require_module('selenium')}.webdriver")
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        do_without("needs the programs chromium and chromedriver: install both")
    width, height = request.param
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for one in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(one)
    service = webdriver.ChromeService(executable_path=driver)
    opened = webdriver.Chrome(options=options, service=service)
    opened.implicitly_wait(20)  # the page after a click may not be there yet
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    opened.get(f"{address}/admin/login/")
    opened.add_cookie({"name": "sessionid", "value": client.cookies["sessionid"].value})
    yield opened
    opened.quit()


def fits(browser: Any) -> bool:
    """Whether nothing of the workflow stands out of the page, and all of it can be touched."""
    width = browser.execute_script("return document.documentElement.clientWidth")
    parts = browser.find_elements("css selector", ".statecraft-workflow, .statecraft-workflow *")
    shown = [one.rect for one in parts if one.is_displayed() and one.tag_name != "td"]
    return bool(shown) and all(one["x"] + one["width"] <= width for one in shown)


def test_an_event_is_fired_by_two_clicks(browser: Any, address: str) -> None:
    """The button, the argument, the confirmation: then the badge is another one."""
    ticket = Ticket.objects.create(title="")
    Ticket.objects.filter(pk=ticket.pk).update(title="A ticket")
    browser.get(f"{address}/admin/shop/ticket/{ticket.pk}/change/")
    assert browser.find_element("css selector", ".statecraft-badge").text == "Waiting"
    assert fits(browser)
    button = browser.find_element("link text", "Finish")
    assert button.rect["height"] >= 24  # what a finger can hit
    button.click()
    browser.find_element("name", "event-why").send_keys("it is over")
    browser.find_element("css selector", ".submit-row input").click()
    assert "Finish: Waiting → All done" in browser.find_element("css selector", ".messagelist").text
    assert browser.find_element("css selector", ".statecraft-badge").text == "All done"
    assert Ticket.objects.get().current_state == "done"


def test_reasons_and_the_log_fit(browser: Any, address: str) -> None:
    """A reason stands beside its button; the log opens, and the page does not grow wider."""
    ticket = Ticket.objects.create(title="")
    browser.get(f"{address}/admin/shop/ticket/{ticket.pk}/change/")
    reason = browser.find_element("css selector", ".statecraft-refused .statecraft-reason")
    button = browser.find_element("css selector", ".statecraft-refused button")
    assert (button.text, reason.text) == ("Skip", "it has no title")
    assert not button.is_enabled()
    assert button.rect["y"] < reason.rect["y"] + reason.rect["height"] / 2
    assert reason.rect["y"] < button.rect["y"] + button.rect["height"]
    invoice = Invoice.objects.create()
    invoice.remind()
    browser.get(f"{address}/admin/shop/invoice/{invoice.pk}/change/")
    browser.find_element("css selector", ".statecraft-log summary").click()
    assert "Remind" in browser.find_element("css selector", ".statecraft-log table").text
    page = "const page = document.documentElement; return page.scrollWidth <= page.clientWidth"
    assert browser.execute_script(page)
