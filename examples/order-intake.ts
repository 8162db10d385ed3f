/**
 * Order intake. Every order arrives at least once, from queues that deliver again whatever was not confirmed, while nodes
 * die: each is taken exactly once, by its number as the `opId`. And prices are read through a near cache behind a circuit
 * breaker: when most nodes stop answering, the shop stops asking and goes on with the prices it knew, marked as such.
 *
 *   npm run example order-intake
 */
import { FulcrumError, type CachedResult, type Client, type MutateResult, type NearCache } from 'fulcrum-kv';
import { startCluster } from 'fulcrum-kv/cluster';
import { CircuitBreaker } from 'fulcrum-kv/resilience';

const ORDERS = 20;
const DELIVERIES = 3;

interface Order {
  readonly number: number;
  readonly article: string;
}

/** Sends it until somebody confirms it. Only for what may be sent again: reads, and writes under an opId. */
async function untilDone<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof FulcrumError) || !error.retryable) throw error;
    }
  }
}

/** Takes an order under its own number, by as many workers as like. */
function takeOrder(client: Client, order: Order): Promise<MutateResult> {
  const opId = `order-${order.number}`;
  return untilDone(() => client.create(`order/${order.number}`, order, { opId, timeoutMs: 10_000 }));
}

interface Price {
  readonly price: number;
}

/** Prices confirmed by a majority while that answers, and what the cache has while it does not. */
class Prices {
  readonly #cache: NearCache;
  readonly #breaker = new CircuitBreaker({
    callsMin: 3,
    openMinMs: 3_000,
    onChange: ({ from, to }) => console.log(`  circuit breaker of the prices: ${from} → ${to.kind}`),
  });

  constructor(cache: NearCache) {
    this.#cache = cache;
  }

  get isOpen(): boolean {
    return this.#breaker.stateAt(performance.now()).kind === 'open';
  }

  async of(article: string): Promise<CachedResult<Price>> {
    const leave = this.#breaker.tryAcquire(performance.now());
    // Nobody is asked while it is open.
    if (!leave.granted) return this.#cache.get<Price>(`price/${article}`, { maxAgeMs: Infinity });
    try {
      const read = await this.#cache.get<Price>(`price/${article}`, { maxAgeMs: 0, timeoutMs: 1_000 });
      if (read.source === 'fallback') leave.fail(performance.now());
      else leave.succeed(performance.now());
      return read;
    } catch (error) {
      leave.fail(performance.now());
      throw error;
    }
  }
}

await using cluster = await startCluster({ nodes: 3 });
const client = await cluster.connect({
  nearCache: { maxAgeMs: 200, fallbackMs: 10 * 60_000 },
});

console.log(`${ORDERS} orders, each delivered ${DELIVERIES} times, while a node is killed and comes back`);
const worker = await cluster.connect();
const deliveries = Array.from({ length: ORDERS * DELIVERIES }, async (_, index) => {
  const order = { number: index % ORDERS, article: 'book' };
  return takeOrder(index % 2 === 0 ? client : worker, order);
});
await cluster.kill('n2');
await cluster.restart('n2');
const taken = await Promise.all(deliveries);
const versions = new Set(taken.map(({ key, version }) => `${key} ${version}`));
const repeated = taken.filter(({ receipt }) => receipt.replayed).length;
console.log(`${taken.length} deliveries were confirmed, ${repeated} of them from the record of an earlier attempt`);
console.log(`${versions.size} orders were taken, each once`);
const numbers = Array.from({ length: ORDERS }, (_, number) => number);
const stored = await Promise.all(numbers.map((number) => untilDone(() => client.get(`order/${number}`))));

const lookedUp = await untilDone(() => client.resolve('order/0', 'order-0'));
console.log(`what became of order-0? ${lookedUp.outcome}, as version ${lookedUp.version}`);

await untilDone(() => client.put('price/book', { price: 12 }, { opId: 'price-of-book' }));
const prices = new Prices(client.nearCache!);
const show = ({ value, source, ageMs, receipt }: CachedResult<Price>): string =>
  `the price is ${value?.price} (${source}, ${(ageMs / 1_000).toFixed(1)} s old, ${receipt.guarantee})`;
console.log(`all nodes run: ${show(await untilDone(() => prices.of('book')))}`);
await Promise.all(['n2', 'n3'].map((id) => cluster.pause(id)));
console.log('two of three nodes stand still:');
while (!prices.isOpen) console.log(`  ${show(await prices.of('book'))}`);
const askedMs = performance.now();
const atOnce = await prices.of('book');
console.log(`  ${show(atOnce)} after ${(performance.now() - askedMs).toFixed(1)} ms: nobody was asked`);
await Promise.all(['n2', 'n3'].map((id) => cluster.resume(id)));
let confirmed = atOnce;
while (confirmed.source !== 'revalidated' && confirmed.source !== 'cluster') {
  await new Promise((resolve) => setTimeout(resolve, 50));
  confirmed = await prices.of('book');
}
console.log(`they run again: ${show(confirmed)}`);
console.log(client.nearCache!.report());

if (versions.size !== ORDERS || !stored.every(({ found }) => found))
  throw new Error('an order was lost or taken twice');
if (atOnce.source !== 'cache') throw new Error('the breaker let a lookup through');
