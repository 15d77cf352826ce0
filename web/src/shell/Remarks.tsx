import type { JSX } from "preact";
import type { Problem } from "../contract";
import { count, plural } from "../format";
import { stepsOf } from "../input/places";

interface Props {
  problems: Problem[];
  more?: number;
  kind: "problem" | "warning";
}

const MAX_LISTED = 50;
/** What a run is asked for, as the page names it. */
const RUN_FIELDS: Record<string, string> = {
  now: "Run, Begins",
  until: "Run, Stops",
  seed: "Run, Seed",
  "override.retryIntervalInMinutes": "What if, Retry interval",
  "override.maxAttempts": "What if, Attempts",
  "override.allowedDays": "What if, Days",
};
const TEXTS = { request: "Numbers", campaign: "Campaign", outcomes: "Outcomes", run: "Run" };

/** Problems or warnings, in words, with where each is. */
export function Remarks({ problems, more = 0, kind }: Props): JSX.Element | null {
  if (!problems.length) return null;
  const left = problems.length - MAX_LISTED + more;
  return (
    <details class={`remark-list remark-list-${kind}`} open={kind === "problem" || problems.length <= 3}>
      <summary>{plural(problems.length + more, kind)}</summary>
      <ul>
        {problems.slice(0, MAX_LISTED).map((problem, place) => (
          <li key={place}>
            <Where problem={problem} />{" "}
            {problem.message}
            {problem.count > 1 && ` (${count(problem.count)} times)`}
          </li>
        ))}
        {left > 0 && <li>and {count(left)} more</li>}
      </ul>
    </details>
  );
}

/** The text, the line in it and the number, counted from one, and the field in the names of the text. */
function Where({ problem }: { problem: Problem }): JSX.Element {
  const steps = stepsOf(problem.path);
  const number = problem.in === "request" && typeof steps[0] === "number" ? steps.shift() : undefined;
  const field = steps.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("").replace(/^\./, "");
  if (problem.in === "run" && Object.hasOwn(RUN_FIELDS, field)) return <span class="where">{RUN_FIELDS[field]}:</span>;
  const words = [TEXTS[problem.in]];
  if (problem.line !== null) words.push(`line ${count(problem.line)}`);
  if (number !== undefined) words.push(`number ${count(Number(number) + 1)}`);
  return (
    <span class="where">
      {words.join(", ")}
      {field && <>, <code>{field}</code></>}:
    </span>
  );
}
