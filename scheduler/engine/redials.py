"""The job that a conversation asks for (R10)."""

from __future__ import annotations

from scheduler.jobs import Campaign, Job, Redial, Redialled
from scheduler.policy.levels import Dates, ResolvedPolicy, resolve


class Redials:
    """Makes the jobs of redials; equal policies are resolved once and shared."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign
        self._resolved: dict[tuple[int, int], tuple[ResolvedPolicy, Redial, ResolvedPolicy]] = {}

    def job(self, first: Job, asked: Redial, number: int, end_ms: int) -> Job:
        """The job of redial `number` of a number whose first job is given, after a call that ends at `end_ms`.

        It keeps the number's zone, priority and finish where the redial does not set its own (R6.2).
        """
        start_ms = asked.dates.start_ms if asked.start_after_ms is None else end_ms + asked.start_after_ms
        finish_ms = first.dates.finish_ms if asked.dates.finish_ms is None else asked.dates.finish_ms
        return first._replace(
            policy=self._policy(first.policy, asked),
            dates=Dates(start_ms, finish_ms),
            redial=Redialled(number, asked),
        )

    def _policy(self, inherited: ResolvedPolicy, asked: Redial) -> ResolvedPolicy:
        key = id(inherited), id(asked)
        if key not in self._resolved:
            campaign = self._campaign
            policy = resolve(campaign.policy, inherited.own, asked.policy, readings=campaign.readings)
            self._resolved[key] = inherited, asked, policy  # the first two are kept so that no other gets their ids
        return self._resolved[key][2]
