/** Own writes through a near cache, whatever overlaps: what one call was told is never undone by what another is given. */
import fc from 'fast-check';
import test from 'ava';
import { connected, settled } from './connected.js';
import { CorrectRegisters } from './correct-registers.js';

interface Step {
  readonly kind: 'put' | 'get' | 'revalidate';
  readonly atMs: number;
  /** Until the cluster carries it out, and from then until its answer is there. */
  readonly thereMs: number;
  readonly backMs: number;
}

interface Done {
  readonly startMs: number;
  readonly endMs: number;
  readonly value: string;
}

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('put' as const, 'get' as const, 'get' as const, 'revalidate' as const),
    atMs: fc.nat({ max: 60 }),
    thereMs: fc.nat({ max: 20 }),
    backMs: fc.nat({ max: 20 }),
  }),
  { minLength: 2, maxLength: 14 },
);

/** Writes and reads of one key by one client, as they were told. */
async function carriedOut(plan: readonly Step[]): Promise<{ writes: Done[]; reads: Done[] }> {
  const here = await connected({ nearCache: { maxAgeMs: 40, staleWhileRevalidateMs: 0 }, hedge: false });
  const { clock, cluster, client } = here;
  const registers = new CorrectRegisters(clock);
  const delays = [...plan];
  let asked = 0;
  cluster.script = (_, request) => {
    const { pipe, sent } = cluster.received.findLast((one) => one.request === request)!;
    const { thereMs, backMs } = delays[asked++ % delays.length]!;
    clock.setTimer(1 + thereMs, () => {
      const reply = registers.answer(request)!;
      clock.setTimer(1 + backMs, () => pipe.answer(sent, reply));
    });
    return undefined;
  };
  const writes: Done[] = [];
  const reads: Done[] = [];
  const calls = plan.map(async ({ kind, atMs }, index) => {
    await new Promise<void>((resolve) => void clock.setTimer(atMs, resolve));
    const startMs = clock.nowMs;
    if (kind === 'put') {
      await client.put('k', Buffer.from(String(index)));
      writes.push({ startMs, endMs: clock.nowMs, value: String(index) });
    } else {
      const maxAgeMs = kind === 'revalidate' ? 0 : undefined;
      const { value } = await client.nearCache!.get<Uint8Array>('k', { maxAgeMs });
      reads.push({ startMs, endMs: clock.nowMs, value: value === undefined ? 'none' : Buffer.from(value).toString() });
    }
  });
  await settled(here, Promise.all(calls), 1);
  return { writes, reads };
}

test('a read never gives what was overwritten before it began, to the client that overwrote it', async (t) => {
  await fc.assert(
    fc.asyncProperty(steps, async (plan) => {
      const { writes, reads } = await carriedOut(plan);
      for (const read of reads) {
        const found = writes.find(({ value }) => value === read.value);
        const foundEndMs = found?.endMs ?? -Infinity;
        const overwritten = writes.find(({ startMs, endMs }) => startMs > foundEndMs && endMs < read.startMs);
        t.is(overwritten, undefined, `${JSON.stringify(read)} of ${JSON.stringify(writes)}`);
      }
    }),
    { numRuns: 300 },
  );
});
