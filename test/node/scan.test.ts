import test from 'ava';
import fc from 'fast-check';
import { restAfter, type KeyRange } from '../../src/core/key-range.js';
import type { ListReply } from '../../src/core/request.js';
import { ScanMerge } from '../../src/core/scan-merge.js';
import type { Sent } from './fake-network.js';
import { TestCluster } from './test-cluster.js';

const NODES = ['n1', 'n2', 'n3'];
const KEYS = ['a', 'b', 'c', 'd', 'e'];

interface Write {
  readonly kind: 'put' | 'delete';
  readonly key: string;
  readonly at: string;
  /** Of the frames between nodes that follow, bit i says whether number i is lost, over and over. */
  readonly losses: number;
}
/** From now on, requests and replies from and to this node are lost. */
interface Cut {
  readonly kind: 'cut';
  readonly node: string | undefined;
}
interface Page {
  readonly kind: 'page';
  /** Which of the hungry nodes. */
  readonly turn: number;
  readonly limit: number;
}

const at = fc.constantFrom(...NODES);
const key = fc.constantFrom(...KEYS);
const cuts: fc.Arbitrary<Cut> = fc.record({
  kind: fc.constant('cut' as const),
  node: fc.constantFrom(undefined, ...NODES),
});
const steps = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('delete' as const), key, at, losses: fc.nat({ max: 0xffff }) }),
    },
    { weight: 2, arbitrary: cuts },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('put' as const), key, at, losses: fc.constant(0) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('page' as const),
        turn: fc.nat({ max: 2 }),
        limit: fc.integer({ min: 1, max: 3 }),
      }),
    },
  ),
  { minLength: 5, maxLength: 25 },
);

/** A scan over real nodes while deletes are lost on their way; one node may not be listed at all. */
class Walk {
  readonly cluster = new TestCluster();
  readonly found: string[] = [];
  /** Keys of which it is not known that they had a value throughout. */
  readonly inDoubt = new Set<string>();
  #cut: string | undefined;
  readonly #range: KeyRange = { from: '', to: '', reverse: false };
  readonly #merge = new ScanMerge(NODES, this.#range, (one) => this.cluster.homes(one));

  constructor(silent: string | undefined) {
    // A value that two of three hold is what QUORUM vouches for.
    KEYS.forEach((one, index) => {
      this.cut(NODES[index % 3]);
      this.cluster.written(this.#reachable, one, one);
    });
    this.cut(undefined);
    if (silent !== undefined) this.#merge.lose(silent);
  }

  get isOver(): boolean {
    return this.#merge.isDone;
  }

  /** Lets the coordinator give up, so that what was lost stays lost. */
  write({ kind, key: one, at: node, losses }: Write): void {
    let frames = 0;
    this.cluster.network.passes = (sent) => {
      if (sent.frame.kind === 'heartbeat') return true;
      frames += 1;
      return ((losses >> ((frames - 1) % 16)) & 1) === 0 && this.#passes(sent);
    };
    const request = { timeoutMs: 60 };
    const answer =
      kind === 'put' ? this.cluster.put(node, one, 'again', request) : this.cluster.delete(node, one, request);
    this.cluster.timeline.advance(100);
    this.cluster.network.passes = this.#passes;
    const [reply] = answer.replies;
    if (kind === 'put' && !(reply?.kind === 'mutated' && reply.existed === true)) this.inDoubt.add(one);
  }

  page({ turn, limit }: Page): void {
    const { hungry } = this.#merge;
    const node = hungry[turn % hungry.length];
    if (node !== undefined) {
      const through = this.#merge.throughOf(node);
      const range = through === undefined ? this.#range : restAfter(this.#range, through);
      const reply = this.cluster.reply(this.cluster.ask(node, { kind: 'list', ...range, limit, timeoutMs: 1_000 }));
      this.#merge.add(node, reply as ListReply);
    }
    for (let next = this.#merge.next(); next !== undefined; next = this.#merge.next()) {
      if (this.hasValue(next.key)) this.found.push(next.key);
    }
  }

  hasValue(one: string): boolean {
    const read = { level: 'QUORUM', timeoutMs: 500 } as const;
    const reply = this.cluster.reply(this.cluster.get(this.#reachable, one, read));
    if (reply.kind === 'value') return reply.value !== null;
    this.cut(undefined);
    return this.cluster.value(this.cluster.get('n1', one, read)).value !== null;
  }

  cut(node: string | undefined): void {
    this.#cut = node;
    this.cluster.network.passes = this.#passes;
  }

  get #reachable(): string {
    return NODES.find((node) => node !== this.#cut)!;
  }

  readonly #passes = ({ from, to, frame }: Sent): boolean =>
    frame.kind === 'heartbeat' || (from !== this.#cut && to !== this.#cut);
}

test('of real nodes whose deletes get lost, each key that has a value throughout is found exactly once', (t) => {
  let kept = 0;
  t.notThrows(() =>
    fc.assert(
      fc.property(steps, fc.constantFrom(undefined, ...NODES), (plan, silent) => {
        const walk = new Walk(silent);
        for (const step of plan) {
          if (step.kind === 'page') walk.page(step);
          else if (step.kind === 'cut') walk.cut(step.node);
          else walk.write(step);
        }
        for (let turn = 0; !walk.isOver; turn += 1) walk.page({ kind: 'page', turn, limit: 3 });
        if (new Set(walk.found).size !== walk.found.length) throw new Error('a key was found twice');
        for (const one of KEYS) {
          if (walk.inDoubt.has(one) || !walk.hasValue(one)) continue;
          kept += 1;
          if (!walk.found.includes(one)) throw new Error(`${one} is missing`);
        }
      }),
      { numRuns: 1_000, includeErrorInReport: true },
    ),
  );
  t.true(kept > 1_000, 'keys were there throughout');
});
