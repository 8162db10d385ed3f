import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import type { Hello, Pipe, PipeEvents, PipeRequest, PipeTransport } from '../../src/ports/pipe.js';
import { hmacCursorSeal } from '../../src/adapters/cursor-seal.js';
import { MsgpackValueCodec } from '../../src/adapters/value-codec.js';
import { Client } from '../../src/client/client.js';
import { settingsOf } from '../../src/client/options.js';
import { HALF } from './connected.js';
import { FakeClock } from './fake-clock.js';
import { mutated } from './fake-cluster.js';

const IN_FLIGHT = 10_000;
const VALUE = new Uint8Array(100);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

/** Nodes that forget what they were asked, or answer it when told to. */
class Forgetful implements PipeTransport {
  asked: { readonly events: PipeEvents; readonly request: PipeRequest }[] = [];
  isKeeping = false;

  constructor(private readonly clock: FakeClock) {}

  open(address: string, _client: unknown, events: PipeEvents): Pipe {
    this.clock.defer(() => events.opened(this.#hello(address)));
    const send = (batch: readonly PipeRequest[]): void => {
      if (this.isKeeping) for (const request of batch) this.asked.push({ events, request });
    };
    return { send, echo: (batch) => events.echoed(batch.map(({ id }) => id)), queuedBytes: 0, close: () => undefined };
  }

  answer(): void {
    const { asked } = this;
    this.asked = [];
    for (const { events, request } of asked) {
      events.replied([{ id: request.id, reply: mutated(request.request) }], this.clock.physicalMicros());
    }
  }

  #hello(address: string): Hello {
    const nodes = ['n1', 'n2', 'n3'].map((id) => ({ id, address: `${id}:7401` }));
    const process = { node: address.slice(0, 2), incarnation: '00000000000000bb' };
    const clock = this.clock.physicalMicros();
    return { cluster: 'test', process, policy: 'PC/EC', policyEpoch: 1, replicas: 3, nodes, clock };
  }
}

async function forgetful(): Promise<{ client: Client; clock: FakeClock; nodes: Forgetful }> {
  const clock = new FakeClock();
  const nodes = new Forgetful(clock);
  const parts = { transport: nodes, clock, random: HALF, codec: new MsgpackValueCodec(), seal: hmacCursorSeal };
  const opening = Client.open(settingsOf({ breaker: false }, [{ address: 'n1:7401' }]), parts);
  await clock.turn();
  return { client: await opening, clock, nodes };
}

/** Starts so many puts; resolves once all are settled. */
function puts(client: Client, signal?: AbortSignal): Promise<unknown> {
  const calls = Array.from({ length: IN_FLIGHT }, (_, i) => client.put(`k${i}`, VALUE, { timeoutMs: 900, signal }));
  return Promise.allSettled(calls);
}

/** What rounds of it leave behind, once it is warm. */
async function growth(round: () => Promise<void>): Promise<number> {
  for (let i = 0; i < 2; i += 1) await round();
  const before = heapBytes();
  for (let i = 0; i < 4; i += 1) await round();
  return heapBytes() - before;
}

/** A quarter of what the calls of one round hold at least (512 bytes and a value each); four rounds are measured. */
const BOUND_BYTES = (IN_FLIGHT * (512 + VALUE.length)) / 4;

test.serial('ten thousand calls in flight at a time, answered again and again, leave nothing behind', async (t) => {
  const { client, clock, nodes } = await forgetful();
  nodes.isKeeping = true;
  const grown = await growth(async () => {
    const done = puts(client);
    await clock.turn();
    t.is(nodes.asked.length, IN_FLIGHT);
    nodes.answer();
    await done;
  });
  t.true(grown < BOUND_BYTES, `${grown} bytes`);
});

test.serial('neither do calls that nobody answers, nor calls that are given up', async (t) => {
  const { client, clock } = await forgetful();
  const timedOut = await growth(async () => {
    const done = puts(client);
    await clock.pass(2_000);
    await done;
  });
  t.true(timedOut < BOUND_BYTES, `${timedOut} bytes`);
  const aborted = await growth(async () => {
    const giveUp = new AbortController();
    const done = puts(client, giveUp.signal);
    await clock.turn();
    giveUp.abort();
    await done;
    await clock.pass(2_000);
  });
  t.true(aborted < BOUND_BYTES, `${aborted} bytes`);
});

test.serial('calls beyond those in flight wait within a bound, and further ones are refused', async (t) => {
  const { client, clock, nodes } = await forgetful();
  nodes.isKeeping = true;
  let refused = 0;
  const calls = Array.from({ length: 130_000 }, () =>
    client.put('k', VALUE).catch((error: unknown) => {
      if ((error as { code?: string }).code === 'OVERLOADED') refused += 1;
    }),
  );
  await clock.turn();
  t.is(nodes.asked.length, IN_FLIGHT);
  t.is(refused, 130_000 - 100_000 - IN_FLIGHT);
  for (let i = 0; i < 200 && nodes.asked.length > 0; i += 1) {
    nodes.answer();
    await clock.turn();
  }
  await Promise.all(calls);
  await client.close();
});
