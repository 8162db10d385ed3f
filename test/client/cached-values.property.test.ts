import test from 'ava';
import fc from 'fast-check';
import { CachedValues, type CachedValue } from '../../src/client/cached-values.js';
import type { NearCache } from '../../src/client/near-cache.js';
import { Seeded } from '../chaos/support/seeded.js';
import { connected, type Connected } from './connected.js';
import { CorrectRegisters } from './correct-registers.js';

const valueOf = (bytes: number): CachedValue => ({
  value: new Uint8Array(bytes),
  encoding: 'bytes',
  version: 'v',
  atMs: 0,
  expiresMs: Infinity,
});

test('whatever is put in, neither entries nor bytes go beyond their bounds, and they are counted right', (t) => {
  const step = fc.record({
    key: fc.integer({ min: 0, max: 40 }).map((n) => `key-${n}`),
    bytes: fc.integer({ min: 0, max: 3_000 }),
    act: fc.constantFrom('set', 'set', 'get', 'delete'),
  });
  const bounds = fc.record({
    maxEntries: fc.integer({ min: 2, max: 20 }),
    maxBytes: fc.integer({ min: 1_024, max: 20_000 }),
  });
  fc.assert(
    fc.property(bounds, fc.array(step, { maxLength: 200 }), ({ maxEntries, maxBytes }, steps) => {
      const values = new CachedValues({ maxEntries, maxBytes });
      const model = new Map<string, CachedValue>();
      for (const { key, bytes, act } of steps) {
        const value = valueOf(bytes);
        if (act === 'set') {
          values.set(key, value);
          model.set(key, value);
        } else if (act === 'delete') {
          values.delete(key);
          model.delete(key);
        } else {
          const found = values.get(key, 0);
          if (found !== undefined && found !== model.get(key)) return false;
        }
        if (values.size > maxEntries || values.bytes > maxBytes || values.bytes < values.size * 200) return false;
      }
      values.clear();
      return values.size === 0 && values.bytes === 0;
    }),
  );
  t.pass();
});

test('what is used stays while what is not is dropped', (t) => {
  const values = new CachedValues({ maxEntries: 10, maxBytes: 1_000_000 });
  values.set('used', valueOf(1));
  for (let i = 0; i < 1_000; i += 1) {
    values.set(`other-${i}`, valueOf(1));
    t.truthy(values.get('used', 0));
  }
  t.true(values.evicted > 900);
});

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f'];

/** Readers and writers on a few keys, whose answers take a while. */
class Run {
  readonly #random: Seeded;
  readonly #here: Connected;
  readonly #registers: CorrectRegisters;
  readonly #maxAgeMs: number;
  /** The place among a key's values of the last one that this client wrote. */
  readonly #told = new Map<string, number>();
  lookups = 0;

  private constructor(here: Connected, random: Seeded, maxAgeMs: number) {
    this.#here = here;
    this.#random = random;
    this.#maxAgeMs = maxAgeMs;
    this.#registers = new CorrectRegisters(here.clock);
    here.cluster.script = (_, request) => {
      const { pipe, sent } = here.cluster.received.find((one) => one.request === request)!;
      const reply = this.#registers.answer(request)!;
      here.clock.setTimer(random.below(30), () => pipe.answer(sent, reply));
      return undefined;
    };
  }

  static async of(seed: number): Promise<Run> {
    const random = new Seeded(seed);
    const maxAgeMs = random.pick([0, 20, 200]);
    const nearCache = { maxAgeMs, maxEntries: 4, maxBytes: 4_096 };
    return new Run(await connected({ nearCache, hedge: false }), random, maxAgeMs);
  }

  get cache(): NearCache {
    return this.#here.client.nearCache!;
  }

  async toItsEnd(): Promise<void> {
    const { clock } = this.#here;
    const state = { isOver: false };
    const all = Promise.all([0, 1, 2, 3, 4, 5].map((lane) => this.#lane(lane))).finally(() => (state.isOver = true));
    all.catch(() => undefined);
    while (!state.isOver) await clock.pass(5);
    await all;
  }

  async #lane(lane: number): Promise<void> {
    for (let call = 0; call < 30; call += 1) {
      const key = this.#random.pick(KEYS);
      const value = Buffer.from(`${lane}/${call}`);
      const draw = this.#random.unit();
      if (draw < 0.2) this.#registers.store(key, value);
      else if (draw < 0.4) await this.#put(key, value);
      else await this.#look(key);
      await new Promise<void>((resolve) => this.#here.clock.setTimer(this.#random.below(20), resolve));
    }
  }

  async #put(key: string, value: Buffer): Promise<void> {
    await this.#here.client.put(key, value);
    this.#told.set(key, Math.max(this.#told.get(key) ?? -1, this.#placeOf(key, value)));
  }

  #placeOf(key: string, value: Buffer): number {
    return this.#registers.of(key).findIndex((one) => one.value !== null && value.equals(one.value));
  }

  async #look(key: string): Promise<void> {
    this.lookups += 1;
    const startedMs = this.#here.clock.nowMs;
    const told = this.#told.get(key) ?? -1;
    const { found, value, source, ageMs } = await this.cache.get<Buffer>(key);
    const at = found ? this.#placeOf(key, value!) : -1;
    const next = this.#registers.of(key)[at + 1];
    if (found && at < 0) throw new Error(`${key} never had ${value!.toString()}`);
    if (at < told) throw new Error(`${key} shows less than this client had written before (${source})`);
    if (source === 'cache' && ageMs > this.#maxAgeMs) throw new Error(`a hit of ${ageMs} ms`);
    if (next !== undefined && next.sinceMs < startedMs - this.#maxAgeMs) throw new Error(`${key} is old (${source})`);
  }
}

test('no value is older than it may be, or than what this client wrote, and every lookup is counted once', async (t) => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const run = await Run.of(seed);
    await run.toItsEnd();
    const { hits, shared, revalidated, stale, misses, fallbacks, failed, entries, bytes } = run.cache.stats;
    t.is(hits + shared + revalidated + stale + misses + fallbacks + failed, run.lookups, `seed ${seed}`);
    t.true(entries <= 4 && bytes <= 4_096);
    t.is(failed, 0);
  }
});
