import test from 'ava';
import { Turns } from '../../src/client/turns.js';
import { FakeClock } from './fake-clock.js';

interface Running {
  readonly order: string[];
  /** Starts something that lasts until it is ended. */
  readonly begin: (name: string, key?: string) => Promise<string>;
  readonly end: (name: string) => void;
}

function running(clock: FakeClock, patienceMs = 100): Running {
  const turns = new Turns(clock);
  const order: string[] = [];
  const ends = new Map<string, () => void>();
  const run = (name: string): Promise<string> => {
    order.push(name);
    return new Promise((resolve) => ends.set(name, () => resolve(name)));
  };
  return {
    order,
    begin: (name, key = 'k') => turns.take(key, patienceMs, () => run(name)),
    end: (name) => ends.get(name)!(),
  };
}

test('turns of one key come one after the other, in order; other keys do not wait', async (t) => {
  const clock = new FakeClock();
  const { begin, end, order } = running(clock);
  const all = [begin('a'), begin('b'), begin('c'), begin('other', 'another key')];
  await clock.turn();
  t.deepEqual(order, ['a', 'other']);
  end('a');
  await clock.turn();
  t.deepEqual(order, ['a', 'other', 'b']);
  for (const name of ['b', 'c', 'other']) {
    end(name);
    await clock.turn();
  }
  t.deepEqual(await Promise.all(all), ['a', 'b', 'c', 'other']);
  t.is(clock.timers, 0);
});

test('a turn that fails ends too', async (t) => {
  const clock = new FakeClock();
  const turns = new Turns(clock);
  const failed = turns.take('k', 100, () => Promise.reject(new RangeError('no')));
  const next = turns.take('k', 100, () => Promise.resolve('next'));
  await t.throwsAsync(failed, { instanceOf: RangeError });
  t.is(await next, 'next');
});

test('who has waited long enough goes ahead: a turn that never ends blocks nobody for ever', async (t) => {
  const clock = new FakeClock();
  const { begin, end, order } = running(clock);
  void begin('stuck');
  const next = begin('next');
  await clock.pass(99);
  t.deepEqual(order, ['stuck']);
  await clock.pass(1);
  t.deepEqual(order, ['stuck', 'next']);
  end('next');
  t.is(await next, 'next');
});
