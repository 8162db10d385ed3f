import test from 'ava';
import { Admin } from '../../src/client/admin.js';
import { mergedConflicts } from '../../src/client/merged-conflicts.js';
import { FulcrumError } from '../../src/core/errors.js';
import type {
  AdminCalls,
  ConflictPage,
  NodeReport,
  PolicyStep,
  ReportedConflict,
} from '../../src/ports/admin-calls.js';

const NODES = ['n1', 'n2', 'n3'].map((id) => ({ id, address: `${id}:1` }));

function conflict(key: string, node: string, changes: Partial<ReportedConflict> = {}): ReportedConflict {
  const side = { version: `v-${key}`, writer: 'c', writtenAtMs: 1, value: key, deleted: false, valueBytes: 1 };
  return { key, discarded: side, winner: side, certain: false, heldBy: [node], seenAtMs: 5, ...changes };
}

const gone = new FulcrumError({ code: 'UNAVAILABLE', message: 'gone', definite: true, retryable: true });

/** One node's Admin service: answers unless it is down; its ledger comes two entries a page. */
class FakeNode implements AdminCalls {
  down = false;
  ledger: readonly ReportedConflict[] = [];
  steps: readonly Partial<PolicyStep>[] = [];

  constructor(private readonly node: string) {}

  status(): Promise<NodeReport> {
    return this.#unlessDown({ node: this.node, nodes: NODES, ready: true, policy: 'PA/EC' } as unknown as NodeReport);
  }

  changePolicy(_policy: string, _timeoutMs: number, hear?: (step: PolicyStep) => void): Promise<PolicyStep> {
    const whole = {
      phase: 'done',
      policy: 'PA/EC',
      policyEpoch: 1,
      waitingFor: [],
      settledShare: 1,
      keys: 0,
      reason: '',
    };
    const steps = this.steps.map((step) => ({ ...whole, ...step }) as PolicyStep);
    for (const step of steps) hear?.(step);
    return this.#unlessDown(steps.at(-1)!);
  }

  conflicts(after: string): Promise<ConflictPage> {
    const from = Number(after);
    const next = from + 2 < this.ledger.length ? String(from + 2) : '';
    return this.#unlessDown({ conflicts: this.ledger.slice(from, from + 2), next });
  }

  close(): void {
    this.down = true;
  }

  #unlessDown<T>(answer: T): Promise<T> {
    return this.down ? Promise.reject(gone) : Promise.resolve(answer);
  }
}

function cluster(given = NODES.map(({ address }) => address)) {
  const nodes = new Map(NODES.map(({ id, address }) => [address, new FakeNode(id)]));
  const admin = new Admin(
    given.map((address) => ({ address })),
    (address) => nodes.get(address)!,
  );
  return { admin, of: (id: string) => nodes.get(`${id}:1`)! };
}

test('from one address every node is found, and a node that is down is named with the reason', async (t) => {
  const { admin, of } = cluster(['n2:1']);
  of('n3').down = true;
  const nodes = await admin.status();
  t.deepEqual(
    nodes.map(({ id, report, problem }) => [id, report?.node, problem?.code]),
    [
      ['n1', 'n1', undefined],
      ['n2', 'n2', undefined],
      ['n3', undefined, 'UNAVAILABLE'],
    ],
  );
});

test('where no node answers, each is named', async (t) => {
  const { admin, of } = cluster(['n1:1', 'n2:1']);
  of('n1').down = true;
  of('n2').down = true;
  const error = await t.throwsAsync(admin.status(), { instanceOf: FulcrumError });
  t.regex(error.message, /n1:1 \(gone\); n2:1 \(gone\)/);
});

test('a change of the policy is asked of a node that answers, and told step by step', async (t) => {
  const { admin, of } = cluster();
  of('n1').down = true;
  of('n2').steps = [{ phase: 'announcing' }, { phase: 'settling', settledShare: 0.5 }, { phase: 'done', keys: 7 }];
  const told: string[] = [];
  const last = await admin.changePolicy('PC/EC', { onStep: ({ phase }) => told.push(phase) });
  t.deepEqual(told, ['announcing', 'settling', 'done']);
  t.is(last.keys, 7);
});

test('a change that is refused is UNAVAILABLE, definite, with the reason and whom it would need', async (t) => {
  const { admin, of } = cluster();
  of('n1').steps = [{ phase: 'refused', reason: 'n3 cannot be reached', waitingFor: ['n3'] }];
  const error = await t.throwsAsync(admin.changePolicy('PC/EC'), { instanceOf: FulcrumError });
  t.like(error, { code: 'UNAVAILABLE', definite: true, missing: ['n3'] });
  t.regex(error.message, /stays PA\/EC: n3 cannot be reached/);
});

test('the ledgers of all nodes are one, in order, however many pages they take', async (t) => {
  const { admin, of } = cluster();
  of('n1').ledger = ['a', 'b', 'd', 'e', 'g'].map((key) => conflict(key, 'n1'));
  of('n2').ledger = ['a', 'c', 'e', 'f'].map((key) => conflict(key, 'n2'));
  const all = await admin.conflicts();
  t.deepEqual(
    all.conflicts.map(({ key }) => key),
    ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
  );
  t.deepEqual(all.conflicts[0]!.heldBy, ['n1', 'n2']);
  t.deepEqual([all.more, all.missing], [false, []]);
  const some = await admin.conflicts({ limit: 3 });
  t.deepEqual([some.conflicts.length, some.more], [3, true]);
});

test('the ledger says which nodes are missing from it', async (t) => {
  const { admin, of } = cluster();
  of('n2').down = true;
  of('n1').ledger = [conflict('a', 'n1')];
  const { conflicts, missing } = await admin.conflicts();
  t.deepEqual([conflicts.length, missing], [1, ['n2']]);
});

test('of two sightings the first one and the surer judgement count', async (t) => {
  const sightings = [
    conflict('a', 'n2', { seenAtMs: 9, certain: true }),
    conflict('a', 'n1', { seenAtMs: 4 }),
    conflict('a', 'n3', { seenAtMs: 7 }),
  ];
  const merged = mergedConflicts(
    sightings.map(async function* (one) {
      yield await Promise.resolve(one);
    }),
  );
  const all: ReportedConflict[] = [];
  for await (const one of merged) all.push(one);
  const [only, ...rest] = all;
  t.like(only, { seenAtMs: 4, certain: true, heldBy: ['n1', 'n2', 'n3'] });
  t.is(rest.length, 0);
});
