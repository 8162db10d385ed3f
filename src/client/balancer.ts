/** Whom to ask: which of a key's home replicas, and which node where none of them can be asked. */
import type { Random } from '../ports/random.js';
import type { Attempt, Call } from './call.js';
import type { NodePipe } from './node-pipe.js';
import { isUsable, isWell } from './node-problems.js';
import { PowerOfTwo, RoundRobin, type Picker, type Scored } from './resilience/picker.js';

export const BALANCES = ['primary', 'leastLoaded', 'roundRobin'] as const;
/**
 * Whom reads at ONE ask of a key's home replicas. `primary`: its first one, which sees writes first, so that whoever
 * writes at ONE reads it back; where it cannot be asked, the better of two of the others. `leastLoaded`: the better of
 * two drawn at random, by latency and calls in flight. `roundRobin`: one after the other.
 */
export type Balance = (typeof BALANCES)[number];

export interface BalancerOptions {
  readonly balance: Balance;
  /** Names of nodes; reads go to them where they can. */
  readonly preferNodes: readonly string[];
}

/**
 * Writes, and whatever a majority decides, go to the key's primary, which needs one round trip where others need two
 * (PROTOCOL.md rule 6). Where that cannot be asked, or was asked already, a read takes the better of two others by
 * their load; a write takes the next one in ring order, as other clients do: several coordinators of one key would have
 * to take it from each other.
 */
export class Balancer {
  readonly #preferred: ReadonlySet<string>;
  readonly #spread: Picker | undefined;
  readonly #better: Picker;

  constructor({ balance, preferNodes }: BalancerOptions, random: Random) {
    this.#preferred = new Set(preferNodes);
    this.#better = new PowerOfTwo(random);
    if (balance === 'leastLoaded') this.#spread = this.#better;
    else if (balance === 'roundRobin') this.#spread = new RoundRobin();
  }

  /** One that can be asked now; one not asked before comes first. `homes` are in ring order. */
  pick(call: Call, homes: readonly NodePipe[], all: readonly NodePipe[], nowMs: number): NodePipe | undefined {
    const home = this.pickHome(call, homes, nowMs);
    if (home !== undefined) return home;
    let asked: NodePipe | undefined;
    for (const pipe of all) {
      if (!isWell(pipe, nowMs)) continue;
      if (!wasAsked(call, pipe)) return pipe;
      asked ??= pipe;
    }
    return (
      firstThat(isWell, homes, nowMs) ?? asked ?? firstThat(isUsable, homes, nowMs) ?? firstThat(isUsable, all, nowMs)
    );
  }

  /** A home replica that was not asked before. */
  pickHome(call: Call, homes: readonly NodePipe[], nowMs: number): NodePipe | undefined {
    if (!call.mutates && this.#preferred.size > 0) {
      const near = homes.filter((pipe) => this.#preferred.has(pipe.name));
      const picked = this.#pickOf(call, near, nowMs);
      if (picked !== undefined) return picked;
    }
    return this.#pickOf(call, homes, nowMs);
  }

  #pickOf(call: Call, homes: readonly NodePipe[], nowMs: number): NodePipe | undefined {
    if (call.mutates) return firstOf(call, homes, nowMs);
    const spread = call.lane === 'get ONE' ? this.#spread : undefined;
    const [primary] = homes;
    if (spread === undefined && primary !== undefined && isFree(call, primary, nowMs)) return primary;
    const free = homes.filter((pipe) => isFree(call, pipe, nowMs));
    return (spread ?? this.#better).pick<NodePipe & Scored>(free, nowMs) ?? firstOf(call, homes, nowMs);
  }
}

/** It was not asked before, and does not want to be left alone. */
function isFree(call: Call, pipe: NodePipe, nowMs: number): boolean {
  return nowMs >= pipe.heldUntilMs && isWell(pipe, nowMs) && !wasAsked(call, pipe);
}

function firstThat(is: typeof isWell, pipes: readonly NodePipe[], nowMs: number): NodePipe | undefined {
  return pipes.find((pipe) => is(pipe, nowMs));
}

function firstOf(call: Call, homes: readonly NodePipe[], nowMs: number): NodePipe | undefined {
  for (const pipe of homes) if (isWell(pipe, nowMs) && !wasAsked(call, pipe)) return pipe;
  return undefined;
}

function wasAsked(call: Call, pipe: NodePipe): boolean {
  for (let attempt: Attempt | null = call.last; attempt !== null; attempt = attempt.previous) {
    if (attempt.carrier === pipe) return true;
  }
  return false;
}
