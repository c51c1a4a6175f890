"""What leaves the server and comes back: ids of tasks, start tokens and receipts, all signed."""

from __future__ import annotations

import base64
import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac

from statecraft.flows import config
from statecraft.flows.statestore.codec import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Mapping

_SALT = "statecraft.flows"
_ID = re.compile(r"[0-9a-f]{32}\.[A-Za-z0-9_-]{22}")
START_MARK = "start."


def new_nonce(length: int = 16) -> str:
    """Return a text that nobody can guess."""
    return get_random_string(length)


def derived(purpose: str, *parts: str) -> str:
    """Return 32 hexadecimal digits that only the holder of the secret key gets out of the parts."""
    value = json.dumps(parts)  # the parts cannot run into one another
    return salted_hmac(f"{_SALT}.{purpose}", value, algorithm="sha256").hexdigest()[:32]


def proven(task_id: str, flow: str, owner: str) -> str:
    """Return the id as it stands in URLs: with a proof that it is of this flow and owner."""
    return f"{task_id}.{_proof(task_id, flow, owner, settings.SECRET_KEY)}"


def is_id(shown: str) -> bool:
    """Whether it has the form of an id; a NUL or a path has not."""
    return _ID.fullmatch(shown) is not None


def task_id_of(shown: str, flow: str, owner: str) -> str | None:
    """Return the id of the task, if what a URL shows is an id of this flow and owner."""
    if not is_id(shown):
        return None
    task_id, _, proof = shown.partition(".")
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    right = [constant_time_compare(proof, _proof(task_id, flow, owner, key)) for key in keys]
    return task_id if any(right) else None


def _proof(task_id: str, flow: str, owner: str, secret: Any) -> str:
    value = json.dumps([task_id, flow, owner])
    digest = salted_hmac(f"{_SALT}.id", value, secret=secret, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")


class StartToken(NamedTuple):
    """What the stateless first page carries: a nonce, the arguments of the URL, and some state."""

    nonce: str
    kwargs: dict[str, Any]
    state: dict[str, Any]

    def signed(self, flow: str) -> str:
        """Return it as a text that only this flow accepts, and not for longer than a task."""
        value = [self.nonce, pack(self.kwargs), pack(self.state)]
        return START_MARK + signing.dumps(value, salt=f"{_SALT}.start.{flow}", compress=True)


def start_token_of(text: str, flow: str) -> tuple[StartToken, bool] | None:
    """Return the start token of this flow that ``text`` is, and whether it is too old."""
    salt = f"{_SALT}.start.{flow}"
    signed = text.removeprefix(START_MARK)
    idle = timedelta(seconds=config.task_idle_timeout())
    try:
        found, is_old = signing.loads(signed, salt=salt, max_age=idle), False
    except signing.SignatureExpired:
        found, is_old = signing.loads(signed, salt=salt), True
    except signing.BadSignature:
        return None
    nonce, kwargs, state = found
    return StartToken(nonce, unpack(kwargs), unpack(state)), is_old


class Receipt(NamedTuple):
    """What a form that was shown carries: a nonce, the path it was shown on, its own revision.

    ``path`` has, for each move that led there, its target and the revision of the answer.
    """

    nonce: str
    path: list[list[Any]]
    revision: int

    def signed(self, about: str) -> str:
        """Return it as a text for the form of one action of one task."""
        return signing.dumps(list(self), salt=f"{_SALT}.receipt.{about}", compress=True)


def receipt_of(text: str, about: str) -> Receipt | None:
    """Return the receipt that ``text`` is, if it is one of this action and task."""
    try:
        nonce, path, revision = signing.loads(text, salt=f"{_SALT}.receipt.{about}")
    except signing.BadSignature:
        return None
    return Receipt(nonce, path, revision)


def mark(values: Mapping[str, Any]) -> str:
    """Return a short text that differs if the values differ."""
    text = json.dumps(values, sort_keys=True, default=str)
    return salted_hmac(f"{_SALT}.mark", text, algorithm="sha256").hexdigest()[:12]
