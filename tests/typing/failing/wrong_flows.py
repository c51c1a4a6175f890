"""What is wrong with an attribute or a method of a flow is an error."""

from __future__ import annotations

from typing import Any

from statecraft.flows import Action, Precondition, Scaffold, flow_urls, start_url


class Offer(Action):
    url = 7  # E: assignment reportAssignmentType
    links_to = 7  # E: assignment reportAssignmentType
    stores = {"name": True, 7: False}  # E: assignment reportAssignmentType
    skip_on_back = "no"  # E: assignment reportAssignmentType


class Never(Precondition):
    def holds(self, task: Any) -> str:  # E: override reportIncompatibleMethodOverride
        return "no"


class Purchase(Scaffold):
    transition = "Linear"  # E: assignment reportAssignmentType
    action_set = Offer  # E: assignment reportAssignmentType


flow_urls()  # E: call-arg reportCallIssue
flow_urls(Purchase, namespace="gift")  # E: call-arg reportCallIssue
start_url(Purchase, state=7)  # E: arg-type reportArgumentType
start_url(Purchase, namespace=7)  # E: arg-type reportArgumentType
