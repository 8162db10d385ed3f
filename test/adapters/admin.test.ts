import test from 'ava';
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { ADMIN_SERVICE } from '../../src/adapters/grpc-services.js';
import type { Conflict } from '../../src/core/conflict-ledger.js';
import type { PolicyProgress } from '../../src/ports/admin.js';
import { startWire, TestPipe, until, type Wire } from './wire.js';

/** What a tool that has only the proto files does. */
class AdminCaller {
  readonly #client: Client;

  constructor({ server }: Wire) {
    this.#client = new Client(server.address, credentials.createInsecure());
  }

  unary(name: string, message: object): Promise<object> {
    const { path, requestSerialize, responseDeserialize } = ADMIN_SERVICE[name]!;
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(path, requestSerialize, responseDeserialize, message, (error, reply) => {
        if (error === null) resolve(reply as object);
        else reject(error);
      });
    });
  }

  stream(name: string, message: object): Promise<object[]> {
    const { path, requestSerialize, responseDeserialize } = ADMIN_SERVICE[name]!;
    const replies: object[] = [];
    return new Promise((resolve, reject) => {
      const call = this.#client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, message);
      call.on('data', (reply: object) => replies.push(reply));
      call.on('error', reject);
      call.on('end', () => resolve(replies));
    });
  }
}

const side = (time: number, value: string | null): Conflict['winner'] => ({
  version: { time, incarnation: '00000000000000aa', sub: 0, index: 0 },
  ballot: { time, node: 'client', incarnation: '00000000000000aa', sub: 0 },
  encoding: 'bytes',
  value: value === null ? null : Buffer.from(value),
  valueBytes: value?.length ?? 0,
});

const conflict = (key: string): Conflict => ({
  key,
  discarded: side(1_700_000_000_000_000, 'lost'),
  winner: side(1_700_000_001_000_000, null),
  certain: true,
  heldBy: ['n1', 'n2'],
  seenAt: 1_700_000_002_000_000,
});

test('Status says who the node is, what it works under, whom it reaches and how repair goes', async (t) => {
  const wire = await startWire();
  const status = (await new AdminCaller(wire).unary('Status', {})) as { peers: object[]; repair: object };
  t.like(status, {
    cluster: 'wire',
    node: 'n1',
    incarnation: '0123456789abcdef',
    policy: 'PC/EC',
    policyEpoch: 4,
    policySettled: false,
    settlingProgress: 0.25,
    replicas: 3,
    nodes: [{ id: 'n1', address: '127.0.0.1:1' }],
    reachable: ['n2'],
    ready: true,
  });
  t.like(status.peers[0], { id: 'n2', verdict: 'alive', roundTripMs: 0.5, clockOffsetMs: -1.5, hints: 3 });
  t.false('roundTripMs' in status.peers[1]!);
  t.like(status.repair, { comparing: '', comparisons: 2, conflictsKept: 9, tombstonesCollected: 10 });
  await wire.server.stop();
});

test('ChangePolicy streams how it goes, until it has ended', async (t) => {
  const wire = await startWire();
  const stand = { policy: 'PC/EC', epoch: 3, settled: false } as const;
  const progress: PolicyProgress = { phase: 'settling', stand, waitingFor: ['n3'], settled: 0.5, keys: 7 };
  wire.admin.story = [progress, { ...progress, phase: 'refused', reason: 'because' }];
  const told = await new AdminCaller(wire).stream('ChangePolicy', { policy: 'PC/EC' });
  const common = { policy: 'PC/EC', policyEpoch: 3, waitingFor: ['n3'], settledShare: 0.5, keys: 7 };
  t.deepEqual(told, [
    { ...common, phase: 'settling', reason: '' },
    { ...common, phase: 'refused', reason: 'because' },
  ]);
  await wire.server.stop();
});

test('ChangePolicy refuses what is no policy', async (t) => {
  const wire = await startWire();
  const error = await t.throwsAsync<ServiceError>(new AdminCaller(wire).stream('ChangePolicy', { policy: 'AP' }));
  t.regex(error.details, /PC\/EC, PC\/EL, PA\/EC, PA\/EL, not "AP"/);
  t.deepEqual(error.metadata.get('fulcrum-code'), ['INVALID_ARGUMENT']);
  await wire.server.stop();
});

test('Conflicts gives the ledger page by page', async (t) => {
  const wire = await startWire();
  wire.admin.ledger = ['a', 'b', 'c'].map(conflict);
  const admin = new AdminCaller(wire);
  const first = (await admin.unary('Conflicts', { limit: 2 })) as { conflicts: object[]; next: string };
  t.is(first.conflicts.length, 2);
  t.like(first.conflicts[0], { key: 'a', certain: true, heldBy: ['n1', 'n2'], seenAtMs: 1_700_000_002_000 });
  t.like((first.conflicts[0] as { discarded: object }).discarded, {
    writer: 'client',
    writtenAtMs: 1_700_000_000_000,
    deleted: false,
    value: Buffer.from('lost'),
    encoding: 'BYTES',
    valueBytes: 4,
  });
  t.like((first.conflicts[0] as { winner: object }).winner, { deleted: true, valueBytes: 0 });
  const rest = (await admin.unary('Conflicts', { after: first.next })) as { conflicts: object[]; next: string };
  t.is(rest.conflicts.length, 1);
  t.is(rest.next, '');
  await t.throwsAsync(admin.unary('Conflicts', { limit: 1_001 }), { message: /at most 1000/ });
  await wire.server.stop();
});

test('clients that are connected hear when the node says something else of its cluster', async (t) => {
  let policy: 'PC/EC' | 'PA/EL' = 'PC/EC';
  const hello = { cluster: 'wire', process: { node: 'n1', incarnation: '0123456789abcdef' }, replicas: 1, clock: 1 };
  const wire = await startWire({ hello: () => ({ ...hello, policy, policyEpoch: 2, nodes: [] }) });
  const pipe = new TestPipe(wire.server.address);
  await until(() => pipe.hello !== undefined, 'the pipe is open');
  policy = 'PA/EL';
  wire.server.announce();
  await until(() => pipe.hello?.policy === 'PA/EL', 'the pipe heard of it');
  pipe.pipe.close();
  await wire.server.stop();
  t.pass();
});
