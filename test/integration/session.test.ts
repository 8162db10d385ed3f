import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { pairOperations } from '../../chaos/checkers/operation.js';
import { checkMonotonicReads, checkReadYourWrites } from '../../chaos/checkers/session-guarantees.js';
import type { HistoryEvent } from '../../chaos/history.js';
import { startCluster, type LocalCluster } from '../../cluster/index.js';
import { connect, FulcrumError, type Client, type Policy } from '../../src/index.js';

const KEYS = ['a', 'b', 'c'];
const ONE = { level: 'ONE', timeoutMs: 20_000 } as const;

/** What a process that shares its session with others calls: a client behind one node, or a session of it. */
type Caller = Pick<Client, 'get' | 'put'>;

/** Each node by itself, as behind a load balancer: one user's calls go through all of them in turn. */
async function throughEachNode(cluster: LocalCluster): Promise<Client[]> {
  const alone = cluster.addresses.map((address) =>
    connect({ nodes: [address], discover: false, balance: 'roundRobin', hedge: false }),
  );
  return Promise.all(alone);
}

/** One user, whose session travels with the token through clients that know one node each. */
class User {
  readonly events: HistoryEvent[] = [];
  #token: string | undefined;

  constructor(
    private readonly name: string,
    private readonly clients: readonly Client[],
    private readonly inSession: boolean,
    private readonly now: () => number,
  ) {}

  async run(calls: number): Promise<void> {
    for (let call = 0; call < calls; call += 1) {
      const client = this.clients[call % this.clients.length]!;
      await (this.inSession ? this.#inSession(client, call) : this.#call(client, call));
    }
  }

  async #inSession(client: Client, call: number): Promise<void> {
    const session = client.session(this.#token === undefined ? {} : this.#token);
    await this.#call(session, call);
    this.#token = session.token;
  }

  async #call(caller: Caller, call: number): Promise<void> {
    const key = KEYS[Math.floor(call / 4) % KEYS.length]!;
    const isPut = call % 4 === 0;
    const value = `${this.name}/${call}`;
    const head = { process: this.name, session: this.name, key, kind: isPut ? 'put' : 'get' } as const;
    this.events.push({ ...head, type: 'invoke', time: this.now(), ...(isPut ? { value } : {}) });
    try {
      const done = isPut ? await caller.put(key, value, ONE) : await caller.get<string>(key, ONE);
      const { version, receipt } = done;
      this.events.push({
        ...head,
        type: 'ok',
        time: this.now(),
        ...('found' in done ? { value: done.value ?? null } : {}),
        ...(version === undefined ? {} : { version }),
        receipt: { guarantee: receipt.guarantee, superseded: receipt.superseded },
      });
    } catch (error) {
      if (!(error instanceof FulcrumError)) throw error;
      const type = error.definite ? 'fail' : 'unknown';
      this.events.push({ ...head, type, time: this.now(), code: error.code });
    }
  }
}

/** A node stands still now and then, so that its copies lag; another is killed and comes back. */
async function disturb(cluster: LocalCluster, until: () => boolean): Promise<void> {
  for (let turn = 0; !until(); turn += 1) {
    const id = `n${(turn % 3) + 1}`;
    if (turn % 4 === 3) {
      await cluster.kill(id);
      await cluster.restart(id);
    } else {
      await cluster.pause(id);
      await sleep(150);
      await cluster.resume(id);
    }
    await sleep(100);
  }
}

async function history(policy: Policy, inSession: boolean, calls: number): Promise<HistoryEvent[]> {
  const cluster = await startCluster({ policy });
  const clients = await throughEachNode(cluster);
  try {
    let time = 0;
    const users = ['ann', 'bob', 'eve', 'joe'].map((name) => new User(name, clients, inSession, () => (time += 1)));
    let isOver = false;
    const faults = disturb(cluster, () => isOver);
    await Promise.all(users.map((user) => user.run(calls)));
    isOver = true;
    await faults;
    return users.flatMap(({ events }) => events);
  } finally {
    await Promise.all(clients.map((client) => client.close()));
    await cluster.stop();
  }
}

for (const policy of ['PC/EL', 'PA/EL'] as const) {
  test.serial(
    `under ${policy} users whose token travels see no less at ONE than they saw, while nodes lag and die`,
    async (t) => {
      t.timeout(240_000);
      const operations = pairOperations(await history(policy, true, 150));
      const answered = operations.filter(({ outcome }) => outcome === 'ok');
      t.true(answered.length > operations.length / 2, `${answered.length} of ${operations.length} were answered`);
      for (const check of [checkReadYourWrites, checkMonotonicReads]) {
        const { verdict, checkedOperations, violations } = check(operations);
        t.is(verdict, 'valid', violations.map(({ explanation }) => explanation).join('\n'));
        t.true(checkedOperations > 100);
      }
      t.log(`${answered.length} of ${operations.length} calls answered`);
    },
  );
}

test.serial('without a session the same users see less than they saw', async (t) => {
  t.timeout(240_000);
  const broken: string[] = [];
  for (let round = 0; round < 3 && broken.length === 0; round += 1) {
    const operations = pairOperations(await history('PA/EL', false, 400));
    for (const check of [checkReadYourWrites, checkMonotonicReads]) {
      const { verdict, violations } = check(operations);
      if (verdict === 'invalid') broken.push(`${violations.length} ${violations[0]!.explanation}`);
    }
  }
  t.true(broken.length > 0);
  t.log(broken.join('\n'));
});
