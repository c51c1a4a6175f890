"""The shop of the examples: every way through its check-out, and what must not happen there."""

from __future__ import annotations

import re
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db.models.signals import post_save
from django.test import override_settings
from django.urls import reverse

from fake_paypal.protocol import Demand, Result, demand_of, payment_url, signed
from statecraft import workflow_diagram
from statecraft.flows import signals
from statecraft.flows.models import TaskState
from statecraft.flows.paths import Move, moves_of
from statecraft.flows.testing import FlowClient, FlowForm
from storefront.flows import Purchase
from storefront.models import Order, PaymentMethod, Product
from storefront.payment_forms import AccountForm, CardForm
from storefront.samples import CUSTOMER, PASSWORD, make_customer, make_products

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path

PATHS = Purchase.paths()
CARD = "4111111111111111"
NEW_PASSWORD = "analytical engine"  # noqa: S105 - of nobody
CARD_DATA = {"holder": "Ada", "number": CARD, "expires": "09/39", "security_code": "737"}


@pytest.fixture(autouse=True)
def _shop(database: None) -> Iterator[None]:
    """Have a shop with its products; afterwards there is nothing left of it."""
    make_products()
    mail.outbox = []
    urls = {"LOGIN_URL": "login", "LOGOUT_REDIRECT_URL": "products"}
    with override_settings(ROOT_URLCONF="shop_project.urls", **urls):
        yield
    for model in (Order.log_model(), Order, PaymentMethod, Product):
        model.objects.all().delete()


class Browser(FlowClient):
    """A browser that notes down which task it is on."""

    task_id = ""

    def request(self, **request: Any) -> Any:
        """Send a request, and look where the response leads."""
        response = super().request(**request)
        found = re.search(r"_id=([0-9a-f]{32})\.", response.headers.get("Location", ""))
        self.task_id = found.group(1) if found else self.task_id
        return response

    def paid(self, amount: str = "25.60", transaction: str = "t1") -> dict[str, str]:
        """Return what the provider signs for the task."""
        return {"result": signed(Result(self.task_id, amount, transaction))}

    def walked(self, path: Sequence[Move], **data: Any) -> Any:
        """Walk a path, typing what a customer types, and return the last response."""
        return self.walk(Purchase, path, data=data_for(path, self) | data, sku="tea")


@pytest.fixture
def client() -> Browser:
    """Return a browser."""
    return Browser()


@pytest.fixture
def customer() -> User:
    """Return a customer who has a card that is remembered."""
    return make_customer()


def code() -> str:
    """Return the code of the last mail."""
    found = re.search(r"is (\w{8})\.", str(mail.outbox[-1].body))
    assert found is not None
    return found.group(1)


def data_for(path: Sequence[Move], browser: Browser) -> dict[str, Any]:
    """Return what a customer types on a path."""
    forgot = any("forgot_password" in move.target for move in path)
    return {
        "Offer": {"quantity": "2"},
        "Login": {"username": CUSTOMER, "password": NEW_PASSWORD if forgot else PASSWORD},
        "Register": {
            "username": "charles",
            "email": "charles@example.com",
            "password1": NEW_PASSWORD,
            "password2": NEW_PASSWORD,
        },
        "AskEmail": {"email": "ada@example.com"},
        "ConfirmCode": lambda _: {"code": code().lower()},
        "ResetPassword": {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD},
        "SavedMethod": lambda _: {"method": str(PaymentMethod.objects.latest("pk").pk)},
        "Kind": lambda move: {"kind": move.event.removeprefix("move_to_")},
        "Card": {**CARD_DATA, "remember": "on"},
        "Account": {"iban": "DE89 3704 0044 0532 0130 00"},
        "Address": {"street": "St James's Square 12", "postal_code": "SW1", "town": "London"},
        "PayPal": lambda _: browser.paid(),
        "Confirm": {"agreed": "on"},
    }


def greet_with_a_voucher(instance: User, **_: Any) -> None:
    """Give somebody who has just registered something to pay with: there is an arrow for that."""
    PaymentMethod.objects.create(owner=instance, label="Voucher")


@contextmanager
def prepared(path: Sequence[Move], client: Browser, customer: User) -> Generator[str]:
    """Have the customer that a path needs, and yield the name: logged in, or having paid before."""
    before = next(move.source for move in path if move.target.startswith("choose_payment."))
    pays_again = any(move.target == "choose_payment.saved_method" for move in path)
    if before == "offer":
        client.force_login(customer)
    if not pays_again:
        PaymentMethod.objects.all().delete()
    if pays_again and before.endswith(".register"):
        post_save.connect(greet_with_a_voucher, sender=User)
    yield "charles" if before.endswith(".register") else CUSTOMER
    post_save.disconnect(greet_with_a_voucher, sender=User)


def named(path: Sequence[Move]) -> str:
    """Return what a path is called in a report."""
    return ">".join(move.target.rpartition(".")[2] for move in path[1:-1])


@pytest.mark.parametrize("path", PATHS, ids=named)
def test_every_path_ends_in_one_order(
    path: tuple[Move, ...], client: Browser, customer: User
) -> None:
    """Of what was wanted, by who it was, paid for as was said; and it is confirmed."""
    with prepared(path, client, customer) as buyer:
        response = client.walked(path)
    order = Order.objects.get()
    assert response.headers["Location"] == order.get_absolute_url()
    assert (order.customer.username, order.product.sku) == (buyer, "tea")
    assert (order.quantity, order.total) == (2, Decimal("25.60"))
    assert order.current_state == "confirmed"
    assert order.key == client.task_id
    assert Product.objects.get(sku="tea").stock == 38
    page = client.get(order.get_absolute_url()).content.decode()
    assert f"Thank you, {buyer}." in page
    assert order.paid_by in page


def test_the_paths_take_the_arrows_of_the_diagram(tmp_path: Path) -> None:
    """All of them, and no other: walking a path fails where it leads elsewhere than an arrow."""
    diagram = tmp_path / "purchase.mmd"
    workflow_diagram(Purchase.workflow, path=diagram)
    drawn = re.findall(r"^ +(\w+) --> (\w+) : (\w+)", diagram.read_text("utf-8"), re.MULTILINE)
    walked = {
        (in_diagram(move.source), in_diagram(move.target), move.event)
        for path in PATHS
        for move in path
    }
    assert set(drawn) == walked
    assert len(drawn) == len(moves_of(Purchase.workflow.workflow_spec)) == 24


def in_diagram(place: str) -> str:
    """Return what an action is called in the diagram."""
    return f"state_{place.replace('.', '_')}" if "." in place else place


def path_by(*names: str) -> tuple[Move, ...]:
    """Return the path over actions with these names, between the offer and the confirmation."""
    wanted = ">".join([*names, "confirm"])
    return next(path for path in PATHS if named(path) == wanted)


BY_CARD = path_by("login", "kind", "card")
BY_PAYPAL = path_by("login", "kind", "pay_pal")
FORGOT = ("login", "ask_email", "confirm_code", "reset_password", "login")


def stored() -> str:
    """Return all that the store of tasks has."""
    return "".join(TaskState.objects.values_list("state", flat=True))


# -- who it is -------------------------------------------------------------------------------------


def test_no_secret_is_stored_on_the_way(client: Browser, customer: User) -> None:
    """No password, no code, no number of a card: not at any time, and not in the order."""
    seen: list[str] = []
    path = path_by(*FORGOT, "kind", "card")

    def look(**_: Any) -> None:
        seen.append(stored())

    signals.task_moved.connect(look)
    try:
        with prepared(path, client, customer):
            client.walked(path)
    finally:
        signals.task_moved.disconnect(look)
    assert len(seen) > 5
    for secret in (NEW_PASSWORD, PASSWORD, code(), CARD, CARD[:12], CARD_DATA["security_code"]):
        assert not any(secret in one for one in seen)
    assert any('"last_four":"1111"' in one for one in seen)
    assert Order.objects.get().paid_by == "Card ending in 1111"
    assert PaymentMethod.objects.get().label == "Card ending in 1111"


def test_a_stranger_does_not_learn_whose_address_is_known(client: Browser, customer: User) -> None:
    """The page after it is the same. Only one gets a mail, whose code does not help the other."""
    pages: list[str] = []
    for email in ("ada@example.com", "nobody@example.com"):
        page = client.get("/buy/tea/")
        page = client.arrive(client.answer(page, {"quantity": "1"}))
        shown = FlowForm(page).fields["_id"]
        page = client.get(f"/buy/tea/account/forgot/?_id={shown}")
        page = client.arrive(client.answer(page, {"email": email}))
        text = page.content.decode().replace(email, "")
        pages.append(re.sub(r'value="[^"]+"|_id=[^"]+', "", text))
    assert pages[0] == pages[1]
    assert [one.to for one in mail.outbox] == [["ada@example.com"]]
    refused = client.answer(page, {"code": code()})
    assert (refused.status_code, len(mail.outbox)) == (200, 1)
    assert "not the code that we sent" in refused.content.decode()


def test_a_code_is_good_for_one_account_only(client: Browser, customer: User) -> None:
    """Whoever has confirmed an address of their own, and then names another, begins again."""
    User.objects.create_user("eve", "eve@example.com", "of eve")
    page = client.arrive(client.answer(client.get("/buy/tea/"), {"quantity": "1"}))
    asked = client.get("/buy/tea/account/forgot/", {"_id": FlowForm(page).fields["_id"]})
    page = client.arrive(client.answer(asked, {"email": "eve@example.com"}))
    confirmed = client.arrive(client.answer(page, {"code": code()}))
    assert confirmed.resolver_match.url_name.endswith("reset_password")
    page = client.arrive(client.answer(asked, {"email": "ada@example.com"}))
    passwords = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    assert client.answer(confirmed, passwords).status_code == 409
    ahead = client.get("/buy/tea/account/forgot/password/", {"_id": FlowForm(page).fields["_id"]})
    assert client.arrive(ahead).resolver_match.url_name.endswith("confirm_code")
    for name, password in (("ada", PASSWORD), ("eve", "of eve")):
        assert User.objects.get(username=name).check_password(password)


def test_an_order_is_for_the_eyes_of_its_customer(client: Browser, customer: User) -> None:
    """Anybody else gets the page that says that there is nothing."""
    with prepared(BY_CARD, client, customer):
        url = client.walked(BY_CARD).headers["Location"]
    other = FlowClient()
    assert other.get(url).headers["Location"] == f"/login/?next={url}"
    other.force_login(User.objects.create_user("charles"))
    assert other.get(url).status_code == 404
    assert client.get(url).status_code == 200


def test_the_cursor_is_in_the_first_field_that_is_wrong(client: Browser) -> None:
    """And in no other, whatever the form itself would like."""
    page = client.arrive(client.answer(client.get("/buy/tea/"), {"quantity": "1"}))
    page = client.get("/buy/tea/account/register/", {"_id": FlowForm(page).fields["_id"]})
    assert re.findall(r'<input[^>]*name="(\w+)"[^>]*autofocus', page.content.decode()) == [
        "username"
    ]
    page = client.answer(page, {"username": "charles", "email": "nonsense"})
    assert re.findall(r'<input[^>]*name="(\w+)"[^>]*autofocus', page.content.decode()) == ["email"]


# -- how it is paid --------------------------------------------------------------------------------


def at_paypal(client: Browser, customer: User) -> Any:
    """Return the page of the flow from which one goes to the provider."""
    with prepared(BY_PAYPAL, client, customer):
        return client.walked(BY_PAYPAL[:-2])


def test_paypal_is_paid_elsewhere_and_the_way_back_changes_nothing(
    client: Browser, customer: User
) -> None:
    """Only the answer on the page to which the provider leads goes on."""
    page = at_paypal(client, customer)
    away = client.answer(page)
    demand = demand_of(parse_qs(urlsplit(away.headers["Location"]).query)["demand"][0])
    assert (demand.reference, demand.amount) == (client.task_id, "25.60")
    assert "25.60 €" in client.get(away.headers["Location"]).content.decode()
    back = client.post(away.headers["Location"], {"answer": "pay"})
    before = stored()
    page = client.arrive(back)
    assert "Paid." in page.content.decode()
    assert stored() == before
    page = client.arrive(client.answer(page))
    assert page.resolver_match.url_name == "confirm"
    client.answer(page, {"agreed": "on"})
    assert Order.objects.get().paid_by.startswith("PayPal, payment ")


def test_whoever_calls_a_payment_off_can_pay_after_all(client: Browser, customer: User) -> None:
    """The page says that nothing was paid; nothing is ordered, and the button leads there again."""
    away = client.answer(at_paypal(client, customer))
    page = client.arrive(client.post(away.headers["Location"], {"answer": "cancel"}))
    assert "You called the payment off" in page.content.decode()
    away = client.answer(page)
    page = client.arrive(client.post(away.headers["Location"], {"answer": "pay"}))
    assert client.arrive(client.answer(page)).resolver_match.url_name == "confirm"
    assert not Order.objects.exists()


@pytest.mark.parametrize("kind", ["forged", "of another task", "of another amount"])
def test_what_the_provider_did_not_say_is_refused(
    kind: str, client: Browser, customer: User
) -> None:
    """In the address as well as in the form; the task stays where it is."""
    page = at_paypal(client, customer)
    result = {
        "forged": f"{client.paid()['result'][:-3]}abc",
        "of another task": signed(Result("another", "25.60", "t1")),
        "of another amount": signed(Result(client.task_id, "0.01", "t1")),
    }[kind]
    url = page.wsgi_request.get_full_path()
    said = client.get(url, {"result": result, "_id": FlowForm(page).fields["_id"]})
    assert "Not paid" in said.content.decode()
    assert FlowForm(said).fields["result"] == ""
    before = stored()
    refused = client.answer(page, {"result": result})
    assert (refused.status_code, stored()) == (200, before)
    assert "Not paid" in refused.content.decode()


def test_the_provider_asks_only_for_what_the_shop_signed(client: Browser) -> None:
    """Anything else is a bad request, and leads nowhere."""
    url = payment_url(Demand("task", "1.00", "//evil.example/"))
    assert client.get(url).status_code == 200
    for wrong in (url[:-2], reverse("fake_paypal"), url.replace("demand=", "demand=x")):
        assert client.get(wrong).status_code == 400
        assert client.post(wrong, {"answer": "pay"}).status_code == 400


@pytest.mark.parametrize("wrong", ["", "4111111111111112", "0", "4111 1111 1111 111x", "9" * 23])
def test_a_slip_in_the_number_of_a_card_is_found(wrong: str) -> None:
    """By its last digit, or because it is no number."""
    assert "number" in CardForm(CARD_DATA | {"number": wrong}).errors
    assert not CardForm(CARD_DATA).errors


@pytest.mark.parametrize("wrong", ["", "DE00", "DE88370400440532013000", "1289370400440532013000"])
def test_a_slip_in_an_iban_is_found(wrong: str) -> None:
    """By its check digits, or because it is none."""
    assert "iban" in AccountForm({"iban": wrong}).errors
    assert not AccountForm({"iban": "gb82 WEST 1234 5698 7654 32"}).errors


def test_a_conflict_is_told_in_words(client: Browser, customer: User) -> None:
    """What was answered anew, what is not on the way now, what was typed; nothing is ordered."""
    with prepared(BY_PAYPAL, client, customer):
        late = client.walked(BY_PAYPAL[:-1])
    shown = FlowForm(late).fields["_id"]
    page = client.get("/buy/tea/payment/new/", {"_id": shown})
    page = client.arrive(client.answer(page, {"kind": "card"}))
    client.arrive(client.answer(page, CARD_DATA))
    before = stored()
    response = client.answer(late, {"agreed": "on"})
    assert response.status_code == 409
    assert response.context_data["changes"] == [
        "“How you pay” was answered anew.",
        "“PayPal” is no longer on the way.",
    ]
    assert response.context_data["typed"] == [("I want to buy this", "yes")]
    assert (stored(), Order.objects.count()) == (before, 0)


# -- what is bought --------------------------------------------------------------------------------


def test_an_offer_that_is_sold_out_by_now_is_found_before_the_end(
    client: Browser, customer: User
) -> None:
    """Nothing is ordered; whoever takes fewer need not answer the rest again."""
    with prepared(BY_CARD, client, customer):
        page = client.walked(BY_CARD[:-1])
    Product.objects.filter(sku="tea").update(stock=1)
    page = client.arrive(client.answer(page, {"agreed": "on"}))
    assert page.resolver_match.url_name == "offer"
    assert "There are only 1 left" in page.content.decode()
    assert not Order.objects.exists()
    Product.objects.filter(sku="tea").update(stock=0)
    assert "sold out" in client.answer(page, {"quantity": "1"}).content.decode()
    Product.objects.filter(sku="tea").update(stock=1)
    page = client.arrive(client.answer(page, {"quantity": "1"}))
    client.answer(finished_by_card(client, page), {"agreed": "on"})
    assert Order.objects.get().quantity == 1


def finished_by_card(client: Browser, page: Any) -> Any:
    """Answer whatever is still asked before the confirmation, and return that page."""
    for _ in range(3):
        name = page.resolver_match.url_name.rpartition(".")[2]
        if name == "confirm":
            break
        page = client.arrive(client.answer(page, CARD_DATA if name == "card" else {"kind": "card"}))
    return page


def test_another_price_is_agreed_to_before_the_end(client: Browser, customer: User) -> None:
    """And a payment of the old amount is no payment any more."""
    with prepared(BY_PAYPAL, client, customer):
        page = client.walked(BY_PAYPAL[:-1])
    Product.objects.filter(sku="tea").update(price="13.00")
    page = client.arrive(client.answer(page, {"agreed": "on"}))
    assert page.resolver_match.url_name == "offer"
    assert "it is 13.00 € now" in page.content.decode()
    page = client.arrive(client.answer(page))
    assert page.resolver_match.url_name.endswith("pay_pal")
    assert "the amount has changed" in page.content.decode()
    page = client.arrive(client.answer(page, client.paid("26.00")))
    assert not Order.objects.exists()
    client.answer(page, {"agreed": "on"})
    assert Order.objects.get().total == Decimal("26.00")


def test_nobody_buys_what_the_shop_does_not_have(client: Browser) -> None:
    """There is no page for it, and no task."""
    assert client.get("/buy/samovar/").status_code == 404
    assert not TaskState.objects.exists()


def placed(key: str, customer: User, sku: str, quantity: int) -> Order:
    """Place an order without a flow."""
    product = Product.objects.get(sku=sku)
    values = {"customer": customer, "product": product, "quantity": quantity}
    return Order.place(key, remember="", total=Decimal(1), paid_by="Card", **values)


def test_an_order_is_placed_once_for_a_key(customer: User) -> None:
    """Whoever comes second gets the first one, and nothing is taken from the shelf for it."""
    first = placed("key", customer, "tea", 3)
    assert placed("key", customer, "tea", 4) == first
    assert Product.objects.get(sku="tea").stock == 37
    assert [one.event for one in first.transition_log()] == [None, "confirm"]


def test_an_order_waits_for_what_was_sold_at_the_same_moment(customer: User) -> None:
    """The shelf is never below nothing."""
    states = [placed(key, customer, "cup", 2).current_state for key in ("first", "second")]
    assert states == ["confirmed", "waiting"]
    assert Product.objects.get(sku="cup").stock == 1


def test_the_shop_shows_what_it_has_and_what_was_ordered(client: Browser, customer: User) -> None:
    """Orders only to the one who is logged in."""
    with prepared(BY_CARD, client, customer):
        client.walked(BY_CARD)
    page = client.get(reverse("products")).content.decode()
    assert all(product.name in page for product in Product.objects.all())
    assert "Your orders" in page
    assert "Your orders" not in FlowClient().get(reverse("products")).content.decode()
    assert client.post(reverse("logout")).headers["Location"] == "/"
    assert "Log in" in client.get(reverse("login")).content.decode()


def test_the_database_is_a_file_or_a_server(tmp_path: Path) -> None:
    """What ``DATABASE_URL`` may say, and what it says if it is wrong."""
    from shop_project.databases import database

    assert database(None, tmp_path)["NAME"] == str(tmp_path / "shop.sqlite3")
    assert database("sqlite:////var/shop.db", tmp_path)["NAME"] == "/var/shop.db"
    server = database("postgresql://ada:a%40b@db.example:5433/shop", tmp_path)
    assert (server["PASSWORD"], server["PORT"], server["NAME"]) == ("a@b", 5433, "shop")
    with pytest.raises(ValueError, match=r"begins with 'oracle'\. Known: sqlite, postgres"):
        database("oracle://db.example/shop", tmp_path)
