/** How a cluster looks to a person and to a program. */
import { relative } from 'node:path';
import Table from 'cli-table3';
import { folderOf, type ClusterFile } from '../../cluster/cluster-file.js';
import { clientAddress } from '../../cluster/topology.js';
import type { Style } from './style.js';

export interface NodeRow {
  readonly id: string;
  readonly address: string;
  readonly http: string;
  readonly pid: number;
  /** Absolute. */
  readonly folder: string;
}

export interface ClusterReport {
  readonly name: string;
  readonly policy: string;
  readonly replicas: number;
  readonly file: string;
  readonly nodes: readonly NodeRow[];
}

export function reportOf(cluster: ClusterFile, pids: ReadonlyMap<string, number>): ClusterReport {
  const { name, policy, replicas, nodes } = cluster.topology;
  return {
    name,
    policy,
    replicas,
    file: cluster.file,
    nodes: nodes.map((node) => ({
      id: node.id,
      address: clientAddress(node),
      http: node.http,
      pid: pids.get(node.id) ?? 0,
      folder: folderOf(cluster, node),
    })),
  };
}

export function nodeTable(rows: readonly NodeRow[], style: Style): string {
  return textTable(
    ['node', 'gRPC', 'HTTP', 'pid', 'data'],
    rows.map((row) => [row.id, row.address, row.http, String(row.pid), shortPath(row.folder)]),
    style,
  );
}

/** Aligned columns without lines around them. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[], style: Style): string {
  const blank = ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'];
  const inner = ['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'];
  const chars = Object.fromEntries([...blank, ...inner].map((name) => [name, '']));
  const table = new Table({
    chars: { ...chars, middle: '   ' },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  });
  table.push(head.map(style.dim), ...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => `  ${line}`.trimEnd())
    .join('\n');
}

/** From the current folder, where that is shorter. */
export function shortPath(path: string): string {
  const short = relative('', path);
  return short === '' ? '.' : short.length < path.length && !short.startsWith('..') ? short : path;
}
