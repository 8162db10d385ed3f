/** The body of a control call, checked field by field. */
import { FulcrumError, invalidArgument } from '../core/errors.js';
import { isLevel } from '../core/level.js';
import { isPolicy, POLICIES } from '../core/policy.js';
import type { Control, LoadSettings } from './api.js';
import { RATE_MAX } from './load-generator.js';
import { TOUR_STEPS } from './tour/steps.js';

/** More than a request may take anyway says nothing further. */
export const SLOW_MS_MAX = 5_000;

/** Throws INVALID_ARGUMENT, saying what is wrong. `nodes`: the names there are. */
export function parseControl(body: unknown, nodes: readonly string[]): Control {
  if (typeof body !== 'object' || body === null) return refuse('the body must be a JSON object with "do"');
  const fields = body as Readonly<Record<string, unknown>>;
  const node = (name: string): string => nodeNamed(fields[name], name, nodes);
  switch (fields['do']) {
    case 'cut':
    case 'mend':
      return { do: fields['do'], ...linkOf(node) };
    case 'slow-link':
      return { do: 'slow-link', ...linkOf(node), ms: amount(fields['ms'], 'ms', 1, SLOW_MS_MAX) };
    case 'slow':
      return { do: 'slow', node: node('node'), ms: amount(fields['ms'], 'ms', 0, SLOW_MS_MAX) };
    case 'partition':
      return { do: 'partition', apart: nodesNamed(fields['apart'], nodes) };
    case 'heal':
      return { do: 'heal' };
    case 'policy':
      if (isPolicy(fields['policy'])) return { do: 'policy', policy: fields['policy'] };
      return refuse(`"policy" must be one of ${POLICIES.join(', ')}`);
    case 'load':
      return { do: 'load', settings: settingsOf(fields['settings']) };
    case 'tour':
      return { do: 'tour', step: stepNumber(fields['step']) };
    default:
      if (isProcessControl(fields['do'])) return { do: fields['do'], node: node('node') };
      return refuse(`"do" is not understood: ${show(fields['do'])}`);
  }
}

const PROCESS_CONTROLS = ['kill', 'pause', 'resume', 'restart'] as const;

function isProcessControl(name: unknown): name is (typeof PROCESS_CONTROLS)[number] {
  return PROCESS_CONTROLS.includes(name as (typeof PROCESS_CONTROLS)[number]);
}

function linkOf(node: (name: string) => string): { a: string; b: string } {
  const [a, b] = [node('a'), node('b')];
  return a === b ? refuse('"a" and "b" must be two nodes') : { a, b };
}

function settingsOf(value: unknown): LoadSettings {
  if (typeof value !== 'object' || value === null) return refuse('"settings" must be an object');
  const { running, ratePerSecond, readShare, level } = value as Readonly<Record<string, unknown>>;
  if (typeof running !== 'boolean') return refuse('"running" must be true or false');
  if (level !== 'EACH' && !isLevel(level)) return refuse('"level" must be EACH, ONE, QUORUM or ALL');
  return {
    running,
    ratePerSecond: amount(ratePerSecond, 'ratePerSecond', 1, RATE_MAX),
    readShare: amount(readShare, 'readShare', 0, 1),
    level,
  };
}

function stepNumber(value: unknown): number {
  if (typeof value === 'number' && TOUR_STEPS[value] !== undefined) return value;
  return refuse(`"step" must be a whole number from 0 to ${TOUR_STEPS.length - 1}, not ${show(value)}`);
}

function amount(value: unknown, name: string, least: number, most: number): number {
  if (typeof value === 'number' && value >= least && value <= most) return value;
  return refuse(`"${name}" must be a number from ${least} to ${most}, not ${show(value)}`);
}

function nodeNamed(value: unknown, field: string, nodes: readonly string[]): string {
  if (typeof value === 'string' && nodes.includes(value)) return value;
  return refuse(`"${field}" must be one of ${nodes.join(', ')}, not ${show(value)}`);
}

function nodesNamed(value: unknown, nodes: readonly string[]): string[] {
  if (!Array.isArray(value)) return refuse('"apart" must be a list of nodes');
  return [...new Set(value.map((name: unknown) => nodeNamed(name, 'apart', nodes)))];
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

function refuse(message: string): never {
  throw new FulcrumError(invalidArgument(`Nothing was done: ${message}.`));
}
