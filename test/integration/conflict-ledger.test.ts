import test, { type ExecutionContext } from 'ava';
import { startChaosCluster } from '../../chaos/index.js';
import { getText } from './http-text.js';
import type { Client, Policy, ReportedConflict } from '../../src/index.js';
import { through, until, untilAnswered, untilMissing } from './calls-through.js';
import { cliIn } from './run-cli.js';

const KEYS = Array.from({ length: 30 }, (_, index) => `both/${index}`);
const WRITES_A_SIDE = 3;

interface Write {
  readonly key: string;
  readonly side: string;
  readonly version: string;
  readonly value: string;
  /** Another write of the same side was acknowledged after it. */
  followed: boolean;
}

/** Each key several times, one after the other; every acknowledged write is remembered. */
async function writeAll(client: Client, side: string): Promise<Write[]> {
  const writes: Write[] = [];
  for (const key of KEYS) {
    let before: Write | undefined;
    for (let count = 0; count < WRITES_A_SIDE; count += 1) {
      const value = `${side} ${count}`;
      const { version } = await untilAnswered(() => client.put(key, value, { level: 'QUORUM' }));
      if (before !== undefined) before.followed = true;
      before = { key, side, version, value, followed: false };
      writes.push(before);
    }
  }
  return writes;
}

async function finalVersions(
  t: ExecutionContext,
  addresses: readonly string[],
): Promise<Map<string, string | undefined>> {
  const clients = await Promise.all(addresses.map((address) => through(t, address)));
  const versions = new Map<string, string | undefined>();
  for (const key of KEYS) {
    await until(async () => {
      const read = clients.map((client) => untilAnswered(() => client.get(key, { level: 'ONE' })));
      const seen = new Set((await Promise.all(read)).map(({ version }) => version));
      versions.set(key, [...seen][0]);
      return seen.size === 1;
    });
  }
  return versions;
}

for (const policy of ['PA/EC', 'PA/EL'] as const satisfies readonly Policy[]) {
  test.serial(
    `${policy}: writes acknowledged on both sides are those that survive, those superseded in order, and the ledger`,
    async (t) => {
      const cluster = await startChaosCluster({ policy });
      t.teardown(() => cluster.stop());
      const [n1, n2] = cluster.addresses;
      const [minority, majority] = [await through(t, n1!), await through(t, n2!)];
      for (const key of KEYS) await minority.put(key, 'before', { level: 'ALL' });
      await cluster.partition('n1 | n2 n3');
      await untilMissing(2, () => minority.put('warm', 'up', { level: 'QUORUM' }));
      await untilMissing(1, () => majority.put('warm', 'up', { level: 'QUORUM' }));
      const writes = (await Promise.all([writeAll(minority, 'minority'), writeAll(majority, 'majority')])).flat();
      await cluster.heal();
      const finals = await finalVersions(t, cluster.addresses);

      const { conflicts, missing } = await cluster.conflicts();
      t.deepEqual(missing, []);
      const ledger = new Map(conflicts.map((conflict) => [`${conflict.key} ${conflict.discarded.version}`, conflict]));
      const surviving = writes.filter(({ key, version }) => finals.get(key) === version);
      const superseded = writes.filter((write) => write.followed);
      const rest = writes.filter((write) => !surviving.includes(write) && !superseded.includes(write));
      const listed = rest.filter(({ key, version }) => ledger.has(`${key} ${version}`));
      t.is(surviving.length, KEYS.length);
      t.is(superseded.length, KEYS.length * 2 * (WRITES_A_SIDE - 1));
      t.is(writes.length, surviving.length + superseded.length + listed.length);
      for (const { key, version, value } of listed) checkEntry(t, ledger.get(`${key} ${version}`)!, value);

      const told = await cliIn('.')('conflicts', '--cluster', cluster.file, '--json');
      const document = JSON.parse(told.out) as { conflicts: { key: string; discarded: { version: string } }[] };
      t.deepEqual(
        document.conflicts.map(({ key, discarded }) => `${key} ${discarded.version}`).sort(),
        [...ledger.keys()].sort(),
      );
      const pages = await Promise.all(cluster.nodes.map(({ http }) => getText(http, '/metrics')));
      const counted = pages.map((page) => Number(/^fulcrum_conflicts_total (\d+)$/m.exec(page)?.[1]));
      t.true(counted.reduce((sum, count) => sum + count, 0) >= ledger.size, counted.join(' '));
    },
  );
}

function checkEntry(
  t: ExecutionContext,
  { discarded, winner, heldBy, seenAtMs }: ReportedConflict,
  value: string,
): void {
  t.is(discarded.value, value);
  t.not(winner.value, value);
  t.true(heldBy.length > 0);
  t.true(Math.abs(Date.now() - seenAtMs) < 3_600_000);
}
