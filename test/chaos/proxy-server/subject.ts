/** The server under test: the embedded one, and the real one where it is installed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Janitor } from '../../../cluster/janitor.js';
import { startEmbedded, startInstalled, type ToxiproxyProcess } from '../../../chaos/toxiproxy/toxiproxy-process.js';

export interface Subject {
  readonly url: string;
  stop(): Promise<void>;
}

/** `program`: the real server's path; undefined for the embedded one. */
export async function startSubject(program: string | undefined): Promise<Subject> {
  const folder = await mkdtemp(join(tmpdir(), 'fulcrum-toxiproxy-'));
  const janitor = new Janitor(folder);
  const options = { withParent: true, logFile: join(folder, 'log') };
  const server: ToxiproxyProcess = await (program === undefined
    ? startEmbedded(options)
    : startInstalled(program, options));
  janitor.watch(server);
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      await janitor.finish();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Deletes what an earlier test has left. */
export async function withoutProxies(url: string): Promise<void> {
  const { body } = await ask(url, 'GET', '/proxies');
  for (const name of Object.keys(body as object)) await ask(url, 'DELETE', `/proxies/${name}`);
}

export interface Answer {
  readonly status: number;
  readonly type: string | null;
  /** Parsed where it is JSON. */
  readonly body: unknown;
}

/** One request to the API of a server. */
export async function ask(url: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(`${url}${path}`, { method, ...(text === undefined ? {} : { body: text }) });
  const answer = await response.text();
  return { status: response.status, type: response.headers.get('content-type'), body: parsed(answer) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
