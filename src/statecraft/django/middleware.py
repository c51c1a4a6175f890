"""Every request runs as its user: the actor of guards and of the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asgiref import sync
from django.utils.functional import SimpleLazyObject

from statecraft.actors import acting_as

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from django.http import HttpRequest


def _acting(request: HttpRequest) -> AbstractContextManager[None]:
    return acting_as(SimpleLazyObject(lambda: request.user))


class ActingUser:
    """Middleware that names ``request.user`` as the actor, for views of both kinds.

    It stands in MIDDLEWARE after Django's ``AuthenticationMiddleware``. The user is loaded when
    somebody asks for it, and not before: it is the one whom the view has found, if it looks itself,
    as those of Django REST framework do.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        asked: Any = sync  # where Python 3.11 has the functions too, which are in inspect later
        self.is_async = bool(asked.iscoroutinefunction(get_response))
        if self.is_async:
            asked.markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        """Answer a request, or return a coroutine that does."""
        if self.is_async:
            return self._awaited(request)
        with _acting(request):
            return self.get_response(request)

    async def _awaited(self, request: HttpRequest) -> Any:
        with _acting(request):
            return await self.get_response(request)
