import type { JSX } from "preact";
import type { Clock, Overview } from "../contract";
import { count, instant, length, onClock, plural, SECOND_MS, share, shortInstant } from "../format";

interface Props {
  overview: Overview;
  clock: Clock;
  zone: string;
}

/** The figures of a preview that a person looks for first. */
export function Figures({ overview, clock, zone }: Props): JSX.Element {
  const { summary } = overview;
  const at = (instantMs: number | null): string => (instantMs === null ? "–" : shortInstant(clock, instantMs));
  const year = (instantMs: number | null): string => (instantMs === null ? zone : `${onClock(clock, instantMs, { year: "numeric" })}, ${zone}`);
  const { waitingSeconds: waiting } = summary;
  return (
    <section class="figures" aria-label="Key figures">
      <dl>
        <Figure name="Numbers" value={count(summary.numbers)} more={`${plural(summary.dials, "dial")}, ${count(summary.attemptsPerNumber, 2)} a number`} />
        <Figure
          name="Reached"
          value={share(summary.reach)}
          more={summary.answers ? `${plural(summary.answers, "call")} answered` : overview.nobodyAnswers ? "assumed: nobody answers" : "no call is answered"}
        />
        <Figure name="First dial" value={at(summary.firstDialMs)} more={year(summary.firstDialMs)} />
        <Figure name="Last dial" value={at(summary.lastDialMs)} more={year(summary.lastDialMs)} />
        <Figure
          name="Waiting for a turn"
          value={length(waiting.mean * SECOND_MS)}
          more={waiting.longest ? `on average; longest ${length(waiting.longest * SECOND_MS)}` : "nobody waits"}
        />
        <Figure
          name="Most lines busy"
          value={count(summary.mostLines)}
          more={summary.busiestHourMs === null ? "" : `most dials in the hour from ${at(summary.busiestHourMs)}`}
        />
        {summary.abandoned !== null && (
          <Figure name="Abandoned" value={count(summary.abandoned)} more={`${share(summary.abandonedOfAnswers ?? 0)} of answers`} />
        )}
      </dl>
      <NotDone overview={overview} clock={clock} />
    </section>
  );
}

function Figure({ name, value, more }: { name: string; value: string; more: string }): JSX.Element {
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd>
        <strong>{value}</strong>
        {more && <span>{more}</span>}
      </dd>
    </div>
  );
}

function NotDone({ overview: { summary, untilMs }, clock }: { overview: Overview; clock: Clock }): JSX.Element | null {
  const lines = [
    ...summary.undialled.map(({ jobs, words, reason }) => [reason, `${count(jobs)} never dialled: ${words}`] as const),
    ...summary.cutShort.map(({ jobs, words, reason }) => [`cut ${reason}`, `${count(jobs)} ended before the last attempt: ${words}`] as const),
    ...(summary.unfinished ? [["unfinished", `${count(summary.unfinished)} not finished by ${instant(clock, untilMs)}`] as const] : []),
  ];
  if (!lines.length) return null;
  return (
    <ul class="not-done">
      {lines.map(([key, words]) => <li key={key}>{words}</li>)}
    </ul>
  );
}
