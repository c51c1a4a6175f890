"""What the shop does: its admin, the pages of the customers, and the APIs."""

from __future__ import annotations

from base64 import b64encode
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from django.core import mail
from django.test import TestCase

from orders.models import Carrier, Order
from orders.samples import make_orders, make_users
from statecraft import NoTransitionAllowed, TransitionHalted, acting_as

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class ShopTestCase(TestCase):
    """A shop with its users and orders; ``self.orders["Ada"]`` is one of them."""

    orders: ClassVar[dict[str, Order]]
    users: ClassVar[dict[str, User]]

    @classmethod
    def setUpTestData(cls) -> None:
        """Make them."""
        cls.users = {user.username: user for user in make_users()}
        make_orders()
        every = Order.objects.order_by("pk")
        cls.orders = {one.customer.partition(" ")[0]: one for one in every}

    def assert_state(self, name: str, state: str) -> None:
        """Assert what is stored."""
        self.assertEqual(Order.objects.get(pk=self.orders[name].pk).current_state.name, state)


class TheLifeOfAnOrder(ShopTestCase):
    """The events, as code fires them."""

    def test_a_payment_in_full_moves_the_order(self) -> None:
        """Both are stored at once, and the customer gets one mail after the commit."""
        order = self.orders["Ada"]
        with self.captureOnCommitCallbacks(execute=True):
            self.assertIs(order.payment.receive(Decimal(1)), False)
            self.assertEqual(order.payment.halted_because, "59.00 € are missing")
            self.assert_state("Ada", "placed")
            self.assertIs(order.payment.receive(Decimal(60)), True)
        self.assert_state("Ada", "paid")
        self.assertEqual([one.subject for one in mail.outbox], [f"{order} is Paid"])

    def test_an_order_is_not_paid_by_saying_so(self) -> None:
        """A guard asks the payment."""
        with self.assertRaisesMessage(TransitionHalted, "nobody has paid for it yet"):
            self.orders["Ada"].pay()
        self.assert_state("Ada", "placed")

    def test_only_those_who_pack_pack(self) -> None:
        """The guard asks who acts, and the log keeps who it was."""
        order = self.orders["Grace"]
        with acting_as(self.users["accountant"]), self.assertRaises(TransitionHalted) as caught:
            order.pack(Decimal(3))
        self.assertEqual(caught.exception.code, "permission")
        self.assert_state("Grace", "paid")
        with acting_as(self.users["packer"]):
            self.assertIs(order.pack(Decimal(31)), False)
            self.assertIs(order.pack(Decimal(3)), True)
        last = order.transition_log()[-1]
        self.assertEqual((last.actor, last.noted), (str(self.users["packer"].pk), {"weight": "3"}))

    def test_what_is_shipped_long_ago_is_not_sent_back(self) -> None:
        """Fourteen days, and no more."""
        with self.assertRaises(TransitionHalted) as caught:
            self.orders["Donald"].send_back("too late")
        self.assertEqual(caught.exception.code, "too-late")
        self.assertIs(self.orders["Barbara"].send_back("too small"), True)

    def test_what_is_cancelled_is_refunded_and_not_shipped(self) -> None:
        """By an accountant alone."""
        order = self.orders["Tony"]
        with self.assertRaises(NoTransitionAllowed):
            order.ship(Carrier.POST, "RR 1")
        with acting_as(self.users["accountant"]):
            self.assertIs(order.payment.refund("it was cancelled"), True)
        self.assert_state("Tony", "cancelled")


class TheAdmin(ShopTestCase):
    """What the staff sees and does."""

    def test_a_packer_packs(self) -> None:
        """The page has a button, the button a form, and the form fires the event."""
        self.client.force_login(self.users["packer"])
        order = self.orders["Grace"]
        page = f"/admin/orders/order/{order.pk}/"
        self.assertContains(self.client.get(f"{page}change/"), f"{page}event/pack/")
        given = {"event-confirmed": "1", "event-weight": "31"}
        refused = self.client.post(f"{page}event/pack/", given)
        self.assertContains(refused, "make two of it")
        self.assert_state("Grace", "paid")
        done = self.client.post(f"{page}event/pack/", given | {"event-weight": "3"}, follow=True)
        self.assertContains(done, "Pack: Paid → Packed")
        self.assert_state("Grace", "packed")

    def test_a_visitor_looks(self) -> None:
        """There is no button, and no way around it."""
        self.client.force_login(self.users["visitor"])
        page = f"/admin/orders/order/{self.orders['Grace'].pk}/"
        shown = self.client.get(f"{page}change/")
        self.assertContains(shown, "statecraft-badge")
        self.assertNotContains(shown, "event/pack/")
        answer = self.client.post(
            f"{page}event/cancel/", {"event-confirmed": "1", "event-why": "x"}
        )
        self.assertEqual(answer.status_code, 403)
        self.assert_state("Grace", "paid")

    def test_several_are_cancelled_at_once(self) -> None:
        """Each is told of by itself."""
        self.client.force_login(self.users["admin"])
        chosen = [self.orders[name].pk for name in ("Grace", "Barbara")]
        given = {
            "action": "fire-cancel",
            "_selected_action": chosen,
            "event-confirmed": "1",
            "event-why": "the shop closes",
        }
        page = self.client.post("/admin/orders/order/", given, follow=True)
        self.assertContains(page, "Cancel: Paid → Cancelled")
        self.assertContains(page, "Cancel is not possible: it is Shipped")
        self.assert_state("Grace", "cancelled")
        self.assert_state("Barbara", "shipped")


class ThePageOfACustomer(ShopTestCase):
    """What somebody sees who knows the key of an order."""

    def test_a_customer_sees_what_is_possible(self) -> None:
        """Cancelling at first, sending back later, and why not."""
        self.assertContains(self.client.get(self.orders["Grace"].get_absolute_url()), "Cancel</a>")
        later = self.client.get(self.orders["Barbara"].get_absolute_url())
        self.assertContains(later, "Send back</a>")
        self.assertNotContains(later, "Cancel</a>")
        self.assertContains(
            self.client.get(self.orders["Donald"].get_absolute_url()),
            "it was shipped more than 14 days ago",
        )

    def test_a_customer_cancels(self) -> None:
        """With a reason; the log has it."""
        order = self.orders["Grace"]
        page = f"{order.get_absolute_url()}cancel/"
        self.assertContains(self.client.post(page, {"why": ""}), "This field is required")
        self.assert_state("Grace", "paid")
        done = self.client.post(page, {"why": "I have one"}, follow=True)
        self.assertContains(done, "Cancel: Paid → Cancelled")
        self.assertEqual(order.transition_log()[-1].noted, {"why": "I have one"})
        late = self.client.post(page, {"why": "again"}, follow=True)
        self.assertContains(late, "Cancel is not possible: it is Cancelled")

    def test_a_customer_does_no_more_than_that(self) -> None:
        """Other events are not there."""
        for event in ("pack", "no_such_event"):
            page = f"{self.orders['Grace'].get_absolute_url()}{event}/"
            self.assertEqual(self.client.post(page, {"weight": "1"}).status_code, 404)
        self.assert_state("Grace", "paid")


class RestFramework(ShopTestCase):
    """The API of Django REST framework."""

    def fire(self, name: str, event: str, **arguments: Any) -> Any:
        """Fire an event, and return the answer."""
        page = f"/rest/orders/{self.orders[name].pk}/{event}/"
        return self.client.post(page, arguments, content_type="application/json")

    def test_an_event_is_fired(self) -> None:
        """And the answer says what is possible then."""
        self.client.force_login(self.users["packer"])
        seen = self.client.get(f"/rest/orders/{self.orders['Grace'].pk}/").json()
        self.assertEqual((seen["state"], seen["events"]), ("paid", ["pack", "cancel"]))
        done = self.fire("Grace", "pack", weight="1.5")
        self.assertEqual((done.status_code, done.json()["state"]), (200, "packed"))

    def test_whoever_sends_a_password_acts(self) -> None:
        """There is no session; the log has the user whom the framework has found."""
        word = b64encode(b"packer:packer").decode()
        order = self.orders["Grace"]
        page = f"/rest/orders/{order.pk}/pack/"
        done = self.client.post(page, {"weight": 2}, headers={"authorization": f"Basic {word}"})
        self.assertEqual((done.status_code, done.json()["state"]), (200, "packed"))
        self.assertEqual(order.transition_log()[-1].actor, str(self.users["packer"].pk))

    def test_a_refusal_is_an_answer(self) -> None:
        """With everything that it knows."""
        self.client.force_login(self.users["packer"])
        refused = self.fire("Ada", "ship", carrier="POST", tracking="RR 1")
        self.assertEqual(refused.status_code, 409)
        self.assertEqual(
            refused.json(),
            {
                "refused": "Order cannot ship from 'placed': 'ship' leaves 'packed'."
                " From here: pay, cancel.",
                "event": "ship",
                "state": "placed",
                "unmet": [],
                "events": ["pay", "cancel"],
            },
        )
        self.assert_state("Ada", "placed")

    def test_a_veto_has_a_reason_and_a_code(self) -> None:
        """From a guard, and from a handler that halts."""
        self.client.force_login(self.users["packer"])
        vetoed = self.fire("Alan", "pack", weight=1)
        reason = {"refused": "nobody knows where to send it", "code": "no-address"}
        self.assertEqual((vetoed.status_code, vetoed.json()), (409, reason))
        halted = self.fire("Grace", "pack", weight=31)
        self.assertEqual((halted.status_code, halted.json()["code"]), (409, None))
        self.assert_state("Grace", "paid")

    def test_other_mistakes_have_other_answers(self) -> None:
        """What is wrong, missing, forbidden, or not there."""
        self.assertEqual(self.fire("Grace", "pack", weight=1).status_code, 403)
        self.client.force_login(self.users["accountant"])
        forbidden = self.fire("Grace", "pack", weight=1)
        self.assertEqual((forbidden.status_code, forbidden.json()["code"]), (403, "permission"))
        wrong = self.fire("Grace", "pack", weight="heavy")
        self.assertEqual((wrong.status_code, list(wrong.json())), (400, ["weight"]))
        listed = self.client.post(
            f"/rest/orders/{self.orders['Grace'].pk}/pack/", [1], content_type="application/json"
        )
        self.assertEqual((listed.status_code, list(listed.json())), (400, ["weight"]))
        self.assertEqual(self.fire("Grace", "pakc").status_code, 404)
        self.assertEqual(self.client.get("/rest/orders/0/").status_code, 404)
        self.assert_state("Grace", "paid")


class Ninja(ShopTestCase):
    """The API of django-ninja, whose views are async."""

    async def fire(self, name: str, event: str, **arguments: Any) -> Any:
        """Fire an event, and return the answer."""
        page = f"/ninja/orders/{self.orders[name].pk}/{event}/"
        return await self.async_client.post(page, arguments, content_type="application/json")

    async def test_an_event_is_fired(self) -> None:
        """And the answer says what is possible then."""
        await self.async_client.aforce_login(self.users["packer"])
        page = f"/ninja/orders/{self.orders['Grace'].pk}/"
        seen = (await self.async_client.get(page)).json()
        self.assertEqual((seen["state"], seen["events"]), ("paid", ["pack", "cancel"]))
        done = await self.fire("Grace", "pack", weight="1.5")
        self.assertEqual((done.status_code, done.json()["state"]), (200, "packed"))

    async def test_a_payment_is_taken_once(self) -> None:
        """However often the provider tells of it."""
        await self.async_client.aforce_login(self.users["accountant"])
        few = await self.fire("Ada", "payment", number="d-1", amount=1)
        self.assertEqual((few.status_code, few.json()["refused"]), (409, "59.00 € are missing"))
        for _ in range(2):
            done = await self.fire("Ada", "payment", number="d-2", amount=60)
            self.assertEqual((done.status_code, done.json()["state"]), (200, "paid"))

    async def test_refusals_and_mistakes_are_answers(self) -> None:
        """As with the other API; what a schema finds wrong is a 422."""
        await self.async_client.aforce_login(self.users["accountant"])
        refused = await self.fire("Ada", "ship", carrier="post", tracking="RR 1")
        self.assertEqual((refused.status_code, refused.json()["events"]), (409, ["pay", "cancel"]))
        forbidden = await self.fire("Grace", "pack", weight=1)
        self.assertEqual((forbidden.status_code, forbidden.json()["code"]), (403, "permission"))
        wrong = await self.fire("Grace", "pack", weight="heavy")
        self.assertEqual(wrong.status_code, 422)
        missing = await self.async_client.get("/ninja/orders/0/")
        self.assertEqual(missing.status_code, 404)
        unknown = await self.fire("Grace", "pakc")
        self.assertEqual(unknown.status_code, 404)
