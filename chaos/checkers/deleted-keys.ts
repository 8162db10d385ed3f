/** A value that was there before a delete vouched for as linearizable does not come back after it. */
import { byKey, describe, isAcknowledged, isLinearizable, type Operation } from './operation.js';
import { verdictOf, type Verdict, type Violation } from './verdict.js';
import { VersionOrder } from './version-order.js';

export function checkDeletedKeys(operations: readonly Operation[]): Verdict {
  const violations: Violation[] = [];
  let checked = 0;
  for (const [key, ofKey] of byKey(operations)) {
    const order = new VersionOrder(ofKey);
    const deletes = ofKey.filter((one) => one.kind === 'delete' && isAcknowledged(one) && isLinearizable(one));
    checked += deletes.length;
    if (deletes.length === 0) continue;
    for (const read of ofKey) {
      if (read.kind !== 'get' || read.outcome !== 'ok' || typeof read.value !== 'string' || read.version === undefined)
        continue;
      if (!isLinearizable(read) && !read.final) continue;
      const existedBy = order.existedBy(read.version);
      const removal = deletes.find((one) => existedBy < one.start && one.end < read.start);
      if (removal === undefined) continue;
      violations.push({
        key,
        explanation: `${describe(read)} was deleted before: ${describe(removal)}`,
        operations: [removal, read],
      });
    }
  }
  return verdictOf('deleted-keys', checked, violations);
}
