import test from 'ava';
import { refusalToChange, refusalToLook, TOKEN_HEADER, type AccessRules } from '../../src/console/access.js';

const RULES: AccessRules = { token: 'secret', hosts: ['127.0.0.1:7600', 'localhost:7600'], isOpen: false };
const GOOD = {
  host: '127.0.0.1:7600',
  origin: 'http://127.0.0.1:7600',
  'sec-fetch-site': 'same-origin',
  'content-type': 'application/json',
  [TOKEN_HEADER]: 'secret',
};

function change(headers: Readonly<Record<string, string | undefined>>, remoteAddress = '127.0.0.1', rules = RULES) {
  return refusalToChange(rules, { headers: { ...GOOD, ...headers }, remoteAddress })?.code;
}

test("the console's own page may change things, by any name of this machine", (t) => {
  t.is(change({}), undefined);
  t.is(change({ host: 'localhost:7600', origin: 'http://localhost:7600' }), undefined);
  t.is(change({ host: 'LOCALHOST:7600' }), undefined);
  t.is(change({ 'content-type': 'application/json; charset=utf-8' }), undefined);
});

test('a program that sends no origin needs the token and nothing more', (t) => {
  t.is(change({ origin: undefined, 'sec-fetch-site': undefined }), undefined);
});

test('without the token, or with a part of it, nothing is changed', (t) => {
  for (const token of [undefined, '', 'secre', 'secret ', 'SECRET', 'secretsecret']) {
    t.is(change({ [TOKEN_HEADER]: token }), 'no_token');
  }
});

test('a page from elsewhere is refused even if it knows the token', (t) => {
  for (const origin of ['http://evil.example', 'http://127.0.0.1:7601', 'https://127.0.0.1:7600', 'null']) {
    t.is(change({ origin }), 'wrong_origin', origin);
  }
  for (const site of ['cross-site', 'same-site']) t.is(change({ 'sec-fetch-site': site }), 'wrong_origin', site);
});

test('a foreign name that was pointed at this machine is refused, for looking as well', (t) => {
  for (const host of ['evil.example', 'evil.example:7600', '127.0.0.1', '127.0.0.1:80', undefined]) {
    t.is(change({ host }), 'wrong_host', host);
    t.is(refusalToLook(RULES, { headers: { host }, remoteAddress: '127.0.0.1' })?.code, 'wrong_host', host);
  }
});

test('what a form can send is refused: it must be JSON', (t) => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', undefined]) {
    t.is(change({ 'content-type': type }), 'not_json', type);
  }
});

test('another machine is refused, unless the console was started for it', (t) => {
  for (const address of ['10.0.0.7', '192.168.1.9', '::ffff:10.0.0.7', 'fe80::1', '12.7.0.1']) {
    t.is(change({}, address), 'not_loopback', address);
    t.is(change({}, address, { ...RULES, isOpen: true }), undefined, address);
  }
  for (const address of ['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1'])
    t.is(change({}, address), undefined, address);
});
