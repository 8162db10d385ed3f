/** What a node tells, once a second, to whoever watches it. */
import type { LiveSample } from '../core/live-sample.js';

export interface LiveSource {
  /** Returns what ends it; undefined: too many watch already. */
  watch(watcher: LiveWatcher): (() => void) | undefined;
  /** A watcher was too slow and has been sent away: for the metrics. */
  watcherDropped(): void;
}

export interface LiveWatcher {
  /** All watchers are given the same sample. */
  onSample(sample: LiveSample): void;
  /** The node stops; no more will come. */
  onEnd(): void;
}
