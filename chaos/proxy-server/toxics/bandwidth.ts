import type { Chunk } from '../channel.js';
import { INTERRUPTED, type Flow } from '../flow.js';
import type { ToxicKind } from '../toxic.js';

/** Large chunks are passed on in parts that take this long each. */
const PART_MS = 100;

/** Limits a connection to `rate` KB/s, which are bytes per millisecond; 0 lets nothing through. */
export const bandwidth: ToxicKind = {
  defaults: { rate: 0 },
  async pipe(flow, attributes) {
    // What the sleeps so far were too short by; negative: too long.
    const debt = { ms: 0 };
    for (;;) {
      const chunk = await flow.read();
      if (chunk === INTERRUPTED) return;
      if (chunk === null) return flow.close();
      if (!(await pass(flow, chunk, attributes['rate']!, debt))) return;
    }
  },
};

/** False where it was interrupted; the rest has been passed on then. */
async function pass(flow: Flow, chunk: Chunk, rate: number, debt: { ms: number }): Promise<boolean> {
  if (rate <= 0) {
    if (chunk.data.length > 0) await flow.standStill();
    await flow.write(chunk);
    return chunk.data.length === 0;
  }
  debt.ms += chunk.data.length / rate;
  let rest = chunk.data;
  while (rest.length > rate * PART_MS) {
    const slept = await flow.sleep(PART_MS);
    await flow.write({ ...chunk, data: slept ? rest.subarray(0, rate * PART_MS) : rest });
    if (!slept) return false;
    rest = rest.subarray(rate * PART_MS);
    debt.ms -= PART_MS;
  }
  const startMs = performance.now();
  const slept = await flow.sleep(debt.ms);
  debt.ms -= performance.now() - startMs;
  await flow.write({ ...chunk, data: rest });
  return slept;
}
