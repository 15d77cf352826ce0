/** Who goes by keyboard stays where they are, when the button that was pressed goes with what it changed. */

const FOCUSABLE = "a[href], button:enabled, input:enabled, select:enabled, textarea:enabled, summary, [tabindex='0']";
/** By when the page has been drawn anew. */
const DRAWN_MS = 60;

/** From now on, a press by keyboard that loses the focus gives it to the nearest thing that is still there. */
export function keepFocus(page: Document): void {
  page.addEventListener("click", (event) => {
    const byKeyboard = event.detail === 0;
    const pressed = page.activeElement;
    if (!byKeyboard || !pressed || pressed === page.body) return;
    const above = ancestorsOf(pressed);
    setTimeout(() => {
      const isLost = page.activeElement === page.body || page.activeElement?.matches(":disabled");
      if (isLost) nearestIn(above)?.focus();
    }, DRAWN_MS);
  }, { capture: true });
}

function ancestorsOf(element: Element): Element[] {
  return element.parentElement ? [element.parentElement, ...ancestorsOf(element.parentElement)] : [];
}

function nearestIn(above: Element[]): HTMLElement | null {
  for (const each of above) {
    const found = each.isConnected && [...each.querySelectorAll<HTMLElement>(FOCUSABLE)].find((one) => one.checkVisibility());
    if (found) return found;
  }
  return null;
}
