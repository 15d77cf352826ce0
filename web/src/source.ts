import type { Asked, ExportFormat, MomentTold, NumberTold, Preview, Rows, RowsAsked, Series, SeriesAsked } from "./contract";

/** Where the page's answers come from: a server that runs the engine, or what lies in a mailed file. */
export interface Source {
  /** Whether it can run the engine. */
  readonly live: boolean;
  /** Hand a text in; what names it from then on. `told` is given the share that has left, from 0 to 1. */
  handIn(text: string | Blob, told: (share: number) => void, signal: AbortSignal): Promise<string>;
  /** Run a preview to its end. `told` hears how far it is; who aborts has it stopped. */
  preview(asked: Asked, told: (preview: Preview) => void, signal: AbortSignal): Promise<Preview>;
  series(preview: string, asked: SeriesAsked, signal: AbortSignal): Promise<Series>;
  rows(preview: string, asked: RowsAsked, signal: AbortSignal): Promise<Rows>;
  number(preview: string, job: number, signal: AbortSignal): Promise<NumberTold>;
  moment(preview: string, job: number, atMs: number, signal: AbortSignal): Promise<MomentTold>;
  /** A preview as a file, but for a picture, which the page draws. */
  exported(preview: string, format: ExportFormat, signal: AbortSignal): Promise<Blob>;
}
