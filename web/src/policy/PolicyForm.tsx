/** A campaign, or one number of a request, as a form: another view of the text, which alone is kept. */

import type { Problem } from "../contract";
import { count } from "../format";
import type { NumberRead } from "../input/request";
import { syntaxMarks } from "../input/syntax";
import { AgentFields } from "./AgentFields";
import { CampaignFields, ZoneField } from "./CampaignFields";
import { InstantField } from "./InstantField";
import { campaignLevel, campaignOf, isToml, type Level, numberLevel, type Surroundings, zoneOf } from "./level";
import "./policy.css";
import { PolicyFields } from "./PolicyFields";

const ZONES = Intl.supportedValuesOf("timeZone");

interface PolicyFormProps {
  /** The text of the campaign. */
  campaign: string;
  onCampaign: (text: string) => void;
  /** The number whose own fields are shown; null: the campaign. */
  number: NumberRead | null;
  /** Set a field of the number, or take it out. May be called for several fields in a row. */
  onNumber: (field: string, value: unknown) => void;
  /** How many numbers set each field themselves, of so many. */
  own: Readonly<Record<string, number>>;
  numbers: number;
  problems: readonly Problem[];
  /** Told beside their fields too, which stay valid. */
  warnings?: readonly Problem[];
  laws: ReadonlyMap<string, string>;
  /** Offered for a campaign in TOML: have it made JSON. */
  onConvert?: () => void;
}

export function PolicyForm(props: PolicyFormProps) {
  const { campaign, onCampaign, number, onNumber, laws } = props;
  const { data, wrong } = isToml(campaign) ? { data: null, wrong: "" } : campaignOf(campaign);
  const around: Surroundings = props;
  if (!number && !data) return <TextOnly {...props} wrong={wrong} />;
  const level = campaignLevel(campaign, data, onCampaign, around);
  if (number) {
    const own = numberLevel(number, onNumber, around);
    return <NumberForm key={number.index} number={number} level={own} weaker={level} />;
  }
  return (
    <form class="policy" onSubmit={(event) => event.preventDefault()}>
      <h3>Policy of all numbers</h3>
      <PolicyFields level={level} weaker={null} />
      <h3>Campaign</h3>
      <CampaignFields level={level} zones={ZONES} laws={laws} />
      <details open={level.value("agents") !== undefined}>
        <summary>Agents</summary>
        <AgentFields level={level} />
      </details>
    </form>
  );
}

interface NumberFormProps {
  number: NumberRead;
  level: Level;
  weaker: Level;
}

function NumberForm({ number, level, weaker }: NumberFormProps) {
  const zone = zoneOf(level.value("gmtZone"), weaker.value("timeZone"));
  const clear = { words: "As the campaign", act: () => level.set([["gmtZone"], undefined]) };
  const instant = (name: string, label: string, meaning: string, campaigns: string) => (
    <InstantField
      label={label}
      meaning={meaning}
      value={level.value(name)}
      zone={zone}
      unsetWords={
        weaker.known ? `As the campaign says: ${weaker.value(campaigns) ?? "no bound"}` : "As the campaign says"
      }
      problems={level.problems(name)}
      onValue={(value) => level.set([[name], value])}
    />
  );
  return (
    <form class="policy" onSubmit={(event) => event.preventDefault()}>
      <h3>
        Number {count(number.index + 1)}: {number.phone || "no phone"}
      </h3>
      {!weaker.known && <p class="hint">What the campaign says is not shown here, as its text is not JSON.</p>}
      <div class="entry-grid">
        <ZoneField
          frame={{
            label: "Time zone",
            problems: level.problems("gmtZone"),
            hint: level.value("gmtZone") === undefined ? zoneWords(weaker) : undefined,
          }}
          unset={level.value("gmtZone") === undefined ? undefined : clear}
          value={level.value("gmtZone")}
          zones={ZONES}
          onZone={(text) => level.set([["gmtZone"], text])}
        />
        {instant("startDateTime", "Start", "It may be called from here", "startTime")}
        {instant("finishDateTime", "Finish", "It may be called until here", "endTime")}
      </div>
      <PolicyFields level={level} weaker={weaker} />
    </form>
  );
}

function zoneWords(campaign: Level): string {
  if (!campaign.known) return "As its digits tell, or as the campaign says";
  const zone = String(campaign.value("timeZone") ?? "UTC");
  return campaign.value("detectTimeZone") === false
    ? `As the campaign says: ${zone}`
    : `As its digits tell; if they do not, as the campaign says: ${zone}`;
}

/** What stands in place of the form where the text cannot be changed by one. */
function TextOnly({ campaign, onConvert, wrong }: PolicyFormProps & { wrong: string | null }) {
  if (isToml(campaign)) {
    return (
      <div class="policy">
        <p>This campaign is written in TOML, which is changed as text only. As JSON it can be changed here too.</p>
        {onConvert && (
          <button type="button" onClick={onConvert}>
            Edit as JSON
          </button>
        )}
      </div>
    );
  }
  const slip = syntaxMarks(campaign, "json")[0];
  return (
    <div class="policy">
      <p class="wrong">
        The campaign can be changed as text only until it is JSON:{" "}
        {slip ? `line ${count(slip.line)}: ${slip.message}` : wrong}.
      </p>
    </div>
  );
}
