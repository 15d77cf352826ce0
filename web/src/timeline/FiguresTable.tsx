import type { Clock, Series } from "../contract";
import { count } from "../format";
import { partWords, spanWords } from "./figures";

interface Props {
  series: Series;
  clock: Clock;
  zone: string;
  numbers: number;
}

/** The charts as a table, a row for each bin. */
export function FiguresTable({ series, clock, zone, numbers }: Props) {
  const limited = series.lines.some((lines) => lines !== null);
  const part = (figure: number): string => partWords(figure, numbers);
  return (
    <div class="figures-table" role="region" aria-label="Figures over time" tabIndex={0}>
      <table>
        <caption>Figures over time, on the clock of {zone}</caption>
        <thead>
          <tr>
            <th scope="col">From – until</th>
            <th scope="col">Dials</th>
            <th scope="col">Lines busy, mean</th>
            <th scope="col">Most at once</th>
            {limited && <th scope="col">Limit</th>}
            <th scope="col">Dialled by then</th>
            <th scope="col">Answered by then</th>
            <th scope="col">Done with by then</th>
          </tr>
        </thead>
        <tbody>
          {series.fromMs.map((fromMs, place) => (
            <tr key={fromMs}>
              <th scope="row">{spanWords(clock, [fromMs, series.untilMs[place]!])}</th>
              <td>{count(series.dials[place]!)}</td>
              <td>{count(series.busyMean[place]!, 1)}</td>
              <td>{count(series.busyMost[place]!)}</td>
              {limited && <td>{series.lines[place] == null ? "none" : count(series.lines[place])}</td>}
              <td>{part(series.dialled[place]!)}</td>
              <td>{part(series.answered[place]!)}</td>
              <td>{part(series.done[place]!)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
