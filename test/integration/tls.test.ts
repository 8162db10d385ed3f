/** Mutual TLS on real processes. */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import test, { type ExecutionContext } from 'ava';
import { lookAlong } from '../../chaos/faults/direction-probe.js';
import { latency, startChaosCluster } from '../../chaos/index.js';
import { startCluster, type LocalCluster } from '../../cluster/index.js';
import { waitUntil } from '../../cluster/wait.js';
import { connect, connectAdmin, FulcrumError, watchCluster, type ConnectOptions } from '../../src/index.js';
import { Authority, certificateFolder, type CertificateFolder } from './certificates.js';
import { RunningCli, type Finished } from './run-cli.js';
import { UnaryClient } from './unary-client.js';

const WAIT_MS = 20_000;
/** Far more than an answer takes that comes at all. */
const LOOK_MS = 1_000;
const NODES = ['n1', 'n2', 'n3'];

let ours: Authority;
let files: CertificateFolder;
let cluster: LocalCluster;
const undo: (() => Promise<void>)[] = [];
test.before(async () => {
  ours = await Authority.make('ours');
  files = await certificateFolder(ours, NODES);
  undo.push(() => files.remove());
  cluster = await startCluster({ tls: files.tls });
  undo.push(() => cluster.stop());
});
test.after.always(async () => {
  for (const step of undo.reverse()) await step();
});

async function refused(t: ExecutionContext, options: ConnectOptions): Promise<FulcrumError> {
  return t.throwsAsync(connect(options), { instanceOf: FulcrumError });
}

function cli(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> {
  return new RunningCli(process.cwd(), args, undefined, env).finished;
}

test.serial('a cluster with TLS serves clients, operators and watchers by its file alone', async (t) => {
  const client = await connect({ cluster: cluster.file });
  t.teardown(() => client.close());
  await client.put('key', 'kept', { level: 'QUORUM' });
  const { value, receipt } = await client.get('key', { level: 'QUORUM' });
  t.deepEqual([value, receipt.guarantee], ['kept', 'linearizable']);

  const admin = await connectAdmin({ cluster: cluster.file });
  t.teardown(() => admin.close());
  t.deepEqual(
    (await admin.status()).map(({ id, problem }) => [id, problem]),
    NODES.map((id) => [id, undefined]),
  );

  const watch = await watchCluster({ cluster: cluster.file });
  t.teardown(() => watch.stop());
  t.true(await waitUntil(() => watch.isWhole, WAIT_MS));
});

test.serial('a node that was killed comes back to a cluster with TLS', async (t) => {
  const client = await cluster.connect();
  await cluster.kill('n2');
  await client.put('survivor', 1, { level: 'QUORUM' });
  await cluster.restart('n2');
  const { receipt } = await client.put('survivor', 2, { level: 'ALL', timeoutMs: WAIT_MS });
  t.is(receipt.acks, 3);
});

test.serial('a client without TLS is refused, and told what that looks like', async (t) => {
  const error = await refused(t, { nodes: cluster.addresses });
  t.is(error.code, 'UNAVAILABLE');
  t.regex(error.message, /a node with TLS does where no certificate is shown/);
  const admin = await connectAdmin({ nodes: cluster.addresses });
  t.teardown(() => admin.close());
  await t.throwsAsync(admin.status(), { message: /where no certificate is shown/ });
});

test.serial('a client with a certificate of another authority is refused', async (t) => {
  const theirs = await Authority.make('theirs');
  const { cert, key } = theirs.issue('client');
  const unknown = await refused(t, { nodes: cluster.addresses, tls: { ca: ours.pem, cert, key } });
  t.regex(unknown.message, /one that its authority has not signed/);
  const unbelieved = await refused(t, { nodes: cluster.addresses, tls: theirs.issue('client') });
  t.regex(unbelieved.message, /not signed by the authority that is believed here \(tls\.ca\).*self-signed certificate/);
});

test.serial('a client that shows no certificate is refused, and one that shows one is not', async (t) => {
  // By name, which is what other languages send along.
  const address = cluster.addresses[0]!.replace('127.0.0.1', 'localhost');
  const ca = Buffer.from(ours.pem);
  const stranger = new UnaryClient(address, 'stranger', credentials.createSsl(ca));
  t.teardown(() => stranger.close());
  await t.throwsAsync(stranger.get('key'), { message: /UNAVAILABLE/ });
  const { cert, key } = ours.issue('client');
  const known = new UnaryClient(address, 'known', credentials.createSsl(ca, Buffer.from(key), Buffer.from(cert)));
  t.teardown(() => known.close());
  t.truthy((await known.put('unary', 'kept')).receipt.coordinator);
});

test.serial('a node whose certificate names another host is believed under that name only', async (t) => {
  const elsewhere = await certificateFolder(ours, ['n1'], ['kv.example']);
  t.teardown(() => elsewhere.remove());
  const one = await startCluster({ nodes: 1, tls: elsewhere.tls });
  t.teardown(() => one.stop());
  const error = await t.throwsAsync(one.connect(), { instanceOf: FulcrumError });
  t.regex(error.message, /does not name the host that was dialled.*IP: 127\.0\.0\.1 is not in the cert's list/);
  const client = await one.connect({ tls: { ...ours.issue('client'), name: 'kv.example' } });
  await client.put('key', 1);
  t.is((await client.get('key')).value, 1);
});

test.serial('the command works by the cluster file, and warns of nothing', async (t) => {
  const at = ['--cluster', cluster.file];
  const put = await cli(['put', 'cli', 'hello', ...at]);
  t.deepEqual([put.code, put.err], [0, '']);
  t.is((await cli(['get', 'cli', ...at])).out, 'hello');
  const status = await cli(['status', '--json', ...at]);
  const { nodes } = JSON.parse(status.out) as { nodes: { ready: boolean; peers: { reachable: boolean }[] }[] };
  t.true(nodes.every(({ ready, peers }) => ready && peers.every(({ reachable }) => reachable)));
  t.regex((await cli(['policy', ...at])).out, /n3 +PC\/EC/);
  const top = JSON.parse((await cli(['top', '--once', '--json', ...at])).out) as { nodes: { state: string }[] };
  t.deepEqual(
    top.nodes.map(({ state }) => state),
    ['up', 'up', 'up'],
  );
});

test.serial('the command works by addresses with certificates, from options or from the environment', async (t) => {
  const nodes = ['--nodes', cluster.addresses.join(',')];
  const { ca, client } = files.tls;
  const shown = ['--tls-ca', ca, '--tls-cert', client.cert, '--tls-key', client.key];
  t.is((await cli(['put', 'named', 'hello', ...nodes, ...shown])).code, 0);
  const env = { FULCRUM_TLS_CA: ca, FULCRUM_TLS_CERT: client.cert, FULCRUM_TLS_KEY: client.key };
  t.is((await cli(['get', 'named', ...nodes], env)).out, 'hello');
  const half = await cli(['get', 'named', ...nodes, '--tls-ca', ca]);
  t.is(half.code, 2);
  t.regex(half.err, /--tls-cert and --tls-key is missing/);
  const none = await cli(['get', 'named', ...nodes]);
  t.is(none.code, 3);
  t.regex(none.err, /no certificate is shown/);
});

test.serial('certificates that are of no use are refused before anything is started or dialled', async (t) => {
  const { cert, key } = ours.issue('client');
  const good = { ca: ours.pem, cert, key };
  const other = (await Authority.make('other')).issue('client');
  for (const [tls, expected] of [
    [{ ...good, ca: 'nonsense' }, /tls\.ca holds no certificate in PEM form/],
    [{ ...good, ca: new X509Certificate(ours.pem).raw }, /tls\.ca holds no certificate in PEM form/],
    [
      { ...good, cert: `${cert}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n` },
      /cannot be used together/,
    ],
    [{ ...good, cert: key }, /tls\.cert holds no certificate in PEM form/],
    [{ ...good, key: cert }, /tls\.key holds no private key in PEM form/],
    [{ ...good, key: undefined as unknown as string }, /tls\.key is missing/],
    [{ ...good, key: other.key }, /tls\.key is not the key of tls\.cert/],
  ] as const) {
    const error = await refused(t, { nodes: cluster.addresses, tls });
    t.is(error.code, 'INVALID_ARGUMENT');
    t.regex(error.message, expected);
  }
  const missing = { ...files.tls, client: { ...files.tls.client, key: join(files.folder, 'nowhere.key') } };
  const error = await t.throwsAsync(startCluster({ tls: missing }), { instanceOf: FulcrumError });
  t.is(error.code, 'INVALID_ARGUMENT');
  t.regex(error.message, /nowhere\.key, which cannot be read: is not there/);
});

test.serial('faults are put into a network with TLS, and seen there', async (t) => {
  const hurt = await startChaosCluster({ tls: files.tls, toxiproxy: 'embedded' });
  t.teardown(() => hurt.stop());
  const along = (to: string): ReturnType<typeof lookAlong> => lookAlong(hurt, 'n1', to, { timeoutMs: LOOK_MS });
  t.true((await along('n2')).nodesAnswer);
  await hurt.inject(latency(hurt, { from: 'n1', to: 'n2', ms: 100 }));
  t.true(Number((await along('n2')).asked?.roundTripMs) >= 98);
  await hurt.partition('n1 > n3');
  const { asked, nodesAnswer } = await along('n3');
  t.deepEqual([asked?.roundTripMs, nodesAnswer], [undefined, true]);
  await hurt.heal();
  const client = await hurt.connect();
  t.is((await client.put('healed', 1, { level: 'ALL', timeoutMs: WAIT_MS })).receipt.acks, 3);
});

test('the cluster file keeps what it says of TLS', async (t) => {
  const { tls } = JSON.parse(await readFile(cluster.file, 'utf8')) as { tls: unknown };
  t.deepEqual(tls, files.tls);
});
