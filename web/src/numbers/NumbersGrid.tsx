import { useEffect, useState } from "preact/hooks";
import type { Clock } from "../contract";
import { Head, RowLine } from "./RowLine";
import { NARROW_PX, columnsFor } from "./columns";
import type { RowPages } from "./pages";
import { useScrolling } from "./scrolling";
import type { Sorting } from "./useRows";

interface Props {
  id: string;
  /** What describes it. */
  helpId: string;
  width: number;
  rows: RowPages;
  /** Another whenever more of the rows has come. */
  version: number;
  /** Whether other rows are on their way. */
  waiting: boolean;
  sorting: Sorting;
  onSorting(sorting: Sorting): void;
  clockOf(zone: string): Clock;
  chosen: number | null;
  onChoose(job: number): void;
}

const HEIGHT = { wide: { row: 32, head: 34 }, narrow: { row: 52, head: 60 } };

/** Rows that scroll, of which only those in view are there. The focus stays on the whole, so that none is lost with a row. */
export function NumbersGrid(props: Props) {
  const { id, rows, waiting, clockOf, chosen, onChoose } = props;
  const [cursor, setCursor] = useState(0);
  const narrow = props.width > 0 && props.width < NARROW_PX;
  const { row: rowHeight, head: headHeight } = HEIGHT[narrow ? "narrow" : "wide"];
  const columns = columnsFor(props.width || NARROW_PX);
  const total = rows.total ?? 0;
  const scrolling = useScrolling(total, rowHeight, headHeight);
  const perPage = Math.max(Math.floor(scrolling.bodyHeight / rowHeight), 1);
  const first = Math.floor(scrolling.top / rowHeight);
  const last = Math.min(first + perPage + 1, total - 1);
  const places = Array.from({ length: Math.max(last - first + 1, 0) }, (_, index) => first + index);

  useEffect(() => {
    setCursor(0);
    scrolling.rewind();
  }, [rows]);
  useEffect(() => {
    if (!waiting && total > 0) rows.see(first, last);
  }, [rows, waiting, first, last]);

  const choose = (place: number): void => {
    const row = rows.row(place);
    setCursor(place);
    if (row) onChoose(row.job);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.altKey || event.metaKey || total === 0) return;
    const next = rowByKey(event.key, cursor, perPage, total);
    if (next === null) return;
    event.preventDefault();
    setCursor(next);
    scrolling.reveal(next);
    if (event.key === "Enter" || event.key === " ") choose(next);
  };
  return (
    <div
      ref={scrolling.element}
      class={`numbers-grid${narrow ? " in-two-lines" : ""}`}
      role="grid"
      aria-label="Numbers"
      aria-describedby={props.helpId}
      aria-rowcount={total + 1}
      aria-busy={waiting}
      aria-activedescendant={places.includes(cursor) ? `${id}-${cursor}` : undefined}
      tabIndex={0}
      style={{
        height: heightOf(total, rowHeight, headHeight),
        "--columns": columns.map(({ wide }) => wide).join(" "),
        "--row": `${rowHeight}px`,
        "--head": `${headHeight}px`,
      }}
      onScroll={scrolling.onScroll}
      onKeyDown={onKeyDown}
    >
      <Head columns={columns} sorting={props.sorting} onSorting={props.onSorting} />
      <div class="numbers-space" role="presentation" style={{ height: `${scrolling.spaceHeight}px` }}>
        <div class="numbers-seen" role="rowgroup" style={{ height: `${Math.min(scrolling.bodyHeight, total * rowHeight)}px` }}>
          {places.map((place) => (
            <RowLine
              key={place % (perPage + 2)}
              id={`${id}-${place}`}
              place={place}
              y={place * rowHeight - scrolling.top}
              row={rows.row(place)}
              columns={columns}
              clockOf={clockOf}
              chosen={chosen}
              active={place === cursor}
              onChoose={choose}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

/** As high as its rows, or as there is room; two rows high without any. */
function heightOf(total: number, rowHeight: number, headHeight: number): string {
  return `min(30rem, max(70vh, 14rem), ${headHeight + Math.max(total, 2) * rowHeight + 2}px)`;
}

function rowByKey(key: string, row: number, perPage: number, total: number): number | null {
  const to = (place: number): number => Math.min(Math.max(place, 0), total - 1);
  switch (key) {
    case "ArrowDown":
      return to(row + 1);
    case "ArrowUp":
      return to(row - 1);
    case "PageDown":
      return to(row + perPage);
    case "PageUp":
      return to(row - perPage);
    case "Home":
      return 0;
    case "End":
      return total - 1;
    case "Enter":
    case " ":
      return row;
    default:
      return null;
  }
}
