/** What is tried beside a setup. */

import type { Override } from "./contract";
import { withValue } from "./input/json";
import type { Setup } from "./setup";

export type Lines = number | "unlimited";

/** Lines of the campaign, and what holds for every number, whatever the request says. */
export interface WhatIf {
  lines: Lines | null;
  override: Override;
}

export const NOTHING_ELSE: WhatIf = { lines: null, override: {} };

export function triesSomething({ lines, override }: WhatIf): boolean {
  return lines !== null || Object.keys(override).length > 0;
}

/** The setup with other lines, as far as they are tried; days, intervals and attempts are tried by an override. */
export function setupOf(setup: Setup, { lines }: WhatIf): Setup {
  if (lines === null) return setup;
  return { ...setup, campaign: withValue(setup.campaign, ["maxSimultaneousCalls"], lines === "unlimited" ? undefined : lines) };
}
