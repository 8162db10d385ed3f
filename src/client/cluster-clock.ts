/**
 * The cluster's time as this client knows it: an offset learnt from replies, on the monotonic clock, never the
 * machine's wall clock (PROTOCOL.md, "operation"). Mints the identities of this client's operations.
 */
import { BALLOT_TIME_MAX, type Ballot, type Micros, type ProcessId } from '../core/ballot.js';
import { CLOCK_BOUND_MS } from '../core/defaults.js';

const MICROS_PER_MS = 1_000;
const CLOCK_BOUND = CLOCK_BOUND_MS * MICROS_PER_MS;
/** 200 parts per million, in microseconds per millisecond: how fast two clocks are taken to drift apart at most. */
const DRIFT = 0.2;

/** A node's clock minus our monotonic clock, in microseconds, known to within `error` when it was taken. */
interface Sample {
  readonly offset: number;
  readonly error: number;
  readonly takenMs: number;
}

/** One exchange with a node, in milliseconds of the monotonic clock; `clock` is the node's own time in between. */
export interface Exchange {
  readonly sentMs: number;
  readonly receivedMs: number;
  readonly clock: Micros;
}

export class ClusterClock {
  readonly #client: ProcessId;
  readonly #samples = new Map<string, Sample>();
  #offset = 0;
  /** The largest time seen that may be followed. */
  #seen: Micros = 0;
  #minted: Micros = 0;

  constructor(client: ProcessId) {
    this.#client = client;
  }

  /** Learns from a node's clock. What cannot be a clock is ignored. */
  learn(node: string, exchange: Exchange): void {
    const { clock, receivedMs } = exchange;
    if (!Number.isSafeInteger(clock) || clock <= 0 || clock > BALLOT_TIME_MAX) return;
    const sample = sampleOf(exchange);
    const known = this.#samples.get(node);
    if (known === undefined || replaces(sample, known)) {
      this.#samples.set(node, sample);
      this.#offset = lowerMedian([...this.#samples.values()].map(({ offset }) => offset));
    }
    this.follow(clock, receivedMs);
  }

  /**
   * Later operations get a time above this one. False: it is further ahead of the cluster's time than replicas
   * follow (rule 1), and following it would have every later operation of this client refused.
   */
  follow(time: Micros, nowMs: number): boolean {
    if (!(time > this.#seen)) return true;
    if (time > this.#estimate(nowMs) + CLOCK_BOUND) return false;
    this.#seen = time;
    return true;
  }

  /** A new operation's identity; above every one minted before. */
  mint(nowMs: number): Ballot {
    const time = Math.max(Math.ceil(this.#estimate(nowMs)), this.#minted + 1, this.#seen + 1);
    this.#minted = time;
    return { time, node: this.#client.node, incarnation: this.#client.incarnation, sub: 0 };
  }

  #estimate(nowMs: number): number {
    return nowMs * MICROS_PER_MS + this.#offset;
  }
}

function sampleOf({ sentMs, receivedMs, clock }: Exchange): Sample {
  const error = ((receivedMs - sentMs) * MICROS_PER_MS) / 2;
  return { offset: clock - receivedMs * MICROS_PER_MS + error, error, takenMs: receivedMs };
}

/** A sharper sample replaces a known one, and so does one that shows that a clock was set or the machine slept. */
function replaces(sample: Sample, known: Sample): boolean {
  const drift = (sample.takenMs - known.takenMs) * DRIFT;
  const contradicts = Math.abs(sample.offset - known.offset) > sample.error + known.error + drift + MICROS_PER_MS;
  return contradicts || sample.error <= known.error + drift;
}

/** One fast node does not set the time for the others; of two nodes, the slower one does. */
function lowerMedian(offsets: number[]): number {
  offsets.sort((a, b) => a - b);
  return offsets[(offsets.length - 1) >> 1]!;
}
