/** Clients that ask one node each, and calls that are repeated until they are answered. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalCluster } from '../../cluster/index.js';
import { connect, FulcrumError, type Client } from '../../src/index.js';

/** Asks this node and no other. */
export function through(t: { teardown: (run: () => Promise<void>) => void }, address: string): Promise<Client> {
  return connect({ nodes: [address], discover: false }).then((client) => {
    t.teardown(() => client.close());
    return client;
  });
}

export function throughEach(
  t: { teardown: (run: () => Promise<void>) => void },
  cluster: LocalCluster,
): Promise<Client[]> {
  return Promise.all(cluster.addresses.map((address) => through(t, address)));
}

/** What is asked again at once is refused again at once, for as long as a node starts or a link is away. */
export const PAUSE_MS = 20;

/** Looks again and again, with pauses that leave the machine to what is waited for. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(PAUSE_MS);
}

const PASSING: readonly string[] = ['UNAVAILABLE', 'TIMEOUT', 'OUTCOME_UNKNOWN', 'OVERLOADED', 'CLOCK_SKEW'];

/** Sends a call again while its answer is only that nobody could tell: what is idempotent may be repeated so. */
export async function untilAnswered<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof FulcrumError) || !PASSING.includes(error.code)) throw error;
    }
    await sleep(PAUSE_MS);
  }
}

interface Received {
  readonly receipt: { readonly missing: readonly string[]; readonly hinted: number };
}

/** Asked again until the answer says that so many home replicas are away: a cut is noticed within a moment, not at once. */
export async function untilMissing<T extends Received>(count: number, call: () => Promise<T>): Promise<T> {
  for (;;) {
    const answer = await call().catch((error: unknown) => {
      if (!(error instanceof FulcrumError)) throw error;
    });
    if (answer !== undefined && answer.receipt.missing.length >= count) return answer;
    await sleep(PAUSE_MS);
  }
}

export async function refusal(call: Promise<unknown>): Promise<FulcrumError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof FulcrumError) return error;
    throw error;
  }
  throw new Error('the call succeeded');
}
