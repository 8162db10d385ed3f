/** What a page costs by its depth, and what it misses while others write: by offset beside by cursor. */
import type { Client, PageOptions } from '../src/index.js';

/** One way to get at a page. */
export type Paging = 'offset' | 'cursor';
export const PAGINGS: readonly Paging[] = ['offset', 'cursor'];

export interface DepthCost {
  /** Items before the page. */
  readonly depth: number;
  /** The median of some runs, for one page of 50 items. */
  readonly medianMs: Readonly<Record<Paging, number>>;
}

/** What became of the keys that were there throughout, when all pages were read while others were put and deleted. */
export interface Churned {
  readonly keys: number;
  readonly seenTwice: number;
  readonly neverSeen: number;
}

export interface PagingResult {
  readonly items: number;
  readonly pageItems: number;
  readonly costs: readonly DepthCost[];
  readonly underWrites: Readonly<Record<Paging, Churned>>;
}

export interface PagingPlan {
  readonly items: number;
  /** Depths at which a page is measured, spread over the items. */
  readonly depths: number;
  readonly runs: number;
}

export const PAGING_USUAL: PagingPlan = { items: 10_000, depths: 11, runs: 7 };

const PAGE_ITEMS = 50;
const COST_PREFIX = 'paging/cost/';
const CHURN_PREFIX = 'paging/churn/';
/** Keys of the run under writes; every fifth is deleted meanwhile. */
const CHURN_SHARE = 0.1;
const DELETED_EACH = 5;
const PATIENCE = { timeoutMs: 30_000 } as const;

export async function measurePaging(client: Client, plan: PagingPlan): Promise<PagingResult> {
  await fill(client, COST_PREFIX, plan.items);
  const costs: DepthCost[] = [];
  for (let step = 0; step < plan.depths; step += 1) {
    const depth = Math.floor(((plan.items - PAGE_ITEMS) * step) / Math.max(1, plan.depths - 1));
    costs.push(await costAt(client, depth, plan.runs));
  }
  const churned = Math.ceil(plan.items * CHURN_SHARE);
  const byOffset = await readUnderWrites(client, 'offset', churned);
  const byCursor = await readUnderWrites(client, 'cursor', churned);
  return { items: plan.items, pageItems: PAGE_ITEMS, costs, underWrites: { offset: byOffset, cursor: byCursor } };
}

async function costAt(client: Client, depth: number, runs: number): Promise<DepthCost> {
  const range = { prefix: COST_PREFIX, limit: PAGE_ITEMS, ...PATIENCE };
  const before = depth === 0 ? undefined : await client.page({ ...range, offset: depth - 1, limit: 1 });
  const byCursor: PageOptions = { ...range, cursor: before?.pagination.nextCursor };
  return {
    depth,
    medianMs: {
      offset: await medianMs(client, { ...range, offset: depth }, runs),
      cursor: await medianMs(client, byCursor, runs),
    },
  };
}

async function medianMs(client: Client, options: PageOptions, runs: number): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const sinceMs = performance.now();
    const { items } = await client.page(options);
    times.push(performance.now() - sinceMs);
    if (items.length !== PAGE_ITEMS) throw new Error(`a page of ${items.length} items where there are ${PAGE_ITEMS}`);
  }
  return times.sort((a, b) => a - b)[Math.floor(runs / 2)]!;
}

/** Between any two pages a key is put before all others, or one that was read is deleted, now this, now that. */
async function readUnderWrites(client: Client, paging: Paging, count: number): Promise<Churned> {
  const prefix = `${CHURN_PREFIX}${paging}/`;
  const keys = await fill(client, prefix, count);
  const seen = new Map<string, number>();
  const isDeleted = (index: number): boolean => index % DELETED_EACH === 0;
  let options: PageOptions = {};
  for (let round = 0; ; round += 1) {
    const page = await client.page({ prefix, limit: PAGE_ITEMS, ...PATIENCE, ...options });
    for (const { key } of page.items) seen.set(key, (seen.get(key) ?? 0) + 1);
    const { nextCursor, nextOffset } = page.pagination;
    if (nextCursor === undefined) break;
    options = paging === 'cursor' ? { cursor: nextCursor } : { offset: nextOffset ?? 0 };
    // Two deletes for each put in the second half: offsets first see keys again, then miss some.
    const isFirstHalf = round < count / PAGE_ITEMS / 2;
    if (isFirstHalf) await client.put(`${prefix}!${String(999_999 - round)}`, round, PATIENCE);
    else for (const at of [2 * round, 2 * round + 1]) await client.delete(keys[at * DELETED_EACH]!, PATIENCE);
  }
  const kept = keys.filter((_, index) => !isDeleted(index));
  return {
    keys: kept.length,
    seenTwice: kept.filter((key) => (seen.get(key) ?? 0) > 1).length,
    neverSeen: kept.filter((key) => !seen.has(key)).length,
  };
}

async function fill(client: Client, prefix: string, count: number): Promise<string[]> {
  const keys = Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(6, '0')}`);
  const entries = await client.putMany(
    keys.map((key) => ({ key, value: key })),
    { ...PATIENCE, level: 'QUORUM' },
  );
  for (const entry of entries) if (!entry.ok) throw entry.error;
  return keys;
}
