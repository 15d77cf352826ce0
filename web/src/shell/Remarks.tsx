import type { JSX } from "preact";
import type { Problem } from "../contract";
import { count, plural } from "../format";

interface Props {
  problems: Problem[];
  more?: number;
  kind: "problem" | "warning";
}

const MAX_LISTED = 50;
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
            <span class="where">{TEXTS[problem.in]}{problem.line === null ? "" : `, line ${count(problem.line)}`} <code>{problem.path}</code></span>{" "}
            {problem.message}
            {problem.count > 1 && ` (${count(problem.count)} times)`}
          </li>
        ))}
        {left > 0 && <li>and {count(left)} more</li>}
      </ul>
    </details>
  );
}
