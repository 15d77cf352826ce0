import { useEffect, useId, useState } from "preact/hooks";
import type { Clock, Overview } from "../contract";
import { count, plural } from "../format";
import type { Source } from "../source";
import { useWidth } from "../timeline/useWidth";
import { ALL, type Filter, Filters } from "./Filters";
import { Head, RowLine } from "./RowLine";
import { NARROW_PX, columnsFor } from "./columns";
import "./numbers.css";
import { useScrolling } from "./scrolling";
import { type Sorting, useRows } from "./useRows";

interface Props {
  source: Source;
  preview: string;
  overview: Overview;
  /** The clock on which the dials of a number in a zone are shown. */
  clockOf(zone: string): Clock;
  /** The job of the number that is chosen. */
  chosen: number | null;
  onChoose(job: number): void;
}

const HEIGHT = { wide: { row: 32, head: 34 }, narrow: { row: 52, head: 60 } };

/** All numbers, however many, of which those in view are fetched. */
export function NumbersTable({ source, preview, overview, clockOf, chosen, onChoose }: Props) {
  const id = useId();
  const [filter, setFilter] = useState<Filter>(ALL);
  const [sorting, setSorting] = useState<Sorting>({ order: "job", descending: false });
  const [cursor, setCursor] = useState(0);
  const [element, width] = useWidth<HTMLElement>();
  const { shown, wanted } = useRows(source, preview, filter, sorting);
  const narrow = width > 0 && width < NARROW_PX;
  const { row: rowHeight, head: headHeight } = HEIGHT[narrow ? "narrow" : "wide"];
  const total = shown.total ?? 0;
  const scrolling = useScrolling(total, rowHeight, headHeight);
  const columns = columnsFor(width || 1_000);
  const perPage = Math.max(Math.floor(scrolling.bodyHeight / rowHeight), 1);
  const first = Math.floor(scrolling.top / rowHeight);
  const last = Math.min(first + perPage + 1, total - 1);

  useEffect(() => {
    setCursor(0);
    scrolling.rewind();
  }, [shown]);
  useEffect(() => {
    if (shown === wanted && total > 0) shown.see(first, last);
  }, [shown, wanted, first, last]);

  const choose = (place: number): void => {
    const row = shown.row(place);
    setCursor(place);
    if (row) onChoose(row.job);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.altKey || event.metaKey || total === 0) return;
    const next = rowByKey(event.key, cursor, perPage, total);
    if (next === null) return;
    event.preventDefault();
    if (event.key === "Enter" || event.key === " ") return choose(cursor);
    setCursor(next);
    scrolling.reveal(next);
  };
  const places = Array.from({ length: Math.max(last - first + 1, 0) }, (_, index) => first + index);
  const active = cursor >= first && cursor <= last && total > 0 ? `${id}-${cursor}` : undefined;
  return (
    <section class="numbers" ref={element} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>Numbers</h2>
      <Filters overview={overview} filter={filter} onFilter={setFilter} />
      <Status total={shown.total} all={overview.summary.numbers} onAll={() => setFilter(ALL)} />
      {shown.trouble && (
        <p class="numbers-trouble" role="alert">
          The numbers did not come: {shown.trouble} <button type="button" onClick={() => shown.again()}>Try again</button>
        </p>
      )}
      <div
        ref={scrolling.element}
        class={`numbers-grid${narrow ? " in-two-lines" : ""}`}
        role="grid"
        aria-label="Numbers"
        aria-describedby={`${id}-help`}
        aria-rowcount={total + 1}
        aria-busy={shown !== wanted}
        aria-activedescendant={active}
        tabIndex={0}
        style={{ height: heightOf(total, rowHeight, headHeight), "--columns": columns.map(({ wide }) => wide).join(" "), "--row": `${rowHeight}px`, "--head": `${headHeight}px` }}
        onScroll={scrolling.onScroll}
        onKeyDown={onKeyDown}
      >
        <Head columns={columns} sorting={sorting} onSorting={setSorting} />
        <div class="numbers-space" role="presentation" style={{ height: `${scrolling.spaceHeight}px` }}>
          <div class="numbers-seen" role="rowgroup" style={{ height: `${Math.min(scrolling.bodyHeight, total * rowHeight)}px` }}>
            {places.map((place) => (
              <RowLine
                key={place % (perPage + 2)}
                id={`${id}-${place}`}
                place={place}
                y={place * rowHeight - scrolling.top}
                row={shown.row(place)}
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
      <p class="numbers-help" id={`${id}-help`}>↑ ↓, Page up and Page down, Home and End move; Enter or a click explains a number. A name at the top of a column sorts by it.</p>
    </section>
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

function Status({ total, all, onAll }: { total: number | null; all: number; onAll: () => void }) {
  const words =
    total === null
      ? "Looking for the numbers…"
      : total === all
        ? `${plural(all, "number")}, all that there are.`
        : total > 0
          ? `${count(total)} of ${plural(all, "number")}.`
          : "No number is like that. Take some of the filters away.";
  return (
    <div class="numbers-status">
      <p role="status">{words}</p>
      {total !== null && total !== all && <button type="button" onClick={onAll}>All numbers</button>}
    </div>
  );
}
