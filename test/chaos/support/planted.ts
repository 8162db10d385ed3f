/** Single faults, each certain to break a versioned history of {@link atomicHistory}; undefined where none fits. */
import { pairOperations, type Operation } from '../../../chaos/checkers/operation.js';
import type { HistoryEvent } from '../../../chaos/history.js';
import type { Seeded } from './seeded.js';

const binds = (one: Operation): boolean => one.outcome === 'ok' && one.receipt?.guarantee === 'linearizable';
const reads = (one: Operation): boolean => binds(one) && one.kind === 'get' && typeof one.value === 'string';
const writes = (one: Operation): boolean => binds(one) && one.kind !== 'get' && one.kind !== 'delete';

/** A read shows a version that an acknowledged write had replaced before the read began. */
export function plantStaleRead(history: readonly HistoryEvent[], random: Seeded): HistoryEvent[] | undefined {
  const operations = pairOperations(history);
  const fits = operations.filter(reads).flatMap((read) => {
    const newer = operations.filter((one) => writes(one) && one.end < read.start);
    return operations
      .filter((old) => writes(old) && newer.some((one) => old.end < one.start))
      .map((old) => ({ read, old }));
  });
  if (fits.length === 0) return undefined;
  const { read, old } = random.pick(fits);
  return changed(history, read.end, { value: old.value!, version: old.version! });
}

/** A compare-and-set succeeds on a version that another one had replaced. */
export function plantLostUpdate(history: readonly HistoryEvent[], random: Seeded): HistoryEvent[] | undefined {
  const swaps = pairOperations(history).filter((one) => binds(one) && one.kind === 'cas' && one.expect !== 'absent');
  if (swaps.length < 2) return undefined;
  const [first, second] = [random.pick(swaps), random.pick(swaps)];
  if (first === second) return plantLostUpdate(history, random);
  return changed(history, second.start, { expect: first.expect! });
}

/** A write appears a second time, after a later write was seen. */
export function plantDoubleApply(history: readonly HistoryEvent[], random: Seeded): HistoryEvent[] | undefined {
  const operations = pairOperations(history);
  const fits = operations
    .filter(reads)
    .flatMap((first) =>
      operations
        .filter((later) => reads(later) && later.start > first.end && later.version !== first.version)
        .flatMap((between) =>
          operations.filter((again) => reads(again) && again.start > between.end).map((again) => ({ first, again })),
        ),
    );
  if (fits.length === 0) return undefined;
  const { first, again } = random.pick(fits);
  return changed(history, again.end, { value: first.value!, version: first.version! });
}

/** Two reads by one process show two versions in the wrong order. */
export function plantSwappedOrder(history: readonly HistoryEvent[], random: Seeded): HistoryEvent[] | undefined {
  const operations = pairOperations(history);
  const fits = operations.filter(reads).flatMap((first) =>
    operations
      .filter((second) => reads(second) && second.start > first.end && second.version !== first.version)
      .filter((second) =>
        operations.some((one) => writes(one) && one.version === second.version && one.start > first.end),
      )
      .map((second) => ({ first, second })),
  );
  if (fits.length === 0) return undefined;
  const { first, second } = random.pick(fits);
  const once = changed(history, first.end, { value: second.value!, version: second.version! });
  return changed(once, second.end, { value: first.value!, version: first.version! });
}

/** Histories of the register are in order of time, so an event's rank is its place. */
function changed(history: readonly HistoryEvent[], place: number, fields: Partial<HistoryEvent>): HistoryEvent[] {
  return history.map((event, at) => (at === place ? { ...event, ...fields } : event));
}
