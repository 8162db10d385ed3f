import test from 'ava';
import { Admission } from '../../src/node/admission.js';

test('requests are taken up to the limit, and again once some are released', (t) => {
  const admission = new Admission(2, 1_000);
  t.is(admission.take(10), undefined);
  t.is(admission.take(10), undefined);
  t.regex(admission.take(10) ?? '', /2 requests/);
  admission.release(10);
  t.is(admission.take(10), undefined);
});

test('bytes are taken up to the limit, also by one request', (t) => {
  const admission = new Admission(10, 100);
  t.is(admission.take(60), undefined);
  t.regex(admission.take(41) ?? '', /60 bytes/);
  t.is(admission.take(40), undefined);
  admission.release(60);
  t.is(admission.bytes, 40);
});

test('what is refused is not counted', (t) => {
  const admission = new Admission(1, 100);
  admission.take(10);
  admission.take(10);
  t.is(admission.requests, 1);
  t.is(admission.bytes, 10);
});
