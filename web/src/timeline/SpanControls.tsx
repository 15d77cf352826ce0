import { useId } from "preact/hooks";
import type { Clock, ZoneTold } from "../contract";
import { length, plural } from "../format";
import { spanWords } from "./figures";
import { SHORTEST_MS, type Span, inMinutes, lengthOf, minutesAround, moved, same, scaled } from "./spans";

interface Props {
  span: Span;
  whole: Span;
  onSpan(span: Span): void;
  clock: Clock;
  /** What is zoomed around while it is in view; the middle otherwise. */
  aroundMs?: number | null;
}

/** Buttons that zoom and move, and the span that is seen, in words. */
export function SpanControls({ span, whole, onSpan, clock, aroundMs = null }: Props) {
  const keptMs = aroundMs !== null && aroundMs >= span[0] && aroundMs < span[1] ? aroundMs : (span[0] + span[1]) / 2;
  const buttons: [words: string, next: Span][] = [
    ["Zoom in", inMinutes(scaled(span, 0.5, keptMs, whole), whole)],
    ["Zoom out", inMinutes(scaled(span, 2, keptMs, whole), whole)],
    ["Earlier", moved(span, -lengthOf(span) / 2, whole)],
    ["Later", moved(span, lengthOf(span) / 2, whole)],
    ["Whole", whole],
  ];
  const atShortest = lengthOf(span) <= SHORTEST_MS;
  return (
    <div class="span-controls">
      <div class="span-buttons" role="group" aria-label="What span is shown">
        {buttons.map(([words, next]) => {
          const idle = same(next, span) || (words === "Zoom in" && atShortest);
          return (
            <button key={words} type="button" aria-disabled={idle} onClick={() => !idle && onSpan(next)}>
              {words}
            </button>
          );
        })}
      </div>
      <span class="span-words">{spanWords(clock, minutesAround(span))} ({length(lengthOf(span))})</span>
    </div>
  );
}

interface ChooserProps {
  /** The campaign's zone first. */
  zones: ZoneTold[];
  zone: string;
  onZone(name: string): void;
  /** The zone of the one number that is shown. */
  own?: string;
}

/** On which zone's clock instants are shown. */
export function ClockChooser({ zones, zone, onZone, own }: ChooserProps) {
  const id = useId();
  const names = [...new Set([...(own ? [own] : []), ...zones.map(({ name }) => name), "UTC"])];
  const words = (name: string): string => {
    if (name === own) return `${name} (the customer's)`;
    if (name === zones[0]?.name) return `${name} (the campaign's)`;
    const told = zones.find((each) => each.name === name);
    return told ? `${name} (${plural(told.numbers, "number")})` : name;
  };
  return (
    <div class="chart-clock">
      <label for={id}>Clock</label>
      <select id={id} value={zone} onChange={(event) => onZone(event.currentTarget.value)}>
        {names.map((name) => (
          <option key={name} value={name}>{words(name)}</option>
        ))}
      </select>
    </div>
  );
}
