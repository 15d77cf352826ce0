"""Why jobs were not dialled, or not to their last attempt, in words."""

from __future__ import annotations

from scheduler.engine.columns import Reason

WHY = {
    Reason.NEVER_OPEN: "never callable, as days, hours, blackout dates and laws leave no allowed time within 366 days",
    Reason.NO_WINDOW_BEFORE_FINISH: "never callable, as no allowed time is left between start and finish",
    Reason.PHONE_USED_UP: "not dialled, as other jobs of the phone used up its attempts in the campaign",
    Reason.NO_LINE_IN_TIME: "not dialled, as no line (or pacing, or a pause) let them before the last window or finish",
    Reason.CANCELLED: "not dialled, because of a cancel",
    Reason.STOPPED: "not dialled, as the campaign was stopped before",
}

WHY_CUT = {
    Reason.NEVER_OPEN: "as days, hours, blackout dates and laws leave no allowed time within 366 days",
    Reason.NO_WINDOW_BEFORE_FINISH: "as no allowed time is left before the finish",
    Reason.PHONE_USED_UP: "as the phone's attempts in the campaign are used up",
    Reason.NO_LINE_IN_TIME: "as no line (or pacing, or a pause) let them before the last window or finish",
    Reason.CANCELLED: "because of a cancel",
    Reason.STOPPED: "as the campaign was stopped",
}
