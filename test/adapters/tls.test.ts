import test from 'ava';
import { checkedTls } from '../../cluster/checked-tls.js';
import { GrpcPipeTransport } from '../../src/adapters/grpc-pipe.js';
import { watchNode } from '../../src/adapters/live-watch.js';
import { diallingWith } from '../../src/adapters/tls-credentials.js';
import type { Tls } from '../../src/ports/tls.js';
import { Authority } from '../integration/certificates.js';
import { FakeLive } from './fake-live.js';
import { node, NOWHERE, type LinkNode } from './link-node.js';
import { startWire, until } from './wire.js';

let ours: Authority;
let theirs: Authority;
test.before(async () => {
  [ours, theirs] = await Promise.all([Authority.make('ours'), Authority.make('theirs')]);
});

const LOOPBACK = ['127.0.0.1'];
const shownBy = (authority: Authority, hosts: readonly string[]): Tls => checkedTls(authority.issue('a node', hosts));

const warnings = ({ log }: LinkNode): string[] => log.lines.filter((line) => line.startsWith('No link to b:'));
const failures = ({ log }: LinkNode): string[] => log.lines.filter((line) => line.startsWith('The link is down'));

/** `a` dials `b`. */
async function withLink(a: Tls | undefined, b: Tls | undefined, use: (a: LinkNode, b: LinkNode) => Promise<void>) {
  const [from, to] = [node('a'), node('b')];
  from.tls = a;
  to.tls = b;
  await to.start({ a: NOWHERE });
  await from.start({ b: to.server.address });
  try {
    await use(from, to);
  } finally {
    await from.stop();
    await to.stop();
  }
}

test('nodes with certificates of one authority are linked', async (t) => {
  await withLink(shownBy(ours, LOOPBACK), shownBy(ours, LOOPBACK), async (a, b) => {
    await until(() => a.ups.length === 1, 'the link is up');
    t.deepEqual(a.ups, [b.process]);
    t.deepEqual(warnings(a), []);
  });
});

test('a name that is to be in the certificate takes the place of the host that is dialled', async (t) => {
  const named = { ...shownBy(ours, ['kv.example']), name: 'kv.example' };
  await withLink(named, named, async (a) => {
    await until(() => a.ups.length === 1, 'the link is up');
    t.is(a.ups.length, 1);
  });
});

for (const [what, sides, expected] of [
  [
    'whose certificate names another address',
    () => [shownBy(ours, LOOPBACK), shownBy(ours, ['127.0.0.2'])],
    /does not name the host.*127\.0\.0\.2/,
  ],
  [
    'whose certificate names another host',
    () => [shownBy(ours, LOOPBACK), shownBy(ours, ['kv.example'])],
    /does not name the host.*IP: 127\.0\.0\.1 is not in/,
  ],
  [
    'whose certificate another authority has signed',
    () => [shownBy(ours, LOOPBACK), shownBy(theirs, LOOPBACK)],
    /not signed by the authority/,
  ],
  [
    'that shows the certificate of a client',
    () => [shownBy(ours, LOOPBACK), checkedTls(ours.issue('a client', LOOPBACK, true))],
    /is not for servers/,
  ],
  ['that speaks no TLS', () => [shownBy(ours, LOOPBACK), undefined], /this side speaks TLS and the other one does not/],
] as const) {
  test(`a peer ${what} is not believed, and the log says so once`, async (t) => {
    const [dialling, dialled] = sides();
    await withLink(dialling, dialled, async (a, b) => {
      await until(() => failures(a).length >= 3, 'it was dialled three times');
      t.deepEqual([a.ups, b.requests], [[], []]);
      t.is(warnings(a).length, 1);
      t.regex(warnings(a)[0]!, expected);
    });
  });
}

test('a node lets no peer in that shows no certificate, or one of another authority', async (t) => {
  for (const shown of [undefined, { ...shownBy(theirs, LOOPBACK), ca: Buffer.from(ours.pem) }]) {
    await withLink(shown, shownBy(ours, LOOPBACK), async (a, b) => {
      await until(() => failures(a).length >= 2, 'it was dialled twice');
      t.deepEqual([a.ups, b.ups], [[], []]);
      t.regex(failures(a)[0]!, /no certificate is shown or one that its authority has not signed/);
    });
  }
});

test('pipes and watches carry the certificate of the client', async (t) => {
  const live = new FakeLive();
  const { server } = await startWire({ tls: shownBy(ours, LOOPBACK), live });
  t.teardown(() => server.stop());
  const client = checkedTls(ours.issue('client'));
  let greeted = false;
  const identity = { node: 'client', incarnation: 'ffffffffffffffff' };
  const none = (): void => undefined;
  const heard = { changed: none, replied: none, echoed: none, closed: none };
  const pipe = new GrpcPipeTransport(client).open(server.address, identity, {
    ...heard,
    opened: () => (greeted = true),
  });
  const watcher = { onSample: none, onEnd: none };
  const end = watchNode(server.address, watcher, diallingWith(client));
  await until(() => greeted && live.watchers.size === 1, 'both were answered');
  end();
  pipe.close();
  t.pass();
});
