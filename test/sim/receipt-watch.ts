/** Truth of receipts, against what really is on the disks when a client is answered. */
import { noteCodec } from '../../src/adapters/note-codec.js';
import type { Reply } from '../../src/core/request.js';
import { formatVersion, type Version } from '../../src/core/version.js';
import { memoryFrom, MEMORY_NOTES_MAX } from '../../src/node/node-memory.js';
import type { Note } from '../../src/ports/store.js';
import type { Durable } from './durable.js';
import type { Homes } from './homes.js';
import { Violation } from './violation.js';

export interface Disks {
  readonly nodes: readonly string[];
  readonly of: (node: string) => Durable;
  /** Whether a disk has a version, or what came after it. */
  holds(node: string, key: string, version: Version): boolean;
}

type Answer = Exclude<Reply, { kind: 'keys' }>;

const HINTS_MAX = 10_000;

/** Throws where the answer of `node` claims more than there is. */
export function checkReceipt(node: string, key: string, reply: Answer, disks: Disks, homes: Homes): void {
  const { receipt, version } = reply;
  if (receipt === undefined || version === undefined) return;
  const lie = (what: string): Violation =>
    new Violation('truth of receipts', `${node} answers ${reply.kind} ${key} ${formatVersion(version)}: ${what}`);
  // What is passed on for another node may have been true when that one answered.
  if (receipt.guarantee === 'linearizable' && receipt.coordinator === node && !mayClaim(disks.of(node)))
    throw lie('linearizable, before the policy is settled');
  if (version.time === 0) return;
  const holding = homes.of(key).filter((home) => disks.holds(home, key, version));
  if (receipt.durableCopies > holding.length)
    throw lie(`${receipt.durableCopies} durable copies, and only ${holding.join() || 'nobody'} has one`);
  if (reply.kind === 'mutated' || receipt.guarantee === 'linearizable') {
    const without = receipt.replicas.find((replica) => !holding.includes(replica));
    if (without !== undefined) throw lie(`names ${without}, whose disk does not hold it`);
  }
  if (receipt.hinted > 0) {
    // The barrier of a new policy drops hints and compares all copies instead (rule 19): there they count if they were made.
    const isSettled = mayClaim(disks.of(receipt.coordinator));
    const hints = disks.nodes.flatMap((one) =>
      isSettled ? disks.of(one).notes('hint', HINTS_MAX) : disks.of(one).hintsSoFar,
    );
    const kept = homes.of(key).filter((home) => holding.includes(home) || isHinted(home, key, version, hints));
    if (kept.length <= receipt.hinted)
      throw lie(`${receipt.hinted} hinted copies, and only ${kept.join()} is cared for`);
  }
}

/** What is on disk about the policy: without it nothing may be called linearizable. */
function mayClaim(disk: Durable): boolean {
  return memoryFrom(disk.notes('meta', MEMORY_NOTES_MAX), 'PC/EC').stand.settled;
}

function isHinted(target: string, key: string, version: Version, hints: readonly Note[]): boolean {
  return hints.some(
    ({ name, bytes }) => name === `${target}\n${key}` && noteCodec.unpackHint(bytes).state.version.time >= version.time,
  );
}
