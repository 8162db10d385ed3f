/** Making and finding elements, without markup in strings: what comes from the cluster is only ever text. */

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;
type Child = Node | string | undefined;

const SVG = 'http://www.w3.org/2000/svg';

/** The element of this id, which must be of this kind; an HTML element where none is named. */
export function byId(id: string): HTMLElement;
export function byId<T extends Element>(id: string, kind: new () => T): T;
export function byId(id: string, kind: new () => Element = HTMLElement): Element {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`The page has no #${id}`);
}

export function el<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return furnish(document.createElement(name), attributes, children);
}

export function svg<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  return furnish(document.createElementNS(SVG, name), attributes, children);
}

export function set(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
}

/** Writes only what differs, so that selections and screen readers are left alone. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function button(label: string, act: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = el('button', { type: 'button', class: 'button', ...attributes }, label);
  made.addEventListener('click', act);
  return made;
}

/** Enter and Space, as on a button, for what SVG has no element for. */
export function pressable(element: SVGElement, act: () => void): void {
  element.addEventListener('click', act);
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    act();
  });
}

function furnish<E extends Element>(element: E, attributes: Attributes, children: readonly Child[]): E {
  set(element, attributes);
  element.append(...children.filter((child) => child !== undefined));
  return element;
}
