/** The HTTP API of Toxiproxy 2.12: paths, methods, statuses and bodies. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { ApiError } from './api-error.js';
import { parseBody } from './json-fields.js';
import type { Proxies } from './proxies.js';
import { viewOf } from './toxic-chain.js';

/** 2.12.0 to whoever compares versions (https://semver.org, build metadata). */
export const VERSION = '2.12.0+fulcrum';

interface Answer {
  readonly status: number;
  /** JSON, unless it is a text. */
  readonly body?: unknown;
  readonly type?: string;
}

interface Asked {
  readonly proxies: Proxies;
  /** Of the path, decoded. */
  readonly proxy: string;
  readonly toxic: string;
  readonly body: () => Promise<unknown>;
}

type Handler = (asked: Asked) => Promise<Answer> | Answer;

interface Route {
  readonly path: RegExp;
  readonly methods: Readonly<Record<string, Handler>>;
}

const JSON_TYPE = 'application/json';
const TEXT_TYPE = 'text/plain; charset=utf-8';

const ok = (body: unknown, status = 200): Answer => ({ status, body });
const NOTHING: Answer = { status: 204 };

const showProxy: Handler = ({ proxies, proxy }) => ok(proxies.find(proxy).view);
const updateProxy: Handler = async ({ proxies, proxy, body }) => {
  proxies.find(proxy);
  return ok((await proxies.update(proxy, await body())).view);
};
const updateToxic: Handler = async ({ proxies, proxy, toxic, body }) =>
  ok(viewOf(await proxies.find(proxy).updateToxic(toxic, await body())));

const ROUTES: readonly Route[] = [
  { path: /^\/version$/, methods: { GET: showVersion } },
  { path: /^\/metrics$/, methods: { GET: ({ proxies }) => ({ ...ok(proxies.bytes.text()), type: TEXT_TYPE }) } },
  { path: /^\/reset$/, methods: { POST: async ({ proxies }) => proxies.reset().then(() => NOTHING) } },
  { path: /^\/populate$/, methods: { POST: populate } },
  {
    path: /^\/proxies$/,
    methods: {
      GET: ({ proxies }) => ok(Object.fromEntries(proxies.all.map((proxy) => [proxy.name, proxy.view]))),
      POST: async ({ proxies, body }) => ok((await proxies.create(await body())).view, 201),
    },
  },
  {
    path: /^\/proxies\/([^/]+)$/,
    methods: {
      GET: showProxy,
      POST: updateProxy,
      PATCH: updateProxy,
      DELETE: async ({ proxies, proxy }) => proxies.remove(proxy).then(() => NOTHING),
    },
  },
  {
    path: /^\/proxies\/([^/]+)\/toxics$/,
    methods: {
      GET: ({ proxies, proxy }) => ok(proxies.find(proxy).toxics.all.map(viewOf)),
      POST: async ({ proxies, proxy, body }) => {
        const found = proxies.find(proxy);
        return ok(viewOf(await found.addToxic(await body())));
      },
    },
  },
  {
    path: /^\/proxies\/([^/]+)\/toxics\/([^/]+)$/,
    methods: {
      GET: ({ proxies, proxy, toxic }) => ok(viewOf(proxies.find(proxy).toxics.find(toxic))),
      POST: updateToxic,
      PATCH: updateToxic,
      DELETE: async ({ proxies, proxy, toxic }) => {
        await proxies.find(proxy).removeToxic(toxic);
        return NOTHING;
      },
    },
  },
];

/** Answers one request. */
export async function serve(proxies: Proxies, request: IncomingMessage, response: ServerResponse): Promise<void> {
  send(response, await answerTo(proxies, request).catch(failure));
}

async function answerTo(proxies: Proxies, request: IncomingMessage): Promise<Answer> {
  const path = (request.url ?? '').replace(/[?#].*$/, '');
  const route = ROUTES.find((one) => one.path.test(path));
  if (route === undefined) return { status: 404, body: '404 page not found\n', type: TEXT_TYPE };
  const handler = route.methods[request.method ?? ''];
  if (handler === undefined) return { status: 405 };
  // A page in a browser must not steer it.
  if (request.headers['user-agent']?.startsWith('Mozilla/') === true) {
    return { status: 403, body: 'User agent not allowed\n', type: TEXT_TYPE };
  }
  const [proxy = '', toxic = ''] = (route.path.exec(path) ?? []).slice(1).map(decodeURIComponent);
  return handler({ proxies, proxy, toxic, body: async () => parseBody(await textOf(request)) });
}

function showVersion(): Answer {
  return { status: 200, body: `{"version": "${VERSION}"}\n`, type: 'application/json;charset=utf-8' };
}

async function populate({ proxies, body }: Asked): Promise<Answer> {
  try {
    const { proxies: made, failure: problem } = await proxies.populate(await body());
    const views = made.map((proxy) => proxy.view);
    if (problem === undefined) return ok({ proxies: views }, 201);
    const { error, status } = detailsOf(problem);
    return ok({ error, status, proxies: views.length === 0 ? null : views }, status);
  } catch (problem) {
    const { error, status } = detailsOf(problem);
    return ok({ error, status, proxies: null }, status);
  }
}

function failure(problem: unknown): Answer {
  const details = detailsOf(problem);
  return { status: details.status, body: `${JSON.stringify(details)}\n`, type: TEXT_TYPE };
}

function detailsOf(problem: unknown): { readonly error: string; readonly status: number } {
  return { error: (problem as Error).message, status: problem instanceof ApiError ? problem.status : 500 };
}

function send(response: ServerResponse, { status, body, type = JSON_TYPE }: Answer): void {
  if (body === undefined) return void response.writeHead(status).end();
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const sniff = type === TEXT_TYPE ? { 'x-content-type-options': 'nosniff' } : {};
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text), ...sniff }).end(text);
}
