/** chaos.json beside the cluster file: which Toxiproxy carries the links of a cluster started with `up --chaos`. */
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from '../cluster/atomic-file.js';
import type { ClusterFile } from '../cluster/cluster-file.js';
import { processStart } from '../cluster/process-state.js';
import { isAlive } from '../cluster/run-file.js';
import { killFound } from '../cluster/stop-node.js';
import { Network } from './network.js';
import type { ChosenToxiproxy, ToxiproxyKind } from './toxiproxy/toxiproxy-choice.js';

export interface ChaosFile {
  readonly kind: ToxiproxyKind;
  /** http://host:port of the API. */
  readonly url: string;
  /** Of the server, where it was started for this cluster. */
  readonly process?: { readonly pid: number; readonly start: string } | undefined;
}

export async function writeChaosFile(cluster: ClusterFile, { kind, url, process }: ChosenToxiproxy): Promise<void> {
  const started =
    process === undefined ? {} : { process: { pid: process.pid, start: processStart(process.pid) ?? '' } };
  await writeFileAtomic(fileOf(cluster), `${JSON.stringify({ kind, url, ...started })}\n`);
}

/** undefined where the links of this cluster run directly. */
export function readChaosFile(cluster: ClusterFile): ChaosFile | undefined {
  // The file may be left over from an earlier start of the same cluster.
  if (cluster.topology.nodes.every(({ dial }) => dial === undefined)) return undefined;
  try {
    return JSON.parse(readFileSync(fileOf(cluster), 'utf8')) as ChaosFile;
  } catch {
    return undefined;
  }
}

/** Ends what carries the links of a cluster whose nodes have ended. */
export async function endProxies(cluster: ClusterFile): Promise<void> {
  const file = readChaosFile(cluster);
  if (file === undefined) return;
  if (file.process !== undefined) {
    if (isAlive(file.process)) await killFound(file.process);
  } else {
    const network = await Network.attach(file.url, cluster.topology).catch(() => undefined);
    await network?.close();
  }
  await rm(fileOf(cluster), { force: true });
}

function fileOf(cluster: ClusterFile): string {
  return join(dirname(cluster.file), 'chaos.json');
}
