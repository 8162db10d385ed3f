/** Small measurements that the steps of the tour share. */
import { setTimeout as sleep } from 'node:timers/promises';
import { FulcrumError } from '../../core/errors.js';
import type { Level } from '../../core/level.js';
import type { Receipt } from '../../core/receipt.js';
import { percentile } from '../level-stats.js';
import { KEY_PREFIX, KEY_TTL_MS } from '../load-generator.js';
import { failureOf } from '../plain-words.js';
import type { Read } from '../ports.js';
import type { TourFact, TourNotes, TourStage } from './stage.js';

const POLL_MS = 50;
/** A node suspects another one after a second of silence; a laden machine may take longer for everything. */
const PATIENCE_MS = 30_000;
const CALLS = 24;
/** Keys tried until one is found whose home replicas include the node that will be cut off. */
const KEYS_MAX = 64;

export interface Costs {
  readonly putMs: number;
  readonly getMs: number;
  /** What the receipts vouched for, each once. */
  readonly guarantees: readonly string[];
}

export function fact(text: string, figures: TourFact['figures'] = {}, isWarning = false): TourFact {
  return { text, figures, isWarning };
}

export function warning(text: string, figures: TourFact['figures'] = {}): TourFact {
  return fact(text, figures, true);
}

export async function timed<T>(
  { clock }: TourStage,
  run: () => Promise<T>,
): Promise<{ readonly ms: number; readonly value: T }> {
  const before = clock.monotonicMs();
  const value = await run();
  return { ms: rounded(clock.monotonicMs() - before), value };
}

/** Median times of writes and reads at this level, at every node in turn, one after the other. */
export async function costsOf(stage: TourStage, level: Level): Promise<Costs> {
  const puts: number[] = [];
  const gets: number[] = [];
  const guarantees = new Set<string>();
  const note = (receipt: Receipt): unknown => guarantees.add(receipt.guarantee);
  for (let i = 0; i < CALLS; i += 1) {
    const caller = stage.caller(stage.nodes[i % stage.nodes.length]!);
    const key = `${KEY_PREFIX}tour/${level}/${i % 6}`;
    const put = await timed(stage, () => caller.put(key, i, { level, ttlMs: KEY_TTL_MS }));
    const get = await timed(stage, () => caller.get(key, { level }));
    puts.push(put.ms);
    gets.push(get.ms);
    note(put.value.receipt);
    note(get.value.receipt);
  }
  return { putMs: medianOf(puts), getMs: medianOf(gets), guarantees: [...guarantees].sort() };
}

/** Resolves once the condition holds; rejects with TIMEOUT, saying what did not happen. */
export async function until(stage: TourStage, what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = stage.clock.monotonicMs() + PATIENCE_MS;
  while (!(await holds())) {
    if (stage.clock.monotonicMs() > deadline) {
      const message = `The tour waited ${PATIENCE_MS / 1_000} s in vain until ${what}.`;
      throw new FulcrumError({ code: 'TIMEOUT', message, definite: true, retryable: true });
    }
    await sleep(POLL_MS);
  }
}

/** A key of this tour of which `node` holds a copy. */
export async function keyHeldBy(stage: TourStage, node: string, notes: TourNotes): Promise<string> {
  if (notes.key !== undefined) return notes.key;
  const run = Math.floor(stage.clock.monotonicMs() * 1_000).toString(36);
  for (let i = 0; i < KEYS_MAX; i += 1) {
    const key = `${KEY_PREFIX}tour/${run}-${i}`;
    const { receipt } = await stage.caller(node).put(key, 'written by everybody', { level: 'ALL', ttlMs: KEY_TTL_MS });
    if (!receipt.replicas.includes(node)) continue;
    notes.key = key;
    return key;
  }
  throw new FulcrumError({
    code: 'NOT_FOUND',
    message: `No key of ${KEYS_MAX} has a copy at ${node}.`,
    definite: true,
    retryable: true,
  });
}

/** Every node reads at ALL: the cluster is whole. */
export async function untilWhole(stage: TourStage, key: string): Promise<Read[]> {
  let reads: Read[] = [];
  await until(stage, 'every node reaches every other one', async () => {
    const asked = await Promise.all(stage.nodes.map((node) => attempt(stage.caller(node).get(key, { level: 'ALL' }))));
    reads = asked.flatMap((one) => (one instanceof FulcrumError ? [] : [one]));
    return reads.length === stage.nodes.length && new Set(reads.map(({ version }) => version)).size === 1;
  });
  return reads;
}

export async function attempt<T>(call: Promise<T>): Promise<T | FulcrumError> {
  return call.catch(failureOf);
}

export function milliseconds(ms: number): string {
  return ms >= 1_000 ? `${(ms / 1_000).toFixed(1)} s` : `${ms >= 10 ? ms.toFixed(0) : ms.toFixed(1)} ms`;
}

export function quoted(value: unknown): string {
  return typeof value === 'string' ? `“${value}”` : value === undefined ? 'nothing' : JSON.stringify(value);
}

function medianOf(values: readonly number[]): number {
  return (
    percentile(
      [...values].sort((a, b) => a - b),
      0.5,
    ) ?? 0
  );
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}
