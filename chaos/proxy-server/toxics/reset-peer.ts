import { INTERRUPTED } from '../flow.js';
import type { ToxicKind } from '../toxic.js';

/** Ends a connection `timeout` milliseconds after it was used, with a reset where it began under this toxic. */
export const resetPeer: ToxicKind = {
  defaults: { timeout: 0 },
  resets: true,
  async pipe(flow, attributes) {
    if ((await flow.read()) === INTERRUPTED) return;
    await flow.sleep(attributes['timeout']!);
    flow.close();
  },
};
