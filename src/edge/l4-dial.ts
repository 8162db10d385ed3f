/** Opens a connection to a node, or says why there is none. */
import { connect, type Socket } from 'node:net';
import type { L4Endpoint } from './l4-backend.js';
import type { L4Finding } from './l4-health.js';

/** `finding` is undefined where the failure is this machine's own and says nothing of the node. */
export type L4Dialled =
  | { readonly kind: 'connected'; readonly socket: Socket }
  | { readonly kind: 'failed'; readonly finding: Exclude<L4Finding, { kind: 'ok' }> | undefined };

/** This process has no descriptor, no port or no memory left for another connection. */
const OWN_FAILURES: readonly string[] = ['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM'];

/** Never rejects. Whoever gets the socket handles its errors from then on. */
export function dialNode(address: L4Endpoint, timeoutMs: number): Promise<L4Dialled> {
  return new Promise((resolve) => {
    const socket = connect({ ...address, allowHalfOpen: true, noDelay: true });
    const settle = (dialled: L4Dialled): void => {
      cancel();
      socket.off('connect', connected);
      if (dialled.kind === 'failed') socket.destroy();
      resolve(dialled);
    };
    const connected = (): void => settle({ kind: 'connected', socket });
    const cancel = afterDeadline(timeoutMs, () => {
      settle({ kind: 'failed', finding: { kind: 'failed', reason: `no connection within ${timeoutMs} ms` } });
    });
    socket.once('connect', connected);
    // Stays: an error between here and whoever takes the socket over must not end the process.
    socket.on('error', (error: NodeJS.ErrnoException) => settle({ kind: 'failed', finding: findingOf(error) }));
  });
}

function findingOf({
  code = 'an error',
  message,
}: NodeJS.ErrnoException): Exclude<L4Finding, { kind: 'ok' }> | undefined {
  if (OWN_FAILURES.includes(code)) return undefined;
  if (code === 'ECONNREFUSED') return { kind: 'refused', reason: 'it refuses connections' };
  return { kind: 'failed', reason: `no connection: ${message === '' ? code : message}` };
}

/**
 * Runs once the time is over and what has arrived by then is handled: after this process has stood still, timers run
 * before sockets, and a node that had answered in time would be taken for a silent one. Returns what cancels it.
 */
export function afterDeadline(timeoutMs: number, run: () => void): () => void {
  let immediate: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => (immediate = setImmediate(run)), timeoutMs);
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}
