import { CounterfactualLog } from '../../src/core/counterfactual-log.js';
import { LiveMeter } from '../../src/core/live-meter.js';
import type { LiveSample } from '../../src/core/live-sample.js';
import type { LiveSource, LiveWatcher } from '../../src/ports/live.js';

const stale = { latencyMs: 5, stale: { versions: 2, ms: 30 }, repairs: true };

function somethingSampled(): Pick<LiveSample, 'counterfactual' | 'staleness'> {
  const log = new CounterfactualLog(() => 0.5);
  const levels = { ONE: { ...stale, latencyMs: 1 }, QUORUM: { ...stale, stale: undefined }, ALL: undefined };
  const replicas = [{ node: 'n1', answer: stale }];
  log.addRead({ levels, replicas, actual: undefined, lastWrite: undefined }, undefined, 0);
  log.addWrite({ ONE: 1, QUORUM: 3, ALL: undefined }, 0);
  return log.sample(0.01, 0);
}

/** A sample in which every field has something. */
export function sampleOf(sequence: number, fields: Partial<LiveSample> = {}): LiveSample {
  const meter = new LiveMeter();
  const error = { code: 'UNAVAILABLE', message: 'no', definite: true, retryable: true } as const;
  meter.add('get', 'QUORUM', { kind: 'error', error }, 1);
  meter.add('put', 'ONE', { kind: 'keys', records: [], more: false } as never, 2);
  meter.checked('ONE', true);
  return {
    cluster: 'test',
    node: 'n1',
    incarnation: '00000000000000aa',
    sequence,
    atMs: 1_700_000_000_000 + sequence * 1_000,
    seconds: 1,
    uptimeSeconds: sequence,
    ready: true,
    inFlightRequests: 3,
    policy: { policy: 'PA/EL', epoch: 2, settled: true, settlingProgress: 1, defaultLevel: 'ONE' },
    levels: meter.take(1),
    ...somethingSampled(),
    links: [
      {
        peer: 'n2',
        state: 'alive',
        phi: 0.25,
        heardMsAgo: 40,
        roundTripMs: 0.5,
        clockOffsetMs: -0.125,
        queuedBytes: 10,
      },
      { peer: 'n3', state: 'dead', queuedBytes: 0 },
    ],
    hints: [{ target: 'n3', kept: 7, keptBytes: 700 }],
    repair: { comparing: 'n2', progress: 0.5, comparisons: 4, mended: 5, hintsDelivered: 6 },
    conflicts: { kept: 1, recorded: 2, recordedNow: 1 },
    ...fields,
  };
}

/** A node that tells what the test says, when it says so. */
export class FakeLive implements LiveSource {
  readonly watchers = new Set<LiveWatcher>();
  room = 10;
  dropped = 0;

  watch(watcher: LiveWatcher): (() => void) | undefined {
    if (this.watchers.size >= this.room) return undefined;
    this.watchers.add(watcher);
    return () => {
      this.watchers.delete(watcher);
    };
  }

  watcherDropped(): void {
    this.dropped += 1;
  }

  tell(sample: LiveSample): void {
    for (const watcher of this.watchers) watcher.onSample(sample);
  }

  stop(): void {
    for (const watcher of this.watchers) watcher.onEnd();
    this.watchers.clear();
  }
}
