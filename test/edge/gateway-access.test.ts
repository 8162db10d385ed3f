import test from 'ava';
import { accessRefusal, hostNames } from '../../src/edge/gateway-access.js';

const OWN = hostNames('127.0.0.1', []);

test('on this machine a gateway answers under its own names only, whatever the port', (t) => {
  for (const host of ['localhost:7700', '127.0.0.1:1', '[::1]:7700', 'LOCALHOST'])
    t.is(accessRefusal(OWN, 'GET', { host }), undefined, host);
  for (const host of ['evil.example', 'localhost.evil.example:7700', undefined])
    t.is(accessRefusal(OWN, 'GET', { host })?.status, 421, host);
});

test('further names can be allowed, and off this machine any name is answered where none is', (t) => {
  t.is(accessRefusal(hostNames('127.0.0.1', ['KV.example']), 'GET', { host: 'kv.example:80' }), undefined);
  t.is(accessRefusal(hostNames('0.0.0.0', []), 'GET', { host: 'anything' }), undefined);
  t.is(accessRefusal(hostNames('0.0.0.0', ['kv.example']), 'GET', { host: 'anything' })?.status, 421);
});

test('a page of another site may not write', (t) => {
  const host = 'localhost:7700';
  const refused = (headers: object): boolean => accessRefusal(OWN, 'POST', { host, ...headers })?.status === 403;
  t.true(refused({ origin: 'https://evil.example' }));
  t.true(refused({ origin: 'null' }));
  t.true(refused({ origin: 'http://localhost:9999' }), 'another port is another site');
  t.true(refused({ 'sec-fetch-site': 'cross-site' }));
  t.false(refused({ origin: 'http://localhost:7700', 'sec-fetch-site': 'same-origin' }));
  t.false(refused({}), 'programs send no Origin');
  t.is(
    accessRefusal(OWN, 'GET', { host, origin: 'https://evil.example' }),
    undefined,
    'browsers keep the answer from it',
  );
});
