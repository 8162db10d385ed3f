import test from 'ava';
import { BoundedStaleness, delayOf, staleBelowMs, type Delay } from '../../src/core/bounded-staleness.js';
import { DelayBook, type NodeDelay } from '../../src/core/delay-book.js';
import { StalenessCalibration } from '../../src/core/staleness-calibration.js';
import { seeded } from '../client/resilience/seeded.js';

const DRAWS = 20_000;
/** Five standard deviations of a share of so many draws. */
const SLACK = 5 * Math.sqrt(0.25 / DRAWS);
const LEVELS_HEARD = [
  ['ONE', 1],
  ['QUORUM', 2],
  ['ALL', 3],
] as const;

/** The way there of each replica; nothing takes time on the way back. */
function there(...times: number[]): Delay[] {
  return times.map((time) => ({ there: time, back: 0 }));
}

const prompt = there(0, 0, 0);

test('with exponential delays the chance falls as e to the power of -rate t', (t) => {
  const { unit } = seeded(7);
  const rate = 1 / 10;
  const exponential = (): number => -Math.log(1 - unit()) / rate;
  // This replica, the writer, and another one.
  const model = new BoundedStaleness(
    Array.from({ length: DRAWS }, () => ({
      required: 1,
      writes: there(exponential(), 0, exponential()),
      reads: prompt,
    })),
  );
  for (const ms of [0, 1, 5, 10, 30]) t.true(Math.abs(model.chance('ONE', ms) - Math.exp(-rate * ms)) < SLACK, `${ms}`);
});

test('a write that was acknowledged by a majority is never missed by a majority', (t) => {
  const { unit } = seeded(3);
  const delays = (): Delay[] => Array.from({ length: 3 }, () => ({ there: unit() * 50, back: unit() * 50 }));
  const draws = Array.from({ length: 2_000 }, () => ({ required: 2, writes: delays(), reads: delays() }));
  const model = new BoundedStaleness(draws);
  t.is(model.chance('QUORUM', 0), 0);
  t.is(model.chance('ALL', 0), 0);
  t.true(model.chance('ONE', 0) > 0);
});

test('the chance is the share of draws in which every replica that is heard was reached before the write', (t) => {
  const { unit } = seeded(5);
  const delays = (): Delay[] => Array.from({ length: 3 }, () => ({ there: unit() * 20, back: unit() * 20 }));
  const draws = Array.from({ length: 500 }, () => ({ required: 1, writes: delays(), reads: delays() }));
  const model = new BoundedStaleness(draws);
  for (const [level, heard] of LEVELS_HEARD)
    for (const ms of [0, 2, 7]) {
      // Step by step, as in the paper.
      const stale = draws.filter(({ writes, reads }) => {
        const acknowledged = Math.min(...writes.map((one) => one.there + one.back));
        const begun = acknowledged + ms;
        const order = [1, 2].sort((a, b) => reads[a]!.there + reads[a]!.back - reads[b]!.there - reads[b]!.back);
        return [0, ...order].slice(0, heard).every((index) => writes[index]!.there > begun + reads[index]!.there);
      });
      t.is(model.chance(level, ms), stale.length / draws.length, `${level} ${ms}`);
    }
});

test('draws from the delays that were measured come to what all combinations come to', (t) => {
  const { unit } = seeded(11);
  const book = new DelayBook(unit);
  const homes = ['n1', 'n2'];
  const delay = (node: string, time: number): NodeDelay => ({ node, there: time, back: 0 });
  const [arrivals, asked] = [
    [1, 5, 9],
    [0, 4],
  ];
  // The writer is n2, and holds its write at once.
  for (const time of arrivals) book.addWrite('n2', { required: 1, delays: [delay('n1', time), delay('n2', 0)] });
  for (const time of asked) book.addRead([delay('n1', 0), delay('n2', time)]);
  const model = book.model('n2', homes, 0)!;
  // ONE at n1 misses what has not arrived yet.
  for (const [ms, share] of [
    [0, 1],
    [1, 2 / 3],
    [6, 1 / 3],
    [9, 0],
  ] as const)
    t.true(Math.abs(model.chance('ONE', ms) - share) < 5 * Math.sqrt(0.25 / 400), `${ms}`);
  // The writer is always heard.
  t.is(model.chance('QUORUM', 0), 0);
});

test('a model stands for one writer and one set of home replicas, and only where their delays are known', (t) => {
  const book = new DelayBook(seeded(1).unit);
  const delays = ['n1', 'n2'].map((node) => ({ node, there: 1, back: 1 }));
  t.is(book.model('n1', ['n1', 'n2'], 0), undefined);
  book.addWrite('n1', { required: 1, delays });
  t.is(book.model('n1', ['n1', 'n2'], 0), undefined);
  book.addRead(delays);
  t.truthy(book.model('n1', ['n1', 'n2'], 0));
  t.is(book.model('n2', ['n1', 'n2'], 0), undefined);
  t.is(book.model('n1', ['n1', 'n3'], 0), undefined);
});

test('a model follows what is measured, though not with every read', (t) => {
  const book = new DelayBook(seeded(1).unit);
  const timed = (ms: number): void =>
    book.addWrite('n2', {
      required: 1,
      delays: [
        { node: 'n1', there: ms, back: 0 },
        { node: 'n2', there: 0, back: 0 },
      ],
    });
  book.addRead(['n1', 'n2'].map((node) => ({ node, there: 0, back: 0 })));
  timed(0);
  t.is(book.model('n2', ['n1', 'n2'], 0)?.chance('ONE', 10), 0);
  for (let index = 0; index < 1_000; index += 1) timed(50);
  t.is(book.model('n2', ['n1', 'n2'], 100)?.chance('ONE', 10), 0);
  t.is(book.model('n2', ['n1', 'n2'], 10_000)?.chance('ONE', 10), 1);
});

test('a read reaches a replica later by as long as it takes there', (t) => {
  t.is(staleBelowMs({ required: 1, writes: there(10, 0, 10), reads: there(4, 0, 0) }, 1), 6);
});

test('a replica that never got a write stays stale, one that nobody heard of is no answer', (t) => {
  const lost = { required: 1, writes: there(Infinity, 0, Infinity) };
  t.is(new BoundedStaleness([{ ...lost, reads: prompt }]).chance('ONE', 1e9), 1);
  t.is(staleBelowMs({ ...lost, reads: there(0, Infinity, Infinity) }, 2), 0);
});

test('a write that was never acknowledged makes nothing stale', (t) => {
  t.is(staleBelowMs({ required: 2, writes: there(Infinity, 0, Infinity), reads: prompt }, 1), 0);
});

test('an exchange takes half of a bare round trip there, and the rest back', (t) => {
  t.deepEqual(delayOf(10, 4), { there: 2, back: 8 });
  t.deepEqual(delayOf(1, 4), { there: 0.5, back: 0.5 });
});

test('a calibrated prediction has no error, whatever the ages', (t) => {
  const calibration = new StalenessCalibration();
  for (let index = 0; index < 4; index += 1) {
    calibration.add(0.5, 0.5, index % 2 === 0);
    calibration.add(Infinity, 0, false);
  }
  const { reads, predicted, measured, calibrationError } = calibration.estimate('ONE');
  t.deepEqual(
    { reads, predicted, measured, calibrationError },
    { reads: 8, predicted: 0.25, measured: 0.25, calibrationError: 0 },
  );
});

test('errors that cancel out over the ages still count', (t) => {
  const calibration = new StalenessCalibration();
  calibration.add(0.5, 0, true);
  calibration.add(100, 1, false);
  const other = new StalenessCalibration();
  other.merge(calibration);
  t.like(other.estimate('ONE'), { reads: 2, predicted: 0.5, measured: 0.5, calibrationError: 1 });
  other.clear();
  t.deepEqual(other.estimate('ONE'), { level: 'ONE', reads: 0 });
});
