"""The key under which an object is stored, where it is no row of a table of its own."""

from __future__ import annotations

from statecraft.errors import WorkflowError
from statecraft.names import with_article
from statecraft.persistence import Persistence


class Keyed(Persistence):
    """What stores of keys and values have in common: ``"<module>.<Class>:<id>"``."""

    __slots__ = ()

    def workflow_key(self) -> str:
        """Return the key under which the object is stored; override it if ``id`` will not do.

        What is attached to an object that has such a key is stored beside it.
        """
        cls = type(self)
        if self._is_attached and hasattr(self.subject, "workflow_key"):
            return f"{self.subject.workflow_key()}.{self.workflow_spec.state_field}"
        identifier = getattr(self._stored_object, "id", None)
        if identifier is None:
            message = (
                f"{with_article(cls.__name__)} without an id has no key. Give it an id before its"
                " first event, or override workflow_key"
            )
            raise WorkflowError(message)
        return f"{cls.__module__}.{cls.__qualname__}:{identifier}"
