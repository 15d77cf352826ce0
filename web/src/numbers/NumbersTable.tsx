import { useId } from "preact/hooks";
import type { Clock, Overview } from "../contract";
import { count, plural } from "../format";
import type { Source } from "../source";
import { useWidth } from "../timeline/useWidth";
import { Filters } from "./Filters";
import { isFiltered, type Listing, unfiltered } from "./listing";
import { NumbersGrid } from "./NumbersGrid";
import "./numbers.css";
import { useRows } from "./useRows";

interface Props {
  source: Source;
  preview: string;
  overview: Overview;
  /** The clock on which the dials of a number in a zone are shown. */
  clockOf(zone: string): Clock;
  /** The zone whose clock is chosen for all numbers. */
  zone: string;
  listing: Listing;
  onListing(listing: Listing): void;
  /** The job of the number that is chosen. */
  chosen: number | null;
  onChoose(job: number): void;
}

/** All numbers, however many, of which those in view are fetched. */
export function NumbersTable({ source, preview, overview, clockOf, zone, listing, onListing, chosen, onChoose }: Props) {
  const id = useId();
  const [element, width] = useWidth<HTMLElement>();
  const { shown, waiting, version } = useRows(source, preview, listing);
  return (
    <section class="numbers" ref={element} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>Numbers</h2>
      <Filters overview={overview} listing={listing} onListing={onListing} zone={zone} />
      <Status total={shown.total} all={overview.summary.numbers} failed={shown.trouble !== ""} filtered={isFiltered(listing)} onAll={() => onListing(unfiltered(listing))} />
      {shown.trouble && (
        <p class="numbers-trouble" role="alert">
          The numbers did not come: {shown.trouble} <button type="button" onClick={() => shown.again()}>Try again</button>
        </p>
      )}
      <NumbersGrid
        id={id}
        helpId={`${id}-help`}
        width={width}
        rows={shown}
        version={version}
        waiting={waiting}
        sorting={listing}
        onSorting={(sorting) => onListing({ ...listing, ...sorting })}
        clockOf={clockOf}
        chosen={chosen}
        onChoose={onChoose}
      />
      <p class="numbers-help" id={`${id}-help`}>
        ↑ ↓, Page up and Page down, Home and End move; Enter or a click explains a number. A name at the top of a column sorts by it.
      </p>
    </section>
  );
}

interface StatusProps {
  total: number | null;
  all: number;
  failed: boolean;
  filtered: boolean;
  onAll(): void;
}

/** How many numbers are listed. The button stays, so that who pressed it does not lose the focus. */
function Status({ total, all, failed, filtered, onAll }: StatusProps) {
  return (
    <div class="numbers-status">
      <p role="status">{failed ? "" : statusWords(total, all)}</p>
      <button type="button" aria-disabled={!filtered} onClick={onAll}>All numbers</button>
    </div>
  );
}

function statusWords(total: number | null, all: number): string {
  if (total === null) return "Looking for the numbers…";
  if (total === all) return `${plural(all, "number")}, all that there are.`;
  return total > 0 ? `${count(total)} of ${plural(all, "number")}.` : "No number is like that. Take some of the filters away.";
}
