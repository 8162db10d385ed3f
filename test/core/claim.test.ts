import test from 'ava';
import {
  claimKey,
  formatClaim,
  isReserved,
  operationNameProblem,
  parseClaim,
  type Claim,
} from '../../src/core/claim.js';
import { keyProblem } from '../../src/core/limits.js';
import { CLIENT } from './operations.js';

const claim: Claim = {
  key: 'k',
  fingerprint: 7,
  operation: { ...CLIENT, time: 5, sub: 0 },
  shared: false,
  outcome: null,
};
const missing = { time: 9, incarnation: 'a'.repeat(16), sub: 0, index: 0 };

test('a claim without an outcome survives being written and read', (t) => {
  t.deepEqual(parseClaim(formatClaim(claim)), claim);
  t.deepEqual(parseClaim(formatClaim({ ...claim, shared: true })), { ...claim, shared: true });
});

const hostile: readonly (readonly [string, string])[] = [
  ['no JSON', '{'],
  ['null', 'null'],
  ['a number', '7'],
  ['an empty object', '{}'],
  ['a key that is not a text', JSON.stringify({ ...claim, key: 1 })],
  ['no fingerprint', JSON.stringify({ ...claim, fingerprint: null })],
  ['a malformed operation', JSON.stringify({ ...claim, operation: { ...claim.operation, time: 0 } })],
  ['no operation', JSON.stringify({ ...claim, operation: undefined })],
  ['no word on sharing', JSON.stringify({ ...claim, shared: undefined })],
  ['no word on the outcome', JSON.stringify({ ...claim, outcome: undefined })],
  [
    'an outcome with a malformed version',
    JSON.stringify({ ...claim, outcome: { version: { ...missing, incarnation: 'x' } } }),
  ],
];
for (const [what, text] of hostile) {
  test(`${what} is not a claim`, (t) => {
    t.is(parseClaim(text), undefined);
  });
}

test('claims live under reserved keys of their own, which a client’s keys never are', (t) => {
  t.true(isReserved(claimKey('order-1')));
  t.not(claimKey('order-1'), claimKey('order-2'));
  t.false(isReserved('claim/order-1'));
});

test('a name is 1 to 255 characters of valid Unicode, and the longest makes a key that may be stored', (t) => {
  t.is(operationNameProblem('order-1'), undefined);
  for (const longest of ['x'.repeat(255), '中'.repeat(255)]) {
    t.is(operationNameProblem(longest), undefined);
    t.is(keyProblem(claimKey(longest)), undefined);
  }
  for (const refused of ['', 'x'.repeat(256), '\ud800']) t.regex(operationNameProblem(refused) ?? '', /operation id/);
});
