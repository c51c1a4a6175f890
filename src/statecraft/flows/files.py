"""Uploaded files of a task: they lie in Django's storage, belong to the task and go with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.utils.crypto import get_random_string
from django.utils.text import get_valid_filename

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

DIRECTORY = "flows"


if TYPE_CHECKING:
    FileOfBytes = File[bytes]
else:
    FileOfBytes = File


class StoredFile(FileOfBytes):
    """An uploaded file that a task keeps: as ``cleaned_data`` has it, and with its ``url``."""

    def __init__(self, about: Mapping[str, Any]) -> None:
        self._opened: Any = None
        super().__init__(cast("Any", None), about["name"])
        self.size = int(about["size"])  # in bytes
        self.about = dict(about)
        self.path_in_storage: str = about["path"]
        self.content_type: str = about["content_type"]

    @property
    def url(self) -> str:
        """Where the storage serves it; the storage decides who may read it there."""
        return default_storage.url(self.path_in_storage)

    @property
    def file(self) -> Any:
        """What is read: opened when it is first asked for, as the files of models are."""
        if self._opened is None:
            self._opened = default_storage.open(self.path_in_storage, "rb")
        return self._opened

    @file.setter
    def file(self, opened: Any) -> None:  # pyright: ignore[reportIncompatibleVariableOverride]
        self._opened = opened

    def open(self, mode: str | None = None, *_args: Any, **_kwargs: Any) -> Any:
        """Open it, as any file of Django."""
        self._opened = default_storage.open(self.path_in_storage, mode or "rb")
        return self

    def close(self) -> None:
        """Close it, if it is open."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def __str__(self) -> str:
        return str(self.name)


def store_file(task_id: str, uploaded: Any) -> dict[str, Any]:
    """Store an ``UploadedFile``, and return what the task keeps of it."""
    original = str(uploaded.name)
    name = get_valid_filename(f"{get_random_string(8)}-{original[-60:]}")
    path = default_storage.save(f"{DIRECTORY}/{task_id}/{name}", uploaded)
    content_type = uploaded.content_type or "application/octet-stream"
    return {"path": path, "name": original, "size": uploaded.size, "content_type": content_type}


def remove_abandoned(is_kept: Callable[[str], bool]) -> Iterator[str]:
    """Remove the files of each task that ``is_kept`` denies, and yield its id."""
    for task_id in _inside(DIRECTORY)[0]:
        if not is_kept(task_id):
            remove_files(task_id)
            yield task_id


def remove_files(task_id: str) -> None:
    """Remove all files of a task."""
    directory = f"{DIRECTORY}/{task_id}"
    names = _inside(directory)[1]
    for name in names:
        default_storage.delete(f"{directory}/{name}")
    if names:
        default_storage.delete(directory)


def _inside(directory: str) -> tuple[list[str], list[str]]:
    """Return the directories and the files in a directory: none, if there is no such directory."""
    try:
        return default_storage.listdir(directory)
    except FileNotFoundError:
        return [], []
