"""call-scheduler: when would each number of this call campaign be dialled?"""

from scheduler.commands import Cancel, Pause, Resume, SetLines, SetPace, Stop, Submit
from scheduler.engine.explain import Explanation
from scheduler.engine.simulation import Simulation, simulate
from scheduler.engine.summary import Summary
from scheduler.engine.timeline import Dial, Timeline
from scheduler.intake.campaign import load_campaign, read_campaign
from scheduler.intake.history import read_history
from scheduler.intake.outcomes import load_outcomes, read_outcomes
from scheduler.intake.request import Batch, read_request
from scheduler.intake.scenario import Scenario, load_scenario, read_scenario
from scheduler.jobs import (
    Agents,
    Campaign,
    CampaignRefused,
    DayLines,
    DialMode,
    Job,
    JobState,
    Outcome,
    OutcomesRefused,
    Problem,
    Redial,
    RequestRefused,
    ScenarioRefused,
    UsageError,
)
from scheduler.outcomes import Call, Model, Never, Script, never
from scheduler.policy.errors import PolicyError

__all__ = [
    "Agents",
    "Batch",
    "Call",
    "Campaign",
    "CampaignRefused",
    "Cancel",
    "DayLines",
    "Dial",
    "DialMode",
    "Explanation",
    "Job",
    "JobState",
    "Model",
    "Never",
    "Outcome",
    "OutcomesRefused",
    "Pause",
    "PolicyError",
    "Problem",
    "Redial",
    "RequestRefused",
    "Resume",
    "Scenario",
    "ScenarioRefused",
    "Script",
    "SetLines",
    "SetPace",
    "Simulation",
    "Stop",
    "Submit",
    "Summary",
    "Timeline",
    "UsageError",
    "load_campaign",
    "load_outcomes",
    "load_scenario",
    "never",
    "read_campaign",
    "read_history",
    "read_outcomes",
    "read_request",
    "read_scenario",
    "simulate",
]
