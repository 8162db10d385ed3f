/** What a client of the HTTP API can tell. */
import type { ExecutionContext } from 'ava';
import { Toxiproxy, ToxiproxyError, type Latency } from 'toxiproxy-node-client';
import { startEcho } from './echo-server.js';
import { ask } from './subject.js';
import { Talker } from './talker.js';

/** `url`: of the API of a server without any proxy. */
export type Promised = readonly [name: string, run: (t: ExecutionContext, url: string) => Promise<void>];

interface ListedProxy {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
  readonly toxics: readonly { readonly name: string }[];
}

const TEXT = 'text/plain; charset=utf-8';
const NOWHERE = '127.0.0.1:9';
const wanted = (name: string) => ({ name, listen: '127.0.0.1:0', upstream: NOWHERE });

export const apiConformance: readonly Promised[] = [
  [
    'its version is one of the second generation',
    async (t, url) => {
      const { status, type, body } = await ask(url, 'GET', '/version');
      t.is(status, 200);
      t.regex(type ?? '', /^application\/json/);
      t.regex((body as { version: string }).version, /^2\.|^git$/);
    },
  ],
  [
    'a proxy is made, shown, changed and deleted',
    async (t, url) => {
      const made = await ask(url, 'POST', '/proxies', wanted('a'));
      t.is(made.status, 201);
      const proxy = made.body as ListedProxy;
      t.like(proxy, { name: 'a', upstream: NOWHERE, enabled: true });
      t.deepEqual(proxy.toxics, []);
      t.regex(proxy.listen, /^127\.0\.0\.1:[1-9]\d*$/);
      t.deepEqual((await ask(url, 'GET', '/proxies')).body, { a: proxy });
      t.deepEqual((await ask(url, 'GET', '/proxies/a')).body, proxy);

      const disabled = await ask(url, 'PATCH', '/proxies/a', { enabled: false });
      t.like(disabled, { status: 200, body: { ...proxy, enabled: false } });
      const moved = await ask(url, 'POST', '/proxies/a', { upstream: '127.0.0.1:10', enabled: true });
      t.like(moved.body, { listen: proxy.listen, upstream: '127.0.0.1:10', enabled: true });

      t.is((await ask(url, 'DELETE', '/proxies/a')).status, 204);
      t.deepEqual((await ask(url, 'GET', '/proxies')).body, {});
    },
  ],
  [
    'what makes no sense is refused with its own message and status',
    async (t, url) => {
      await ask(url, 'POST', '/proxies', wanted('a'));
      const { listen } = (await ask(url, 'GET', '/proxies/a')).body as ListedProxy;
      const refused = async (error: string | RegExp, status: number, ...asked: Parameters<Ask>): Promise<void> => {
        const answer = await ask(url, ...asked);
        const body = answer.body as { error: string; status: number };
        const what = asked.join(' ');
        if (typeof error === 'string') t.is(body.error, error, what);
        else t.regex(body.error, error, what);
        t.is(body.status, status, what);
        t.is(answer.status, status, what);
        t.is(answer.type, TEXT, what);
      };
      await refused('proxy already exists', 409, 'POST', '/proxies', wanted('a'));
      await refused('missing required field: name', 400, 'POST', '/proxies', { upstream: NOWHERE });
      await refused('missing required field: upstream', 400, 'POST', '/proxies', { name: 'b' });
      await refused(/^bad request body: /, 400, 'POST', '/proxies', { name: 5, upstream: NOWHERE });
      await refused(/^bad request body: /, 400, 'POST', '/proxies', '{');
      await refused('bad request body: EOF', 400, 'POST', '/proxies', '');
      const taken = `listen tcp ${listen}: bind: address already in use`;
      await refused(taken, 500, 'POST', '/proxies', { ...wanted('b'), listen });
      await refused('address nowhere: missing port in address', 500, 'PATCH', '/proxies/a', { listen: 'nowhere' });
      for (const method of ['GET', 'POST', 'PATCH', 'DELETE']) {
        await refused('proxy not found', 404, method, '/proxies/z', method === 'GET' ? undefined : {});
      }
      await refused('proxy not found', 404, 'GET', '/proxies/z/toxics');
      await refused('proxy not found', 404, 'POST', '/proxies/z/toxics', { type: 'latency' });
      for (const method of ['GET', 'POST', 'PATCH', 'DELETE']) {
        await refused('toxic not found', 404, method, '/proxies/a/toxics/z', method === 'GET' ? undefined : {});
      }
      await refused('invalid toxic type', 400, 'POST', '/proxies/a/toxics', { type: 'rain' });
      await refused('invalid toxic type', 400, 'POST', '/proxies/a/toxics', {});
      const stream = 'stream was invalid, can be either upstream or downstream';
      await refused(stream, 400, 'POST', '/proxies/a/toxics', { type: 'latency', stream: 'sideways' });
      const bad = /^bad request body: /;
      const half = { type: 'latency', attributes: { latency: 0.5 } };
      await refused(bad, 400, 'POST', '/proxies/a/toxics', half);
      await refused(bad, 400, 'POST', '/proxies/a/toxics', { type: 'latency', attributes: [] });
      await refused(bad, 400, 'POST', '/proxies/a/toxics', { type: 'latency', toxicity: 'much' });
      t.deepEqual((await ask(url, 'GET', '/proxies/a/toxics')).body, []);
    },
  ],
  [
    'an unknown path is a 404, and a known one with another method a 405',
    async (t, url) => {
      t.deepEqual(await ask(url, 'GET', '/weather'), { status: 404, type: TEXT, body: '404 page not found\n' });
      t.is((await ask(url, 'PUT', '/proxies')).status, 405);
      t.is((await ask(url, 'GET', '/reset')).status, 405);
    },
  ],
  [
    'a browser is turned away',
    async (t, url) => {
      const response = await fetch(`${url}/version`, { headers: { 'user-agent': 'Mozilla/5.0' } });
      t.is(response.status, 403);
      t.is(await response.text(), 'User agent not allowed\n');
    },
  ],
  [
    'toxics get default names, streams, toxicity and attributes, and only what is given changes',
    async (t, url) => {
      await ask(url, 'POST', '/proxies', wanted('a'));
      const toxic = { name: 'latency_downstream', type: 'latency', stream: 'downstream', toxicity: 1 };
      const made = await ask(url, 'POST', '/proxies/a/toxics', { type: 'latency', attributes: { latency: 7 } });
      t.is(made.status, 200);
      t.deepEqual(made.body, { ...toxic, attributes: { latency: 7, jitter: 0 } });
      t.is((await ask(url, 'POST', '/proxies/a/toxics', { type: 'latency' })).status, 409);
      t.is((await ask(url, 'POST', '/proxies/a/toxics', { ...toxic, stream: 'upstream' })).status, 409);
      const up = { name: 'up', type: 'slicer', stream: 'upstream', toxicity: 0.5, attributes: { delay: 3 } };
      const slicer = { ...up, attributes: { average_size: 0, size_variation: 0, delay: 3 } };
      t.deepEqual((await ask(url, 'POST', '/proxies/a/toxics', { ...up, COLOUR: 'red' })).body, slicer);

      const change = { attributes: { jitter: 2 }, toxicity: 0.25, stream: 'upstream', name: 'other' };
      const changed = { ...toxic, toxicity: 0.25, attributes: { latency: 7, jitter: 2 } };
      t.deepEqual((await ask(url, 'PATCH', '/proxies/a/toxics/latency_downstream', change)).body, changed);
      const again = { ...changed, attributes: { latency: 9, jitter: 2 } };
      const post = await ask(url, 'POST', '/proxies/a/toxics/latency_downstream', { attributes: { latency: 9 } });
      t.deepEqual(post.body, again);
      t.deepEqual((await ask(url, 'GET', '/proxies/a/toxics/latency_downstream')).body, again);
      t.deepEqual((await ask(url, 'GET', '/proxies/a/toxics')).body, [slicer, again]);
      t.is((await ask(url, 'DELETE', '/proxies/a/toxics/up')).status, 204);
      t.deepEqual((await ask(url, 'GET', '/proxies/a')).body, {
        ...((await ask(url, 'GET', '/proxies/a')).body as object),
        toxics: [again],
      });
    },
  ],
  [
    'every kind of toxic is there with its own attributes',
    async (t, url) => {
      await ask(url, 'POST', '/proxies', wanted('a'));
      for (const [type, attributes] of Object.entries({
        latency: { latency: 0, jitter: 0 },
        bandwidth: { rate: 0 },
        slow_close: { delay: 0 },
        timeout: { timeout: 0 },
        reset_peer: { timeout: 0 },
        slicer: { average_size: 0, size_variation: 0, delay: 0 },
        limit_data: { bytes: 0 },
        noop: {},
      })) {
        const { body } = await ask(url, 'POST', '/proxies/a/toxics', { type });
        t.deepEqual(body, { name: `${type}_downstream`, type, stream: 'downstream', toxicity: 1, attributes });
      }
    },
  ],
  [
    'populate makes proxies, leaves those that are the same, and replaces others',
    async (t, url) => {
      const first = await ask(url, 'POST', '/populate', [wanted('a'), { ...wanted('b'), enabled: false }]);
      t.is(first.status, 201);
      const [a, b] = (first.body as { proxies: ListedProxy[] }).proxies;
      t.true(a!.enabled);
      t.false(b!.enabled);
      await ask(url, 'POST', '/proxies/a/toxics', { type: 'latency' });
      const same = { name: 'a', listen: a!.listen, upstream: NOWHERE };
      const again = await ask(url, 'POST', '/populate', [same]);
      t.is((again.body as { proxies: ListedProxy[] }).proxies[0]!.toxics.length, 1);
      const other = await ask(url, 'POST', '/populate', [{ ...same, upstream: '127.0.0.1:10' }]);
      t.deepEqual((other.body as { proxies: ListedProxy[] }).proxies[0]!.toxics, []);
      t.deepEqual(Object.keys((await ask(url, 'GET', '/proxies')).body as object).sort(), ['a', 'b']);

      const refused = await ask(url, 'POST', '/populate', [wanted('c'), { upstream: NOWHERE }]);
      t.is(refused.status, 400);
      t.deepEqual(refused.body, { error: 'missing required field: name at proxy 2', status: 400, proxies: null });
      t.is((await ask(url, 'POST', '/populate', {})).status, 400);
    },
  ],
  [
    'reset enables every proxy and takes every toxic away',
    async (t, url) => {
      await ask(url, 'POST', '/populate', [wanted('a'), { ...wanted('b'), enabled: false }]);
      await ask(url, 'POST', '/proxies/a/toxics', { type: 'latency', stream: 'upstream' });
      await ask(url, 'POST', '/proxies/a/toxics', { type: 'timeout' });
      t.is((await ask(url, 'POST', '/reset')).status, 204);
      const proxies = Object.values((await ask(url, 'GET', '/proxies')).body as Record<string, ListedProxy>);
      t.true(proxies.every(({ enabled, toxics }) => enabled && toxics.length === 0));
    },
  ],
  [
    'a disabled proxy ends its connections and refuses new ones, until it is enabled at the same address',
    async (t, url) => {
      const echo = await startEcho();
      t.teardown(() => echo.close());
      const made = await ask(url, 'POST', '/proxies', { ...wanted('a'), upstream: echo.address });
      const { listen } = made.body as ListedProxy;
      const talker = await Talker.to(listen);
      talker.say('one');
      await talker.hears(3);
      await ask(url, 'PATCH', '/proxies/a', { enabled: false });
      await talker.ends();
      const refused = await Talker.to(listen);
      await refused.ends();
      t.is(refused.received.length, 0);
      await ask(url, 'PATCH', '/proxies/a', { enabled: true });
      const after = await Talker.to(listen);
      t.teardown(() => after.close());
      after.say('two');
      await after.hears(3);
      t.is(after.received.toString(), 'two');
    },
  ],
  [
    'toxiproxy-node-client gets along with it',
    async (t, url) => {
      const toxiproxy = new Toxiproxy(url);
      const proxy = await toxiproxy.createProxy(wanted('a'));
      t.is((await toxiproxy.get('a')).listen, proxy.listen);
      const toxic = await proxy.addToxic<Latency>({
        name: 'slow',
        type: 'latency',
        stream: 'upstream',
        toxicity: 1,
        attributes: { latency: 5, jitter: 1 },
      });
      t.deepEqual((await toxic.update({ ...toxic.toJson(), attributes: { latency: 6, jitter: 1 } })).attributes, {
        latency: 6,
        jitter: 1,
      });
      t.is((await proxy.getToxic<Latency>('slow')).attributes.latency, 6);
      await toxic.remove();
      await t.throwsAsync(proxy.getToxic('slow'), { instanceOf: ToxiproxyError, message: /404/ });
      t.deepEqual(Object.keys(await toxiproxy.populate([wanted('b'), wanted('c')])), ['b', 'c']);
      await toxiproxy.reset();
      await (await toxiproxy.get('b')).remove();
      t.deepEqual(Object.keys(await toxiproxy.getAll()).sort(), ['a', 'c']);
      t.regex(await toxiproxy.getVersion(), /version/);
    },
  ],
];

type Ask = (method: string, path: string, body?: unknown) => void;
