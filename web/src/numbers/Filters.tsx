import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { Overview, Show } from "../contract";
import { plural } from "../format";
import type { Listing } from "./listing";

const SHOWS: [Show, string][] = [
  ["all", "all numbers"],
  ["neverCallable", "never callable"],
  ["notDialled", "not dialled"],
  ["notReached", "dialled, not reached"],
  ["reached", "reached"],
  ["unfinished", "unfinished"],
];

interface Props {
  overview: Overview;
  listing: Listing;
  onListing(listing: Listing): void;
  /** The clock that is chosen for all. */
  zone: string;
}

/** Which of the numbers are listed, and on whose clocks. */
export function Filters({ overview, listing, onListing, zone }: Props) {
  const phoneId = useId();
  const set = (change: Partial<Listing>): void => onListing({ ...listing, ...change });
  return (
    <div class="numbers-filters" role="group" aria-label="Which numbers are listed">
      <Choice name="Show" value={listing.show} onValue={(value) => set({ show: value as Show })}>
        {SHOWS.map(([show, words]) => <option key={show} value={show}>{words}</option>)}
      </Choice>
      <Choice name="Zone" value={listing.zone ?? ""} onValue={(value) => set({ zone: value || null })}>
        <option value="">every zone</option>
        {listing.zone !== null && !overview.zones.some(({ name, numbers }) => name === listing.zone && numbers > 0) && <option value={listing.zone}>{`${listing.zone} (no number)`}</option>}
        {overview.zones.filter(({ numbers }) => numbers > 0).map(({ name, numbers }) => <option key={name} value={name}>{`${name} (${plural(numbers, "number")})`}</option>)}
      </Choice>
      <Choice name="Priority" value={listing.priority === null ? "" : String(listing.priority)} onValue={(value) => set({ priority: value === "" ? null : Number(value) })}>
        <option value="">every priority</option>
        {listing.priority !== null && !overview.priorities.some(({ priority }) => priority === listing.priority) && <option value={listing.priority}>{`${listing.priority} (no number)`}</option>}
        {overview.priorities.map(({ priority, numbers }) => <option key={priority} value={priority}>{`${priority} (${plural(numbers, "number")})`}</option>)}
      </Choice>
      <div>
        <label for={phoneId}>Digits of the phone</label>
        <input id={phoneId} type="search" inputMode="numeric" autocomplete="off" value={listing.phone} onInput={(event) => set({ phone: event.currentTarget.value.replace(/\D/g, "") })} />
      </div>
      <Choice name="Times" value={listing.ownClocks ? "own" : "chosen"} onValue={(value) => set({ ownClocks: value === "own" })}>
        <option value="chosen">{`in ${zone}`}</option>
        <option value="own">in each number’s own zone</option>
      </Choice>
    </div>
  );
}

function Choice({ name, value, onValue, children }: { name: string; value: string; onValue: (value: string) => void; children: ComponentChildren }) {
  const id = useId();
  return (
    <div>
      <label for={id}>{name}</label>
      <select id={id} value={value} onChange={(event) => onValue(event.currentTarget.value)}>{children}</select>
    </div>
  );
}
