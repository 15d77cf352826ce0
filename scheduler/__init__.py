"""call-scheduler: when would each number of this call campaign be dialled?"""

from scheduler.engine.outcomes import never
from scheduler.engine.simulation import Simulation, simulate
from scheduler.engine.timeline import Dial, Summary, Timeline
from scheduler.intake.campaign import load_campaign, read_campaign
from scheduler.intake.request import Batch, read_request
from scheduler.jobs import Campaign, CampaignRefused, Job, Problem, RequestRefused, UsageError
from scheduler.policy.errors import PolicyError

__all__ = [
    "Batch",
    "Campaign",
    "CampaignRefused",
    "Dial",
    "Job",
    "PolicyError",
    "Problem",
    "RequestRefused",
    "Simulation",
    "Summary",
    "Timeline",
    "UsageError",
    "load_campaign",
    "never",
    "read_campaign",
    "read_request",
    "simulate",
]
