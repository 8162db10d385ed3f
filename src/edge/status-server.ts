/** A node's HTTP side: /healthz, /readyz, /metrics and /live. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Log } from '../ports/log.js';
import type { LiveSource } from '../ports/live.js';
import type { MetricsPage } from '../ports/metrics.js';
import { close, JSON_TYPE, listen, send } from './http-server.js';
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

/** Resolves once it listens; rejects with the error of the socket, such as EADDRINUSE. */
export async function startStatusServer(options: StatusServerOptions): Promise<StatusServer> {
  const events = new LiveEvents(options.live);
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    answer(options, events, request, response).catch((error: unknown) => {
      options.log.error({ error, path: request.url }, 'An HTTP request could not be answered');
      if (response.headersSent) response.destroy();
      else answerWith(response, 500, JSON_TYPE, JSON.stringify({ error: 'This could not be answered; see the log.' }));
    });
  });
  const port = await listen(server, options.port, options.host);
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
    return answerWith(
      response,
      405,
      JSON_TYPE,
      JSON.stringify({ error: `${method} is not understood here; use GET.` }),
    );
  }
  switch (url.split('?', 1)[0]) {
    case '/healthz':
      return answerWith(response, 200, JSON_TYPE, JSON.stringify({ status: 'ok', ...options.health() }));
    case '/readyz': {
      const readiness = options.readiness();
      return answerWith(response, readiness.ready ? 200 : 503, JSON_TYPE, JSON.stringify(readiness));
    }
    case '/metrics': {
      const { contentType, text } = await options.metrics.scrape();
      return answerWith(response, 200, contentType, text);
    }
    case '/live':
      if (method === 'GET') return events.serve(response);
      return answerWith(response, 200, 'text/event-stream; charset=utf-8', '');
    default: {
      const known = ['/healthz', '/readyz', '/metrics', '/live'];
      return answerWith(response, 404, JSON_TYPE, JSON.stringify({ error: 'There is nothing here.', known }));
    }
  }
}

function answerWith(response: ServerResponse, status: number, type: string, body: string): void {
  send(response, status, { 'content-type': type, 'cache-control': 'no-store' }, body);
}
