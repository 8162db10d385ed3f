import test from 'ava';
import type { CpuProfile } from '../../bench/cpu-profiler.js';
import { summarize, summaryText } from '../../bench/profile-summary.js';

const frame = (functionName: string, url: string, lineNumber = 0) => ({
  functionName,
  url,
  lineNumber,
  columnNumber: 0,
  scriptId: '1',
});

const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(idle)', '', -1) },
    { id: 2, callFrame: frame('send', 'file:///a/node_modules/wire/send.js', 9) },
    { id: 3, callFrame: frame('', 'file:///a/node_modules/wire/send.js', 19) },
    { id: 4, callFrame: frame('(garbage collector)', '', -1) },
  ],
  startTime: 0,
  endTime: 1000,
  samples: [1, 2, 3, 2, 4, 1],
  timeDeltas: [5, 500, 200, 100, 100, 100],
};

test('shares are of the time that the process was busy', (t) => {
  t.deepEqual(summarize(profile), {
    busyShare: 0.5,
    functions: [
      { name: 'send wire/send.js:10', share: 0.6 },
      { name: '(anonymous) wire/send.js:20', share: 0.2 },
      { name: '(garbage collector)', share: 0.2 },
    ],
    files: [
      { name: 'wire/send.js', share: 0.8 },
      { name: '(garbage collector)', share: 0.2 },
    ],
    receipts: 0,
  });
});

test('what receipts cost is told in all, wherever it is spent', (t) => {
  const nodes = profile.nodes.map((node) =>
    node.id === 3 ? { ...node, callFrame: frame('toReceipt', 'file:///a/results.js') } : node,
  );
  t.is(summarize({ ...profile, nodes }).receipts, 0.2);
});

test('native code is named with its caller', (t) => {
  const called: CpuProfile = {
    ...profile,
    nodes: [
      { id: 1, callFrame: frame('put', 'file:///a/node_modules/store/put.js', 4), children: [2] },
      { id: 2, callFrame: frame('', '', -1) },
    ],
    samples: [2, 2],
    timeDeltas: [0, 100],
  };
  t.deepEqual(summarize(called).functions, [{ name: '(native), called by put store/put.js:5', share: 1 }]);
  t.deepEqual(summarize(called).files, [{ name: 'store/put.js', share: 1 }]);
});

test('the text names the process and lists functions and files', (t) => {
  const lines = summaryText('n1', summarize(profile)).split('\n');
  t.is(lines[0], 'n1: busy 50.0 % of the time; of that, by function:');
  t.is(lines[1], '   60.0 %  send wire/send.js:10');
  t.true(lines.includes('by file:'));
});
