/** What only a campaign says: its zone, its dates, its lines, its closed days and laws, its agents. */

import { useId } from "preact/hooks";
import { Field, type FrameProps, NumberControl, TextControl } from "../shell/fields";
import { InstantField } from "./InstantField";
import { type Level, zoneOf } from "./level";
import { DatesField, LawsField, OverTheDay } from "./lists";

interface CampaignFieldsProps {
  level: Level;
  zones: readonly string[];
  laws: ReadonlyMap<string, string>;
}

type Frame = Omit<FrameProps, "children" | "unset">;

function frameOf(level: Level, label: string, hint: string, ...path: string[]): Frame {
  return {
    label,
    hint: level.value(...path) === undefined ? hint : undefined,
    own: "",
    problems: level.problems(...path),
  };
}

export function CampaignFields({ level, zones, laws }: CampaignFieldsProps) {
  const { value, set } = level;
  const zone = zoneOf(value("timeZone"));
  return (
    <>
      <div class="entry-grid">
        <Field {...frameOf(level, "Name", "", "name")}>
          {(control) => (
            <TextControl
              control={control}
              value={value("name")}
              onText={(text) => set([["name"], text])}
            />
          )}
        </Field>
        <ZoneField
          frame={{ ...frameOf(level, "Time zone", "Not set: UTC", "timeZone"), own: level.own("gmtZone") }}
          value={value("timeZone")}
          zones={zones}
          onZone={(text) => set([["timeZone"], text])}
        />
        <Detection level={level} />
      </div>
      <div class="entry-grid">
        <CampaignInstant level={level} name="startTime" numbers="startDateTime" label="Start" meaning="Numbers may be called from here" zone={zone} />
        <CampaignInstant level={level} name="endTime" numbers="finishDateTime" label="End" meaning="Numbers may be called until here" zone={zone} />
      </div>
      <h4>Lines and pace</h4>
      <div class="entry-grid short">
        <OverTheDay
          frame={frameOf(level, "Lines", "Not set: no limit", "maxSimultaneousCalls")}
          value={value("maxSimultaneousCalls")}
          word="lines"
          onValue={(lines) => set([["maxSimultaneousCalls"], lines])}
        />
        <CampaignNumber
          level={level}
          name="callsPerSecond"
          label="Calls per second"
          least={0.001}
          most={1000}
          step="any"
          hint="Not set: no limit"
        />
        <CampaignNumber
          level={level}
          name="maxAttemptsPerPhone"
          label="Dials of one phone at most"
          least={1}
          hint="Not set: no limit"
        />
        <CampaignNumber
          level={level}
          name="ringSeconds"
          label="Seconds of ringing"
          least={0}
          most={3600}
          step="any"
          hint="Not set: 30"
        />
      </div>
      <h4>Closed days and laws</h4>
      <div class="entry-grid">
        <DatesField
          frame={frameOf(level, "Closed dates", "None", "blackoutDates")}
          value={value("blackoutDates")}
          onValue={(dates) => set([["blackoutDates"], dates])}
        />
        <Field
          {...frameOf(
            level,
            "Public holidays of",
            "Not set: holidays are days like any other. Write RU, or DE-BY.",
            "holidays",
          )}
        >
          {(control) => (
            <TextControl
              control={control}
              value={value("holidays")}
              onText={(text) => set([["holidays"], text])}
            />
          )}
        </Field>
        <LawsField
          frame={frameOf(level, "Laws", "None", "law")}
          value={value("law")}
          laws={laws}
          onValue={(names) => set([["law"], names])}
        />
      </div>
    </>
  );
}

interface ZoneFieldProps {
  frame: Frame;
  value: unknown;
  zones: readonly string[];
  onZone: (zone: string | undefined) => void;
  unset?: FrameProps["unset"];
}

export function ZoneField({ frame, value, zones, onZone, unset }: ZoneFieldProps) {
  const list = useId();
  return (
    <Field {...frame} unset={unset}>
      {(control) => (
        <>
          <TextControl
            control={control}
            value={value}
            list={list}
            placeholder="Europe/Moscow or +03:00"
            onText={onZone}
          />
          <datalist id={list}>
            {zones.map((zone) => (
              <option key={zone} value={zone} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}

function Detection({ level }: { level: Level }) {
  const value = level.value("detectTimeZone");
  return (
    <Field {...frameOf(level, "Zone of numbers without one", "", "detectTimeZone")}>
      {(control) => (
        <select
          {...control}
          value={value === false ? "campaign" : "number"}
          onChange={(event) =>
            level.set([["detectTimeZone"], event.currentTarget.value === "campaign" ? false : undefined])
          }
        >
          <option value="number">their digits tell it</option>
          <option value="campaign">the campaign’s zone</option>
        </select>
      )}
    </Field>
  );
}

interface CampaignInstantProps {
  level: Level;
  name: string;
  numbers: string;
  label: string;
  meaning: string;
  zone: string;
}

function CampaignInstant({ level, name, numbers, ...told }: CampaignInstantProps) {
  return (
    <InstantField
      {...told}
      value={level.value(name)}
      unsetWords="Not set: no bound"
      own={level.own(numbers)}
      problems={level.problems(name)}
      onValue={(value) => level.set([[name], value])}
    />
  );
}

interface CampaignNumberProps {
  level: Level;
  name: string;
  label: string;
  hint: string;
  least: number;
  most?: number;
  step?: number | "any";
  table?: string;
}

export function CampaignNumber({ level, name, label, hint, table, ...bounds }: CampaignNumberProps) {
  const path = table ? [table, name] : [name];
  return (
    <Field {...frameOf(level, label, hint, ...path)}>
      {(control) => (
        <NumberControl
          control={control}
          value={level.value(...path)}
          onNumber={(number) => level.set([path, number])}
          {...bounds}
        />
      )}
    </Field>
  );
}
