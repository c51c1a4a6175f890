"""Uploaded files that a task keeps: read as those of models are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings

from statecraft.flows.files import StoredFile, store_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[StoredFile]:
    """Return a file as a task keeps it."""
    with override_settings(MEDIA_ROOT=tmp_path, MEDIA_URL="/media/"):
        photo = SimpleUploadedFile("roof ä.png", b"a picture", "image/png")
        yield StoredFile(store_file("a-task", photo))


def test_a_stored_file_is_opened_when_it_is_read(stored: StoredFile) -> None:
    """Not before; and again after it was closed."""
    stored.close()
    assert stored.read() == b"a picture"
    stored.close()
    assert [bytes(chunk) for chunk in stored.chunks()] == [b"a picture"]
    stored.close()
    with stored.open() as file:
        assert file.read(1) == b"a"


def test_a_stored_file_can_be_stored_elsewhere(stored: StoredFile) -> None:
    """As a ``FileField`` of a model does it."""
    from django.core.files.storage import default_storage

    name = default_storage.save("photos/kept.png", stored)
    stored.close()
    with default_storage.open(name) as kept:
        assert kept.read() == b"a picture"


def test_a_stored_file_says_what_it_is(stored: StoredFile) -> None:
    """Under the name that its owner gave it; its place has a part that nobody can guess."""
    assert (str(stored), stored.size, stored.content_type) == ("roof ä.png", 9, "image/png")
    assert stored.url.startswith("/media/flows/a-task/")
    assert "/" + "roof" not in stored.url
