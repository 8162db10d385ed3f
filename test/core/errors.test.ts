import test from 'ava';
import { FulcrumError, invalidArgument } from '../../src/core/errors.js';

const details = {
  code: 'LEVEL_NOT_MET',
  message: 'applied on 2 of 3 copies',
  definite: false,
  required: 3,
  received: 2,
  missing: ['n3'],
  retryable: false,
  retryAfterMs: 7,
  floor: 9,
} as const;

test('an error keeps every detail, and its cause', (t) => {
  const cause = new Error('the link was lost');
  const error = new FulcrumError(details, { cause });
  t.true(error instanceof Error);
  t.is(error.name, 'FulcrumError');
  t.is(error.cause, cause);
  t.like(error, details);
});

test('an error as JSON is its details', (t) => {
  t.deepEqual(JSON.parse(JSON.stringify(new FulcrumError(details))), details);
});

test('a refused argument did nothing and is not worth retrying', (t) => {
  t.like(invalidArgument('a key must not be empty'), {
    code: 'INVALID_ARGUMENT',
    message: 'a key must not be empty',
    definite: true,
    retryable: false,
  });
});
