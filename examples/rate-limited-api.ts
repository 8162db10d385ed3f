/**
 * An HTTP API with a limit for each API key, kept by all servers together: a token bucket in the cluster, taken from by
 * `client.update`, which two servers cannot both do with the same token. In front of it each server has a bucket of its
 * own in memory, so that a caller who hammers one server costs the cluster nothing.
 *
 *   npm run example rate-limited-api
 */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FulcrumError, type Client } from 'fulcrum-kv';
import { startCluster } from 'fulcrum-kv/cluster';
import { TokenBucket } from 'fulcrum-kv/resilience';

const BURST = 10;
const RATE_PER_SECOND = 1;
const CALLS = 40;

/** What the cluster holds for an API key. */
interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

/** The bucket after one call, or undefined where there is no token left. */
function take(bucket: Bucket = { tokens: BURST, atMs: 0 }, nowMs: number): Bucket | undefined {
  const back = Math.max(0, ((nowMs - bucket.atMs) / 1_000) * RATE_PER_SECOND);
  const tokens = Math.min(BURST, bucket.tokens + back);
  return tokens < 1 ? undefined : { tokens: tokens - 1, atMs: Math.max(nowMs, bucket.atMs) };
}

class ApiServer {
  readonly #http: Server;
  readonly #local = new Map<string, TokenBucket>();
  askedCluster = 0;

  constructor(private readonly client: Client) {
    this.#http = createServer((request, response) => {
      const key = request.headers['x-api-key'];
      void this.#serve(typeof key === 'string' ? key : 'anonymous', response);
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}/`;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.#http.close(resolve));
  }

  async #serve(key: string, response: ServerResponse): Promise<void> {
    try {
      const isAllowed = this.#allowsHere(key) && (await this.#allows(key));
      response.writeHead(isAllowed ? 200 : 429, isAllowed ? {} : { 'retry-after': String(1 / RATE_PER_SECOND) });
      response.end(isAllowed ? 'here you are\n' : 'slow down\n');
    } catch (error) {
      // The cluster cannot say: better none too many than an open door.
      response.writeHead(503).end(error instanceof FulcrumError ? `${error.code}\n` : 'failed\n');
    }
  }

  /** Twice the limit here: whoever is above that is above the limit of all servers, too. */
  #allowsHere(key: string): boolean {
    const nowMs = performance.now();
    let bucket = this.#local.get(key);
    if (bucket === undefined) {
      bucket = new TokenBucket({ ratePerSecond: 2 * RATE_PER_SECOND, burst: 2 * BURST });
      this.#local.set(key, bucket);
    }
    return bucket.tryTake(1, nowMs).granted;
  }

  async #allows(key: string): Promise<boolean> {
    this.askedCluster += 1;
    const change = (bucket?: Bucket): Bucket | undefined => take(bucket, Date.now());
    const { changed } = await this.client.update<Bucket>(`rate/${key}`, change, { ttlMs: 60_000, timeoutMs: 20_000 });
    return changed;
  }
}

await using cluster = await startCluster({ nodes: 3 });
const servers = await Promise.all([0, 1].map(async () => new ApiServer(await cluster.connect())));
const urls = await Promise.all(servers.map((server) => server.listen()));
console.log(`two API servers, one limit: ${BURST} calls at once, then ${RATE_PER_SECOND} a second`);

const startedMs = performance.now();
const statuses = await Promise.all(
  Array.from({ length: CALLS }, async (_, index) => {
    const response = await fetch(urls[index % urls.length]!, { headers: { 'x-api-key': 'alice' } });
    await response.text();
    return response.status;
  }),
);
const seconds = (performance.now() - startedMs) / 1_000;
const count = (status: number): number => statuses.filter((one) => one === status).length;
console.log(
  `${CALLS} calls through both in ${seconds.toFixed(1)} s: ${count(200)} answered, ${count(429)} told to slow down`,
);
const bob = await fetch(urls[1]!, { headers: { 'x-api-key': 'bob' } });
console.log(`somebody else is not held up: ${bob.status} ${(await bob.text()).trim()}`);
console.log(`the servers asked the cluster ${servers.map((server) => server.askedCluster).join(' and ')} times`);

await Promise.all(servers.map((server) => server.close()));
const most = BURST + Math.ceil(seconds * RATE_PER_SECOND) + 1;
if (count(200) < BURST || count(200) > most) throw new Error(`${count(200)} calls were let through`);
