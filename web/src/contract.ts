/**
 * What the page is told, and by whom: the JSON that passes between it and a server, or that lies in a mailed file.
 * Instants and lengths in `…Ms` are milliseconds (instants since 1970, UTC), spans are [from, until).
 */

/** What is to be previewed. `request` names a text that was handed in before. */
export interface Asked {
  request: string;
  /** The text of a campaign file, JSON or TOML. */
  campaign: string;
  now: string | null;
  until: string | null;
  /** The JSON text of a script or a model of outcomes; null: nobody answers. */
  outcomes: string | null;
  seed: number;
  /** What holds for every number, whatever the request says; null: nothing. */
  override: Override | null;
}

export interface Override {
  allowedDays?: Weekday[];
  retryIntervalInMinutes?: number;
  maxAttempts?: number;
}

export type Weekday = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";

/** Which of the texts a problem is in. */
export type Document = "request" | "campaign" | "outcomes" | "run";

/** `job` is the index of a number in the request, `path` a JSON path such as `$[3].gmtZone`, `line` counts from 1. */
export interface Problem {
  in: Document;
  job: number | null;
  path: string;
  type: string;
  message: string;
  count: number;
  line: number | null;
}

export type Preview =
  | { preview: string; state: "working"; doing: string; share: number | null }
  | { preview: string; state: "done"; overview: Overview }
  | { preview: string; state: "refused"; problems: Problem[]; more: number }
  | { preview: string; state: "stopped" }
  | { preview: string; state: "failed"; message: string };

/** A zone's clock: from each instant on, so many milliseconds ahead of UTC; the first entry covers all before. */
export type Clock = [fromMs: number, offsetMs: number][];

export interface ZoneTold {
  name: string;
  numbers: number;
  clock: Clock;
}

export type JobState = string;
export type Reason = string;

/** The figures of a run, as the JSON preview has them, with counts where that has lists of jobs. */
export interface Summary {
  numbers: number;
  jobs: number;
  dialled: number;
  dials: number;
  answers: number;
  reach: number;
  attemptsPerNumber: number;
  firstDialMs: number | null;
  lastDialMs: number | null;
  /** When the last job ended; null while any has not. */
  finishMs: number | null;
  busiestHourMs: number | null;
  busiestHourDials: number;
  waitingSeconds: { mean: number; p95: number; longest: number };
  mostLines: number;
  abandoned: number | null;
  abandonedOfAnswers: number | null;
  states: Record<JobState, number>;
  undialled: { reason: Reason; words: string; jobs: number }[];
  cutShort: { reason: Reason; words: string; jobs: number }[];
  unfinished: number;
}

export interface Overview {
  name: string;
  nowMs: number;
  untilMs: number;
  /** What is worth being seen at first: from before the first dial to after the last end. */
  fromMs: number;
  toMs: number;
  summary: Summary;
  warnings: Problem[];
  /** The campaign's zone first, then those of the numbers, most numbers first. */
  zones: ZoneTold[];
  priorities: { priority: number; numbers: number }[];
  states: { state: JobState; numbers: number }[];
  /** How many numbers set each field themselves. */
  own: Record<string, number>;
  /** Whether lines are limited at some time. */
  limited: boolean;
  /** Whether it is taken for granted that nobody answers. */
  nobodyAnswers: boolean;
  agents: boolean;
  versions: { scheduler: string; tzdata: string };
}

/** Figures over time, an entry for each bin, in order; bins lie on a zone's clock and leave no gap. */
export interface Series {
  stepMs: number;
  fromMs: number[];
  untilMs: number[];
  dials: number[];
  /** Lines that calls held: the mean over the bin, and the most at any instant of it. */
  busyMean: number[];
  busyMost: number[];
  /** The most lines that there were; null without a limit. */
  lines: (number | null)[];
  /** Numbers that were dialled, answered and done with by the end of the bin. */
  dialled: number[];
  answered: number[];
  done: number[];
}

export interface SeriesAsked {
  fromMs: number;
  untilMs: number;
  /** About so many bins, of a round length and at least a minute each. */
  bins: number;
  zone: string;
}

/**
 * `neverCallable`: not dialled, as no time is allowed. `notDialled`: no dial, whatever the reason. `notReached`: dialled, and
 * never answered. `unfinished`: its job has not ended by the end of the run.
 */
export type Show = "all" | "neverCallable" | "notDialled" | "notReached" | "reached" | "unfinished";
export type Order = "job" | "phone" | "zone" | "priority" | "dials" | "firstDial" | "lastDial";

export interface RowsAsked {
  from: number;
  count: number;
  show: Show;
  zone: string | null;
  priority: number | null;
  /** Digits that occur in the phone. */
  phone: string;
  order: Order;
  descending: boolean;
}

/** One number: its first job, with the dials of its redials among them. */
export interface Row {
  job: number;
  phone: string;
  zone: string;
  priority: number;
  state: JobState;
  reason: Reason | null;
  dials: number;
  redials: number;
  firstDialMs: number | null;
  lastDialMs: number | null;
  answered: boolean;
}

export interface Rows {
  total: number;
  from: number;
  rows: Row[];
}

export interface DialTold {
  atMs: number;
  endMs: number;
  attempt: number;
  redialNumber: number | null;
  outcome: string;
}

export interface NumberTold {
  job: number;
  phone: string;
  zone: string;
  zoneSource: string;
  clock: Clock;
  /** When it may be dialled, over the run and inside its dates; `more` if there are more than were told. */
  windows: [opensMs: number, closesMs: number][];
  more: boolean;
  dials: DialTold[];
  series: SeriesTold[];
}

/** What was asked of one number: the number itself, or a redial that a conversation asked for. */
export interface SeriesTold {
  redialNumber: number | null;
  acceptedMs: number;
  policy: { field: string; value: string; by: string }[];
  attempts: AttemptTold[];
  state: JobState;
  endedMs: number | null;
  /** Why it ended, or how it stands at the end of the run. */
  ending: string;
}

export interface AttemptTold {
  attempt: number;
  dueMs: number;
  due: string;
  waits: WaitTold[];
  atMs: number | null;
  endMs: number | null;
  outcome: string | null;
  words: string;
}

export interface WaitTold {
  code: string;
  fromMs: number;
  untilMs: number;
  words: string;
}

/** Why a number is dialled at an instant, or why not. */
export interface MomentTold {
  atMs: number;
  state: JobState | null;
  dialled: boolean;
  reasons: { code: string; words: string; untilMs: number | null }[];
  /** Null: not again. A mailed file cannot always tell. */
  nextAllowedMs: number | "unknown" | null;
  nextDialMs: number | null;
  /** Whether it may be dialled later by its policy, and is not in this run. */
  words: string;
}

export type ExportFormat = "ndjson" | "csv" | "ical" | "html";

/** What lies in a mailed file. */
export interface FileData {
  /** When and by which command it was made, in words, and what was run. */
  made: { name: string; value: string }[];
  overview: Overview;
  /** Figures for each of the finest bins in which something happened, as in Series; between them nothing changes. */
  base: {
    stepMs: number;
    fromMs: number[];
    dials: number[];
    heldMs: number[];
    busyMost: number[];
    dialled: number[];
    answered: number[];
    done: number[];
  };
  /** From each instant on, how many lines there are (null: no limit); the first entry covers all before. */
  limits: [fromMs: number, lines: number | null][];
  rows: Row[];
  /** The first numbers, explained. */
  numbers: NumberTold[];
}

/** What the page begins with at one click. */
export interface Example {
  name: string;
  request: string;
  campaign: string;
  now: string;
  outcomes: string | null;
}
