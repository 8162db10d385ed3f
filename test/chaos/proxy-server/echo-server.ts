/** An upstream for proxies: answers what it is sent, and remembers how its connections went. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface EchoServer {
  readonly address: string;
  /** Everything received on each connection so far, in the order in which they were opened. */
  readonly received: readonly Buffer[];
  readonly sockets: readonly Socket[];
  close(): Promise<void>;
}

/** `answers: false`: only listens. */
export async function startEcho({ answers = true } = {}): Promise<EchoServer> {
  const received: Buffer[] = [];
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const index = sockets.push(socket) - 1;
    received.push(Buffer.alloc(0));
    socket.on('error', () => undefined);
    socket.on('data', (data: Buffer) => {
      received[index] = Buffer.concat([received[index]!, data]);
      if (answers) socket.write(data);
    });
    socket.on('end', () => socket.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    sockets,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
