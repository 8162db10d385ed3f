/** A Toxiproxy server started from here: the real one where it is installed, else the embedded one. */
import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, closeSync, constants, openSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { randomFreePorts } from '../../cluster/free-ports.js';
import { getJson } from '../../cluster/http-json.js';
import type { Watched } from '../../cluster/janitor.js';
import { waitFor } from '../../cluster/wait.js';
import { FulcrumError } from '../../src/core/errors.js';

export const TOXIPROXY_PROGRAM = 'toxiproxy-server';

const EMBEDDED = fileURLToPath(new URL('../proxy-server/main.js', import.meta.url));
const START_TIMEOUT_MS = 30_000;
const PROBE_TIMEOUT_MS = 1_000;
const PORT_ATTEMPTS = 3;

export interface ToxiproxyProcess extends Watched {
  /** http://host:port of the API. */
  readonly url: string;
  /** Resolves once the process is gone. */
  stop(): Promise<void>;
}

export interface ProcessOptions {
  /** End with this process, however it ends; the real server needs a janitor for that. */
  readonly withParent: boolean;
  /** What the real server logs goes there. */
  readonly logFile: string;
}

export async function startEmbedded({ withParent }: ProcessOptions): Promise<ToxiproxyProcess> {
  const child = spawn(process.execPath, withParent ? [EMBEDDED, '--with-parent'] : [EMBEDDED], {
    detached: true,
    stdio: [withParent ? 'pipe' : 'ignore', 'pipe', 'ignore'],
  });
  const started = watch(child);
  const line = await firstLine(child);
  child.stdout?.destroy();
  if (line !== undefined) return { ...started, url: (JSON.parse(line) as { url: string }).url };
  await started.stop();
  throw notStarted('The embedded Toxiproxy server did not start.');
}

/** `program`: its path. */
export async function startInstalled(program: string, options: ProcessOptions): Promise<ToxiproxyProcess> {
  for (let attempt = 1; ; attempt += 1) {
    const [port = 0] = await randomFreePorts(1);
    const log = openSync(options.logFile, 'w');
    const child = spawn(program, ['-host', '127.0.0.1', '-port', String(port)], {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, LOG_LEVEL: 'error' },
    });
    closeSync(log);
    const started = watch(child);
    const answered = await waitFor(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return false;
      return (await getJson(`127.0.0.1:${port}`, '/version', PROBE_TIMEOUT_MS))?.status === 200 ? true : undefined;
    }, START_TIMEOUT_MS);
    // It goes on without its API where another program took the port, and that program may be another Toxiproxy.
    const said = readFileSync(options.logFile, 'utf8');
    if (answered === true && !said.includes('address already in use')) {
      return { ...started, url: `http://127.0.0.1:${port}` };
    }
    await started.stop();
    if (attempt === PORT_ATTEMPTS) throw notStarted(`${program} did not answer at port ${port}: ${said.trim()}`);
  }
}

/** The real server's path; undefined where it is not installed. */
export function installedToxiproxy(path = process.env['PATH'] ?? ''): string | undefined {
  const files = path.split(delimiter).map((folder) => join(folder, TOXIPROXY_PROGRAM));
  return files.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function watch(child: ChildProcess): Omit<ToxiproxyProcess, 'url'> {
  // A forgotten server must not keep a finished program from ending.
  child.unref();
  (child.stdin as { unref?: () => void } | null)?.unref?.();
  child.stdin?.on('error', () => undefined);
  child.on('error', () => undefined);
  const isOver = (): boolean => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  return {
    pid: child.pid ?? 0,
    onExit: (run) => (isOver() ? run() : void child.once('exit', run)),
    stop: async () => {
      if (isOver()) return;
      child.ref();
      const gone = new Promise((resolve) => child.once('exit', resolve));
      // Its connections are of no use to anybody any more: there is nothing to end in order.
      child.kill('SIGKILL');
      await gone;
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string | undefined> {
  if (child.stdout === null) return undefined;
  const lines = createInterface({ input: child.stdout });
  const timer = setTimeout(() => lines.close(), START_TIMEOUT_MS);
  try {
    for await (const line of lines) return line;
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

function notStarted(message: string): FulcrumError {
  return new FulcrumError({ code: 'UNAVAILABLE', message, definite: true, retryable: true });
}
