import fc from 'fast-check';
import test from 'ava';
import { fromJson, toJson, type Json } from '../../src/edge/json-value.js';
import { linesOf, type Line } from '../../src/bin/lines.js';
import { formatLine, parseLine } from '../../src/bin/ndjson-line.js';
import { EXIT, exitCodeOf } from '../../src/bin/exit-codes.js';
import { FulcrumError, type ErrorCode } from '../../src/core/errors.js';

function throughJson(value: unknown): unknown {
  return fromJson(JSON.parse(JSON.stringify(toJson(value))) as Json);
}

test('any JSON value comes back as it was, also one that looks like a marked value', (t) => {
  const marked = fc.constantFrom('$bytes', '$date', '$map', '$object', '$undefined');
  const value = fc.oneof(fc.jsonValue(), fc.dictionary(marked, fc.jsonValue(), { maxKeys: 1 }));
  fc.assert(fc.property(value, (json) => t.deepEqual(throughJson(json), json)));
});

test('what JSON has no word for comes back as it was', (t) => {
  for (const value of [
    new Uint8Array([0, 255, 128]),
    new Date('2026-01-02T03:04:05.678Z'),
    12345678901234567890n,
    NaN,
    -Infinity,
    -0,
    new Map<unknown, unknown>([[1, new Set(['a', undefined])]]),
    { nested: [new Uint8Array(0)] },
  ]) {
    t.deepEqual(throughJson(value), value);
  }
});

test('a marked value that is not well formed is refused', (t) => {
  for (const json of [
    { $bytes: 'no base64!' },
    { $bytes: 1 },
    { $date: 'x' },
    { $bigint: '1.5' },
    { $map: [1] },
    { $set: 1 },
  ]) {
    t.throws(() => fromJson(json as unknown as Json), { instanceOf: FulcrumError }, JSON.stringify(json));
  }
});

test('a line survives export and import', (t) => {
  const pair = { key: 'naïve\u2028key', value: { text: 'line\nbreak', bytes: new Uint8Array([1, 2]) } };
  const line = formatLine(pair);
  t.true(line.endsWith('\n'));
  t.is(line.indexOf('\n'), line.length - 1);
  t.deepEqual(parseLine(line), pair);
});

test('a line that cannot be used says why', (t) => {
  t.throws(() => parseLine('{"key"'), { message: /not JSON/ });
  t.throws(() => parseLine('["k", 1]'), { message: /not an object/ });
  t.throws(() => parseLine('{"key": "", "value": 1}'), { message: /must not be empty/ });
  t.throws(() => parseLine('{"key": "k"}'), { message: /no "value"/ });
});

async function collect(chunks: readonly string[]): Promise<Line[]> {
  const bytes = async function* (): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield Buffer.from(chunk, 'latin1');
  };
  const lines: Line[] = [];
  for await (const line of linesOf(bytes())) lines.push(line);
  return lines;
}

test('lines end at LF only, however the stream is cut', async (t) => {
  const text = Buffer.from('one\ntwo \u2028 é\r\n\nlast').toString('latin1');
  const whole = await collect([text]);
  t.deepEqual(
    whole.map((line) => line.text),
    ['one', 'two \u2028 é\r', '', 'last'],
  );
  t.is(whole.at(-1)?.end, text.length);
  for (let cut = 1; cut < text.length; cut += 1) {
    t.deepEqual(
      (await collect([text.slice(0, cut), text.slice(cut)])).map((line) => line.text),
      whole.map((line) => line.text),
    );
  }
});

test('a line that is not UTF-8 has no text, and the next one is read', async (t) => {
  t.deepEqual(
    (await collect(['\xff\n', 'ok\n'])).map((line) => line.text),
    [undefined, 'ok'],
  );
});

test('a line without an end is refused before it fills the memory', async (t) => {
  await t.throwsAsync(collect(Array.from({ length: 9 }, () => 'x'.repeat(1024 * 1024))), {
    message: /Line 1 is longer/,
  });
});

test('the exit code follows from the code of an error and from whether it is definite', (t) => {
  const of = (code: ErrorCode, definite: boolean): number =>
    exitCodeOf(new FulcrumError({ code, message: '', definite, retryable: false }));
  t.is(of('INVALID_ARGUMENT', true), EXIT.usage);
  t.is(of('NOT_FOUND', true), EXIT.notFound);
  t.is(of('CONDITION_FAILED', true), EXIT.notFound);
  t.is(of('UNAVAILABLE', true), EXIT.failed);
  t.is(of('LEVEL_NOT_MET', false), EXIT.outcomeUnknown);
  t.is(of('OUTCOME_UNKNOWN', false), EXIT.outcomeUnknown);
  t.is(exitCodeOf(new Error('anything else')), EXIT.failed);
});
