/** What can go wrong on purpose. Each file of this folder makes one kind; they may be put together as one likes. */
import type { Network } from '../network.js';
import { FulcrumError } from '../../src/core/errors.js';
import type { Tls } from '../../src/ports/tls.js';
import { waitFor } from '../../cluster/wait.js';

export interface Fault {
  /** As a person reads it: `partition n1 | n2 n3`. */
  readonly description: string;
  inject(): Promise<void>;
  /**
   * Looks from outside whether the effect is there, in the stated direction. undefined: it is; otherwise what is
   * missing.
   */
  probe(): Promise<string | undefined>;
  /** Takes the effect back, and no other fault's. May be called again, and where nothing was injected. */
  heal(): Promise<void>;
}

export interface TargetNode {
  readonly id: string;
  /** host:port of its own gRPC server, with no proxy on the way. */
  readonly address: string;
  /** host:port of /healthz and /readyz. */
  readonly http: string;
}

export type ProcessState = 'running' | 'paused' | 'down';

/** The processes of a cluster, however they are held. */
export interface Processes {
  state(id: string): ProcessState;
  /** SIGKILL; resolves once the process is gone. */
  kill(id: string): Promise<void>;
  /** Starts a node that is down with its data; resolves once it listens. */
  start(id: string): Promise<void>;
  /** SIGSTOP; resolves once it stands still. */
  pause(id: string): Promise<void>;
  /** SIGCONT; resolves once it runs. */
  resume(id: string): Promise<void>;
}

/** What faults act on. */
export interface ChaosTarget {
  readonly targets: readonly TargetNode[];
  readonly network: Network;
  readonly processes: Processes;
  /** What is shown to the nodes; undefined: connections are plain. */
  readonly tls?: Tls | undefined;
}

const CONFIRM_TIMEOUT_MS = 15_000;

/** Injects the fault and waits until its probe confirms it. Where it does not, heals it and throws TIMEOUT. */
export async function confirmed(fault: Fault): Promise<void> {
  let missing: string | undefined;
  try {
    await fault.inject();
    const isThere = await waitFor(async () => {
      missing = await fault.probe();
      return missing === undefined ? true : undefined;
    }, CONFIRM_TIMEOUT_MS);
    if (isThere === true) return;
  } catch (error) {
    await fault.heal().catch(() => undefined);
    throw error;
  }
  await fault.heal();
  const message = `The fault "${fault.description}" did not take effect within ${CONFIRM_TIMEOUT_MS} ms: ${missing}. It was taken back.`;
  throw new FulcrumError({ code: 'TIMEOUT', message, definite: true, retryable: true });
}

let labels = 0;

/** A name for the toxics of one fault, so that taking it back leaves those of others. */
export function newLabel(kind: string): string {
  labels += 1;
  return `${kind}-${process.pid}-${labels}`;
}
