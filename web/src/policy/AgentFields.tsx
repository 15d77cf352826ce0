/** Who talks to those who answer. */

import { CampaignNumber } from "./CampaignFields";
import { Field } from "../shell/fields";
import type { Level } from "./level";
import { OverTheDay } from "./lists";

const MODES: Record<string, string> = {
  progressive: "One number for each free agent.",
  ratio: "A fixed number of numbers for each free agent.",
  paced: "As many numbers as keep abandoned answers rare.",
};
const OF_MODE: Record<string, string> = { ratio: "dialRatio", paced: "maxAbandonRate" };

export function AgentFields({ level }: { level: Level }) {
  const agents = level.value("agents", "agents");
  const mode = level.value("agents", "dialMode");
  const shown = typeof mode === "string" ? mode : "progressive";
  const hint = agents === undefined ? "Not set: whoever answers is talked to at once" : undefined;
  const setMode = (chosen: string): void => {
    const others = Object.entries(OF_MODE).filter(
      ([each, name]) => each !== chosen && level.value("agents", name) !== undefined,
    );
    const cleared = others.map(([, name]): [string[], undefined] => [["agents", name], undefined]);
    const ratio: [string[], number][] = chosen === "ratio" ? [[["agents", "dialRatio"], 1.5]] : [];
    level.set([["agents", "dialMode"], chosen === "progressive" ? undefined : chosen], ...ratio, ...cleared);
  };
  return (
    <div class="entry-grid short">
      <OverTheDay
        frame={{ label: "Agents", hint, problems: level.problems("agents", "agents") }}
        value={agents}
        word="agents"
        onValue={(value) => level.set([["agents", "agents"], value])}
      />
      {level.value("agents") !== undefined && (
        <>
          <Field
            label="Dialling"
            hint={Object.hasOwn(MODES, shown) ? MODES[shown] : undefined}
            problems={level.problems("agents", "dialMode")}
          >
            {(control) => (
              <select
                {...control}
                value={shown}
                onChange={(event) => setMode(event.currentTarget.value)}
              >
                {Object.keys(MODES).map((name) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
                {!Object.hasOwn(MODES, shown) && <option value={shown}>{shown}</option>}
              </select>
            )}
          </Field>
          {mode === "ratio" && (
            <CampaignNumber
              level={level}
              table="agents"
              name="dialRatio"
              label="Numbers for each free agent"
              least={1}
              most={10}
              step="any"
              hint=""
            />
          )}
          {mode === "paced" && (
            <CampaignNumber
              level={level}
              table="agents"
              name="maxAbandonRate"
              label="Abandoned answers at most"
              least={0}
              most={0.99}
              step="any"
              hint="Not set: 0.03"
            />
          )}
          <CampaignNumber
            level={level}
            table="agents"
            name="wrapUpSeconds"
            label="Seconds of work after a talk"
            least={0}
            most={3600}
            step="any"
            hint="Not set: 0"
          />
          <CampaignNumber
            level={level}
            table="agents"
            name="patienceSeconds"
            label="Seconds until a waiting customer hangs up"
            least={0}
            most={3600}
            step="any"
            hint="Not set: 2"
          />
        </>
      )}
    </div>
  );
}
