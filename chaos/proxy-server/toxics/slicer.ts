import { INTERRUPTED } from '../flow.js';
import type { Attributes, ToxicKind } from '../toxic.js';

/** Cuts chunks into pieces of `average_size` plus or minus `size_variation` bytes, `delay` microseconds apart. */
export const slicer: ToxicKind = {
  defaults: { average_size: 0, size_variation: 0, delay: 0 },
  async pipe(flow, attributes) {
    // What the sleeps so far were too short by: timers are coarser than microseconds.
    let debtMs = 0;
    for (;;) {
      const chunk = await flow.read();
      if (chunk === INTERRUPTED) return;
      if (chunk === null) return flow.close();
      for (const end of cuts(0, chunk.data.length, attributes, 0)) {
        await flow.write({ ...chunk, data: chunk.data.subarray(end.from, end.to) });
        debtMs += attributes['delay']! / 1_000;
        const startMs = performance.now();
        const slept = await flow.sleep(debtMs < 1 ? 0 : debtMs);
        debtMs = Math.max(0, debtMs - (performance.now() - startMs));
        if (slept) continue;
        if (end.to < chunk.data.length) await flow.write({ ...chunk, data: chunk.data.subarray(end.to) });
        return;
      }
    }
  },
};

interface Piece {
  readonly from: number;
  readonly to: number;
}

const DEPTH_MAX = 32;

/** Halves, about, until the pieces are small enough, so that they vary evenly. */
export function cuts(from: number, to: number, attributes: Attributes, depth: number): Piece[] {
  const { average_size: average = 0, size_variation: variation = 0 } = attributes;
  if (to - from <= 1 || to - from - average <= variation || depth >= DEPTH_MAX) return [{ from, to }];
  const shift = variation > 0 ? Math.floor(Math.random() * variation * 2) - variation : 0;
  const middle = Math.min(to - 1, Math.max(from + 1, from + Math.floor((to - from) / 2) + shift));
  return [...cuts(from, middle, attributes, depth + 1), ...cuts(middle, to, attributes, depth + 1)];
}
