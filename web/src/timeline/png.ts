/** A picture of the charts as they are seen. */

import { Trouble } from "../trouble";
import { LETTER_PX } from "./Chart";

const SCALE = 2;
const EDGE_PX = 20;
const HEADING_PX = 26;
const TITLE_PX = 40;
const TEXT_SIZE = 12;
const LINE_PX = 22;
const LONGEST_WAIT_MS = 30_000;
const POLL_MS = 50;
const SPACE = "http://www.w3.org/2000/svg";
/** What style sheets say of a mark, and a picture that stands alone has to say itself. */
const DRAWN = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linejoin",
  "opacity", "font-size", "font-weight", "font-family", "text-anchor", "paint-order", "shape-rendering",
];

/** All charts that are seen now, one below the other under a title, as a PNG. Rejects if there are none. */
export async function png(title: string, within: ParentNode = document): Promise<Blob> {
  await areCounted(within);
  const charts = [...within.querySelectorAll<SVGSVGElement>("svg[data-chart]")].filter((chart) => chart.getClientRects().length);
  const first = charts[0];
  if (!first) throw new Trouble("No charts are shown. Open the preview, and save the picture then.");
  const page = document.createElementNS(SPACE, "svg");
  const width = Math.max(...charts.map((chart) => chart.width.baseVal.value)) + 2 * EDGE_PX;
  const background = document.createElementNS(SPACE, "rect");
  page.append(background);
  let y = EDGE_PX;
  if (title) {
    page.append(words(title, EDGE_PX, y + 20, 18, first, width - 2 * EDGE_PX));
    y += TITLE_PX;
  }
  for (const chart of charts) {
    page.append(words(chart.dataset["chart"] ?? "", EDGE_PX, y + 16, 14, first, width - 2 * EDGE_PX));
    const copy = standingAlone(chart);
    copy.setAttribute("x", String(EDGE_PX));
    copy.setAttribute("y", String(y + HEADING_PX));
    page.append(copy);
    y += HEADING_PX + chart.height.baseVal.value + EDGE_PX / 2;
    y += drawLegend(page, chart, y, width);
  }
  const height = y + EDGE_PX / 2;
  set(background, { width, height, fill: backgroundOf(first) });
  set(page, { xmlns: SPACE, width, height, viewBox: `0 0 ${width} ${height}` });
  return drawn(new XMLSerializer().serializeToString(page), width, height);
}

/** Who asks for the picture while its figures are fetched means the charts that come of them. */
async function areCounted(within: ParentNode): Promise<void> {
  const latest = performance.now() + LONGEST_WAIT_MS;
  while (within.querySelector("[data-counting]") && performance.now() < latest) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function set(element: Element, attributes: Record<string, string | number>): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}

/** A line of words; smaller where it would be wider than `room`. */
function words(text: string, x: number, y: number, most: number, like: Element, room = Infinity): SVGTextElement {
  const style = getComputedStyle(like);
  const line = document.createElementNS(SPACE, "text");
  line.textContent = text;
  const weight = most > TEXT_SIZE ? 600 : 400;
  const ruler = document.createElement("canvas").getContext("2d");
  if (ruler) ruler.font = `${weight} ${most}px ${style.fontFamily}`;
  const size = Math.min(most, (most * room) / (ruler?.measureText(text).width || 1));
  set(line, { x, y, fill: style.color, "font-family": style.fontFamily, "font-size": size, "font-weight": weight });
  return line;
}

/** What the page says beside a chart of its marks: samples with their words, in lines. Returns how high it is. */
function drawLegend(page: SVGSVGElement, chart: SVGSVGElement, top: number, width: number): number {
  const meanings = chart.closest("section")?.querySelectorAll<HTMLElement>("[data-legend] li") ?? [];
  let x = EDGE_PX;
  let line = 0;
  for (const meaning of meanings) {
    const sample = meaning.querySelector("svg");
    const text = meaning.textContent ?? "";
    const wide = (sample?.width.baseVal.value ?? 0) + text.length * LETTER_PX + 24;
    if (x > EDGE_PX && x + wide > width) [x, line] = [EDGE_PX, line + 1];
    const middle = top + line * LINE_PX + LINE_PX / 2;
    if (sample) {
      const copy = standingAlone(sample);
      set(copy, { x, y: middle - sample.height.baseVal.value / 2 });
      page.append(copy);
    }
    page.append(words(text, x + (sample?.width.baseVal.value ?? 0) + 6, middle + 4, TEXT_SIZE, meaning));
    x += wide;
  }
  return meanings.length ? (line + 1) * LINE_PX + EDGE_PX / 2 : 0;
}

/** A copy of a chart that looks the same without the page's style sheets. */
function standingAlone(chart: SVGSVGElement): SVGSVGElement {
  const copy = chart.cloneNode(true) as SVGSVGElement;
  const originals = [chart, ...chart.querySelectorAll("*")];
  const copies = [copy, ...copy.querySelectorAll("*")];
  originals.forEach((original, place) => {
    const style = getComputedStyle(original);
    const attributes = DRAWN.map((name): [string, string] => [name, style.getPropertyValue(name)]);
    const to = copies[place]!;
    set(to, Object.fromEntries(attributes.filter(([, value]) => value !== "")));
    for (const name of ["style", "class", "role", "aria-label"]) to.removeAttribute(name);
  });
  return copy;
}

/** The colour that is seen behind an element. */
function backgroundOf(element: Element): string {
  for (let each: Element | null = element; each; each = each.parentElement) {
    const colour = getComputedStyle(each).backgroundColor;
    if (colour && colour !== "transparent" && !/^rgba\(.*, 0\)$/.test(colour)) return colour;
  }
  return matchMedia("(prefers-color-scheme: dark)").matches ? "#12161a" : "#ffffff";
}

async function drawn(svg: string, width: number, height: number): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = Math.ceil(width * SCALE);
    canvas.height = Math.ceil(height * SCALE);
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Trouble("The browser did not make the picture. Try a narrower window."))), "image/png");
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}
