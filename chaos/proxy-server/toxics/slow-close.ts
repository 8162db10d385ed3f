import { INTERRUPTED } from '../flow.js';
import type { ToxicKind } from '../toxic.js';

/** Holds back the end of a connection for `delay` milliseconds. */
export const slowClose: ToxicKind = {
  defaults: { delay: 0 },
  async pipe(flow, attributes) {
    for (;;) {
      const chunk = await flow.read();
      if (chunk === INTERRUPTED) return;
      if (chunk !== null) {
        await flow.write(chunk);
        continue;
      }
      if (await flow.sleep(attributes['delay']!)) flow.close();
      return;
    }
  },
};
