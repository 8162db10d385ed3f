/**
 * The embedded Toxiproxy: its HTTP API on loopback, and the proxies behind it. Written from the behaviour of Toxiproxy
 * 2.12.0 (https://github.com/Shopify/toxiproxy), which the tests of conformance hold it against. The differences:
 *
 * - It listens and connects on loopback only. An empty host is loopback too; to the real one it is every interface.
 * - Its version is 2.12.0+fulcrum. It takes no configuration file and no seed, and sends no X-Toxiproxy-Request-Id.
 * - What follows "bad request body: " is in other words.
 * - Changing the toxics of a connection whose receiver does not read takes effect at once. The real one waits until
 *   it reads, and drops what it could not pass on within 5 s.
 * - Taking reset_peer away ends the connections that it was about to end without waiting for the rest of its timeout.
 * - A bandwidth below 0 is one of 0. Pauses of a slicer below 1 ms are saved up until they make one.
 * - /metrics is always served and counts bytes as they pass; the real one serves it when started with
 *   -proxy-metrics, and counts the bytes of a connection once it has ended.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from './http-api.js';
import { Proxies } from './proxies.js';

export interface ProxyServer {
  /** http://host:port of the API. */
  readonly url: string;
  /** Ends every proxy and its connections. */
  close(): Promise<void>;
}

/** `port` 0: any that is free. Rejects where it cannot listen. */
export async function startProxyServer({ host = '127.0.0.1', port = 0 } = {}): Promise<ProxyServer> {
  const proxies = new Proxies();
  const server = createServer((request, response) => void serve(proxies, request, response));
  server.listen({ host, port, exclusive: true });
  await once(server, 'listening');
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${own}`,
    close: async () => {
      await proxies.close();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
