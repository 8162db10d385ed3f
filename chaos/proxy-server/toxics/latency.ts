import { INTERRUPTED } from '../flow.js';
import type { Attributes, ToxicKind } from '../toxic.js';

/** Delays everything by `latency` plus or minus `jitter`, in milliseconds; the order stays. */
export const latency: ToxicKind = {
  defaults: { latency: 0, jitter: 0 },
  capacity: 1_024,
  async pipe(flow, attributes) {
    for (;;) {
      const chunk = await flow.read();
      if (chunk === INTERRUPTED) return;
      if (chunk === null) return flow.close();
      const waitMs = delayMs(attributes) - (performance.now() - chunk.atMs);
      const slept = await flow.sleep(waitMs);
      // When it is taken away, what waits leaves without waiting on.
      await flow.write(slept ? { ...chunk, atMs: chunk.atMs + waitMs } : chunk);
      if (!slept) return;
    }
  },
};

function delayMs({ latency: base = 0, jitter = 0 }: Attributes): number {
  return jitter > 0 ? base + Math.floor(Math.random() * jitter * 2) - jitter : base;
}
