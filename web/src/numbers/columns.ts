import type { Clock, Order, Row } from "../contract";
import { count, shortInstant } from "../format";
import { reasonWords, stateWords } from "./words";

export interface Column {
  key: string;
  name: string;
  /** By what the rows are put in order, if they can be. */
  order: Order | null;
  /** How wide the table is at least for the column to be there. */
  from: number;
  /** Its share of the width. */
  wide: string;
  text(row: Row, clockOf: (zone: string) => Clock): string;
}

/** Below this width a row has two lines. */
export const NARROW_PX = 560;

const COLUMNS: Column[] = [
  { key: "phone", name: "Phone", order: "phone", from: 0, wide: "minmax(7rem, 1fr)", text: (row) => row.phone },
  { key: "zone", name: "Zone", order: "zone", from: 710, wide: "minmax(8rem, 1.2fr)", text: (row) => row.zone },
  { key: "priority", name: "Priority", order: "priority", from: 960, wide: "4.2rem", text: (row) => count(row.priority) },
  { key: "state", name: "State", order: null, from: 0, wide: "minmax(10.5rem, 1.2fr)", text: (row) => stateWords(row.state) },
  { key: "dials", name: "Dials", order: "dials", from: 0, wide: "3.4rem", text: (row) => count(row.dials) },
  { key: "firstDial", name: "First dial", order: "firstDial", from: 875, wide: "9.3rem", text: (row, clockOf) => dialTime(row, row.firstDialMs, clockOf) },
  { key: "lastDial", name: "Last dial", order: "lastDial", from: 0, wide: "9.3rem", text: (row, clockOf) => dialTime(row, row.lastDialMs, clockOf) },
  { key: "why", name: "Why it ended", order: null, from: 1_150, wide: "minmax(11rem, 1.6fr)", text: (row) => reasonWords(row.reason) },
];
const IN_TWO_LINES = ["phone", "lastDial", "state", "dials"];

/** The columns for a width; in two lines, in the order of reading, if it is narrow. */
export function columnsFor(width: number): Column[] {
  if (width < NARROW_PX) return IN_TWO_LINES.map((key) => COLUMNS.find((column) => column.key === key)!);
  return COLUMNS.filter((column) => width >= column.from);
}

function dialTime(row: Row, atMs: number | null, clockOf: (zone: string) => Clock): string {
  return atMs === null ? "" : shortInstant(clockOf(row.zone), atMs);
}
