/**
 * Somebody who lists all keys of the cluster again and again, page by page from every node, and merges the lists as the
 * SDK does. Every key that is there throughout must come up exactly once, and no key twice, whatever else happens.
 */
import { restAfter, type KeyRange } from '../../src/core/key-range.js';
import type { Ring } from '../../src/core/ring.js';
import { ScanMerge, uncovered } from '../../src/core/scan-merge.js';
import type { Reply } from '../../src/core/request.js';
import type { Prng } from './prng.js';
import type { SimCluster } from './sim-cluster.js';
import type { SimNode } from './sim-node.js';
import { Violation } from './violation.js';

export interface SimScanOptions {
  readonly cluster: SimCluster;
  readonly ring: Ring;
  readonly random: Prng;
  /** Keys that have a value throughout. */
  readonly lasting: readonly string[];
  /** Records that a node looks at for one page. */
  readonly pageRecords: number;
  readonly say: (line: string) => void;
}

const RANGE: KeyRange = { from: '', to: '', reverse: false };
const ANSWER_MS = 400;
const PAUSE_MS = 5;

export class SimScan {
  readonly #options: SimScanOptions;
  #merge: ScanMerge;
  #lost = new Set<string>();
  #shown: string[] = [];
  #stopped = false;
  /** Scans that went through to the end. */
  completed = 0;

  constructor(options: SimScanOptions) {
    this.#options = options;
    this.#merge = this.#begun();
  }

  start(): void {
    this.#step();
  }

  stop(): void {
    this.#stopped = true;
  }

  #begun(): ScanMerge {
    const { ring } = this.#options;
    this.#lost = new Set();
    this.#shown = [];
    return new ScanMerge(ring.nodes, RANGE, (key) => ring.homeReplicas(key));
  }

  #step(): void {
    if (this.#stopped) return;
    for (let next = this.#merge.next(); next !== undefined; next = this.#merge.next()) this.#shown.push(next.key);
    if (this.#merge.isDone) this.#judge();
    else this.#feed();
  }

  #feed(): void {
    const { hungry } = this.#merge;
    let left = hungry.length;
    for (const name of hungry) {
      this.#ask(name, (reply) => {
        if (reply?.kind === 'keys') this.#merge.add(name, reply);
        else {
          this.#lost.add(name);
          this.#merge.lose(name);
        }
        left -= 1;
        if (left > 0) return;
        // Some key could be missing: refused, as by the SDK, and begun again.
        if (uncovered(this.#options.ring.homeSets, this.#lost, 'QUORUM') !== undefined) this.#again('refused');
        else this.#step();
      });
    }
  }

  /** `done` is called once: with no reply where none came in time. */
  #ask(name: string, done: (reply: Reply | undefined) => void): void {
    const { cluster, random, pageRecords } = this.#options;
    const { scheduler } = cluster;
    const node: SimNode = cluster.node(name);
    const before = this.#merge.throughOf(name);
    const range = before === undefined ? RANGE : restAfter(RANGE, before);
    let isOver = false;
    const end = (reply: Reply | undefined): void => {
      if (isOver) return;
      isOver = true;
      done(reply);
    };
    scheduler.atTime(ANSWER_MS, undefined, () => {
      end(undefined);
    });
    scheduler.after(random.around(1), node.host, () => {
      node.execute({ kind: 'list', ...range, limit: pageRecords, timeoutMs: ANSWER_MS }, (reply) => {
        scheduler.after(random.around(1), undefined, () => {
          end(reply);
        });
      });
    });
  }

  #judge(): void {
    const { lasting } = this.#options;
    const shown = this.#shown;
    const twice = shown.find((key, at) => shown.indexOf(key) !== at);
    const missing = lasting.find((key) => !shown.includes(key));
    if (twice !== undefined) throw new Violation('a scan shows no key twice', `${twice} in ${shown.join()}`);
    if (missing !== undefined)
      throw new Violation('a scan shows every lasting key', `${missing} not in ${shown.join()}`);
    if (shown.some((key, at) => at > 0 && key < shown[at - 1]!))
      throw new Violation('a scan is in order', shown.join());
    this.completed += 1;
    this.#again('complete');
  }

  #again(what: string): void {
    const { cluster, random, say } = this.#options;
    say(`scan ${what}: ${this.#shown.join()}`);
    this.#merge = this.#begun();
    cluster.scheduler.atTime(random.around(PAUSE_MS), undefined, () => {
      this.#step();
    });
  }
}
