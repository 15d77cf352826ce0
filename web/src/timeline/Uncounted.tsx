/** What stands where figures will be, or would be had they come. */

import type { JSX } from "preact";

export function uncountedWords(trouble: string): string {
  return trouble ? "Not counted." : "Counting…";
}

export function Uncounted({ trouble }: { trouble: string }): JSX.Element {
  return <p class="charts-empty" data-counting={trouble ? undefined : true}>{uncountedWords(trouble)}</p>;
}
