import type { ComponentChildren, JSX } from "preact";
import type { ExportFormat, Overview } from "./contract";
import { png } from "./timeline/png";
import { Compared } from "./timeline/Compared";
import { Look, zoneOf } from "./shell/Look";
import { DropTarget, ChooseFiles } from "./shell/dropping";
import { download } from "./shell/download";
import { Menu, type Entry } from "./shell/Menu";
import { Remarks } from "./shell/Remarks";
import { Side } from "./shell/Side";
import { StandingLine } from "./shell/Standing";
import { Tabs } from "./shell/Tabs";
import { useNarrow } from "./shell/useNarrow";
import { Welcome } from "./shell/Welcome";
import { WhatIfPanel } from "./shell/WhatIf";
import type { Session } from "./session";
import { EMPTY, isEmpty, setup } from "./setup";

const EXPORTS: { format: ExportFormat; name: string; hint: string; file: string }[] = [
  { format: "csv", name: "CSV", hint: "every dial, for a spreadsheet", file: "dials.csv" },
  { format: "ndjson", name: "NDJSON", hint: "every dial, for programs", file: "dials.ndjson" },
  { format: "ical", name: "iCalendar", hint: "the dials in a calendar", file: "dials.ics" },
  { format: "html", name: "Page", hint: "this preview as one file", file: "preview.html" },
];

/** The page of a server: what is brought and changed beside what comes of it. */
export function App({ session }: { session: Session }): JSX.Element {
  const shown = session.runner.shown.value;
  return (
    <DropTarget onFiles={(files) => void session.takeFiles(files)}>
      <Bar title={shown?.overview.name || "call-scheduler"}>
        {shown && <button type="button" class="skip" onClick={() => document.getElementById("result")?.focus()}>Go to the result</button>}
        <button type="button" onClick={() => void session.example()}>Example</button>
        <ChooseFiles onFiles={(files) => void session.takeFiles(files)}>Open a file</ChooseFiles>
        {!isEmpty.value && (
          <>
            <button type="button" onClick={() => void session.attempt(() => session.share())}>Copy a link</button>
            {shown && <Menu name="Save" entries={exportsOf(session, shown.preview, shown.overview)} />}
          </>
        )}
        {setup.value !== EMPTY && <button type="button" onClick={() => { session.startOver(); focusTitle(); }}>Start over</button>}
      </Bar>
      <Notice session={session} />
      {isEmpty.value ? (
        <main><Welcome onExample={() => void session.example().then(focusTitle)} onFiles={(files) => void session.takeFiles(files).then(focusTitle)} onText={(text) => void session.takeText(text).then(focusTitle)} /></main>
      ) : (
        <Parts session={session} />
      )}
    </DropTarget>
  );
}

export function Bar({ title, children }: { title: string; children: ComponentChildren }): JSX.Element {
  return (
    <header class="bar">
      <h1 tabIndex={-1} id="title">{title}</h1>
      <div class="actions">{children}</div>
    </header>
  );
}

/** A button that goes when it is pressed would take the focus with it. */
function focusTitle(): void {
  document.getElementById("title")?.focus();
}

function Notice({ session }: { session: Session }): JSX.Element {
  const notice = session.notice.value;
  return (
    <div role="status" class={notice ? `notice${notice.wrong ? " notice-wrong" : ""}` : "unseen"}>
      {notice && (
        <>
          <p>{notice.words}</p>
          {notice.before && <button type="button" class="back" onClick={() => { session.bringBack(notice.before!); focusTitle(); }}>Bring it back</button>}
          <button type="button" aria-label="Close this notice" onClick={() => { session.notice.value = null; focusTitle(); }}>×</button>
        </>
      )}
    </div>
  );
}

function exportsOf(session: Session, preview: string, overview: Overview): Entry[] {
  const picture: Entry = {
    name: "PNG",
    hint: "the charts as they are shown",
    onChoose: () => void session.attempt(async () => download(await png(overview.name), "preview.png")),
  };
  const files = EXPORTS.map(({ format, name, hint, file }) => ({
    name,
    hint,
    onChoose: () => void session.attempt(async () => download(await session.exported(preview, format), file)),
  }));
  return [...files, picture];
}

/** The setup beside what comes of it; on a narrow screen one of the two at a time. */
function Parts({ session }: { session: Session }): JSX.Element {
  if (!useNarrow()) {
    return (
      <main class="columns">
        <Side session={session} />
        <Result session={session} />
      </main>
    );
  }
  return (
    <main class="parts">
      <Tabs
        label="Parts of the page"
        open={session.part.value}
        onOpen={(key) => (session.part.value = key)}
        tabs={[
          { key: "result", name: "Result", content: () => <Result session={session} /> },
          { key: "setup", name: "Setup", content: () => <Side session={session} /> },
        ]}
      />
    </main>
  );
}

function Result({ session }: { session: Session }): JSX.Element {
  const { runner } = session;
  const standing = runner.standing.value;
  const shown = runner.shown.value;
  const refusal = runner.refusal.value;
  return (
    <section class="result" id="result" tabIndex={-1} aria-label="Preview" aria-busy={standing.state === "working"}>
      <StandingLine standing={standing} earlier={shown !== null} onStop={() => runner.stop()} onAgain={() => void runner.run(setup.value, null)} />
      {refusal && <Remarks kind="problem" {...refusal} />}
      {shown && <Remarks kind="warning" problems={shown.overview.warnings} />}
      {shown && (
        <Tabs
          label="What is shown"
          open={session.tab.value}
          onOpen={(key) => (session.tab.value = key)}
          tabs={[
            { key: "preview", name: "Preview", content: () => <Look source={runner.source} preview={shown.preview} overview={shown.overview} view={session} /> },
            { key: "whatIf", name: "What if", content: () => <Tried session={session} /> },
          ]}
        />
      )}
    </section>
  );
}

function Tried({ session }: { session: Session }): JSX.Element | null {
  const { runner, whatIfRunner } = session;
  const a = runner.shown.value;
  const standing = whatIfRunner.standing.value;
  const refusal = whatIfRunner.refusal.value;
  // What was tried before says nothing of what is refused.
  const b = refusal ? null : whatIfRunner.shown.value;
  if (!a) return null;
  return (
    <WhatIfPanel
      whatIf={session.whatIf.value}
      onChange={(whatIf) => (session.whatIf.value = whatIf)}
      campaign={setup.value.campaign}
      own={a.overview.own}
      a={a.overview}
      b={b?.overview ?? null}
    >
      <StandingLine standing={standing} earlier={b !== null} onStop={() => whatIfRunner.stop()} onAgain={() => session.tryIt(0)} />
      {refusal && <Remarks kind="problem" {...refusal} />}
      {b && (
        <Compared
          a={{ source: runner.source, preview: a.preview, overview: a.overview, name: "As it is" }}
          b={{ source: whatIfRunner.source, preview: b.preview, overview: b.overview, name: "What if" }}
          span={[Math.min(a.overview.fromMs, b.overview.fromMs), Math.max(a.overview.toMs, b.overview.toMs)]}
          zone={zoneOf(a.overview, session.zone.value)}
        />
      )}
    </WhatIfPanel>
  );
}

