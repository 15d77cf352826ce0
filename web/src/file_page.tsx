import type { JSX } from "preact";
import { Bar } from "./app";
import type { FileSource } from "./file_source";
import { png } from "./timeline/png";
import { download } from "./shell/download";
import { Look, type Looking } from "./shell/Look";
import { Remarks } from "./shell/Remarks";

/** The page that a mailed file is: one preview, to be looked at. */
export function FilePage({ source, looking }: { source: FileSource; looking: Looking }): JSX.Element {
  const { overview, made } = source.data;
  return (
    <>
      <Bar title={overview.name || "Preview of a campaign"}>
        <button type="button" onClick={() => void png(overview.name).then((picture) => download(picture, "preview.png"))}>Save a PNG</button>
      </Bar>
      <main class="alone">
        <Remarks kind="warning" problems={overview.warnings} />
        <Look source={source} preview="" overview={overview} view={looking} />
        <section class="made" aria-labelledby="made-title">
          <h2 id="made-title">What was run</h2>
          <dl>
            {made.map(({ name, value }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </section>
      </main>
    </>
  );
}
