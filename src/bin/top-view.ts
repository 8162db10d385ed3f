/** What `fulcrum top` shows of a cluster: lines for a terminal. */
import type { ClusterLive } from '../core/cluster-live.js';
import type { CounterfactualReads, Latency, LevelSample, Traffic } from '../core/live-sample.js';
import { bytesText } from '../edge/bytes-text.js';
import { textTable } from './cluster-report.js';
import type { Paint, Style } from './style.js';

export function topView(live: ClusterLive, style: Style): string[] {
  return [
    title(live, style),
    '',
    nodes(live, style),
    '',
    ...section('Links', 'who hears whom, by the one that asks', style),
    links(live, style),
    ...hints(live, style),
    '',
    ...section('Requests', 'of the last second', style),
    traffic(live, style),
    '',
    ...counterfactual(live, style),
  ];
}

function title({ cluster, policy, atMs, conflicts }: ClusterLive, { bold, dim, warning }: Style): string {
  if (policy === undefined) return `${bold('fulcrum top')}  ${warning('no node answers')}`;
  const settling = policy.settled ? 'settled' : warning(`settling, ${percent(policy.settlingProgress)} done here`);
  const now = conflicts.recordedNow > 0 ? warning(` (+${conflicts.recordedNow})`) : '';
  const time = new Date(atMs).toISOString().slice(11, 19);
  return `${bold(cluster)}  policy ${bold(policy.policy)} (epoch ${policy.epoch}, ${settling}), default level ${policy.defaultLevel}, conflicts ${conflicts.kept}${now}  ${dim(`${time} UTC`)}`;
}

function section(name: string, what: string, { bold, dim }: Style): string[] {
  return [`${bold(name)}  ${dim(what)}`];
}

function nodes(live: ClusterLive, style: Style): string {
  const rows = live.nodes.map(({ node, address, state, ready, uptimeSeconds, inFlightRequests, repair }) => [
    node ?? '?',
    address,
    state === 'silent' ? style.bad('silent') : ready ? style.good('ready') : style.warning('not ready'),
    duration(uptimeSeconds),
    count(inFlightRequests),
    String(live.hints.filter((hint) => hint.node === node).reduce((sum, { kept }) => sum + kept, 0)),
    repair === undefined
      ? '-'
      : repair.comparing === undefined
        ? 'idle'
        : `${repair.comparing} ${percent(repair.progress)}`,
    count(repair?.mended),
  ]);
  return textTable(['node', 'gRPC', 'state', 'up', 'in flight', 'hints kept', 'repair with', 'mended'], rows, style);
}

function links({ links: all, nodes: known }: ClusterLive, style: Style): string {
  const ids = known.map(({ node }) => node).filter((id) => id !== undefined);
  const rows = ids.map((from) => [
    from,
    ...ids.map((to) => {
      const link = all.find(({ node, peer }) => node === from && peer === to);
      if (link === undefined) return from === to ? '' : style.dim('?');
      const paint: Record<typeof link.state, Paint> = { alive: style.good, suspected: style.warning, dead: style.bad };
      const detail = link.state === 'alive' ? milliseconds(link.roundTripMs) : `phi ${link.phi?.toFixed(1) ?? '-'}`;
      return `${paint[link.state](link.state)} ${style.dim(detail)}`;
    }),
  ]);
  return textTable(['from', ...ids.map((id) => `to ${id}`)], rows, style);
}

function hints(live: ClusterLive, style: Style): string[] {
  if (live.hints.length === 0) return [];
  const kept = live.hints.map(
    ({ node, target, kept: number, keptBytes }) => `${node} for ${target}: ${number} (${bytesText(keptBytes)})`,
  );
  return [`  ${style.warning('hints')}  ${kept.join(', ')}`];
}

function traffic({ levels }: ClusterLive, style: Style): string {
  const row = (level: string, operation: string, one: Traffic, stale: string): string[] => [
    level,
    operation,
    Math.round(one.perSecond).toString(),
    milliseconds(one.latency.p50Ms),
    milliseconds(one.latency.p99Ms),
    alarming(one.degraded, style.warning),
    stale,
    errors(one, style),
  ];
  const rows = levels.flatMap(({ level, reads, writes }: LevelSample) => [
    row(
      level,
      'reads',
      reads,
      reads.checked === 0 ? '-' : `${alarming(reads.stale, style.warning)} of ${reads.checked}`,
    ),
    row('', 'writes', writes, ''),
  ]);
  return textTable(['level', '', 'per s', 'p50', 'p99', 'degraded', 'stale of checked', 'errors'], rows, style);
}

function errors({ errors: byCode }: Traffic, style: Style): string {
  const codes = Object.entries(byCode).map(([code, number]) => `${code} ${number}`);
  return codes.length === 0 ? '0' : style.bad(codes.join(', '));
}

function counterfactual({ counterfactual: all, staleness }: ClusterLive, style: Style): string[] {
  if (all.share === 0) return section('What every level would have given', 'not sampled in this cluster', style);
  const what = `${percent(all.share)} of the requests of the last ${all.windowSeconds} s: ${all.reads} reads, ${all.writes} writes`;
  const rows = all.levels.map(({ level, reads, writes }, index) => {
    const { predicted, measured, calibrationError } = staleness[index]!;
    return [
      level,
      ...readCells(reads, style),
      latency(writes.latency),
      failing(writes.asked, writes.answered, style),
      `${percent(predicted)} / ${percent(measured)}`,
      percent(calibrationError),
    ];
  });
  const replicas = all.replicas.map(({ node, reads }) => [
    `ONE at ${node}`,
    ...readCells(reads, style),
    '',
    '',
    '',
    '',
  ]);
  const head = ['', 'read p50 / p99', 'fails', 'stale', 'versions', 'ms behind'];
  return [
    ...section('What every level would have given', what, style),
    textTable(
      [...head, 'write p50 / p99', 'fails', 'predicted / measured stale', 'off by'],
      [...rows, ...replicas],
      style,
    ),
  ];
}

function readCells(reads: CounterfactualReads, style: Style): string[] {
  const { asked, answered, stale, staleShare, versionsBehind, msBehind } = reads;
  return [
    latency(reads.latency),
    failing(asked, answered, style),
    stale > 0 ? style.warning(percent(staleShare)) : percent(staleShare),
    versionsBehind.mean === undefined ? '-' : versionsBehind.mean.toFixed(1),
    msBehind.mean === undefined ? '-' : `${Math.round(msBehind.mean)} (max ${Math.round(msBehind.max ?? 0)})`,
  ];
}

function failing(asked: number, answered: number, style: Style): string {
  if (asked === 0) return '-';
  const share = percent(1 - answered / asked);
  return answered < asked ? style.bad(share) : share;
}

function latency({ p50Ms, p99Ms }: Latency): string {
  return p50Ms === undefined ? '-' : `${milliseconds(p50Ms)} / ${milliseconds(p99Ms)}`;
}

function alarming(number: number, paint: Paint): string {
  return number === 0 ? '0' : paint(String(number));
}

function milliseconds(ms: number | undefined): string {
  return ms === undefined ? '-' : `${ms < 10 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

function percent(share: number | undefined): string {
  if (share === undefined) return '-';
  return `${(share * 100).toFixed(share > 0 && share < 0.1 ? 2 : share === 0 || share === 1 ? 0 : 1)} %`;
}

function count(number: number | undefined): string {
  return number === undefined ? '-' : String(number);
}

function duration(seconds: number | undefined): string {
  if (seconds === undefined) return '-';
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}
