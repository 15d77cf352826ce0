import type { JSX } from "preact";
import { sentence } from "../format";
import type { Standing } from "../runner";

interface Props {
  standing: Standing;
  /** Whether an earlier preview is shown meanwhile. */
  earlier: boolean;
  onStop: () => void;
  onAgain: () => void;
}

/** How the latest run stands, for the eye and for a screen reader. */
export function StandingLine({ standing, earlier, onStop, onAgain }: Props): JSX.Element {
  return (
    <div class={`standing standing-${standing.state}`}>
      <p role="status">{wordsOf(standing)}{earlier && standing.state !== "idle" && " What is shown is from before."}</p>
      {standing.state === "working" && (
        <>
          <progress aria-label="Progress" {...(standing.share === null ? {} : { value: standing.share, max: 1 })} />
          <button type="button" onClick={onStop}>Stop</button>
        </>
      )}
      {(standing.state === "failed" || standing.state === "stopped") && (
        <button type="button" onClick={onAgain}>Run it again</button>
      )}
    </div>
  );
}

function wordsOf(standing: Standing): string {
  switch (standing.state) {
    case "idle":
      return "";
    case "working":
      return `${sentence(standing.doing)} …`;
    case "refused":
      return "There is something to mend before it can be previewed.";
    case "failed":
      return standing.message;
    case "stopped":
      return "Stopped.";
  }
}
