/** Who goes by keyboard stays where they are, when the button that was pressed goes with what it changed. */

const FOCUSABLE = "a[href], button:enabled, input:enabled, select:enabled, textarea:enabled, summary, [tabindex='0']";
/** By when the page has been drawn anew. */
const DRAWN_MS = 60;

/** From now on, a press by keyboard that loses the focus gives it to what has come to stand in its place, or near. */
export function keepFocus(page: Document): void {
  page.addEventListener("click", (event) => {
    const byKeyboard = event.detail === 0;
    const pressed = page.activeElement;
    if (!byKeyboard || !pressed || pressed === page.body) return;
    const places = ancestorsOf(pressed).map((each) => [each, focusablesIn(each).indexOf(pressed as HTMLElement)] as const);
    setTimeout(() => {
      const isLost = page.activeElement === page.body || page.activeElement?.matches(":disabled");
      if (isLost) nearestOf(places)?.focus();
    }, DRAWN_MS);
  }, { capture: true });
}

function ancestorsOf(element: Element): Element[] {
  return element.parentElement ? [element.parentElement, ...ancestorsOf(element.parentElement)] : [];
}

function focusablesIn(element: Element): HTMLElement[] {
  return [...element.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((each) => each.checkVisibility());
}

/** In the nearest that is still there: the one at the place, or the last. */
function nearestOf(places: (readonly [Element, number])[]): HTMLElement | null {
  for (const [each, place] of places) {
    const there = each.isConnected ? focusablesIn(each) : [];
    if (there.length) return there[Math.min(Math.max(place, 0), there.length - 1)]!;
  }
  return null;
}
