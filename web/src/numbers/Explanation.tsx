import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { breakable } from "../breakable";
import type { AttemptTold, Clock, MomentTold, NumberTold, SeriesTold } from "../contract";
import { UTC, dayName, instant, instantOf, length, sentence, timeOfDay } from "../format";
import { OutcomeTold } from "../timeline/outcomes";
import "./numbers.css";
import { plain, stateWords } from "./words";

interface Props {
  told: NumberTold;
  /** What was told of an instant; null if none was asked about. */
  moment: MomentTold | null;
  /** The customer's clock, and the name of its zone. */
  clock: Clock;
  zoneName: string;
  onMoment(atMs: number | null): void;
}

/** Why a number was dialled when it was; at an instant, why it was or was not. */
export function Explanation({ told, moment, clock, zoneName, onMoment }: Props) {
  const shared = { clock, onMoment };
  return (
    <div class="explanation">
      <MomentAnswer moment={moment} attempt={attemptAt(told, moment)} {...shared} />
      {told.series.map((series) => (
        <SeriesAnswer key={series.redialNumber ?? 0} series={series} zoneName={zoneName} zoneSource={told.zoneSource} {...shared} />
      ))}
    </div>
  );
}

/** The attempt that is dialled at the instant that was asked about. */
function attemptAt(told: NumberTold, moment: MomentTold | null): AttemptTold | null {
  if (!moment?.dialled) return null;
  return told.series.flatMap(({ attempts }) => attempts).find(({ atMs }) => atMs === moment.atMs) ?? null;
}

interface Shared {
  clock: Clock;
  onMoment(atMs: number | null): void;
}

/** An instant on the customer's clock, and in UTC. */
function Both({ clock, atMs }: { clock: Clock; atMs: number }) {
  const local = instant(clock, atMs);
  const utc = instant(UTC, atMs);
  const sameDay = dayName(clock, atMs) === dayName(UTC, atMs);
  return (
    <time dateTime={new Date(atMs).toISOString()}>
      {local} {local !== utc && <span class="in-utc">({sameDay ? timeOfDay(UTC, atMs) : utc} UTC)</span>}
    </time>
  );
}

function MomentAnswer({ moment, attempt, clock, onMoment }: Shared & { moment: MomentTold | null; attempt: AttemptTold | null }) {
  const answer = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (moment) answer.current?.scrollIntoView({ block: "nearest" });
  }, [moment]);
  return (
    <div aria-live="polite" ref={answer}>
      {moment && (
        <div class={`moment-told ${moment.dialled ? "dialled" : "held"}`}>
          <div class="moment-head">
            <h3>At <Both clock={clock} atMs={moment.atMs} /></h3>
            <button type="button" onClick={() => onMoment(null)}>Ask no more about it</button>
          </div>
          <p>
            {moment.dialled ? `It is dialled${attempt ? `, attempt ${attempt.attempt}` : ""}.` : "It is not dialled."}
            {moment.state && ` ${moment.dialled ? "Its state before" : "Its state"}: ${stateWords(moment.state)}.`}
            {moment.reasons.length > 0 && " What forbids it:"}
          </p>
          {moment.reasons.length > 0 && (
            <ul>
              {moment.reasons.map(({ code, words, untilMs }) => (
                <li key={code + words}>{plain(words)}{untilMs !== null && <>, until <Both clock={clock} atMs={untilMs} /></>}</li>
              ))}
            </ul>
          )}
          {attempt && (
            <dl class="story">
              <BeforeDial attempt={attempt} clock={clock} />
              {attempt.waits.length === 0 && <Line name="waited">not at all</Line>}
            </dl>
          )}
          <NextTimes moment={moment} clock={clock} onMoment={onMoment} />
          {moment.words && <p>{sentence(plain(moment.words))}</p>}
        </div>
      )}
    </div>
  );
}

function NextTimes({ moment, clock, onMoment }: Shared & { moment: MomentTold }) {
  if (moment.dialled) return null;
  const { nextAllowedMs, nextDialMs } = moment;
  return (
    <>
      {nextAllowedMs !== "unknown" && (
        <p>Next allowed: {nextAllowedMs === null ? "not again." : <Both clock={clock} atMs={nextAllowedMs} />}</p>
      )}
      <p>
        Next dialled: {nextDialMs === null ? "not in this run." : <Both clock={clock} atMs={nextDialMs} />}{" "}
        {nextDialMs !== null && <button type="button" onClick={() => onMoment(nextDialMs)}>Ask about then</button>}
      </p>
    </>
  );
}

const ZONE_SOURCES: Record<string, string> = {
  request: ", as the request says",
  number: ", where the number belongs",
  campaign: ", the campaign's",
};

function SeriesAnswer({ series, zoneName, zoneSource, clock, onMoment }: Shared & { series: SeriesTold; zoneName: string; zoneSource: string }) {
  const { redialNumber, attempts, endedMs, ending } = series;
  const isRedial = redialNumber !== null;
  const zoneWords = ZONE_SOURCES[zoneSource] ?? "";
  return (
    <div class="series-told">
      <h3>{isRedial ? `Redial ${redialNumber}` : "Why it is dialled when it is"}</h3>
      <p>
        {isRedial ? "Asked for" : "Accepted"} <Both clock={clock} atMs={series.acceptedMs} />. Times are on the clock of {zoneName}{zoneWords}.
      </p>
      <div>
        <h4>Attempts</h4>
        {attempts.length === 0 && <p>None.</p>}
        <ol class="attempts">
          {attempts.map((attempt) => <AttemptAnswer key={attempt.attempt} attempt={attempt} clock={clock} onMoment={onMoment} />)}
        </ol>
        <h4>How it ended</h4>
        <p>
          {sentence(stateWords(series.state))}{endedMs !== null && <> <Both clock={clock} atMs={endedMs} /></>}: {ending}.
        </p>
      </div>
      <Policy series={series} clock={clock} />
    </div>
  );
}

/** When an attempt was due, and what it waited for since. */
function BeforeDial({ attempt, clock }: { attempt: AttemptTold; clock: Clock }) {
  return (
    <>
      <Line name="due"><Both clock={clock} atMs={attempt.dueMs} />: {attempt.due}</Line>
      {attempt.waits.map(({ fromMs, untilMs, words }) => (
        <Line key={fromMs} name="waited"><>{length(untilMs - fromMs)}, until <Both clock={clock} atMs={untilMs} />: {words}</></Line>
      ))}
    </>
  );
}

function AttemptAnswer({ attempt, clock, onMoment }: Shared & { attempt: AttemptTold }) {
  const { atMs, outcome } = attempt;
  return (
    <li>
      <strong>Attempt {attempt.attempt}</strong>
      <dl class="story">
        <BeforeDial attempt={attempt} clock={clock} />
        {atMs === null ? (
          <Line name="dialled">{sentence(attempt.words)}</Line>
        ) : (
          <Line name="dialled">
            <Both clock={clock} atMs={atMs} />: {outcome ? <OutcomeTold outcome={outcome} /> : attempt.words}
            {attempt.endMs !== null && `, ${length(attempt.endMs - atMs)}`}{" "}
            <button type="button" aria-label={`Why is attempt ${attempt.attempt} dialled then?`} onClick={() => onMoment(atMs)}>Why then?</button>
          </Line>
        )}
      </dl>
    </li>
  );
}

function Line({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Policy({ series, clock }: { series: SeriesTold; clock: Clock }) {
  return (
    <div>
      <h4>Its policy</h4>
      <table class="fields-told">
        <thead>
          <tr><th scope="col">Field</th><th scope="col">Value</th><th scope="col">Set</th></tr>
        </thead>
        <tbody>
          {series.policy.map(({ field, value, by }, place) => (
            <tr key={place}>
              <th scope="row">{breakable(field, /(?=[A-Z])/)}</th>
              <td><Value value={value} clock={clock} /></td>
              <td>{by}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Value({ value, clock }: { value: string; clock: Clock }) {
  const atMs = instantOf(value);
  return atMs === null ? <>{value}</> : <Both clock={clock} atMs={atMs} />;
}
