/** Free ports on loopback. Whoever binds them later may still lose a race, and must be ready to ask again. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { claimPort } from './port-claims.js';

/**
 * Below the ports that the system gives to outgoing connections (32768 on Linux, 49152 on macOS). With a port
 * from that range, a client that keeps reconnecting to a killed node can be given the node's own port, and
 * the node cannot come back.
 */
const RANDOM_FIRST = 20_000;
const RANDOM_LAST = 32_000;
const PORT_LAST = 65_535;
/** Draws that may meet claimed ports: a process that has had nearly all of them takes what is free. */
const CLAIMED_MAX = 1_000;

/**
 * Different ports that are free now, drawn at random and kept for this process: no other one draws them as long as it
 * lives, so that the nodes of clusters started side by side can be killed and started again.
 */
export async function randomFreePorts(count: number, host = '127.0.0.1'): Promise<number[]> {
  const held: Server[] = [];
  const ports: number[] = [];
  let claimed = 0;
  try {
    while (ports.length < count) {
      const port = randomInt(RANDOM_FIRST, RANDOM_LAST);
      // Not even tried where it is claimed: its owner may be starting a node on it just now.
      if (claimed < CLAIMED_MAX && !claimPort(port)) {
        claimed += 1;
        continue;
      }
      const server = await bind(port, host);
      if (server === undefined) continue;
      held.push(server);
      ports.push(port);
    }
    return ports;
  } finally {
    await Promise.all(held.map(close));
  }
}

/** The first free port from `from` on that is not in `except`. */
export async function nextFreePort(from: number, except: ReadonlySet<number>, host = '127.0.0.1'): Promise<number> {
  for (let port = from; port <= PORT_LAST; port += 1) {
    if (!except.has(port) && (await isFree(port, host))) return port;
  }
  throw new Error(`no free port from ${from} on at ${host}`);
}

export async function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  const server = await bind(port, host);
  if (server === undefined) return false;
  await close(server);
  return true;
}

async function bind(port: number, host: string): Promise<Server | undefined> {
  const server = createServer();
  try {
    server.listen({ port, host, exclusive: true });
    await once(server, 'listening');
    return server;
  } catch {
    return undefined;
  }
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
