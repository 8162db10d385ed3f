import { INTERRUPTED } from '../flow.js';
import type { ToxicKind } from '../toxic.js';

/**
 * Lets nothing through: what is sent is lost. Ends a connection that has been silent for `timeout` milliseconds; 0:
 * never, but taking the toxic away ends it, since bytes are missing by then.
 */
export const timeout: ToxicKind = {
  defaults: { timeout: 0 },
  closesWhenRemoved: true,
  async pipe(flow, attributes) {
    let timer: NodeJS.Timeout | undefined;
    try {
      for (;;) {
        clearTimeout(timer);
        if (attributes['timeout']! > 0) timer = setTimeout(() => flow.close(), attributes['timeout']);
        const chunk = await flow.read();
        if (chunk === INTERRUPTED) return;
        if (chunk === null) return flow.close();
      }
    } finally {
      clearTimeout(timer);
    }
  },
};
