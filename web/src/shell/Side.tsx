import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Problem } from "../contract";
import { count } from "../format";
import { Editor } from "../input/Editor";
import type { Language, Mark } from "../input/marks";
import { marksOf } from "../input/places";
import { syntaxMarks } from "../input/syntax";
import { formatOf, numberAt, withField } from "../input/request";
import { jsonOf } from "../incoming";
import { campaignOf, zoneOf } from "../policy/level";
import { PolicyForm } from "../policy/PolicyForm";
import type { Session } from "../session";
import { change, changeNumbers, setup, type Numbers } from "../setup";
import { laws, nonce } from "../told";
import { Remarks } from "./Remarks";
import { RunSettings } from "./RunSettings";
import { Tabs } from "./Tabs";

/** What is brought, and can be changed: the policy as a form and as a text, the numbers, the run. */
export function Side({ session }: { session: Session }): JSX.Element {
  const problems = session.runner.refusal.value?.problems ?? NONE;
  const warnings = session.runner.shown.value?.overview.warnings ?? NONE;
  const alerts = (document: Problem["in"]): number => problems.filter((problem) => problem.in === document).length;
  return (
    <section class="side" aria-labelledby="setup-title">
      <h2 id="setup-title" class="unseen">Setup</h2>
      <Tabs
        label="What is set up"
        open={session.side.value}
        onOpen={(key) => (session.side.value = key)}
        tabs={[
          { key: "policy", name: "Policy", content: () => <Policy session={session} problems={problems} warnings={warnings} /> },
          { key: "numbers", name: "Numbers", alerts: alerts("request"), content: () => <NumbersText problems={problems} warnings={warnings} /> },
          { key: "campaign", name: "Campaign text", alerts: alerts("campaign"), content: () => <CampaignText problems={problems} warnings={warnings} /> },
          { key: "run", name: "Run", alerts: alerts("run") + alerts("outcomes"), content: () => <Run session={session} problems={problems} /> },
        ]}
      />
    </section>
  );
}

const NONE: Problem[] = [];
const NOT_OWN: Record<string, number> = {};

/** The policy as a form: of the campaign, or of the number that is chosen. */
function Policy({ session, problems, warnings }: TextProps & { session: Session }): JSX.Element {
  const { numbers, campaign } = setup.value;
  const overview = session.runner.shown.value?.overview;
  const chosen = session.chosen.value;
  const job = chosen?.job ?? null;
  const wanted = session.ofNumber.value && job !== null && numbers.kind === "text";
  const there = useMemo(() => (wanted ? numberAt(numbers.text, job) : null), [wanted, numbers, job]);
  // While the list is changed, another number may stand where the chosen one did.
  const number = there && (!chosen?.phone || digitsOf(there.phone) === chosen.phone) ? there : null;
  const ofNumber = number !== null;
  return (
    <>
      <div class="segments" role="group" aria-label="Whose policy">
        <button type="button" aria-pressed={!ofNumber} onClick={() => (session.ofNumber.value = false)}>The campaign</button>
        <button type="button" aria-pressed={ofNumber} disabled={job === null || numbers.kind !== "text"} onClick={() => (session.ofNumber.value = true)}>
          {number ? number.phone : "The chosen number"}
        </button>
      </div>
      <PolicyForm
        campaign={campaign}
        onCampaign={(text) => change({ campaign: text })}
        number={number}
        onNumber={(field, value) => {
          // Several fields may be set in a row, each on the text that the one before has left.
          const { numbers: latest } = setup.peek();
          if (latest.kind === "text" && number) changeNumbers(withField(latest.text, number.index, field, value));
        }}
        own={overview?.own ?? NOT_OWN}
        numbers={overview?.summary.numbers ?? 0}
        problems={problems}
        warnings={warnings}
        laws={laws}
        onConvert={() => void session.bring(async () => change({ campaign: jsonOf(campaign) }))}
      />
    </>
  );
}

function digitsOf(phone: string): string {
  return phone.replace(/\D/g, "");
}

interface TextProps {
  problems: Problem[];
  warnings: Problem[];
}

function NumbersText({ problems, warnings }: TextProps): JSX.Element {
  const { numbers } = setup.value;
  if (numbers.kind !== "text") return <LongFile numbers={numbers} problems={problems} />;
  return <ShortText text={numbers.text} problems={problems} warnings={warnings} />;
}

function ShortText({ text, problems, warnings }: TextProps & { text: string }): JSX.Element {
  const language = formatOf(text);
  const marks = useMarks("request", text, language, problems, warnings);
  return (
    <Editor
      label="The numbers, as a request"
      text={text}
      language={language}
      problems={marks}
      onChange={changeNumbers}
      nonce={nonce}
    />
  );
}

function useMarks(document: Problem["in"], text: string, language: Language, problems: Problem[], warnings: Problem[]): Mark[] {
  return useMemo(() => {
    const broken = syntaxMarks(text, language);
    // What is broken is told at once, and in more detail than by who only reads what is whole.
    if (broken.length) return broken;
    const here = (problem: Problem): boolean => problem.in === document;
    return [...marksOf(problems.filter(here), text, language), ...marksOf(warnings.filter(here), text, language, "warning")];
  }, [document, text, language, problems, warnings]);
}

/** A file that is too long to be edited here. */
function LongFile({ numbers, problems }: { numbers: Numbers; problems: Problem[] }): JSX.Element | null {
  if (numbers.kind !== "file") return null;
  return (
    <>
      <p>
        <strong>{numbers.name}</strong>, {count(numbers.file.size / 1e6, 1)} MB, is too long to be edited here. It is
        previewed as it is; its beginning:
      </p>
      <pre class="head" tabIndex={0}>{numbers.head}</pre>
      <Remarks kind="problem" problems={problems.filter((problem) => problem.in === "request")} />
    </>
  );
}

/** When and how it is run, on the clock of the campaign; of one that cannot be read, on that of the last preview. */
function Run({ session, problems }: { session: Session; problems: Problem[] }): JSX.Element {
  const { data } = campaignOf(setup.value.campaign);
  const zone = zoneOf(data ? data["timeZone"] : session.runner.shown.value?.overview.zones[0]?.name);
  return <RunSettings setup={setup.value} zone={zone} onChange={change} problems={problems} />;
}

function CampaignText({ problems, warnings }: TextProps): JSX.Element {
  const { campaign } = setup.value;
  const marks = useMarks("campaign", campaign, "json", problems, warnings);
  return (
    <Editor
      label="The campaign file, as JSON"
      text={campaign}
      language="json"
      problems={marks}
      onChange={(text) => change({ campaign: text })}
      nonce={nonce}
    />
  );
}
