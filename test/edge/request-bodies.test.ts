import { PassThrough } from 'node:stream';
import test from 'ava';
import { FulcrumError } from '../../src/core/errors.js';
import { TooLarge } from '../../src/edge/exchange.js';
import { RequestBodies } from '../../src/edge/request-bodies.js';

const MEBIBYTE = 1024 * 1024;

test('a body is read whole, and one that is longer than a value may be is refused', async (t) => {
  const bodies = new RequestBodies();
  const good = new PassThrough();
  const read = bodies.read(good);
  good.write('ab');
  good.end('c');
  t.is((await read).toString(), 'abc');
  const long = new PassThrough();
  long.end(Buffer.alloc(2 * MEBIBYTE + 1));
  await t.throwsAsync(bodies.read(long), { instanceOf: TooLarge });
});

test('bodies together are bounded, and what was refused, broken off or read gives its room back', async (t) => {
  const bodies = new RequestBodies(3 * MEBIBYTE);
  const [held, refused, broken] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const holding = bodies.read(held);
  held.write(Buffer.alloc(2 * MEBIBYTE));
  await new Promise((resolve) => held.once('drain', resolve));
  refused.end(Buffer.alloc(2 * MEBIBYTE));
  const error = await t.throwsAsync(bodies.read(refused), { instanceOf: FulcrumError });
  t.like(error, { code: 'OVERLOADED', definite: true, retryAfterMs: 1_000 });
  const breaking = bodies.read(broken);
  broken.write('part');
  broken.destroy(new Error('gone'));
  await t.throwsAsync(breaking, { message: 'gone' });
  held.end();
  t.is((await holding).length, 2 * MEBIBYTE);
  const again = new PassThrough();
  again.end(Buffer.alloc(2 * MEBIBYTE));
  t.is((await bodies.read(again)).length, 2 * MEBIBYTE);
});
