import test from 'ava';
import fc from 'fast-check';
import { OpWindow, type WindowEntry } from '../../src/core/op-window.js';
import { sameVersion } from '../../src/core/version.js';
import { anyIncarnation, anyVersion } from './arbitraries.js';

const anyEntry = (times: fc.Arbitrary<number>): fc.Arbitrary<WindowEntry> =>
  fc.record({
    opTime: times,
    opIncarnation: fc.oneof(anyIncarnation, fc.constantFrom('0'.repeat(16), 'f'.repeat(16))),
    fingerprint: fc.integer({ min: 0, max: 0xffffffff }),
    applied: fc.boolean(),
    existed: fc.boolean(),
    weak: fc.boolean(),
    version: anyVersion,
  });

const few = anyEntry(fc.integer({ min: 1, max: 30 }));
const idOf = (entry: WindowEntry) => ({ time: entry.opTime, incarnation: entry.opIncarnation, node: 'client', sub: 0 });
const sameId = (a: WindowEntry, b: WindowEntry): boolean =>
  a.opTime === b.opTime && a.opIncarnation === b.opIncarnation;

function windowOf(entries: readonly WindowEntry[]): OpWindow {
  return entries.reduce((window, entry) => window.append(entry, 100, -1).window, OpWindow.EMPTY);
}

interface Model {
  readonly kept: readonly WindowEntry[];
  readonly forgotten: number;
}

/** The rule in plain words: the expired leave, then the oldest, until there is room for the new one. */
function modelAppend(kept: readonly WindowEntry[], entry: WindowEntry, limit: number, expired: number): Model {
  const gone = kept.filter(({ opTime }) => opTime <= expired);
  const left = kept.filter(({ opTime }) => opTime > expired);
  while (left.length >= limit) {
    const oldest = left.reduce((a, b) => (b.opTime < a.opTime ? b : a));
    gone.push(...left.splice(left.indexOf(oldest), 1));
  }
  return { kept: [...left, entry], forgotten: Math.max(0, ...gone.map(({ opTime }) => opTime)) };
}

test('append keeps, evicts and reports what a plain list would', (t) => {
  const steps = fc.array(fc.record({ entry: few, expired: fc.integer({ min: -5, max: 20 }) }), { maxLength: 40 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 6 }), (appended, limit) => {
      let window = OpWindow.EMPTY;
      let kept: readonly WindowEntry[] = [];
      for (const { entry, expired } of appended) {
        const model = modelAppend(kept, entry, limit, expired);
        const result = window.append(entry, limit, expired);
        ({ window } = result);
        ({ kept } = model);
        t.is(result.forgotten, model.forgotten);
        t.deepEqual(window.entries(), [...kept]);
        t.is(window.latest, Math.max(...kept.map(({ opTime }) => opTime)));
        t.true(window.size <= limit);
      }
    }),
  );
});

test('an operation is found by its time and its incarnation, and nothing else is', (t) => {
  fc.assert(
    fc.property(fc.array(few, { maxLength: 12 }), few, (entries, stranger) => {
      let window = OpWindow.EMPTY;
      for (const entry of entries) ({ window } = window.append(entry, 100, 0));
      for (const entry of entries)
        t.deepEqual(
          window.find(idOf(entry)),
          entries.findLast((other) => sameId(entry, other)),
        );
      t.deepEqual(
        window.find(idOf(stranger)),
        entries.findLast((other) => sameId(stranger, other)),
      );
    }),
  );
});

test('whatever is forgotten is at or below what append reports', (t) => {
  fc.assert(
    fc.property(fc.array(few, { minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 5 }), (entries, limit) => {
      let window = OpWindow.EMPTY;
      let floor = 0;
      for (const entry of entries) {
        const result = window.append(entry, limit, 0);
        ({ window } = result);
        floor = Math.max(floor, result.forgotten);
      }
      for (const entry of entries) t.true(window.find(idOf(entry)) !== undefined || entry.opTime <= floor);
    }),
  );
});

test('appending leaves the window it began with as it was', (t) => {
  fc.assert(
    fc.property(few, few, (first, second) => {
      const { window } = OpWindow.EMPTY.append(first, 1, 0);
      window.append(second, 1, 0);
      t.deepEqual(window.entries(), [first]);
      t.is(OpWindow.EMPTY.size, 0);
    }),
  );
});

test('a window survives being packed, with times and versions of any size', (t) => {
  const large = anyEntry(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }));
  fc.assert(
    fc.property(fc.array(large, { maxLength: 8 }), (entries) => {
      let window = OpWindow.EMPTY;
      for (const entry of entries) ({ window } = window.append(entry, 100, 0));
      // Bytes from a frame begin anywhere in its buffer.
      const frame = new Uint8Array(window.bytes.length + 3);
      frame.set(window.bytes, 3);
      t.deepEqual(OpWindow.fromBytes(frame.subarray(3))?.entries(), entries);
    }),
  );
});

test('bytes that are cut short, or point outside, are not a window', (t) => {
  const { bytes } = OpWindow.EMPTY.append(fc.sample(few, 1)[0]!, 1, 0).window;
  t.is(OpWindow.fromBytes(bytes.subarray(1)), undefined);
  t.is(OpWindow.fromBytes(bytes.subarray(0, -1)), undefined);
  t.is(OpWindow.fromBytes(new Uint8Array(1)), undefined);
  t.is(OpWindow.fromBytes(new Uint8Array(2)), undefined);
  t.is(OpWindow.fromBytes(new Uint8Array(0))?.size, 0);
});

test('whatever bytes are taken for a window can be read, added to and read again', (t) => {
  const windows = fc.array(few, { minLength: 1, maxLength: 5 }).map(windowOf);
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 3 });
  fc.assert(
    fc.property(windows, damage, few, (window, damages, entry) => {
      const bytes = window.bytes.slice();
      for (const [at, byte] of damages) bytes[at % bytes.length] = byte;
      const damaged = OpWindow.fromBytes(bytes);
      if (damaged === undefined) return;
      const entries = damaged.entries();
      for (const { opTime, version } of entries)
        t.true(Number.isSafeInteger(opTime) && Number.isSafeInteger(version.time));
      for (const { version } of entries) t.true(damaged.names(version));
      t.deepEqual(damaged.append(entry, 100, -1).window.entries(), [...entries, entry]);
    }),
    { numRuns: 2_000 },
  );
});

test('a window names the versions of its entries and no others', (t) => {
  fc.assert(
    fc.property(fc.array(few, { maxLength: 8 }), anyVersion, (entries, stranger) => {
      const window = windowOf(entries);
      for (const { version } of entries) t.true(window.names(version));
      t.is(
        window.names(stranger),
        entries.some(({ version }) => sameVersion(version, stranger)),
      );
    }),
  );
});

test('operations of one client under one owner take 21 bytes each, and what has left takes none', (t) => {
  const [client, owner] = ['c'.repeat(16), '0'.repeat(16)];
  const by = (opTime: number, opIncarnation: string): WindowEntry => ({
    opTime,
    opIncarnation,
    fingerprint: 7,
    applied: true,
    existed: true,
    weak: false,
    version: { time: opIncarnation === client ? 5 : opTime, incarnation: owner, sub: opTime, index: 0 },
  });
  const mixed = windowOf([by(1, 'a'.repeat(16)), by(2, 'b'.repeat(16)), by(3, client)]);
  let window = mixed;
  for (let time = 4; time < 14; time += 1) ({ window } = window.append(by(time, client), 10, 0));
  t.is(window.size, 10);
  t.is(window.bytes.length, 2 + 8 + 16 + 10 * 21);
});

test('an empty window has no latest operation', (t) => {
  t.is(OpWindow.EMPTY.latest, 0);
});
