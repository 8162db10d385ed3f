/**
 * A session store for a web shop in three places that are 40 ms apart: in each a web server and a node, and users whose
 * requests are spread over all of them. Reads and writes are at ONE, which is as fast as the node beside, and may show less
 * than was written a moment ago. The Fulcrum session, whose token travels in the user's cookie, makes users see what they
 * did.
 *
 *   npm run example session-store
 */
import { connect, type Client, type GetResult } from 'fulcrum-kv';
import { startChaosCluster } from 'fulcrum-kv/chaos';

const USERS = 60;
const APART_MS = 40;
const FAST = { level: 'ONE', timeoutMs: 10_000 } as const;
const LIFETIME_MS = 30 * 60_000;

interface Basket {
  readonly user: number;
  readonly items: readonly string[];
}

/** What the browser keeps. */
interface Cookie {
  readonly id: string;
  /** What this user has seen so far. */
  readonly seen?: string;
}

/** One web server: it knows the node beside it and no other. */
class WebServer {
  constructor(private readonly client: Client) {}

  /** POST /basket */
  async add(cookie: Cookie, basket: Basket): Promise<Cookie> {
    const session = this.client.session({ token: cookie.seen });
    await session.put(cookie.id, basket, { ...FAST, ttlMs: LIFETIME_MS });
    return { ...cookie, seen: session.token };
  }

  /** GET /basket */
  async show(cookie: Cookie): Promise<GetResult<Basket>> {
    return this.client.session({ token: cookie.seen }).get<Basket>(cookie.id, FAST);
  }

  /** The same without the session, to see the difference. */
  async showAnything({ id }: Cookie): Promise<GetResult<Basket>> {
    return this.client.get<Basket>(id, FAST);
  }
}

await using cluster = await startChaosCluster({ nodes: 3, policy: 'PA/EL' });
const beside = (address: string): Promise<Client> => connect({ nodes: [address], discover: false });
const clients = await Promise.all(cluster.addresses.map(beside));
const servers = clients.map((client) => new WebServer(client));
await cluster.latency('*', '*', APART_MS);
console.log(`${servers.length} web servers, each beside a node of a PA/EL cluster, ${APART_MS} ms apart; all at ONE`);

const missed = { session: 0, without: 0 };
let bytes = 0;
/** One user fills his basket, and asks for the next page, which comes from another server. */
async function visit(user: number): Promise<void> {
  const here = servers[user % servers.length]!;
  const next = servers[(user + 1) % servers.length]!;
  const cookie = await here.add({ id: `basket/${user}` }, { user, items: ['book', 'pencil'] });
  bytes = cookie.seen?.length ?? 0;
  const [plain, seen] = await Promise.all([next.showAnything(cookie), next.show(cookie)]);
  if (plain.value?.user !== user) missed.without += 1;
  if (seen.value?.user !== user) missed.session += 1;
}

for (let user = 0; user < USERS; user += 3) await Promise.all([visit(user), visit(user + 1), visit(user + 2)]);
console.log(`without a session ${missed.without} of ${USERS} users did not see the basket they had just filled`);
console.log(`with the session's token in the cookie (${bytes} characters) ${missed.session} did not`);

const brief = await servers[0]!.add({ id: 'basket/brief' }, { user: -1, items: [] });
await clients[0]!.session({ token: brief.seen }).put('basket/brief', { user: -1, items: [] }, { ...FAST, ttlMs: 50 });
while ((await clients[0]!.get('basket/brief', FAST)).found) await new Promise((resolve) => setTimeout(resolve, 20));
console.log('a basket whose time to live is over is gone by itself');

await Promise.all(clients.map((client) => client.close()));
if (missed.without === 0) throw new Error('the places were not far enough apart to show a difference');
if (missed.session > 0) throw new Error('a session showed less than its user had written');
