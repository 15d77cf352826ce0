import type { Asked, MomentTold, NumberTold, Preview, Rows, RowsAsked, Series, SeriesAsked } from "./contract";

/** Where the page's answers about a preview come from: a server, or what lies in a mailed file. */
export interface Source {
  series(preview: string, asked: SeriesAsked, signal: AbortSignal): Promise<Series>;
  rows(preview: string, asked: RowsAsked, signal: AbortSignal): Promise<Rows>;
  number(preview: string, job: number, signal: AbortSignal): Promise<NumberTold>;
  moment(preview: string, job: number, atMs: number, signal: AbortSignal): Promise<MomentTold>;
}

/** Who makes previews. */
export interface Engine extends Source {
  /** Hand a text in; what names it from then on. `told` is given the share that has left, from 0 to 1. */
  handIn(text: string | Blob, told: (share: number) => void, signal: AbortSignal): Promise<string>;
  /** Run a preview to its end. `told` hears how far it is; who aborts has it stopped. */
  preview(asked: Asked, told: (preview: Preview) => void, signal: AbortSignal): Promise<Preview>;
  /** A preview is looked at no longer. */
  forget(preview: string): void;
}
