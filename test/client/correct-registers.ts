/** A cluster that answers as one correct register a key, and remembers what each one held. */
import type { Reply, Request } from '../../src/core/request.js';
import { NO_VERSION, sameVersion, versionOf, type Version } from '../../src/core/version.js';
import type { FakeClock } from './fake-clock.js';
import { RECEIPT } from '../core/receipts.js';
import { valueReply } from './fake-cluster.js';

export interface Held {
  readonly value: Uint8Array | null;
  readonly version: Version;
  readonly sinceMs: number;
}

export class CorrectRegisters {
  readonly #clock: FakeClock;
  readonly #held = new Map<string, Held[]>();
  #writes = 0;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  /** What a key has held, the present value last. */
  of(key: string): readonly Held[] {
    return this.#held.get(key) ?? [];
  }

  store(key: string, value: Uint8Array | null): Version {
    this.#writes += 1;
    const id = { time: 1_700_000_000_000_000 + this.#writes, node: 'n1', incarnation: '00000000000000aa', sub: 0 };
    const version = versionOf(id, 0);
    this.#held.set(key, [...this.of(key), { value, version, sinceMs: this.#clock.nowMs }]);
    return version;
  }

  answer(request: Request): Reply | undefined {
    if (request.kind === 'get') return this.#get(request.key, request.known);
    if (request.kind !== 'mutate') return undefined;
    const { mutation, id } = request.operation;
    const version = this.store(request.key, mutation.kind === 'put' ? Uint8Array.from(mutation.value) : null);
    return { kind: 'mutated', version, accepted: id, existed: null, receipt: RECEIPT, serverMicros: 1 };
  }

  #get(key: string, known: Version | undefined): Reply {
    const last = this.of(key).at(-1);
    if (last === undefined) return valueReply(null, { version: NO_VERSION });
    const { value, version } = last;
    if (known === undefined || !sameVersion(known, version)) return valueReply(value, { version });
    return valueReply(null, { version, unchanged: value === null ? 'absent' : 'found' });
  }
}
