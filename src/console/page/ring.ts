/** The nodes and their links: click a link to cut it, a node to choose it, drag nodes out to draw them apart. */
import type { ConsoleView, LinkView, NodeView } from '../api.js';
import { byId, pressable, say, set, svg } from './dom.js';
import { milliseconds } from './format.js';
import {
  CENTRE,
  isApartAt,
  linkEnds,
  NODE_RADIUS,
  restOf,
  RING_RADIUS,
  wallBetween,
  type Point,
} from './ring-shape.js';

export interface RingActions {
  pick(node: string): void;
  toggleLink(link: LinkView): void;
  drawApart(nodes: readonly string[]): void;
}

/** A hand that trembles is not dragging. */
const DRAG_FROM = 8;

const STATES: Readonly<Record<NodeView['state'], string>> = {
  up: 'up',
  'not-ready': 'cut off',
  paused: 'paused',
  silent: 'silent',
  down: 'down',
  starting: 'starting',
};

export class Ring {
  readonly #root = byId('ring', SVGSVGElement);
  readonly #actions: RingActions;
  readonly #nodes = new Map<string, NodeMark>();
  readonly #links = new Map<string, LinkMark>();
  readonly #wall = svg('line', { class: 'wall' });
  #view: ConsoleView | undefined;
  #dragged: { readonly node: string; at: Point; hasMoved: boolean; readonly from: Point } | undefined;

  constructor(actions: RingActions) {
    this.#actions = actions;
    this.#root.append(svg('circle', { class: 'orbit', cx: CENTRE.x, cy: CENTRE.y, r: RING_RADIUS }), this.#wall);
    this.#root.addEventListener('pointermove', (event) => this.#drag(event));
    this.#root.addEventListener('pointerup', () => this.#drop());
    this.#root.addEventListener('pointercancel', () => this.#drop());
  }

  show(view: ConsoleView, picked: string | undefined): void {
    this.#view = view;
    this.#root.classList.toggle('direct', !view.cluster.canCut);
    for (const link of view.links) this.#linkMark(link).show(link, view.cluster.canCut);
    for (const node of view.nodes) this.#nodeMark(node).show(node, node.id === picked, view.apart.includes(node.id));
    this.#place();
  }

  #nodeMark({ id }: NodeView): NodeMark {
    let mark = this.#nodes.get(id);
    if (mark === undefined) {
      mark = new NodeMark(id);
      this.#nodes.set(id, mark);
      this.#root.append(mark.root);
      mark.root.addEventListener('pointerdown', (event) => this.#grasp(id, event));
      pressable(mark.root, () => this.#actions.pick(id));
    }
    return mark;
  }

  #linkMark({ a, b }: LinkView): LinkMark {
    const name = `${a}-${b}`;
    let mark = this.#links.get(name);
    if (mark === undefined) {
      mark = new LinkMark();
      this.#links.set(name, mark);
      this.#wall.before(mark.root);
      pressable(mark.root, () => {
        const link = this.#view?.links.find((one) => one.a === a && one.b === b);
        if (link !== undefined) this.#actions.toggleLink(link);
      });
    }
    return mark;
  }

  #place(): void {
    const view = this.#view;
    if (view === undefined) return;
    const apart = this.#apartNow(view);
    const at = new Map(view.nodes.map(({ id }, index) => [id, this.#positionOf(id, index, view, apart)]));
    for (const [id, point] of at) this.#nodes.get(id)!.moveTo(point);
    for (const { a, b } of view.links) this.#links.get(`${a}-${b}`)!.moveTo(at.get(a)!, at.get(b)!);
    const pick = (isApart: boolean): Point[] => [...at].filter(([id]) => apart.has(id) === isApart).map(([, p]) => p);
    const wall = wallBetween(pick(true), pick(false));
    set(this.#wall, { x1: wall?.from.x, y1: wall?.from.y, x2: wall?.to.x, y2: wall?.to.y });
    this.#wall.classList.toggle('shown', wall !== undefined);
  }

  #positionOf(id: string, index: number, view: ConsoleView, apart: ReadonlySet<string>): Point {
    if (this.#dragged?.node === id && this.#dragged.hasMoved) return this.#dragged.at;
    return restOf(index, view.nodes.length, apart.has(id));
  }

  /** As it would be if the dragged node were let go here. */
  #apartNow(view: ConsoleView): Set<string> {
    const apart = new Set(view.apart);
    if (this.#dragged?.hasMoved !== true) return apart;
    if (isApartAt(this.#dragged.at)) apart.add(this.#dragged.node);
    else apart.delete(this.#dragged.node);
    return apart;
  }

  #grasp(node: string, event: PointerEvent): void {
    if (this.#view?.cluster.canCut !== true || event.button !== 0) return;
    const at = this.#pointOf(event);
    this.#dragged = { node, at, from: at, hasMoved: false };
  }

  #drag(event: PointerEvent): void {
    const dragged = this.#dragged;
    if (dragged === undefined) return;
    dragged.at = this.#pointOf(event);
    if (Math.hypot(dragged.at.x - dragged.from.x, dragged.at.y - dragged.from.y) > DRAG_FROM && !dragged.hasMoved) {
      dragged.hasMoved = true;
      // From here on moves outside of the picture belong to it too.
      this.#root.setPointerCapture(event.pointerId);
    }
    if (dragged.hasMoved) this.#place();
  }

  #drop(): void {
    const view = this.#view;
    if (view === undefined || this.#dragged === undefined) return;
    const apart = this.#apartNow(view);
    const { hasMoved } = this.#dragged;
    this.#dragged = undefined;
    this.#place();
    const isOther = apart.size !== view.apart.length || view.apart.some((id) => !apart.has(id));
    if (hasMoved && isOther) this.#actions.drawApart([...apart]);
  }

  #pointOf(event: PointerEvent): Point {
    const matrix = this.#root.getScreenCTM();
    return matrix === null ? CENTRE : new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
  }
}

class NodeMark {
  readonly #name;
  readonly #state = svg('text', { class: 'state', y: 13 });
  readonly root;

  constructor(id: string) {
    this.#name = svg('text', { class: 'name', y: 5 }, id);
    this.root = svg(
      'g',
      { class: 'node', role: 'button', tabindex: 0, 'data-node': id },
      svg('circle', { class: 'halo', r: NODE_RADIUS + 6 }),
      svg('circle', { class: 'body', r: NODE_RADIUS }),
      this.#name,
      this.#state,
    );
  }

  show({ id, state, slowMs }: NodeView, isPicked: boolean, isApart: boolean): void {
    const said = state !== 'up' ? STATES[state] : slowMs > 0 ? `+${slowMs} ms` : '';
    set(this.root, {
      class: `node ${state}${isPicked ? ' picked' : ''}${isApart ? ' apart' : ''}`,
      'aria-pressed': String(isPicked),
      'aria-label': `Node ${id}: ${STATES[state]}${isApart ? ', apart from the others' : ''}`,
    });
    set(this.#name, { y: said === '' ? 5 : -1 });
    say(this.#state, said);
  }

  moveTo({ x, y }: Point): void {
    this.root.style.transform = `translate(${x}px, ${y}px)`;
  }
}

class LinkMark {
  readonly #line = svg('line', { class: 'line' });
  readonly #touch = svg('line', { class: 'touch' });
  readonly #label = svg('text', { class: 'label' });
  readonly root = svg('g', { class: 'link', role: 'button', tabindex: 0 }, this.#line, this.#touch, this.#label);

  show({ a, b, state, roundTripMs, slowMs }: LinkView, canCut: boolean): void {
    const said = { up: milliseconds(roundTripMs), cut: '✕ cut', slow: `+${slowMs} ms`, lost: 'not heard' }[state];
    set(this.root, {
      class: `link ${state}`,
      'data-link': `${a}-${b}`,
      'aria-pressed': String(state === 'cut'),
      'aria-label': `Link ${a} to ${b}: ${said}. ${state === 'cut' ? 'Mend it' : 'Cut it'}`,
      'aria-disabled': canCut ? undefined : 'true',
    });
    say(this.#label, said);
  }

  moveTo(a: Point, b: Point): void {
    const { from, to } = linkEnds(a, b);
    for (const line of [this.#line, this.#touch]) set(line, { x1: from.x, y1: from.y, x2: to.x, y2: to.y });
    set(this.#label, { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 + 4 });
  }
}
