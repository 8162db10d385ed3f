/** Carries calls out: sends attempts, retries and hedges what may be, and settles each call once. */
import type { Micros } from '../core/ballot.js';
import { RETRY_ATTEMPTS } from '../core/defaults.js';
import { FulcrumError } from '../core/errors.js';
import type { ErrorReply, Reply } from '../core/request.js';
import { Aborts } from './aborts.js';
import { Attempt, hasOut, isOut, oldestOut, type AttemptSink, type Call, type Carrier } from './call.js';
import { ClusterClock } from './cluster-clock.js';
import { Deadlines } from './deadlines.js';
import { Events } from './events.js';
import * as failures from './failures.js';
import { Gate, type GateKeeper, type GateOptions } from './gate.js';
import { Hedging, type HedgeSettings } from './hedging.js';
import { metricsOf } from './meters.js';
import type { ClientMetrics } from './metrics.js';
import type { NodePipeParts } from './node-pipe.js';
import { Nodes, type NodesOptions } from './nodes.js';
import type { RetryBudgetOptions } from './resilience/retry-budget.js';
import { toAnswerError } from './results.js';
import { Retries, timeForNode, type Missed } from './retries.js';
import { Straggler, Stragglers } from './stragglers.js';
import { TurnClock } from './turn-clock.js';
import { notePushback, report, verdictOf, type Verdict } from './verdicts.js';
import { Watch, type WatchOptions } from './watch.js';

export interface EngineOptions extends NodesOptions, GateOptions, WatchOptions {
  readonly attemptTimeoutMs: number;
  readonly hedge: HedgeSettings;
  readonly retryBudget: RetryBudgetOptions;
}

export type EngineParts = Omit<NodePipeParts, 'sink' | 'events' | 'breaker'>;

export class Engine implements AttemptSink, GateKeeper {
  readonly nodes: Nodes;
  readonly events: Events;
  readonly #attemptTimeoutMs: number;
  readonly #time: ClusterClock;
  readonly #deadlines: Deadlines<Call | Straggler>;
  readonly #gate: Gate;
  readonly #clock: TurnClock;
  readonly #watch: Watch;
  readonly #aborts = new Aborts((call, reason) => this.#aborted(call, reason));
  readonly #retries: Retries;
  readonly #hedging: Hedging;
  readonly #stragglers = new Stragglers();
  #closed: Promise<void> | undefined;
  #drained: (() => void) | undefined;
  /** The turn of the event loop in which it was last looked at which nodes the others hear from. */
  #noticedTurn = -1;

  constructor(options: EngineOptions, parts: EngineParts) {
    this.#attemptTimeoutMs = options.attemptTimeoutMs;
    this.events = new Events(parts.clock);
    this.#clock = new TurnClock(parts.clock);
    this.#watch = new Watch(options, parts.clock);
    this.#time = new ClusterClock(parts.client);
    this.#deadlines = new Deadlines<Call | Straggler>(parts.clock, (entry) => this.#expired(entry));
    this.#gate = new Gate(options, parts.clock, this.events, this);
    this.#retries = new Retries(options.retryBudget, parts.random);
    this.#hedging = new Hedging(options.hedge);
    this.nodes = new Nodes(
      options,
      { ...parts, sink: this, events: this.events, breaker: options.breaker },
      this.#time,
    );
  }

  /** The monotonic clock; the same reading serves several uses. */
  now(): number {
    return this.#clock.now();
  }

  /** Later operations come after this, where that is a time that the replicas follow. */
  follow(time: Micros): void {
    this.#time.follow(time, this.now());
  }

  start(call: Call, signal?: AbortSignal): void {
    this.#watch.started(call, this.now());
    if (signal !== undefined) {
      if (signal.aborted) return this.turnAway(call, failures.aborted(call, signal.reason));
      this.#aborts.watch(call, signal);
    }
    this.#gate.enter(call);
  }

  /** What was done so far. */
  metrics(): ClientMetrics {
    return metricsOf(this.#watch.meters, this.#gate, this.nodes.metrics(this.now()));
  }

  /** Takes no more calls, waits until those under way are settled, then closes the pipes. */
  close(): Promise<void> {
    this.#closed ??= new Promise<void>((resolve) => {
      this.#drained = resolve;
      this.#gate.close();
      this.#checkDrained();
    });
    return this.#closed;
  }

  begin(call: Call): void {
    this.#attempt(call);
  }

  wait(call: Call): void {
    this.#deadlines.hang(call, call.deadlineMs);
  }

  waited(call: Call): void {
    this.#deadlines.takeOff(call);
  }

  turnAway(call: Call, error: FulcrumError): void {
    call.phase = 'settled';
    if (call.signal !== null) this.#aborts.unwatch(call);
    this.#deadlines.takeOff(call);
    call.fail(error);
    this.#watch.ended(call, error, this.now());
    this.#checkDrained();
  }

  sent(attempt: Attempt): void {
    attempt.call.unresolved += 1;
    this.#hang(attempt.call);
  }

  replied(attempt: Attempt, reply: Reply): void {
    const { call } = attempt;
    const wasOut = this.#report(attempt, verdictOf(reply));
    if (call.phase === 'settled') return;
    if (reply.kind === 'error') return this.#refused(attempt, reply, wasOut);
    this.#time.follow(call.timeIn(reply), this.now());
    if (this.#noticedTurn !== this.#clock.turn) this.#notice(reply);
    if (call.answer(reply)) {
      if (attempt.isHedge) this.#watch.meters.hedgesWon += 1;
      this.#retries.succeeded();
      this.#finish(call);
    } else if (wasOut) this.#missed(call, failures.wrongAnswer(call, attempt.carrier.name, reply.kind));
  }

  lost(attempt: Attempt, sent: boolean, reason: Error): void {
    const { call, carrier } = attempt;
    if (!this.#report(attempt, sent ? 'lost' : 'nothing') || call.phase === 'settled') return;
    if (!sent) call.tries -= 1;
    this.#missed(call, failures.connectionLost(call, carrier.name, sent, reason), sent ? 'elsewhere' : 'unsent');
  }

  #attempt(call: Call): void {
    const now = this.now();
    const carrier = this.nodes.route(call, now);
    call.tries += 1;
    if (carrier !== undefined) return void this.#send(call, carrier, now);
    const refusal = this.nodes.refusal(call, now);
    if (refusal.code === 'CIRCUIT_OPEN') this.#settle(call, failures.outcomeOf(call, refusal));
    else this.#failed(call, refusal, 'nobody');
  }

  #send(call: Call, carrier: Carrier, now: number): Attempt {
    const timeoutMs = timeForNode(Math.min(this.#attemptTimeoutMs, call.deadlineMs - now));
    const attempt = new Attempt(call, carrier, call.request(timeoutMs, now, this.#time), call.last);
    const leave = carrier.breaker.tryAcquire(now);
    if (!leave.granted) throw new Error(`node ${carrier.name} was chosen although its breaker is open`);
    attempt.lease = leave;
    carrier.load.started();
    call.last = attempt;
    call.phase = 'asked';
    this.#watch.meters.attempts += 1;
    carrier.send(attempt);
    return attempt;
  }

  #refused(attempt: Attempt, reply: ErrorReply, wasOut: boolean): void {
    const { call } = attempt;
    const { error } = reply;
    notePushback(attempt, error, this.now());
    if (error.definite) call.unresolved -= 1;
    if (failures.isAnswer(error.code)) {
      this.#retries.succeeded();
      this.#settle(call, toAnswerError(reply));
    } else if (!wasOut || hasOut(call)) return;
    else if (error.code === 'TOO_OLD') this.#startOver(call, new FulcrumError(error));
    else this.#failed(call, new FulcrumError(error));
  }

  /**
   * Rule 7c: the window may have forgotten this operation. Where no attempt of it can have acted, a new one above
   * the floor takes its place; otherwise nobody can tell.
   */
  #startOver(call: Call, failure: FulcrumError): void {
    const { floor } = failure;
    const isAbove = floor === undefined || this.#time.follow(floor, this.now());
    const mayTry = call.unresolved === 0 && isAbove && call.tries < RETRY_ATTEMPTS && this.now() < call.deadlineMs;
    if (mayTry && call.startOver()) this.#attempt(call);
    else this.#settle(call, failures.outcomeOf(call, failure));
  }

  /** An attempt failed; where another one is still out, that one is waited for. */
  #missed(call: Call, failure: FulcrumError, why: Missed = 'refused'): void {
    if (!hasOut(call)) this.#failed(call, failure, why);
  }

  #failed(call: Call, failure: FulcrumError, why: Missed = 'refused'): void {
    const pauseMs = this.#retries.next(call, failure, why, this.now(), this.#gate.inFlight);
    if (pauseMs === undefined) return this.#settle(call, failures.outcomeOf(call, failure));
    this.#watch.meters.retries += 1;
    this.#tellRetry(call, failure, pauseMs);
    if (pauseMs === 0) return this.#attempt(call);
    call.phase = 'pausing';
    this.#deadlines.hang(call, this.now() + pauseMs);
  }

  #expired(entry: Call | Straggler): void {
    if (entry instanceof Straggler) {
      this.#stragglers.drop(entry);
      this.#report(entry.attempt, 'failed');
      entry.attempt.carrier.forget(entry.attempt);
    } else if (entry.phase === 'inLine') this.turnAway(entry, failures.stillInLine(entry));
    else if (entry.phase === 'pausing') this.#resume(entry);
    else if (entry.phase === 'asked') this.#overdue(entry);
  }

  #resume(call: Call): void {
    const failure = this.#retries.resume(call, this.now(), this.#gate.inFlight);
    if (failure === null) this.#attempt(call);
    else this.#settle(call, failures.outcomeOf(call, failure));
  }

  /** An attempt has had its time, the call has, or another node is to be asked as well. */
  #overdue(call: Call): void {
    const now = this.now();
    let late = call.last!;
    for (let attempt = call.last; attempt !== null; attempt = attempt.previous) {
      // One that waits for the end of this turn has not been sent.
      if (!isOut(attempt) || attempt.sentMs === 0) continue;
      late = attempt;
      if (now - attempt.sentMs >= this.#attemptTimeoutMs) this.#report(attempt, 'failed');
    }
    const failure = (): FulcrumError => failures.unanswered(call, late.carrier.name, now - late.sentMs);
    if (now >= call.deadlineMs) return this.#settle(call, failures.outcomeOf(call, failure()));
    if (!hasOut(call)) return this.#failed(call, failure(), 'late');
    this.#hedge(call, now);
    this.#hang(call);
  }

  /** Asks another node as well, once the first one has taken longer than nearly all calls do. */
  #hedge(call: Call, now: number): void {
    const delayMs = this.#hedging.delayMs(call, now);
    const waitedMs = now - oldestOut(call);
    if (delayMs === undefined || waitedMs < delayMs) return;
    const carrier = this.nodes.routeHedge(call, now);
    call.hedges += 1;
    if (carrier === undefined || !this.#retries.tryHedge(call, this.#gate.inFlight)) return;
    if (this.events.isHeard) {
      const { name: node } = carrier;
      this.events.tell({ kind: 'hedge', operation: call.title, node, afterMs: waitedMs });
    }
    this.#watch.meters.hedges += 1;
    this.#send(call, carrier, now).isHedge = true;
  }

  /** Until the next thing is due. */
  #hang(call: Call): void {
    const hedgeMs = this.#hedging.delayMs(call, this.now()) ?? Infinity;
    const dueMs = oldestOut(call) + Math.min(this.#attemptTimeoutMs, hedgeMs);
    this.#deadlines.hang(call, Math.min(dueMs, call.deadlineMs));
  }

  #aborted(call: Call, reason: unknown): void {
    if (call.phase === 'settled') return;
    const error = failures.aborted(call, reason);
    if (call.phase === 'new' || call.phase === 'inLine' || call.phase === 'throttled') this.turnAway(call, error);
    else {
      for (let attempt = call.last; attempt !== null; attempt = attempt.previous) this.#report(attempt, 'nothing');
      this.#settle(call, error);
    }
  }

  #settle(call: Call, error: FulcrumError): void {
    call.fail(error);
    this.#finish(call, error);
  }

  #finish(call: Call, error?: FulcrumError): void {
    call.phase = 'settled';
    this.#watch.ended(call, error, this.now());
    this.#deadlines.takeOff(call);
    if (call.signal !== null) this.#aborts.unwatch(call);
    this.#retries.ended(call);
    for (let attempt = call.last; attempt !== null; attempt = attempt.previous) this.#leave(attempt);
    this.#gate.left(call);
    this.#checkDrained();
  }

  /** Nobody waits for this attempt any more. */
  #leave(attempt: Attempt): void {
    const straggler = isOut(attempt) && attempt.sentMs > 0 ? this.#stragglers.take(attempt) : undefined;
    if (straggler !== undefined) return this.#deadlines.hang(straggler, attempt.sentMs + this.#attemptTimeoutMs);
    this.#report(attempt, 'nothing');
    attempt.carrier.forget(attempt);
  }

  #report(attempt: Attempt, verdict: Verdict): boolean {
    return isOut(attempt) && report(attempt, verdict, this.now(), this.#hedging);
  }

  /** Which nodes the others hear from: looked at once a turn. */
  #notice(reply: Reply): void {
    this.#noticedTurn = this.#clock.turn;
    if (reply.kind === 'value' || reply.kind === 'mutated') this.nodes.answeredBy(reply.receipt.replicas, this.now());
  }

  #tellRetry(call: Call, reason: FulcrumError, pauseMs: number): void {
    if (!this.events.isHeard) return;
    const node = call.last?.carrier.name;
    this.events.tell({ kind: 'retry', operation: call.title, node, attempt: call.tries, pauseMs, reason });
  }

  #checkDrained(): void {
    if (this.#drained === undefined || !this.#gate.isEmpty) return;
    this.#deadlines.stop();
    this.nodes.stop(new Error('the client was closed'));
    this.#drained();
    this.#drained = undefined;
  }
}
