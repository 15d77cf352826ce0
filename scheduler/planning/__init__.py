"""What it takes: one plan run many times, and what the runs say together.

`replicate` and `compare` run one plan, or two under the same luck; `sweep` runs a grid; `solve` looks for the value
of a field that meets a goal. `executors` says where they run.
"""

from scheduler.planning.executors import Workers, workers
from scheduler.planning.figures import FIGURES, Figure, Trend, Unit, figure_named, figures_of
from scheduler.planning.goals import Goal, parse_goal
from scheduler.planning.plan import FIELDS, Plan
from scheduler.planning.ranges import Range, Vary, parse_vary
from scheduler.planning.replicate import compare, replicate
from scheduler.planning.results import Comparison, Difference, Estimate, Replications, Stopped
from scheduler.planning.shards import Shard, ShardedPreview, preview_shards
from scheduler.planning.solutions import Found, Solution, Tried
from scheduler.planning.solve import solve
from scheduler.planning.statistics import Interval, mean_interval, t_quantile, wilson_interval
from scheduler.planning.sweep import GridPlace, sweep, words_of

__all__ = [
    "FIELDS",
    "FIGURES",
    "Comparison",
    "Difference",
    "Estimate",
    "Figure",
    "Found",
    "Goal",
    "GridPlace",
    "Interval",
    "Plan",
    "Range",
    "Replications",
    "Shard",
    "ShardedPreview",
    "Solution",
    "Stopped",
    "Trend",
    "Tried",
    "Unit",
    "Vary",
    "Workers",
    "compare",
    "figure_named",
    "figures_of",
    "mean_interval",
    "parse_goal",
    "parse_vary",
    "preview_shards",
    "replicate",
    "solve",
    "sweep",
    "t_quantile",
    "wilson_interval",
    "words_of",
    "workers",
]
