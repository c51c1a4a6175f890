"""The web layer of flows: entry, moves, receipts, the way back, and the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from statecraft.flows import start_url
from statecraft.flows.models import TaskState
from statecraft.flows.testing import FlowForm
from tests.flows.shopping import Purchase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.contrib.auth.models import User

    from statecraft.flows.paths import Move
    from statecraft.flows.testing import FlowClient

pytestmark = pytest.mark.usefixtures("database")

DATA: dict[str, Any] = {
    "Offer": {"quantity": "3"},
    "Login": {"username": "ada", "password": "pw"},
    "Register": {"username": "ada", "password": "pw"},
    "AskEmail": {"email": "ada@example.com"},
    "ConfirmCode": {"code": "1234"},
    "ResetPassword": {"password": "pw"},
    "Kind": lambda move: {"kind": "Card" if move.event == "move_to_card" else "Bank"},
    "Card": {"number": "4111"},
    "Account": {"text": "DE02"},
    "Address": {"text": "Main Street"},
}


def skips_account(path: Sequence[Move]) -> bool:
    """Whether the path needs somebody who is logged in before."""
    return path[1].target == "new_method.kind"


@pytest.mark.parametrize("path", Purchase.paths(), ids=lambda path: f"{len(path)} moves")
def test_every_path_ends_in_one_order(
    flow_client: FlowClient, ada: User, path: tuple[Move, ...]
) -> None:
    """And the order has the answers of that path."""
    if skips_account(path):
        flow_client.force_login(ada)
    response = flow_client.walk(Purchase, path, data=DATA, sku="x1")
    assert response.headers["Location"] == "/who/"
    ((_, answers),) = Purchase.orders
    answered = [move.source for move in path[1:] if not move.is_link]
    assert set(answers) == set(answered)
    assert answers["offer"]["quantity"] == 3


def test_a_fresh_client_gets_a_page_and_nothing_is_stored(flow_client: FlowClient) -> None:
    """No statement is made for it, and it gets no session."""
    with CaptureQueriesContext(connection) as statements:
        response = flow_client.get(start_url(Purchase, sku="x1"))
    assert response.status_code == 200
    assert len(statements) == 0
    assert set(flow_client.cookies) == {"csrftoken"}
    assert not TaskState.objects.exists()


def test_an_answer_is_kept_as_it_was_typed(flow_client: FlowClient) -> None:
    """What was not sent, or came in three fields: sent again in the same way, it is unchanged."""
    page = flow_client.get(start_url(Purchase, sku="x1"))
    form = FlowForm(page)
    del form.fields["note"]
    day = {"wanted_by_year": "2031", "wanted_by_month": "2", "wanted_by_day": "3"}
    data = {**form.fields, **day, "quantity": "07"}
    first = flow_client.post(form.action, data)
    stored = TaskState.objects.get()
    again = flow_client.post(form.action, data)
    assert again.headers["Location"] == first.headers["Location"]
    assert TaskState.objects.get().revision == stored.revision
    assert flow_client.post(form.action, {**data, "note": ""}).status_code == 302
    assert TaskState.objects.get().revision == stored.revision
    assert flow_client.post(form.action, {**data, "note": "soon"}).status_code == 302
    assert TaskState.objects.get().revision == stored.revision + 1


def test_a_page_that_no_flow_has_is_named(flow_client: FlowClient) -> None:
    """With those that there are."""
    page = flow_client.get(start_url(Purchase, sku="x1"))
    with pytest.raises(AssertionError, match=r"has no action 'Logni': offer, get_user_account"):
        flow_client.follow(page, "Logni")
