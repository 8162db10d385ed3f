/** `recordHistory(client)`: the same client, whose calls are written down for the checkers. */
import type { Client } from '../src/client/client.js';
import type { Entry } from '../src/client/batch.js';
import type {
  CompareAndSetOptions,
  CreateOptions,
  DeleteOptions,
  GetOptions,
  MutateOptions,
  PutManyOptions,
  PutOptions,
  UpdateOptions,
} from '../src/client/options.js';
import type { GetResult, MutateResult } from '../src/client/results.js';
import type { Change, UpdateResult } from '../src/client/update.js';
import { FulcrumError } from '../src/core/errors.js';
import type { HistoryEvent } from './history.js';
import type { Session } from '../src/client/session.js';
import { HistoryWriter, historyTimeMs, labelOf, type Asked, type Begun } from './history-writer.js';

export interface RecordOptions {
  /** Events are added to this list, so that several clients make one history; a new list by default. */
  readonly into?: HistoryEvent[] | undefined;
  /** The caller's name in the history; `c1`, `c2`, … by default. */
  readonly process?: string | undefined;
  /** Promised read-your-writes and monotonic reads between all callers that are recorded with this name. */
  readonly session?: string | undefined;
}

/** A client as before, and the events so far. */
export type RecordedClient = Client & { readonly history: HistoryEvent[] };

const callersOf = new WeakMap<HistoryEvent[], number>();

/**
 * Records get, put, compareAndSet, create, delete, update, getMany and putMany, and those of its sessions, which the
 * checkers hold to read-your-writes and monotonic reads; everything else is passed on as it is (pages and scans are not
 * recorded). Values should be distinct, so that a checker can tell the writes apart.
 *
 * ```ts
 * const client = recordHistory(await cluster.connect());
 * await client.put('k', 'a');
 * check(client.history).verdict; // 'valid'
 * ```
 */
export function recordHistory(client: Client, options: RecordOptions = {}): RecordedClient {
  const history = options.into ?? [];
  const number = (callersOf.get(history) ?? 0) + 1;
  callersOf.set(history, number);
  const process = options.process ?? `c${number}`;
  const calls = new RecordedCalls(client, new HistoryWriter(history, process, options.session));
  let sessions = 0;
  const session = (...args: Parameters<Client['session']>): Session => {
    sessions += 1;
    const name = options.session ?? `${process}.s${sessions}`;
    return recordedSession(client.session(...args), new HistoryWriter(history, `${process}.s${sessions}`, name));
  };
  return instead(client, (name) => {
    if (name === 'history') return history;
    if (name === 'session') return session;
    return Object.hasOwn(RecordedCalls.prototype, name) ? bound(calls, name) : undefined;
  }) as RecordedClient;
}

const OF_SESSIONS = ['get', 'put', 'compareAndSet', 'create', 'delete'] as const;

function recordedSession(session: Session, writer: HistoryWriter): Session {
  const calls = new RecordedCalls(session, writer);
  return instead(session, (name) => (OF_SESSIONS.some((one) => one === name) ? bound(calls, name) : undefined));
}

/** The same object with some members in place of its own. */
function instead<T extends object>(target: T, member: (name: string | symbol) => unknown): T {
  return new Proxy(target, { get: (_, name) => member(name) ?? bound(target, name) });
}

function bound(holder: object, name: string | symbol): unknown {
  const member = Reflect.get(holder, name) as unknown;
  return typeof member === 'function' ? (member as () => unknown).bind(holder) : member;
}

type Recorded = Pick<Client, 'get' | 'put' | 'compareAndSet' | 'create' | 'delete' | 'update' | 'getMany' | 'putMany'>;

class RecordedCalls implements Recorded {
  private readonly client: Client;

  /** A session takes only the calls of {@link OF_SESSIONS}. */
  constructor(
    client: Client | Session,
    private readonly writer: HistoryWriter,
  ) {
    this.client = client as Client;
  }

  async get<T>(key: string, options?: GetOptions): Promise<GetResult<T>> {
    const begun = this.writer.begin(key, 'get');
    return ended(this.client.get<T>(key, options), begun, (result) => begun.got(result));
  }

  async put(key: string, value: unknown, options?: PutOptions): Promise<MutateResult> {
    const begun = this.writer.begin(key, 'put', { value: labelOf(value), ...askedOf(options) });
    return mutated(this.client.put(key, value, options), begun);
  }

  async compareAndSet(key: string, value: unknown, options: CompareAndSetOptions): Promise<MutateResult> {
    const asked = { value: labelOf(value), expect: options.expect, ...askedOf(options) };
    return mutated(this.client.compareAndSet(key, value, options), this.writer.begin(key, 'cas', asked));
  }

  async create(key: string, value: unknown, options?: CreateOptions): Promise<MutateResult> {
    const begun = this.writer.begin(key, 'create', { value: labelOf(value), ...askedOf(options) });
    return mutated(this.client.create(key, value, options), begun);
  }

  async delete(key: string, options?: DeleteOptions): Promise<MutateResult> {
    const expect = options?.expect === undefined ? {} : { expect: options.expect };
    const begun = this.writer.begin(key, 'delete', { ...expect, ...askedOf(options) });
    return mutated(this.client.delete(key, options), begun);
  }

  async update<T>(key: string, change: Change<T>, options?: UpdateOptions): Promise<UpdateResult<T>> {
    const steps = new UpdateSteps<T>(this.writer, key);
    try {
      const result = await this.client.update<T>(key, (value, found) => steps.change(value, found, change), options);
      steps.succeeded(result);
      return result;
    } catch (error) {
      steps.failed(error);
      throw error;
    } finally {
      steps.end();
    }
  }

  async getMany<T>(keys: readonly string[], options?: GetOptions): Promise<Entry<GetResult<T>>[]> {
    const begun = keys.map((key) => this.writer.begin(key, 'get'));
    return entries(this.client.getMany<T>(keys, options), begun, (one, result) => one.got(result));
  }

  async putMany(
    puts: readonly { readonly key: string; readonly value: unknown }[],
    options?: PutManyOptions,
  ): Promise<Entry<MutateResult>[]> {
    const begun = puts.map(({ key, value }) =>
      this.writer.begin(key, 'put', { value: labelOf(value), ...ttlOf(options) }),
    );
    return entries(this.client.putMany(puts, options), begun, (one, result) => one.mutated(result));
  }
}

/**
 * An update is written as the reads and conditional writes it consists of. A read may have begun as soon as the write
 * before it had been sent, and is written so: too long an operation is judged more mildly, never wrongly.
 */
class UpdateSteps<T> {
  readonly #reader: string;
  #sinceMs = historyTimeMs();
  #write: Begun | undefined;

  constructor(
    private readonly writer: HistoryWriter,
    private readonly key: string,
  ) {
    this.#reader = writer.take();
  }

  async change(value: T | undefined, found: GetResult<T>, change: Change<T>): Promise<T | undefined> {
    this.writer.beginAs(this.#reader, this.#sinceMs, this.key, 'get').got(found);
    this.#write?.failed(LOST_THE_RACE);
    this.#write = undefined;
    const next = await change(value, found);
    if (next === undefined) return undefined;
    const expect = found.found && found.version !== undefined ? found.version : 'absent';
    this.#sinceMs = historyTimeMs();
    this.#write = this.writer.begin(this.key, 'cas', { value: labelOf(next), expect });
    return next;
  }

  succeeded({ key, version, receipt }: UpdateResult<T>): void {
    this.#write?.mutated({ key, existed: undefined, version: version ?? '', receipt });
  }

  failed(error: unknown): void {
    this.#write?.failed(error);
  }

  end(): void {
    this.writer.give(this.#reader);
  }
}

/** Why an update reads again; which of the two it was (CONDITION_FAILED, TOO_OLD) is not told, and neither wrote. */
const LOST_THE_RACE = new FulcrumError({
  code: 'CONDITION_FAILED',
  message: 'another writer came in between',
  definite: true,
  retryable: true,
});

function mutated(call: Promise<MutateResult>, begun: Begun): Promise<MutateResult> {
  return ended(call, begun, (result) => begun.mutated(result));
}

async function ended<R>(call: Promise<R>, begun: Begun, succeeded: (result: R) => void): Promise<R> {
  try {
    const result = await call;
    succeeded(result);
    return result;
  } catch (error) {
    begun.failed(error);
    throw error;
  }
}

async function entries<R>(
  call: Promise<Entry<R>[]>,
  begun: readonly Begun[],
  succeeded: (begun: Begun, result: R) => void,
): Promise<Entry<R>[]> {
  try {
    const settled = await call;
    settled.forEach((entry, index) => {
      if (entry.ok) succeeded(begun[index]!, entry.result);
      else begun[index]!.failed(entry.error);
    });
    return settled;
  } catch (error) {
    for (const one of begun) one.failed(error);
    throw error;
  }
}

function askedOf(options: (MutateOptions & { readonly ttlMs?: number | undefined }) | undefined): Asked {
  return { ...ttlOf(options), ...(options?.opId === undefined ? {} : { op: options.opId, named: true }) };
}

function ttlOf(options: { readonly ttlMs?: number | undefined } | undefined): Asked {
  return options?.ttlMs === undefined ? {} : { ttlMs: options.ttlMs };
}
