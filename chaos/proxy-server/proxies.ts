/** All proxies of a server, by name. */
import { missingField, proxyExists, proxyNotFound, badBody } from './api-error.js';
import { ByteCounts } from './byte-counts.js';
import { booleanField, fieldsOf, textField } from './json-fields.js';
import { Proxy, type ProxyPlace } from './proxy.js';

interface WantedProxy {
  readonly name: string;
  readonly place: ProxyPlace;
  readonly enabled: boolean;
}

/** What a populate has made before it failed, if it did. */
export interface Populated {
  readonly proxies: readonly Proxy[];
  readonly failure?: unknown;
}

export class Proxies {
  readonly bytes = new ByteCounts();
  readonly #proxies = new Map<string, Proxy>();

  get all(): readonly Proxy[] {
    return [...this.#proxies.values()];
  }

  /** Throws where there is none of this name. */
  find(name: string): Proxy {
    const proxy = this.#proxies.get(name);
    if (proxy === undefined) throw proxyNotFound();
    return proxy;
  }

  async create(body: unknown): Promise<Proxy> {
    const { name, place, enabled } = wanted(body, '');
    if (this.#proxies.has(name)) throw proxyExists();
    return this.#add(new Proxy(name, place, this.bytes), enabled);
  }

  /** Proxies that are as they should be stay untouched, toxics included; others are replaced. */
  async populate(body: unknown): Promise<Populated> {
    if (!Array.isArray(body)) throw badBody('json: cannot unmarshal into Go value of type []toxiproxy.Proxy');
    const list = body.map((one: unknown, index) => wanted(one, ` at proxy ${index + 1}`));
    const proxies: Proxy[] = [];
    try {
      for (const one of list) proxies.push(await this.#addOrReplace(one));
      return { proxies };
    } catch (failure) {
      return { proxies, failure };
    }
  }

  async update(name: string, body: unknown): Promise<Proxy> {
    const proxy = this.find(name);
    const fields = fieldsOf(body, 'toxiproxy.Proxy');
    const listen = textField(fields, 'listen', proxy.place.listen);
    const upstream = textField(fields, 'upstream', proxy.place.upstream);
    await proxy.update({ listen, upstream }, booleanField(fields, 'enabled', proxy.enabled));
    return proxy;
  }

  async remove(name: string): Promise<void> {
    const proxy = this.find(name);
    this.#proxies.delete(name);
    await proxy.stop();
  }

  /** Every proxy enabled, and no toxic left. */
  async reset(): Promise<void> {
    for (const proxy of this.all) {
      await proxy.start();
      await proxy.resetToxics();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((proxy) => proxy.stop()));
  }

  async #addOrReplace({ name, place, enabled }: WantedProxy): Promise<Proxy> {
    const existing = this.#proxies.get(name);
    if (existing?.differs(place) === false) return existing;
    await existing?.stop();
    return this.#add(new Proxy(name, place, this.bytes), enabled);
  }

  async #add(proxy: Proxy, enabled: boolean): Promise<Proxy> {
    if (enabled) await proxy.start();
    this.#proxies.set(proxy.name, proxy);
    return proxy;
  }
}

function wanted(body: unknown, where: string): WantedProxy {
  const fields = fieldsOf(body, 'toxiproxy.Proxy');
  const name = textField(fields, 'name', '');
  const listen = textField(fields, 'listen', '');
  const upstream = textField(fields, 'upstream', '');
  const enabled = booleanField(fields, 'enabled', true);
  if (name === '') throw missingField(`name${where}`);
  if (upstream === '') throw missingField(`upstream${where}`);
  return { name, place: { listen, upstream }, enabled };
}
