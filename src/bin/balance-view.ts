/** What `fulcrum balance` says to a person. */
import { bytesText } from '../edge/bytes-text.js';
import { endpointText, type L4Backend } from '../edge/l4-backend.js';
import type { L4Event, L4Stats } from '../edge/l4-balancer.js';
import type { L4NodeStats } from '../edge/l4-node.js';
import type { L4Strategy } from '../edge/l4-strategy.js';
import { textTable } from './cluster-report.js';
import type { Style } from './style.js';

export interface Started {
  readonly address: string;
  readonly strategy: L4Strategy;
  readonly backends: readonly L4Backend[];
  /** In the same order. */
  readonly nodes: readonly L4NodeStats[];
}

export function startedLines({ address, strategy, backends, nodes }: Started, style: Style): string[] {
  const rows = nodes.map(({ node, address: gRPC, state }, index) => {
    const http = backends[index]!.http;
    const check = http === undefined ? 'a TCP connection' : `http://${endpointText(http)}/readyz`;
    return [node, gRPC, check, state === 'up' ? style.good('ready') : style.bad('out')];
  });
  return [
    `${style.bold('fulcrum balance')}  listens at ${style.bold(address)}, ${strategy}`,
    '',
    textTable(['node', 'gRPC', 'checked by', 'state'], rows, style),
    '',
    `  connect({ nodes: ['${address}'], discover: false })`,
    '',
    '  Ctrl-C stops it.',
  ];
}

export function eventLine(event: L4Event, { good, bad, warning }: Style): string {
  switch (event.event) {
    case 'nodeDown':
      return `${bad('out')}   ${event.node}: ${event.reason}; ${connections(event.cut)} cut`;
    case 'nodeUp':
      return `${good('back')}  ${event.node}`;
    case 'notAccepted':
      return `${warning('lost')}  a connection could not be taken: ${event.reason}`;
  }
}

export function stoppedLines({ connections: all, bytes: passed, nodes }: L4Stats, style: Style): string[] {
  const rows = nodes.map(({ node, connections: { total, failed, cut }, bytes: { up, down } }) =>
    [node, total, failed, cut, bytesText(up), bytesText(down)].map(String),
  );
  const { tooMany, noNode } = all.refused;
  return [
    '',
    textTable(['node', 'connections', 'not opened', 'cut when out', 'from clients', 'to clients'], rows, style),
    '',
    `  ${connections(all.total)}, ${bytesText(passed.up)} from clients, ${bytesText(passed.down)} to clients; ` +
      `tried again elsewhere ${all.retried}, refused ${tooMany + noNode} (too many ${tooMany}, no node ready ${noNode})`,
  ];
}

function connections(count: number): string {
  return count === 1 ? '1 connection' : `${count} connections`;
}
