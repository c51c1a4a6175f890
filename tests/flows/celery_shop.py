"""A program with Celery that cleans up flows, as its worker and its beat load it."""

from __future__ import annotations

import os

from celery import Celery
from django.conf import settings
from kombu import Exchange, Queue

from statecraft.flows.additional.celery import every_five_minutes
from tests.django_store.databases import configured

URL = os.environ.get("STATECRAFT_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//")
NAME = os.environ.get("STATECRAFT_TEST_QUEUE", f"statecraft-test-{os.getpid()}")

configured()

app = Celery("shop", broker=URL)
app.conf.update(
    # nothing of a test that was killed stays on the server
    task_queues=[Queue(NAME, Exchange(NAME, auto_delete=True), NAME, expires=60)],
    task_default_queue=NAME,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
)
app.on_after_finalize.connect(every_five_minutes)
app.finalize()
if "STATECRAFT_TEST_STATES" in os.environ:  # in a program of the test
    settings.FLOWS_STATE_STORE = "statecraft.flows.statestore.tmpfile_store"
    settings.FLOWS_TMPFILE_STATE_STORE_DIRECTORY = os.environ["STATECRAFT_TEST_STATES"]
    app.conf.beat_schedule["clean up flows"]["schedule"] = 0.5
