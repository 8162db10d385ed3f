/** Linearizability of one key by trying every order of everything: slow, plain, and written without the real one. */
import { isConditional, isFailedCondition, isLinearizable, type Operation } from '../../../chaos/checkers/operation.js';

interface Held {
  readonly value: string | null;
  /** The mutation that wrote it, -1 for the beginning. */
  readonly by: number;
}

/** Which mutation made each version, as far as it was decided; under `not` and both, which certainly did not. */
type Versions = ReadonlyMap<string, number>;

interface Next {
  readonly held: Held;
  readonly versions: Versions;
}

/** Whether one key's operations, at most a handful, have a linearization. Distinct operation ids only. */
export function bruteForce(operations: readonly Operation[], versioned: boolean): boolean {
  const judged = operations.filter((one) => isBinding(one) || isOptional(one));
  return new BruteForce(operations, versioned).extend(judged, { value: null, by: -1 }, new Map());
}

class BruteForce {
  readonly #acknowledged = new Map<string, number>();
  readonly #shown = new Map<string, string | null>();
  /** Versions that only a condition which held tells of. */
  readonly #met = new Set<string>();

  constructor(
    operations: readonly Operation[],
    private readonly versioned: boolean,
  ) {
    for (const { kind, outcome, version, value, index } of operations) {
      if (outcome !== 'ok' || version === undefined) continue;
      if (kind !== 'get') this.#acknowledged.set(version, index);
      else if (value !== undefined) this.#shown.set(version, value);
    }
    for (const one of operations) {
      const { kind, outcome, expect } = one;
      if (!isBinding(one) || outcome !== 'ok' || kind === 'get' || expect === undefined || expect === 'absent')
        continue;
      if (!this.#acknowledged.has(expect) && !this.#shown.has(expect)) this.#met.add(expect);
    }
  }

  extend(left: readonly Operation[], held: Held, versions: Versions): boolean {
    if (!left.some(isBinding)) return true;
    return left.some((one) => {
      if (left.some((other) => isBinding(other) && other.end < one.start)) return false;
      const rest = left.filter((other) => other !== one);
      return this.#outcomes(one, held, versions).some((next) => this.extend(rest, next.held, next.versions));
    });
  }

  #outcomes(one: Operation, held: Held, versions: Versions): Next[] {
    if (one.kind === 'get') {
      if (one.value !== held.value) return [];
      return this.#matched(one.version, held, versions).map((known) => ({ held, versions: known }));
    }
    const conditions = this.#condition(one, held, versions);
    if (one.outcome === 'fail') return this.#failed(one, held, versions, conditions.fails);
    const unlike = one.existed !== undefined && one.existed !== (held.value !== null);
    if (isBinding(one) && !isConditional(one) && unlike) return [];
    const written: Held = { value: one.kind === 'delete' ? null : one.value!, by: one.index };
    return conditions.holds.map((known) => ({ held: written, versions: known }));
  }

  #failed(one: Operation, held: Held, versions: Versions, fails: readonly Versions[]): Next[] {
    const found = one.version;
    if (found === undefined || !this.#isKnown(found)) {
      return fails.map((decided) => ({ held, versions: decided }));
    }
    const wantedAbsent = one.expect === 'absent' || one.kind === 'create';
    if (wantedAbsent ? held.value === null : one.expect === found) return [];
    return this.#exactly(found, held, versions).map((known) => ({ held, versions: known }));
  }

  #condition(one: Operation, held: Held, versions: Versions): { holds: Versions[]; fails: Versions[] } {
    const when = (holds: boolean): { holds: Versions[]; fails: Versions[] } =>
      holds ? { holds: [versions], fails: [] } : { holds: [], fails: [versions] };
    if (one.kind === 'create' || one.expect === 'absent' || one.expectValue === null) return when(held.value === null);
    if (one.expectValue !== undefined) return when(held.value === one.expectValue);
    if (one.expect === undefined) return when(true);
    if (!this.#isKnown(one.expect)) return { holds: [versions], fails: [versions] };
    const holds = this.#exactly(one.expect, held, versions);
    const owner = this.#acknowledged.get(one.expect) ?? versions.get(one.expect);
    if (owner === held.by) return { holds, fails: [] };
    return { holds, fails: [new Map(versions).set(excluded(one.expect, held), held.by)] };
  }

  /** The assignments of versions to mutations under which a reader of what is held sees this version. */
  #matched(version: string | undefined, held: Held, versions: Versions): Versions[] {
    if (!this.versioned || version === undefined) return [versions];
    return this.#exactly(version, held, versions);
  }

  #isKnown(version: string): boolean {
    return this.#acknowledged.has(version) || this.#shown.has(version) || this.#met.has(version);
  }

  #exactly(version: string, held: Held, versions: Versions): Versions[] {
    const owner = this.#acknowledged.get(version) ?? versions.get(version);
    if (owner !== undefined) return owner === held.by ? [versions] : [];
    const made = [...versions].filter(([name]) => !name.startsWith('not ')).map(([, by]) => by);
    const taken = [...this.#acknowledged.values(), ...made].includes(held.by);
    if (held.by === -1 || taken || versions.has(excluded(version, held))) return [];
    const value = this.#shown.get(version);
    return value !== undefined && value !== held.value ? [] : [new Map(versions).set(version, held.by)];
  }
}

function excluded(version: string, { by }: Held): string {
  return `not ${version} ${by}`;
}

function isBinding(one: Operation): boolean {
  return one.kind === 'get'
    ? one.outcome === 'ok' && isLinearizable(one)
    : isFailedCondition(one) || (one.outcome === 'ok' && isLinearizable(one));
}

function isOptional(one: Operation): boolean {
  return one.kind !== 'get' && !isBinding(one) && one.outcome !== 'fail';
}
