import test from 'ava';
import { Sampler } from '../../src/core/sampler.js';
import { seeded } from '../client/resilience/seeded.js';

function taken(sampler: Sampler, requests: number): number {
  return Array.from({ length: requests }, () => sampler.takes()).filter(Boolean).length;
}

test('about the share that was asked for is taken', (t) => {
  const count = taken(new Sampler(0.01, Infinity, seeded(1).unit), 100_000);
  // Five standard deviations.
  t.true(Math.abs(count - 1_000) < 5 * Math.sqrt(1_000), `${count}`);
});

test('a share of nothing takes none, and one of everything takes all', (t) => {
  t.is(taken(new Sampler(0, 100, seeded(1).unit), 1_000), 0);
  t.is(taken(new Sampler(1, 1_000, seeded(1).unit), 1_000), 1_000);
});

test('no more is taken in a second than allowed', (t) => {
  const sampler = new Sampler(1, 10, seeded(1).unit);
  t.is(taken(sampler, 1_000), 10);
  sampler.second();
  t.is(taken(sampler, 1_000), 10);
});
