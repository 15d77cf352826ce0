/** Instants as policies write them (RFC 3339), taken apart for a date and time field and put together again. */

export interface Written {
  /** `2026-03-02T09:00:00`, as a date and time field has it. */
  local: string;
  /** `Z` or `+03:00`; empty where none is written, which is read as UTC. */
  offset: string;
}

const INSTANT =
  /^(\d{4}-\d{2}-\d{2})[T ]((?:[01]\d|2[0-3]):[0-5]\d)(?::([0-5]\d)(?:\.\d+)?)?(Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?$/;

/** Null for what is no date and time. */
export function takenApart(text: unknown): Written | null {
  const [, date, time, second, offset] = (typeof text === "string" && INSTANT.exec(text)) || [];
  if (!date || !time) return null;
  const written = { local: `${date}T${time}:${second ?? "00"}`, offset: withColon(offset ?? "") };
  return isDate(date) ? written : null;
}

/** Whether there is such a day: not the 30th of February, which `Date` takes for one of March. */
function isDate(date: string): boolean {
  const ms = Date.parse(`${date}T00:00:00Z`);
  return date >= "0001" && !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date);
}

export function putTogether({ local, offset }: Written): string {
  const whole = local.length === 16 ? `${local}:00` : local.replace(/\.\d+$/, "");
  return whole + offset;
}

export function millisecondsOf({ local, offset }: Written): number {
  return Date.parse(local + (offset || "Z"));
}

function withColon(offset: string): string {
  return /^[+-]\d{4}$/.test(offset) ? `${offset.slice(0, 3)}:${offset.slice(3)}` : offset;
}

/** The offset that a zone has when its clock shows a date and time; null for a zone that is not known here. */
export function offsetOfZone(zone: string, local: string): string | null {
  const fixed = /^(?:UTC|GMT|UT)?([+-]\d{2}):?(\d{2})?$/.exec(zone);
  if (fixed) return `${fixed[1]}:${fixed[2] ?? "00"}`;
  if (/^(Z|UTC|GMT|UT)$/.test(zone)) return "Z";
  try {
    const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
    const offsetAt = (ms: number): string => {
      const name = format.formatToParts(ms).find(({ type }) => type === "timeZoneName")!.value;
      return name.slice(3, 9) || "+00:00"; // to the minute: clocks of long ago had seconds as well
    };
    // The offset of the instant that the clock would show in UTC, then that of the instant that this gives.
    return offsetAt(Date.parse(local + offsetAt(Date.parse(`${local}Z`))));
  } catch {
    return null;
  }
}
