/**
 * Compares this node's Merkle trees with those of each peer in turn, and mends what differs: sends on what is newer
 * here, fetches what is newer there, each by an accept and nothing stronger; where a promise refuses it, an identity
 * round settles the key (PROTOCOL.md rule 16).
 */
import {
  ANTI_ENTROPY_KEYS,
  ANTI_ENTROPY_LEAVES,
  ANTI_ENTROPY_LEAVES_MAX,
  ANTI_ENTROPY_MENDS,
  ANTI_ENTROPY_PERIOD_MS,
  ANTI_ENTROPY_YOUNG_MS,
} from '../core/defaults.js';
import { MerkleComparison, type MerkleComparisonOptions, type MerkleStep } from '../core/merkle-comparison.js';
import { compareLeaf, type KeyBallot, type LeafDifference } from '../core/merkle-leaf.js';
import type { SettledMarks } from '../core/settled-marks.js';
import type { RepairReply, RepairRequest } from '../core/repair-message.js';
import type { Timer } from '../ports/clock.js';
import { fewAtOnce } from './few-at-once.js';
import type { KeyMender } from './key-mender.js';
import type { LinkReply } from './reply-sink.js';
import type { AntiEntropyStats } from './stats.js';
import type { Tools } from './tools.js';
import type { TreeKeeper } from './tree-keeper.js';

export interface AntiEntropyParts {
  readonly tools: Tools;
  readonly trees: TreeKeeper;
  readonly mender: KeyMender;
  readonly peers: readonly string[];
  readonly marks: SettledMarks;
  /** The marks have changed and have to be written. */
  readonly saveMarks: () => void;
}

/** An answer that does not come by then ends the comparison; the next one begins anew. */
const ANSWER_TIMEOUT_MS = 5_000;
const LISTS: MerkleComparisonOptions = {
  leavesPerList: ANTI_ENTROPY_LEAVES,
  keysPerList: ANTI_ENTROPY_KEYS,
  leavesPerListMax: ANTI_ENTROPY_LEAVES_MAX,
};

export class AntiEntropy {
  readonly #parts: AntiEntropyParts;
  readonly #waiting: string[] = [];
  #current: Run | undefined;
  #timer: Timer | undefined;
  #stopped = false;
  #complete = 0;
  readonly #comparedAtMs: { [peer: string]: number } = {};

  constructor(parts: AntiEntropyParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#parts.trees.start(() => {
      this.#round();
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#parts.trees.stop();
  }

  /**
   * Rule 19: compares with this peer once more, and settles every key that differs from the promises of all home
   * replicas. `done` is told whether nothing was left out.
   */
  settleAll(peer: string, done: (whole: boolean, keys: number) => void): Settling {
    const run: Run = new Run(this.#parts, peer, Infinity, (whole) => {
      // Of a key that is not in the trees yet nobody knows whether its copies differ.
      done(whole && isComplete, run.settled);
    });
    const { isComplete } = this.#parts.trees.forest;
    run.begin();
    return run;
  }

  /** This peer is compared with as soon as there is time: its link has come up. */
  hurry(peer: string): void {
    if (!this.#waiting.includes(peer)) this.#waiting.unshift(peer);
    this.#next();
  }

  stats(): AntiEntropyStats {
    const { trees, mender } = this.#parts;
    return {
      treesComplete: trees.forest.isComplete,
      keysScanned: trees.scanned,
      comparing: this.#current?.peer,
      progress: this.#current?.progress ?? 1,
      comparisons: this.#complete,
      comparedAtMs: { ...this.#comparedAtMs },
      ...mender.counts,
    };
  }

  /** Everybody once, then a pause. */
  #round(): void {
    if (this.#stopped) return;
    for (const peer of this.#parts.peers) if (!this.#waiting.includes(peer)) this.#waiting.push(peer);
    this.#next();
    this.#timer = this.#parts.tools.clock.setTimer(ANTI_ENTROPY_PERIOD_MS, () => {
      this.#round();
    });
  }

  #next(): void {
    if (this.#current !== undefined || this.#stopped || !this.#parts.trees.forest.isComplete) return;
    const peer = this.#waiting.shift();
    if (peer === undefined) return;
    if (!this.#parts.tools.links.reachable(peer)) {
      this.#next();
      return;
    }
    const youngFrom = this.#parts.tools.clock.physicalMicros() - ANTI_ENTROPY_YOUNG_MS * 1_000;
    this.#current = new Run(this.#parts, peer, youngFrom, (whole) => {
      this.#current = undefined;
      this.#parts.marks.comparisonEnds(peer, whole);
      if (whole) this.#wasWhole(peer);
      this.#parts.tools.clock.defer(() => {
        this.#next();
      });
    });
    this.#parts.marks.comparisonBegins(peer, youngFrom);
    this.#current.begin();
  }

  #wasWhole(peer: string): void {
    this.#parts.saveMarks();
    this.#complete += 1;
    this.#comparedAtMs[peer] = Math.floor(this.#parts.tools.clock.physicalMicros() / 1_000);
  }
}

/** A comparison under way. */
export interface Settling {
  /** 0 to 1. */
  readonly progress: number;
}

type Mended = (isMended: boolean) => void;
type Mend = (mended: Mended) => void;

/** One comparison with one peer. */
class Run {
  readonly #parts: AntiEntropyParts;
  readonly #comparison: MerkleComparison;
  readonly #onEnd: (whole: boolean) => void;
  #timeout: Timer | undefined;
  #asked = 0;
  #unmended = 0;
  settled = 0;
  #ended = false;

  constructor(
    parts: AntiEntropyParts,
    readonly peer: string,
    /** Ballots from here on are taken to be still on their way; Infinity: none, and differences are settled by all. */
    private readonly youngFrom: number,
    onEnd: (whole: boolean) => void,
  ) {
    this.#parts = parts;
    this.#comparison = new MerkleComparison(parts.trees.forest, peer, LISTS);
    this.#onEnd = onEnd;
  }

  get progress(): number {
    return this.#comparison.progress;
  }

  begin(): void {
    this.#perform(this.#comparison.begin());
  }

  #perform(step: MerkleStep): void {
    switch (step.do) {
      case 'ask':
        this.#ask(step.request, (reply) => {
          if (reply.kind === 'digests') this.#perform(this.#comparison.onDigests(reply.digests));
          else this.#end(false);
        });
        return;
      case 'list':
        this.#list(step.group, step.leaves);
        return;
      case 'finish':
        this.#end(this.#unmended === 0);
        return;
      case 'fail':
        this.#parts.tools.log.warn({ peer: this.peer, reason: step.reason }, 'a comparison of Merkle trees failed');
        this.#end(false);
    }
  }

  #list(group: string, leaves: readonly number[]): void {
    this.#ask({ kind: 'leaves', group, leaves }, (reply) => {
      if (reply.kind !== 'keys') {
        this.#end(false);
        return;
      }
      this.#parts.trees.keysOf(group, leaves, (ours) => {
        this.#mend(compareLeaf(ours, reply.keys, this.youngFrom), () => {
          if (!this.#ended) this.#perform(this.#comparison.onListed(Math.max(ours.length, reply.keys.length)));
        });
      });
    });
  }

  #mend(difference: LeafDifference, done: () => void): void {
    const mends = this.#mendsOf(difference);
    if (this.youngFrom === Infinity) this.settled += mends.length;
    fewAtOnce(
      mends,
      ANTI_ENTROPY_MENDS,
      (mend, next) => {
        mend((isMended) => {
          if (!isMended) this.#unmended += 1;
          next();
        });
      },
      done,
    );
  }

  #mendsOf({ push, pull }: LeafDifference): Mend[] {
    const { mender } = this.#parts;
    const each = (keys: readonly KeyBallot[], mend: (key: string, mended: Mended) => void): Mend[] =>
      keys.map(({ key }) => (mended) => {
        mend(key, mended);
      });
    if (this.youngFrom === Infinity)
      return each([...push, ...pull], (key, mended) => {
        mender.settleByAll(key, mended);
      });
    const pushes = each(push, (key, mended) => {
      mender.push(this.peer, key, mended);
    });
    const pulls = each(pull, (key, mended) => {
      mender.pull(this.peer, key, mended);
    });
    return [...pushes, ...pulls];
  }

  #ask(request: RepairRequest, use: (reply: RepairReply) => void): void {
    const { links, clock } = this.#parts.tools;
    this.#asked += 1;
    const token = this.#asked;
    this.#timeout?.cancel();
    this.#timeout = clock.setTimer(ANSWER_TIMEOUT_MS, () => {
      if (token === this.#asked) this.#end(false);
    });
    const onReply = (_: number, _from: string, reply: LinkReply): void => {
      if (this.#ended || token !== this.#asked) return;
      this.#timeout?.cancel();
      if (reply.kind === 'repaired') use(reply.reply);
      else this.#end(false);
    };
    links.repair(this.peer, request, { onReply }, token);
  }

  #end(whole: boolean): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#timeout?.cancel();
    this.#onEnd(whole);
  }
}
