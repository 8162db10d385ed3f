/** The keys of the cluster in order, each once: the lists of so many nodes that none can be missing, merged. */
import { LIST_GRACE_MS, LISTED_AT_ONCE_MAX } from '../core/defaults.js';
import { FulcrumError } from '../core/errors.js';
import { compareIn, restAfter, type KeyPage, type KeyRange } from '../core/key-range.js';
import { requiredReplicas, type Level } from '../core/level.js';
import { ScanMerge, uncovered, type Candidate } from '../core/scan-merge.js';
import type { Clock } from '../ports/clock.js';
import { ListCall } from './calls.js';
import type { Engine } from './engine.js';
import type { NodePipe } from './node-pipe.js';
import { checkTimeout, refuse } from './options.js';

export interface ListKeysOptions {
  /** For each page of each node, retries included, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** Records that one node is asked to look at in one request; 1000 by default. */
  readonly pageSize?: number | undefined;
}

export interface ListingParts {
  readonly engine: Engine;
  readonly clock: Clock;
}

/** Yields keys in byte order. Throws UNAVAILABLE once so many nodes are unreachable that a key could be missing. */
export async function* listKeys(
  parts: ListingParts,
  options: ListKeysOptions & { readonly timeoutMs: number },
): AsyncGenerator<readonly string[], void, undefined> {
  const { pageSize = LISTED_AT_ONCE_MAX } = options;
  if (!Number.isSafeInteger(pageSize) || pageSize < 1) refuse('pageSize must be a whole number of at least 1');
  const timeoutMs = checkTimeout('timeoutMs', options.timeoutMs);
  let range: KeyRange = { from: '', to: '', reverse: false };
  let listing = new KeyListing(parts, range, 'QUORUM');
  while (!listing.isDone) {
    try {
      await listing.feed(pageSize, parts.engine.now() + timeoutMs);
    } catch (error) {
      if (listing.through === undefined) throw error;
      // Nodes that were lost on the way may be back: only those that are lost where it begins are missing.
      range = restAfter(range, listing.through);
      listing = new KeyListing(parts, range, 'QUORUM');
      continue;
    }
    const keys = listing.take(Infinity).map(({ key }) => key);
    if (keys.length > 0) yield keys;
  }
}

/** What ends a request for a page. */
interface Bounds {
  readonly deadlineMs: number;
  readonly signal: AbortSignal | undefined;
}

/** A walk through the keys of a range, as far as the caller goes. */
export class KeyListing {
  readonly #parts: ListingParts;
  readonly #range: KeyRange;
  readonly #level: Level;
  readonly #pipes: ReadonlyMap<string, NodePipe | undefined>;
  readonly #homeSets: readonly (readonly string[])[];
  readonly #merge: ScanMerge;
  /** Why a node gives no more. */
  readonly #problems = new Map<string, Error>();
  /** Its caller gave it up. */
  #aborted: FulcrumError | undefined;

  constructor(parts: ListingParts, range: KeyRange, level: Level) {
    const { nodes } = parts.engine;
    const ids = nodes.members.map(({ id }) => id);
    const { ring } = nodes;
    this.#parts = parts;
    this.#range = range;
    this.#level = level;
    this.#pipes = new Map(nodes.members.map(({ id, pipe }) => [id, pipe]));
    this.#homeSets = ring.homeSets;
    this.#merge = new ScanMerge(ids, range, (key) => ring.homeReplicas(key));
    this.#leaveOutUnreachable();
  }

  get isDone(): boolean {
    return this.#merge.isDone;
  }

  /** Through which key everything was taken or passed over; undefined: nothing was yet. */
  get through(): string | undefined {
    return this.#merge.through;
  }

  /** The next candidates in order; fewer than `count` where a node must be asked first, or the range ends. */
  take(count: number): Candidate[] {
    const taken: Candidate[] = [];
    while (taken.length < count) {
      const next = this.#merge.next();
      if (next === undefined) break;
      taken.push(next);
    }
    return taken;
  }

  /** Asks the nodes of which nothing is left. Throws where a key could be missing from what the others say. */
  async feed(limit: number, deadlineMs: number, signal?: AbortSignal): Promise<void> {
    const asked = this.#merge.hungry;
    await this.#settled(
      asked,
      asked.map((node) => this.#ask(node, limit, { deadlineMs, signal })),
    );
    if (this.#aborted !== undefined) throw this.#aborted;
    const homes = uncovered(this.#homeSets, new Set(this.#problems.keys()), this.#level);
    if (homes !== undefined) throw incomplete(this.#level, homes, this.#problems);
  }

  /** Nodes that are known to be gone are not waited for where the others suffice. */
  #leaveOutUnreachable(): void {
    const gone = [...this.#pipes].filter(([, pipe]) => pipe?.open !== true);
    if (uncovered(this.#homeSets, new Set(gone.map(([node]) => node)), this.#level) !== undefined) return;
    for (const [node, pipe] of gone)
      this.#lose(node, pipe?.problem ?? new Error('this client has no connection to it'));
  }

  /** Waits for everybody; but once the others suffice, for a straggler no longer than a grace. */
  #settled(nodes: readonly string[], answers: readonly Promise<void>[]): Promise<void> {
    const pending = new Set(nodes);
    const suffices = (): boolean =>
      uncovered(this.#homeSets, new Set([...this.#problems.keys(), ...pending]), this.#level) === undefined;
    return new Promise((resolve) => {
      const giveUp = (): void => {
        for (const node of pending) this.#lose(node, new Error('it took much longer than the others'));
        resolve();
      };
      let grace: { cancel(): void } | undefined;
      const check = (): void => {
        if (pending.size === 0) {
          grace?.cancel();
          resolve();
        } else if (grace === undefined && suffices()) grace = this.#parts.clock.setTimer(LIST_GRACE_MS, giveUp);
      };
      answers.forEach((answer, index) => {
        void answer.then(() => {
          pending.delete(nodes[index]!);
          check();
        });
      });
      check();
    });
  }

  /** Resolves also where it failed. */
  async #ask(node: string, limit: number, bounds: Bounds): Promise<void> {
    const before = this.#merge.throughOf(node);
    const range = before === undefined ? this.#range : restAfter(this.#range, before);
    try {
      const page = await this.#page(node, range, Math.min(limit, LISTED_AT_ONCE_MAX), bounds);
      if (this.#problems.has(node)) return;
      this.#checkProgress(before, page);
      this.#merge.add(node, page);
    } catch (error) {
      if (error instanceof FulcrumError && error.code === 'ABORTED') this.#aborted = error;
      this.#lose(node, error as Error);
    }
  }

  #page(node: string, range: KeyRange, limit: number, { deadlineMs, signal }: Bounds): Promise<KeyPage> {
    const pipe = this.#pipes.get(node);
    if (pipe === undefined) return Promise.reject(new Error('this client has no connection to it'));
    return new Promise((resolve, reject) => {
      this.#parts.engine.start(new ListCall(deadlineMs, pipe, range, limit, { resolve, reject }), signal);
    });
  }

  /** A page without keys is none the less a step; one that leads nowhere would be asked for again and again. */
  #checkProgress(before: string | undefined, { through }: KeyPage): void {
    if (through === null || before === undefined || compareIn(this.#range, through, before) > 0) return;
    throw new Error('it answered without having looked any further');
  }

  #lose(node: string, problem: Error): void {
    if (this.#problems.has(node)) return;
    this.#problems.set(node, problem);
    this.#merge.lose(node);
  }
}

function incomplete(level: Level, homes: readonly string[], problems: ReadonlyMap<string, Error>): FulcrumError {
  const lost = homes.filter((node) => problems.has(node));
  const cause = problems.get(lost[0]!)!;
  const message =
    `keys cannot be listed at ${level}: ${[...problems.keys()].join(', ')} cannot be read, and keys whose home ` +
    `replicas are ${homes.join(', ')} could be missing (${cause.message}). Nothing was changed; when these nodes are ` +
    'back go on from the last cursor, or begin again';
  return new FulcrumError(
    {
      code: 'UNAVAILABLE',
      message,
      definite: true,
      missing: [...problems.keys()],
      required: requiredReplicas(level, homes.length),
      received: homes.length - lost.length,
      retryable: true,
    },
    { cause },
  );
}
