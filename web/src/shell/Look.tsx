import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Signal } from "@preact/signals";
import { breakable } from "../breakable";
import type { Clock, MomentTold, NumberTold, Overview } from "../contract";
import { Explanation } from "../numbers/Explanation";
import { ALL, type Listing } from "../numbers/listing";
import { NumbersTable } from "../numbers/NumbersTable";
import type { Chosen } from "../share";
import type { Source } from "../source";
import { clockNamed } from "../timeline/axis";
import { type Span, same } from "../timeline/spans";
import { NumberLane } from "../timeline/NumberLane";
import { Timeline } from "../timeline/Timeline";
import { Forgotten, messageOf, Trouble } from "../trouble";
import { Figures } from "./Figures";

/** Numbers in whose phones the digits of another occur are few. */
const LOOKED_THROUGH = 100;

/** What is looked at, which a link keeps. */
export interface Looking {
  zone: Signal<string | null>;
  zoom: Signal<Span | null>;
  chosen: Signal<Chosen | null>;
  listing: Signal<Listing>;
}

interface Props {
  source: Source;
  preview: string;
  overview: Overview;
  view: Looking;
}

/** One preview: its figures, its timeline, its numbers, and one of them explained. */
export function Look({ source, preview, overview, view }: Props): JSX.Element {
  const zone = zoneOf(overview, view.zone.value);
  const clockOf = (name: string): Clock => clockNamed(overview.zones, name);
  const clock = clockOf(zone);
  const whole: Span = [overview.fromMs, overview.toMs];
  const span = view.zoom.value ?? whole;
  const onSpan = (next: Span): void => {
    view.zoom.value = same(next, whole) ? null : next;
  };
  const chosen = view.chosen.value;
  const look = useRef<HTMLDivElement>(null);
  const close = (): void => {
    view.chosen.value = null;
    // The button that was pressed goes with what it closes.
    look.current?.querySelector<HTMLElement>("[role=grid]")?.focus();
  };
  return (
    <div class="look" ref={look}>
      <Figures overview={overview} clock={clock} zone={zone} />
      <Timeline source={source} preview={preview} overview={overview} span={span} onSpan={onSpan} zone={zone} onZone={(name) => (view.zone.value = name)} chosen={chosen?.atMs ?? null} />
      <NumbersTable
        source={source}
        preview={preview}
        overview={overview}
        clockOf={view.listing.value.ownClocks ? clockOf : () => clock}
        zone={zone}
        listing={view.listing.value}
        onListing={(listing) => (view.listing.value = listing)}
        chosen={chosen?.job ?? null}
        onChoose={(job) => (view.chosen.value = { job, phone: null, atMs: null })}
      />
      {chosen && (
        <Number
          key={chosen.job}
          source={source}
          preview={preview}
          chosen={chosen}
          onChosen={(next) => (view.chosen.value = next)}
          span={span}
          whole={whole}
          onSpan={onSpan}
          onClose={close}
        />
      )}
      <p class="unseen" role="status">{chosen?.phone && `${chosen.phone} is explained below the table.`}</p>
    </div>
  );
}

/** The zone on whose clock time is shown: the one that is wanted, if there is such a one, or the campaign's. */
export function zoneOf(overview: Overview, wanted: string | null): string {
  const known = wanted === "UTC" || overview.zones.some((zone) => zone.name === wanted);
  return known && wanted !== null ? wanted : (overview.zones[0]?.name ?? "UTC");
}

interface NumberProps {
  source: Source;
  preview: string;
  chosen: Chosen;
  onChosen: (chosen: Chosen) => void;
  span: Span;
  whole: Span;
  onSpan: (span: Span) => void;
  onClose: () => void;
}

type Told<T> = { value: T | null; trouble: string | null };
const NOT_TOLD = { value: null, trouble: null };

/** What a source tells of something, anew whenever one of `keys` changes; the last answer stays until the next. */
function useTold<T>(ask: ((signal: AbortSignal) => Promise<T>) | null, keys: unknown[]): Told<T> {
  const [told, setTold] = useState<Told<T>>(NOT_TOLD);
  useEffect(() => {
    if (!ask) {
      setTold(NOT_TOLD);
      return undefined;
    }
    const asking = new AbortController();
    ask(asking.signal).then(
      (value) => !asking.signal.aborted && setTold({ value, trouble: null }),
      (error: unknown) => !asking.signal.aborted && setTold({ value: null, trouble: messageOf(error) }),
    );
    return () => asking.abort();
  }, keys);
  return told;
}

/** The number that was chosen: in a list that was changed, the one with its phone, wherever it stands now. */
async function numberOf(source: Source, preview: string, { job, phone }: Chosen, signal: AbortSignal): Promise<NumberTold> {
  const there = await source.number(preview, job, signal).catch((error: unknown) => {
    if (phone === null || signal.aborted || error instanceof Forgotten) throw error;
    return null;
  });
  if (there && (phone === null || there.phone === phone)) return there;
  const { ownClocks: _, ...all } = ALL;
  const { rows } = await source.rows(preview, { ...all, phone: phone ?? "", from: 0, count: LOOKED_THROUGH }, signal);
  const same = rows.filter((row) => row.phone === phone).sort((a, b) => Math.abs(a.job - job) - Math.abs(b.job - job))[0];
  if (!same) throw new Trouble(`${phone} is no longer among the numbers.`);
  return source.number(preview, same.job, signal);
}

function Number({ source, preview, chosen, onChosen, span, whole, onSpan, onClose }: NumberProps): JSX.Element {
  const { job, atMs } = chosen;
  const told = useTold<NumberTold>((signal) => numberOf(source, preview, chosen, signal), [source, preview, job]);
  const moment = useTold<MomentTold>(
    atMs === null ? null : (signal) => source.moment(preview, job, atMs, signal),
    [source, preview, job, atMs],
  );
  const onMoment = (next: number | null): void => onChosen({ ...chosen, atMs: next });
  useEffect(() => {
    const found = told.value;
    if (found && (found.job !== job || found.phone !== chosen.phone)) onChosen({ job: found.job, phone: found.phone, atMs });
  }, [told.value]);
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    if (told.value) section.current?.scrollIntoView({ block: "nearest" });
  }, [told.value === null]);
  const number = told.value;
  const ask = (next: number | null): void => {
    onMoment(next);
    // The button that asks no more goes with the answer.
    if (next === null) section.current?.querySelector<HTMLElement>("[role=application]")?.focus();
  };
  return (
    <section class="number" aria-label={number ? `Number ${number.phone}` : "Number"} ref={section}>
      <div class="number-head">
        <h2>{number ? number.phone : "…"}</h2>
        {number && <p>{breakable(number.zone, /(?<=[/_])/)}</p>}
        <button type="button" onClick={onClose}>Close</button>
      </div>
      {told.trouble && <p class="wrong" role="alert">{told.trouble}</p>}
      {number && (
        <>
          <NumberLane told={number} span={span} whole={whole} onSpan={onSpan} moment={atMs} onMoment={onMoment} />
          <Explanation told={number} moment={moment.value} clock={number.clock} zoneName={number.zone} onMoment={ask} />
        </>
      )}
      {moment.trouble && <p class="wrong" role="alert">{moment.trouble}</p>}
    </section>
  );
}
