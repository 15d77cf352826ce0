import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Bar } from "./app";
import type { FileSource } from "./file_source";
import { download } from "./shell/download";
import { Look, type Looking } from "./shell/Look";
import { Remarks } from "./shell/Remarks";
import { png } from "./timeline/png";
import { messageOf } from "./trouble";

/** The page that a mailed file is: one preview, to be looked at. */
export function FilePage({ source, looking }: { source: FileSource; looking: Looking }): JSX.Element {
  const { overview, made } = source.data;
  const [trouble, setTrouble] = useState("");
  const savePicture = (): void => {
    setTrouble("");
    png(overview.name).then((picture) => download(picture, "preview.png")).catch((error: unknown) => setTrouble(messageOf(error)));
  };
  return (
    <>
      <Bar title={overview.name || "Preview of a campaign"}>
        <button type="button" onClick={savePicture}>Save a PNG</button>
      </Bar>
      {trouble && <p class="notice notice-wrong" role="alert">{trouble}</p>}
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
