/** What every HTTP server of ours does alike: listen, answer, and close with what is open. */
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const JSON_TYPE = 'application/json; charset=utf-8';

/** Resolves with the port once it listens; rejects with the error of the socket, such as EADDRINUSE. */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => {
      server.removeListener('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Takes no more, ends idle connections, and cuts the others once `graceMs` have passed; at once by default. */
export function close(server: Server, graceMs = 0): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Node itself leaves out the body of an answer to a HEAD; the length is told all the same. */
export function send(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array,
): void {
  // With a 304 it would be that of the answer which is not sent.
  const length = status === 304 ? {} : { 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length });
  response.end(body);
}
