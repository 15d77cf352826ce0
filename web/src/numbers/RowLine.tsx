import { memo } from "preact/compat";
import type { Clock, Row } from "../contract";
import type { Column } from "./columns";
import type { Sorting } from "./useRows";

interface HeadProps {
  columns: Column[];
  sorting: Sorting;
  onSorting(sorting: Sorting): void;
}

const SORTED = { true: "descending", false: "ascending" } as const;

/** The names of the columns. A press sorts upwards, then downwards, then as the request has it. */
export function Head({ columns, sorting, onSorting }: HeadProps) {
  const next = (order: Sorting["order"]): Sorting => {
    if (sorting.order !== order) return { order, descending: false };
    return sorting.descending ? { order: "job", descending: false } : { order, descending: true };
  };
  return (
    <div class="numbers-head" role="rowgroup">
      <div class="numbers-row" role="row" aria-rowindex={1}>
        {columns.map(({ key, name, order }) => {
          const sorted = order !== null && sorting.order === order;
          return (
            <div key={key} class={`numbers-cell of-${key}`} role="columnheader" aria-sort={sorted ? SORTED[`${sorting.descending}`] : "none"}>
              {order === null ? name : (
                <button type="button" onClick={() => onSorting(next(order))}>
                  {name}
                  <span aria-hidden="true">{sorted ? (sorting.descending ? " ↓" : " ↑") : ""}</span>
                </button>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface Props {
  id: string;
  place: number;
  y: number;
  /** undefined while it is on its way. */
  row: Row | undefined;
  columns: Column[];
  clockOf(zone: string): Clock;
  chosen: number | null;
  active: boolean;
  onChoose(place: number): void;
}

export function RowLine({ id, place, y, row, columns, clockOf, chosen, active, onChoose }: Props) {
  const isChosen = row !== undefined && row.job === chosen;
  return (
    <div
      id={id}
      class={`numbers-row${isChosen ? " chosen" : ""}${active ? " active" : ""}${row ? "" : " waiting"}`}
      role="row"
      aria-rowindex={place + 2}
      aria-selected={isChosen}
      style={{ transform: `translateY(${y}px)` }}
      onClick={() => onChoose(place)}
    >
      <Cells row={row} columns={columns} clockOf={clockOf} />
    </div>
  );
}

const Cells = memo(function Cells({ row, columns, clockOf }: Pick<Props, "row" | "columns" | "clockOf">) {
  return (
    <>
      {columns.map(({ key, text }) => (
        <div key={key} class={`numbers-cell of-${key}`} role="gridcell">{row ? text(row, clockOf) : "…"}</div>
      ))}
    </>
  );
});
