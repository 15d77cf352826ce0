"""call-scheduler: when would each number of this call campaign be dialled?

Each public name is loaded when it is first asked for, so that what only looks at the package costs next to nothing.
"""

import importlib
import typing

if typing.TYPE_CHECKING:
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

_HOMES = {
    "Agents": "scheduler.jobs",
    "Batch": "scheduler.intake.request",
    "Call": "scheduler.outcomes",
    "Campaign": "scheduler.jobs",
    "CampaignRefused": "scheduler.jobs",
    "Cancel": "scheduler.commands",
    "DayLines": "scheduler.jobs",
    "Dial": "scheduler.engine.timeline",
    "DialMode": "scheduler.jobs",
    "Explanation": "scheduler.engine.explain",
    "Job": "scheduler.jobs",
    "JobState": "scheduler.jobs",
    "Model": "scheduler.outcomes",
    "Never": "scheduler.outcomes",
    "Outcome": "scheduler.jobs",
    "OutcomesRefused": "scheduler.jobs",
    "Pause": "scheduler.commands",
    "PolicyError": "scheduler.policy.errors",
    "Problem": "scheduler.jobs",
    "Redial": "scheduler.jobs",
    "RequestRefused": "scheduler.jobs",
    "Resume": "scheduler.commands",
    "Scenario": "scheduler.intake.scenario",
    "ScenarioRefused": "scheduler.jobs",
    "Script": "scheduler.outcomes",
    "SetLines": "scheduler.commands",
    "SetPace": "scheduler.commands",
    "Simulation": "scheduler.engine.simulation",
    "Stop": "scheduler.commands",
    "Submit": "scheduler.commands",
    "Summary": "scheduler.engine.summary",
    "Timeline": "scheduler.engine.timeline",
    "UsageError": "scheduler.jobs",
    "load_campaign": "scheduler.intake.campaign",
    "load_outcomes": "scheduler.intake.outcomes",
    "load_scenario": "scheduler.intake.scenario",
    "never": "scheduler.outcomes",
    "read_campaign": "scheduler.intake.campaign",
    "read_history": "scheduler.intake.history",
    "read_outcomes": "scheduler.intake.outcomes",
    "read_request": "scheduler.intake.request",
    "read_scenario": "scheduler.intake.scenario",
    "simulate": "scheduler.engine.simulation",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
