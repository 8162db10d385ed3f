import test from 'ava';
import fc from 'fast-check';
import type { ClientLimit } from '../../src/core/client-limit.js';
import { makeOperation } from '../../src/core/operation.js';
import type { Request } from '../../src/core/request.js';
import { ClientAdmission } from '../../src/node/client-admission.js';

const GET: Request = {
  kind: 'get',
  key: 'k',
  level: 'ONE',
  allowStale: false,
  known: undefined,
  after: undefined,
  timeoutMs: 1_000,
};

function put(bytes: number): Request {
  const mutation = { kind: 'put', value: new Uint8Array(bytes), encoding: 'bytes', ttlMs: 0, expect: null } as const;
  const id = { time: 1, node: 'client', incarnation: '00000000000000cc', sub: 0 };
  const operation = makeOperation(id, 'consensus', mutation);
  return { kind: 'mutate', key: 'k', level: 'ONE', name: null, timeoutMs: 1_000, operation };
}

test('each client has a limit of its own, and is told exactly when to come back', (t) => {
  const admission = new ClientAdmission({ ratePerSecond: 10, burst: 2 });
  for (let i = 0; i < 2; i += 1) t.is(admission.refusal('a', GET, 1_000), undefined);
  const refused = admission.refusal('a', GET, 1_000)!;
  t.like(refused.error, { code: 'THROTTLED', definite: true, retryable: true, retryAfterMs: 100 });
  t.is(admission.refusal('b', GET, 1_000), undefined);
  t.truthy(admission.refusal('a', GET, 1_099));
  t.is(admission.refusal('a', GET, 1_100), undefined);
});

test('bytes cost what they are told to, and what can never be let in is refused for good', (t) => {
  const admission = new ClientAdmission({ ratePerSecond: 10, burst: 100, perByte: 0.01 });
  t.is(admission.refusal('a', put(5_000), 0), undefined);
  const { error } = admission.refusal('a', put(5_000), 0)!;
  t.is(error.code, 'THROTTLED');
  t.is(error.retryAfterMs, 202, 'two cost 51.01 each, and a hundred were there');
  t.like(admission.refusal('a', put(10_000), 1e9)!.error, { code: 'INVALID_ARGUMENT', retryable: false });
});

test('clients that have not asked for a while are forgotten when there are too many, busy ones are not', (t) => {
  const admission = new ClientAdmission({ ratePerSecond: 10, burst: 10 }, 3);
  for (const client of ['a', 'b', 'c']) admission.refusal(client, GET, 0);
  for (let i = 0; i < 10; i += 1) admission.refusal('a', GET, 1_000);
  t.is(admission.refusal('d', GET, 1_500), undefined);
  t.is(admission.clients, 2);
  t.is(admission.refusal('a', GET, 1_500), undefined);
});

/** Asks in any order, at any times, by more clients than are remembered. */
const asked = fc.array(
  fc.record({
    client: fc.integer({ min: 0, max: 8 }).map((number) => `client-${number}`),
    waitMs: fc.oneof(
      fc.constant(0),
      fc.double({ min: 0, max: 50, noNaN: true }),
      fc.double({ min: 0, max: 5_000, noNaN: true }),
    ),
    times: fc.integer({ min: 1, max: 12 }),
  }),
  { maxLength: 120 },
);
const limits = fc.record({
  ratePerSecond: fc.double({ min: 0.5, max: 200, noNaN: true }),
  burst: fc.integer({ min: 1, max: 20 }),
});

/** In every interval a client is let in at most burst + rate x time. */
function isWithin(letIn: readonly number[], { ratePerSecond, burst }: Required<Omit<ClientLimit, 'perByte'>>): boolean {
  return letIn.every((fromMs, first) =>
    letIn.slice(first).every((toMs, more) => more + 1 <= burst + ((toMs - fromMs) / 1_000) * ratePerSecond + 1e-6),
  );
}

test('no client is ever let in above its burst and its rate, however many there are, and few are remembered', (t) => {
  let remembered = 0;
  let forgotten = 0;
  const property = fc.property(limits, asked, (limit, asks) => {
    const admission = new ClientAdmission(limit, 4);
    const letIn = new Map<string, number[]>();
    let nowMs = 0;
    for (const { client, waitMs, times } of asks) {
      nowMs += waitMs;
      for (let i = 0; i < times; i += 1) {
        if (admission.refusal(client, GET, nowMs) !== undefined) continue;
        letIn.set(client, [...(letIn.get(client) ?? []), nowMs]);
      }
      remembered = Math.max(remembered, admission.clients);
    }
    if (letIn.size > 4) forgotten += 1;
    return [...letIn.values()].every((times) => isWithin(times, limit as Required<ClientLimit>));
  });
  fc.assert(property, { numRuns: 300 });
  t.is(remembered, 4);
  t.true(forgotten > 10, 'more clients than are remembered were let in');
});
