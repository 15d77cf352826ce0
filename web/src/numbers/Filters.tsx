import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { Overview, RowsAsked, Show } from "../contract";
import { plural } from "../format";

export type Filter = Pick<RowsAsked, "show" | "zone" | "priority" | "phone">;

export const ALL: Filter = { show: "all", zone: null, priority: null, phone: "" };

export function isFiltered({ show, zone, priority, phone }: Filter): boolean {
  return show !== ALL.show || zone !== null || priority !== null || phone !== "";
}

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
  filter: Filter;
  onFilter(filter: Filter): void;
}

/** Which of the numbers are listed. */
export function Filters({ overview, filter, onFilter }: Props) {
  const phoneId = useId();
  const set = (change: Partial<Filter>): void => onFilter({ ...filter, ...change });
  return (
    <div class="numbers-filters" role="group" aria-label="Which numbers are listed">
      <Choice name="Show" value={filter.show} onValue={(value) => set({ show: value as Show })}>
        {SHOWS.map(([show, words]) => <option key={show} value={show}>{words}</option>)}
      </Choice>
      <Choice name="Zone" value={filter.zone ?? ""} onValue={(value) => set({ zone: value || null })}>
        <option value="">every zone</option>
        {overview.zones.filter(({ numbers }) => numbers > 0).map(({ name, numbers }) => <option key={name} value={name}>{`${name} (${plural(numbers, "number")})`}</option>)}
      </Choice>
      <Choice name="Priority" value={filter.priority === null ? "" : String(filter.priority)} onValue={(value) => set({ priority: value === "" ? null : Number(value) })}>
        <option value="">every priority</option>
        {overview.priorities.map(({ priority, numbers }) => <option key={priority} value={priority}>{`${priority} (${plural(numbers, "number")})`}</option>)}
      </Choice>
      <div>
        <label for={phoneId}>Digits of the phone</label>
        <input id={phoneId} type="search" inputMode="numeric" autocomplete="off" value={filter.phone} onInput={(event) => set({ phone: event.currentTarget.value.replace(/\D/g, "") })} />
      </div>
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
