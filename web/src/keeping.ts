/** What is set up outlives a reload of its tab, in the tab's own storage: no other tab sees it, and it goes with the tab. */

import { isObject } from "./input/json";
import { EMPTY, type Setup } from "./setup";
import { setupFrom } from "./share";

const KEY = "setup";

/** Keep a setup. A file that is too long to be edited is not kept, nor is what the browser has no room for. */
export function keep(setup: Setup): void {
  try {
    if (setup === EMPTY || setup.numbers.kind === "file") sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, JSON.stringify(setup));
  } catch {
    // Storage that is full, or forbidden: a reload then begins anew.
  }
}

/** The setup that was kept, if there is one. */
export function kept(): Setup | null {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    return isObject(found) ? setupFrom(found) : null;
  } catch {
    return null;
  }
}
