import test from 'ava';
import { TokenAllowance } from '../../src/core/token-allowance.js';

test('it begins full, fills at its rate and never above its burst', (t) => {
  const allowance = new TokenAllowance(1_000, 250);
  t.is(allowance.at(5_000), 250);
  allowance.take(250);
  t.is(allowance.at(5_000), 0);
  t.is(allowance.at(5_100), 100);
  t.is(allowance.at(60_000), 250);
});

test('what is larger than all of it may go, and is paid for before anything else goes', (t) => {
  const allowance = new TokenAllowance(1_000, 250);
  allowance.at(0);
  allowance.take(2_250);
  t.true(allowance.at(0) < 0);
  const { waitMs } = allowance;
  t.true(allowance.at(waitMs - 2) <= 0);
  t.true(allowance.at(waitMs) > 0);
});

test('a clock that falls back gives nothing and takes nothing', (t) => {
  const allowance = new TokenAllowance(1_000, 250);
  allowance.at(1_000);
  allowance.take(200);
  t.is(allowance.at(500), 50);
});
