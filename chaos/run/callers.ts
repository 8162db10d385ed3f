/** Callers that go on calling, each at its own pace, until they are told to stop. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom } from '../measure/seeded-random.js';
import type { Client } from '../../src/client/client.js';
import type { HistoryEvent } from '../history.js';
import { recordHistory } from '../record-history.js';
import type { Workload } from '../workloads/workload.js';

/** Where the callers of a group send their calls. */
export interface CallerGroup {
  /** A node, whose clients know no other one, or `any`. */
  readonly name: string;
  readonly client: Client;
}

export interface CallersOptions {
  readonly groups: readonly CallerGroup[];
  /** One caller of each group for each workload. */
  readonly workloads: readonly Workload[];
  readonly seed: number;
  /** Between two calls, on average, in milliseconds. */
  readonly pauseMs: number;
  readonly into: HistoryEvent[];
}

/** After a call that failed at once, so that those who are refused do not drown out the others. */
const PAUSE_AFTER_FAILURE_MS = 25;

export class Callers {
  readonly #running: Promise<void>[] = [];
  #stopping = false;

  constructor({ groups, workloads, seed, pauseMs, into }: CallersOptions) {
    let number = 0;
    for (const { name, client } of groups) {
      for (const workload of workloads) {
        number += 1;
        const process = `${name}.${workload.name}`;
        const random = new SeededRandom(seed * 1_000 + number);
        const recorded = recordHistory(client, { into, process });
        let labels = 0;
        const label = (): string => `${process}.${(labels += 1)}`;
        this.#running.push(this.#run(workload, { client: recorded, random, label }, pauseMs));
      }
    }
  }

  /** Resolves when every call under way has ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#running);
  }

  async #run(workload: Workload, caller: Parameters<Workload['step']>[0], pauseMs: number): Promise<void> {
    while (!this.#stopping) {
      try {
        await workload.step(caller);
        await sleep(2 * pauseMs * caller.random.unit());
      } catch {
        // It is in the history.
        await sleep(PAUSE_AFTER_FAILURE_MS);
      }
    }
  }
}

/** The group of a process of the history. */
export function groupOf(process: string): string {
  return process.slice(0, process.indexOf('.'));
}
