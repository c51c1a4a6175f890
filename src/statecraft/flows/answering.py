"""From a form to what a task keeps of it, and back: shown again, compared, and validated again."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Model, QuerySet
from django.forms import BaseFormSet
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from statecraft.flows.files import StoredFile, store_file
from statecraft.flows.statestore.codec import pack, unpack
from statecraft.flows.task import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

Typed = dict[str, list[str]]
_FILES = (StoredFile, UploadedFile)


class _Watched(MultiValueDict[str, str]):
    """What a form is given, seen by what a widget asks for: a date may come in three fields."""

    def __init__(self, data: Mapping[str, list[str]]) -> None:
        super().__init__(data)
        self.asked: dict[str, None] = {}

    def __getitem__(self, key: str) -> Any:
        self.asked[key] = None
        return super().__getitem__(key)

    def getlist(self, key: str, default: Any = None) -> Any:
        self.asked[key] = None
        return super().getlist(key, default)


def keeps_all(action: Any) -> bool:
    """Whether nothing of an answer is lost: all fields are kept."""
    return action.stores is None


def is_kept(action: Any, name: str) -> bool:
    """Whether the task keeps what is answered in the field ``name``."""
    return keeps_all(action) or name in action.stores


def is_formset(form: object) -> bool:
    """Whether it is many forms in one."""
    return isinstance(form, BaseFormSet)


def typed_in(action: Any, form: Any) -> Typed:
    """Return what was typed into those fields of a bound form that are kept, valid or not.

    Of a file its name and its size stand for its content.
    """
    sent = {key: list(map(str, values)) for key, values in form.data.lists()}
    if is_formset(form):
        kept = sent if keeps_all(action) else {}
        return {key: values for key, values in kept.items() if key.startswith(form.prefix)}
    found: Typed = {}
    for name, field in form.fields.items():
        if is_kept(action, name) and not field.disabled:
            found |= _typed_in_field(form, name, field, sent)
    return found


def _typed_in_field(form: Any, name: str, field: Any, sent: Typed) -> Typed:
    html_name = form.add_prefix(name)
    data = _Watched(sent)
    field.widget.value_from_datadict(data, form.files, html_name)
    typed = {key: sent[key] for key in data.asked if key in sent}
    files: list[Any] = form.files.getlist(html_name) if form.files else []
    if files:
        typed[html_name] = [f"{file.name} {file.size}" for file in files]
    return typed


def answer_of(action: Any, form: Any, *, revision: int, nonce: str) -> Answer:
    """Return what the task keeps of a form that is valid; its files are stored by this.

    Raises ``UnstorableValue`` with the name of the field for a value that has no stored form.
    """
    typed, values = typed_in(action, form), _values_of(action, form)
    if is_formset(form):
        return Answer(values, revision, nonce, typed)
    files = {
        name: one.about if isinstance(one, StoredFile) else store_file(action.task.id, one)
        for name, one in form.cleaned_data.items()
        if is_kept(action, name) and isinstance(one, _FILES)
    }
    for name in files:
        typed.pop(form.add_prefix(name), None)
    written = _written(form, unpack(values))
    differing = {key: one for key, one in typed.items() if written.get(key) != one}
    differing |= {key: [] for key in written if key not in typed}
    return Answer(values, revision, nonce, differing, files)


def _values_of(action: Any, form: Any) -> Any:
    """Return the cleaned values that the task keeps, packed, without files."""
    if is_formset(form):
        return pack(_lines_of(form) if keeps_all(action) else [])
    cleaned = form.cleaned_data.items()
    kept = {name: one for name, one in cleaned if is_kept(action, name)}
    return pack(_plain({name: one for name, one in kept.items() if not isinstance(one, _FILES)}))


def _lines_of(formset: Any) -> list[dict[str, Any]]:
    """Return the lines that were filled in: an empty one could not be left empty later."""
    deleted = formset.deleted_forms
    lines = [one.cleaned_data for one in formset.forms if one not in deleted]
    return [_plain(line) for line in lines if line]


def _written(form: Any, values: Any) -> Typed:
    """Return what was typed as a rule, if these are the values: most are typed as they are written.

    Only what differs from it is kept; an empty list says that a field was not sent.
    """
    sent = {name for name, field in form.fields.items() if not field.disabled}
    plain = {name: value for name, value in values.items() if name in sent}
    return {
        form.add_prefix(name): [str(value)]
        for name, value in plain.items()
        if isinstance(value, str | int | date | Decimal) and not isinstance(value, bool | datetime)
    }


def _plain(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _key_of(value) for name, value in cleaned.items()}


def _key_of(value: Any) -> Any:
    """Return the primary keys of rows: a task keeps no copy of them."""
    if isinstance(value, Model):
        return value.pk
    return [one.pk for one in value] if _is_query(value) else value


def _is_query(value: object) -> bool:
    return isinstance(value, QuerySet)


def typed_again(form: Any, answer: Answer) -> QueryDict:
    """Return what was typed, as a form is given it: for the unbound ``form`` of the same action."""
    written = {} if is_formset(form) else _written(form, answer.cleaned)
    data = QueryDict(mutable=True)
    for key, values in {**written, **answer.typed}.items():
        if values:
            data.setlist(key, values)
    return data


def given_again(action: Any) -> tuple[QueryDict, dict[str, Any]]:
    """Return what the form of an action that was answered is bound to, to be judged once more."""
    return typed_again(action.get_form(), action.stored), {}


def same_values(action: Any, form: Any, answer: Answer) -> bool:
    """Whether a valid form brings the values that are kept, however they were typed, no file."""
    return not form.files and _values_of(action, form) == answer.values


def same_answer(action: Any, form: Any, answer: Answer) -> bool:
    """Whether a bound form brings what is kept: whatever is kept of it was typed like that."""
    before = dict(typed_again(form, answer).lists())
    for name, about in answer.files.items():
        before[form.add_prefix(name)] = [f"{about['name']} {about['size']}"]
    now = typed_in(action, form)
    left_out = {form.add_prefix(name) for name in answer.files}  # a file not sent again is kept
    return now | {key: before[key] for key in left_out if key not in now} == before
