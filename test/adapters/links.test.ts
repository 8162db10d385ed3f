import test from 'ava';
import { status } from '@grpc/grpc-js';
import { encodeLinkHello, encodeRequestFrame } from '../../src/adapters/link-frames.js';
import { sameState } from '../../src/core/state.js';
import type { RequestFrame } from '../../src/ports/peers.js';
import { stateOf } from '../conformance/records.js';
import { diskOf, EPOCHS, node, NOWHERE, withPair } from './link-node.js';
import { UnreadStream } from './unread-stream.js';
import { ending, type FakeLog, RawClient, until } from './wire.js';

const LINK = '/fulcrum.v1.Peer/Link';
const BALLOT = { time: 1_700_000_000_000_000, node: 'a', incarnation: '0123456789abcdef', sub: 0 };

function acceptOf(value: Uint8Array, id = 1): RequestFrame {
  const messages = [{ kind: 'accept' as const, key: 'k', ballot: BALLOT, state: stateOf({ value }) }];
  return { kind: 'accept', id, bulk: value.length > 16 * 1024, epochs: EPOCHS, messages };
}

test('a link comes up with the process that answers, and carries requests and answers', async (t) => {
  await withPair(async (a, b) => {
    b.answer = () => ({ kind: 'uniform', to: 1, bulk: false, indexes: null, reply: 'accepted' });
    await until(() => a.ups.length === 1, 'the link is up');
    t.deepEqual(a.ups, [b.process]);
    const frame = acceptOf(new Uint8Array(100).fill(7));
    a.links.send(['b', 'nobody'], frame);
    await until(() => a.answers.length === 1, 'the answer is back');
    const [asked] = b.requests;
    if (asked?.kind !== 'accept' || frame.kind !== 'accept') return t.fail();
    t.like(asked, { id: 1, epochs: EPOCHS });
    t.true(sameState(asked.messages[0]!.state, frame.messages[0]!.state));
    t.like(a.answers[0], { kind: 'uniform', to: 1, indexes: null, reply: 'accepted' });
    t.is(a.links.queuedBytes('b'), 0);
  });
});

test('large frames go and come back on the second stream', async (t) => {
  await withPair(async (a, b) => {
    const state = stateOf({ value: new Uint8Array(900_000).fill(3) });
    const found = { kind: 'found' as const, accepted: BALLOT, state };
    b.answer = () => ({ kind: 'replies', to: 2, bulk: true, indexes: [0, 1, 2], replies: [found, found, found] });
    await until(() => a.ups.length === 1, 'the link is up');
    a.links.send(['b'], acceptOf(new Uint8Array(900_000), 2));
    const indexes = (): number[] => a.answers.flatMap((frame) => (frame.kind === 'replies' ? [...frame.indexes] : []));
    await until(() => indexes().length === 3, 'all answers are back');
    t.deepEqual(indexes(), [0, 1, 2]);
    t.deepEqual(a.downs, []);
  });
});

test('heartbeats come back with what was sent along', async (t) => {
  await withPair(async (a, b) => {
    b.answer = (frame) => ({ kind: 'heartbeat', sentMs: frame.kind === 'heartbeat' ? frame.sentMs : -1, clock: 77 });
    await until(() => a.ups.length === 1, 'the link is up');
    a.links.send(['b'], { kind: 'heartbeat', sentMs: 12.5 });
    await until(() => a.answers.length === 1, 'the answer is back');
    t.deepEqual(a.answers[0], { kind: 'heartbeat', sentMs: 12.5, clock: 77 });
  });
});

test('a peer that comes back as another process is dialled again and reported as such', async (t) => {
  const b = node('b');
  await b.start({ a: NOWHERE });
  const { address } = b.server;
  const a = node('a');
  await a.start({ b: address });
  await until(() => a.ups.length === 1, 'the link is up');
  await b.stop();
  await until(() => a.downs.length === 1, 'the link is down');
  a.links.send(['b'], acceptOf(new Uint8Array(1)));
  t.is(a.links.queuedBytes('b'), 0);
  const again = node('b', 'ffffffffffffffff', 2);
  await again.start({ a: NOWHERE }, 'linked', address);
  await until(() => a.ups.length === 2, 'the link is up again');
  t.deepEqual(a.ups[1], again.process);
  t.deepEqual(again.requests, []);
  await a.stop();
  await again.stop();
});

test('a link that is reset goes down and comes up again', async (t) => {
  await withPair(async (a) => {
    await until(() => a.ups.length === 1, 'the link is up');
    a.links.reset('b');
    t.is(a.downs.length, 1);
    await until(() => a.ups.length === 2, 'the link is up again');
  });
});

test('a peer that moves is dialled at its new address', async (t) => {
  const b = node('b');
  await b.start({ a: NOWHERE });
  const a = node('a');
  await a.start({ b: NOWHERE });
  await until(() => a.log.lines.some((line) => line.includes('will be dialled again')), 'the first address has failed');
  t.deepEqual(a.ups, []);
  a.links.setAddress('b', b.server.address);
  await until(() => a.ups.length === 1, 'the link is up');
  a.links.setAddress('b', b.server.address);
  t.deepEqual(a.downs, []);
  a.links.setAddress('b', NOWHERE);
  t.is(a.downs.length, 1);
  await a.stop();
  await b.stop();
});

test('a link of another cluster, or to another node than is there, is refused and both sides say why', async (t) => {
  const b = node('b');
  await b.start({ a: NOWHERE });
  const stranger = node('a');
  await stranger.start({ b: b.server.address }, 'other');
  const misled = node('a');
  await misled.start({ c: b.server.address });
  const unknown = node('z');
  await unknown.start({ b: b.server.address });
  const said = (log: FakeLog, text: string): boolean => log.lines.some((line) => line.includes(text));
  await until(() => said(stranger.log, 'is of cluster linked, the caller of other'), 'the stranger knows why');
  await until(() => said(misled.log, 'this is node b, the caller wants c'), 'the misled one knows why');
  await until(() => said(unknown.log, 'node z is not one of the other nodes'), 'the unknown one knows why');
  t.true(said(b.log, 'Refused a link'));
  for (const refused of [stranger, misled, unknown]) {
    t.deepEqual(refused.ups, []);
    await refused.stop();
  }
  await b.stop();
});

test('a peer that sends what is no frame is cut off with a reason, others are served', async (t) => {
  await withPair(async (a, b) => {
    const hello = encodeLinkHello({
      cluster: 'linked',
      process: a.process,
      epochs: EPOCHS,
      to: 'b',
      link: 99,
      bulk: false,
      disk: diskOf('a'),
      remembers: null,
    });
    const raw = new RawClient(b.server.address);
    for (const frames of [
      [Buffer.from('hello')],
      [encodeRequestFrame({ kind: 'heartbeat', sentMs: 1 })],
      [hello, hello],
    ]) {
      const call = raw.stream(LINK);
      for (const frame of frames) call.write(frame);
      const { code, details } = await ending(call);
      t.is(code, status.INVALID_ARGUMENT);
      t.regex(details, /Malformed frame/);
    }
    raw.close();
    b.answer = () => ({ kind: 'heartbeat', sentMs: 1, clock: 1 });
    await until(() => a.ups.length === 1, 'the good link is up');
    a.links.send(['b'], { kind: 'heartbeat', sentMs: 1 });
    await until(() => a.answers.length === 1, 'the good link is served');
  });
});

test('a peer that does not read its answers is not read from either', async (t) => {
  const b = node('b');
  await b.start({ a: NOWHERE });
  const state = stateOf({ value: new Uint8Array(500_000) });
  b.answer = () => ({
    kind: 'replies',
    to: 1,
    bulk: false,
    indexes: [0],
    replies: [{ kind: 'found', accepted: BALLOT, state }],
  });
  const unread = new UnreadStream(b.server.address, LINK);
  unread.send(
    encodeLinkHello({
      cluster: 'linked',
      process: node('a').process,
      epochs: EPOCHS,
      to: 'b',
      link: 1,
      bulk: false,
      disk: diskOf('a'),
      remembers: null,
    }),
  );
  const sent = 200;
  const frame = encodeRequestFrame(acceptOf(new Uint8Array(100_000)));
  for (let i = 0; i < sent; i += 1) unread.send(frame);
  const a = node('a');
  await a.start({ b: b.server.address });
  await until(() => a.ups.length === 1, 'a good link is up');
  for (let i = 1; i <= 20; i += 1) {
    a.links.send(['b'], { kind: 'heartbeat', sentMs: i });
    await until(() => a.answers.length === i, 'the good link is served');
  }
  t.true(b.requests.filter(({ kind }) => kind === 'accept').length < sent / 4);
  unread.close();
  await a.stop();
  await b.stop();
});

test('a frame that no peer would take is dropped and does not harm the link', async (t) => {
  await withPair(async (a, b) => {
    await until(() => a.ups.length === 1, 'the link is up');
    const state = stateOf({ value: new Uint8Array(1_000_000) });
    const messages = Array.from({ length: 6 }, (_, i) => ({
      kind: 'accept' as const,
      key: `k${i}`,
      ballot: BALLOT,
      state,
    }));
    a.links.send(['b'], { kind: 'accept', id: 1, bulk: true, epochs: EPOCHS, messages });
    a.links.send(['b'], acceptOf(new Uint8Array(1), 2));
    await until(() => b.requests.length === 1, 'the next frame is there');
    t.like(b.requests[0], { id: 2 });
    t.true(a.log.lines.some((line) => line.includes('no peer would take')));
    t.deepEqual(a.downs, []);
  });
});
