import test from 'ava';
import { check, renderVerdicts } from '../../chaos/check.js';
import { timelineHtml, timelineText } from '../../chaos/timeline.js';
import { atomicHistory } from './support/atomic-register.js';
import { get, put, unknownPut, vouched } from './support/written-history.js';

const stale = [
  ...put('a', 0, 1, 'x', 'v1'),
  ...put('<b>', 2, 3, 'y & z', 'v2'),
  ...unknownPut('u', 3.5, 'w'),
  ...get('c', 4, 5, 'x', 'v1'),
];

test('under PA a session may be told one version of its write, and readers see it under another', (t) => {
  const told = put('a', 0, 1, 'x', 'v1', { session: 's', ...vouched('eventual') });
  const { verdict, ...result } = check([...told, ...get('b', 2, 3, 'x', 'v2', { final: true })]);
  t.is(verdict, 'valid', renderVerdicts({ verdict, ...result }));
  const promised = put('a', 0, 1, 'x', 'v1', { session: 's' });
  t.is(check([...promised, ...get('b', 2, 3, 'x', 'v2', { final: true })]).verdict, 'invalid');
});

test('a true history passes every checker, and each has looked at something', (t) => {
  const load = {
    seed: 7,
    clients: 8,
    operations: 600,
    keys: 3,
    gets: 0.4,
    cas: 0.2,
    creates: 0.05,
    deletes: 0.1,
    unknown: 0.1,
    weak: 0.1,
  };
  const result = check(atomicHistory(load));
  t.is(result.verdict, 'valid', renderVerdicts(result));
  t.is(result.operations, 600);
  t.is(result.keys, 3);
  t.is(result.outcomes.ok + result.outcomes.fail + result.outcomes.unknown, 600);
  t.deepEqual(
    result.verdicts.filter(({ checkedOperations }) => checkedOperations === 0),
    [],
  );
});

test('one violation anywhere makes the whole invalid, and the table says why', (t) => {
  const result = check(stale);
  t.is(result.verdict, 'invalid');
  const table = renderVerdicts(result);
  t.regex(table, /linearizability +invalid +3 +1/);
  t.regex(table, /version-values +valid +3 +0/);
  t.regex(table, /lost-writes: key "k": .*lost/);
  t.regex(table, /4 operations on 1 keys: 3 ok, 0 failed, 1 unknown\. Verdict: invalid\./);
});

test('what is too hard is undecided as a whole', (t) => {
  const load = { seed: 1, clients: 12, operations: 300, versioned: false, gets: 0.3, cas: 0.2 };
  const result = check(atomicHistory(load), { budget: 20 });
  t.is(result.verdict, 'undecided');
  t.regex(renderVerdicts(result), /too hard for the budget, first "k0"/);
});

test('receipts and convergence are judged where there is something to judge them by', (t) => {
  const named = (options: object): string[] => check(stale, options).verdicts.map(({ checker }) => checker);
  t.false(named({}).includes('receipts') || named({}).includes('convergence'));
  t.true(named({ replicas: 3 }).includes('receipts'));
  t.true(named({ dumps: [] }).includes('convergence'));
});

const counterexample = check(stale).verdicts[0]!.violations[0]!.counterexample!;

test('the text timeline marks the offending operation and draws one line for each', (t) => {
  const text = timelineText(counterexample);
  t.regex(text, /^key "k", beginning with any value\n/);
  t.regex(text, /^> c .*c get → "x" \(v1\)$/m);
  t.regex(text, /^\* <b> .*put "y & z" \(v2\)$/m);
});

test('the page is self-contained, escaped, and drawn for light and dark', (t) => {
  const page = timelineHtml(counterexample);
  t.false(/<script|https?:\/\/(?!www\.w3\.org\/2000\/svg)/.test(page));
  t.false(page.includes('<b>'));
  t.true(page.includes('&lt;b&gt; put &quot;y &amp; z&quot;'));
  t.regex(page, /prefers-color-scheme: dark/);
  t.is(page.match(/<rect /g)!.length, counterexample.operations.length);
  t.is(page.match(/<g class="offending">/g)!.length, 1);
});
