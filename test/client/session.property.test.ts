import test from 'ava';
import { pairOperations } from '../../chaos/checkers/operation.js';
import { checkMonotonicReads, checkReadYourWrites } from '../../chaos/checkers/session-guarantees.js';
import type { HistoryEvent } from '../../chaos/history.js';
import { FulcrumError } from '../../src/core/errors.js';
import type { Client } from '../../src/client/client.js';
import type { GetResult, MutateResult } from '../../src/client/results.js';
import { Seeded } from '../chaos/support/seeded.js';
import { connected } from './connected.js';
import { LaggingReplicas } from './lagging-replicas.js';

const SEEDS = 60;
const SESSIONS = 4;
const CALLS = 25;
const KEYS = ['a', 'b'];

/** Who a session's calls go through: itself, or the client with no session. */
type Caller = Pick<Client, 'get' | 'put' | 'delete'>;

interface Outcome {
  readonly events: readonly HistoryEvent[];
  readonly failures: readonly FulcrumError[];
}

/** Several sessions at ONE on replicas that lag, lose copies and settle keys on what a majority holds. */
async function run(seed: number, inSession: boolean): Promise<Outcome> {
  const random = new Seeded(seed);
  const here = await connected({ policy: 'PC/EL', balance: 'roundRobin', hedge: false });
  const replicas = new LaggingReplicas(here, random);
  replicas.lossy = random.pick([0, 0.2, 0.5]);
  replicas.lagMs = random.pick([5, 50, 400]);
  const events: HistoryEvent[] = [];
  const failures: FulcrumError[] = [];
  const drivers = Array.from({ length: SESSIONS }, (_, index) => drive(index));
  const state = { running: true };
  const all = Promise.all(drivers).then(() => (state.running = false));
  while (state.running) {
    await here.clock.pass(1 + random.below(10));
    const key = random.pick(KEYS);
    if (random.chance(0.1)) replicas.settle(key);
    if (random.chance(0.05)) replicas.spread(key);
  }
  await all;
  const closing = here.client.close();
  await here.clock.pass(10_000);
  await closing;
  return { events, failures };

  async function drive(index: number): Promise<void> {
    let caller: Caller = inSession ? here.client.session() : here.client;
    const name = { process: `p${index}`, session: `s${index}` };
    for (let call = 0; call < CALLS; call += 1) {
      const key = random.pick(KEYS);
      const kind = random.pick(['get', 'get', 'put'] as const);
      const value = `${seed}/${index}/${call}`;
      const event = { ...name, key, kind };
      events.push({ ...event, type: 'invoke', time: events.length, ...(kind === 'put' ? { value } : {}) });
      try {
        const level = kind === 'put' && random.chance(0.2) ? { opId: value } : { level: 'ONE' as const };
        const done =
          kind === 'get'
            ? await caller.get<string>(key, { level: 'ONE', timeoutMs: 2_000 })
            : await caller.put(key, value, level);
        events.push({ ...event, type: 'ok', time: events.length, ...answered(done) });
      } catch (error) {
        if (!(error instanceof FulcrumError)) throw error;
        failures.push(error);
        events.push({ ...event, type: 'fail', time: events.length, code: error.code });
        if ('forget' in caller) (caller as ReturnType<Client['session']>).forget(key);
        name.session = `${name.session}+`;
      }
      if (inSession && random.chance(0.1)) {
        const { token } = caller as ReturnType<Client['session']>;
        caller = here.client.session(token);
      }
      await new Promise<void>((resolve) => here.clock.setTimer(random.below(30), resolve));
    }
  }
}

function answered(done: GetResult<string> | MutateResult): Partial<HistoryEvent> {
  const { version, receipt } = done;
  return {
    ...('found' in done ? { value: done.value ?? null } : {}),
    ...(version === undefined ? {} : { version }),
    receipt: { guarantee: 'eventual', superseded: receipt.superseded },
  };
}

test('sessions at ONE see their writes and never less than they saw, or fail and say so', async (t) => {
  let calls = 0;
  let failed = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { events, failures } = await run(seed, true);
    for (const error of failures) t.like(error, { code: 'UNAVAILABLE', definite: true, required: 1, received: 0 });
    const operations = pairOperations(events);
    for (const check of [checkReadYourWrites, checkMonotonicReads]) {
      const { verdict, violations } = check(operations);
      t.is(verdict, 'valid', `seed ${seed}: ${violations.map(({ explanation }) => explanation).join('\n')}`);
    }
    calls += operations.length;
    failed += failures.length;
  }
  t.true(failed < calls / 20, `${failed} of ${calls} calls failed`);
  t.log(`${calls} calls, ${failed} refused because what they saw was lost or too late`);
});

test('the same calls without a session break both promises', async (t) => {
  const broken = { writes: 0, reads: 0 };
  for (let seed = 1; seed <= 10; seed += 1) {
    const operations = pairOperations((await run(seed, false)).events);
    if (checkReadYourWrites(operations).verdict === 'invalid') broken.writes += 1;
    if (checkMonotonicReads(operations).verdict === 'invalid') broken.reads += 1;
  }
  t.true(broken.writes >= 3 && broken.reads >= 3, JSON.stringify(broken));
});
