/** A node's HTTP side: /healthz, /readyz, /metrics and /live. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from '../ports/log.js';
import type { LiveSource } from '../ports/live.js';
import type { MetricsPage } from '../ports/metrics.js';
import { LiveEvents } from './live-events.js';

export interface StatusServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** What /healthz answers; the process works as long as it can answer at all. */
  readonly health: () => object;
  readonly readiness: () => Readiness;
  readonly metrics: MetricsPage;
  /** What the node tells each second. */
  readonly live: LiveSource;
  readonly log: Log;
}

/** `reason`: why not ready; the rest goes into the body as it is. */
export interface Readiness {
  readonly ready: boolean;
  readonly reason?: string | undefined;
}

export interface StatusServer {
  readonly port: number;
  close(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 5_000;
const JSON_TYPE = 'application/json; charset=utf-8';

/** Resolves once it listens; rejects with the error of the socket, such as EADDRINUSE. */
export async function startStatusServer(options: StatusServerOptions): Promise<StatusServer> {
  const events = new LiveEvents(options.live);
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    answer(options, events, request, response).catch((error: unknown) => {
      options.log.error({ error, path: request.url }, 'An HTTP request could not be answered');
      if (response.headersSent) response.destroy();
      else send(response, 500, JSON_TYPE, JSON.stringify({ error: 'This could not be answered; see the log.' }));
    });
  });
  await listen(server, options.port, options.host);
  const { port } = server.address() as AddressInfo;
  return { port, close: () => close(server) };
}

async function answer(
  options: StatusServerOptions,
  events: LiveEvents,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = 'GET', url = '/' } = request;
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return send(response, 405, JSON_TYPE, JSON.stringify({ error: `${method} is not understood here; use GET.` }));
  }
  switch (url.split('?', 1)[0]) {
    case '/healthz':
      return send(response, 200, JSON_TYPE, JSON.stringify({ status: 'ok', ...options.health() }));
    case '/readyz': {
      const readiness = options.readiness();
      return send(response, readiness.ready ? 200 : 503, JSON_TYPE, JSON.stringify(readiness));
    }
    case '/metrics': {
      const { contentType, text } = await options.metrics.scrape();
      return send(response, 200, contentType, text);
    }
    case '/live':
      if (method === 'GET') return events.serve(response);
      return send(response, 200, 'text/event-stream; charset=utf-8', '');
    default: {
      const known = ['/healthz', '/readyz', '/metrics', '/live'];
      return send(response, 404, JSON_TYPE, JSON.stringify({ error: 'There is nothing here.', known }));
    }
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(body);
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
