/** Where nodes and links are drawn, and where the wall of a partition runs. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

export const CENTRE: Point = { x: 220, y: 190 };
export const NODE_RADIUS = 32;
export const RING_RADIUS = 108;
/** Where a node rests that was drawn apart. */
const APART_RADIUS = 150;
/** Beyond it a dragged node is apart. */
const APART_FROM = 136;

export function restOf(index: number, count: number, isApart: boolean): Point {
  const angle = (index / count) * 2 * Math.PI - Math.PI / 2;
  const radius = isApart ? APART_RADIUS : RING_RADIUS;
  // Sideways there is more room.
  return { x: CENTRE.x + radius * 1.12 * Math.cos(angle), y: CENTRE.y + radius * Math.sin(angle) };
}

export function isApartAt({ x, y }: Point): boolean {
  return Math.hypot((x - CENTRE.x) / 1.12, y - CENTRE.y) > APART_FROM;
}

/** From the edge of one node to the edge of the other. */
export function linkEnds(a: Point, b: Point): { readonly from: Point; readonly to: Point } {
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  const step = { x: ((b.x - a.x) / length) * (NODE_RADIUS + 3), y: ((b.y - a.y) / length) * (NODE_RADIUS + 3) };
  return { from: { x: a.x + step.x, y: a.y + step.y }, to: { x: b.x - step.x, y: b.y - step.y } };
}

/** Across the way between the two groups, through the middle. */
export function wallBetween(apart: readonly Point[], others: readonly Point[]): { from: Point; to: Point } | undefined {
  if (apart.length === 0 || others.length === 0) return undefined;
  const [one, other] = [middle(apart), middle(others)];
  const centre = { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
  const length = Math.hypot(other.x - one.x, other.y - one.y) || 1;
  const across = { x: (-(other.y - one.y) / length) * 150, y: ((other.x - one.x) / length) * 150 };
  return {
    from: { x: centre.x - across.x, y: centre.y - across.y },
    to: { x: centre.x + across.x, y: centre.y + across.y },
  };
}

function middle(points: readonly Point[]): Point {
  const sum = points.reduce((total, { x, y }) => ({ x: total.x + x, y: total.y + y }));
  return { x: sum.x / points.length, y: sum.y / points.length };
}
