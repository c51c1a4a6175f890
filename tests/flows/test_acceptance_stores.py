"""What flows promise, on each store: logins, loops, shared addresses, expiry, and the way back."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User
from django.test import override_settings

from statecraft.flows import start_url
from statecraft.flows.testing import FlowClient
from tests.flows.shopping import Purchase

if TYPE_CHECKING:
    from tests.flows.keeping import Keeping

pytestmark = pytest.mark.usefixtures("kept", "ada")

ADA = {"username": "ada", "password": "pw"}


def at_account(browser: FlowClient) -> Any:
    """Return the page that asks who it is, after the first one was answered."""
    page = browser.get(start_url(Purchase, sku="x1"))
    return browser.arrive(browser.answer(page, {"quantity": "3"}))


def at_payment(browser: FlowClient) -> Any:
    """Return the page that asks how to pay, by an account that is registered."""
    page = browser.get(at_account(browser).context["flow"].link("Register"))
    return browser.arrive(browser.answer(page, ADA))


def at_confirmation(browser: FlowClient, kind: str = "Card") -> Any:
    """Return the last page, on the way by a card."""
    page = browser.arrive(browser.answer(at_payment(browser), {"kind": kind}))
    return browser.arrive(browser.answer(page, {"number": "4111"}))


def name_of(page: Any) -> str:
    """Return which action a page shows."""
    assert page.status_code == 200, page.content
    name: str = page.resolver_match.url_name
    return name


def address_of(page: Any) -> str:
    """Return the address of a page that shows an action."""
    address: str = page.context["flow"].address
    return address


def test_scenario_2_a_client_without_cookies_gets_a_page_and_nothing_is_kept(
    kept: Keeping, browser: FlowClient
) -> None:
    """Nothing is kept before the first valid answer, and then one task is."""
    page = browser.get(start_url(Purchase, sku="x1"))
    assert page.status_code == 200
    invalid = browser.answer(page, {"quantity": "many"})
    assert invalid.status_code == 200
    assert "sessionid" not in browser.cookies
    assert kept.texts() == []
    assert browser.answer(invalid, {"quantity": "3"}).status_code == 302
    assert len(kept.texts()) == 1


def test_scenario_3_a_login_in_the_middle_keeps_the_task(
    kept: Keeping, browser: FlowClient, ada: User
) -> None:
    """The key of the session is another one then; what was answered is still there."""
    login = at_account(browser)
    before = browser.cookies["sessionid"].value
    page = browser.arrive(browser.answer(login, ADA))
    assert browser.cookies["sessionid"].value != before
    assert name_of(page) == "new_method.kind"
    assert page.context["flow"].task.answers["Offer"]["quantity"] == 3
    assert len(kept.texts()) == 1


def test_scenario_3_the_login_of_another_user_ends_it(
    kept: Keeping, browser: FlowClient, ada: User
) -> None:
    """The task is not found any more, on no page, and nothing of it moves."""
    page = browser.arrive(browser.answer(at_account(browser), ADA))
    before = kept.texts()
    browser.force_login(User.objects.create_user("eve", "eve@example.com", "pw"))
    assert browser.get(address_of(page)).status_code == 404
    fresh = browser.get(start_url(Purchase, sku="x1"))
    token = fresh.context["csrf_token"]
    assert browser.answer(page, {"kind": "Card", "csrfmiddlewaretoken": token}).status_code == 404
    assert kept.texts() == before


def test_scenario_4_the_loop_of_a_forgotten_password(
    kept: Keeping, browser: FlowClient, ada: User
) -> None:
    """It leads back to the login, which is asked then; no secret is among what is kept."""
    page = browser.get(at_account(browser).context["flow"].link("ForgotPassword"))
    assert name_of(page) == "get_user_account.forgot_password.ask_email"
    page = browser.arrive(browser.answer(page, {"email": "ada@example.com"}))
    page = browser.arrive(browser.answer(page, {"code": "the-secret-code"}))
    page = browser.arrive(browser.answer(page, {"password": "the-secret-password"}))
    assert name_of(page) == "get_user_account.login"
    data = {"username": "ada", "password": "the-secret-password"}
    page = browser.arrive(browser.answer(page, data))
    assert name_of(page) == "new_method.kind"
    (text,) = kept.texts()
    assert "ada@example.com" in text
    assert "the-secret" not in text
    assert str(browser.session.session_key) not in text


def test_scenario_7_who_skips_ahead_is_led_to_where_the_task_is(
    kept: Keeping, browser: FlowClient
) -> None:
    """A step that is bypassed by its address is not shown, its form is not taken."""
    page = at_account(browser)
    before = kept.texts()
    for name in ("confirm", "new_method.kind", "get_user_account.forgot_password.confirm_code"):
        ahead = address_of(page).replace("account/login", _path(name))
        response = browser.get(ahead)
        assert response.status_code == 302
        assert response.headers["Location"] == address_of(page)
        refused = browser.post(ahead, {"csrfmiddlewaretoken": page.context["csrf_token"]})
        assert refused.status_code == 409
    assert (kept.texts(), Purchase.orders) == (before, [])


def _path(name: str) -> str:
    parts = name.removeprefix("get_user_").replace("forgot_password", "forgot").split(".")
    return "/".join(parts).replace("new_method", "new").replace("_", "-")


def test_scenario_8_an_expired_task_tells_its_owner_to_start_again(
    kept: Keeping, browser: FlowClient
) -> None:
    """It tells others nothing; and the page has what was typed, and where to begin again."""
    page = at_payment(browser)
    kept.age(20 * 60 + 1)
    expired = browser.get(address_of(page))
    assert expired.status_code == 410
    assert start_url(Purchase, sku="x1") in expired.content.decode()
    sent = browser.answer(page, {"kind": "Card", "note": "typed with care"})
    assert sent.status_code == 410
    assert "typed with care" in sent.content.decode()
    assert FlowClient().get(address_of(page)).status_code == 404
    assert Purchase.orders == []


def test_scenario_8_time_alone_ends_a_task(kept: Keeping, browser: FlowClient) -> None:
    """By the clock of the store itself, which for Redis is its own."""
    page = at_account(browser)
    with override_settings(FLOWS_TASK_IDLE_TIMEOUT=1):
        assert browser.get(address_of(page)).status_code == 200
        time.sleep(1.1)
        assert browser.get(address_of(page)).status_code == 410


def test_scenario_8_each_request_of_the_owner_counts_as_use(
    kept: Keeping, browser: FlowClient
) -> None:
    """Whoever looks at a page now and then keeps the task."""
    address = address_of(at_account(browser))
    for _ in range(3):
        kept.age(15 * 60)
        assert browser.get(address).status_code == 200
    kept.age(20 * 60 + 1)
    assert browser.get(address).status_code == 410


def test_scenario_10_an_answer_sent_again_after_the_end_gets_the_same_answer(
    kept: Keeping, browser: FlowClient
) -> None:
    """And so does every page of the task; there is one order."""
    page = at_confirmation(browser)
    first = browser.answer(page)
    assert (first.status_code, first.headers["Location"]) == (302, "/who/")
    for response in (browser.answer(page), browser.get(address_of(page))):
        assert (response.status_code, response.headers["Location"]) == (302, "/who/")
    assert len(Purchase.orders) == 1
    (document,) = kept.documents()
    assert document["status"] == "finished"
    assert "answers" not in document


def test_scenario_12_two_tabs_of_one_task_conflict_on_a_page(
    kept: Keeping, browser: FlowClient
) -> None:
    """It says what was changed elsewhere, and has what was typed here; nothing is lost."""
    card = browser.arrive(browser.answer(at_payment(browser), {"kind": "Card"}))
    kind = browser.get(card.context["flow"].back_url)
    bank = browser.arrive(browser.answer(kind, {"kind": "Bank"}))
    assert name_of(bank) == "new_method.bank.account"
    before = kept.texts()
    conflict = browser.answer(card, {"number": "4111 from the other tab"})
    assert conflict.status_code == 409
    text = conflict.content.decode()
    assert "4111 from the other tab" in text
    assert "“Kind” was answered anew." in text
    assert address_of(bank).replace("&", "&amp;") in text
    assert kept.texts() == before


def test_scenario_12_two_tabs_of_one_form_conflict_on_a_page(
    kept: Keeping, browser: FlowClient
) -> None:
    """The one that is sent later has not seen the answer of the other."""
    page = at_account(browser)
    address = page.context["flow"].back_url
    first, second = browser.get(address), browser.get(address)
    browser.arrive(browser.answer(first, {"quantity": "4"}))
    before = kept.texts()
    conflict = browser.answer(second, {"quantity": "5", "note": "typed with care"})
    assert conflict.status_code == 409
    assert "typed with care" in conflict.content.decode()
    assert kept.texts() == before


def test_scenario_14_another_branch_and_back_again(kept: Keeping, browser: FlowClient) -> None:
    """What was typed on the first one is there again, and in the order once."""
    page = at_confirmation(browser)
    kind = browser.get(page.context["flow"].back_url)
    kind = browser.get(kind.context["flow"].back_url)
    assert name_of(kind) == "new_method.kind"
    account = browser.arrive(browser.answer(kind, {"kind": "Bank"}))
    assert set(account.context["flow"].task.answers) == {
        "offer",
        "get_user_account.register",
        "new_method.kind",
    }
    address = browser.arrive(browser.answer(account, {"text": "DE02"}))
    kind = browser.get(address.context["flow"].back_url)
    kind = browser.get(kind.context["flow"].back_url)
    page = browser.arrive(browser.answer(kind, {"kind": "Card"}))
    assert name_of(page) == "confirm"  # the card is not asked for again
    browser.answer(page)
    ((_, answers),) = Purchase.orders
    assert answers["new_method.card"] == {"number": "4111"}
    assert not any("bank" in path for path in answers)


def test_scenario_17_a_huge_answer_is_refused_as_a_whole(
    kept: Keeping, browser: FlowClient
) -> None:
    """The page says how much is allowed, 413; what was there before is still there."""
    page = browser.get(start_url(Purchase, sku="x1"))
    with override_settings(FLOWS_MAX_STATE_BYTES=2000):
        refused = browser.answer(page, {"quantity": "3", "note": "x" * 2000})
        assert refused.status_code == 413
        assert "2.0" in refused.content.decode()
        assert kept.texts() == []
        page = browser.arrive(browser.answer(at_payment(browser), {"kind": "Card"}))
        before = kept.texts()
        assert browser.answer(page, {"number": "4" * 2000}).status_code == 413
        assert kept.texts() == before
        assert name_of(browser.arrive(browser.answer(page, {"number": "4111"}))) == "confirm"


ODD = (
    "\N{PILE OF POO} \N{LATIN SMALL LETTER E WITH ACUTE}\N{COMBINING ACUTE ACCENT}",
    "' OR 1=1; --",
    '{"@date": "nonsense"}',
    "\u202e\u2028\u200b",
    "<script>alert(1)</script>",
    "\\u0000 \\ud800 %00 \t",
    "x" * 100_000,
)


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: ascii(odd)[:20])
def test_scenario_17_odd_text_comes_back_as_it_was(
    kept: Keeping, browser: FlowClient, odd: str
) -> None:
    """On the way back it is shown, escaped, and the next step does not lose it."""
    page = browser.get(start_url(Purchase, sku="x1"))
    page = browser.arrive(browser.answer(page, {"quantity": "3", "note": odd}))
    offer = browser.get(page.context["flow"].back_url)
    assert offer.context["form"]["note"].value() == odd.strip()
    assert b"<script>alert" not in offer.content
    assert name_of(browser.arrive(browser.answer(offer))) == "get_user_account.login"
    assert len(kept.texts()) == 1


def test_a_store_that_is_down_is_a_page(kept: Keeping, browser: FlowClient) -> None:
    """503, with what was typed, and nothing half done; afterwards it goes on."""
    page = browser.arrive(browser.answer(at_payment(browser), {"kind": "Card"}))
    before = kept.texts()
    with kept.away():
        sent = browser.answer(page, {"number": "4111 typed"})
        shown = browser.get(address_of(page))
    assert (sent.status_code, shown.status_code) == (503, 503)
    assert sent.headers["Retry-After"] == "5"
    assert "4111 typed" in sent.content.decode()
    assert (kept.texts(), Purchase.orders) == (before, [])
    assert name_of(browser.arrive(browser.answer(page, {"number": "4111"}))) == "confirm"


UNREADABLE = ("no JSON", "[]", '{"flow": "x"}', '{"trace": {"@nonsense": 1}}')


@pytest.mark.parametrize("text", UNREADABLE)
def test_a_state_that_cannot_be_read_is_told_as_an_expired_one(
    kept: Keeping, browser: FlowClient, text: str
) -> None:
    """Its owner may start again; nothing of it is guessed."""
    page = at_account(browser)
    kept.spoil(text)
    assert browser.get(address_of(page)).status_code == 410
    assert browser.answer(page, ADA).status_code == 410
    assert (kept.texts(), Purchase.orders) == ([text], [])


def test_a_step_of_a_flow_that_is_no_more_is_walked_around(
    kept: Keeping, browser: FlowClient
) -> None:
    """An unknown action in a stored trace leads to the first action that is not answered."""
    page = at_payment(browser)
    (document,) = kept.documents()
    document["definition"] = "of an earlier release"
    document["trace"] = [["begin", "offer"], ["complete", "gone"], ["complete", "new_method.kind"]]
    document["answers"]["gone"] = document["answers"]["offer"]
    kept.spoil(json.dumps(document))
    response = browser.get(address_of(page))
    assert response.status_code == 302
    landed = browser.get(response.headers["Location"])
    assert name_of(landed) == "get_user_account.login"
    assert landed.context["flow"].task.answers["Offer"]["quantity"] == 3
