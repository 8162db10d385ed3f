/** The console's HTTP side: the page, the picture, and the calls that change the cluster. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { refusalToChange, refusalToLook, type AccessRules, type Refusal } from './access.js';
import type { Console } from './console.js';
import { parseControl } from './control-request.js';
import { failureOf } from './plain-words.js';
import { PAGE_HEADERS, readStaticFiles, type StaticFile } from './static-files.js';
import { Watchers } from './watchers.js';

export interface ConsoleServerOptions {
  readonly console: Console;
  readonly nodes: readonly string[];
  /** What a call that changes something has to show. */
  readonly token: string;
  /** Where to listen; by default this machine only. Anything else serves other machines too. */
  readonly host?: string | undefined;
  /** 0: any free one. */
  readonly port: number;
}

export interface ConsoleServer {
  /** With the token in its fragment, which browsers send to nobody. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const BODY_BYTES_MAX = 16 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;

/** Resolves once it listens; rejects with the error of the socket, such as EADDRINUSE. */
export async function startConsoleServer(options: ConsoleServerOptions): Promise<ConsoleServer> {
  const { host = LOOPBACK, token } = options;
  const files = await readStaticFiles();
  const watchers = new Watchers(options.console);
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS });
  await listen(server, options.port, host);
  const { port } = server.address() as AddressInfo;
  const isOpen = !isLoopbackName(host);
  const rules: AccessRules = { token, hosts: hostsOf(host, port), isOpen };
  const site = new Site(options, rules, files, watchers);
  server.on('request', (request, response) => void site.answer(request, response));
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}/#token=${token}`,
    port,
    close: () => {
      watchers.close();
      options.console.stop();
      return close(server);
    },
  };
}

class Site {
  constructor(
    private readonly options: ConsoleServerOptions,
    private readonly rules: AccessRules,
    private readonly files: ReadonlyMap<string, StaticFile>,
    private readonly watchers: Watchers,
  ) {}

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const asker = { headers: request.headers, remoteAddress: request.socket.remoteAddress };
      const path = (request.url ?? '/').split('?', 1)[0]!;
      if (path === '/api/control') {
        if (request.method !== 'POST') return wrongMethod(response, 'POST');
        const refusal = refusalToChange(this.rules, asker);
        return refusal === undefined ? await this.#control(request, response) : refuse(response, refusal);
      }
      if (request.method !== 'GET' && request.method !== 'HEAD') return wrongMethod(response, 'GET, HEAD');
      const refusal = refusalToLook(this.rules, asker);
      return refusal === undefined ? this.#look(path, response) : refuse(response, refusal);
    } catch (error) {
      const { message } = failureOf(error);
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { error: { code: 'FAILED', message } });
    }
  }

  #look(path: string, response: ServerResponse): void {
    if (path === '/api/state') return sendJson(response, 200, this.options.console.view());
    if (path === '/api/events') {
      if (this.watchers.add(response, PAGE_HEADERS)) return;
      const message = 'Too many pages are watching. Close one of them.';
      return sendJson(response, 503, { error: { code: 'too_many', message } });
    }
    const file = this.files.get(path);
    if (file === undefined)
      return sendJson(response, 404, { error: { code: 'not_found', message: 'Nothing is here.' } });
    response.writeHead(200, { ...PAGE_HEADERS, 'content-type': file.type, 'content-length': file.body.length });
    response.end(file.body);
  }

  async #control(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await bodyOf(request);
    if (text === undefined) {
      const message = `The body may have at most ${BODY_BYTES_MAX} bytes. Nothing was done.`;
      return sendJson(response, 413, { error: { code: 'too_large', message } });
    }
    try {
      await this.options.console.control(parseControl(parseJson(text), this.options.nodes));
      sendJson(response, 200, this.options.console.view());
    } catch (error) {
      const { code, message } = failureOf(error);
      sendJson(response, code === 'INVALID_ARGUMENT' ? 400 : 503, { error: { code, message } });
    }
  }
}

function hostsOf(host: string, port: number): string[] {
  const own = ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${port}`);
  const given = `${host.includes(':') ? `[${host}]` : host.toLowerCase()}:${port}`;
  return own.includes(given) ? own : [...own, given];
}

export function isLoopbackName(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

/** undefined where it is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes <= BODY_BYTES_MAX) parts.push(part);
  }
  return bytes <= BODY_BYTES_MAX ? Buffer.concat(parts).toString('utf8') : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function refuse(response: ServerResponse, { status, code, reason }: Refusal): void {
  sendJson(response, status, { error: { code, message: reason } });
}

function wrongMethod(response: ServerResponse, allowed: string): void {
  response.setHeader('allow', allowed);
  sendJson(response, 405, { error: { code: 'wrong_method', message: `Use ${allowed}.` } });
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    ...PAGE_HEADERS,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
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
