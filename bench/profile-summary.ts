/** A processor profile as a short table: which functions and files took the time themselves. */
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { CpuProfile } from './cpu-profiler.js';

/** What spent a share of the time that the process was busy. */
export interface SelfTime {
  readonly name: string;
  readonly share: number;
}

export interface ProfileSummary {
  /** Of the recording; the rest the process slept. */
  readonly busyShare: number;
  readonly functions: readonly SelfTime[];
  readonly files: readonly SelfTime[];
  /** What makes receipts, sends, reads and hands them out, as a share like the others. */
  readonly receipts: number;
}

const FUNCTIONS_SHOWN = 20;
const FILES_SHOWN = 12;
const IDLE = '(idle)';
const RECEIPT_FILES = ['src/core/receipt.ts', 'src/adapters/receipt-codec.ts'];
/** Of other files: the receipt's columns of a frame of replies, and the receipt that a caller is given. */
const RECEIPT_FUNCTIONS = ['gatherReceipt', 'receiptBits', '#receiptAt', 'toReceipt', 'serverMicros'];

type Frame = CpuProfile['nodes'][number]['callFrame'];

export function summarize(profile: CpuProfile): ProfileSummary {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const callers = callersOf(profile);
  const places = new Places();
  const functions = new Map<string, number>();
  const files = new Map<string, number>();
  let receipts = 0;
  let idle = 0;
  let total = 0;
  for (const [id, micros] of selfMicros(profile)) {
    const frame = frames.get(id);
    if (frame === undefined) continue;
    total += micros;
    if (frame.functionName === IDLE) {
      idle += micros;
      continue;
    }
    const { name, file } = named(frame, callers.get(id), places);
    add(functions, name, micros);
    add(files, file, micros);
    if (RECEIPT_FILES.includes(file) || RECEIPT_FUNCTIONS.includes(frame.functionName)) receipts += micros;
  }
  const busy = total - idle;
  return {
    busyShare: total === 0 ? 0 : busy / total,
    functions: largest(functions, busy, FUNCTIONS_SHOWN),
    files: largest(files, busy, FILES_SHOWN),
    receipts: busy === 0 ? 0 : receipts / busy,
  };
}

export function summaryText(title: string, { busyShare, functions, files, receipts }: ProfileSummary): string {
  const percent = (share: number): string => `${(share * 100).toFixed(1).padStart(5)} %`;
  const lines = (list: readonly SelfTime[]): string[] => list.map(({ name, share }) => `  ${percent(share)}  ${name}`);
  return [
    `${title}: busy ${percent(busyShare).trim()} of the time; of that, by function:`,
    ...lines(functions),
    'by file:',
    ...lines(files),
    `receipts in all: ${percent(receipts).trim()}`,
    '',
  ].join('\n');
}

/** The function with its place, and its file alone. */
function named(frame: Frame, caller: Frame | undefined, places: Places): { name: string; file: string } {
  const own = frame.functionName || (frame.url === '' ? '(native)' : '(anonymous)');
  const isCalled = caller !== undefined && isNative(frame);
  const { file, line } = places.of(isCalled ? caller : frame);
  const name = isCalled ? `${own}, called by ${caller.functionName || '(anonymous)'}` : own;
  return file === '' ? { name, file: own } : { name: `${name} ${file}:${line}`, file };
}

/** Native code has no file: its caller says more. `(program)` and the like have no caller worth naming. */
function isNative({ url, functionName }: Frame): boolean {
  return url === '' && !functionName.startsWith('(');
}

/** The frame that called each node. */
function callersOf({ nodes }: CpuProfile): Map<number, Frame> {
  return new Map(nodes.flatMap(({ callFrame, children = [] }) => children.map((child) => [child, callFrame] as const)));
}

/** The time from each sample to the next belongs to the function that the sample saw. */
function selfMicros({ samples = [], timeDeltas = [] }: CpuProfile): Map<number, number> {
  const micros = new Map<number, number>();
  for (const [index, id] of samples.entries()) {
    micros.set(id, (micros.get(id) ?? 0) + Math.max(0, timeDeltas[index + 1] ?? 0));
  }
  return micros;
}

function add(sums: Map<string, number>, name: string, amount: number): void {
  sums.set(name, (sums.get(name) ?? 0) + amount);
}

function largest(sums: Map<string, number>, total: number, count: number): SelfTime[] {
  return [...sums]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([name, micros]) => ({ name, share: micros / total }));
}

interface Place {
  /** Short; '' for what has no file. */
  readonly file: string;
  readonly line: number;
}

/** Leads our own compiled code back to its sources. */
class Places {
  readonly #maps = new Map<string, SourceMap | undefined>();

  of({ url, lineNumber, columnNumber }: Frame): Place {
    const isOwn = url.startsWith('file:') && !url.includes('/node_modules/');
    const map = isOwn ? this.#map(fileURLToPath(url)) : undefined;
    const entry = map?.findEntry(lineNumber, columnNumber);
    if (entry !== undefined && 'originalSource' in entry) {
      return { file: shortened(entry.originalSource), line: entry.originalLine + 1 };
    }
    return { file: shortened(url), line: lineNumber + 1 };
  }

  #map(path: string): SourceMap | undefined {
    if (!this.#maps.has(path)) this.#maps.set(path, readMap(`${path}.map`));
    return this.#maps.get(path);
  }
}

function readMap(path: string): SourceMap | undefined {
  if (!existsSync(path)) return undefined;
  return new SourceMap(JSON.parse(readFileSync(path, 'utf8')) as SourceMapPayload);
}

/** From the package, or from the last of the project's own folders. */
function shortened(url: string): string {
  const inPackage = url.lastIndexOf('node_modules/');
  if (inPackage >= 0) return url.slice(inPackage + 'node_modules/'.length);
  return url.replace(/^.*\/(?=(?:src|cluster|bench)\/)/, '').replace(/^(?:\.\.\/)+/, '');
}
