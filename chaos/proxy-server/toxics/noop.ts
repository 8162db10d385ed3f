import { INTERRUPTED } from '../flow.js';
import type { ToxicKind } from '../toxic.js';

/** Passes everything on. */
export const noop: ToxicKind = {
  defaults: {},
  async pipe(flow) {
    for (;;) {
      const chunk = await flow.read();
      if (chunk === INTERRUPTED) return;
      if (chunk === null) return flow.close();
      await flow.write(chunk);
    }
  },
};
