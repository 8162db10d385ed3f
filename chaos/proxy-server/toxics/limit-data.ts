import { INTERRUPTED } from '../flow.js';
import type { ToxicKind } from '../toxic.js';

/** Ends a connection once it has carried `bytes` bytes. */
export const limitData: ToxicKind = {
  defaults: { bytes: 0 },
  async pipe(flow, attributes) {
    for (;;) {
      const chunk = await flow.read();
      if (chunk === INTERRUPTED) return;
      if (chunk === null) return flow.close();
      const carried = flow.state['carried'] ?? 0;
      const data = chunk.data.subarray(0, Math.max(0, attributes['bytes']! - carried));
      if (data.length > 0) await flow.write({ ...chunk, data });
      flow.state['carried'] = carried + data.length;
      if (flow.state['carried'] >= attributes['bytes']!) return flow.close();
    }
  },
};
