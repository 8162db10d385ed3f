/** A balancer in front of plain TCP servers, and clients of it; all closed when the test is over. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import type { ExecutionContext } from 'ava';
import type { L4Backend } from '../../src/edge/l4-backend.js';
import { L4Balancer, type L4Event, type L4Options } from '../../src/edge/l4-balancer.js';

export const HOST = '127.0.0.1';
/** Longer than any test: what is found, connections alone have shown. */
export const NEVER_MS = 600_000;

export interface Node {
  readonly backend: L4Backend;
  /** Nobody listens there any more, and what is open ends. */
  close(): Promise<void>;
}

export async function startNode(
  t: ExecutionContext,
  name: string,
  serve: (socket: Socket) => void = () => undefined,
  http?: L4Backend['http'],
): Promise<Node> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => undefined);
    serve(socket);
  });
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of open) socket.destroy();
    await closed;
  };
  t.teardown(close);
  return { backend: { name, address: { host: HOST, port: await listen(server) }, http }, close };
}

/** Sends back what it gets, in capitals; ends when the other side has. */
export function shout(socket: Socket): void {
  socket.on('data', (chunk: Buffer) => socket.write(chunk.toString().toUpperCase()));
  socket.on('end', () => socket.end());
}

export async function startBalancer(
  t: ExecutionContext,
  nodes: readonly Node[],
  options: Partial<L4Options> = {},
): Promise<{ balancer: L4Balancer; events: L4Event[] }> {
  const events: L4Event[] = [];
  const balancer = await L4Balancer.start({
    host: HOST,
    port: 0,
    backends: nodes.map(({ backend }) => backend),
    checkPeriodMs: NEVER_MS,
    // Patient: nothing here is about how fast this machine is.
    timeoutMs: 20_000,
    onEvent: (event) => events.push(event),
    random: Math.random,
    ...options,
  });
  t.teardown(() => balancer.stop(1));
  return { balancer, events };
}

export interface Caller {
  readonly socket: Socket;
  /** What has arrived. */
  text: string;
  /** Its code, where an error ended it; undefined where it ended without. */
  readonly over: Promise<string | undefined>;
}

export function call(t: ExecutionContext, { port }: { readonly port: number }): Caller {
  const socket = connect({ host: HOST, port, allowHalfOpen: true });
  t.teardown(() => socket.destroy());
  let code: string | undefined;
  socket.on('error', (error: NodeJS.ErrnoException) => (code = error.code));
  const over = new Promise<string | undefined>((resolve) => socket.on('close', () => resolve(code)));
  const caller: Caller = { socket, text: '', over };
  socket.on('data', (chunk: Buffer) => (caller.text += chunk.toString()));
  return caller;
}

async function listen(server: Server): Promise<number> {
  server.listen(0, HOST);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
