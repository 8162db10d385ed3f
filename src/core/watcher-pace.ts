/** Whether a watcher keeps up: what it has not taken is never added to, so that it holds one sample at most. */
import { WATCH_MISSES_MAX } from './defaults.js';

export class WatcherPace {
  #missed = 0;

  /** There is something new. `isDrained`: it has taken everything that was sent before. */
  next(isDrained: boolean): 'send' | 'skip' | 'drop' {
    if (isDrained) {
      this.#missed = 0;
      return 'send';
    }
    this.#missed += 1;
    return this.#missed < WATCH_MISSES_MAX ? 'skip' : 'drop';
  }
}

/** What a watcher is told that is dropped. */
export const DROPPED_NOTICE = `This watcher did not take ${WATCH_MISSES_MAX} samples in a row and was dropped. Read faster, or watch again.`;
/** What one more watcher is told than there may be. */
export const CROWDED_NOTICE = 'As many watch this node already as may at once; end one of them, or watch another node.';
