import { useState } from "preact/hooks";

/** The instant that is pointed at, and whether it was led there by keys; then it is also said to who does not see it. */
export interface Cursor {
  atMs: number | null;
  byKey: boolean;
  point(atMs: number | null): void;
  step(atMs: number): void;
}

export function useCursor(): Cursor {
  const [{ atMs, byKey }, set] = useState<{ atMs: number | null; byKey: boolean }>({ atMs: null, byKey: false });
  return {
    atMs,
    byKey,
    point: (next) => set({ atMs: next, byKey: false }),
    step: (next) => set({ atMs: next, byKey: true }),
  };
}
