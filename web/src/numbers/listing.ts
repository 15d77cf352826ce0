import type { RowsAsked } from "../contract";

/** Which numbers are listed, in which order, and on whose clock their dials are told. */
export interface Listing extends Pick<RowsAsked, "show" | "zone" | "priority" | "phone" | "order" | "descending"> {
  /** Whether each number's dials are told on its own clock, not on the one that is chosen for all. */
  ownClocks: boolean;
}

export const ALL: Listing = { show: "all", zone: null, priority: null, phone: "", order: "job", descending: false, ownClocks: false };

export function isFiltered({ show, zone, priority, phone }: Listing): boolean {
  return show !== ALL.show || zone !== null || priority !== null || phone !== "";
}

/** The same order, and the same clocks, of all numbers. */
export function unfiltered({ order, descending, ownClocks }: Listing): Listing {
  return { ...ALL, order, descending, ownClocks };
}
