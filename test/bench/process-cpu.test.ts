import test from 'ava';
import { cpuMicrosOf, parseProcStat, parsePsTime } from '../../bench/process-cpu.js';

test('the processor time of a Linux process is read past any name', (t) => {
  const stat = '42 (a) b (c) S 1 42 42 0 -1 4194304 900 0 0 0 150 25 0 0 20 0 11 0 12345 0 0';
  t.is(parseProcStat(stat), 1_750_000);
  t.is(parseProcStat('nonsense'), null);
});

test('the processor time that ps prints is read in every form', (t) => {
  t.is(parsePsTime('  0:01.25\n'), 1_250_000);
  t.is(parsePsTime('00:01:05'), 65_000_000);
  t.is(parsePsTime('2-03:00:00'), (2 * 24 + 3) * 3_600_000_000);
  t.is(parsePsTime('?'), null);
});

test('a process that is gone has no processor time', (t) => {
  t.is(cpuMicrosOf(2 ** 30), null);
  t.true(cpuMicrosOf(process.pid)! > 0);
  t.true(cpuMicrosOf(process.ppid)! >= 0);
});
