"""Uploads in a flow: kept, shown again, not asked again, and gone with the task."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import override_settings
from django.urls import include, path

from statecraft.flows import Action, Linear, Scaffold, flow_urls
from statecraft.flows.cleaning import clean_up, clean_up_files
from statecraft.flows.testing import FlowForm

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from statecraft.flows.testing import FlowClient
    from tests.flows.keeping import Keeping

pytestmark = pytest.mark.usefixtures("own_urls")


class ClaimForm(forms.Form):
    """A claim with its receipts."""

    prefix = "claim"
    about = forms.CharField()
    receipt = forms.FileField()
    photo = forms.FileField(required=False)


class Claim(Action):
    """What happened."""

    form_class = ClaimForm


class Send(Action):
    """Look at it once more."""


class Claims(Scaffold):
    """A claim."""

    transition = Linear
    action_set = (Claim, Send)
    ends: ClassVar[list[Any]] = []

    def completed(self, task: Any) -> Any:
        """Take the files away to where they stay."""
        files: dict[str, Any] = {}
        for name, one in task.answers[Claim].items():
            if hasattr(one, "open"):
                with one.open() as opened:
                    files[name] = (one.name, one.size, one.content_type, opened.read())
        self.ends.append(files)
        return "/end/"


urlpatterns = [
    path("claim/", include(flow_urls(Claims))),
    path("end/", lambda _request: HttpResponse("the end")),
]


@pytest.fixture
def media(tmp_path: Path) -> Iterator[Path]:
    """Return the directory of the storage."""
    with override_settings(MEDIA_ROOT=str(tmp_path), MEDIA_URL="/media/"):
        yield tmp_path
    Claims.ends.clear()


def sent(browser: FlowClient, name: str = "bill.pdf", content: bytes = b"%PDF") -> Any:
    """Return the second page, after the first one was sent with a file."""
    page = browser.get("/claim/")
    upload = SimpleUploadedFile(name, content, content_type="application/pdf")
    data = {"claim-about": "a window", "claim-receipt": upload}
    return browser.arrive(browser.answer(page, data))


def files_in(media: Path) -> list[Path]:
    """Return all files of the storage."""
    return sorted(one for one in media.rglob("*") if one.is_file())


def test_scenario_18_an_upload_is_kept_and_gone_at_the_end(
    kept: Keeping, browser: FlowClient, media: Path
) -> None:
    """Its content lies in the storage, never in the store; the end gets it as it came."""
    page = sent(browser)
    (file,) = files_in(media)
    assert file.read_bytes() == b"%PDF"
    assert file.relative_to(media).parts[:2] == ("flows", page.context["flow"].task.id)
    assert "%PDF" not in kept.texts()[0]
    browser.answer(page)
    assert Claims.ends == [{"receipt": ("bill.pdf", 4, "application/pdf", b"%PDF")}]
    assert list((media / "flows").iterdir()) == []


def test_scenario_18_an_upload_is_shown_again_and_not_asked_again(
    kept: Keeping, browser: FlowClient, media: Path
) -> None:
    """The way back says which file there is; sent without one, it stays."""
    last = sent(browser)
    page = browser.get(last.context["flow"].back_url)
    assert "bill.pdf" in page.content.decode()
    before = kept.texts()
    response = browser.answer(page, {"claim-about": "a window"})
    assert response.headers["Location"] == last.context["flow"].address
    assert kept.texts() == before
    page = browser.get(last.context["flow"].back_url)
    browser.answer(browser.arrive(browser.answer(page, {"claim-about": "a door"})))
    assert Claims.ends[0]["receipt"][3] == b"%PDF"


def test_scenario_18_another_upload_takes_its_place(
    kept: Keeping, browser: FlowClient, media: Path
) -> None:
    """Even one of the same name and size; the earlier one goes with the task."""
    page = browser.get(sent(browser).context["flow"].back_url)
    again = SimpleUploadedFile("bill.pdf", b"%TXT", content_type="application/pdf")
    page = browser.arrive(browser.answer(page, {"claim-about": "a window", "claim-receipt": again}))
    assert len(files_in(media)) == 2
    browser.answer(page)
    assert Claims.ends[0]["receipt"][3] == b"%TXT"
    assert files_in(media) == []


def test_scenario_18_a_doubled_upload_is_one(
    kept: Keeping, browser: FlowClient, media: Path
) -> None:
    """The same form sent twice leads to the same page; all of it is gone at the end."""
    page = browser.get("/claim/")
    data = {
        "claim-about": "a window",
        "claim-receipt": SimpleUploadedFile("bill.pdf", b"%PDF"),
    }
    first = browser.answer(page, data)
    data["claim-receipt"] = SimpleUploadedFile("bill.pdf", b"%PDF")
    second = browser.answer(page, data)
    assert first.headers["Location"] == second.headers["Location"]
    browser.answer(browser.arrive(second))
    assert len(Claims.ends) == 1
    assert files_in(media) == []


def test_scenario_18_an_upload_that_is_taken_back_is_not_in_the_answer(
    kept: Keeping, browser: FlowClient, media: Path
) -> None:
    """The box that clears a file is heard."""
    page = browser.get("/claim/")
    data = {
        "claim-about": "a window",
        "claim-receipt": SimpleUploadedFile("bill.pdf", b"%PDF"),
        "claim-photo": SimpleUploadedFile("photo.png", b"PNG"),
    }
    page = browser.arrive(browser.answer(page, data))
    assert set(page.context["flow"].task.answers[Claim]) == {"about", "receipt", "photo"}
    page = browser.get(page.context["flow"].back_url)
    page = browser.arrive(
        browser.answer(page, {"claim-about": "a window", "claim-photo-clear": "on"})
    )
    browser.answer(page)
    assert set(Claims.ends[0]) == {"receipt"}


def test_scenario_18_an_invalid_form_stores_no_file(
    kept: Keeping, browser: FlowClient, media: Path
) -> None:
    """Nothing is kept of it, neither in the store nor in the storage."""
    page = browser.get("/claim/")
    upload = SimpleUploadedFile("bill.pdf", b"%PDF")
    response = browser.answer(page, {"claim-about": "", "claim-receipt": upload})
    assert response.status_code == 200
    assert "about" in response.context["form"].errors
    assert (files_in(media), kept.texts()) == ([], [])


HOSTILE = {
    "../../../etc/passwd": "passwd",
    "..": None,
    "a\\..\\..\\evil.exe": "evil.exe",
    "<script>alert(1)</script>.png": "script&gt;.png",
    "quote\"name'.txt": "name",
    "\N{RIGHT-TO-LEFT OVERRIDE}fdp.exe": ".exe",
    "x" * 300 + ".pdf": "xxx",
    "con.pdf": "con.pdf",
    " . ": None,
}


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_scenario_18_names_of_files_are_not_believed(
    kept: Keeping, browser: FlowClient, media: Path, name: str
) -> None:
    """No file lies outside of the directory of its task, and no page has markup of a name."""
    page = browser.get("/claim/")
    upload = SimpleUploadedFile("x", b"%PDF")
    vars(upload)["_name"] = name
    response = browser.answer(page, {"claim-about": "a window", "claim-receipt": upload})
    assert response.status_code in {200, 302}
    if response.status_code == 302:
        page = browser.arrive(response)
        (file,) = files_in(media)
        task_id: str = page.context["flow"].task.id
        assert file.parent == media / "flows" / task_id
        back = browser.get(page.context["flow"].back_url).content.decode()
        assert "<script>" not in back
        assert (HOSTILE[name] or "") in back
        browser.answer(page)
    assert files_in(media) == []


def test_scenario_18_files_of_expired_tasks_are_cleaned_up(
    kept: Keeping, browser: FlowClient, media: Path
) -> None:
    """Those of tasks that are in use stay, and so do those that have just come."""
    sent(browser, "old.pdf")
    (file,) = files_in(media)
    kept.age(20 * 60 + 1)
    clean_up()
    clean_up_files()
    assert files_in(media) == [file]  # its task may be about to be stored
    long_ago = time.time() - 2 * 3600
    os.utime(file, (long_ago, long_ago))
    page = sent(browser, "new.pdf")
    (other,) = [one for one in files_in(media) if one != file]
    os.utime(other, (long_ago, long_ago))
    clean_up()
    clean_up_files()
    assert files_in(media) == [other]
    kept.spoil("unreadable")
    clean_up()
    clean_up_files()
    assert files_in(media) == [other]
    assert page.status_code == 200


def test_scenario_18_an_upload_before_a_login_is_named_by_the_page_that_asks_again(
    kept: Keeping, browser: FlowClient, media: Path
) -> None:
    """The page says that files have to be chosen once more; nothing was stored."""
    page = sent(browser)
    form = FlowForm(browser.get(page.context["flow"].back_url))
    browser.cookies["csrftoken"] = "x" * 32
    data = {
        **form.fields,
        "claim-about": "typed",
        "claim-receipt": SimpleUploadedFile("new.pdf", b"new"),
    }
    stale = browser.post(form.action, data, headers={"origin": "http://testserver"})
    assert stale.status_code == 403
    assert "typed" in stale.content.decode()
    assert len(files_in(media)) == 1
