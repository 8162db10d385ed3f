/**
 * The HTTP gateway: the store for whoever speaks HTTP, balanced call by call over the nodes (L7) by the SDK inside, behind a
 * cache that validates by version and says how it does.
 *
 *   GET PUT DELETE /kv/KEY     one key
 *   GET            /kv/PREFIX/ the keys under it, in pages
 *   POST           /kv/PREFIX/ a new key under it
 *   GET            / /cache /metrics /healthz /readyz
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Client } from '../client/client.js';
import type { NearCache } from '../client/near-cache.js';
import { TOTAL_TIMEOUT_MS } from '../core/defaults.js';
import { FulcrumError, invalidArgument } from '../core/errors.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { MetricFamily, MetricsPage } from '../ports/metrics.js';
import { CacheAnalytics } from './cache-analytics.js';
import { cachePage, PAGE_HEADERS } from './cache-page.js';
import { TooLarge, type Answer, type Exchange } from './exchange.js';
import { freshnessOf, type Freshness, type FreshnessOptions } from './freshness.js';
import { accessRefusal, hostNames, type HostNames } from './gateway-access.js';
import { gatewayMetrics } from './gateway-metrics.js';
import { close, JSON_TYPE, listen, send } from './http-server.js';
import { listUnder } from './kv-listing.js';
import { readKey } from './kv-read.js';
import { deleteKey, postUnder, putKey } from './kv-write.js';
import { problem, problemOf } from './problem.js';
import { RequestBodies } from './request-bodies.js';

export interface GatewayOptions extends FreshnessOptions {
  /** With a near cache whose ages are those of `FreshnessOptions`; the caller's to close. */
  readonly client: Client;
  /** Where to listen: loopback serves this machine only. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Names beside its own under which it answers, such as that of a proxy in front. */
  readonly allowedHosts?: readonly string[] | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Makes the page for a monitoring system of what it collects. */
  readonly metrics: (collect: () => readonly MetricFamily[]) => MetricsPage;
}

export interface Gateway {
  readonly port: number;
  /** Takes no more, and waits for the answers under way. */
  close(): Promise<void>;
}

/** To send the request; an answer takes what the client's own timeout allows. */
const REQUEST_TIMEOUT_MS = 30_000;
/** For answers under way when it ends: what a call takes at most. */
const GRACE_MS = TOTAL_TIMEOUT_MS;
const KEYS_AT = '/kv/';

/** Resolves once it listens; rejects with the error of the socket, such as EADDRINUSE. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { nearCache } = options.client;
  if (nearCache === undefined) throw new FulcrumError(invalidArgument('A gateway needs a client with a near cache.'));
  const site = new Site(options, nearCache);
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    void site.serve(request, response);
  });
  const port = await listen(server, options.port, options.host);
  return {
    port,
    close: () => {
      site.isEnding = true;
      return close(server, GRACE_MS);
    },
  };
}

class Site {
  /** Whether no more requests are taken. */
  isEnding = false;
  readonly #options: GatewayOptions;
  readonly #cache: NearCache;
  readonly #freshness: Freshness;
  readonly #hosts: HostNames;
  readonly #analytics = new CacheAnalytics();
  readonly #metrics: MetricsPage;
  readonly #bodies = new RequestBodies();
  /** Answers by status. */
  readonly #answers = new Map<number, number>();

  constructor(options: GatewayOptions, cache: NearCache) {
    this.#options = options;
    this.#cache = cache;
    this.#freshness = freshnessOf(options);
    this.#hosts = hostNames(options.host, options.allowedHosts ?? []);
    this.#metrics = options.metrics(() => gatewayMetrics(this.#analyse(), cache.stats, this.#answers));
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => {
      // An abort makes an exception with its stack; most answers are simply given.
      if (!response.writableFinished) gone.abort();
    });
    const { status, headers, body } = await this.#answer(exchangeOf(request, this.#bodies, gone.signal));
    this.#answers.set(status, (this.#answers.get(status) ?? 0) + 1);
    if (response.destroyed) return;
    // What is left of a body that nobody read is not worth reading; nor is there a next request once it ends.
    if (!request.complete || this.isEnding) response.setHeader('connection', 'close');
    try {
      send(response, status, { 'x-content-type-options': 'nosniff', ...headers }, body);
    } catch (error) {
      this.#options.log.error({ error, path: request.url }, 'An answer could not be sent');
      response.destroy();
    }
  }

  #report(): object {
    const { entries, bytes, evicted } = this.#cache.stats;
    const { freshMs, refreshMs, fallbackMs } = this.#freshness;
    return { freshMs, refreshMs, fallbackMs, ...this.#analyse(), held: { entries, bytes, evicted } };
  }

  async #answer(exchange: Exchange): Promise<Answer> {
    try {
      const refusal = accessRefusal(this.#hosts, exchange.method, exchange.headers);
      if (refusal !== undefined) return problem(refusal.status, refusal.reason, { definite: true });
      return exchange.path.startsWith(KEYS_AT) ? await this.#keys(exchange) : await this.#about(exchange);
    } catch (error) {
      const isExpected = error instanceof FulcrumError || error instanceof TooLarge || exchange.signal.aborted;
      if (!isExpected) {
        this.#options.log.error({ error, path: exchange.path }, 'A request could not be answered');
      }
      return problemOf(error);
    }
  }

  async #keys(exchange: Exchange): Promise<Answer> {
    const { client, clock } = this.#options;
    const { method, path } = exchange;
    const key = keyOf(path.slice(KEYS_AT.length));
    if (path.endsWith('/')) {
      if (method === 'GET') return listUnder(client, key, exchange);
      return method === 'POST' ? postUnder(client, key, exchange) : wrongMethod('GET, HEAD, POST');
    }
    if (method === 'PUT') return putKey(client, key, exchange);
    if (method === 'DELETE') return deleteKey(client, key, exchange);
    if (method !== 'GET') return wrongMethod('GET, HEAD, PUT, DELETE');
    const parts = { client, cache: this.#cache, clock, freshness: this.#freshness, analytics: this.#analytics };
    return readKey(parts, key, exchange);
  }

  async #about({ method, path }: Exchange): Promise<Answer> {
    if (method !== 'GET') return wrongMethod('GET, HEAD');
    switch (path) {
      case '/':
        return { status: 200, headers: PAGE_HEADERS, body: cachePage(this.#analyse(), this.#freshness, this.#cache) };
      case '/cache':
        return json(200, this.#report());
      case '/metrics': {
        const { contentType, text } = await this.#metrics.scrape();
        return { status: 200, headers: { 'content-type': contentType, 'cache-control': 'no-store' }, body: text };
      }
      case '/healthz':
        return json(200, { status: 'ok' });
      case '/readyz': {
        const connected = this.#options.client.cluster.nodes.filter((node) => node.connected).map(({ id }) => id);
        return json(connected.length > 0 ? 200 : 503, { ready: connected.length > 0, connected });
      }
      default:
        return problem(404, `There is nothing at ${path}. Keys are at ${KEYS_AT}KEY.`, { definite: true });
    }
  }

  #analyse(): ReturnType<CacheAnalytics['report']> {
    return this.#analytics.report(this.#options.clock.monotonicMs());
  }
}

/** A slash in a key may be sent as it is, or encoded. Throws INVALID_ARGUMENT. */
function keyOf(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch (cause) {
    throw new FulcrumError(invalidArgument(`The key ${encoded} is not well percent-encoded UTF-8.`), { cause });
  }
}

function exchangeOf(request: IncomingMessage, bodies: RequestBodies, signal: AbortSignal): Exchange {
  const { url = '/', method = 'GET', headers } = request;
  const queryAt = url.indexOf('?');
  return {
    method: method === 'HEAD' ? 'GET' : method,
    path: queryAt < 0 ? url : url.slice(0, queryAt),
    query: new URLSearchParams(queryAt < 0 ? '' : url.slice(queryAt)),
    headers,
    body: () => bodies.read(request),
    signal,
  };
}

function wrongMethod(allow: string): Answer {
  return problem(405, `Use ${allow}.`, { definite: true }, { allow });
}

function json(status: number, document: object): Answer {
  const headers = { 'content-type': JSON_TYPE, 'cache-control': 'no-store' };
  return { status, headers, body: `${JSON.stringify(document)}\n` };
}
