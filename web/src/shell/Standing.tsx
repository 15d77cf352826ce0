import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
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
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The button that stopped it went with the run.
    if (standing.state === "stopped" && document.activeElement === document.body) line.current?.querySelector("button")?.focus();
  }, [standing.state]);
  return (
    <div ref={line} class={`standing standing-${standing.state}`}>
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
