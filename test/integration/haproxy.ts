/** A real HAProxy in front of a cluster's nodes, for tests; a Debian package that .ci/run installs. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect as dial } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomFreePorts } from '../../cluster/free-ports.js';
import type { LocalCluster } from '../../cluster/index.js';

export const HAS_HAPROXY = spawnSync('haproxy', ['-v']).status === 0;

/** `tcp`: whole connections (L4). `http`: each gRPC call by itself (L7). */
export type Balancing = 'tcp' | 'http';

export interface Haproxy {
  /** host:port where clients reach it. */
  readonly address: string;
  stop(): Promise<void>;
}

/** Health checks ask each node's /readyz, four times a second. */
function configOf(mode: Balancing, port: number, cluster: LocalCluster): string {
  const h2 = mode === 'http' ? ' proto h2' : '';
  const servers = cluster.nodes.map(({ id, address, http }) => {
    const [, httpPort] = http.split(':');
    return `  server ${id} ${address}${h2} check check-proto h1 port ${httpPort} inter 250ms fastinter 100ms fall 2 rise 1`;
  });
  return [
    'global',
    '  maxconn 256',
    'defaults',
    `  mode ${mode}`,
    '  timeout connect 500ms',
    '  timeout client 1h',
    '  timeout server 1h',
    '  timeout tunnel 1h',
    '  retries 3',
    '  option redispatch 1',
    'frontend clients',
    `  bind 127.0.0.1:${port}${h2}`,
    '  default_backend nodes',
    'backend nodes',
    '  balance roundrobin',
    '  option httpchk GET /readyz',
    '  http-check expect status 200',
    '  default-server on-marked-down shutdown-sessions',
    ...servers,
    '',
  ].join('\n');
}

/** Resolves once it takes connections. */
export async function startHaproxy(mode: Balancing, cluster: LocalCluster): Promise<Haproxy> {
  const folder = await mkdtemp(join(tmpdir(), 'fulcrum-haproxy-'));
  const [port] = await randomFreePorts(1);
  const file = join(folder, 'haproxy.cfg');
  await writeFile(file, configOf(mode, port!, cluster));
  const child = spawn('haproxy', ['-db', '-f', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for (let left = 200; !(await listens(port!)); left -= 1) {
    if (child.exitCode !== null || left === 0) throw new Error(`HAProxy does not run: ${said.join('')}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  return { address: `127.0.0.1:${port}`, stop };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = dial(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.once('connect', () => socket.end());
  });
}
