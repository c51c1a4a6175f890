"""Whether the options and the bases of a class can be what they are given as."""

from __future__ import annotations

from keyword import iskeyword
from typing import TYPE_CHECKING, Any

from statecraft.checks.names import is_declaration
from statecraft.checks.subject import Subject, is_of_library
from statecraft.class_bodies import place_of
from statecraft.signatures import is_method, looked_up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecraft.errors import Problem


def check_state_field(subject: Subject) -> Iterator[Problem]:
    """What holds the stored value is an attribute that can be read and set."""
    name: Any = subject.spec.state_field
    if not isinstance(name, str) or not name.isidentifier() or iskeyword(name):
        what = f"it is the name of an attribute, and {name!r} cannot be one"
        yield subject.problem("state_field", what)
        return
    lineage: tuple[type[Any], ...] = subject.cls.__mro__
    of_library = [klass for klass in lineage if is_of_library(klass) and name in vars(klass)]
    found = looked_up(subject.cls, name)
    if any(_is_in_use(name, vars(klass)[name]) for klass in of_library):
        what = f"the name is reserved: every workflow has {name!r}. Give state_field another one"
        yield subject.problem("state_field", what)
    elif is_declaration(found) or subject.has_own_store:
        return  # that is reported as such, or none of our business
    elif is_method(found) or _is_read_only(found):
        thing = "a method" if is_method(found) else "a property that cannot be set"
        what = (
            f"{name!r} cannot hold the stored value: it is {thing}. Give state_field another name"
        )
        yield subject.problem("state_field", what, place_of(getattr(found, "fget", found)))


def _is_in_use(name: str, value: object) -> bool:
    is_abstract = getattr(value, "__isabstractmethod__", False)
    return is_method(value) or _is_read_only(value) or is_abstract or name.startswith("_")


def _is_read_only(value: object) -> bool:
    return isinstance(value, property) and value.fset is None


def check_sorts(subject: Subject) -> Iterator[Problem]:
    """Of a sync and an async workflow the first one decides, and so it must be the async one."""
    lineage: tuple[type[Any], ...] = subject.cls.__mro__
    if not subject.is_async and any(vars(klass).get("_is_async") for klass in lineage):
        what = (
            "it stands behind a sync workflow, where it would do nothing. Name it first:"
            f" class {subject.cls.__name__}(AsyncWorkflow, ...)"
        )
        yield subject.problem("AsyncWorkflow", what)
