import { connect, type Client, type ConnectOptions } from '../index.js';
import type { ClientOptions } from './arguments.js';
import { locateNodes } from './located-cluster.js';

/** For commands that keep a cluster busy on purpose: waiting in line is no reason to give up, in milliseconds. */
export const BULK_TIMEOUTS = { timeoutMs: 30_000, attemptTimeoutMs: 10_000 } as const;

/** Connects to the cluster that the options name, and closes the connection whatever happens. */
export async function withClient<T>(
  options: ClientOptions,
  run: (client: Client) => Promise<T>,
  timeouts: Pick<ConnectOptions, 'timeoutMs' | 'attemptTimeoutMs'> = {},
): Promise<T> {
  const client = await connect({ ...(await locateNodes(options)), ...timeouts });
  try {
    return await run(client);
  } finally {
    await client.close();
  }
}
