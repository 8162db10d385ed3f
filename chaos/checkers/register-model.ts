/**
 * One key's calls as transitions of a register over small integers, for the search.
 *
 * Where mutations and reads carry versions, a state is a version: each is written once, so a read says which
 * mutation it follows. Otherwise a state is a value. What nobody looks for by name is folded into two states,
 * OTHER_PRESENT and OTHER_ABSENT, and optional calls that do the same are folded into one pool.
 */
import type { Call } from './call.js';
import type { MetVersion } from './met-versions.js';
import type { VersionFacts } from './version-facts.js';
import { isConditional, type Operation } from './operation.js';
import {
  ABSENCE,
  ANY,
  expectsAbsence,
  NEVER,
  OTHER_ABSENT,
  OTHER_PRESENT,
  PRESENCE,
  StateTable,
  type Need,
} from './register-states.js';

/** A call that must be explained. */
export interface Step {
  readonly call: Call;
  readonly need: Need;
  /** The state it leaves behind, or {@link LOOK}. */
  readonly target: number;
}
export const LOOK = -1;

/** Optional calls that are alike: each may take effect once, to any of the targets, at any time after its start. */
export interface Pool {
  readonly need: Need;
  readonly targets: readonly number[];
  /** Ascending; the earliest is used first, which loses nothing. */
  readonly starts: readonly number[];
}

export interface RegisterModel {
  readonly table: StateTable;
  /** By start. */
  readonly steps: readonly Step[];
  readonly pools: readonly Pool[];
}

export function buildModel(calls: readonly Call[], facts: VersionFacts, met: readonly MetVersion[]): RegisterModel {
  const table = new StateTable(facts, isVersioned(calls), hasExpiry(calls));
  for (const call of calls) if (!call.looks) table.addWriter(call);
  for (const { version, isTombstone } of met) table.addMet(version, isTombstone);
  const needs = calls.map((call) => needOf(call, table));
  const steps: Step[] = [];
  calls.forEach((call, index) => {
    const need = needs[index]!;
    if (call.binding) {
      steps.push({ call, need, target: call.looks ? LOOK : (table.writtenBy(call) ?? OTHER_ABSENT) });
      if (need.test === 'is') table.demand[need.state]! += 1;
    }
  });
  return { table, steps, pools: poolsOf(calls, needs, table) };
}

function hasExpiry(calls: readonly Call[]): boolean {
  return calls.some(({ operation }) => operation.ttlMs > 0);
}

function isVersioned(calls: readonly Call[]): boolean {
  const lacksVersion = ({ binding, operation: { kind, outcome, value, version } }: Call): boolean =>
    binding && outcome === 'ok' && version === undefined && kind !== 'delete' && value !== null;
  if (calls.some((call) => lacksVersion(call) || call.operation.expectValue !== undefined)) return false;
  return calls.some(({ operation }) => operation.version !== undefined);
}

function needOf(call: Call, table: StateTable): Need {
  const { operation } = call;
  if (operation.kind === 'get') return table.needOfRead(operation);
  if (operation.outcome === 'fail') return needOfFailure(operation, table);
  if (isConditional(operation)) return table.needOfCondition(operation);
  if (!call.binding || operation.existed === undefined) return ANY;
  return operation.existed ? PRESENCE : ABSENCE;
}

/** A condition that did not hold: what was found instead where that is known, otherwise just not what was expected. */
function needOfFailure(operation: Operation, table: StateTable): Need {
  const wanted = table.needOfCondition(operation);
  const wantedAbsent = expectsAbsence(operation);
  const found = operation.version === undefined ? undefined : table.find(operation.version);
  if (found !== undefined) {
    const held = wantedAbsent ? table.isAbsent(found) : wanted.test === 'is' && wanted.state === found;
    return held ? NEVER : { test: 'is', state: found };
  }
  if (wantedAbsent) return PRESENCE;
  return wanted.test === 'is' ? { test: 'not', state: wanted.state } : ANY;
}

function poolsOf(calls: readonly Call[], needs: readonly Need[], table: StateTable): Pool[] {
  const pools = new Map<string, { need: Need; targets: readonly number[]; starts: number[] }>();
  const add = (need: Need, targets: readonly number[], start: number): void => {
    if (targets.length === 0) return;
    const name = `${need.test} ${need.state} ${targets.join()}`;
    const pool = pools.get(name);
    if (pool === undefined) pools.set(name, { need, targets, starts: [start] });
    else pool.starts.push(start);
  };
  const wanted = wantedOthers(calls, needs, table);
  calls.forEach((call, index) => {
    const targets = call.binding ? [] : table.targetsOf(call, wanted);
    add(needs[index]!, targets, call.start);
    if (call.operation.ttlMs <= 0 || call.looks || !wanted.includes(OTHER_ABSENT)) return;
    const written = call.binding
      ? [table.writtenBy(call) ?? OTHER_PRESENT]
      : table.targetsOf(call, [OTHER_PRESENT, OTHER_ABSENT]);
    for (const state of written) add({ test: 'is', state }, [OTHER_ABSENT], call.start);
  });
  return [...pools.values()];
}

/** Which of the two nameless states can explain anything at all. */
function wantedOthers(calls: readonly Call[], needs: readonly Need[], table: StateTable): number[] {
  const tests = new Set(needs.map(({ test }) => test));
  const expiring = hasExpiry(calls);
  needs.forEach((need) => {
    if (need.test === 'is' || need.test === 'not') table.refer(need.state);
  });
  const others: number[] = [];
  if (tests.has('not') || tests.has('present') || (expiring && tests.has('absent'))) others.push(OTHER_PRESENT);
  if (tests.has('not') || tests.has('absent')) others.push(OTHER_ABSENT);
  return others;
}
