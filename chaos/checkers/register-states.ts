/** The states of one key's register, numbered: versions where there are any, otherwise values. */
import { writtenValue, type Operation } from './operation.js';
import type { Call } from './call.js';
import type { VersionFacts } from './version-facts.js';

/** What the register must hold for a call to take effect with the answer it got. */
export interface Need {
  readonly test: 'any' | 'is' | 'not' | 'absent' | 'present';
  /** For `is` and `not`. */
  readonly state: number;
}

/** The key before anything was written. */
export const INITIAL_ABSENT = 0;
/** Some value, or some tombstone, that no call looks for by name. */
export const OTHER_PRESENT = 1;
export const OTHER_ABSENT = 2;
/** Nothing ever leads there. */
export const IMPOSSIBLE = 3;

export const ANY: Need = { test: 'any', state: -1 };
export const ABSENCE: Need = { test: 'absent', state: -1 };
export const PRESENCE: Need = { test: 'present', state: -1 };
export const NEVER: Need = { test: 'is', state: IMPOSSIBLE };

/** Whether a mutation applies only to a key without a value. */
export function expectsAbsence({ kind, expect, expectValue }: Operation): boolean {
  return expect === 'absent' || expectValue === null || (kind === 'create' && expect === undefined);
}

export class StateTable {
  readonly versioned: boolean;
  /** For each state: the binding calls that need exactly it. */
  readonly demand: number[] = [0, 0, 0, 0];
  /** For each state: the calls known to write it. */
  readonly writers: number[] = [0, 0, 0, 0];
  readonly #absent: boolean[] = [true, false, true, false];
  readonly #values: (string | undefined)[] = [undefined, undefined, undefined, undefined];
  readonly #forged: boolean[] = [false, false, false, true];
  readonly #referred = new Set<number>();
  readonly #numbers = new Map<string, number>();
  /** Versions without a known writer. */
  readonly #unresolved: { readonly state: number; readonly writer: string | undefined }[] = [];
  readonly #facts: VersionFacts;
  /** A tombstone that a read showed was written by one delete, whether that was answered or not. */
  readonly #namesTombstones: boolean;

  /** @param hasExpiry - whether there may be tombstones that no call wrote */
  constructor(facts: VersionFacts, versioned: boolean, hasExpiry: boolean) {
    this.#facts = facts;
    this.versioned = versioned;
    this.#namesTombstones = versioned && !hasExpiry;
  }

  get size(): number {
    return this.#absent.length;
  }

  isAbsent(state: number): boolean {
    return this.#absent[state]!;
  }

  /** Whether the register can enter it once at most: then it must be looked at before it is left. */
  isUnique(state: number, initial: number): boolean {
    if (state <= OTHER_ABSENT) return false;
    return this.writers[state]! <= (state === initial && !this.versioned ? 0 : 1);
  }

  /** A version shown with a value that its writer did not write. */
  isForged(state: number): boolean {
    return this.#forged[state]!;
  }

  refer(state: number): void {
    this.#referred.add(state);
  }

  /** The state of a version, if any call writes it or any read showed what it is. */
  find(version: string): number | undefined {
    const value = this.#facts.values.get(version);
    if (!this.versioned) return typeof value === 'string' ? this.#ofValue(value) : undefined;
    const isShown = typeof value === 'string' || (value === null && this.#namesTombstones);
    return isShown ? this.#ofVersion(version) : this.#numbers.get(version);
  }

  /** A version that a condition was met by and that no answer shows: like every other, it was there once. */
  addMet(version: string, isTombstone: boolean): void {
    if (!this.versioned || this.#numbers.has(version)) return;
    const state = this.#ofVersion(version);
    this.#absent[state] = isTombstone;
  }

  addWriter({ operation }: Call): void {
    const value = writtenValue(operation);
    if (this.versioned) {
      if (operation.version === undefined) return;
      const state = this.#numbers.get(operation.version) ?? this.#add(operation.version, value);
      this.writers[state]! += 1;
    } else if (typeof value === 'string') {
      this.writers[this.#ofValue(value)]! += 1;
    }
  }

  /** The state that a mutation is known to leave behind. */
  writtenBy({ operation }: Call): number | undefined {
    if (this.versioned) return operation.version === undefined ? undefined : this.#numbers.get(operation.version);
    const value = writtenValue(operation);
    return typeof value === 'string' ? this.#ofValue(value) : undefined;
  }

  needOfRead({ value, version }: Operation): Need {
    if (value === null) {
      const tombstone = version === undefined || !this.versioned ? undefined : this.find(version);
      return tombstone === undefined ? ABSENCE : this.isAbsent(tombstone) ? { test: 'is', state: tombstone } : NEVER;
    }
    if (!this.versioned) return value === undefined ? ANY : { test: 'is', state: this.#ofValue(value) };
    const state = this.#ofVersion(version!);
    const written = this.#values[state];
    if (this.isAbsent(state) || (written !== undefined && value !== undefined && written !== value)) {
      return { test: 'is', state: this.#forge(version!, value) };
    }
    return { test: 'is', state };
  }

  /** What a condition expects to find. */
  needOfCondition(operation: Operation): Need {
    const { expect, expectValue } = operation;
    if (expectsAbsence(operation)) return ABSENCE;
    if (typeof expectValue === 'string') return { test: 'is', state: this.#ofValue(expectValue) };
    if (expect === undefined) return ANY;
    const state = this.find(expect);
    if (state !== undefined) return { test: 'is', state };
    return this.#facts.values.get(expect) === null ? ABSENCE : ANY;
  }

  /** Where an optional mutation may lead, of what anybody looks for. */
  targetsOf(call: Call, others: readonly number[]): number[] {
    const { operation } = call;
    const value = writtenValue(operation);
    const other = value === null ? OTHER_ABSENT : OTHER_PRESENT;
    const nameless = others.includes(other) ? [other] : [];
    const known = this.writtenBy(call);
    if (known !== undefined) return this.#referred.has(known) ? [known] : nameless;
    if (!this.versioned) return nameless;
    const candidates = this.#unresolved.filter(({ state, writer }) => {
      if (this.#absent[state] !== (value === null)) return false;
      if (writer !== undefined && operation.op !== undefined) return writer === operation.op;
      const seen = this.#values[state];
      return seen === undefined || value === undefined || seen === value;
    });
    return [...candidates.map(({ state }) => state), ...nameless];
  }

  #ofValue(value: string): number {
    return this.#numbers.get(value) ?? this.#add(value, value);
  }

  #ofVersion(version: string): number {
    const known = this.#numbers.get(version);
    if (known !== undefined) return known;
    const state = this.#add(version, this.#facts.values.get(version));
    this.#unresolved.push({ state, writer: this.#facts.writers.get(version) });
    return state;
  }

  #forge(version: string, value: string | undefined): number {
    const name = JSON.stringify([version, value]);
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const state = this.#add(name, value);
    this.#forged[state] = true;
    return state;
  }

  #add(name: string, value: string | null | undefined): number {
    const state = this.#absent.length;
    this.#numbers.set(name, state);
    this.#absent.push(value === null);
    this.#values.push(value ?? undefined);
    this.#forged.push(false);
    this.demand.push(0);
    this.writers.push(0);
    return state;
  }
}
