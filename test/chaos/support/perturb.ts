/** Small lies told to a history: whether one matters is for a checker to say. */
import type { HistoryEvent } from '../../../chaos/history.js';
import type { Seeded } from './seeded.js';

/** A copy with one answer changed, or two neighbouring events swapped; the same history where nothing fits. */
export function perturb(events: readonly HistoryEvent[], random: Seeded): HistoryEvent[] {
  const copy = [...events];
  const ends = copy.flatMap(({ type }, at) => (type === 'invoke' ? [] : [at]));
  const at = ends.length === 0 || random.chance(0.3) ? random.below(copy.length) : random.pick(ends);
  const event = copy[at]!;
  const reads = copy.filter(({ type, kind }) => type === 'ok' && kind === 'get');
  const answers = copy.filter(({ type, version }) => type === 'ok' && version !== undefined);
  switch (random.below(4)) {
    case 0:
      if (event.type === 'ok' && event.kind === 'get' && reads.length > 0) {
        const { value, version } = random.pick(reads);
        copy[at] = withVersion({ ...event, value: value! }, version);
      }
      break;
    case 1:
      // Two mutations under one version are for another checker: a mutation gets a version that nobody has.
      if (event.type === 'ok' && event.version !== undefined) {
        copy[at] = withVersion(event, event.kind === 'get' ? random.pick(answers).version : `${event.version}'`);
      }
      break;
    case 2:
      if (event.existed !== undefined) copy[at] = { ...event, existed: !event.existed };
      break;
    default:
      return swapped(copy, at);
  }
  return copy;
}

function withVersion(event: HistoryEvent, version: string | undefined): HistoryEvent {
  const { version: _old, ...rest } = event;
  return version === undefined ? rest : { ...rest, version };
}

/** Swaps an event with the next one, where they are not of one process. */
function swapped(events: HistoryEvent[], at: number): HistoryEvent[] {
  const [first, second] = [events[at]!, events[at + 1]];
  if (second === undefined || first.process === second.process) return events;
  events[at] = { ...second, time: first.time };
  events[at + 1] = { ...first, time: second.time };
  return events;
}

/** Whether some version was read with two values: for another checker to say. */
export function hasTornVersion(events: readonly HistoryEvent[]): boolean {
  const values = new Map<string, string | null>();
  return events.some(({ type, kind, version, value }) => {
    if (type !== 'ok' || kind !== 'get' || version === undefined || value === undefined) return false;
    const torn = values.has(version) && values.get(version) !== value;
    values.set(version, value);
    return torn;
  });
}
