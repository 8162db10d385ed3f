/** Drives one proposer: sends what it says, waits, backs off, and reports its end. */
import {
  ATTEMPT_TIMEOUT_MS,
  OP_WINDOW_SIZE,
  OPERATION_LIFETIME_MS,
  SLOW_PATH_BACKOFF_MAX_MS,
  SLOW_PATH_BACKOFF_MIN_MS,
} from '../core/defaults.js';
import type { Seed } from '../core/adoption.js';
import type { Ballot } from '../core/ballot.js';
import { majority } from '../core/level.js';
import type { Operation } from '../core/operation.js';
import type { PeerMessage } from '../core/peer-message.js';
import { Proposer } from '../core/proposer.js';
import type { Step } from '../core/proposer-step.js';
import type { Timer } from '../ports/clock.js';
import type { LinkReply, ReplySink } from './reply-sink.js';
import type { SampledWrite } from './sampled-write.js';
import { askReplicas, type Ticking, type Tools } from './tools.js';

export interface ProposalOptions {
  readonly key: string;
  readonly homes: readonly string[];
  readonly operations: readonly Operation[];
  readonly mayHaveApplied?: readonly boolean[];
  readonly waitForAll: boolean;
  readonly seed?: Seed | undefined;
  readonly mustHear?: string | undefined;
  readonly promises?: number | undefined;
  readonly above?: Ballot | undefined;
  /** When the first of the requests came, if clients wait for it: its acknowledgements may be timed. */
  readonly startedMs?: number | undefined;
  readonly onFinish: () => void;
  /** The owner path did not go through: `startSlow` has to be called, now or after others on this key. */
  readonly onOwnerLost: () => void;
}

export class Proposal implements ReplySink, Ticking {
  readonly proposer: Proposer;
  readonly #tools: Tools;
  readonly #options: ProposalOptions;
  #attemptEndsMs = Infinity;
  #slow = false;
  #failures = 0;
  #mintedAtClock = false;
  #pause: Timer | undefined;
  /** null: not chosen to be timed. */
  #timed: SampledWrite | null | undefined;
  /** Brings the last replicas of a write at ALL up. */
  #identity: Proposal | undefined;

  constructor(tools: Tools, options: ProposalOptions) {
    this.#tools = tools;
    this.#options = options;
    const { homes: replicas, operations, waitForAll, seed, mustHear, promises, above } = options;
    this.proposer = new Proposer({
      self: tools.self,
      replicas,
      operations,
      waitForAll,
      seed,
      mustHear,
      promises,
      above,
      windowSize: OP_WINDOW_SIZE,
      lifetime: OPERATION_LIFETIME_MS * 1_000,
      ...(options.mayHaveApplied === undefined ? {} : { mayHaveApplied: options.mayHaveApplied }),
    });
  }

  /** Rule 6 if this process owns the key, `onOwnerLost` otherwise. */
  start(): void {
    this.#tools.replica.newest(this.#options.key, (record) => {
      if (this.proposer.isFinished) return;
      const step = this.proposer.beginAsOwner(record, this.#tools.clock.physicalMicros());
      if (step === undefined) this.#options.onOwnerLost();
      else {
        this.#tools.counters.ownerRounds += 1;
        this.#perform(step);
      }
    });
  }

  /** Rule 7. */
  startSlow(): void {
    this.#slow = true;
    this.#tools.replica.newest(this.#options.key, (record) => {
      if (this.proposer.isFinished) return;
      this.proposer.observe(record);
      this.#prepare();
    });
  }

  onReply(token: number, from: string, reply: LinkReply): void {
    if (reply.kind === 'forwarded' || reply.kind === 'repaired') return;
    this.#perform(this.proposer.onReply(token, from, reply, this.#tools.clock.physicalMicros()));
  }

  tick(nowMs: number): void {
    this.#identity?.tick(nowMs);
    if (nowMs < this.#attemptEndsMs) return;
    this.#attemptEndsMs = Infinity;
    this.#perform(this.proposer.onAttemptTimeout());
  }

  /** The last of those who wait for it has no time left. */
  end(): void {
    this.#pause?.cancel();
    this.#perform(this.proposer.onDeadline());
    this.#identity?.end();
  }

  #perform(step: Step | undefined): void {
    switch (step?.do) {
      case undefined:
        return;
      case 'accept':
        this.#ask(
          { kind: 'accept', key: this.#options.key, ballot: step.ballot, state: step.state },
          this.#timing(step),
        );
        return;
      case 'prepare':
        this.#tools.counters.slowRounds += 1;
        this.#ask({ kind: 'prepare', key: this.#options.key, ballot: step.ballot });
        return;
      case 'catch-up':
        this.#catchUp();
        return;
      case 'retry':
        this.#retry();
        return;
      case 'finish':
        this.#pause?.cancel();
        this.#attemptEndsMs = Infinity;
        this.#options.onFinish();
    }
  }

  #timing({ ballot }: { readonly ballot: Ballot }): ReplySink {
    const { homes, startedMs, waitForAll } = this.#options;
    if (startedMs === undefined) return this;
    const required = waitForAll ? homes.length : majority(homes.length);
    this.#timed ??= this.#tools.timed({ homes, required, startedMs }) ?? null;
    return this.#timed?.around(this, this.proposer.attempt, ballot) ?? this;
  }

  #ask(message: PeerMessage, sink: ReplySink = this): void {
    this.#attemptEndsMs = this.#tools.clock.monotonicMs() + ATTEMPT_TIMEOUT_MS;
    askReplicas(this.#tools, this.#options.homes, message, sink, this.proposer.attempt);
  }

  #catchUp(): void {
    const { key, homes } = this.#options;
    const identity = new Proposal(this.#tools, {
      key,
      homes,
      operations: [],
      waitForAll: true,
      onFinish: () => {
        this.#identity = undefined;
        const { failure, acknowledgedMask } = identity.proposer;
        this.#perform(this.proposer.onCaughtUp(failure === undefined ? acknowledgedMask : 0));
      },
      onOwnerLost: () => {
        identity.startSlow();
      },
    });
    this.#identity = identity;
    this.#attemptEndsMs = Infinity;
    identity.startSlow();
  }

  #retry(): void {
    this.#attemptEndsMs = Infinity;
    if (!this.#slow) this.#options.onOwnerLost();
    else
      this.#afterPause(() => {
        this.#prepare();
      });
  }

  #prepare(): void {
    const { clock, mint } = this.#tools;
    const { key, operations } = this.#options;
    const opTime = operations.reduce((time, op) => Math.max(time, op.id.time), 0);
    const { skewed, seen } = this.proposer;
    if (skewed && this.#mintedAtClock) {
      this.#perform(this.proposer.giveUpSkewed());
      return;
    }
    this.#mintedAtClock = skewed;
    const physical = clock.physicalMicros();
    const ballot = skewed
      ? mint.mintAtClock(key, physical, opTime)
      : mint.mint(key, physical, Math.max(seen.time, opTime));
    this.#perform(this.proposer.prepare(ballot));
  }

  /** Full jitter, the bound doubling with every failure (rule 7e). */
  #afterPause(run: () => void): void {
    const bound = Math.min(SLOW_PATH_BACKOFF_MAX_MS, SLOW_PATH_BACKOFF_MIN_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#pause = this.#tools.clock.setTimer(bound * this.#tools.random.unit(), run);
  }
}
