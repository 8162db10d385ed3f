/** A client of one node alone, as a caller beside it would be: what that node refuses is refused. */
import type { Caller } from '../../console/ports.js';
import { FulcrumError } from '../../core/errors.js';
import { connect, type Client } from '../../index.js';
import type { Tls } from '../../ports/tls.js';

/** A caller who is shown what happens wants to know soon, in milliseconds. */
const TIMEOUT_MS = 2_000;
/** Between two attempts to reach a node that cannot be reached. */
const RECONNECT_MS = 500;

export interface PinnedCaller extends Caller {
  close(): Promise<void>;
}

export function pinnedCaller(node: string, address: string, tls?: Tls): PinnedCaller {
  let client: Promise<Client> | undefined;
  const connected = (): Promise<Client> => {
    client ??= connect({
      nodes: [address],
      tls,
      discover: false,
      name: `console-${node}`,
      timeoutMs: TIMEOUT_MS,
      // What is tried again, or kept back, is not what the node said.
      retryBudget: false,
      breaker: false,
      hedge: false,
    }).catch((error: unknown) => {
      setTimeout(() => (client = undefined), RECONNECT_MS).unref();
      throw error;
    });
    return client;
  };
  return {
    node,
    get: async (key, options) => (await connected()).get(key, options),
    put: async (key, value, options) => (await connected()).put(key, value, options),
    close: async () => {
      const open = client;
      client = Promise.reject(closed());
      client.catch(() => undefined);
      await open?.then((one) => one.close()).catch(() => undefined);
    },
  };
}

function closed(): FulcrumError {
  const message = 'The console has been closed. Nothing was sent.';
  return new FulcrumError({ code: 'UNAVAILABLE', message, definite: true, retryable: false });
}
