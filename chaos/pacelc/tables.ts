/** The matrix in words and figures, for the terminal, Markdown and the page alike. */
import { GUARANTEES } from '../../src/core/receipt.js';
import { CONDITION_TITLES } from './cells.js';
import type { Cell } from './judge-cell.js';
import type { Matrix } from './matrix.js';

export const HEAD = [
  'policy',
  'level',
  'network',
  'p50',
  'p99',
  'answered',
  'stale reads',
  'stalest',
  'lost after heal',
  'claimed',
  'held',
] as const;

export function rowOf(cell: Cell): string[] {
  const { policy, level, condition, side, availability, staleShare, staleMaxMs, lostKeys, writtenKeys, listedKeys } =
    cell;
  return [
    policy,
    level,
    side === 'all' ? CONDITION_TITLES[condition] : `${CONDITION_TITLES[condition]}, ${side}`,
    milliseconds(cell.p50Ms),
    milliseconds(cell.p99Ms),
    percent(availability),
    staleShare === null ? '–' : percent(staleShare),
    staleShare === null ? '–' : milliseconds(staleMaxMs),
    writtenKeys === 0 ? '–' : `${lostKeys} of ${writtenKeys} keys${lostKeys === 0 ? '' : `, ${listedKeys} listed`}`,
    claimText(cell),
    heldText(cell),
  ];
}

/** What receipts vouched for; with its share where they did not agree. */
export function claimText({ claimed }: Cell): string {
  const total = GUARANTEES.reduce((sum, guarantee) => sum + claimed[guarantee], 0);
  if (total === 0) return 'refused';
  const given = GUARANTEES.filter((guarantee) => claimed[guarantee] > 0);
  if (given.length === 1) return given[0]!;
  return given.map((guarantee) => `${guarantee} ${percent(claimed[guarantee] / total)}`).join(', ');
}

/** Whether every checker agreed, and what the answers looked like beyond what they claimed. */
export function heldText({ verdict, looksLinearizable, claimed }: Cell): string {
  const said = verdict === 'valid' ? 'yes' : verdict === 'invalid' ? 'NO' : 'undecided';
  const claimsLess = claimed.quorum > 0 || claimed.eventual > 0;
  if (looksLinearizable === null || !claimsLess) return said;
  return `${said}; ${looksLinearizable ? 'looked linearizable' : 'was not linearizable'}`;
}

export function summaryOf({ operations, checkedLinearizable, linearizabilityViolations }: Matrix): string {
  return (
    `${count(operations)} operations; ${count(checkedLinearizable)} with a linearizable receipt were checked: ` +
    `${linearizabilityViolations === 0 ? 'no violation' : `${linearizabilityViolations} VIOLATIONS`}.`
  );
}

export function machineText({ machine, toxiproxy, secondsPerPhase, seed }: Matrix): string {
  return (
    `Three nodes, three home replicas, all processes and clients on ${machine.cores} cores (${machine.cpu}), ` +
    `Node ${machine.node.slice(1)}, load average ${machine.loadAverage.toFixed(1)} before the run, a sync of the disk ` +
    `${machine.syncMs.toFixed(1)} ms, ${toxiproxy} Toxiproxy in every link and client path, ` +
    `${secondsPerPhase} s for each row or pair of rows, seed ${seed}.`
  );
}

export function markdownOf(matrix: Matrix, command: string): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rows = matrix.cells.map((cell) => line(rowOf(cell)));
  return `# The PACELC matrix, measured

Written by \`${command}\`.

${summaryOf(matrix)} ${machineText(matrix)}

- **network**: in the partition, n1 is cut off from n2 and n3; majority and minority are the clients of the two sides.
- **answered**: share of the calls. What was refused was refused for certain, or is unknown and counted as not answered.
- **stale reads**: a write that began after the shown one had ended was acknowledged before the read began, on whichever
  side of the partition; **stalest**: how long before.
- **lost after heal**: keys whose last acknowledged write on this side was gone once all replicas were the same again;
  **listed**: those of them that the conflict ledger accounts for.
- **claimed**: what the receipts vouched for. **held**: whether every checker agreed (linearizability of what claims it,
  sessions, lost and repeated writes, receipts, convergence), and, where less was claimed, what the answers looked like
  to the clients of that side alone.

The first second of a partition, before the nodes suspect each other, is part of the measurement. Latency is that of
twelve callers who go on without a pause, on a machine that carries everything: compare rows, not machines.

${line(HEAD)}
${line(HEAD.map((_, at) => (at >= 3 && at <= 8 ? '--:' : '---')))}
${rows.join('\n')}
`;
}

function milliseconds(ms: number | null): string {
  if (ms === null) return '–';
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

function percent(share: number): string {
  const hundredths = share * 100;
  return `${hundredths > 0 && hundredths < 0.1 ? '<0.1' : hundredths.toFixed(1).replace(/\.0$/, '')} %`;
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}
