import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Order } from "../contract";
import type { Source } from "../source";
import type { Listing } from "./listing";
import { RowPages } from "./pages";

export interface Sorting {
  order: Order;
  descending: boolean;
}

const TYPED_MS = 200;

interface Listed {
  /** The list that is wanted; while nothing of it has come, the one before. */
  shown: RowPages;
  waiting: boolean;
  /** Another whenever more of the list has come. */
  version: number;
}

export function useRows(source: Source, preview: string, listing: Listing): Listed {
  const [version, setVersion] = useState(0);
  const phone = useSettled(listing.phone);
  const { show, zone, priority, order, descending } = listing;
  const wanted = useMemo(() => {
    const ask = (from: number, count: number, signal: AbortSignal) =>
      source.rows(preview, { from, count, show, zone, priority, phone, order, descending }, signal);
    return new RowPages(ask, () => setVersion((before) => before + 1));
  }, [source, preview, show, zone, priority, phone, order, descending]);
  const latest = useRef(wanted);
  if (wanted.total !== null || wanted.trouble) latest.current = wanted;
  useEffect(() => {
    wanted.see(0, 0);
    return () => wanted.close();
  }, [wanted]);
  return { shown: latest.current, waiting: latest.current !== wanted, version };
}

/** What was typed, once nothing more is typed. */
function useSettled(typed: string): string {
  const [settled, setSettled] = useState(typed);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(typed), TYPED_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return settled;
}
