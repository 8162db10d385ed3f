import test from 'ava';
import { NO_BALLOT } from '../../src/core/ballot.js';
import { LINK_QUEUE_BYTES_MAX } from '../../src/core/defaults.js';
import type { PeerMessage } from '../../src/core/peer-message.js';
import { PeerLinks } from '../../src/node/peer-links.js';
import type { Epochs } from '../../src/ports/peers.js';
import { FakeNetwork, type FakeTransport } from './fake-network.js';
import { RecordingSink } from './sinks.js';
import { Timeline, type VirtualClock } from './timeline.js';

const read: PeerMessage = { kind: 'read', key: 'k', known: NO_BALLOT };

interface Peer {
  readonly links: PeerLinks;
  readonly transport: FakeTransport;
  readonly clock: VirtualClock;
  readonly warnings: string[];
  readonly handled: PeerMessage[];
}

/** Three nodes that answer every message with `same`, unless they are in the middle of something. */
class Bench {
  readonly timeline = new Timeline();
  readonly network = new FakeNetwork(this.timeline);
  readonly sink = new RecordingSink();
  answering = true;
  readonly #peers = new Map<string, Peer>();

  constructor(epochs: Partial<Record<string, Epochs>> = {}) {
    const ids = ['n1', 'n2', 'n3'];
    for (const id of ids) this.#peers.set(id, this.#peer(id, ids, epochs[id] ?? { policy: 1, config: 1 }));
    for (const { links } of this.#peers.values()) links.start();
    this.timeline.settle();
  }

  of(id: string): Peer {
    return this.#peers.get(id)!;
  }

  get links(): PeerLinks {
    return this.of('n1').links;
  }

  /** Frames from one node to another are lost in silence; the other direction works. */
  cut(from: string, to: string): void {
    this.network.passes = (sent) => sent.from !== from || sent.to !== to;
  }

  #peer(id: string, ids: readonly string[], epochs: Epochs): Peer {
    const clock = this.timeline.clock();
    const transport = this.network.transport({ node: id, incarnation: id.repeat(8) });
    const warnings: string[] = [];
    const handled: PeerMessage[] = [];
    const ignore = (): void => undefined;
    const links = new PeerLinks({
      peers: ids.filter((other) => other !== id),
      transport,
      epochs: () => epochs,
      clock,
      log: { debug: ignore, info: ignore, error: ignore, warn: (_, message) => warnings.push(message) },
      service: {
        handle: (message, sink, token) => {
          handled.push(message);
          if (this.answering) sink.onReply(token, id, { kind: 'same' });
        },
        executeForwarded: (request, done) => {
          done({ kind: 'keys', keys: [request.kind], deleted: [], through: null });
        },
        linkUp: () => undefined,
        otherEpoch: () => undefined,
        repair: (from, request, done) => {
          done({ kind: 'declined', reason: `${request.kind} from ${from}` });
        },
      },
    });
    return { links, transport, clock, warnings, handled };
  }
}

test('messages of one turn travel in one frame to each peer, and are answered in one', (t) => {
  const bench = new Bench();
  bench.network.log.length = 0;
  bench.links.request(['n2', 'n3'], read, bench.sink, 1);
  bench.links.request(['n2', 'n3'], read, bench.sink, 2);
  t.deepEqual(bench.network.traffic, []);
  bench.timeline.settle();
  t.deepEqual(bench.network.traffic.map(({ from, to, frame }) => `${from} ${to} ${frame.kind}`).sort(), [
    'n1 n2 read',
    'n1 n3 read',
    'n2 n1 uniform',
    'n3 n1 uniform',
  ]);
  t.deepEqual(bench.sink.lines.sort(), ['1 n2 same', '1 n3 same', '2 n2 same', '2 n3 same']);
});

test('a peer with a link is reachable, and stays so while heartbeats are answered', (t) => {
  const bench = new Bench();
  t.true(bench.links.reachable('n2'));
  bench.timeline.advance(10_000);
  t.true(bench.links.reachable('n2'));
  t.false(bench.links.reachable('unknown'));
});

test('a peer that is silent for a second is suspected, until it has been heard again for a moment', (t) => {
  const bench = new Bench();
  bench.timeline.advance(150);
  bench.cut('n2', 'n1');
  bench.timeline.advance(900);
  t.true(bench.links.reachable('n2'));
  bench.timeline.advance(200);
  t.false(bench.links.reachable('n2'));
  t.true(bench.links.reachable('n3'));
  bench.network.passes = () => true;
  bench.timeline.advance(500);
  t.true(bench.links.reachable('n2'));
});

test('one-way silence counts: who hears us but is not heard is not reachable, and finds us so too', (t) => {
  const bench = new Bench();
  bench.cut('n2', 'n1');
  bench.timeline.advance(1_500);
  t.false(bench.links.reachable('n2'));
  t.false(bench.of('n2').links.reachable('n1'));
  t.true(bench.of('n2').links.reachable('n3'));
});

test('a link that is open but silent is dialled again every five seconds, and the peer stays suspected', (t) => {
  const bench = new Bench();
  bench.cut('n2', 'n1');
  let seen = false;
  for (let tenths = 0; tenths < 120; tenths += 1) {
    bench.timeline.advance(100);
    if (tenths > 12) seen ||= bench.links.reachable('n2');
  }
  t.false(seen);
  t.deepEqual(bench.of('n1').transport.resets, ['n2', 'n2']);
});

test('a link that breaks makes unreachable what was asked on it, at once', (t) => {
  const bench = new Bench();
  bench.answering = false;
  bench.links.request(['n2', 'n3'], read, bench.sink, 1);
  bench.timeline.settle();
  bench.network.disconnect('n1', 'n2');
  t.deepEqual(bench.sink.lines, ['1 n2 unreachable']);
  t.false(bench.links.reachable('n2'));
  t.false(bench.links.canSend('n2'));
});

test('what was to be sent on a link that broke in the same turn is unreachable', (t) => {
  const bench = new Bench();
  bench.links.request(['n2'], read, bench.sink, 1);
  bench.network.disconnect('n1', 'n2');
  bench.timeline.settle();
  t.deepEqual(bench.sink.lines, ['1 n2 unreachable']);
});

test('an answer that was on its way when the link broke comes to nothing', (t) => {
  const bench = new Bench();
  bench.links.request(['n2'], read, bench.sink, 1);
  bench.timeline.turn();
  bench.timeline.turn();
  bench.network.disconnect('n1', 'n2');
  bench.network.connect('n1', 'n2');
  bench.timeline.settle();
  t.deepEqual(bench.sink.lines, ['1 n2 unreachable']);
});

test('a peer whose queue is full is not sent anything more', (t) => {
  const bench = new Bench();
  t.true(bench.links.canSend('n2'));
  bench.of('n1').transport.queued = LINK_QUEUE_BYTES_MAX;
  t.false(bench.links.canSend('n2'));
});

for (const [what, epochs] of [
  ['policy', { policy: 2, config: 1 }],
  ['configuration', { policy: 1, config: 2 }],
] as const) {
  test(`a message made under another ${what} epoch is refused and not carried out`, (t) => {
    const bench = new Bench({ n2: epochs });
    bench.links.request(['n2', 'n3'], read, bench.sink, 1);
    bench.timeline.settle();
    const [refusal] = bench.sink.heard.filter(({ from }) => from === 'n2');
    t.deepEqual(refusal?.reply, { kind: 'refused', code: 'STALE_EPOCH' });
    t.deepEqual(bench.of('n2').handled, []);
    t.deepEqual(bench.of('n3').handled, [read]);
  });
}

test('a request is passed on and its answer comes back', (t) => {
  const bench = new Bench();
  bench.links.forward(
    'n3',
    { kind: 'list', from: '', to: '', reverse: false, limit: 1, timeoutMs: 100 },
    bench.sink,
    5,
  );
  bench.timeline.settle();
  t.deepEqual(bench.sink.heard, [
    {
      token: 5,
      from: 'n3',
      reply: { kind: 'forwarded', reply: { kind: 'keys', keys: ['list'], deleted: [], through: null } },
    },
  ]);
});

test('answers to frames that were never sent are ignored', (t) => {
  const bench = new Bench();
  bench.links.answered('n2', { kind: 'uniform', to: 999, bulk: false, indexes: null, reply: 'accepted' });
  bench.links.answered('unknown', { kind: 'heartbeat', sentMs: 0, clock: 0 });
  t.deepEqual(bench.sink.lines, []);
});

test('round trip and clock offset are measured by heartbeats', (t) => {
  const bench = new Bench();
  bench.of('n2').clock.skewMs = 40;
  bench.timeline.advance(300);
  t.like(
    bench.links.stats().find(({ id }) => id === 'n2'),
    { roundTripMs: 0, clockOffsetMs: 40, reachable: true },
  );
  t.deepEqual(bench.of('n1').warnings, []);
});

test('a clock that is off by more than 100 ms is warned of once', (t) => {
  const bench = new Bench();
  bench.of('n2').clock.skewMs = -150;
  bench.timeline.advance(2_000);
  t.is(bench.of('n1').warnings.length, 1);
  t.regex(bench.of('n1').warnings[0]!, /clocks differ/);
});

test('nothing runs on after a stop', async (t) => {
  const bench = new Bench();
  await Promise.all(['n1', 'n2', 'n3'].map((id) => bench.of(id).links.stop()));
  t.is(bench.timeline.timers, 0);
  t.true(bench.of('n1').transport.stopped);
});
